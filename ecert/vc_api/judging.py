"""Judging a stranger's credential or presentation: returns when it holds, raises what does not.

1. Its form: the rules of VCDM 2.0 or 1.1, whatever secures it.
2. Its securing: every proof, or the envelope's JWT; for a presentation the challenge and domain that were asked for.
3. Whose key: the issuer's (the holder's) own, unless the policy says otherwise.
4. Unless the proof alone is asked for: its period, and its status by a list of this process.
5. A presentation: every credential in it by the same steps, each by a proof of its own; one that the presentation's
   own key secures is the statement of the holder, if one is named (VCDM 2.0, 4.13.3).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ecert.vc_api import jose
from ecert.vc_api.bodies import ToVerify, ToVerifyPresentation
from ecert.vc_api.errors import OutsideValidity, StatusNotValid, StatusUnknown
from ecert.vc_api.issuers import resolve
from ecert.vc_api.status import StatusBook
from schemas.formats.bitstring_credential import read_entries
from schemas.formats.data_integrity import verifying
from schemas.formats.data_integrity.errors import (
    CredentialOfAnotherHolder,
    HolderNotController,
    IssuerNotController,
    ProofChallengeMismatch,
    ProofDomainMismatch,
)
from schemas.formats.data_integrity.options import ASSERTION, AUTHENTICATION
from schemas.formats.jsonld import loss, rules
from schemas.formats.vc_jose_cose import enveloped, members
from schemas.formats.vc_jose_cose.kinds import Kind

_CREDENTIALS = "verifiableCredential"


@dataclass(frozen=True, slots=True)
class Held:
    """A document that holds: what it says, and who controls the keys that secured it."""

    document: Mapping[str, Any]
    controllers: frozenset[str]


class Judge:
    """The steps, over the status lists of this process. ``own_key``: step 3 is asked for."""

    def __init__(self, book: StatusBook, clock: Callable[[], datetime], *, own_key: bool) -> None:
        self._book = book
        self._clock = clock
        self._own_key = own_key

    def credential(self, asked: ToVerify) -> Held:
        """Return the credential that holds; raises the error of the first step that does not."""
        now = self._clock()
        document = asked.credential
        if enveloped.is_enveloped(document, Kind.CREDENTIAL):
            held = self._enveloped(document, now, proof_only=asked.proof_only)
        else:
            rules.check_credential(document)
            policy = verifying.Policy(now=now, own_key=self._own_key)
            secured = verifying.verify(document, resolve, purpose=ASSERTION, policy=policy)
            held = Held(document, frozenset(proof.controller for proof in secured.proofs))
        if not asked.proof_only:
            self._check_period(*rules.period(held.document), now)
            self._check_status(held.document)
        return held

    def presentation(self, asked: ToVerifyPresentation) -> None:
        """Return if the presentation and every credential in it hold; raises the error of what does not."""
        now = self._clock()
        document = asked.presentation
        if enveloped.is_enveloped(document, Kind.PRESENTATION):
            held = self._enveloped_presentation(asked, now)
        else:
            rules.check_presentation(document)
            policy = verifying.Policy(domain=asked.domain, challenge=asked.challenge, now=now, own_key=self._own_key)
            secured = verifying.verify(document, resolve, purpose=AUTHENTICATION, policy=policy)
            held = Held(document, frozenset(proof.controller for proof in secured.proofs))
        inner = held.document.get(_CREDENTIALS, [])  # objects alone, by the rules
        for credential in inner if type(inner) is list else [inner]:
            self._check_own_statement(held, self.credential(ToVerify(credential, asked.proof_only)))

    def _enveloped(self, document: Mapping[str, Any], now: datetime, *, proof_only: bool) -> Held:
        opened = jose.opened(document, kind=Kind.CREDENTIAL)
        rules.check_credential(opened.document)
        loss.check_no_loss(_without_claims(opened.document))
        if self._own_key and jose.identity(opened.document, "issuer") != opened.controller:
            raise IssuerNotController("the envelope is not signed with a verification method of the issuer")
        if not proof_only:
            self._check_period(*opened.period(), now)
            if "status" in opened.claims:
                raise StatusUnknown("the token's status list is not one of this process, and none is fetched")
        return Held(opened.document, frozenset({opened.controller}))

    def _enveloped_presentation(self, asked: ToVerifyPresentation, now: datetime) -> Held:
        opened = jose.opened(asked.presentation, kind=Kind.PRESENTATION)
        rules.check_presentation(opened.document)
        loss.check_no_loss(_without_claims(opened.document))
        if self._own_key and jose.identity(opened.document, "holder") not in (None, opened.controller):
            raise HolderNotController("the envelope is not signed with a verification method of the holder")
        # Who was not asked for a domain does not judge the one that the holder named.
        nonce, audiences = opened.asked_for()
        if asked.challenge is not None and nonce != asked.challenge:
            raise ProofChallengeMismatch("nonce is not the challenge that was asked for")
        if asked.domain is not None and audiences != {asked.domain}:
            raise ProofDomainMismatch("aud is not the domain that was asked for")
        self._check_period(*opened.period(), now)
        return Held(opened.document, frozenset({opened.controller}))

    def _check_own_statement(self, presentation: Held, credential: Held) -> None:
        if presentation.controllers.isdisjoint(credential.controllers):
            return
        holder = jose.identity(presentation.document, "holder")
        if holder is not None and holder != jose.identity(credential.document, "issuer"):
            raise CredentialOfAnotherHolder("a credential by the presentation's own key is not issued by its holder")

    def _check_period(self, begin: datetime | None, end: datetime | None, now: datetime) -> None:
        if begin is not None and now < begin:
            raise OutsideValidity("credential is not valid yet")
        if end is not None and end <= now:
            raise OutsideValidity("credential is not valid any more")

    def _check_status(self, document: Mapping[str, Any]) -> None:
        statuses = document.get("credentialStatus", [])
        entries = read_entries(statuses)
        if len(entries) != (len(statuses) if type(statuses) is list else 1):
            raise StatusUnknown("a status is of a type that is not read here")
        for entry in entries:
            found = self._book.read(entry.list_credential)
            if found is None:
                raise StatusUnknown("status list is not one of this process, and none is fetched")
            if not entry.look_up(found).valid:
                raise StatusNotValid("status list says that the credential is not valid")


def _without_claims(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what JSON-LD has to define: the claims that a JWT registers are defined by their registry."""
    return {name: value for name, value in document.items() if name not in members.JWT_CLAIMS}
