"""Errors of VC-JOSE-COSE that VCDM and JWT alone do not know.

CredentialRuleBroken
├── VpModelInvalid          a presentation's own properties (VCDM 2.0, 4.13)
├── EnvelopeInvalid         an enveloped credential or presentation (VCDM 2.0, 4.13.1 and 4.13.2)
├── MemberUndefined         a top-level member that nothing defines
└── SdPathInvalid           a path that names no place
"""

from schemas.formats.errors import CredentialRuleBroken


class VpModelInvalid(CredentialRuleBroken):
    """A property that a presentation must have is absent or of the wrong kind (VCDM 2.0, 4.13)."""

    code = "vp_model_invalid"


class EnvelopeInvalid(CredentialRuleBroken):
    """An enveloped object has not the context, type or data: URL that it must have (VCDM 2.0, 4.13.1)."""

    code = "envelope_invalid"


class MemberUndefined(CredentialRuleBroken):
    """A top-level member is neither of the data model nor a term that a context defines."""

    code = "member_undefined"


class SdPathInvalid(CredentialRuleBroken):
    """The text is no path of names with dots between and positions in brackets."""

    code = "sd_path_invalid"
