"""The signature of the file: PAdES baseline B-B (ETSI EN 319 142-1) by the department's key and chain.

It is a certifying one that permits no change. It serves viewers and archives; a verifier of certificates judges what is
attached and the code (``verifier.pdf_reading``).
"""

import io

from asn1crypto import algos, x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner
from pyhanko.sign.signers import Signer as CmsSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore

from ecert.copies.ports import CopyContent
from ecert.errors import CopyWriterMissing
from keys.algorithms import EC, Algorithm, raw_to_der
from keys.signer import Signer

FIELD = "Issuer"
# RFC 5753 for ECDSA; RFC 8419, 2.2: Ed25519 goes with SHA-512.
_DIGESTS = {Algorithm.ES256: "sha256", Algorithm.ES384: "sha384", Algorithm.ES512: "sha512", Algorithm.EDDSA: "sha512"}


class _Department(CmsSigner):
    """A department's signer as pyHanko wants one; the private key stays where it is."""

    def __init__(self, signer: Signer) -> None:
        chain = [x509.Certificate.load(each) for each in signer.chain]
        store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        store.register_multiple(chain[1:])
        self._signer = signer
        name = "ed25519" if signer.public_key.algorithm is Algorithm.EDDSA else f"{_digest(signer)}_ecdsa"
        mechanism = algos.SignedDigestAlgorithm({"algorithm": name})
        super().__init__(signing_cert=chain[0], cert_registry=store, signature_mechanism=mechanism)

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        """Return the signature over ``data``, for ECDSA as DER (RFC 3279, 2.2.3)."""
        del digest_algorithm, dry_run
        raw, parameters = self._signer.sign(data), EC.get(self._signer.public_key.algorithm)
        return raw if parameters is None else raw_to_der(raw, parameters.size)


def signed(document: bytes, signer: Signer, content: CopyContent) -> bytes:
    """Return ``document`` with the department's signature.

    Raises:
        CopyWriterMissing: the department's key has no certificate.
    """
    if not signer.chain:
        raise CopyWriterMissing("the department's key has no certificate to sign a PDF with")
    metadata = PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm=_digest(signer),
        subfilter=SigSeedSubFilter.PADES,
        reason=f"加注件 {content.cause}",
        name=content.face.issuer_zh,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
    )
    writer = IncrementalPdfFileWriter(io.BytesIO(document))
    out = PdfSigner(metadata, _Department(signer)).sign_pdf(writer)
    return bytes(out.getbuffer())


def _digest(signer: Signer) -> str:
    return _DIGESTS[signer.public_key.algorithm]
