"""COSE over ``cbor2``: deterministic CBOR, COSE_Sign1 and COSE_Key (RFC 8949, RFC 9052, RFC 9053).

cbor    reading that refuses rather than guesses, and writing in the one deterministic form
sign1   COSE_Sign1: sign, peek, verify, in the style of ``keys.jws``
key     COSE_Key to and from a public key
"""
