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
        "max_bytes",
    ]


def test_evidence_has_these_fields() -> None:
    names = [field.name for field in fields(Evidence)]
    assert names == ["trust", "types", "status_lists", "kept", "seen", "next_update"]


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
    ]


def test_the_checks_are_these() -> None:
    assert tuple(REASONS_BY_CHECK) == CHECKS


def test_the_reasons_are_these() -> None:
    assert set(REASONS) == set(PINNED.split())


PINNED = """
    algorithm_not_allowed audience_mismatch claim_already_present dates_malformed digest_twice disclosure_twice
    disclosure_unreferenced disclosures_match duplicate_member expired forbidden_header holder_bound holder_key_missing
    holder_key_other holder_key_unsupported in_force invalid_signature issued_in_future issuer_listed
    issuer_not_entitled key_binding_algorithm_refused key_binding_claim_invalid key_binding_malformed
    key_binding_missing key_binding_not_required key_binding_signature_invalid key_binding_wrong_type key_withdrawn
    key_withdrawn_but_kept malformed_digests malformed_disclosure malformed_sd_jwt malformed_token nested_too_deep
    never_selective no_key_binding nonce_mismatch not_reached not_selective not_yet_valid pack_stale
    presentation_fresh presentation_in_future presentation_replayed presentation_too_old registered_claim_invalid
    replaced reserved_claim_name revoked sd_hash_mismatch signature_valid status_claim_invalid status_hard_stop
    status_index_out_of_bounds status_list_expired status_list_in_future status_list_missing
    status_list_of_another_issuer status_list_stale status_list_untrusted status_not_referenced status_not_required
    status_other status_valid suspended too_large too_many_disclosures trust_list_stale type_accepted
    type_not_accepted type_unknown unknown_issuer unknown_issuer_key unsupported_sd_alg vc_claim_forbidden
    vc_claims_conflict vc_model_invalid vct_invalid well_formed wrong_disclosure_kind wrong_type
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
