"""Security headers on every answer: no inline script, no sniffing, no framing unless the operator says so.

A route that brings a content security policy of its own keeps it, and gets no second one: a browser would hold the
answer to both. The consent page of the authorization server needs that, for its form leads to the wallet.
"""

from typing import Any

POLICY = b"content-security-policy"
HSTS = "max-age=31536000"
"""RFC 6797, 6.1: a year; browsers come by https alone."""


def security_headers(frame_ancestors: str, *, hsts: bool = False) -> tuple[tuple[bytes, bytes], ...]:
    """Return the fixed headers; ``frame_ancestors`` is the CSP source list of who may embed the pages, ``hsts``
    whether the public address is https (FAPI 2.0 Security Profile, 5.2.1)."""
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
    if hsts:
        headers["strict-transport-security"] = HSTS
    return tuple((name.encode(), value.encode()) for name, value in headers.items())


class SecurityHeaders:
    """ASGI middleware: adds the headers; answers are not stored by caches unless a route says how long."""

    def __init__(self, app: Any, *, frame_ancestors: str, hsts: bool = False) -> None:
        self.app = app
        self.headers = security_headers(frame_ancestors, hsts=hsts)
        self.beside_own_policy = tuple(header for header in self.headers if header[0] != POLICY)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one request with the headers added to its answer."""

        async def with_headers(message: Any) -> None:
            if message["type"] == "http.response.start":
                own = list(message.get("headers", ()))
                if not any(name == b"cache-control" for name, _ in own):
                    own.append((b"cache-control", b"no-store"))
                fixed = self.beside_own_policy if any(name == POLICY for name, _ in own) else self.headers
                message = message | {"headers": [*own, *fixed]}
            await send(message)

        await self.app(scope, receive, with_headers)
