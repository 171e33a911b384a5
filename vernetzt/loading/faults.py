"""What is wrong in a data file, and the reading of the file itself."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong in a file: where, and what to do."""

    record: str
    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.record}, {self.field}: {self.message}"


class FileRefusedError(Exception):
    """A data file cannot be loaded; nothing of it was written."""

    def __init__(self, faults: list[Fault]) -> None:
        """Keep the faults and list them as text."""
        self.faults = faults
        super().__init__("\n".join(str(fault) for fault in faults))


def read_json(path: Path) -> dict[str, Any]:
    """Return the object in a JSON file.

    Raises :class:`FileRefusedError` when the file is missing, not UTF-8, not JSON or no object.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise FileRefusedError(
            [Fault(str(path), "file", f"cannot be read ({error.strerror}).")]
        ) from error
    except UnicodeDecodeError as error:
        raise FileRefusedError(
            [Fault(str(path), "file", f"is not UTF-8 (byte {error.start}).")]
        ) from error
    except (ValueError, RecursionError) as error:
        raise FileRefusedError(
            [Fault(str(path), "file", f"is not valid JSON: {error}.")]
        ) from error
    if not isinstance(data, dict):
        raise FileRefusedError([Fault(str(path), "file", "must hold one JSON object.")])
    return data
