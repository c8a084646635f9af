"""The authorization server of a department (RFC 6749, FAPI 2.0, HAIP 1.0, 4): who asks, and what they may fetch.

dpop            proofs of possession of a key (RFC 9449), at every endpoint
client_auth     attestation, private_key_jwt, or nobody: who the client is
details         ``authorization_details`` (RFC 9396; OpenID4VCI 1.0, 5.1.1)
codes           authorization codes
pre_authorized  pre-authorized codes with their transaction code
tokens          access and refresh tokens, the families that they form, the token response
token_endpoint  the grants
access          the check of an access token at a protected endpoint
metadata        RFC 8414
front           pushed requests, the authorization endpoint, login and consent
"""
