"""A client of the verify API, for banks and utilities, sync and async: the only part of ``verifier`` with sockets.

    from verifier.client import Client

    with Client("https://ecert.example", key="test_…") as client:
        made = client.create("water.account-opening", reference="order-17")
        show(made.link, made.qr_svg)
        ended = client.wait(made.id)
        if ended.is_valid:
            name = ended.claims("resident_id_card")["name"]

``pip install "ecert[client]"``. What is refused raises ``ApiProblem``, whose ``problem`` is the stable code of the
problem document. A POST that may be repeated carries an idempotency key of its own; 429 and 503 are waited for as
the server says. ``verify_webhook`` checks what comes to your webhook.
"""

from verifier.client.aio import AsyncClient
from verifier.client.errors import ApiProblem, ClientError, NotReached, StillWaiting, WebhookRefused
from verifier.client.models import Batch, BatchItem, Check, Created, Presented, Result, Shown, Verification, Watch
from verifier.client.sync import Client
from verifier.client.webhooks import WebhookEvent, verify_webhook

__all__ = [
    "ApiProblem",
    "AsyncClient",
    "Batch",
    "BatchItem",
    "Check",
    "Client",
    "ClientError",
    "Created",
    "NotReached",
    "Presented",
    "Result",
    "Shown",
    "StillWaiting",
    "Verification",
    "Watch",
    "WebhookEvent",
    "WebhookRefused",
    "verify_webhook",
]
