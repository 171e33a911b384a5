"""The consultation room of a meeting."""
