"""A code that a wallet shows, as the routes answer it."""

import base64
from typing import Any

from schemas.qr import animation
from wallet_api.showing import GOOD_FOR, SIGNED_EVERY, ShownQr


def drawn(shown: ShownQr, image: str) -> dict[str, Any]:
    """Return a code with its pictures as data URIs; ``image`` is "svg" or "png". Drawing takes its time."""
    kind = "image/png" if image == "png" else "image/svg+xml"
    pictures = shown.pictures(png=image == "png")
    uris = [f"data:{kind};base64,{base64.b64encode(picture).decode()}" for picture in pictures]
    return {
        "mode": "reference" if shown.by_reference else "inline",
        "image": uris[0],
        "images": uris,
        "frames": shown.frames,
        "frames_a_second": animation.FRAMES_A_SECOND,
        "fields": shown.presented.fields,
        "renewal": shown.renewal,
        "renew_after": int(SIGNED_EVERY.total_seconds()),
        "text": shown.text,
        "expires_at": shown.expires_at,
        "seconds": int(GOOD_FOR.total_seconds()),
    }
