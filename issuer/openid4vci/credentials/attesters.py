"""The attesters of an installation as those of keys (``ports.Attesters``): the ones that attest clients, too."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from issuer.openid4vci.authorization.ports import Attester
from keys.attester_chain import verify_attester_chain
from keys.errors import NotTrusted
from keys.public import PublicKey


@dataclass(frozen=True, slots=True)
class KnownAttesters:
    """Attesters by chain or by key.

    A statement with a chain is by whoever the chain leads to, whatever name it gives itself: ``iss`` is optional in a
    key attestation (appendix D.1). Where it names one of ``attesters``, the chain must lead to an anchor of that one.
    """

    attesters: tuple[Attester, ...]

    def key_of(self, iss: str | None, x5c: Sequence[bytes], *, kid: str | None, now: datetime) -> PublicKey:
        """Return the key that signs an attester's statements.

        Raises:
            InvalidChain: the chain leads to no anchor, or breaks another rule of ``keys.attester_chain``.
            NotTrusted: without a chain, there is no such attester or it has no such key.
        """
        named = [each for each in self.attesters if each.iss == iss]
        if x5c:
            anchors = [anchor for each in named or self.attesters for anchor in each.anchors]
            return verify_attester_chain(x5c, anchors=anchors, at=now)
        keys = [key for each in named for key in each.keys if kid in (None, key.kid)]
        if len(keys) != 1:
            raise NotTrusted("no attester is named, or not one key of it")
        return keys[0]
