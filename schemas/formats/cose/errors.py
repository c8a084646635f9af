"""Errors of CBOR and COSE: one class and one stable code for every reason.

    FormatError
    ├── CborError                                           bytes that are not one deterministic CBOR item
    │   ├── MalformedCbor, CborTooLarge, CborTooDeep, CborTooManyItems, CborTrailingBytes
    │   ├── CborIndefiniteLength, CborNotShortest           RFC 8949, 4.2.1
    │   ├── CborKeyOrder, CborDuplicateKey, CborKeyRefused  of maps
    │   └── CborNotWritable                                 a value that has no deterministic form here
    └── CoseError                                           CBOR that is not the COSE message expected
        └── MalformedCose, CoseHeaderForbidden, CosePayloadDetached, CosePayloadTwice, CwtClaimInvalid

Algorithms, keys and signatures that do not fit are errors of ``keys``, as for JWS.
"""

from schemas.formats.errors import FormatError


class CborError(FormatError):
    """The bytes are not one CBOR item in deterministic encoding."""

    code = "cbor_error"


class MalformedCbor(CborError):
    """The bytes end early, or are no CBOR at all (RFC 8949, appendix F)."""

    code = "malformed_cbor"


class CborTooLarge(CborError):
    """There are more bytes than the limit."""

    code = "cbor_too_large"


class CborTooDeep(CborError):
    """Arrays, maps and tags nest deeper than the limit."""

    code = "cbor_too_deep"


class CborTooManyItems(CborError):
    """There are more data items than the limit."""

    code = "cbor_too_many_items"


class CborTrailingBytes(CborError):
    """Bytes follow after the item."""

    code = "cbor_trailing_bytes"


class CborIndefiniteLength(CborError):
    """A string, array or map has an indefinite length (RFC 8949, 4.2.1, rule 2)."""

    code = "cbor_indefinite_length"


class CborNotShortest(CborError):
    """An integer, a length or a float is not in its shortest form (RFC 8949, 4.2.1, rule 1)."""

    code = "cbor_not_shortest"


class CborKeyOrder(CborError):
    """A map's keys are not in the bytewise order of their encodings (RFC 8949, 4.2.1, rule 3)."""

    code = "cbor_key_order"


class CborDuplicateKey(CborError):
    """A map holds a key twice (RFC 8949, 5.6)."""

    code = "cbor_duplicate_key"


class CborKeyRefused(CborError):
    """A map's key is neither integer, text, bytes nor an unassigned simple value."""

    code = "cbor_key_refused"


class CborNotWritable(CborError):
    """A value is of a kind that is not written: a set, a date, an integer of more than 64 bits."""

    code = "cbor_not_writable"


class CoseError(FormatError):
    """The item is not the COSE message that is expected."""

    code = "cose_error"


class MalformedCose(CoseError):
    """The message, a header or a key has not the form that RFC 9052 gives it."""

    code = "malformed_cose"


class CoseHeaderForbidden(CoseError):
    """A header holds what is never followed (``crit``, ``x5u``), or a label stands where it has no protection."""

    code = "cose_header_forbidden"


class CosePayloadDetached(CoseError):
    """The message carries no payload, and the caller gave none."""

    code = "cose_payload_detached"


class CosePayloadTwice(CoseError):
    """The message carries its payload, and the caller gave one as well."""

    code = "cose_payload_twice"


class CwtClaimInvalid(CoseError):
    """A claim of a CWT is of the wrong kind (RFC 8392, 3.1)."""

    code = "cwt_claim_invalid"
