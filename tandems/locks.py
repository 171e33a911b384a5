"""The order in which rows are locked: a partnership comes before all that hangs on it."""

from __future__ import annotations

from tandems.models import Tandem


def lock_tandem(key: int) -> Tandem:
    """Return a partnership as it stands now, locked until the end of the transaction.

    Whoever writes something that hangs on a partnership locks the partnership first, and then
    what hangs on it: of two at once one waits for the other, and they never wait for each other.
    Not even its key is locked by that: on PostgreSQL a row that names the partnership in a foreign
    key asks for the key when it is committed.
    """
    return Tandem.objects.select_for_update(of=("self",), no_key=True).get(pk=key)
