"""The VC-API over an application in memory: a client that knows its four routes, and documents to start from."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from ecert.vc_api.issuers import EphemeralIssuer
from ecert.vc_api.service import UnsafeVcApi
from schemas.formats.data_integrity import issuing
from schemas.formats.data_integrity.options import AUTHENTICATION, ProofOptions
from schemas.formats.data_integrity.suites import Suite
from tests.support.ecert_world import Client, StillClock

V2 = "https://www.w3.org/ns/credentials/v2"
V1 = "https://www.w3.org/2018/credentials/v1"
EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"
SUBJECT = "did:example:subject"
REMOVED = object()
"""In a change: the member goes."""
EMBEDDED = (
    "eddsa-rdfc-2022",
    "eddsa-jcs-2022",
    "ecdsa-rdfc-2019-p256",
    "ecdsa-rdfc-2019-p384",
    "ecdsa-jcs-2019-p256",
    "ecdsa-jcs-2019-p384",
    "ecdsa-sd-2023",
    "bitstring",
)
VERIFIABLE = tuple(name for name in EMBEDDED if name != "ecdsa-sd-2023")
"""The instances whose credentials verify as issued: a base proof has to be derived from first."""


def changed(document: Mapping[str, Any], **members: Any) -> dict[str, Any]:
    """Return a deep copy with other members; ``context`` stands for ``@context``."""
    made = copy.deepcopy(dict(document))
    for name, value in members.items():
        name = "@context" if name == "context" else name
        if value is REMOVED:
            made.pop(name, None)
        else:
            made[name] = copy.deepcopy(value)
    return made


@dataclass(frozen=True)
class VcApi:
    """The routes, and the service behind them."""

    client: Client
    service: UnsafeVcApi
    clock: StillClock

    def issuer(self, name: str) -> EphemeralIssuer:
        """Return an instance."""
        return self.service.issuers.named(name)

    def credential(self, instance: str = "eddsa-rdfc-2022", **members: Any) -> dict[str, Any]:
        """Return a minimal credential of VCDM 2.0 for an instance."""
        minimal = {
            "@context": [V2],
            "type": ["VerifiableCredential"],
            "issuer": self.issuer(instance).id,
            "credentialSubject": {"id": SUBJECT},
        }
        return changed(minimal, **members)

    def credential_v1(self, instance: str = "eddsa-rdfc-2022", **members: Any) -> dict[str, Any]:
        """Return a minimal credential of VCDM 1.1 for an instance."""
        return self.credential(instance, **{"context": [V1], "issuanceDate": "2026-01-01T00:00:00Z"} | members)

    def issue(self, name: str, credential: Any, options: Any = None) -> httpx.Response:
        """Ask an instance to issue; ``options`` None leaves them out."""
        body = {"credential": credential} | ({} if options is None else {"options": options})
        return self.client.post(f"/issuers/{name}/credentials/issue", json=body)

    def issued(self, instance: str = "eddsa-rdfc-2022", options: Any = None, **members: Any) -> dict[str, Any]:
        """Return an issued credential."""
        answer = self.issue(instance, self.credential(instance, **members), options)
        assert answer.status_code == 201, answer.text
        return dict(answer.json()["verifiableCredential"])

    def verify(self, credential: Any, options: Any = None) -> httpx.Response:
        """Ask for a verdict on a credential."""
        body = {"verifiableCredential": credential} | ({} if options is None else {"options": options})
        return self.client.post("/credentials/verify", json=body)

    def verify_presentation(self, presentation: Any, options: Any = None) -> httpx.Response:
        """Ask for a verdict on a presentation."""
        body = {"verifiablePresentation": presentation} | ({} if options is None else {"options": options})
        return self.client.post("/presentations/verify", json=body)

    def derive(self, credential: Any, pointers: list[str]) -> httpx.Response:
        """Ask for a derived proof."""
        body = {"verifiableCredential": credential, "options": {"selectivePointers": pointers}}
        return self.client.post("/credentials/derive", json=body)

    def signed(self, document: Mapping[str, Any], instance: str = "eddsa-rdfc-2022", **options: Any) -> dict[str, Any]:
        """Return a document with a proof by an instance's key, past the rules of the routes."""
        issuer = self.issuer(instance)
        return issuing.issue(
            document,
            issuer.signer,
            suite=Suite(issuer.mechanism.cryptosuite or ""),
            verification_method=issuer.verification_method,
            created=self.clock(),
            options=ProofOptions(**options),
        )

    def presentation(self, *credentials: Any, instance: str = "eddsa-rdfc-2022", **members: Any) -> dict[str, Any]:
        """Return an unsigned presentation whose holder is an instance."""
        minimal: dict[str, Any] = {
            "@context": [V2],
            "type": ["VerifiablePresentation"],
            "holder": self.issuer(instance).id,
        }
        if credentials:
            minimal["verifiableCredential"] = list(credentials)
        return changed(minimal, **members)

    def presented(
        self, document: Mapping[str, Any], challenge: str = "uChallenge", domain: str = "example.com"
    ) -> dict[str, Any]:
        """Return a presentation signed by the first instance."""
        return self.signed(document, purpose=AUTHENTICATION, challenge=challenge, domain=domain)


def assert_refused(answer: httpx.Response, code: str | None = None) -> None:
    """Assert a refusal by the VC-API's rules: 400 or 422, JSON, problem details that say what and why."""
    assert answer.status_code in (400, 422), answer.text
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert body.get("verified", False) is False
    (problem,) = body["problemDetails"]
    assert problem["type"].startswith("https://")
    assert problem["title"]
    assert problem["detail"]
    if code is not None:
        assert problem["code"] == code


def assert_verified(answer: httpx.Response) -> None:
    """Assert the one answer that means verified."""
    assert (answer.status_code, answer.json()) == (200, {"verified": True, "problemDetails": []}), answer.text
