"""Nobody reaches what is not theirs: no token, wrong role, other department, other holder."""

from collections.abc import Iterator

import pytest

from ecert.http.edge import Edge
from ecert.http.metrics import Metrics
from ecert.http.site import document
from ecert.storage.tokens import Role
from tests.support.ecert_world import World

OFFICERS = {"preparer", "approver", "revoker", "auditor"}
READERS = {"counter", "relying_party", "operator"}
ALLOWED = {
    ("post", "/v1/certificates"): {"preparer"},
    ("post", "/v1/certificates/preview"): {"preparer"},
    ("get", "/v1/certificates/{identifier}"): OFFICERS,
    ("post", "/v1/certificates/{identifier}/suspend"): {"revoker"},
    ("post", "/v1/certificates/{identifier}/reinstate"): {"revoker"},
    ("post", "/v1/certificates/{identifier}/revoke"): {"revoker"},
    ("post", "/v1/certificates/{identifier}/cancel"): {"revoker"},
    ("post", "/v1/certificates/{identifier}/replace"): {"preparer"},
    ("post", "/v1/certificates/{identifier}/copies"): {"preparer"},
    ("post", "/v1/orders"): {"preparer"},
    ("get", "/v1/orders"): OFFICERS,
    ("get", "/v1/orders/{order_id}"): OFFICERS,
    ("post", "/v1/orders/{order_id}/approve"): {"approver"},
    ("post", "/v1/orders/{order_id}/decline"): {"approver"},
    ("post", "/v1/orders/{order_id}/withdraw"): {"preparer"},
    ("post", "/v1/orders/{order_id}/offers"): {"preparer"},
    ("post", "/v1/offers"): {"preparer"},
    ("get", "/v1/proposals"): OFFICERS,
    ("get", "/v1/proposals/{proposal_id}"): OFFICERS,
    ("post", "/v1/proposals/{proposal_id}/confirm"): {"approver"},
    ("post", "/v1/proposals/{proposal_id}/decline"): {"approver"},
    ("get", "/v1/wallet/certificates"): {"holder"},
    ("get", "/v1/wallet/certificates/{credential_id}"): {"holder"},
    ("get", "/v1/wallet/credentials/{credential_id}"): {"holder"},
    ("get", "/v1/wallet/history"): {"holder"},
    ("post", "/v1/wallet/qr"): {"holder"},
    ("post", "/v1/wallet/qr/begin"): {"holder"},
    ("post", "/v1/wallet/qr/complete"): {"holder"},
    ("post", "/v1/wallet/qr/renew"): {"holder"},
    ("post", "/v1/wallet/purposes"): {"holder"},
    ("get", "/v1/wallet/snapshots"): {"holder"},
    ("post", "/v1/wallet/snapshots"): {"holder"},
    ("post", "/v1/wallet/presentations"): {"holder"},
    ("post", "/v1/wallet/presentations/begin"): {"holder"},
    ("post", "/v1/wallet/presentations/complete"): {"holder"},
    ("post", "/v1/wallet/keys/challenge"): {"holder"},
    ("post", "/v1/wallet/keys"): {"holder"},
    ("post", "/v1/wallet/offers"): {"holder"},
    ("post", "/v1/wallet/offers/{offer_id}/accept"): {"holder"},
    ("delete", "/v1/wallet/offers/{offer_id}"): {"holder"},
    ("get", "/v1/wallet/receivings/{receiving_id}"): {"holder"},
    ("post", "/v1/wallet/receivings/{receiving_id}/signatures"): {"holder"},
    ("post", "/v1/wallet/logins"): {"holder"},
    ("get", "/v1/wallet/sources"): {"holder"},
    ("post", "/v1/wallet/sources/{source_id}/fetch"): {"holder"},
    ("get", "/v1/wallet/delegations"): {"holder"},
    ("post", "/v1/wallet/delegations"): {"holder"},
    ("post", "/v1/wallet/delegations/begin"): {"holder"},
    ("post", "/v1/wallet/delegations/complete"): {"holder"},
    ("post", "/v1/wallet/delegations/of"): {"holder"},
    ("post", "/v1/wallet/delegations/qr/complete"): {"holder"},
    ("post", "/v1/wallet/delegations/qr/renew"): {"holder"},
    ("post", "/v1/wallet/delegations/presentations/complete"): {"holder"},
    ("post", "/v1/wallet/delegations/{delegation_id}/recall"): {"holder"},
    ("post", "/v1/wallet/delegations/{delegation_id}/presentations"): {"holder"},
    ("post", "/v1/wallet/delegations/{delegation_id}/presentations/begin"): {"holder"},
    ("post", "/v1/wallet/delegations/{delegation_id}/qr"): {"holder"},
    ("post", "/v1/wallet/delegations/{delegation_id}/qr/begin"): {"holder"},
    ("post", "/v1/wallet/requests"): {"holder"},
    ("post", "/v1/wallet/requests/{request_id}/share"): {"holder"},
    ("post", "/v1/wallet/requests/{request_id}/signatures"): {"holder"},
    ("post", "/v1/wallet/requests/{request_id}/decline"): {"holder"},
    ("post", "/v1/wallet/history/{presentation_id}/deletion"): {"holder"},
    ("post", "/v1/wallet/history/{presentation_id}/report"): {"holder"},
    ("post", "/v1/batches"): {"relying_party"},
    ("get", "/v1/batches"): {"relying_party"},
    ("get", "/v1/batches/{batch_id}"): {"relying_party"},
    ("post", "/v1/batches/{batch_id}/items"): {"relying_party"},
    ("post", "/v1/batches/{batch_id}/cancel"): {"relying_party"},
    ("get", "/v1/batches/{batch_id}/results"): {"relying_party"},
    ("post", "/v1/watches"): {"relying_party"},
    ("get", "/v1/watches"): {"relying_party"},
    ("delete", "/v1/watches/{watch_id}"): {"relying_party"},
    ("post", "/v1/test/wallet/answer"): {"relying_party"},
    ("post", "/v1/test/presentations"): {"relying_party"},
    ("post", "/v1/references"): READERS,
    ("post", "/v1/verifications/present"): READERS,
    ("post", "/v1/verifications"): {"relying_party"},
    ("get", "/v1/verifications"): {"relying_party"},
    ("get", "/v1/verifications/{verification_id}"): {"relying_party"},
    ("post", "/v1/verifications/{verification_id}/response"): {"relying_party"},
    ("get", "/v1/verifications/{verification_id}/qr.png"): {"relying_party"},
    ("get", "/v1/verifications/{verification_id}/receipt"): {"relying_party"},
    ("post", "/v1/webhooks"): {"relying_party"},
    ("get", "/v1/webhooks"): {"relying_party"},
    ("delete", "/v1/webhooks/{webhook_id}"): {"relying_party"},
    ("get", "/v1/webhooks/deliveries"): {"relying_party"},
    ("post", "/v1/webhooks/deliveries/{delivery_id}/replay"): {"relying_party"},
    ("post", "/v1/share/queryCert"): {"relying_party"},
    ("post", "/v1/share/queryCertInfo"): {"relying_party"},
    ("post", "/v1/share/queryByDuty"): {"relying_party"},
    ("post", "/v1/share/verifyCertInfo"): {"relying_party"},
    ("post", "/v1/share/getCertRemarkInfo"): {"relying_party"},
    ("post", "/v1/share/downloadUrl"): {"relying_party"},
    ("get", "/v1/pack"): READERS | {"auditor"},
    ("get", "/v1/pack/age"): READERS | {"auditor"},
    ("post", "/v1/tokens"): {"operator"},
    ("get", "/v1/tokens"): {"operator"},
    ("delete", "/v1/tokens/{token_id}"): {"operator"},
    ("post", "/v1/parties"): {"operator"},
    ("get", "/v1/parties"): {"operator", "auditor"},
    ("get", "/v1/parties/{party_id}"): {"operator", "auditor"},
    ("put", "/v1/parties/{party_id}"): {"operator"},
    ("put", "/v1/parties/{party_id}/status"): {"operator"},
    ("get", "/v1/parties/{party_id}/purposes"): {"operator", "auditor"},
    ("post", "/v1/parties/{party_id}/keys"): {"operator"},
    ("get", "/v1/parties/{party_id}/keys"): {"operator"},
    ("delete", "/v1/parties/{party_id}/keys/{key_id}"): {"operator"},
}
OPEN = {
    "/v1/anchor",
    "/v1/types",
    "/v1/types/{type_id}",
    "/v1/types/{type_id}/purposes",
    "/wallet/status/{list_number}",
    "/v1/purposes/{type_id}",
    "/v1/share/files/{link}",  # a secret that works once
    "/status/{list_id}",
    "/status/{list_id}/{purpose}",
    "/status-messages",
    "/issuers/{department_id}/status-lists",
    "/issuers/{department_id}/jwks.json",
    "/issuers/{department_id}/offers/{offer_id}",
    "/issuers/{department_id}/offers/{offer_id}/open",
    "/.well-known/jwt-vc-issuer/issuers/{department_id}",
    "/types/{type_id}/{revision}",
    "/types/{type_id}/{revision}/card.{locale}.svg",
    "/schemas/{type_id}/{revision}",
    "/schemas/{type_id}/{revision}/{kind}",
    "/contexts/{type_id}/{revision}",
    "/healthz",
    "/readyz",
    "/metrics",
}

PROTOCOL = (
    {
        f"/issuers/{{department_id}}/{name}"
        for name in ("par", "token", "challenge", "nonce", "credential", "deferred_credential", "notification")
    }
    | {
        f"/.well-known/{name}/issuers/{{department_id}}"
        for name in ("openid-credential-issuer", "oauth-authorization-server")
    }
    | {f"/openid4vp/{{transaction_id}}/{name}" for name in ("request", "response")}
    | {"/v1/oauth/token", "/.well-known/oauth-authorization-server/v1/oauth"}
)
"""Routes of OpenID4VCI and OpenID4VP: who comes proves itself by the protocol's own means (tests/issuer/openid4vci), or
has the address of a transaction, which nobody guesses (tests/verifier/openid4vp)."""


def address(path: str) -> str:
    return path.replace("{", "").replace("}", "")


def test_every_route_is_in_one_of_the_two_lists(still_world: World) -> None:
    paths = document(still_world.client.app, Edge(Metrics()))["paths"]
    found = {(method, path) for path, operations in paths.items() for method in operations}
    assert {pair for pair in found if pair[1] not in OPEN | PROTOCOL} == set(ALLOWED)


@pytest.mark.parametrize(("method", "path"), sorted(ALLOWED))
def test_a_route_refuses_without_a_token(still_world: World, method: str, path: str) -> None:
    answer = still_world.client.request(method, address(path))
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


@pytest.mark.parametrize(("method", "path"), sorted(ALLOWED))
def test_a_route_refuses_every_other_role(still_world: World, method: str, path: str) -> None:
    statuses = {}
    for role in set(map(str, Role)) - ALLOWED[method, path]:
        answer = still_world.client.request(method, address(path), headers=still_world.token(role))
        statuses[role] = (answer.status_code, answer.json()["code"])
    assert set(statuses.values()) == {(403, "not_permitted")}


def refused_tokens(still_world: World) -> Iterator[dict[str, str]]:
    yield {"Authorization": "Bearer unknown"}
    yield {"Authorization": "Basic dXNlcjpwYXNz"}
    yield {"Authorization": "Bearer " + "x" * 300}
    yield {"Authorization": "Bearer"}


def test_what_is_no_token_in_force_opens_nothing(still_world: World) -> None:
    for header in refused_tokens(still_world):
        assert still_world.client.get("/v1/wallet/certificates", headers=header).status_code == 401


def test_a_refusal_names_the_scheme(still_world: World) -> None:
    assert still_world.client.get("/v1/tokens").headers["www-authenticate"] == "Bearer"


def test_a_token_in_the_query_opens_nothing(still_world: World) -> None:
    token = still_world.token("operator")["Authorization"].removeprefix("Bearer ")
    assert still_world.client.get(f"/v1/tokens?access_token={token}").status_code == 401


def test_an_expired_token_opens_nothing(world: World) -> None:
    header = world.token("operator")
    world.clock.forward(days=2)
    assert world.client.get("/v1/tokens", headers=header).status_code == 401


def test_another_departments_certificate_cannot_be_looked_up(still_world: World) -> None:
    answer = still_world.client.get(
        f"/v1/certificates/{still_world.licence()}", headers=still_world.token("auditor", department="psb")
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted")


def test_another_departments_certificate_cannot_be_revoked(still_world: World) -> None:
    body = {"legal_reason": "吊销", "officer": "O-1", "case_number": "1"}
    header = still_world.token("revoker", department="psb")
    answer = still_world.client.post(f"/v1/certificates/{still_world.licence()}/revoke", json=body, headers=header)
    assert answer.status_code == 403
    assert still_world.container.state_of(still_world.licence()) == "issued"


def test_another_departments_type_cannot_be_issued(still_world: World) -> None:
    body = {"type_id": "business_licence", "claims": still_world.claims()}
    answer = still_world.client.post(
        "/v1/certificates", json=body, headers=still_world.token("preparer", department="psb")
    )
    assert answer.status_code == 403


def test_another_departments_type_cannot_be_previewed(still_world: World) -> None:
    body = {"type_id": "business_licence", "claims": still_world.claims()}
    answer = still_world.client.post(
        "/v1/certificates/preview", json=body, headers=still_world.token("preparer", department="psb")
    )
    assert answer.status_code == 403


def test_another_departments_certificate_cannot_be_replaced(still_world: World) -> None:
    body = {"legal_reason": "变更", "officer": "O-1", "case_number": "1", "claims": still_world.claims()}
    header = still_world.token("preparer", department="psb")
    answer = still_world.client.post(f"/v1/certificates/{still_world.licence()}/replace", json=body, headers=header)
    assert answer.status_code == 403


@pytest.mark.parametrize("place", ["certificates", "credentials"])
def test_another_holders_credential_is_not_there(still_world: World, place: str) -> None:
    theirs = still_world.container.wallet.holdings.certificates(still_world.enterprise())[0].newest.credential_id
    mine = still_world.token("holder", holder_id=still_world.person())
    answer = still_world.client.get(f"/v1/wallet/{place}/{theirs}", headers=mine)
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_credential")


def test_another_holders_credential_cannot_be_shown(still_world: World) -> None:
    theirs = still_world.container.wallet.holdings.certificates(still_world.enterprise())[0].newest.credential_id
    mine = still_world.token("holder", holder_id=still_world.person())
    body = {"credential_id": theirs, "purpose": "窗口办事"}
    assert still_world.client.post("/v1/wallet/qr", json=body, headers=mine).status_code == 404


def test_a_holder_without_a_wallet_is_unknown(still_world: World) -> None:
    answer = still_world.client.get("/v1/wallet/certificates", headers=still_world.token("holder", holder_id="nobody"))
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_holder")
