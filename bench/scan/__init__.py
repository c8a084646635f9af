"""The scan bench: codes as a counter's camera would see them, and what our reader makes of it (``make bench-scan``)."""
