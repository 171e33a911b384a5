"""Pages of meetings: the public ones, and the commitments in the internal area."""
