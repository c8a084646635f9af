"""W3C VC-JOSE-COSE: credentials and presentations of VCDM 2.0 as JWT, SD-JWT and COSE_Sign1; VCDM 1.1 as JWT.

kinds           credential or presentation, and the types that a header says
jwt             vc+jwt, vp+jwt
sd_jwt          vc+sd-jwt, vp+sd-jwt
cose            application/vc+cose, application/vp+cose
jwt_vc_json     VCDM 1.1: the claims ``vc`` and ``vp`` under ``typ`` JWT
enveloped       EnvelopedVerifiableCredential and its data: URL
presentations   the rules of a presentation
members         top-level members that nothing defines
features        all of it by the name of a feature, for the command

A form has two readings. ``secured_by`` judges the securing alone: signature, types, forbidden claims, the shape of the
document. ``credential_by`` and ``presentation_by`` read dates and registered claims on top, for a verifier.
"""
