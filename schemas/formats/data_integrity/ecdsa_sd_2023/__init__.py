"""The cryptosuite ecdsa-sd-2023 (VC DI ECDSA 1.0, 3.5 and 3.6): a holder shows a part of what was signed.

The issuer's base proof signs each statement apart, with a key made for this document alone, and with the issuer's key
the mandatory statements, the proof's options and that key. The holder derives a proof that leaves out the rest.
"""

from schemas.formats.data_integrity.ecdsa_sd_2023.base import base_proof_value, verify_base
from schemas.formats.data_integrity.ecdsa_sd_2023.derived import derived_part, verify_derived
from schemas.formats.data_integrity.ecdsa_sd_2023.values import BaseValue, DerivedValue, is_base

__all__ = ["BaseValue", "DerivedValue", "base_proof_value", "derived_part", "is_base", "verify_base", "verify_derived"]
