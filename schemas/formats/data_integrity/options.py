"""The options of a proof (VC Data Integrity 1.0, 2.1): what a signer says, and what a reader takes from a document."""

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from keys.algorithms import Algorithm
from keys.signer import Signer, SoftwareSigner
from schemas.formats import vc_model
from schemas.formats.data_integrity.errors import (
    DataIntegrityError,
    PreviousProofInvalid,
    ProofCreatedInvalid,
    ProofExpiresInvalid,
    ProofIdInvalid,
    ProofMalformed,
    ProofMemberInvalid,
    ProofMissing,
    ProofPurposeInvalid,
    ProofTypeInvalid,
    ProofValueInvalid,
    TooManyProofs,
    VerificationMethodInvalid,
)
from schemas.formats.data_integrity.suites import Rules, rules_of
from schemas.formats.jsonld.contexts import Contexts

TYPE = "DataIntegrityProof"
ASSERTION = "assertionMethod"
AUTHENTICATION = "authentication"
MAX_PROOFS = 16
MAX_PREVIOUS = MAX_PROOFS
MAX_SUBJECTS = 6  # different documents that the proofs of one sign: each is canonicalized for itself
# A scheme, and no character that an IRI does not have (RFC 3987, 2.2): what N-Quads can write as it stands.
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|^`\\]+")
_MAX_TEXT = 2_048


class SdSecrets(NamedTuple):
    """What ecdsa-sd-2023 makes anew for each document: the key of its statements, and 32 bytes to name its nodes."""

    signer: Signer
    hmac_key: bytes


def fresh_sd_secrets() -> SdSecrets:
    """Return new secrets, from the operating system."""
    return SdSecrets(SoftwareSigner.generate(Algorithm.ES256), secrets.token_bytes(32))


@dataclass(frozen=True, slots=True)
class ProofOptions:
    """What a signer may say beside cryptosuite, verification method and time.

    ``previous_proof`` names proofs that the document carries already. ``mandatory_pointers`` and ``sd_secrets`` are for
    ecdsa-sd-2023 alone. ``contexts`` None: those on board, and ours under the issuer's public URL.
    """

    purpose: str = ASSERTION
    id: str | None = None
    expires: datetime | None = None
    domain: str | None = None
    challenge: str | None = None
    nonce: str | None = None
    previous_proof: tuple[str, ...] = ()
    mandatory_pointers: tuple[str, ...] = ()
    sd_secrets: Callable[[], SdSecrets] = fresh_sd_secrets
    contexts: Contexts | None = None

    def members(self) -> dict[str, Any]:
        """Return the members that are said, as a proof writes them."""
        texts = {"id": self.id, "domain": self.domain, "challenge": self.challenge, "nonce": self.nonce}
        members: dict[str, Any] = {name: text for name, text in texts.items() if text is not None}
        if self.expires is not None:
            members["expires"] = timestamp(self.expires)
        if self.previous_proof:
            members["previousProof"] = list(self.previous_proof)
        return members


DEFAULT = ProofOptions()


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof read from a document: well formed, and nothing of it verified.

    ``members`` is the proof as it stands; ``config`` is the same without ``proofValue``.
    """

    members: Mapping[str, Any]
    config: dict[str, Any]
    rules: Rules
    purpose: str
    verification_method: str
    value: str
    id: str | None
    created: datetime | None
    expires: datetime | None
    previous: tuple[str, ...]

    @property
    def controller(self) -> str:
        """The identifier whose verification method it is: the URL without its fragment (CID 1.0, 3.3)."""
        return self.verification_method.partition("#")[0]

    @property
    def domains(self) -> frozenset[str]:
        """The security domains, empty without any."""
        domain = self.members.get("domain")
        return frozenset(domain if type(domain) is list else () if domain is None else (domain,))

    @property
    def challenge(self) -> str | None:
        """The challenge, if any."""
        challenge: str | None = self.members.get("challenge")
        return challenge


@lru_cache(maxsize=64)
def timestamp(moment: datetime) -> str:
    """Return an aware moment as a dateTimeStamp in UTC, to the second."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")[:19] + "Z"


def read_all(document: Mapping[str, Any]) -> tuple[Proof, ...]:
    """Return the proofs of a document, in their order.

    Raises:
        ProofMissing, ProofMalformed, TooManyProofs: ``proof`` is not one to ``MAX_PROOFS`` objects.
        Raises otherwise as ``read``.
    """
    value = document.get("proof")
    if value is None or value == []:
        raise ProofMissing("document has no proof")
    proofs = value if type(value) is list else [value]
    if len(proofs) > MAX_PROOFS:
        raise TooManyProofs(f"document has {len(proofs)} proofs, limit {MAX_PROOFS}")
    return tuple([read(proof) for proof in proofs])


def read(proof: Any) -> Proof:
    """Return a proof if it is well formed; each member that is not has its own error (2.1)."""
    if type(proof) is not dict:
        raise ProofMalformed("proof is no object")
    if proof.get("type") != TYPE:
        raise ProofTypeInvalid(f"type is not {TYPE}")
    rules = rules_of(proof.get("cryptosuite"))
    purpose = _text(proof, "proofPurpose", ProofPurposeInvalid)
    method = _url(proof, "verificationMethod", VerificationMethodInvalid)
    value = proof.get("proofValue")
    if type(value) is not str or not value:
        raise ProofValueInvalid("proofValue is absent or no text")
    config = proof.copy()
    del config["proofValue"]
    created = _moment(proof, "created", ProofCreatedInvalid) if "created" in proof else None
    if len(config) == _FEWEST + (created is not None):
        return Proof(proof, config, rules, purpose, method, value, None, created, None, ())
    _check_texts(proof)
    return Proof(
        proof,
        config,
        rules,
        purpose,
        method,
        value,
        id=_url(proof, "id", ProofIdInvalid) if "id" in proof else None,
        created=created,
        expires=_moment(proof, "expires", ProofExpiresInvalid) if "expires" in proof else None,
        previous=_previous(proof),
    )


_FEWEST = 4  # type, cryptosuite, proofPurpose, verificationMethod


def is_url(value: Any) -> bool:
    """Tell whether ``value`` is an absolute URL that N-Quads can write."""
    return type(value) is str and len(value) <= _MAX_TEXT and _is_url(value)


@lru_cache(maxsize=256)
def _is_url(value: str) -> bool:
    # Kept, because the verification methods of issuers are few.
    return _URL.fullmatch(value) is not None


def _text(proof: Mapping[str, Any], name: str, error: type[DataIntegrityError]) -> str:
    value: str = proof.get(name)  # type: ignore[assignment]
    if type(value) is not str or not value or len(value) > _MAX_TEXT:
        raise error(f"{name} is absent or no text")
    return value


def _url(proof: Mapping[str, Any], name: str, error: type[DataIntegrityError]) -> str:
    value: str = proof.get(name)  # type: ignore[assignment]
    if not is_url(value):
        raise error(f"{name} is absent or no URL")
    return value


def _moment(proof: Mapping[str, Any], name: str, error: type[DataIntegrityError]) -> datetime:
    try:
        return vc_model.date_time_stamp(_text(proof, name, error))
    except (ValueError, OverflowError):
        raise error(f"{name} is no dateTimeStamp with a time zone") from None


def _check_texts(proof: Mapping[str, Any]) -> None:
    for name in ("challenge", "nonce"):
        if name in proof:
            _text(proof, name, ProofMemberInvalid)
    domain = proof.get("domain")
    if "domain" in proof and not (type(domain) is str and domain) and not _is_texts(domain):
        raise ProofMemberInvalid("domain is neither a text nor an array of texts")


def _previous(proof: Mapping[str, Any]) -> tuple[str, ...]:
    if "previousProof" not in proof:
        return ()
    value = proof["previousProof"]
    if type(value) is str and value:
        return (value,)
    if not _is_texts(value) or len(value) > MAX_PREVIOUS:
        raise PreviousProofInvalid("previousProof is neither a text nor an array of texts")
    return tuple(value)


def _is_texts(value: Any) -> bool:
    return type(value) is list and bool(value) and all(type(item) is str and item for item in value)
