"""Pages about partnerships in the administration."""

from __future__ import annotations

from tandems.admin.tandem import (
    ProfileVersionAdmin as ProfileVersionAdmin,
    TandemAdmin as TandemAdmin,
)
