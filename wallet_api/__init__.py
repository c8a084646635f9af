"""The holder's side (持证主体): receiving, holding, selecting, presenting, and remembering what was shown.

    wallet = Wallet(wallets=..., custody=..., check=..., clock=..., randomness=..., secret=..., audience=...)
    shown = wallet.showing.show_qr(holder_id, Wanted(("name",), type_id=type_id), purpose="办理入住 Check-in")

``ports`` says what the wallet needs from outside, ``records`` what is kept, ``errors`` what can go wrong. Each use case
is a module: ``holders``, ``receiving``, ``holdings``, ``selection`` (pure), ``presenting``, ``showing``, ``history``.
"""

from wallet_api.errors import WalletError
from wallet_api.history import HistoryPage
from wallet_api.holdings import CertificateView, HeldCertificate
from wallet_api.presenting import Begun, Presented
from wallet_api.receiving import Receipt
from wallet_api.selection import Wanted
from wallet_api.showing import COUNTER_AUDIENCE, Challenge, ShownQr
from wallet_api.wallet import Wallet

__all__ = [
    "COUNTER_AUDIENCE",
    "Begun",
    "CertificateView",
    "Challenge",
    "HeldCertificate",
    "HistoryPage",
    "Presented",
    "Receipt",
    "ShownQr",
    "Wallet",
    "WalletError",
    "Wanted",
]
