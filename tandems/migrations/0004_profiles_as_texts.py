"""Summaries and entries become texts by language; versions get their numbers."""

import uuid

from django.db import migrations
from django.utils import timezone


def write_texts(apps, _editor):
    """Give each entry its key and texts, each profile its number and its summary as an entry."""
    version_model = apps.get_model("tandems", "ProfileVersion")
    entry_model = apps.get_model("tandems", "ProfileEntry")
    numbers = {}
    for profile in version_model.objects.order_by("pk"):
        numbers[profile.tandem_id] = numbers.get(profile.tandem_id, 0) + 1
        profile.number = numbers[profile.tandem_id]
        profile.save(update_fields=["number"])
        # From the last one on, so that no two stand at one place: the summary comes first.
        for entry in entry_model.objects.filter(profile=profile).order_by("-position"):
            entry.key, entry.is_point, entry.position = uuid.uuid4(), True, entry.position + 1
            entry.save(update_fields=["key", "is_point", "position"])
            write(apps, entry, entry.text_de, entry.text_en, profile.released_at)
        if profile.summary_de or profile.summary_en:
            entry = entry_model.objects.create(
                profile=profile, section="summary", position=0, key=uuid.uuid4(), text=""
            )
            write(apps, entry, profile.summary_de, profile.summary_en, profile.released_at)


def write(apps, entry, german, english, moment):
    """Write both texts of an entry; the German one counts as the original."""
    text_model = apps.get_model("tandems", "ProfileText")
    state = "original"
    for language, text in (("de", german), ("en", english)):
        if text:
            text_model.objects.create(
                entry=entry,
                language=language,
                text=text,
                state=state,
                written_at=moment or timezone.now(),
            )
            state = "translated"


class Migration(migrations.Migration):
    dependencies = [
        ("tandems", "0003_workspace"),
    ]

    operations = [migrations.RunPython(write_texts)]
