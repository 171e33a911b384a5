"""Facts for search engines in the vocabulary of schema.org."""

from __future__ import annotations

import json
from typing import Any

from django.utils.safestring import SafeString, mark_safe

# The characters that could end the element or the script, as JSON escapes them.
_ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


def json_ld(kind: str, **facts: Any) -> SafeString:
    """Return a data element of the type ``kind``; empty facts are left out.

    The browser never runs it: ``application/ld+json`` is data, so no policy has to allow it.
    """
    data = {"@context": "https://schema.org", "@type": kind}
    data.update({name: value for name, value in facts.items() if value not in (None, "", [], {})})
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPES)
    return mark_safe(f'<script type="application/ld+json">{text}</script>')  # noqa: S308
