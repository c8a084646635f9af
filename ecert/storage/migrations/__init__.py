"""Alembic's folder: ``env.py``, the template of new versions, and the versions."""
