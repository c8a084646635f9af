"""The whole story on fictional records (``story``), and the same records as seed of a server (``seed``)."""
