"""``manage.py load_programme FILE``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from vernetzt.loading.faults import FileRefusedError, read_json
from vernetzt.loading.programme import OWNED, ProgrammePlan
from vernetzt.loading.writer import Writer


class Command(BaseCommand):
    """Load the facts of the programme; a second run changes nothing."""

    help = "Load the facts of the programme; a second run changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the path of the file."""
        parser.add_argument("file", metavar="FILE", help="a JSON file such as data/programme.json")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check the whole file, then write it in one transaction."""
        path = Path(options["file"])
        try:
            report = Writer().write(ProgrammePlan(read_json(path)).rows(), OWNED)
        except FileRefusedError as error:
            raise CommandError(
                f"{path} is refused, nothing was written:\n"
                + "\n".join(f"- {fault}" for fault in error.faults)
            ) from error
        if options["verbosity"]:
            self.stdout.write(f"{path.name}: {report}")
