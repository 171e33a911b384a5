"""Base models and the log of state changes."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.translation import get_language, gettext_lazy as _

from core.dates import DatePrecision, DateSpan
from core.text import normalise_for_search


def is_web_address(value: object) -> bool:
    """Tell whether ``value`` is an http(s) address of printable characters with a host."""
    if not isinstance(value, str) or not value.isprintable():
        return False
    try:
        parts = urlsplit(value)
    except ValueError:  # brackets around what is no IPv6 address
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def validate_sources(value: object) -> None:
    """Refuse anything but a list of http(s) addresses."""
    if not isinstance(value, list):
        raise ValidationError(_("Give the sources as a list of web addresses."))
    for address in value:
        if not is_web_address(address):
            raise ValidationError(
                _("“%(address)s” is not a web address."), params={"address": address}
            )


class SearchTextField(models.TextField):  # type: ignore[type-arg]
    """Keeps a normalised copy of other fields, renewed on every save.

    ``copies`` names the fields; the question must pass through
    :func:`core.text.normalise_for_search` too.
    """

    def __init__(self, *args: object, copies: tuple[str, ...] = (), **kwargs: object) -> None:
        """Remember the fields to copy; the column is never edited by hand."""
        self.copies = copies
        kwargs.update(editable=False, blank=True, default="")
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]

    def deconstruct(self) -> tuple[str, str, list[object], dict[str, object]]:
        """Return the migration form, with the copied fields."""
        name, path, args, kwargs = super().deconstruct()
        for fixed in ("editable", "blank", "default"):
            kwargs.pop(fixed, None)
        return name, path, list(args), {**kwargs, "copies": self.copies}

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        """Return the normalised copy."""
        values = (str(getattr(model_instance, name) or "") for name in self.copies)
        text = normalise_for_search(" ".join(values))
        setattr(model_instance, self.attname, text)
        return text


@cache
def labels_of(field: models.Field[Any, Any]) -> dict[Any, Any]:
    """Return the labels of a field's choices by value, still in no language."""
    return dict(field.flatchoices)


@lru_cache(maxsize=2_000)
def label_of(field: models.Field[Any, Any], value: Any, _language: str | None) -> str | None:
    """Return the label of a choice in the active language, which must be ``_language``."""
    label = labels_of(field).get(value, value)
    return label if label is None else str(label)


class SourcedModel(models.Model):
    """A fact with the addresses that document it."""

    sources = models.JSONField(
        _("sources"), default=list, blank=True, validators=[validate_sources]
    )

    class Meta:
        abstract = True

    def _get_FIELD_display(self, field: models.Field[Any, Any]) -> str | None:  # noqa: N802 - Django's name
        """Return the label of a choice, ``None`` where nothing is chosen.

        Django's own method translates every choice of the field each time to find one of them,
        which took a seventh of the time of a list page.
        """
        return label_of(field, getattr(self, field.attname), get_language())


class DatedModel(models.Model):
    """Something that happened on a date known more or less exactly."""

    earliest = models.DateField(_("earliest day"), null=True, blank=True)
    latest = models.DateField(_("latest day"), null=True, blank=True)
    precision = models.CharField(
        _("precision of the date"),
        max_length=8,
        choices=DatePrecision,
        default=DatePrecision.UNKNOWN,
    )

    class Meta:
        abstract = True
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(earliest__isnull=True)
                | models.Q(latest__isnull=True)
                | models.Q(latest__gte=models.F("earliest")),
                name="%(class)s_latest_day_is_not_before_earliest",
                violation_error_message=_("The latest day lies before the earliest day."),
            ),
            models.CheckConstraint(
                condition=models.Q(precision=DatePrecision.UNKNOWN)
                | (models.Q(earliest__isnull=False) & models.Q(latest__isnull=False)),
                name="%(class)s_known_date_has_both_bounds",
                violation_error_message=_("A documented date needs its earliest and latest day."),
            ),
            models.CheckConstraint(
                condition=models.Q(precision__in=DatePrecision.values),
                name="%(class)s_precision_is_known",
                violation_error_message=_("Choose how exactly the date is known."),
            ),
        ]

    @property
    def span(self) -> DateSpan:
        """Return the date with its precision."""
        return DateSpan(self.earliest, self.latest, self.precision)


class StatusChangeQuerySet(models.QuerySet["StatusChange"]):
    """Questions about the history."""

    def of(self, subject: models.Model) -> StatusChangeQuerySet:
        """Return the history of one record, the newest change first, with who made it."""
        kind = ContentType.objects.get_for_model(type(subject))
        rows = self.filter(content_type=kind, object_id=subject.pk)
        return rows.select_related("changed_by")


class StatusChange(models.Model):
    """One change of state: what changed, who did it, when, from what to what and why.

    Rows are only ever added. A deleted account leaves its rows without a name.
    """

    content_type = models.ForeignKey(ContentType, on_delete=models.PROTECT)
    object_id = models.PositiveBigIntegerField()
    subject = GenericForeignKey("content_type", "object_id")
    field = models.CharField(_("field"), max_length=40)
    old = models.CharField(_("from"), max_length=40, blank=True)
    new = models.CharField(_("to"), max_length=40)
    note = models.TextField(_("note"), blank=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("changed by"),
    )
    changed_at = models.DateTimeField(_("changed at"), auto_now_add=True)

    objects = StatusChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("status change")
        verbose_name_plural = _("status changes")
        ordering: ClassVar[list[str]] = ["-changed_at", "-pk"]
        indexes: ClassVar[list[models.Index]] = [
            # The history of one record, newest first.
            models.Index(fields=["content_type", "object_id", "-changed_at"]),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=~models.Q(old=models.F("new")),
                name="status_change_changes_something",
                violation_error_message=_("The new state equals the old one."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.field}: {self.old} → {self.new}"


def save_new(row: models.Model) -> None:
    """Save a new row that is valid; raises :class:`ValidationError` for one that is not.

    Somebody else may save the same in the same moment, after the row was found valid: then the
    database refuses, and the person reads what the constraint says instead of an error page.
    """
    row.full_clean()
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        row.pk = None
        row.validate_constraints()
        raise
