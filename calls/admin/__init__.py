"""Calls and applications in the administration."""

from __future__ import annotations

from calls.admin import application as application, call as call
