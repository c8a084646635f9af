"""The cryptosuites (VC DI EdDSA 1.0, 3; VC DI ECDSA 1.0, 3): how each makes bytes, and which keys it takes."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from keys.algorithms import Algorithm
from keys.public import PublicKey
from schemas.formats.data_integrity.errors import CryptosuiteUnknown, KeyUnfitForCryptosuite
from schemas.formats.data_integrity.multibase import Base


class Suite(StrEnum):
    """The value of ``cryptosuite``."""

    EDDSA_RDFC_2022 = "eddsa-rdfc-2022"
    EDDSA_JCS_2022 = "eddsa-jcs-2022"
    ECDSA_RDFC_2019 = "ecdsa-rdfc-2019"
    ECDSA_JCS_2019 = "ecdsa-jcs-2019"
    ECDSA_SD_2023 = "ecdsa-sd-2023"


class Canonicalization(StrEnum):
    """What is hashed: N-Quads of RDFC-1.0, or the JSON of RFC 8785."""

    RDFC = "rdfc"
    JCS = "jcs"


@dataclass(frozen=True, slots=True)
class Hash:
    """A hash function: its name, for RDFC-1.0, and the function."""

    name: str
    digest: Callable[[bytes], bytes]


SHA256 = Hash("sha256", lambda data: hashlib.sha256(data).digest())
SHA384 = Hash("sha384", lambda data: hashlib.sha384(data).digest())


@dataclass(frozen=True, slots=True)
class Rules:
    """What a cryptosuite fixes: canonicalization, base of the proof value, and for each kind of key the hash."""

    name: Suite
    text: str
    canonicalization: Canonicalization
    base: Base
    hashes: Mapping[Algorithm, Hash]

    def hash_for(self, key: PublicKey) -> Hash:
        """Return the hash that goes with ``key``; raises KeyUnfitForCryptosuite."""
        found = self.hashes.get(key.algorithm)
        if found is None:
            raise KeyUnfitForCryptosuite(f"{self.name} takes no key of {key.algorithm}")
        return found


_EDWARDS = {Algorithm.EDDSA: SHA256}
# A hash of the curve's own level, also inside RDFC-1.0 (VC DI ECDSA, 3.2.4).
_ECDSA = {Algorithm.ES256: SHA256, Algorithm.ES384: SHA384}
_P256 = {Algorithm.ES256: SHA256}
_ALL: Mapping[str, Rules] = MappingProxyType(
    {
        rules.text: rules
        for rules in (
            Rules(Suite.EDDSA_RDFC_2022, "eddsa-rdfc-2022", Canonicalization.RDFC, Base.BASE58BTC, _EDWARDS),
            Rules(Suite.EDDSA_JCS_2022, "eddsa-jcs-2022", Canonicalization.JCS, Base.BASE58BTC, _EDWARDS),
            Rules(Suite.ECDSA_RDFC_2019, "ecdsa-rdfc-2019", Canonicalization.RDFC, Base.BASE58BTC, _ECDSA),
            Rules(Suite.ECDSA_JCS_2019, "ecdsa-jcs-2019", Canonicalization.JCS, Base.BASE58BTC, _ECDSA),
            Rules(Suite.ECDSA_SD_2023, "ecdsa-sd-2023", Canonicalization.RDFC, Base.BASE64URL, _P256),
        )
    }
)


def rules_of(cryptosuite: Any) -> Rules:
    """Return the rules of a cryptosuite by its name; raises CryptosuiteUnknown."""
    found = _ALL.get(cryptosuite) if isinstance(cryptosuite, str) else None
    if found is None:
        raise CryptosuiteUnknown("cryptosuite is absent, or none that is known")
    return found
