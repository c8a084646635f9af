"""SD-CWT (draft-ietf-spice-sd-cwt): selective disclosure over CWT, and the Key Binding Token that shows it.

    token = issue(content, signer, salt=salt)                    # the issuer: bytes of an SD-CWT, with all disclosures
    shown = kbt.bind(token, chosen, signer, ...)                 # the holder: some disclosures inside a KBT
    opened = kbt.peek(shown)                                     # the verifier: enough to choose a key
    verified = opened.verified_by(issuer_key)                    # claims, cnf, exp, nbf, status, printed_copy
    binding = verified.holder_verified()                         # audience, iat, cnonce

``labels``      numbers of the draft and of the profile
``redaction``   disclosures and digests, the draft's general mechanism
``claim_map``   the fields of our types as small integer keys
``credential``  the profile: what stands in an e-certificate as SD-CWT
``kbt``         the holder's proof
"""
