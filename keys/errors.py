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


class DecryptionFailed(KeysError):
    """A token was encrypted for another key, or was altered."""

    code = "decryption_failed"


class EncryptionRefused(KeysError):
    """The receiver's key or the algorithms asked for are none that we encrypt with."""

    code = "encryption_refused"


class UnexpectedType(MalformedToken):
    """The token's ``typ`` is not the one that this place takes (RFC 8725, 3.11)."""

    code = "unexpected_typ"


class MalformedDocument(MalformedToken):
    """A signed document of ours breaks a rule of its form; the message and ``field`` name the member."""

    code = "malformed_document"

    def __init__(self, field: str, rule: str) -> None:
        super().__init__(f"{field}: {rule}")
        self.field = field
        self.rule = rule


class MalformedTrustList(MalformedDocument):
    """The trust list breaks a rule of its form."""

    code = "malformed_trust_list"


class MalformedKeptList(MalformedDocument):
    """The kept list breaks a rule of its form."""

    code = "malformed_kept_list"


class UnknownAnchor(InvalidSignature):
    """The document is signed by a key that is not the pinned trust anchor."""

    code = "unknown_anchor"


class NotTrusted(KeysError):
    """The trust list does not give this key to this issuer for this type at this time."""

    code = "not_trusted"


class UnknownIssuer(NotTrusted):
    """The trust list has no entry for this issuer."""

    code = "unknown_issuer"


class IssuerNotEntitled(NotTrusted):
    """The issuer may not issue this type, or not at this time."""

    code = "issuer_not_entitled"


class UnknownIssuerKey(NotTrusted):
    """Neither ``kid`` nor chain selects a key that the issuer has at this time."""

    code = "unknown_issuer_key"


class InvalidChain(KeysError):
    """A certificate chain does not lead to a trust anchor by the rules of RFC 5280, 6."""

    code = "invalid_chain"


class KeyStoreError(KeysError):
    """The key store cannot do what it was asked."""

    code = "key_store_error"


class WrongPassphrase(KeyStoreError):
    """The passphrase is not the one that the key store was made with."""

    code = "wrong_passphrase"


class KeyNotFound(KeyStoreError):
    """The key store has no key of this name."""

    code = "key_not_found"


class KeyAlreadyExists(KeyStoreError):
    """The key store has a key of this name, which is never overwritten."""

    code = "key_already_exists"


class DamagedRecord(KeyStoreError):
    """A record of the key store was changed, cut short, or moved under another name."""

    code = "damaged_record"


class MalformedKeyUri(KeysError):
    """The URI of a key is of no scheme or form that we open."""

    code = "malformed_key_uri"


class HsmError(KeysError):
    """The security module cannot be reached, or refuses what it was asked."""

    code = "hsm_error"
