"""Schemathesis over an application in memory: bounded, with a fixed seed, and without its own transport."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import httpx
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.support.ecert_world import Client

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
_SEED = 20_260_302


def operations(document: Mapping[str, Any]) -> list[Any]:
    """Return every operation of an OpenAPI document."""
    return [found.ok() for found in schemathesis.openapi.from_dict(dict(document)).get_all_operations()]


def ask(client: Client, case: Any, headers: Mapping[str, str]) -> httpx.Response:
    """Send a case in memory."""
    sent = case.as_transport_kwargs(base_url="http://testserver")
    given_headers = {name: value for name, value in (sent.get("headers") or {}).items() if value is not None}
    return client.request(
        sent["method"],
        sent["url"],
        params=sent.get("params"),
        headers={**given_headers, **headers},
        **_body(sent),
    )


def _body(sent: Mapping[str, Any]) -> dict[str, Any]:
    if sent.get("data") is not None:
        data = sent["data"]
        return (
            {"content": data.encode() if isinstance(data, str) else data}
            if not isinstance(data, dict)
            else {"data": data}
        )
    return {"json": sent["json"]} if "json" in sent else {}


def keep_contract(
    client: Client,
    operation: Any,
    *,
    examples: int,
    headers: Mapping[str, str] | None = None,
    also: Iterable[Callable[[Any, httpx.Response], None]] = (),
) -> None:
    """Ask an operation with what it takes and with what it does not; raises for an answer that it does not document."""
    strategy = operation.as_strategy(generation_mode=GenerationMode.POSITIVE) | operation.as_strategy(
        generation_mode=GenerationMode.NEGATIVE
    )

    @seed(_SEED)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy)
    def run(case: Any) -> None:
        answer = ask(client, case, headers or {})
        case.validate_response(answer, checks=CHECKS)
        for check in also:
            check(case, answer)

    run()
