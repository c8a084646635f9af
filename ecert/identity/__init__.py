"""Identity proofing (invariant 11; ``issuer.openid4vci.ports.IdentityProofing``): who somebody is, and how surely.

oidc           a province's unified identity, as its OpenID Connect relying party
provider       the OpenID provider over HTTP
unsafe         the stand-in for development, which takes everybody at their word and warns
configuration  the settings
proofing       the one of them that the settings name
"""
