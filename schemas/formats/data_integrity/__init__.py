"""W3C VC Data Integrity 1.0 with the EdDSA and ECDSA cryptosuites: proofs inside JSON and JSON-LD documents.

    signed = issue(document, signer, suite=Suite.EDDSA_RDFC_2022, verification_method=f"{issuer}#{kid}", created=now)
    credential = verify(signed, resolve).document
    shown = derive(signed, ("/credentialSubject/name",))        # ecdsa-sd-2023

``resolve`` gives the key of a verification method; whose it is and whether it may is the caller's business. Nothing
that was not signed comes out of ``verify``, and nothing is signed that JSON-LD would drop.
"""

from schemas.formats.data_integrity.deriving import derive
from schemas.formats.data_integrity.issuing import issue
from schemas.formats.data_integrity.options import ASSERTION, AUTHENTICATION, Proof, ProofOptions, SdSecrets
from schemas.formats.data_integrity.options import read_all as read_proofs
from schemas.formats.data_integrity.suites import Suite
from schemas.formats.data_integrity.verifying import (
    Policy,
    VerifiedDocument,
    VerifiedProof,
    disclosed_count,
    issuer_signature,
    verify,
)

__all__ = [
    "ASSERTION",
    "AUTHENTICATION",
    "Policy",
    "Proof",
    "ProofOptions",
    "SdSecrets",
    "Suite",
    "VerifiedDocument",
    "VerifiedProof",
    "derive",
    "disclosed_count",
    "issue",
    "issuer_signature",
    "read_proofs",
    "verify",
]
