"""Forms about meetings, commitments and membership."""
