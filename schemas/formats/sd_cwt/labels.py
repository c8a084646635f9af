"""Numbers of SD-CWT (draft-ietf-spice-sd-cwt, 17), of CWT (RFC 8392) and of the profile of e-certificates."""

from cbor2 import CBORSimpleValue

# Header parameters.
ALG, KID, KCWT, TYP, SD_CLAIMS, SD_ALG = 1, 4, 13, 16, 17, 170
CWT_CLAIMS, SD_AEAD_CLAIMS, SD_AEAD = 15, 171, 172
SHA_256 = -16
"""``sd_alg``: SHA-256 with 32 bytes; the shorter forms have no code point as a hash of disclosures."""
TYP_SD_CWT, TYP_KBT = 293, 294
SD_CWT_TYPES: frozenset[int | str] = frozenset({TYP_SD_CWT, "application/sd-cwt"})
KBT_TYPES: frozenset[int | str] = frozenset({TYP_KBT, "application/kb+cwt"})

# Claims.
ISS, SUB, AUD, EXP, NBF, IAT, CTI, CNF, VCT, CNONCE = 1, 2, 3, 4, 5, 6, 7, 8, 11, 39
STATUS = 65535  # Token Status List
NEVER_REDACTED = frozenset({ISS, AUD, EXP, NBF, IAT, CTI, CNF, CNONCE, VCT, STATUS})
"""Claims that stand in the clear: those of the draft's table in 6, and what selects the key and the status list."""
COSE_KEY = 1  # in ``cnf`` (RFC 8747, 3.2)

# The profile: private use is below -65536 (RFC 8392, 9.1).
FIELDS = -70_001
"""The type's own fields, by the keys of ``schemas/types/claim_keys.json``."""
PRINTED_COPY = -70_002
"""What makes a printed copy one (加注件): who made it, why, when, until when."""

REDACTED_KEYS = CBORSimpleValue(59)
"""The key whose value are the digests of claims redacted from the same map."""
REDACTED_ELEMENT, TO_BE_REDACTED, TO_BE_DECOY = 60, 58, 62
"""Tags: a redacted element's digest; and the two that only a holder's wish before issuing may hold."""
MAX_LEVELS = 16
SALT_BYTES = 16
