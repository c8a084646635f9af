"""Security headers on every answer: no inline script, no sniffing, no framing unless the operator says so."""

from typing import Any


def security_headers(frame_ancestors: str) -> tuple[tuple[bytes, bytes], ...]:
    """Return the fixed headers; ``frame_ancestors`` is the CSP source list of who may embed the pages."""
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
        f"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors {frame_ancestors}"
    )
    headers = {
        "content-security-policy": policy,
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "permissions-policy": "camera=(self), geolocation=(), microphone=()",
        "cross-origin-opener-policy": "same-origin",
    }
    if frame_ancestors == "'none'":
        headers["x-frame-options"] = "DENY"
    return tuple((name.encode(), value.encode()) for name, value in headers.items())


class SecurityHeaders:
    """ASGI middleware: adds the headers; answers are not stored by caches unless a route says how long."""

    def __init__(self, app: Any, *, frame_ancestors: str) -> None:
        self.app = app
        self.headers = security_headers(frame_ancestors)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one request with the headers added to its answer."""

        async def with_headers(message: Any) -> None:
            if message["type"] == "http.response.start":
                own = list(message.get("headers", ()))
                if not any(name == b"cache-control" for name, _ in own):
                    own.append((b"cache-control", b"no-store"))
                message = message | {"headers": [*own, *self.headers]}
            await send(message)

        await self.app(scope, receive, with_headers)
