"""OpenID for Verifiable Credential Issuance 1.0: one credential issuer and one authorization server a department.

    https://host/issuers/{department}            both identifiers: the credential issuer's and the server's

configuration   a certificate type in one format, as the metadata names it
grants          what a holder may fetch, and what codes and tokens stand for
errors          the answers of RFC 6749, RFC 9449 and OpenID4VCI, each with its HTTP status
ports           what the servers need from outside: state, rate limits, identities, attesters, the orders
authorization   PAR, the authorization endpoint with login and consent, tokens, DPoP, client authentication
credentials     metadata, nonce, key proofs, credential, deferred credential, notification

Everything but ``routes.py`` is free of HTTP: requests come in as values, answers go out as values.
"""
