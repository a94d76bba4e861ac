"""What a person sees of an effect before it happens, and that it must still be so when it does."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from worlds import ACT, CARD, MAIL, TOKEN, RollbackArgs, World

from opswarden.core.errors import BackendError
from opswarden.policies.approval_view import view
from opswarden.policies.approvals import Approval
from opswarden.policies.cautions import cautions, visible
from opswarden.policies.loading import PolicyFile, builtin_files
from opswarden.policies.types import CallResult
from opswarden.tools.preview import Change, Preview
from opswarden.tools.spec import ToolContext

ARGS: dict[str, Any] = {"service": "checkout", "revision": 3}
ONLY_SEEN = PolicyFile(
    "zz.cedar",
    '@id("mine.seen") @reason("nobody agrees blindly")'
    ' forbid (principal, action in Ops::Action::"write", resource) when { context.common.preview_failed };',
)


@dataclass
class System:
    """What the rollback would change; a test moves it."""

    revision: object = 7
    warnings: Sequence[str] = ()
    error: Exception | None = None
    looks: int = 0
    seen: list[RollbackArgs] = field(default_factory=list)

    def preview(self, args: RollbackArgs, context: ToolContext) -> Preview:
        self.looks += 1
        self.seen.append(args)
        if self.error is not None:
            raise self.error
        change = Change("revision", self.revision, args.revision)  # type: ignore[arg-type]  # tools can lie about types
        return Preview(f"roll {args.service} back", "cluster eu-1", (change,), tuple(self.warnings))


MakeWorld = Callable[..., World]


def with_preview(make_world: MakeWorld, preview: Any, **options: Any) -> World:
    plain = make_world(stages=ACT)
    changed = options.pop("tool", {})
    tools = [
        replace(tool, preview=preview, **changed) if tool.name == "rollouts.rollback" else tool for tool in plain.tools
    ]
    return make_world(stages=ACT, tools=tools, redaction=plain.redaction, vault=plain.vault, **options)


@pytest.fixture
def system() -> System:
    return System()


@pytest.fixture
def shop(make_world: MakeWorld, system: System) -> World:
    return with_preview(make_world, system.preview)


def ask(world: World, **args: Any) -> CallResult:
    result: CallResult = world.open().call("rollouts.rollback", {**ARGS, **args}, call_id="w1")
    return result


def question(world: World, result: CallResult) -> Approval:
    return world.factory.approvals.get(result.approval_id or "")


def approve(world: World, result: CallResult) -> None:
    world.factory.approvals.answer(result.approval_id or "", "approve", approver="bob", roles=frozenset({"oncall"}))


def done(world: World) -> list[Any]:
    return world.effects.of("rollouts.rollback")


def refusing(world: World) -> bool:
    return "mine.seen" in world.records("call.decided")[-1].body["policy_ids"]  # type: ignore[operator]


class TestTheQuestion:
    def test_says_what_would_change_from_which_value_to_which(self, shop: World, system: System) -> None:
        system.warnings = ("two teams use it",)
        seen = view(question(shop, ask(shop)))
        assert (seen["what"], seen["where"], seen["preview_status"]) == ("roll checkout back", "cluster eu-1", "ok")
        assert seen["changes"] == [{"field": "revision", "before": 7, "after": 3}]
        assert "two teams use it" in seen["warnings"]  # type: ignore[operator]
        assert (seen["team"], seen["stage"], seen["environment"]) == ("payments", "act", "prod")

    def test_is_recorded_with_what_the_person_will_see(self, shop: World) -> None:
        ask(shop)
        (entry,) = shop.records("approval.requested")
        assert entry.body["preview"]["look"]["what"] == "roll checkout back"  # type: ignore[index,call-overload]

    def test_the_tool_is_asked_once_however_often_the_run_comes_back(self, shop: World, system: System) -> None:
        for _ in range(3):
            ask(shop)
        assert system.looks == 1

    def test_the_tool_is_not_asked_where_nobody_will_be(self, make_world: MakeWorld, system: System) -> None:
        world = with_preview(make_world, system.preview)
        world.factory.switch.set(True, by="person:bob", reason="x")
        assert ask(world).code == "killswitch.writes"
        assert ask(world, service=f"use {TOKEN}").status == "denied"
        assert system.looks == 0

    def test_the_preview_gets_real_values_and_shows_placeholders(self, shop: World, system: System) -> None:
        system.revision = MAIL
        result = ask(shop, contact=MAIL)
        seen = view(question(shop, result))
        assert system.seen[0].contact == MAIL
        (change,) = seen["changes"]  # type: ignore[misc]
        values = {row["name"]: row["value"] for row in seen["arguments"]}  # type: ignore[union-attr,index,call-overload]
        assert change["before"] == values["contact"] != MAIL  # type: ignore[index,call-overload]
        assert seen["placeholders"] == [change["before"]]
        assert MAIL.encode() not in shop.everything_stored()

    @pytest.mark.parametrize("secret", [TOKEN, CARD])
    def test_a_secret_in_the_system_is_neither_shown_nor_stored(self, shop: World, system: System, secret: str) -> None:
        system.revision = secret
        seen = view(question(shop, ask(shop)))
        assert seen["placeholders"] == []
        assert secret.encode() not in shop.everything_stored()

    def test_the_name_of_a_field_tells_that_its_value_is_secret(self, make_world: MakeWorld) -> None:
        change = Change("password", "open sesame 7", "open sesame 8")
        world = with_preview(make_world, lambda args, context: Preview("x", "y", (change,)))
        shown = repr(question(world, ask(world)).preview)
        assert "sesame" not in shown

    def test_a_placeholder_in_it_is_forged(self, shop: World, system: System) -> None:
        system.revision = "<EMAIL_ADDRESS_1·k3f9>"
        seen = view(question(shop, ask(shop)))
        assert seen["changes"][0]["before"] == "‹EMAIL_ADDRESS_1·k3f9›"  # type: ignore[index,call-overload]
        assert seen["placeholders"] == []

    def test_very_many_changes_are_counted(self, make_world: MakeWorld) -> None:
        changes = tuple(Change(f"f{n}", n, n + 1) for n in range(70))
        world = with_preview(make_world, lambda args, context: Preview("x", "y", changes))
        seen = view(question(world, ask(world)))
        assert len(seen["changes"]) == 50  # type: ignore[arg-type]
        assert "20 of 70 changes are not shown" in seen["warnings"]  # type: ignore[operator]


class TestAPreviewThatFails:
    @pytest.mark.parametrize(
        ("preview", "why"),
        [
            (lambda args, context: 1 / 0, "it broke (ZeroDivisionError)"),
            (lambda args, context: None, "the tool returned something that is no preview"),
            (lambda args, context: Preview("x" * 300_000, "y"), "it is too large to be shown"),
            (lambda args, context: Preview("x", "y", (Change("f", {"a": [MAIL]}, (1, 2)),)), None),  # type: ignore[arg-type]
        ],
        ids=["breaks", "is none", "is huge", "holds other things"],
    )
    def test_is_told_and_the_person_is_asked_all_the_same(
        self, make_world: MakeWorld, preview: Any, why: str | None
    ) -> None:
        world = with_preview(make_world, preview)
        waiting = ask(world)
        seen = view(question(world, waiting))
        if why is not None:
            assert seen["preview_status"] == "failed"
            assert any(why in warning and "blindly" in warning for warning in seen["warnings"])  # type: ignore[union-attr,operator]
        assert MAIL not in repr(seen)
        approve(world, waiting)
        assert ask(world).status == "ok"

    def test_one_that_hangs_is_given_up(self, make_world: MakeWorld) -> None:
        release = threading.Event()
        world = with_preview(
            make_world, lambda args, context: release.wait(30) and Preview("x", "y"), tool={"timeout_s": 0.05}
        )
        try:
            seen = view(question(world, ask(world)))
        finally:
            release.set()
        assert "no answer within 0.05 s" in str(seen["warnings"])

    def test_a_policy_can_refuse_to_ask_then(self, make_world: MakeWorld, system: System) -> None:
        world = with_preview(make_world, system.preview, files=[*builtin_files(), ONLY_SEEN])
        system.error = BackendError("down")
        denied = ask(world)
        assert (denied.status, denied.approval_id, refusing(world)) == ("denied", None, True)
        assert world.factory.approvals.records() == []
        system.error = None
        assert ask(world).approval_id is not None

    def test_what_was_approved_blindly_does_not_pass_that_policy_later(
        self, make_world: MakeWorld, system: System
    ) -> None:
        system.error = BackendError("down")
        blind = PolicyFile("zz.cedar", ONLY_SEEN.text.replace("context.common.preview_failed", "false"))
        first = with_preview(make_world, system.preview, files=[*builtin_files(), blind])
        approve(first, ask(first))
        assert done(first) == []
        second = with_preview(make_world, system.preview, files=[*builtin_files(), ONLY_SEEN])
        assert (ask(second).approval_id, refusing(second), done(second)) == (None, True, [])


class TestTheMomentOfUse:
    def test_nothing_has_moved(self, shop: World, system: System) -> None:
        approve(shop, ask(shop))
        system.warnings = ("a warning is no state",)
        assert ask(shop).status == "ok"
        assert (system.looks, len(done(shop))) == (2, 1)

    def test_the_value_has_moved(self, shop: World, system: System) -> None:
        waiting = ask(shop)
        approve(shop, waiting)
        system.revision = 8
        again = ask(shop)
        assert (again.status, again.code) == ("denied", "approval-stale")
        assert again.approval_id not in (None, waiting.approval_id)
        assert question(shop, waiting).state == "void"
        assert [entry.body["why"] for entry in shop.records("approval.voided")] == ["state"]
        assert done(shop) == []
        seen = view(question(shop, again))
        assert seen["changes"][0]["before"] == 8  # type: ignore[index,call-overload]
        assert any(str(waiting.approval_id) in warning for warning in seen["warnings"])  # type: ignore[union-attr,operator]
        approve(shop, again)
        assert ask(shop).status == "ok"
        assert len(done(shop)) == 1

    def test_it_moved_while_nobody_had_answered_and_the_answer_is_for_what_was_shown(
        self, shop: World, system: System
    ) -> None:
        waiting = ask(shop)
        system.revision = 8
        assert ask(shop).approval_id == waiting.approval_id
        approve(shop, waiting)
        assert ask(shop).code == "approval-stale"

    def test_it_cannot_be_seen(self, shop: World, system: System) -> None:
        waiting = ask(shop)
        approve(shop, waiting)
        system.error = BackendError("down")
        assert (ask(shop).code, done(shop)) == ("preview-failed", [])
        assert question(shop, waiting).state == "approved"
        system.error = None
        assert ask(shop).status == "ok"

    def test_a_card_number_that_moved_is_not_told_by_a_hash(self, shop: World, system: System) -> None:
        """What may not enter a hash cannot be compared: two cards look the same."""
        system.revision = CARD
        approve(shop, ask(shop))
        system.revision = "5555 5555 5555 4444"
        assert ask(shop).status == "ok"


class TestProvenance:
    ORIGIN = {"seq": 12, "call_id": "r1", "tool": "logs.search", "field": "lines[].text"}  # noqa: RUF012 - read only

    def sheet(self, world: World, provenance: dict[str, Any]) -> dict[str, Any]:
        waiting = ask(world)
        item = question(world, waiting)
        return dict(view(replace(item, preview={**item.preview, "provenance": provenance})))

    def test_is_shown_beside_each_value(self, world: World) -> None:
        known = {"service": {"is_trusted": False, "origins": [self.ORIGIN], "via": "base64"}}
        seen = self.sheet(world, known)
        rows = {row["name"]: row for row in seen["arguments"]}
        assert rows["service"]["trust"] == "untrusted"
        assert (rows["service"]["origins"], rows["service"]["via"]) == ([self.ORIGIN], "base64")
        assert seen["evidence"] == [12]

    def test_inner_places_count_for_their_argument_and_no_other(self, world: World) -> None:
        known = {"service.name": {"is_trusted": True, "origins": [self.ORIGIN]}, "revisions": {"is_trusted": False}}
        rows = {row["name"]: row for row in self.sheet(world, known)["arguments"]}
        assert rows["service"]["trust"] == "trusted"
        assert rows["revision"]["trust"] == "untrusted"  # by its own doubt: it is a number of unknown origin
        assert rows["mode"]["trust"] == "plain"


CYRILLIC = "p\u0430yments"


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ("checkout", None),
        ("zwei Zeilen\nund ein\tTab", None),
        ("платежи", None),
        ("Ψυχή", None),
        ("café", None),
        (CYRILLIC, "several scripts"),
        ("pay\u200bments", "U+200B"),
        ("a\u202eb", "U+202E"),
        ("\x1b[2J", "U+001B"),
        ("a\u3164b", "U+3164"),
        ("\uff50ay", "unusual form"),
        ("x" * 1_001, "1001 characters long"),
    ],
)
def test_what_could_be_overlooked_is_told(text: str, doubt: str | None) -> None:
    found = cautions({"key": text}, "note")
    assert [doubt in line for line in found if doubt] == ([True] if doubt else [])
    assert bool(found) == bool(doubt)


def test_names_of_fields_are_looked_at_too_and_the_list_is_bounded() -> None:
    assert cautions({CYRILLIC: 1}, "labels") == [
        "a name in labels holds a word in letters of several scripts, of which some may pass for others"
    ]
    assert len(cautions([CYRILLIC] * 500, "x")) == 20


def test_what_a_terminal_would_obey_is_spelled_out() -> None:
    text = visible("a\x1b[31m\u202e\u200b\n\t\U000e0041b\x9b5n")
    assert text == r"a\x1b[31m\u202e\u200b\n\t\U000e0041b\x9b5n"
    assert visible("schön 你好 \U0001f600") == "schön 你好 \U0001f600"
