"""By what an application is judged, what it is asked, and what others have asked about the call."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from calls.enums import QuestionKind, QuestionReader
from calls.models.call import Call

#: The steps on which a criterion is judged.
STEPS = (0, 1, 2, 3, 4, 5)


class CallPart(models.Model):
    """Something that belongs to a call, in an order of its own."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        abstract = True
        ordering: ClassVar[list[str]] = ["position", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["call", "position"],
                name="%(class)s_has_its_own_position",
                violation_error_message=_("This position is taken. Give another number."),
            ),
        ]


class Criterion(CallPart):
    """By what an application is judged, how much it counts, and what each step means."""

    name = models.CharField(_("name"), max_length=120)
    weight = models.PositiveSmallIntegerField(
        _("weight in per cent"), validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    step_0 = models.CharField(_("what 0 points mean"), max_length=200, blank=True)
    step_1 = models.CharField(_("what 1 point means"), max_length=200, blank=True)
    step_2 = models.CharField(_("what 2 points mean"), max_length=200, blank=True)
    step_3 = models.CharField(_("what 3 points mean"), max_length=200, blank=True)
    step_4 = models.CharField(_("what 4 points mean"), max_length=200, blank=True)
    step_5 = models.CharField(_("what 5 points mean"), max_length=200, blank=True)

    class Meta(CallPart.Meta):
        default_related_name = "criteria"
        verbose_name = _("criterion")
        verbose_name_plural = _("criteria")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *CallPart.Meta.constraints,
            models.CheckConstraint(
                condition=Q(weight__gte=1) & Q(weight__lte=100),
                name="criterion_weighs_something",
                violation_error_message=_("The weight lies between 1 and 100 per cent."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def steps(self) -> list[tuple[int, str]]:
        """Return each step with its sentence."""
        return [(step, getattr(self, f"step_{step}")) for step in STEPS]


class Question(CallPart):
    """What an application is asked beside the fields that every call has."""

    text = models.CharField(_("question"), max_length=300)
    hint = models.CharField(_("hint"), max_length=300, blank=True)
    kind = models.CharField(
        _("kind of answer"), max_length=8, choices=QuestionKind, default=QuestionKind.LONG
    )
    is_required = models.BooleanField(_("must be answered"), default=True)
    limit = models.PositiveSmallIntegerField(
        _("most characters, or largest number"), null=True, blank=True
    )
    choices = models.TextField(
        _("choices"), blank=True, help_text=_("One in each line, for a choice.")
    )
    reader = models.CharField(
        _("who reads the answer"),
        max_length=9,
        choices=QuestionReader,
        default=QuestionReader.REVIEWERS,
    )

    class Meta(CallPart.Meta):
        default_related_name = "questions"
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *CallPart.Meta.constraints,
            models.CheckConstraint(
                condition=Q(kind__in=QuestionKind.values),
                name="question_kind_is_known",
                violation_error_message=_("Choose the kind of answer."),
            ),
            models.CheckConstraint(
                condition=Q(reader__in=QuestionReader.values),
                name="question_reader_is_known",
                violation_error_message=_("Choose who reads the answer."),
            ),
            models.CheckConstraint(
                condition=~Q(kind=QuestionKind.CHOICE) | ~Q(choices=""),
                name="question_of_choice_offers_some",
                violation_error_message=_("Give the choices, one in each line."),
            ),
            models.CheckConstraint(
                condition=~Q(kind=QuestionKind.LONG) | Q(limit__isnull=False),
                name="question_of_long_text_has_a_limit",
                violation_error_message=_("A long text needs a limit of characters."),
            ),
        ]

    def __str__(self) -> str:
        return self.text


class Answer(CallPart):
    """A question that came up about the call, with the answer for everybody."""

    question = models.CharField(_("question"), max_length=300)
    text = models.TextField(_("answer"), help_text=_("Markdown."))

    class Meta(CallPart.Meta):
        default_related_name = "answers"
        verbose_name = _("question about the call")
        verbose_name_plural = _("questions about the call")

    def __str__(self) -> str:
        return self.question


class Consent(CallPart):
    """A text to which an applicant agrees; what was agreed to is kept word for word."""

    text = models.TextField(
        _("consent"), help_text=_("What somebody agrees to, in the first person: “I have read …”.")
    )
    is_required = models.BooleanField(_("required to apply"), default=True)

    class Meta(CallPart.Meta):
        default_related_name = "consents"
        verbose_name = _("consent")
        verbose_name_plural = _("consents")

    def __str__(self) -> str:
        return self.text
