"""Relying parties in this installation: their registry, and who stands behind a key or an access token of theirs.

access    from ``test_…``, ``live_…`` (API keys) and ``at_…`` (access tokens) to an actor
oauth     the token endpoint: client credentials with ``private_key_jwt``
"""
