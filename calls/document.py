"""What was sent, as sections for page, print and PDF, and what changed between two versions.

Everything here reads the frozen data of :func:`calls.content.frozen` alone, so that a version is
shown as it was sent, whatever has become of its rows.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext as _

from calls.content import COLUMNS
from calls.enums import GivesLevel, SeeksLevel, Side, Step, WorkingLanguage
from calls.models import Application, Submission
from calls.pdf import Bullets, Document, Fact, Section, Table, Words, render_pdf
from core.dates import day
from core.files import FileKind
from municipalities.enums import Country

Values = dict[str, Any]
#: Texts that together are longer (characters) are compared line by line: comparing words takes time
#: that grows with the square of their number.
LONGEST_BY_WORD = 12_000


def sections_of(document: Values) -> tuple[Section, ...]:
    """Return the sections of an application in the reader's language; its texts stay as written."""
    spoken = document["cooperation"]["working_languages"]
    language = spoken[0] if spoken else ""
    return (
        Section(_("Municipality"), tuple(_place(document))),
        Section(_("People"), tuple(_people(document, language))),
        Section(_("Gives and seeks"), tuple(_topics(document))),
        Section(_("Challenge"), tuple(_written(document, language))),
        Section(_("Cooperation"), tuple(_cooperation(document, language))),
        *(
            [Section(_("Questions of the call"), tuple(_answers(document, language)))]
            if document["questions"]
            else []
        ),
        Section(_("Files"), (Bullets("", tuple(_files(document))),)),
        Section(_("Consents"), (Bullets("", tuple(row["text"] for row in document["consents"])),)),
    )


def _label(name: str) -> str:
    """Return the label of a field of the form, as people read it."""
    label = str(Application._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
    return label[:1].upper() + label[1:]


def _in_order(document: Values, step: str) -> Iterator[tuple[str, Any]]:
    """Yield the values of a step in the order of the form; PostgreSQL's JSON keeps none.

    What was taken out for a reader who may not have it is left out.
    """
    values = document[step]
    yield from ((name, values[name]) for name in COLUMNS[step] if name in values)


def _place(document: Values) -> Iterator[Words]:
    for name, value in _in_order(document, Step.MUNICIPALITY):
        text = str(value or "")
        if name == "place_country" and text:
            text = str(Country(text).label)
        if name == "place_population" and value:
            text = number_format(value, use_l10n=True, force_grouping=True)
        yield Words(_label(name), text)


def _people(document: Values, language: str) -> Iterator[Words]:
    for name, value in _in_order(document, Step.PEOPLE):
        yield Words(_label(name), value, language if name == "departments" else "")


def _topics(document: Values) -> Iterator[Table]:
    levels: dict[str, Any] = {Side.GIVES: GivesLevel, Side.SEEKS: SeeksLevel}
    captions = {Side.GIVES: _("What we give"), Side.SEEKS: _("What we seek")}
    for side in Side:
        rows = tuple(
            (
                in_language(row["name"]),
                str(levels[side](row["level"]).label) if row["level"] else "",
                row["sentence"],
            )
            for row in document["topics"]
            if row["side"] == side
        )
        yield Table(captions[side], (_("Field of action"), _("Level"), _("In a sentence")), rows)


def _written(document: Values, language: str) -> Iterator[Words]:
    for name, value in _in_order(document, Step.CHALLENGE):
        yield Words(_label(name), value, language)


def _cooperation(document: Values, language: str) -> Iterator[Words]:
    values = document["cooperation"]
    names = [str(WorkingLanguage(code).label) for code in values["working_languages"]]
    yield Words(_label("working_languages"), ", ".join(names))
    yield Words(_label("hours_a_month"), str(values["hours_a_month"] or ""))
    for name in ("preferences", "twinnings"):
        yield Words(_label(name), values[name], language)


def _answers(document: Values, language: str) -> Iterator[Words]:
    for row in document["questions"]:
        answer = row["answer"]
        is_choice = isinstance(answer, dict)
        text = in_language(answer) if is_choice else answer
        yield Words(in_language(row["question"]), text, "" if is_choice else language)


def _files(document: Values) -> Iterator[str]:
    for row in document["files"]:
        kind = FileKind(row["kind"]).label
        size = filesizeformat(row["size"])
        yield f"{row['name']} ({kind}, {size}, SHA-256 {row['sha256'][:16]}…)"


def in_language(texts: Values) -> str:
    """Return a text of the call in the reader's language."""
    return str(texts.get(get_language() or "de") or next(iter(texts.values()), ""))


@dataclass(frozen=True, slots=True)
class Change:
    """A part that differs between two versions, with what went and what came marked."""

    heading: str
    label: str
    html: SafeString


def changes_between(old: Values, new: Values) -> list[Change]:
    """Return what changed from one version to the next, in the order of the form."""
    before = dict(_parts(old))
    after = dict(_parts(new))
    names = [*after, *(name for name in before if name not in after)]
    return [
        Change(*name, difference(before.get(name, ""), after.get(name, "")))
        for name in names
        if before.get(name, "") != after.get(name, "")
    ]


def _parts(document: Values) -> Iterator[tuple[tuple[str, str], str]]:
    for section in sections_of(document):
        for part in section.parts:
            if isinstance(part, Words):
                yield (section.heading, part.label), part.text
            elif isinstance(part, Table):
                for row in part.rows:
                    yield (section.heading, f"{part.caption}: {row[0]}"), " – ".join(row[1:])
            else:
                yield (section.heading, part.label or section.heading), "\n".join(part.items)


def difference(old: str, new: str) -> SafeString:
    """Return two texts as one, word by word: ``<del>`` for what went, ``<ins>`` for what came."""
    pattern = r"\s+|\S+" if len(old) + len(new) < LONGEST_BY_WORD else r"[^\n]*\n?"
    before, after = re.findall(pattern, old), re.findall(pattern, new)
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    pieces: list[SafeString] = []
    gone = come = ""
    for kind, start, end, new_start, new_end in matcher.get_opcodes():
        same = "".join(before[start:end])
        # The space between two changed words belongs to the change: else each word stood alone.
        if kind == "equal" and not (same.isspace() and (gone or come)):
            pieces += [*_marked(gone, come), format_html("{}", same)]
            gone = come = ""
        else:
            gone += same
            come += "".join(after[new_start:new_end])
    pieces += _marked(gone, come)
    return mark_safe("".join(pieces))  # noqa: S308 - each piece is escaped above


def _marked(gone: str, come: str) -> list[SafeString]:
    """Return what went and what came with their elements; what is empty has none."""
    marks = (("del", gone), ("ins", come))
    return [format_html("<{0}>{1}</{0}>", mark_safe(tag), text) for tag, text in marks if text]  # noqa: S308


def receipt_of(submission: Submission) -> bytes:
    """Return the receipt: what was sent, as a PDF in the active language."""
    document = submission.document
    sent = submission.sent_at
    local = submission.application.call.on_its_clock(sent) or sent
    moment = _("%(day)s at %(time)s (%(zone)s)") % {
        "day": day(local.date()),
        "time": f"{local:%H:%M:%S}",
        "zone": document["call"]["time_zone"],
    }
    return render_pdf(
        Document(
            title=document["municipality"]["place_name"],
            subtitle=in_language(document["call"]["title"]),
            language=get_language() or "de",
            author_office=_("#connectedinEurope"),
            facts=(
                Fact(_("Reference number"), document["reference"]),
                Fact(_("Version"), str(document["number"])),
                Fact(_("Sent on"), moment),
                Fact(_("Sent by"), document["sent_by"]),
                Fact(_("Checksum (SHA-256)"), submission.sha256),
            ),
            sections=sections_of(document),
            footer=document["reference"],
            empty=_("not answered"),
            created_at=dt.datetime.fromisoformat(document["sent_at"]),
        )
    )
