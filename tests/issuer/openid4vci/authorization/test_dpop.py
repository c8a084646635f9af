"""DPoP proofs at an endpoint: row 4.6.4 whole, and what stands round it. One flaw at a time."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from issuer.openid4vci.authorization.dpop import DpopProofs, DpopRequest
from issuer.openid4vci.errors import InvalidDpopProof, UseDpopNonce
from issuer.openid4vci.nonces import Nonces
from keys.algorithms import Algorithm
from keys.encoding import b64url
from keys.signer import SoftwareSigner
from tests.support.oauth import CREDENTIAL_URL, Proof, Server, encoded, server

KEY = SoftwareSigner.generate()
OTHER = SoftwareSigner.generate()
P521 = SoftwareSigner.generate(Algorithm.ES512)
TOKEN = "token-1"


@pytest.fixture
def desk() -> Server:
    return server()


def check(desk: Server, *proofs: str, url: str = CREDENTIAL_URL, proofs_of: DpopProofs | None = None) -> str:
    """Check and record, as an endpoint does; return the thumbprint."""
    dpop = proofs_of or desk.services.dpop
    proof = dpop.check(DpopRequest("POST", url, proofs, TOKEN), now=desk.clock())
    dpop.record(proof, now=desk.clock())
    return proof.jkt


def made(desk: Server, key: SoftwareSigner = KEY, *, url: str = CREDENTIAL_URL, **claims: object) -> str:
    return desk.wallet.dpop("POST", url, Proof(key, claims=claims), token=TOKEN)


def headed(desk: Server, key: SoftwareSigner = KEY, **header: object) -> str:
    return desk.wallet.dpop("POST", CREDENTIAL_URL, Proof(key, header=header), token=TOKEN)


def test_a_good_proof_gives_its_keys_thumbprint(desk: Server) -> None:
    """4.6.4 A correct proof works, again and again."""
    assert check(desk, made(desk)) == check(desk, made(desk)) == KEY.public_key.kid


@pytest.mark.parametrize(
    ("algorithm", "alg"), [(Algorithm.ES384, "ES384"), (Algorithm.EDDSA, "EdDSA"), (Algorithm.EDDSA, "Ed25519")]
)
def test_a_key_of_each_algorithm_is_taken(desk: Server, algorithm: Algorithm, alg: str) -> None:
    """4.2.2 What ``dpop_signing_alg_values_supported`` says."""
    key = SoftwareSigner.generate(algorithm)
    assert check(desk, headed(desk, key, alg=alg)) == key.public_key.kid


FLAWS: dict[str, tuple[Callable[[Server], str], str]] = {
    "no JWT": (lambda _: "this is no JWT", "three parts"),
    "header without typ": (lambda d: headed(d, typ=None), "another type"),
    "header without alg": (lambda d: headed(d, alg=None), "alg that no key"),
    "header without jwk": (lambda d: headed(d, jwk=None), "not a JSON object"),
    "wrong typ": (lambda d: headed(d, typ="JWT"), "another type"),
    "alg none": (lambda d: headed(d, alg="none"), "alg that no key"),
    "alg RS256": (lambda d: headed(d, alg="RS256"), "alg that no key"),
    "alg HS256": (lambda d: headed(d, alg="HS256"), "alg that no key"),
    "alg is not the key's": (lambda d: headed(d, alg="ES384"), "alg ES384"),
    "key of another algorithm": (lambda d: headed(d, P521, alg="ES512"), "expected one of"),
    "key is a symmetric one": (lambda d: headed(d, jwk={"kty": "oct", "k": "AAAA"}), "private"),
    "private key in jwk": (lambda d: headed(d, jwk={**KEY.public_key.jwk, "d": "AA"}), "private"),
    "bad signature": (lambda d: headed(d, OTHER, jwk=dict(KEY.public_key.jwk)), "signature"),
    "unknown crit": (lambda d: headed(d, crit=["x"]), "never followed"),
    "a key by address": (lambda d: headed(d, jku="https://x"), "never followed"),
    "without jti": (lambda d: made(d, jti=None), "claim jti"),
    "without htm": (lambda d: made(d, htm=None), "claim htm"),
    "without htu": (lambda d: made(d, htu=None), "claim htu"),
    "without iat": (lambda d: made(d, iat=None), "claim iat"),
    "without ath": (lambda d: made(d, ath=None), "claim ath"),
    "jti too long": (lambda d: made(d, jti="x" * 1025), "claim jti"),
    "htm is PUT": (lambda d: made(d, htm="PUT"), "htm names another method"),
    "htm in lower case": (lambda d: made(d, htm="post"), "htm names another method"),
    "htu of another path": (lambda d: made(d, url=CREDENTIAL_URL + "/x"), "htu names another"),
    "htu of another host": (lambda d: made(d, url="https://evil.example/issuers/amr/credential"), "htu names another"),
    "htu of another port": (
        lambda d: made(d, url=CREDENTIAL_URL.replace(".example", ".example:8443")),
        "htu names another",
    ),
    "htu of another scheme": (lambda d: made(d, url=CREDENTIAL_URL.replace("https", "http")), "htu names another"),
    "htu with a user": (lambda d: made(d, url=CREDENTIAL_URL.replace("://", "://u@")), "htu is no address"),
    "htu with a broken port": (
        lambda d: made(d, url=CREDENTIAL_URL.replace(".example", ".example:99999")),
        "htu is no address",
    ),
    "htu with a blank": (lambda d: made(d, url=CREDENTIAL_URL + " "), "htu is no address"),
    "iat an hour ago": (lambda d: made(d, iat=d.wallet.seconds() - 3600), "just now"),
    "iat an hour ahead": (lambda d: made(d, iat=d.wallet.seconds() + 3600), "just now"),
    "iat no time": (lambda d: made(d, iat=True), "claim iat is no time"),
    "wrong ath": (lambda d: made(d, ath="x" * 43), "ath is not"),
}


@pytest.mark.parametrize("flaw", FLAWS)
def test_a_proof_with_one_flaw_is_refused_for_it(desk: Server, flaw: str) -> None:
    """4.6.4 Each negative of ``dpop-negative-tests``."""
    make, reason = FLAWS[flaw]
    with pytest.raises(InvalidDpopProof, match=reason) as caught:
        check(desk, make(desk))
    assert (caught.value.status, caught.value.error) == (400, "invalid_dpop_proof")


def test_a_proof_that_names_a_member_twice_is_refused(desk: Server) -> None:
    """4.6.4 JSON that can be read in two ways."""
    head = b'{"alg":"ES256","alg":"ES256","typ":"dpop+jwt"}'
    with pytest.raises(InvalidDpopProof, match="twice"):
        check(desk, b".".join((b64url(head), b64url(b"{}"), b64url(b"x" * 64))).decode())


@pytest.mark.parametrize("count", [0, 2])
def test_a_request_has_exactly_one_proof(desk: Server, count: int) -> None:
    """4.6.1 No proof; 4.6.4 two ``DPoP`` header fields."""
    with pytest.raises(InvalidDpopProof, match=f"{count} DPoP proofs"):
        check(desk, *(made(desk) for _ in range(count)))


def test_a_proof_of_another_length_than_a_token_has_is_refused(desk: Server) -> None:
    """4.6.4 A limit on what comes from outside."""
    with pytest.raises(InvalidDpopProof, match="limit"):
        check(desk, encoded({"alg": "ES256"}, {"pad": "x" * 20_000}, KEY.sign))


@pytest.mark.parametrize(
    "url",
    [
        CREDENTIAL_URL + "?a=1#b",
        CREDENTIAL_URL,
        CREDENTIAL_URL.replace("https://ecert.example", "HTTPS://ECERT.EXAMPLE"),
        CREDENTIAL_URL.replace(".example", ".example:443"),
        CREDENTIAL_URL.replace("credential", "%63redential"),
    ],
)
def test_an_address_may_be_written_in_several_ways(desk: Server, url: str) -> None:
    """4.6.4 ``htu`` with query and fragment, in capitals, with the default port; RFC 3986, 6.2.2."""
    assert check(desk, made(desk, url=url))


def test_an_address_without_a_path_is_one_with_the_root_path(desk: Server) -> None:
    """RFC 3986, 6.2.3; a port that is not the default counts."""
    proof = made(desk, url="http://localhost:8440?x")
    assert check(desk, proof, url="http://localhost:8440/")


def test_an_escape_that_means_something_stays_an_escape(desk: Server) -> None:
    """RFC 3986, 6.2.2.1: only its letters may be of either case."""
    assert check(desk, made(desk, url="https://h.example/a%2fb"), url="https://h.example/a%2Fb")
    with pytest.raises(InvalidDpopProof, match="htu names another"):
        check(desk, made(desk, url="https://h.example/a/b"), url="https://h.example/a%2Fb")


@pytest.mark.parametrize("seconds", [-60, -10, 10, 60])
def test_clocks_may_differ_by_a_minute(desk: Server, seconds: int) -> None:
    """4.6.3 ``iat`` 10 s old or ahead, and up to 60."""
    assert check(desk, made(desk, iat=desk.wallet.seconds() + seconds))


def test_members_that_nobody_knows_do_no_harm(desk: Server) -> None:
    """4.6.3 ``nbf`` and ``exp``; 4.6.4 extra members of header and claims; a nonce nobody asked for."""
    now = desk.wallet.seconds()
    extra = Proof(KEY, header={"kid": "x"}, claims={"nbf": now, "exp": now + 300, "x": [1], "nonce": "n"})
    assert check(desk, desk.wallet.dpop("POST", CREDENTIAL_URL, extra, token=TOKEN))


@pytest.mark.parametrize("seconds", [0, 59])
def test_a_proof_is_used_once(desk: Server, seconds: int) -> None:
    """4.6.4 A ``jti`` that was used before, for as long as the proof would be taken."""
    proof = made(desk)
    check(desk, proof)
    desk.clock.forward(seconds=seconds)
    with pytest.raises(InvalidDpopProof, match="used before"):
        check(desk, proof)


def test_two_keys_may_choose_the_same_jti(desk: Server) -> None:
    """4.6.4 A ``jti`` is one key's."""
    assert check(desk, made(desk, jti="1")) != check(desk, made(desk, OTHER, jti="1"))


def test_a_proof_that_was_only_looked_at_is_not_used_up(desk: Server) -> None:
    """4.4.4 Nothing is remembered before everything else holds."""
    request = DpopRequest("POST", CREDENTIAL_URL, (made(desk),), TOKEN)
    assert desk.services.dpop.check(request, now=desk.clock()) == desk.services.dpop.check(request, now=desk.clock())


def test_no_access_token_no_ath(desk: Server) -> None:
    """RFC 9449, 5: at the token endpoint ``ath`` is not asked for, and does no harm."""
    proofs = (desk.wallet.dpop("POST", CREDENTIAL_URL, Proof(KEY)),)
    assert desk.services.dpop.check(DpopRequest("POST", CREDENTIAL_URL, proofs), now=desk.clock())


# Nonce mode


@pytest.fixture
def nonced(desk: Server) -> DpopProofs:
    return DpopProofs(desk.state, nonces=Nonces(b"s" * 32, "dpop", desk.random))


def test_a_missing_nonce_is_asked_for_and_one_round_trip_suffices(desk: Server, nonced: DpopProofs) -> None:
    """4.6.2 400 ``use_dpop_nonce`` with ``DPoP-Nonce``; then it holds."""
    with pytest.raises(UseDpopNonce) as caught:
        check(desk, made(desk), proofs_of=nonced)
    assert (caught.value.status, caught.value.error) == (400, "use_dpop_nonce")
    assert check(desk, made(desk, nonce=caught.value.headers["DPoP-Nonce"]), proofs_of=nonced)


@pytest.mark.parametrize("seconds", [-3600, 3600])
def test_with_a_nonce_the_time_of_the_proof_does_not_count(desk: Server, nonced: DpopProofs, seconds: int) -> None:
    """4.6.2 ``iat`` an hour off succeeds where nonces are used."""
    nonce = Nonces(b"s" * 32, "dpop", desk.random).fresh(desk.clock())
    assert check(desk, made(desk, nonce=nonce, iat=desk.wallet.seconds() + seconds), proofs_of=nonced)


def test_a_proof_with_a_nonce_is_used_once_for_as_long_as_the_nonce_is_good(desk: Server, nonced: DpopProofs) -> None:
    """4.6.4 ``jti`` in nonce mode: the memory is as long as the nonce lives."""
    proof = made(desk, nonce=Nonces(b"s" * 32, "dpop", desk.random).fresh(desk.clock()))
    check(desk, proof, proofs_of=nonced)
    desk.clock.forward(minutes=5)
    with pytest.raises(InvalidDpopProof, match="used before"):
        check(desk, proof, proofs_of=nonced)


@pytest.mark.parametrize("age", [timedelta(minutes=5, seconds=1), timedelta(minutes=-2)])
def test_a_nonce_that_is_too_old_or_from_tomorrow_is_replaced(desk: Server, nonced: DpopProofs, age: timedelta) -> None:
    """4.6.2 An old nonce is answered like a missing one."""
    nonce = Nonces(b"s" * 32, "dpop", desk.random).fresh(desk.clock() - age)
    with pytest.raises(UseDpopNonce):
        check(desk, made(desk, nonce=nonce), proofs_of=nonced)


def foreign(desk: Server) -> list[object]:
    return [
        Nonces(b"x" * 32, "dpop", desk.random).fresh(desk.clock()),
        Nonces(b"s" * 32, "challenge", desk.random).fresh(desk.clock()),
        "not base64url!",
        "AAAA",
        7,
    ]


@pytest.mark.parametrize("index", range(5))
def test_what_is_no_nonce_of_ours_is_replaced(desk: Server, nonced: DpopProofs, index: int) -> None:
    """4.6.2 Another secret's, another purpose's, none at all."""
    with pytest.raises(UseDpopNonce):
        check(desk, made(desk, nonce=foreign(desk)[index]), proofs_of=nonced)


def test_a_broken_proof_gets_no_nonce(desk: Server, nonced: DpopProofs) -> None:
    """4.6.4 A proof that breaks a rule is refused for it, with a nonce or without."""
    with pytest.raises(InvalidDpopProof, match="htm"):
        check(desk, made(desk, htm="PUT"), proofs_of=nonced)
