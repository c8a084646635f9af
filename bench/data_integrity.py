"""The rows of Data Integrity: a certificate of a known type, each suite's issuing and verifying against its limit.

The limit signs and verifies as often as the suite forces, and takes the hashes; for ecdsa-sd-2023 it also makes the key
of the statements (issuing) and loads it (verifying). Canonicalization is ours to pay for.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from bench import limits, payload
from bench.timing import Row, repeated
from keys.algorithms import Algorithm
from keys.did import to_did_key
from keys.signer import SoftwareSigner
from schemas.formats import data_integrity
from schemas.formats.data_integrity import ProofOptions, Suite
from schemas.formats.data_integrity.ecdsa_sd_2023 import BaseValue, DerivedValue

TIMES = 32
METHOD = f"{payload.ISSUER}#key-1"
CREATED = datetime.fromtimestamp(payload.IAT, UTC)
_HASHED = {"jcs": (1_225, 330), "rdfc": (3_121, 640)}
"""Bytes of the document and of the proof's options as each canonicalization writes them."""
MANDATORY = (
    *("/issuer", "/validFrom", "/validUntil", "/credentialSchema"),
    *(f"/credentialSubject/{name}" for name in payload.ALWAYS),
)
SHOWN = tuple(f"/credentialSubject/{name}" for name in payload.by_field(payload.SELECTIVE))
_PUBLIC_URL = payload.ISSUER.partition("/issuers/")[0]
_TYPE = payload.VCT.removeprefix("urn:ecert:").replace(":", "/")


def document(holder: SoftwareSigner) -> dict[str, Any]:
    """Return the bench's certificate as a VCDM 2.0 document whose contexts are known."""
    claims = payload.by_field(payload.ALWAYS | payload.SELECTIVE)
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2", f"{_PUBLIC_URL}/contexts/{_TYPE}"],
        "type": ["VerifiableCredential", "BusinessLicence"],
        "issuer": payload.ISSUER,
        "validFrom": "2025-06-01T00:00:00+08:00",
        "validUntil": "2045-06-01T00:00:00+08:00",
        "credentialSubject": {"id": to_did_key(holder.public_key)} | claims,
        "credentialSchema": {"id": f"{_PUBLIC_URL}/schemas/{_TYPE}", "type": "JsonSchema"},
    }


def rows() -> list[Row]:
    """Return every row of Data Integrity."""
    edwards, point = Desk(Algorithm.EDDSA), Desk(Algorithm.ES256)
    return [
        *edwards.whole(Suite.EDDSA_RDFC_2022, 3.5, 2.0),
        *edwards.whole(Suite.EDDSA_JCS_2022, 1.8, 1.5),
        *point.whole(Suite.ECDSA_RDFC_2019, None, 2.6),
        *point.whole(Suite.ECDSA_JCS_2019, None, None),
        *point.selective(1.8, 1.5),
    ]


class Desk:
    """An issuer with one key, and the document that it signs."""

    def __init__(self, algorithm: Algorithm) -> None:
        self.raw = limits.generate(algorithm)
        self.signer = SoftwareSigner(self.raw)
        self.document = document(SoftwareSigner.generate(Algorithm.ES256))

    def issue(self, suite: Suite) -> dict[str, Any]:
        """Return the document signed as a whole."""
        return data_integrity.issue(
            self.document, self.signer, suite=suite, verification_method=METHOD, created=CREATED
        )

    def issue_selective(self) -> dict[str, Any]:
        """Return the document with a base proof."""
        options = ProofOptions(mandatory_pointers=MANDATORY)
        return data_integrity.issue(
            self.document,
            self.signer,
            suite=Suite.ECDSA_SD_2023,
            verification_method=METHOD,
            created=CREATED,
            options=options,
        )

    def verify(self, signed: dict[str, Any]) -> object:
        """Verify what this desk signed."""
        return data_integrity.verify(signed, lambda _: self.signer.public_key)

    def whole_limits(self) -> tuple[limits.Work, limits.Work]:
        """Return what a suite of the whole document forces on issuing and verifying: one signature, two hashes."""
        hashes, data = limits.hashing(["x" * 3_000, "x" * 700]), bytes(64)
        signing, verifying = limits.signing(self.raw, data), limits.verifying(self.raw, data)
        return limits.together(hashes, signing), limits.together(hashes, verifying)

    def selective_limits(self, signed: dict[str, Any], shown: dict[str, Any]) -> tuple[limits.Work, limits.Work]:
        """Return what a signature for each statement forces on issuing and verifying."""
        base = BaseValue.parse(signed["proof"]["proofValue"])
        derived = DerivedValue.parse(shown["proof"]["proofValue"])
        statement, once = bytes(150), bytes(99)
        hashes = limits.hashing(["x" * 700, "x" * 1_000])
        making = limits.together(
            lambda: limits.generate(Algorithm.ES256),
            hashes,
            *[limits.signing(self.raw, statement)] * len(base.signatures),
            limits.signing(self.raw, once),
        )
        checking = limits.together(
            limits.loading_compressed(derived.public_key[2:]),
            hashes,
            *[limits.verifying(self.raw, statement)] * len(derived.signatures),
            limits.verifying(self.raw, once),
        )
        return making, checking

    def whole(self, suite: Suite, issue_aim: float | None, verify_aim: float | None) -> list[Row]:
        """Issue and verify with a suite that signs the whole document."""
        signed = self.issue(suite)
        making, checking = self.whole_limits()
        return [
            _row(f"issue {suite}, known type", making, lambda: self.issue(suite), issue_aim),
            _row(f"verify {suite}, known type", checking, lambda: self.verify(signed), verify_aim),
        ]

    def selective(self, issue_aim: float, verify_aim: float) -> list[Row]:
        """Issue, derive and verify with a signature for each statement."""
        signed = self.issue_selective()
        shown = data_integrity.derive(signed, SHOWN)
        making, checking = self.selective_limits(signed, shown)
        name = f"{Suite.ECDSA_SD_2023}, known type"
        return [
            _row(f"issue {name}", making, self.issue_selective, issue_aim),
            _row(f"derive {name}", making, lambda: data_integrity.derive(signed, SHOWN), None),
            _row(f"verify {name}", checking, lambda: self.verify(shown), verify_aim),
        ]


def _row(name: str, least: limits.Work, ours: Callable[[], object], aim: float | None) -> Row:
    return Row(name, "limit", repeated(least, TIMES), repeated(ours, TIMES), aim)
