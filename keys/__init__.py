"""Keys and signatures, certificate chains, trust anchors and the trust list. Knows nothing of certificates (证照).

keys.algorithms, keys.public, keys.signer    ES256, ES384, ES512, EdDSA; JWK and thumbprint; what signs
keys.jws, keys.encoding, keys.strict_json    sign, peek, verify; base64url; JSON without guessing
keys.anchor, keys.trust, keys.kept           what a verifier trusts, and what it keeps of a withdrawn key
keys.chain, keys.pki, keys.rotation          X.509: chains, the city's PKI, new versions of a key
keys.store, keys.blobs, keys.hsm, keys.uri   where private keys lie, and how they are opened
keys.errors                                  every error, each with a stable ``code``
"""

from keys.algorithms import Algorithm
from keys.anchor import Anchor
from keys.errors import EcertError, KeysError
from keys.public import PublicKey
from keys.signer import Signer, SoftwareSigner
from keys.store import DirectoryBlobs, KeyStore
from keys.trust import TrustList, read_trust_list
from keys.uri import open_signer

__all__ = [
    "Algorithm",
    "Anchor",
    "DirectoryBlobs",
    "EcertError",
    "KeyStore",
    "KeysError",
    "PublicKey",
    "Signer",
    "SoftwareSigner",
    "TrustList",
    "open_signer",
    "read_trust_list",
]
