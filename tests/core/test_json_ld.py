from __future__ import annotations

import json

from django.utils.safestring import SafeString

from core.json_ld import json_ld

START, END = '<script type="application/ld+json">', "</script>"


def test_json_ld_leaves_out_empty_facts_and_keeps_false_and_zero():
    html = json_ld(
        "Event", name="Auftakt", description="", url=None, topics=[], place={}, free=False, seats=0
    )

    assert isinstance(html, SafeString)
    assert json.loads(html.removeprefix(START).removesuffix(END)) == {
        "@context": "https://schema.org",
        "@type": "Event",
        "name": "Auftakt",
        "free": False,
        "seats": 0,
    }


def test_json_ld_cannot_be_left_by_what_somebody_typed():
    attack = '</script><script>alert(1)</script><!-- & --> "Βάρη" \\ \u2028'

    html = json_ld("Event", name=attack, location={"name": attack})

    body = html.removeprefix(START).removesuffix(END)
    assert [sign for sign in "<>&" if sign in body] == []
    facts = json.loads(body)
    assert (facts["name"], facts["location"]["name"]) == (attack, attack)
