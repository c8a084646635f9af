"""Documents as bytes: one module for each specification, writing and reading side by side. No report, no pydantic."""
