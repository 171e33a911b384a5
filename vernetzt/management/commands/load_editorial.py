"""``manage.py load_editorial FILE``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from vernetzt.loading.editorial import editorial_rows
from vernetzt.loading.faults import FileRefusedError, read_json
from vernetzt.loading.writer import Writer


class Command(BaseCommand):
    """Load pages and news; a second run changes nothing."""

    help = "Load pages and news; a second run changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the path of the file."""
        parser.add_argument(
            "--only-missing",
            action="store_true",
            help="leave alone what is there already, whoever has edited it since",
        )
        parser.add_argument("file", metavar="FILE", help="a JSON file such as data/editorial.json")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check the whole file, then write it in one transaction."""
        path = Path(options["file"])
        try:
            writer = Writer(only_missing=options["only_missing"])
            report = writer.write(editorial_rows(read_json(path)))
        except FileRefusedError as error:
            raise CommandError(
                f"{path} is refused, nothing was written:\n"
                + "\n".join(f"- {fault}" for fault in error.faults)
            ) from error
        if options["verbosity"]:
            self.stdout.write(f"{path.name}: {report}")
