"""Delegation from end to end: a holder lends, the agent shows, every verifier says who acts for whom, until recalled.

Online at the counter by the frames of an animated code, by a relying party's nonce, and offline by the pack.
"""

import io
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.ecert_world import World
from verifier.cli import run

AGENT = {"code_type": "111", "code": "440799199505050015", "name": "陈小文"}
PURPOSE = "办理食品经营许可"
BASE = "/v1/wallet/delegations"


class Story:
    """The holder, the agent, the counter, and an offline verifier in a folder."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world, self.folder = world, folder
        agent = world.container.wallet.holders.resolve(AGENT["code_type"], AGENT["code"], AGENT["name"])
        self.agent = world.token("holder", holder_id=agent.holder_id)
        self.holder = world.token("holder", holder_id=world.enterprise())
        self.counter = world.token("counter")

    def lend(self, **changes: Any) -> str:
        """Let the agent use the licence; return the delegation's path."""
        until = (self.world.clock.now + timedelta(days=30)).isoformat()
        body = {"type_id": "business_licence", "fields": ["business_scope"], "agent": AGENT, "until": until}
        answer = self.world.client.post(BASE, json=body | {"purposes": [PURPOSE]} | changes, headers=self.holder)
        assert answer.status_code == 200, answer.text
        return f"{BASE}/{answer.json()['delegation_id']}"

    def code(self, path: str) -> dict[str, Any]:
        """Return the code that the agent shows."""
        code: dict[str, Any] = self.world.client.post(
            f"{path}/qr", json={"purpose": PURPOSE}, headers=self.agent
        ).json()
        return code

    def recall(self, path: str) -> None:
        """End the delegation."""
        assert self.world.client.post(f"{path}/recall", headers=self.holder).status_code == 200

    def at_counter(self, frames: list[str]) -> dict[str, Any]:
        """Return the report of the counter that scanned all frames."""
        asked = {"frames": frames, "purpose": "窗口办事"}
        report = self.world.client.post("/v1/verifications/present", json=asked, headers=self.counter).json()
        assert "verdict" in report, report
        return dict(report)

    def update(self) -> None:
        """Fetch pack and anchor, as a counter does in the morning."""
        self.world.container.publish_due()
        (self.folder / "pack.jwt").write_text(self.world.container.packs.build().text)
        (self.folder / "anchor.json").write_bytes(self.world.container.installation.anchor.to_json())

    def offline(self, frames: list[str]) -> tuple[int, dict[str, Any]]:
        """Return the exit code and the report of ``python -m verifier``, which is given what was scanned."""
        options = ["--pack", str(self.folder / "pack.jwt"), "--anchor", str(self.folder / "anchor.json"), "--json", "-"]
        out, scanned = io.StringIO(), io.BytesIO("\n".join(frames).encode())
        code = run(options, stdin=scanned, stdout=out, now=self.world.clock.now)
        return code, json.loads(out.getvalue())


@pytest.fixture
def story(world: World, tmp_path: Path) -> Iterator[Story]:
    return Story(world, tmp_path)


def row(report: dict[str, Any]) -> tuple[str, str]:
    """Return outcome and reason of the row ``delegation``."""
    found = next(check for check in report["checks"] if "delegation" in (check.get("code"), check.get("check")))
    return found["outcome"], found["reason"]


def test_a_counter_scans_an_agents_code(story: Story) -> None:
    report = story.at_counter(story.code(story.lend())["frames"])
    assert (report["verdict"], row(report)) == ("valid", ("passed", "delegation_valid"))
    said = report["delegation"]
    assert (said["agent_name"], said["relation"], said["purposes"]) == (AGENT["name"], "agent", [PURPOSE])
    assert "business_scope" in {claim["name"] for claim in report["claims"]}
    assert "address" not in {claim["name"] for claim in report["claims"]}


def test_the_same_code_is_not_taken_twice(story: Story) -> None:
    frames = story.code(story.lend())["frames"]
    story.at_counter(frames)
    again = story.at_counter(frames)
    assert (again["verdict"], row(again)) == ("invalid", ("failed", "presentation_replayed"))


def test_a_recall_shows_at_the_next_scan(story: Story) -> None:
    path = story.lend()
    frames = story.code(path)["frames"]
    story.recall(path)
    report = story.at_counter(frames)
    assert (report["verdict"], row(report)) == ("invalid", ("failed", "delegation_recalled"))
    assert "delegation" not in report


def test_a_manager_is_recalled_with_the_agents_that_it_added(story: Story) -> None:
    manager = {"code_type": "111", "code": "440799199208150247", "name": "李小明"}
    own = story.lend(agent=manager, relation="manager")
    found = story.world.container.storage.wallets.find_holder("111", manager["code"])
    assert found is not None
    holder, story.holder = story.holder, story.world.token("holder", holder_id=found.holder_id)
    enterprise = {"code_type": "001", "code": "91440799MA5X00014T"}
    code = story.code(story.lend(holder=enterprise))
    story.holder = holder
    story.recall(own)
    assert row(story.at_counter(code["frames"])) == ("failed", "delegation_recalled")


def test_a_bank_gets_an_answer_to_its_nonce(story: Story) -> None:
    use = {"nonce": "n-1", "audience": "https://bank.example", "purpose": PURPOSE}
    shown = story.world.client.post(f"{story.lend()}/presentations", json=use, headers=story.agent).json()
    asked = {"text": shown["presentation"], "nonce": "n-1", "audience": "https://bank.example"}
    report = story.world.client.post("/v1/verifications/present", json=asked, headers=story.counter).json()
    assert (report["verdict"], report["delegation"]["agent_name"]) == ("valid", AGENT["name"])


class TestOffline:
    """A counter in flight mode."""

    def test_the_pack_is_enough(self, story: Story) -> None:
        path = story.lend()
        story.update()
        code, report = story.offline(story.code(path)["frames"])
        assert (code, report["verdict"], row(report)) == (0, "valid", ("passed", "delegation_valid"))

    def test_a_recall_comes_with_the_next_pack(self, story: Story) -> None:
        path = story.lend()
        story.update()
        frames = story.code(path)["frames"]
        story.recall(path)
        assert story.offline(frames)[0] == 0  # the counter cannot know yet, and says how old its list is
        story.update()
        code, report = story.offline(frames)
        assert (code, row(report)) == (1, ("failed", "delegation_recalled"))

    def test_a_pack_from_before_the_first_delegation_is_unsure(self, story: Story) -> None:
        story.update()
        code, report = story.offline(story.code(story.lend())["frames"])
        assert (code, report["verdict"], row(report)) == (2, "indeterminate", ("unknown", "delegation_status_unknown"))


def test_the_lists_name_nobody(story: Story) -> None:
    path = story.lend()
    story.recall(path)
    answer = story.world.client.get("/wallet/status/1")
    assert answer.status_code == 200
    assert AGENT["code"] not in answer.text


def test_a_registered_purpose_is_granted_by_its_id(story: Story) -> None:
    listed = story.world.client.get("/v1/types/business_licence/purposes").json()["purposes"]
    named = {one["purpose_id"]: (one["name_zh"], one["sector"]) for one in listed}
    assert "water.enterprise-account" in named
    assert "bank.personal-account" not in named
    path = story.lend(purposes=["water.enterprise-account"])
    asked = {"purpose": "water.enterprise-account"}
    code = story.world.client.post(f"{path}/qr", json=asked, headers=story.agent).json()
    for purpose, outcome in (("water.transfer", "failed"), ("water.enterprise-account", "passed")):
        body = {"frames": code["frames"], "purpose": purpose}
        report = story.world.client.post("/v1/verifications/present", json=body, headers=story.counter).json()
        assert row(report)[0] == outcome
        code = story.world.client.post(f"{path}/qr", json=asked, headers=story.agent).json()
