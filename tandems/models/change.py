"""What changed in a partnership on the way."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.models import DatedModel, SourcedModel
from tandems.models.partnership import Tandem


class TandemChange(DatedModel, SourcedModel):
    """Something that changed in the partnership, told on its timeline."""

    tandem = models.ForeignKey(Tandem, on_delete=models.CASCADE, related_name="changes")
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    text = models.CharField(_("text"), max_length=300)

    class Meta:
        verbose_name = _("change in a partnership")
        verbose_name_plural = _("changes in a partnership")
        ordering: ClassVar[list[str]] = ["position"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *DatedModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["tandem", "position"],
                name="tandem_change_has_its_own_position",
                violation_error_message=_("This position is taken by another change."),
            ),
        ]

    def __str__(self) -> str:
        return self.text
