"""Transaction codes (OpenID4VCI 1.0, 4.1.1): kept as a salted digest, compared in constant time.

A code of a few digits can be found from its digest by trying all; the digest stands in the sealed protocol state, and
the number of wrong tries is limited where the code is spent.
"""

import hashlib
import hmac

from issuer.openid4vci.grants import TxCode
from keys.encoding import b64url_text


def seal_tx_code(code: str, *, input_mode: str, salt: str) -> TxCode:
    """Return the form in which a transaction code is kept; ``input_mode`` is ``numeric`` or ``text``."""
    return TxCode(input_mode, len(code), salt, _digest(code, salt))


def is_tx_code(sealed: TxCode, code: str) -> bool:
    """Tell whether ``code`` is the one that was sealed."""
    return hmac.compare_digest(_digest(code, sealed.salt).encode(), sealed.digest.encode())


def _digest(code: str, salt: str) -> str:
    return b64url_text(hashlib.sha256(salt.encode() + code.encode()).digest())
