"""SD-CWT documents of a certificate (docs/adr/0015): full ones, purpose certificates, printed copies."""

from issuer.documents import Document
from issuer.frames import Frame
from keys.encoding import b64url_text
from keys.signer import Signer
from schemas.formats.disclosures import Salt
from schemas.formats.sd_cwt import credential
from schemas.formats.sd_cwt.credential import Content, PrintedCopy
from schemas.formats.status_claim import StatusReference


def sign(final: Document, signer: Signer, *, salt: Salt) -> str:
    """Return the signed SD-CWT of a document as base64url; raises as ``credential.issue``."""
    frame = final.frame
    status = frame.status
    content = Content(
        issuer=frame.issuer,
        # A pseudonym for this credential alone: unique with the issuer, and nothing that its status does not say.
        subject=f"{status.uri}#{status.index}",
        vct=frame.certificate_type.vct,
        iat=int(frame.issued_at.timestamp()),
        exp=int(frame.expires_at.timestamp()),
        fields=final.claims,
        redacted=final.selective,
        status=StatusReference(status.uri, status.index),
        holder_key=frame.holder_key,
        printed_copy=_mark(frame),
    )
    return b64url_text(credential.issue(content, signer, salt=salt))


def _mark(frame: Frame) -> PrintedCopy | None:
    if frame.copy is None:
        return None
    made, expires = int(frame.issued_at.timestamp()), int(frame.expires_at.timestamp())
    return PrintedCopy(frame.copy.maker, frame.copy.cause, made, expires)
