"""What taking part costs a municipality: hours and trips, and both in euros.

Hours = hours a month x months. Work = hours x cost of an hour. Travel = trips x cost of a trip.
The two costs are the reader's own figures; the portal knows none.
"""

from __future__ import annotations

from dataclasses import dataclass

#: Larger figures are a slip of the finger.
MOST_PER_HOUR, MOST_PER_TRIP = 500, 20_000


@dataclass(frozen=True, slots=True)
class Price:
    """Hours and trips of one municipality over the whole partnership."""

    hours_a_month: int
    months: int
    trips: int

    @property
    def hours(self) -> int:
        """Return the working hours in all."""
        return self.hours_a_month * self.months

    def in_euros(self, per_hour: int, per_trip: int) -> Estimate:
        """Return the estimate for costs in whole euros."""
        return Estimate(per_hour, per_trip, self.hours * per_hour, self.trips * per_trip)


@dataclass(frozen=True, slots=True)
class Estimate:
    """An estimate in whole euros, with the figures that it was made from."""

    per_hour: int
    per_trip: int
    work: int
    travel: int

    @property
    def total(self) -> int:
        """Return work and travel together."""
        return self.work + self.travel


def whole_number(text: str, most: int) -> int | None:
    """Return what a reader typed as a number from 0 to ``most``, or nothing."""
    digits = text.strip().replace(".", "").replace("\u202f", "").replace(" ", "")
    if not digits.isascii() or not digits.isdigit() or len(digits) > 6:
        return None
    return int(digits) if int(digits) <= most else None
