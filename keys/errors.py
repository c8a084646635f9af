"""The root of every error that the project raises on purpose.

    EcertError
    ├── KeysError           keys      (this module)
    ├── SchemasError        schemas
    ├── IssuerError         issuer
    ├── VerifierError       verifier
    ├── WalletError         wallet_api
    ├── ServicesError       services
    └── CompositionError    ecert

``code`` is stable: programs, problem documents and tests compare it, never the text. The text is lower case, states the
fact, then what was found and what was expected, and holds no personal data.
"""

from typing import ClassVar


class EcertError(Exception):
    """An error with a stable ``code``; ``str()`` is one sentence that is safe to log and to show."""

    code: ClassVar[str] = "ecert_error"


class KeysError(EcertError):
    """Something about keys, signatures, certificate chains or the trust list is wrong."""

    code = "keys_error"


class InvalidSignature(KeysError):
    """The signature is not one that this key made over these bytes."""

    code = "invalid_signature"


class AlgorithmNotAllowed(KeysError):
    """The token names an algorithm that its key does not allow (RFC 8725, 3.1)."""

    code = "algorithm_not_allowed"


class MalformedKey(KeysError):
    """The key is not well formed, not on its curve, or of a kind that is not supported."""

    code = "malformed_key"


class MalformedToken(KeysError):
    """The token is not well formed: its parts, its encoding, or its JSON."""

    code = "malformed_token"


class DuplicateMember(MalformedToken):
    """A JSON object names the same member twice (RFC 8725, 2.4 and RFC 7515, 4)."""

    code = "duplicate_member"


class ForbiddenHeader(MalformedToken):
    """The header holds a parameter that is never followed: ``jku``, ``x5u``, an unknown ``crit``, ``b64``."""

    code = "forbidden_header"


class TooLarge(MalformedToken):
    """The input is larger, deeper or longer than its limit."""

    code = "too_large"
