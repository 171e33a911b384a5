"""Forms about partnerships."""
