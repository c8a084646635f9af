"""The W3C VC-API in test mode: issue, derive and verify over HTTP with issuers that live as long as the process.

Off unless ``ecert serve --vc-api`` (docs/vc-api.md, docs/adr/0017). Whoever reaches these routes may sign anything as
these issuers, which nobody trusts: no trust list names them, and no route of the certificates believes them.
"""
