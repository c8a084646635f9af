"""The credential endpoints of OpenID4VCI 1.0: what a department's credential issuer answers.

policy            which key attestations the certificates' types ask for
metadata          the Credential Issuer Metadata (12.2), whole or in some languages
nonces            c_nonce values (7)
proofs            key proofs (appendix F) and the keys that they prove
key_attestation   key attestations (appendix D)
request           what a credential request asks for (8.2)
issuing           the credential endpoint (8)
deferred          the deferred credential endpoint (9)
notification      the notification endpoint (11)
messages          reading and writing the endpoints' messages; the place of encryption (10)
ports             what they need from outside
"""
