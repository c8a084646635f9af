"""What stands behind the routes: bytes of a request in, the answer's value out, or an error of ours."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from ecert.vc_api import bodies, jose
from ecert.vc_api.errors import AlreadySecured, IssuerNotOwn
from ecert.vc_api.issuers import EphemeralIssuer, UnsafeEphemeralIssuers
from ecert.vc_api.judging import Judge
from ecert.vc_api.mechanisms import MECHANISMS
from ecert.vc_api.status import StatusBook
from keys.errors import EcertError
from schemas.formats import bitstring_credential
from schemas.formats.data_integrity import deriving, issuing
from schemas.formats.data_integrity.options import ProofOptions
from schemas.formats.data_integrity.suites import Suite
from schemas.formats.jsonld import loss, rdf, rules
from schemas.formats.vc_jose_cose import enveloped
from schemas.formats.vc_jose_cose.kinds import Kind

_BRIEF = 4_096
_LIST_TTL = timedelta(minutes=5)
_LISTS = next(mechanism.name for mechanism in MECHANISMS if mechanism.with_status)


class UnsafeVcApi:
    """The VC-API over issuers of its own, which live as long as this object. Any caller may sign as any of them.

    Args:
        public_url: what the addresses of status lists start with.
        own_key: a credential must be secured by a key of its issuer, a presentation by one of its holder.

    Raises:
        JsonLdProcessorMissing: the extra ``jsonld`` is not installed; strangers' documents need it.
    """

    def __init__(self, public_url: str, clock: Callable[[], datetime], *, own_key: bool = True) -> None:
        rdf.expand({})
        self.issuers = UnsafeEphemeralIssuers()
        self.book = StatusBook(public_url, self.issuers.named(_LISTS).id)
        self._clock = clock
        self._judge = Judge(self.book, clock, own_key=own_key)

    def issuer_ids(self) -> dict[str, str]:
        """Return instance name → issuer id."""
        return self.issuers.ids()

    def issue(self, name: str, raw: bytes) -> dict[str, Any]:
        """Return the secured credential; raises NoSuchIssuer, and whatever its rules refuse."""
        issuer = self.issuers.named(name)
        asked = bodies.to_issue(raw)
        document = asked.credential
        if "proof" in document or any(enveloped.is_enveloped(document, kind) for kind in Kind):
            raise AlreadySecured("credential is secured already")
        rules.check_credential(document)
        if jose.identity(document, "issuer") != issuer.id:
            raise IssuerNotOwn("issuer is not the id of this instance")
        if issuer.mechanism.cryptosuite is None:
            loss.check_no_loss(document)
            return jose.issue(document, issuer)
        if issuer.mechanism.with_status:
            return self._with_status(document, issuer)
        return self._embedded(document, issuer, asked.mandatory_pointers)

    def derive(self, raw: bytes) -> dict[str, Any]:
        """Return the credential with a derived proof; raises what its rules or pointers break."""
        asked = bodies.to_derive(raw)
        rules.check_credential(asked.credential)
        return deriving.derive(asked.credential, asked.selective_pointers)

    def is_brief(self, raw: bytes) -> bool:
        """Tell whether ``verify`` is done with ``raw`` in well under a millisecond: a short token in an envelope."""
        try:
            return len(raw) <= _BRIEF and enveloped.is_enveloped(bodies.to_verify(raw).credential)
        except EcertError:
            return False

    def verify(self, raw: bytes) -> None:
        """Return if the credential holds; raises what does not."""
        self._judge.credential(bodies.to_verify(raw))

    def verify_presentation(self, raw: bytes) -> None:
        """Return if the presentation and its credentials hold; raises what does not."""
        self._judge.presentation(bodies.to_verify_presentation(raw))

    def status_list(self, list_id: str) -> dict[str, Any]:
        """Return a status list as a signed credential of now; raises NoSuchStatusList."""
        now = self._clock()
        times = bitstring_credential.ListTimes(now, now + 2 * _LIST_TTL, int(_LIST_TTL.total_seconds()))
        document = self.book.credential(list_id, times)
        return self._embedded(document, self.issuers.named(_LISTS), ())

    def _with_status(self, document: dict[str, Any], issuer: EphemeralIssuer) -> dict[str, Any]:
        # Signed once without its entry: what the suite refuses takes no place in a list.
        self._embedded(document, issuer, ())
        entry = self.book.take()
        own = document.get("credentialStatus", [])
        others = own if type(own) is list else [own]
        status = [*others, entry.document()] if others else entry.document()
        return self._embedded({**document, "credentialStatus": status}, issuer, ())

    def _embedded(self, document: dict[str, Any], issuer: EphemeralIssuer, pointers: tuple[str, ...]) -> dict[str, Any]:
        suite = Suite(issuer.mechanism.cryptosuite or "")
        # Every suite but this one signs the whole document: all of it is mandatory already.
        options = ProofOptions(mandatory_pointers=pointers if suite is Suite.ECDSA_SD_2023 else ())
        return issuing.issue(
            document,
            issuer.signer,
            suite=suite,
            verification_method=issuer.verification_method,
            created=self._clock(),
            options=options,
        )
