"""The page of an offer by reference, for the device on which the holder reads the link: plain HTML, no script."""

import base64
from html import escape

from schemas.qr import drawing

_FRAME = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><title>领取电子证照 Receive a certificate</title></head>
<body><main>{content}</main></body></html>
"""
_OPEN = """<h1>领取电子证照</h1><p lang="en">Receive an electronic certificate</p>
<p><a href="{link}">用本机的卡包打开 <span lang="en">Open with the wallet on this device</span></a></p>
<p>卡包在另一台设备上？请用它扫描： <span lang="en">The wallet is on another device? Scan this with it:</span></p>
<figure><img src="data:image/svg+xml;base64,{picture}" width="320" height="320" alt="二维码 QR code"></figure>
<p>只能使用一次，请勿转发。 <span lang="en">It works once; do not pass it on.</span></p>"""
_GONE = """<h1>此链接已失效</h1><p>证照已领取或已过期，请联系发证部门。</p>
<p lang="en">This link is no longer good: the certificate was received, or time is over. Ask the issuing office.</p>"""


def offer_page(link: str) -> bytes:
    """Return the page of an offer that waits."""
    picture = base64.b64encode(drawing.svg(link).encode()).decode()
    return _FRAME.format(content=_OPEN.format(link=escape(link, quote=True), picture=picture)).encode()


def gone_page() -> bytes:
    """Return the page of an offer that is no more."""
    return _FRAME.format(content=_GONE).encode()
