"""The command line: every command in process, a few as real processes."""

import os
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from ecert import cli
from ecert.cli import main
from ecert.wiring import Container, open_container, utc_now
from issuer.lifecycle import Decision
from keys.anchor import Anchor
from schemas.examples import example_claims
from schemas.order import CredentialFormat, HolderId
from schemas.qr import reading
from schemas.types import certificate_type
from schemas.validity import day_of
from tests.support.ecert_world import settings_of
from verifier import open_pack

Capture = pytest.CaptureFixture[str]
DECISION = ["--reason", "吊销", "--officer", "O-17", "--case", "示例-2026-0042"]


def holder_of(home: Path, type_id: str = "business_licence") -> tuple[HolderId, str]:
    """Return who holds a certificate of a type, and its identifier."""
    with open_container(settings_of(home)) as container:
        for holder in container.wallet.holders.page(limit=500):
            for held in container.wallet.holdings.certificates(holder.holder_id):
                if held.type_id == type_id:
                    return holder.holder_id, held.identifier
    raise AssertionError(type_id)


def records(folder: Path, *scopes: str) -> Path:
    """Write business licences, one for each scope, as JSON Lines."""
    claims = example_claims(certificate_type("business_licence"), today=day_of(utc_now()))
    path = folder / "records.jsonl"
    rows = [claims | {"business_scope": scope, "row_key": f"key-{scope}"} for scope in scopes]
    path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    return path


def test_the_commands_are_the_stable_ones() -> None:
    assert list(cli.COMMANDS) == [
        "demo", "serve", "types", "issue", "order", "proposal", "suspend", "reinstate", "revoke", "cancel",
        "replace", "present", "purpose", "copy", "party", "pack", "verify", "receipt", "webhook", "jose-cose",
        "status", "keys", "tls", "db", "audit", "check-config",
    ]  # fmt: skip


def test_without_a_command_the_help_is_printed(capsys: Capture) -> None:
    assert main([]) == 3
    assert "签发 / issue" in capsys.readouterr().err.replace("批量", "")


def test_help_is_in_two_languages(capsys: Capture) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert all(zh in shown and en in shown for zh, en in cli.COMMANDS.values())


def test_an_unknown_command_could_not_run(capsys: Capture) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["fly"])
    assert ended.value.code == 3


@pytest.mark.parametrize("command", list(cli.COMMANDS))
def test_every_command_has_help(command: str, capsys: Capture) -> None:
    try:
        code: object = main([command, "--help"])
    except SystemExit as ended:
        code = ended.code
    assert code == 0
    assert "ecert" in capsys.readouterr().out


def test_a_wrong_argument_could_not_run(capsys: Capture) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["issue", "--nonsense"])
    assert ended.value.code == 3


def test_importing_the_command_line_loads_no_framework() -> None:
    heavy = ["fastapi", "sqlalchemy", "pydantic", "rich", "uvicorn", "jinja2"]
    code = f"import sys, ecert.cli; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_types_are_listed_a_line_each_id_first(capsys: Capture) -> None:
    assert main(["types"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 40
    assert lines[0].split()[0] == "resident_id_card"


def test_one_type_is_shown_with_its_fields(capsys: Capture) -> None:
    assert main(["types", "show", "resident_id_card"]) == 0
    shown = capsys.readouterr().out
    assert "id_number" in shown
    assert "公民身份号码" in shown


def test_an_error_of_ours_is_explained_with_its_code(capsys: Capture) -> None:
    assert main(["types", "show", "no_such_type"]) == 3
    assert "没有这种证照类型 / No such certificate type [unknown_type]" in capsys.readouterr().err


def test_an_unknown_error_shows_an_incident_and_not_its_text(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise RuntimeError("陈大文")

    monkeypatch.setattr("ecert.cli.types.all_types", broken)
    assert main(["types"]) == 3
    shown = capsys.readouterr().err
    assert "incident" in shown
    assert "陈大文" not in shown


@pytest.mark.parametrize(("error", "code"), [(KeyboardInterrupt(), 130), (BrokenPipeError(), 0)])
def test_being_stopped_is_no_incident(error: BaseException, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped() -> None:
        raise error

    monkeypatch.setattr("ecert.cli.types.all_types", stopped)
    assert main(["types"]) == code


def test_valid_settings_are_printed_without_secrets(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECERT_PASSPHRASE", "hunter2")
    assert main(["check-config"]) == 0
    shown = capsys.readouterr().out
    assert "hunter2" not in shown
    assert "ECERT_PORT                   8440 (default)" in shown


def test_every_fault_of_the_settings_is_printed(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECERT_PORT", "0")
    monkeypatch.setenv("ECERT_PROT", "8440")
    assert main(["check-config"]) == 3
    shown = capsys.readouterr().out
    assert "faults: 2" in shown
    assert "did you mean ECERT_PORT" in shown


def test_faulty_settings_stop_a_command_with_all_faults(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECERT_PORT", "0")
    assert main(["keys", "list"]) == 3
    assert "ECERT_PORT: expected a whole number" in capsys.readouterr().err


def test_a_file_of_records_is_issued_and_summed_up(command_home: Path, tmp_path: Path, capsys: Capture) -> None:
    path = records(tmp_path, "甲", "乙")
    assert main(["issue", "--type", "business_licence", "--input", str(path)]) == 0
    shown = capsys.readouterr().out
    assert "issued: 2" in shown
    assert f"{path}.errors.csv" in shown


def test_the_same_file_again_issues_nothing_new(command_home: Path, tmp_path: Path, capsys: Capture) -> None:
    path = records(tmp_path, "甲")
    main(["issue", "--type", "business_licence", "--input", str(path)])
    assert main(["issue", "--type", "business_licence", "--input", str(path)]) == 0
    assert "issued before: 1" in capsys.readouterr().out


def test_a_bad_row_is_left_out_and_reported(command_home: Path, tmp_path: Path, capsys: Capture) -> None:
    path = records(tmp_path, "甲", "乙")
    path.write_text(path.read_text("utf-8").replace("91440799MA5X00014T", "91440799MA5X00014X", 1), "utf-8")
    report = tmp_path / "report.csv"
    arguments = ["issue", "--type", "business_licence", "--input", str(path), "--report", str(report)]
    assert main(arguments) == 1
    assert "refused: 1" in capsys.readouterr().out
    assert "unified_social_credit_code" in report.read_text("utf-8-sig")


def test_checking_issues_nothing(command_home: Path, tmp_path: Path, capsys: Capture) -> None:
    path = records(tmp_path, "甲")
    assert main(["issue", "--type", "business_licence", "--input", str(path), "--check"]) == 0
    assert "could be issued: 1" in capsys.readouterr().out
    main(["issue", "--type", "business_licence", "--input", str(path)])
    assert "issued: 1" in capsys.readouterr().out


def test_holders_and_their_certificates_are_listed(command_home: Path, capsys: Capture) -> None:
    holder, identifier = holder_of(command_home)
    assert main(["present"]) == 0
    assert holder in capsys.readouterr().out
    assert main(["present", "--holder", holder]) == 0
    assert identifier in capsys.readouterr().out


@pytest.mark.parametrize("name", ["show.png", "show.svg"])
def test_a_picture_of_chosen_fields_is_written(command_home: Path, tmp_path: Path, capsys: Capture, name: str) -> None:
    holder, _ = holder_of(command_home)
    out = tmp_path / name
    arguments = ["--type", "business_licence", "--fields", "address, business_scope", "--out", str(out)]
    assert main(["present", "--holder", holder, *arguments]) == 0
    assert "address, business_scope" in capsys.readouterr().out
    assert out.stat().st_size > 1000


def test_a_picture_of_too_many_fields_holds_a_reference(command_home: Path, tmp_path: Path, capsys: Capture) -> None:
    holder, _ = holder_of(command_home)
    fields = [field.name for field in certificate_type("business_licence").fields if field.selective]
    chosen = ",".join(name for name in fields if name not in ("organisation_form", "registration_division"))
    out = tmp_path / "show.png"
    arguments = ["--type", "business_licence", "--fields", chosen, "--out", str(out)]
    assert main(["present", "--holder", holder, *arguments]) == 0
    assert reading.read(out.read_bytes()).texts[0].startswith("ecert:r/")
    assert "verified online" in capsys.readouterr().out


def test_a_picture_of_another_kind_is_refused(command_home: Path, capsys: Capture) -> None:
    holder, _ = holder_of(command_home)
    assert main(["present", "--holder", holder, "--type", "business_licence", "--out", "show.gif"]) == 3


def test_a_pack_and_its_anchor_are_written(command_home: Path, tmp_path: Path, capsys: Capture) -> None:
    assert main(["pack", "build", "--out", str(tmp_path / "pack.jws")]) == 0
    anchor = Anchor.from_json((tmp_path / "anchor.json").read_bytes())
    assert anchor.keys[0].kid in capsys.readouterr().out
    open_pack((tmp_path / "pack.jws").read_text(), anchor=anchor, now=utc_now())


def test_what_was_presented_is_verified_by_the_same_command_line(
    command_home: Path, tmp_path: Path, capsys: Capture
) -> None:
    holder, _ = holder_of(command_home)
    out, pack, anchor = (str(tmp_path / name) for name in ("show.png", "pack.jws", "a.json"))
    main(["present", "--holder", holder, "--type", "business_licence", "--out", out])
    main(["pack", "build", "--out", pack, "--anchor-out", anchor])
    assert main(["verify", out, "--pack", pack, "--anchor", anchor]) == 0
    assert "VALID" in capsys.readouterr().out


def test_revoking_is_a_dry_run_without_yes(command_home: Path, capsys: Capture) -> None:
    _, identifier = holder_of(command_home)
    assert main(["revoke", identifier, *DECISION]) == 0
    assert "dry run" in capsys.readouterr().out
    with open_container(settings_of(command_home)) as container:
        assert container.state_of(identifier) == "issued"  # type: ignore[arg-type]


def test_revoking_with_yes_revokes_and_publishes(command_home: Path, capsys: Capture) -> None:
    _, identifier = holder_of(command_home)
    assert main(["revoke", identifier, *DECISION, "--yes"]) == 0
    shown = capsys.readouterr().out
    assert "issued -> revoked" in shown
    assert "status lists published" in shown


def test_a_licence_is_suspended_reinstated_and_cancelled(command_home: Path, capsys: Capture) -> None:
    _, identifier = holder_of(command_home, "driving_licence")
    for command in ("suspend", "reinstate", "cancel"):
        assert main([command, identifier, *DECISION, "--yes"]) == 0
    assert "issued -> cancelled" in capsys.readouterr().out


def test_an_act_that_is_not_allowed_could_not_run(command_home: Path, capsys: Capture) -> None:
    _, identifier = holder_of(command_home)
    assert main(["suspend", identifier, *DECISION, "--yes"]) == 3
    assert "act_not_allowed" in capsys.readouterr().err


def test_a_list_that_is_not_published_is_named(capsys: Capture) -> None:
    from ecert.cli.acts import published

    assert published(("https://cert.example.org/status/1",)) == 1
    assert "pending: https://cert.example.org/status/1" in capsys.readouterr().out


def test_replacing_is_a_dry_run_without_yes(command_home: Path, tmp_path: Path, capsys: Capture) -> None:
    _, identifier = holder_of(command_home)
    path = records(tmp_path, "丙")
    assert main(["replace", identifier, *DECISION, "--input", str(path)]) == 0
    assert "version 2\n" in capsys.readouterr().out


def test_replacing_with_yes_issues_the_next_version(command_home: Path, tmp_path: Path, capsys: Capture) -> None:
    _, identifier = holder_of(command_home)
    path = records(tmp_path, "丙")
    assert main(["replace", identifier, *DECISION, "--input", str(path), "--yes"]) == 0
    assert "next version" in capsys.readouterr().out


def test_replacing_by_two_records_is_refused(command_home: Path, tmp_path: Path, capsys: Capture) -> None:
    _, identifier = holder_of(command_home)
    path = records(tmp_path, "丙", "丁")
    assert main(["replace", identifier, *DECISION, "--input", str(path), "--yes"]) == 3
    assert "2 records, expected one" in capsys.readouterr().err


def test_replacing_by_a_bad_record_says_what_is_wrong(command_home: Path, tmp_path: Path, capsys: Capture) -> None:
    _, identifier = holder_of(command_home)
    path = records(tmp_path, "丙")
    path.write_text(path.read_text("utf-8").replace("91440799MA5X00014T", "91440799MA5X00014X"), "utf-8")
    assert main(["replace", identifier, *DECISION, "--input", str(path)]) == 3
    assert "unified_social_credit_code" in capsys.readouterr().err


def test_keys_are_listed_with_their_state(command_home: Path, capsys: Capture) -> None:
    assert main(["keys", "list"]) == 0
    shown = capsys.readouterr().out
    assert "amr" in shown
    assert "当前 present" in shown


def present_kid(home: Path, department: str = "amr") -> str:
    with open_container(settings_of(home)) as container:
        return container.trust.signer(department).public_key.kid


def test_rotating_is_a_dry_run_without_yes(command_home: Path, capsys: Capture) -> None:
    before = present_kid(command_home)
    assert main(["keys", "rotate", "--department", "amr"]) == 0
    assert present_kid(command_home) == before


def test_rotating_with_yes_gives_a_new_key(command_home: Path, capsys: Capture) -> None:
    before = present_kid(command_home)
    assert main(["keys", "rotate", "--department", "amr", "--yes"]) == 0
    assert present_kid(command_home) != before


def test_a_department_that_issues_nothing_has_no_key_to_rotate(command_home: Path, capsys: Capture) -> None:
    assert main(["keys", "rotate", "--department", "tax"]) == 3


def test_withdrawing_is_a_dry_run_without_yes(command_home: Path, capsys: Capture) -> None:
    assert main(["keys", "withdraw", f"--kid={present_kid(command_home)}", "--reason", "泄露"]) == 0
    assert "dry run" in capsys.readouterr().out


def verified(home: Path, folder: Path) -> int:
    """Present the business licence and verify it offline with a new pack."""
    holder, _ = holder_of(home)
    out, pack, anchor = (str(folder / name) for name in ("show.png", "pack.jws", "anchor.json"))
    main(["present", "--holder", holder, "--type", "business_licence", "--out", out])
    main(["pack", "build", "--out", pack])
    return main(["verify", out, "--pack", pack, "--anchor", anchor])


def test_what_a_withdrawn_key_signed_stays_good_when_it_is_kept(
    command_home: Path, tmp_path: Path, capsys: Capture
) -> None:
    kid = present_kid(command_home)
    assert main(["keys", "withdraw", f"--kid={kid}", "--reason", "泄露", "--yes"]) == 0
    assert verified(command_home, tmp_path) == 0


def test_what_a_withdrawn_key_signed_is_refused_when_nothing_is_kept(
    command_home: Path, tmp_path: Path, capsys: Capture
) -> None:
    kid = present_kid(command_home)
    assert main(["keys", "withdraw", f"--kid={kid}", "--reason", "泄露", "--keep-none", "--yes"]) == 0
    assert verified(command_home, tmp_path) == 1
    assert main(["keys", "withdraw", f"--kid={kid}", "--reason", "泄露", "--yes"]) == 3


def test_the_database_is_upgraded_backed_up_restored_and_checked(
    command_home: Path, tmp_path: Path, capsys: Capture
) -> None:
    copy = tmp_path / "backup.db"
    assert main(["db", "upgrade"]) == 0
    assert main(["db", "backup", str(copy)]) == 0
    _, identifier = holder_of(command_home)
    main(["revoke", identifier, *DECISION, "--yes"])
    assert main(["db", "restore", str(copy)]) == 0
    assert main(["db", "restore", str(copy), "--yes"]) == 0
    with open_container(settings_of(command_home)) as container:
        assert container.state_of(identifier) == "issued"  # type: ignore[arg-type]
    assert main(["db", "check"]) == 0


def test_a_schema_that_differs_is_reported(
    command_home: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ecert.storage.migrate.check", lambda _: ["a column is missing"])
    assert main(["db", "check"]) == 1
    assert "differs: a column is missing" in capsys.readouterr().out


def test_a_wrong_passphrase_is_explained(command_home: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECERT_PASSPHRASE", "another one")
    assert main(["keys", "list"]) == 3
    assert "wrong_passphrase" in capsys.readouterr().err


def test_the_installed_command_runs() -> None:
    command = Path(sys.executable).with_name("ecert")
    done = subprocess.run([command, "types"], capture_output=True, text=True, check=False, env=dict(os.environ))
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 40)


def test_serving_prints_addresses_and_the_first_token_once(command_home: Path, capsys: Capture) -> None:
    from ecert.cli.serve import prepare

    with open_container(settings_of(command_home)) as container:
        prepare(container, with_seed=True)
        first = capsys.readouterr().out
        prepare(container, with_seed=False)
        second = capsys.readouterr().out
        token = first.partition("shown once:\n  ")[2].splitlines()[0]
        assert _role(container, token) == "operator"
    assert "http://127.0.0.1:8440/wallet#token=" in first
    assert "shown once" not in second
    assert "seeded: 0" in first


def test_seeding_fetches_codes_ahead_once(command_home: Path, capsys: Capture) -> None:
    from ecert.demo.seed import prefetch

    with open_container(settings_of(command_home)) as container:
        assert prefetch(container) >= 120
        assert prefetch(container) == 0


def test_what_is_revoked_gets_no_codes_ahead(command_home: Path) -> None:
    from ecert.demo.seed import prefetch

    with open_container(settings_of(command_home)) as container:
        (held,) = [
            (holder.holder_id, one.identifier)
            for holder in container.wallet.holders.page(limit=500)
            for one in container.wallet.holdings.certificates(holder.holder_id)
            if one.type_id == "business_licence"
        ]
        container.life.revoke(held[1], Decision("吊销", officer="示例-1", case_number="1"))
        prefetch(container)
        assert not any(container.wallet.holdings.certificate(*held).ahead.values())


def _role(container: Container, token: str) -> str:
    found = container.storage.tokens.find(token, now=utc_now())
    assert found is not None
    return found.role


def test_serving_beyond_this_machine_says_so(command_home: Path, capsys: Capture) -> None:
    from ecert.cli.serve import prepare

    with open_container(settings_of(command_home, HOST="::")) as container:
        prepare(container, with_seed=False)
    assert "use TLS" in capsys.readouterr().out


def test_serve_hands_the_application_to_the_server(
    command_home: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, object] = {}
    monkeypatch.setattr("uvicorn.run", lambda app, **kwargs: given.update(kwargs, app=app))
    monkeypatch.setattr("ecert.cli.serve.configure_logging", lambda: None)
    assert main(["serve"]) == 0
    assert (given["host"], given["port"], given["access_log"]) == ("127.0.0.1", 8440, False)


@pytest.mark.parametrize("form", CredentialFormat)
def test_a_certificate_is_issued_presented_and_verified_in_each_format(
    command_home: Path, tmp_path: Path, capsys: Capture, form: CredentialFormat
) -> None:
    path = records(tmp_path, "甲")
    assert main(
        ["issue", "--type", "business_licence", "--input", str(path), "--formats", f"dc+sd-jwt,{form}"]
    ) == 0 or (form is CredentialFormat.SD_JWT_VC)
    holder, _ = holder_of(command_home)
    out, pack, anchor = (str(tmp_path / name) for name in ("show.txt", "pack.jws", "a.json"))
    terms = ["--format", form, "--nonce", "b25jZQ", "--audience", "https://bank.example", "--out", out]
    chosen = ["--type", "business_licence", "--fields", "address"]
    assert main(["present", "--holder", holder, *chosen, *terms]) == 0
    assert "address" in capsys.readouterr().out
    main(["pack", "build", "--out", pack, "--anchor-out", anchor])
    terms = ["--nonce", "b25jZQ", "--audience", "https://bank.example"]
    assert main(["verify", out, "--pack", pack, "--anchor", anchor, *terms]) == 0


def test_a_format_that_is_none_is_refused(command_home: Path, tmp_path: Path, capsys: Capture) -> None:
    path = records(tmp_path, "甲")
    assert main(["issue", "--type", "business_licence", "--input", str(path), "--formats", "mso_mdoc"]) == 3
    assert "mso_mdoc" in capsys.readouterr().err


def test_a_presentation_without_a_nonce_is_refused(command_home: Path, tmp_path: Path) -> None:
    holder, _ = holder_of(command_home)
    arguments = ["--type", "business_licence", "--format", "vc+jwt", "--out", str(tmp_path / "show.txt")]
    assert main(["present", "--holder", holder, *arguments]) == 3
