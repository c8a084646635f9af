"""OpenID for Verifiable Credential Issuance 1.0, the wallet's side: certificates fetched from any issuer of the trust
list, ours by the same protocol as a stranger's.

ports           what is needed from outside: HTTP, sessions, sources, the trust list
web             addresses and JSON answers, with limits
offers          a credential offer: by value, by reference, in a picture
configurations  what an issuer offers and a wallet can hold
discovery       metadata of issuers and of authorization servers
jwt             the JSON Web Tokens that a client signs
client          client attestation, DPoP, and requests that carry them
tokens          the grants: pre-authorized code, authorization code, refresh token
proofs          nonces and key proofs
encryption      requests and responses that only the two ends read
credentials     credential, deferred credential and notification requests
incoming        what came, as a credential of the wallet
receiving       the use case of a holder: preview, accept, sign, come back from the browser
fetching        credentials under an access token: asked for, checked, kept, told
refreshing      what waits, ends soon or was replaced, fetched without the holder
"""
