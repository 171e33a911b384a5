"""An HTML answer as a reader meets it: its text, its elements and the language of every part."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"br", "hr", "img", "input", "link", "meta", "source", "wbr"}
INLINE = {"a", "abbr", "code", "em", "span", "strong", "time"}
UNSEEN = {"head", "script", "style", "template", "title", "desc"}


@dataclass(repr=False)
class Element:
    """One element with its attributes and what stands in it."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element | str] = field(default_factory=list)
    parent: Element | None = None

    def __repr__(self) -> str:
        return f"<{self.tag} {self.text[:60]!r}>"

    def __getitem__(self, name: str) -> str:
        return self.attributes[name]

    @property
    def text(self) -> str:
        """Return what a reader sees of it, white space as a browser shows it."""
        return " ".join("".join(self._pieces()).split())

    def _pieces(self) -> Iterator[str]:
        if self.tag in UNSEEN and self.parent is not None and self.parent.tag != "":
            return
        yield from self.all_pieces()

    def all_pieces(self) -> Iterator[str]:
        gap = "" if self.tag in INLINE else " "
        yield gap
        for child in self.children:
            if isinstance(child, str):
                yield child
            else:
                yield from child._pieces()
        yield gap

    @property
    def classes(self) -> list[str]:
        return self.attributes.get("class", "").split()

    @property
    def language(self) -> str:
        """Return the nearest ``lang``."""
        if "lang" in self.attributes or self.parent is None:
            return self.attributes.get("lang", "")
        return self.parent.language

    def walk(self) -> Iterator[Element]:
        """Yield everything below, in the order of the document."""
        for child in self.children:
            if isinstance(child, Element):
                yield child
                yield from child.walk()

    def all(self, tag: str = "", **wanted: str) -> list[Element]:
        """Return the elements below with the tag and the attributes; ``class_`` names one class."""
        name = wanted.pop("class_", "")
        return [
            element
            for element in self.walk()
            if (not tag or element.tag == tag)
            and (not name or name in element.classes)
            and all(element.attributes.get(key) == value for key, value in wanted.items())
        ]

    def one(self, tag: str = "", **wanted: str) -> Element:
        """Return the only such element."""
        found = self.all(tag, **wanted)
        assert len(found) == 1, f"{len(found)} elements {tag} {wanted}"
        return found[0]

    def texts(self, tag: str = "", **wanted: str) -> list[str]:
        """Return the texts of these elements."""
        return [element.text for element in self.all(tag, **wanted)]

    def values(self) -> dict[str, list[str]]:
        """Return what a form sends as it stands, without any of its buttons."""
        found: dict[str, list[str]] = {}
        for field_ in self.all():
            name, kind = field_.attributes.get("name"), field_.attributes.get("type", "text")
            if not name or "disabled" in field_.attributes:
                continue
            if field_.tag == "input" and kind not in {"submit", "button", "file", "reset"}:
                if kind not in {"radio", "checkbox"} or "checked" in field_.attributes:
                    unsaid = "on" if kind in {"radio", "checkbox"} else ""
                    found.setdefault(name, []).append(field_.attributes.get("value", unsaid))
            elif field_.tag == "textarea":
                text = "".join(child for child in field_.children if isinstance(child, str))
                found.setdefault(name, []).append(text.removeprefix("\r\n").removeprefix("\n"))
            elif field_.tag == "select":
                options = field_.all("option")
                chosen = [one for one in options if "selected" in one.attributes]
                for option in chosen or ([] if "multiple" in field_.attributes else options[:1]):
                    found.setdefault(name, []).append(option.attributes.get("value", option.text))
        return found

    def hrefs(self) -> list[str]:
        """Return the targets of the links below."""
        return [link["href"] for link in self.all("a")]

    def section(self, heading: str) -> Element:
        """Return what stands under a heading of the second level."""
        (found,) = (element for element in self.all("h2") if element.text == heading)
        identifier = found.attributes.get("id", "")
        return next(e for e in self.walk() if e.attributes.get("aria-labelledby") == identifier)

    def fact(self, term: str) -> str:
        """Return the description of a term in a list of facts."""
        (found,) = (element for element in self.all("dt") if element.text == term)
        assert found.parent is not None
        return " ".join(found.parent.texts("dd"))

    def languages_of(self, words: str) -> set[str]:
        """Return the languages of all places below where ``words`` stand."""
        found = set()
        for element in [self, *self.walk()]:
            if element.tag not in UNSEEN and any(
                isinstance(child, str) and words in child for child in element.children
            ):
                found.add(element.language)
        return found


class Document(HTMLParser):
    """Parses a page and notes tags that are opened or closed wrongly."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.html = html
        self.root = self.open = Element("")
        self.faults: list[str] = []
        self.feed(html)
        self.close()
        if self.open is not self.root:
            self.faults.append(f"<{self.open.tag}> stays open")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _value in attrs]
        if len(names) != len(set(names)):
            self.faults.append(f"<{tag}> has an attribute twice")
        element = Element(tag, {name: value or "" for name, value in attrs}, parent=self.open)
        self.open.children.append(element)
        if tag not in VOID:
            self.open = element

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.open.tag != tag or self.open.parent is None:
            self.faults.append(f"</{tag}> closes <{self.open.tag}>")
            return
        self.open = self.open.parent

    def handle_data(self, data: str) -> None:
        self.open.children.append(data)

    @property
    def language(self) -> str:
        return self.root.one("html")["lang"]

    @property
    def title(self) -> str:
        return "".join(self.root.one("head").one("title").all_pieces()).strip()

    @property
    def heading(self) -> str:
        return self.root.one("h1").text

    @property
    def main(self) -> Element:
        return self.root.one("main")

    @property
    def body(self) -> Element:
        return self.root.one("body")

    def meta(self, name: str) -> str:
        """Return the content of a ``<meta>`` by its name or property."""
        key = "property" if name.startswith("og:") else "name"
        return self.root.one("meta", **{key: name})["content"]


def read(response) -> Document:
    """Return the parsed page of an answer."""
    return Document(response.content.decode())
