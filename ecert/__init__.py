"""The composition root: settings, wiring, HTTP, command line, storage."""
