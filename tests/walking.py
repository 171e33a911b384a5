"""Somebody who walks through pages as a browser without script does: opens, fills in, presses."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urljoin

from django.test import Client

from accounts.models import User
from tests.factories import sign_in
from tests.reading import Document, Element, read

Value = str | int | Iterable[str]


class Walker:
    """A person at a page; every address is followed through its redirects."""

    def __init__(self, user: User | None = None) -> None:
        self.client = Client(headers={"accept-language": "en"})
        if user is not None:
            sign_in(self.client, user)
        self.url = ""
        self.page = Document("<html><body></body></html>")

    def open(self, url: str, status: int = 200) -> Document:
        """Open an address; fail unless it answers with the status."""
        return self._arrive(self.client.get(url, follow=True), url, status)

    def follow(self, text: str) -> Document:
        """Follow the link with this text."""
        links = [link for link in self.page.body.all("a") if text in link.text]
        assert links, f"no link “{text}” on {self.url}: {self.page.body.texts('a')}"
        return self.open(urljoin(self.url, links[0]["href"]))

    def press(self, text: str, /, *, status: int = 200, **fields: Value) -> Document:
        """Press the button with this text, after filling fields of its form in."""
        button, form = self._button(text)
        values: dict[str, Any] = {**form.values(), **fields}
        if name := button.attributes.get("name"):
            values[name] = button.attributes.get("value", "")
        target = button.attributes.get("formaction") or form.attributes.get("action") or self.url
        target = urljoin(self.url, target)
        if form.attributes.get("method", "get").lower() == "get":
            return self._arrive(self.client.get(target, values, follow=True), target, status)
        return self._arrive(self.client.post(target, values, follow=True), target, status)

    def _button(self, text: str) -> tuple[Element, Element]:
        body = self.page.body
        for button in body.all():
            is_button = button.tag == "button" or button.attributes.get("type") == "submit"
            if is_button and text in (button.text or button.attributes.get("value", "")):
                return button, self._form_of(button)
        buttons = [b.text or b.attributes.get("value", "") for b in body.all("button")]
        raise AssertionError(f"no button “{text}” on {self.url}: {buttons}")

    def _form_of(self, button: Element) -> Element:
        if identifier := button.attributes.get("form"):
            return self.page.body.one("form", id=identifier)
        element: Element | None = button
        while element is not None and element.tag != "form":
            element = element.parent
        assert element is not None, "a button outside of a form"
        return element

    def _arrive(self, response: Any, url: str, status: int) -> Document:
        chain = getattr(response, "redirect_chain", [])
        self.url = urljoin(url, chain[-1][0]) if chain else url.partition("?")[0]
        self.page = read(response)
        words = self.page.body.text[:1500] if response.status_code != status else ""
        assert response.status_code == status, f"{url}: {response.status_code}\n{words}"
        return self.page
