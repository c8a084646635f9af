"""The bench: what the hot paths cost, each as a ratio to what its format forces (``make bench``)."""
