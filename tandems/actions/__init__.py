"""What forms and changes partnerships; nobody else writes them."""

from __future__ import annotations

from tandems.actions.forming import form_partnership as form_partnership
from tandems.actions.partnership import (
    change_tandem_status as change_tandem_status,
    mark_maintained as mark_maintained,
    release_profile as release_profile,
)
