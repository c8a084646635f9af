"""Chains of those who ask for certificates: the keys that sign OpenID4VP request objects (OpenID4VP 1.0, 5.9.3).

As ``keys.chain``, but for the leaf: it names its relying party as a URI, and its extended key usage is ``REQUEST_EKU``.
A key that signs requests never signs certificates, and the other way round.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from cryptography import x509

from keys.chain import Path, build_path, check_end, check_time
from keys.errors import InvalidChain
from keys.public import PublicKey

REQUEST_EKU = x509.ObjectIdentifier("2.25.92714608566828374033655115307406301463")
"""Extended key usage "asks holders for electronic certificates (用证请求)".

An arc of the project's own, made from the random UUID 45c02f20-a8eb-481f-bfb7-535c2e839917 (ITU-T X.667, 7).
"""


def verify_request_chain(chain: Sequence[bytes], *, anchors: Sequence[bytes], at: datetime) -> PublicKey:
    """Return the key of the leaf of ``chain`` (DER, leaf first), which asks under ``anchors`` at ``at``.

    Raises:
        InvalidChain: a rule of ``keys.chain`` or of this module is broken; the message names it.
    """
    path = _request_path(tuple(chain), tuple(anchors))
    check_time(path, at)
    return path.key


# A verifier sends its chain with every request.
@lru_cache(maxsize=256)
def _request_path(chain: tuple[bytes, ...], anchors: tuple[bytes, ...]) -> Path:
    # HAIP 1.0, 5: the trust anchor does not stand in x5c.
    if any(der in anchors for der in chain):
        raise InvalidChain("chain holds the trust anchor itself")
    return build_path(chain, anchors, check_leaf=_check_leaf, purpose=REQUEST_EKU)


def _check_leaf(leaf: x509.Certificate) -> None:
    check_end(leaf)
    usage = signs = named = False
    for extension in leaf.extensions:
        value = extension.value
        if isinstance(value, x509.KeyUsage):
            usage = value.digital_signature
        elif isinstance(value, x509.ExtendedKeyUsage):
            signs = REQUEST_EKU in value
        elif isinstance(value, x509.SubjectAlternativeName):
            named = bool(value.get_values_for_type(x509.UniformResourceIdentifier))
    if not usage:
        raise InvalidChain("leaf lacks key usage digitalSignature")
    if not signs:
        raise InvalidChain("leaf lacks the extended key usage of request certificates")
    if not named:
        raise InvalidChain("leaf names no relying party as a URI in subjectAltName")
