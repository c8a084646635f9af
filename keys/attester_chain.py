"""Chains of those who attest: wallet providers (client attestations) and makers of key stores (key attestations).

Their certificates come from PKIs that are not ours, so less is fixed than in ``keys.chain``: no extended key usage and
no name is asked for. What holds (RFC 5280, 6; HAIP 1.0, 4.4.1 and 4.5.1): one to ``MAX_CHAIN`` certificates without
the trust anchor; a leaf that is no CA, is not self-signed and may sign, if it says for what it is; CAs above it, each
the signer of the one below; all valid at the moment; the last one signed by an anchor that was configured.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from cryptography import x509

from keys.chain import Path, build_path, check_end, check_time
from keys.errors import InvalidChain
from keys.public import PublicKey


def verify_attester_chain(chain: Sequence[bytes], *, anchors: Sequence[bytes], at: datetime) -> PublicKey:
    """Return the key of the leaf of ``chain`` (DER, leaf first), which an attester under ``anchors`` has ``at``.

    Raises:
        InvalidChain: a rule of this module's docstring is broken; the message names it.
    """
    path = _attester_path(tuple(chain), tuple(anchors))
    check_time(path, at)
    return path.key


# Few attesters, and each wallet sends its attester's chain with every request.
@lru_cache(maxsize=256)
def _attester_path(chain: tuple[bytes, ...], anchors: tuple[bytes, ...]) -> Path:
    if any(der in anchors for der in chain):
        raise InvalidChain("chain holds the trust anchor itself")
    return build_path(chain, anchors, check_leaf=_check_leaf, purpose=None)


def _check_leaf(leaf: x509.Certificate) -> None:
    check_end(leaf)
    for extension in leaf.extensions:
        if isinstance(extension.value, x509.KeyUsage) and not extension.value.digital_signature:
            raise InvalidChain("leaf may not sign: its key usage lacks digitalSignature")
