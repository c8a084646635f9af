"""The pages' templates and scripts fit each other: there is no build step that would say so."""

import os
import re
import shutil
import subprocess

import pytest

from ecert import pages
from schemas.formats import delegation
from schemas.report_texts_delegation import CHECK
from tests.support.delegations import Showing
from verifier import acting

SCRIPTS = (("wallet", "wallet"), ("wallet", "receive"), ("wallet", "consent"), ("counter", "counter"))


def script(name: str) -> str:
    return (pages.STATIC / f"{name}.js").read_text(encoding="utf-8")


def ids(name: str) -> set[str]:
    return set(re.findall(r'\bid="([^"]+)"', pages.render(name).decode()))


@pytest.mark.parametrize(("page", "name"), SCRIPTS)
def test_a_script_finds_every_element_that_it_names(page: str, name: str) -> None:
    named = set(re.findall(r'\$\("([^"]+)"\)', script(name) + script("client")))
    assert named <= ids(page)


@pytest.mark.parametrize("name", ["receive", "consent"])
def test_a_dialog_has_every_part_that_it_goes_through(name: str) -> None:
    parts = re.search(r"parts: (\[[^]]+\])", script(name))
    assert parts is not None
    shared = set(re.findall(r'\bown\("([^"]+)"\)', script("dialog")))
    assert {"alert", "link", "state", "done"} <= shared
    needed = {"open", "progress", *shared, *re.findall(r'"(\w+)"', parts[1])}
    assert {f"{name}-{part}" for part in needed} <= ids("wallet")
    shown = set(re.findall(r'\bshow\("([^"]+)"\)', script(name)))
    assert shown <= needed


@pytest.mark.parametrize("name", [*(name for _, name in SCRIPTS), "dialog"])
def test_a_script_takes_from_the_shared_one_what_that_gives(name: str) -> None:
    taken = re.search(r'import \{ ([^}]+) \} from "/assets/client.js"', script(name))
    assert taken is not None
    given = set(re.findall(r"export (?:async )?(?:function|const|class) (\$|\w+)", script("client")))
    assert set(taken[1].split(", ")) <= given


def test_the_words_for_a_printed_copy_are_the_report_s() -> None:
    from schemas.report import COMPARE
    from schemas.report_texts import REASONS

    assert REASONS[COMPARE].en.lower() in script("counter").lower()


def test_the_counter_knows_a_frame_as_the_reader_does() -> None:
    from schemas.qr import animation, compact

    pattern = re.search(r"const FRAME = /(.+?)/; //", script("counter"))
    assert pattern is not None
    known = re.compile(pattern[1].replace(r"\/", "/"))
    frames = animation.split(compact.deflate(bytes(range(256)) * 8))
    found = [known.match(frame.text) for frame in frames]
    assert [(match[1], match[2]) for match in found if match] == [(str(f.count), str(f.number)) for f in frames]
    assert len({match[3] for match in found if match}) == 1


def test_the_wallet_knows_the_answer_that_it_has_enough_codes() -> None:
    from wallet_api.errors import EnoughAhead

    assert f'"{EnoughAhead.code}"' in script("wallet")


def test_an_animation_turns_slower_for_who_wants_less_motion() -> None:
    assert "prefers-reduced-motion" in script("live")


def test_the_wallet_takes_from_the_receiving_script_what_that_gives() -> None:
    taken = re.search(r'import \{ ([^}]+) \} from "/assets/receive.js"', script("wallet"))
    assert taken is not None
    given = set(re.findall(r"export (?:async )?function (\w+)", script("receive")))
    assert set(taken[1].split(", ")) == given


def test_every_state_and_stage_of_receiving_has_words() -> None:
    from wallet_api.openid4vci.errors import OfferGone, TokenRefused
    from wallet_api.openid4vci.progress import Stage
    from wallet_api.openid4vci.sources import SourceState

    text = script("receive")
    assert all(f"{state}: [" in text for state in SourceState)
    assert all(f"{stage}: [" in text for stage in set(Stage) - {Stage.BROWSER})
    assert f'"{Stage.BROWSER}"' in text
    assert f'"{OfferGone.code}"' in text
    assert f'"{TokenRefused.code}"' in text


def test_a_holder_may_choose_every_relation_that_it_may_give() -> None:
    from schemas.formats.delegation import Relation
    from schemas.report_texts_delegation import RELATIONS

    page = pages.render("wallet").decode()
    offered = set(
        re.findall(r'<option value="(\w+)"', page.partition('id="lend-relation"')[2].partition("</select>")[0])
    )
    assert offered | {Relation.GUARDIAN} == set(RELATIONS) == set(Relation)


@pytest.mark.parametrize(
    ("form", "yes", "no"),
    [("receive-offer", "accept", "decline"), ("consent-ask", "share", "decline"), ("lend-form", "give", "cancel")],
)
def test_saying_yes_and_saying_no_weigh_the_same(form: str, yes: str, no: str) -> None:
    page = pages.render("wallet").decode()
    pair = page.partition(f'<form id="{form}"')[2].partition('<div class="pair">')[2].partition("</div>")[0]
    dialog = form.partition("-")[0]
    assert re.findall(r'id="([^"]+)"', pair) == [f"{dialog}-{no}", f"{dialog}-{yes}"]
    assert "class=" not in pair


def test_the_wallet_takes_from_the_consent_script_what_that_gives() -> None:
    taken = re.search(r'import \{ ([^}]+) \} from "/assets/consent.js"', script("wallet"))
    assert taken is not None
    given = set(re.findall(r"export (?:async )?function (\w+)", script("consent")))
    assert set(taken[1].split(", ")) == given


def test_every_trust_stage_outcome_and_act_of_presenting_has_words() -> None:
    from wallet_api.openid4vp.answering import Stage
    from wallet_api.openid4vp.errors import PresentationNotTaken, RequestGone
    from wallet_api.openid4vp.ports import Complaint
    from wallet_api.records import Afterwards, ExchangeOutcome, Trust

    text = script("consent")
    assert all(f"{each}: [" in text for kind in (Trust, Stage, ExchangeOutcome, Afterwards) for each in kind)
    assert all(f'"{error.code}"' in text for error in (RequestGone, PresentationNotTaken))
    page = pages.render("wallet").decode()
    assert all(f'value="{each}"' in page for each in Complaint)


def test_the_counter_says_who_stands_there_when_it_is_not_the_holder() -> None:
    text = script("counter")
    assert f'row.code === "{CHECK}"' in text
    taken = set(re.findall(r"said\.(\w+)", text))
    said = delegation.parse(Showing().shown()).verified_by(Showing().holder.public_key)
    assert {"sentence_zh", "sentence_en", "agent_name"} <= taken <= set(acting.member(said)["delegation"])


def test_days_are_those_of_the_city_in_every_script() -> None:
    """A holder abroad lends until midnight in the city, and a morning's certificate has its own day."""
    for path in sorted(pages.STATIC.glob("*.js")):
        if path.name != "days.js":
            assert not re.findall(r"toLocale\w*String|getTimezoneOffset|slice\(0, 10\)|T23:59", path.read_text("utf-8"))


@pytest.mark.skipif(shutil.which("node") is None, reason="node runs the script of the pages")
@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Auckland", "Asia/Shanghai"])
def test_a_day_is_the_same_in_every_zone(zone: str) -> None:
    told = (
        "import { day, endOf, isoDay, minute } from './days.js';"
        "const early = '2026-03-01T23:30:00Z';"
        "console.log(day(early), isoDay(early), endOf('2026-03-02'), minute(early));"
    )
    command = ["node", "--input-type=module", "-e", told]
    environment = {"PATH": os.environ["PATH"], "TZ": zone}
    done = subprocess.run(command, cwd=pages.STATIC, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "2026/3/2 2026-03-02 2026-03-02T15:59:59.000Z 2026年3月2日 07:30"
