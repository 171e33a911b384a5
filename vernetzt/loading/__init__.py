"""Loading of data files: every record is checked before the first row is written."""
