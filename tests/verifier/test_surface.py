"""The public surface: short, listed, pinned. Adding is allowed; renaming needs a line in the changelog."""

import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import verifier
from schemas.report import CHECKS, Check, Report
from schemas.report_texts import REASONS, REASONS_BY_CHECK
from verifier import Evidence, Policy, pipeline

ROOT = Path(__file__).resolve().parent.parent.parent
HEAVY = ("pydantic", "fastapi", "starlette", "sqlmodel", "sqlalchemy", "stdnum", "qrcode", "httpx", "issuer", "ecert")
HEAVY += ("wallet_api", "services", "PIL", "zxingcpp", "pyzbar")


def test_the_names_are_these() -> None:
    assert verifier.__all__ == [
        "COUNTER_AUDIENCE",
        "Evidence",
        "Pack",
        "Policy",
        "Report",
        "Verdict",
        "accept_status_list",
        "open_pack",
        "presentation_digest",
        "verify",
    ]
    assert all(hasattr(verifier, name) for name in verifier.__all__)


def test_a_policy_has_these_fields() -> None:
    assert [field.name for field in fields(Policy)] == [
        "accepted_types",
        "audience",
        "nonce",
        "require_key_binding",
        "require_status",
        "holder_key",
        "max_presentation_age",
        "max_future_skew",
        "status_max_age",
        "status_hard_stop",
        "leeway",
        "did_issuers",
        "max_bytes",
    ]


def test_evidence_has_these_fields() -> None:
    names = [field.name for field in fields(Evidence)]
    assert names == ["trust", "types", "status_lists", "kept", "seen", "next_update", "anchor", "recall_lists"]


def test_a_report_and_its_rows_have_these_fields() -> None:
    assert [field.name for field in fields(Check)] == ["code", "outcome", "reason", "facts"]
    assert [field.name for field in fields(Report)] == [
        "checks",
        "verified_at",
        "format",
        "issuer",
        "issuer_name_zh",
        "issuer_name_en",
        "vct",
        "type_id",
        "status_age_seconds",
        "_claims",
        "type_name_zh",
        "type_name_en",
        "printed_copy",
        "shown",
        "wanted_lists",
    ]


def test_the_checks_are_these() -> None:
    assert tuple(REASONS_BY_CHECK) == CHECKS


def test_the_reasons_are_these() -> None:
    assert set(REASONS) == set(PINNED.split())


PINNED = """
    algorithm_not_allowed audience_mismatch bitstring_entry_invalid bitstring_purpose_mismatch bitstring_too_short
    by_delegation
    cbor_duplicate_key cbor_indefinite_length cbor_key_order cbor_key_refused cbor_not_shortest cbor_too_deep
    cbor_too_large cbor_too_many_items cbor_trailing_bytes claim_already_present claim_key_refused claim_key_unknown
    claim_value_invalid context_invalid context_unknown cose_header_forbidden cose_payload_detached cryptosuite_unknown
    cwt_claim_invalid dates_malformed digest_twice disclosure_twice disclosure_unreferenced disclosures_match
    duplicate_member envelope_invalid expired forbidden_header holder_bound holder_key_missing holder_key_other
    holder_key_unsupported id_relative in_force inflated_too_large invalid_signature iri_invalid issued_in_future
    issuer_is_its_own_key issuer_listed issuer_not_controller issuer_not_entitled json_not_canonicalizable
    json_pointer_malformed json_pointer_unmatched jsonld_processor_missing jsonld_too_large jsonld_unsupported
    key_binding_algorithm_refused key_binding_claim_invalid key_binding_malformed key_binding_missing
    key_binding_not_required key_binding_signature_invalid key_binding_times_contradict key_binding_unexpected
    key_binding_wrong_type key_unfit_for_cryptosuite key_withdrawn key_withdrawn_but_kept malformed_base45
    malformed_cbor malformed_cose malformed_digests malformed_disclosure malformed_key malformed_packing
    malformed_sd_cwt malformed_sd_jwt malformed_token nested_too_deep never_selective no_key_binding nonce_mismatch
    not_reached not_selective not_yet_valid nothing_selected one_credential_expected pack_stale pdf_contradicts
    poison_graph presentation_fresh presentation_in_future presentation_replayed presentation_too_old
    previous_proof_invalid previous_proof_missing printed_copy printed_copy_invalid proof_context_mismatch
    proof_created_invalid proof_cycle proof_expires_invalid proof_id_invalid proof_id_twice proof_malformed
    proof_member_invalid proof_missing proof_purpose_invalid proof_purpose_mismatch proof_type_invalid
    proof_value_invalid proof_value_prefix_wrong proof_value_undecodable protected_term_redefined
    redaction_tag_refused registered_claim_invalid replaced reserved_claim_name revoked sd_base_signature_malformed
    sd_components_wrong sd_cwt_cnf_missing sd_cwt_subject_missing sd_cwt_times_contradict sd_hash_mismatch
    sd_header_wrong sd_hmac_key_malformed sd_label_map_incomplete sd_label_map_malformed
    sd_mandatory_indexes_malformed sd_mandatory_pointers_malformed sd_not_cbor sd_public_key_malformed
    sd_signature_count_wrong sd_signatures_malformed sd_statement_signature_invalid secured_document_malformed
    selection_not_signed signature_valid status_claim_invalid status_hard_stop status_index_out_of_bounds
    status_list_expired status_list_in_future status_list_missing status_list_not_fetched
    status_list_of_another_issuer status_list_stale
    status_list_untrusted status_not_referenced status_not_required status_other status_valid suspended term_null
    term_undefined too_large too_many_disclosures too_many_proofs trust_list_stale type_accepted type_not_accepted
    type_undefined type_unknown unknown_dictionary unknown_issuer unknown_issuer_key unknown_qr_text unknown_type
    unsupported_sd_alg value_dropped vc_claim_forbidden vc_claims_conflict vc_model_invalid vct_invalid
    verification_method_invalid vp_model_invalid well_formed wrong_disclosure_kind wrong_type
"""


def test_the_import_is_light() -> None:
    code = f"import sys, verifier; print(sorted(set({HEAVY!r}) & {{name.partition('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_command_loads_no_server_either() -> None:
    banned = [name for name in HEAVY if name not in ("PIL", "zxingcpp", "pyzbar")]
    code = (
        f"import sys, verifier.cli; print(sorted(set({banned!r}) & {{name.partition('.')[0] for name in sys.modules}}))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_steps_of_the_pipeline_are_the_rows_of_the_report() -> None:
    numbered = re.findall(r"^(\d)\. (\w+)", pipeline.__doc__ or "", re.MULTILINE)
    assert numbered == [(str(number), code) for number, code in enumerate(CHECKS, start=1)]
