"""Client authentication: rows 4.4 of the checklist, private_key_jwt, nobody. One flaw at a time."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from issuer.openid4vci.authorization.attestation import Attestation
from issuer.openid4vci.authorization.client_auth import Client, Method
from issuer.openid4vci.authorization.policy import Policy
from issuer.openid4vci.authorization.ports import AttestedClient
from issuer.openid4vci.errors import (
    InvalidClient,
    InvalidClientAttestation,
    InvalidRequest,
    OAuthError,
    UseAttestationChallenge,
    UseFreshAttestation,
)
from keys.algorithms import Algorithm
from keys.signer import SoftwareSigner
from tests.support.oauth import BANK, ISSUER, NOBODY, WALLET, Instance, Server, server

STRANGER = SoftwareSigner.generate()


@pytest.fixture
def desk() -> Server:
    return server()


def authenticated(desk: Server, attestation: Attestation | None = None, **form: str) -> Client:
    return desk.services.clients.authenticate(desk.client(form, attestation), now=desk.clock())


def test_an_attested_instance_is_known_by_its_client_and_its_key(desk: Server) -> None:
    """4.4.1 The client is the attestation's subject; 4.4.8 the instance is known by its key."""
    kid = desk.wallet.key.public_key.kid
    assert authenticated(desk) == Client(WALLET, Method.ATTESTATION, kid, None)


def test_two_instances_of_a_wallet_are_one_client_with_two_keys(desk: Server) -> None:
    """4.4.8 ``sub`` is shared by all instances."""
    other = Instance(desk.clock, desk.wallet.attester, desk.wallet.chain)
    first, second = authenticated(desk), authenticated(desk, other.attested())
    assert first.id == second.id == WALLET
    assert first.instance_kid != second.instance_kid


def test_a_client_id_in_the_form_may_say_the_same(desk: Server) -> None:
    """4.4.2 PAR forms have ``client_id``."""
    assert authenticated(desk, client_id=WALLET).id == WALLET


def test_a_client_id_in_the_form_that_is_another_is_refused(desk: Server) -> None:
    """4.4.2 ``client_id`` is not the attestation's ``sub``."""
    with pytest.raises(InvalidClientAttestation, match="not the client of the attestation"):
        authenticated(desk, client_id="another")


def test_an_attesters_own_keys_need_no_chain() -> None:
    """4.4.3 The signature is by a key of the attester's JWKS; a chain beside it is passed over."""
    attester = SoftwareSigner.generate()
    desk = server(anchors=(), keys=(STRANGER.public_key, attester.public_key))
    desk.wallet.attester = attester
    assert authenticated(desk).id == WALLET
    assert authenticated(desk, Attestation((desk.wallet.attestation({"x5c": None}),), (desk.wallet.pop(),))).id


def test_an_attester_may_be_kept_to_its_clients() -> None:
    """4.4.3 The client comes with the addresses that it is kept to."""
    desk = server(clients=(AttestedClient("another"), AttestedClient(WALLET, ("https://w.example/back",))))
    assert authenticated(desk).redirect_uris == ("https://w.example/back",)


@pytest.mark.parametrize("algorithm", [Algorithm.ES256, Algorithm.ES384, Algorithm.EDDSA])
def test_an_instance_may_have_a_key_of_each_algorithm_of_the_metadata(desk: Server, algorithm: Algorithm) -> None:
    """4.4.3 The key decides the algorithm of the proof of possession."""
    desk.wallet.key = SoftwareSigner.generate(algorithm)
    sent = Attestation((desk.wallet.attestation(),), (desk.wallet.pop({"alg": str(algorithm)}),))
    assert authenticated(desk, sent).id == WALLET


def test_clocks_may_differ_by_less_than_a_minute(desk: Server) -> None:
    """4.4.3 Freshness has a leeway of 60 s."""
    now = desk.wallet.seconds()
    ahead = Attestation(
        (desk.wallet.attestation(claims={"nbf": now + 59, "exp": now - 59}),),
        (desk.wallet.pop(claims={"iat": now + 59, "nbf": now + 59, "exp": now - 59}),),
    )
    assert authenticated(desk, ahead).id == WALLET
    assert authenticated(
        desk, Attestation((desk.wallet.attestation(),), (desk.wallet.pop(claims={"iat": now - 119}),))
    ).id


P521 = SoftwareSigner.generate(Algorithm.ES512)
ATTESTATION_FLAWS: dict[str, tuple[Callable[[Server], str], str]] = {
    "4.4.1 typ is another": (lambda d: d.wallet.attestation({"typ": "JWT"}), "another type"),
    "4.4.1 typ is missing": (lambda d: d.wallet.attestation({"typ": None}), "another type"),
    "4.4.3 no JWT": (lambda _: "no.jwt", "three parts"),
    "4.4.3 alg none": (lambda d: d.wallet.attestation({"alg": "none"}), "alg that no key"),
    "4.4.3 signature by a stranger (module 11)": (lambda d: d.wallet.attestation(by=STRANGER), "signature"),
    "4.4.3 no chain and no key known": (lambda d: d.wallet.attestation({"x5c": None}), "not signed by a key"),
    "4.4.3 chain of a stranger": (lambda d: d.wallet.attestation({"x5c": ["AAAA"]}), "not well formed"),
    "4.4.3 attester is not known": (lambda d: d.wallet.attestation(claims={"iss": "https://x"}), "not trusted"),
    "4.4.3 iss is missing": (lambda d: d.wallet.attestation(claims={"iss": None}), "claim iss"),
    "4.4.3 sub is missing (module 14)": (lambda d: d.wallet.attestation(claims={"sub": None}), "claim sub"),
    "4.4.3 exp is missing": (lambda d: d.wallet.attestation(claims={"exp": None}), "claim exp is missing"),
    "4.4.3 exp is no time": (lambda d: d.wallet.attestation(claims={"exp": "soon"}), "claim exp is no time"),
    "4.4.3 nbf ahead": (lambda d: d.wallet.attestation(claims={"nbf": d.wallet.seconds() + 600}), "not valid yet"),
    "4.4.3 cnf is missing": (lambda d: d.wallet.attestation(claims={"cnf": None}), "no jwk"),
    "4.4.3 cnf has no jwk": (lambda d: d.wallet.attestation(claims={"cnf": {"kid": "1"}}), "no jwk"),
    "4.4.3 cnf.jwk is no object": (lambda d: d.wallet.attestation(claims={"cnf": {"jwk": "x"}}), "not a JSON object"),
    "4.4.3 cnf.jwk is private": (
        lambda d: d.wallet.attestation(claims={"cnf": {"jwk": {**d.wallet.key.public_key.jwk, "d": "AA"}}}),
        "private",
    ),
    "4.4.3 cnf.jwk of another algorithm": (
        lambda d: d.wallet.attestation(claims={"cnf": {"jwk": dict(P521.public_key.jwk)}}),
        "expected one of",
    ),
    "4.4.3 key by address": (lambda d: d.wallet.attestation({"jku": "https://x"}), "never followed"),
    "4.4.3 embedded key": (
        lambda d: d.wallet.attestation({"jwk": dict(STRANGER.public_key.jwk), "x5c": None}, by=STRANGER),
        "embedded key",
    ),
    "4.4.3 unknown crit": (lambda d: d.wallet.attestation({"crit": ["x"]}), "never followed"),
}
POP_FLAWS: dict[str, tuple[Callable[[Server], str], str]] = {
    "4.4.1 typ is another": (lambda d: d.wallet.pop({"typ": "JWT"}), "another type"),
    "4.4.3 no JWT": (lambda _: "", "three parts"),
    "4.4.3 signature by another key (modules 12, 16)": (lambda d: d.wallet.pop(by=STRANGER), "signature"),
    "4.4.3 alg is not the key's": (lambda d: d.wallet.pop({"alg": "ES384"}), "alg ES384"),
    "4.4.3 aud is another server (module 15)": (
        lambda d: d.wallet.pop(claims={"aud": "https://invalid-aud.example.org/"}),
        "aud",
    ),
    "4.4.3 aud is a list": (lambda d: d.wallet.pop(claims={"aud": [ISSUER]}), "aud"),
    "4.4.3 aud is missing": (lambda d: d.wallet.pop(claims={"aud": None}), "aud"),
    "4.4.3 iss is not sub": (lambda d: d.wallet.pop(claims={"iss": "another"}), "iss is not"),
    "4.4.3 iss is missing": (lambda d: d.wallet.pop(claims={"iss": None}), "claim iss"),
    "4.4.3 iat is too old": (lambda d: d.wallet.pop(claims={"iat": d.wallet.seconds() - 121}), "just now"),
    "4.4.3 iat is ahead": (lambda d: d.wallet.pop(claims={"iat": d.wallet.seconds() + 61}), "just now"),
    "4.4.3 iat is missing": (lambda d: d.wallet.pop(claims={"iat": None}), "claim iat is missing"),
    "4.4.3 exp has passed": (lambda d: d.wallet.pop(claims={"exp": d.wallet.seconds() - 61}), "expired"),
    "4.4.3 nbf is ahead": (lambda d: d.wallet.pop(claims={"nbf": d.wallet.seconds() + 61}), "not valid yet"),
    "4.4.3 jti is missing": (lambda d: d.wallet.pop(claims={"jti": None}), "claim jti"),
    "4.4.6 challenge is no text": (lambda d: d.wallet.pop(claims={"challenge": 1}), "claim challenge"),
}


@pytest.mark.parametrize("flaw", ATTESTATION_FLAWS)
def test_an_attestation_with_one_flaw_is_refused_for_it(desk: Server, flaw: str) -> None:
    """4.4.3, 4.4.5 A rule of the attestation is broken: 401 ``invalid_client_attestation``."""
    make, reason = ATTESTATION_FLAWS[flaw]
    with pytest.raises(InvalidClientAttestation, match=f"client attestation: .*{reason}") as caught:
        authenticated(desk, Attestation((make(desk),), (desk.wallet.pop(),)))
    assert (caught.value.status, caught.value.error) == (401, "invalid_client_attestation")


@pytest.mark.parametrize("flaw", POP_FLAWS)
def test_a_proof_of_possession_with_one_flaw_is_refused_for_it(desk: Server, flaw: str) -> None:
    """4.4.3, 4.4.5 A rule of the proof of possession is broken."""
    make, reason = POP_FLAWS[flaw]
    with pytest.raises(InvalidClientAttestation, match=f"proof of possession .*{reason}"):
        authenticated(desk, Attestation((desk.wallet.attestation(),), (make(desk),)))


@pytest.mark.parametrize("age", [60, 600])
def test_an_attestation_that_has_expired_has_to_be_made_anew(desk: Server, age: int) -> None:
    """4.4.3, 4.4.5 ``exp`` in the past (module 13): 401 ``use_fresh_attestation``."""
    attestation = desk.wallet.attestation(claims={"exp": desk.wallet.seconds() - age})
    with pytest.raises(UseFreshAttestation) as caught:
        authenticated(desk, Attestation((attestation,), (desk.wallet.pop(),)))
    assert (caught.value.status, caught.value.error) == (401, "use_fresh_attestation")


def test_the_chain_has_to_be_valid_now(desk: Server) -> None:
    """4.4.3 The attester's certificates have run out."""
    desk.clock.forward(days=30)
    with pytest.raises(InvalidClientAttestation, match="chain is valid from"):
        authenticated(desk)


@pytest.mark.parametrize("counts", [(0, 1), (1, 0), (2, 1), (1, 2)])
def test_each_field_stands_there_exactly_once(desk: Server, counts: tuple[int, int]) -> None:
    """4.4.1 A header field is missing, or there twice."""
    sent = desk.wallet.attested()
    with pytest.raises(InvalidClientAttestation, match="exactly one"):
        authenticated(desk, Attestation(tuple(sent.attestations) * counts[0], tuple(sent.proofs) * counts[1]))


def test_an_attester_cannot_speak_for_a_client_of_another() -> None:
    """4.4.3 The attester is kept to other clients."""
    with pytest.raises(InvalidClientAttestation, match="may not speak"):
        authenticated(server(clients=(AttestedClient("another"),)))


def test_an_attester_cannot_speak_for_a_registered_client(desk: Server) -> None:
    """4.4.3 A client that signs for itself is attested by nobody."""
    sent = Attestation((desk.wallet.attestation(claims={"sub": BANK}),), (desk.wallet.pop(claims={"iss": BANK}),))
    with pytest.raises(InvalidClientAttestation, match="another way"):
        authenticated(desk, sent)


def test_a_proof_of_possession_is_used_once(desk: Server) -> None:
    """4.4.3 ``jti`` replay."""
    sent = desk.wallet.attested()
    authenticated(desk, sent)
    desk.clock.forward(seconds=100)
    with pytest.raises(InvalidClient, match="used before"):
        authenticated(desk, sent)


def test_an_attestation_is_used_often(desk: Server) -> None:
    """4.4.3 Only the proof of possession is fresh each time."""
    attestation = desk.wallet.attestation()
    assert authenticated(desk, Attestation((attestation,), (desk.wallet.pop(),))).id
    assert authenticated(desk, Attestation((attestation,), (desk.wallet.pop(),))).id


def test_two_instances_may_choose_the_same_jti(desk: Server) -> None:
    """4.4.3 A ``jti`` is one instance's."""
    other = Instance(desk.clock, desk.wallet.attester, desk.wallet.chain)
    for instance in (desk.wallet, other):
        sent = Attestation((instance.attestation(),), (instance.pop(claims={"jti": "1"}),))
        assert authenticated(desk, sent).id == WALLET


# Challenges


def challenged(desk: Server, challenge: str) -> Attestation:
    return Attestation((desk.wallet.attestation(),), (desk.wallet.pop(claims={"challenge": challenge}),))


def test_a_challenge_of_ours_is_taken(desk: Server) -> None:
    """4.4.6 The challenge endpoint's answer goes into the proof."""
    challenge = desk.services.challenge("amr", "192.0.2.7")["attestation_challenge"]
    assert authenticated(desk, challenged(desk, challenge)).id == WALLET


def test_a_missing_challenge_is_asked_for_and_the_new_one_is_taken() -> None:
    """4.4.6 Missing challenge: 400 ``use_attestation_challenge`` with a fresh one."""
    desk = server(Policy(challenges=True))
    with pytest.raises(UseAttestationChallenge) as caught:
        authenticated(desk)
    assert (caught.value.status, caught.value.error) == (400, "use_attestation_challenge")
    challenge = caught.value.headers["OAuth-Client-Attestation-Challenge"]
    assert 16 <= len(challenge) <= 512
    assert authenticated(desk, challenged(desk, challenge)).id == WALLET


def test_an_old_challenge_is_refused_with_a_new_one(desk: Server) -> None:
    """4.4.6 Old challenge."""
    challenge = desk.services.challenges.fresh(desk.clock())
    desk.clock.forward(minutes=6)
    with pytest.raises(UseAttestationChallenge):
        authenticated(desk, challenged(desk, challenge))


def test_a_made_up_challenge_is_refused(desk: Server) -> None:
    """4.4.6 A challenge that is not ours."""
    with pytest.raises(UseAttestationChallenge):
        authenticated(desk, challenged(desk, "made-up-by-the-wallet"))


def test_a_proof_that_lacks_a_challenge_is_not_used_up() -> None:
    """4.4.6 Nothing is remembered as used before the challenge is there."""
    desk = server(Policy(challenges=True))
    with pytest.raises(UseAttestationChallenge):
        authenticated(desk)
    assert desk.state.kept == {}


# private_key_jwt


def asserted(desk: Server, **changes: str | None) -> Client:
    return authenticated(desk, NOBODY, **desk.bank_form(**changes))


@pytest.mark.parametrize("typ", [None, "JWT", "client-authentication+jwt"])
def test_a_registered_client_signs_for_itself(desk: Server, typ: str | None) -> None:
    """4.4, 1.1 ``private_key_jwt`` with ``aud`` = the issuer as a string."""
    client = asserted(desk, client_assertion=desk.assertion({"typ": typ}), client_id=BANK)
    assert client == Client(BANK, Method.PRIVATE_KEY_JWT, None, ("https://bank.example/back",))


ASSERTION_FLAWS: dict[str, tuple[Callable[[Server], str], str]] = {
    "no JWT": (lambda _: "x", "three parts"),
    "typ of another token": (lambda d: d.assertion({"typ": "dpop+jwt"}), "another type"),
    "alg none": (lambda d: d.assertion({"alg": "none"}), "alg that no key"),
    "signature by a stranger": (lambda d: d.assertion(by=STRANGER), "not signed by a key"),
    "alg is not the key's": (lambda d: d.assertion({"alg": "ES384"}), "not signed by a key"),
    "client is not registered": (lambda d: d.assertion(claims={"iss": "x", "sub": "x"}), "not registered"),
    "iss is missing": (lambda d: d.assertion(claims={"iss": None}), "claim iss"),
    "sub is another": (lambda d: d.assertion(claims={"sub": "x"}), "sub is not iss"),
    "aud is the token endpoint": (lambda d: d.assertion(claims={"aud": f"{ISSUER}/token"}), "as a string"),
    "aud is a list": (lambda d: d.assertion(claims={"aud": [ISSUER]}), "as a string"),
    "exp is missing": (lambda d: d.assertion(claims={"exp": None}), "claim exp is missing"),
    "exp has passed": (lambda d: d.assertion(claims={"exp": d.wallet.seconds() - 61}), "expired"),
    "exp is a day ahead": (lambda d: d.assertion(claims={"exp": d.wallet.seconds() + 86400}), "an hour ahead"),
    "nbf is ahead": (lambda d: d.assertion(claims={"nbf": d.wallet.seconds() + 61}), "not valid yet"),
    "jti is missing": (lambda d: d.assertion(claims={"jti": None}), "claim jti"),
}


@pytest.mark.parametrize("flaw", ASSERTION_FLAWS)
def test_an_assertion_with_one_flaw_is_refused_for_it(desk: Server, flaw: str) -> None:
    """1.1 ``private_key_jwt``: 401 ``invalid_client``."""
    make, reason = ASSERTION_FLAWS[flaw]
    with pytest.raises(InvalidClient, match=f"client assertion: .*{reason}") as caught:
        asserted(desk, client_assertion=make(desk))
    assert (caught.value.status, caught.value.error) == (401, "invalid_client")


def test_an_assertion_is_used_once(desk: Server) -> None:
    """1.1 ``private_key_jwt``: replay."""
    assertion = desk.assertion()
    asserted(desk, client_assertion=assertion)
    with pytest.raises(InvalidClient, match="used before"):
        asserted(desk, client_assertion=assertion)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"client_assertion_type": "urn:x"}, "another type"),
        ({"client_assertion_type": None}, "another type"),
        ({"client_assertion": None}, "three parts"),
        ({"client_id": WALLET}, "client_id is not"),
    ],
)
def test_the_form_of_an_assertion_has_to_fit(desk: Server, changes: dict[str, str | None], reason: str) -> None:
    """1.1 ``private_key_jwt``: the parameters beside the assertion."""
    with pytest.raises(InvalidClient, match=reason):
        asserted(desk, **changes)


def test_two_ways_at_once_are_refused(desk: Server) -> None:
    """RFC 6749, 2.3: one method a request."""
    with pytest.raises(InvalidRequest, match="two ways"):
        authenticated(desk, desk.wallet.attested(), **desk.bank_form())


# Nobody


def nobody(desk: Server, *, anonymous: bool, **form: str) -> Client:
    return desk.services.clients.authenticate(desk.client(form, NOBODY), now=desk.clock(), anonymous=anonymous)


def test_nobody_is_taken_where_that_is_allowed(desk: Server) -> None:
    """4.5.5 Anonymous access; an id that nobody proved is not believed."""
    assert nobody(desk, anonymous=True, client_id="made-up") == Client(None, Method.NONE)


@pytest.mark.parametrize(
    ("anonymous", "form"), [(False, {}), (False, {"client_id": WALLET}), (True, {"client_id": BANK})]
)
def test_nobody_is_refused_elsewhere_and_under_a_registered_name(
    desk: Server, anonymous: bool, form: dict[str, str]
) -> None:
    """4.5.5 Anonymous where it is not allowed: ``invalid_client``."""
    with pytest.raises(InvalidClient, match="not authenticated"):
        nobody(desk, anonymous=anonymous, **form)


def test_every_refusal_of_a_client_is_400_or_401_with_a_word_of_the_list() -> None:
    """4.4.5 The words that a failure may have."""
    words = {"invalid_client", "invalid_client_attestation", "invalid_request", "use_fresh_attestation"}
    for error in (InvalidClient, InvalidClientAttestation, InvalidRequest, UseFreshAttestation):
        kind: type[OAuthError] = error
        assert kind.status in (400, 401)
        assert kind.error in words


def test_what_is_remembered_outlives_the_proof(desk: Server) -> None:
    """4.4.3 A ``jti`` is remembered for at least as long as its proof would be taken."""
    until = desk.clock() + timedelta(seconds=120)
    authenticated(desk)
    assert all(kept.expires_at > until for kept in desk.state.kept.values())
