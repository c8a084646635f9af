"""Issuing from a file of records: reading what departments export, running it in batches, reporting by row."""
