"""The FastAPI application: limits, headers, log, metrics, access, routes and pages, put together in ``app``."""
