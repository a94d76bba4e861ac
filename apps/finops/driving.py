"""A run of the cost agent from request to report, for every surface that starts one on this machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...agents.finops.parts import FinopsParts, Question, Spans
from ...agents.finops.run import run_finops
from ...agents.finops.types import CostAnswer, FinopsReport
from ...agents.triage.prompt_files import prompt_book
from ...agents.triage.run import Waiting
from ...core.errors import InputError, OpswardenError
from ...policies.gate import RunGate
from ...policies.model_uses import LedgerModelUses
from ...policies.types import Audience, Principal, Run, Sender
from ...tools.documents.tools import documents_tools
from ...tools.issues.tools import issues_tools
from ...tools.recommendations.book import Book
from ...tools.recommendations.tools import Whose, recommendations_tools
from ...tools.spec import AnyTool
from ..installation import Installation
from ..models import open_transports
from ..people.roles import requester_roles
from ..runs import RunRequests
from ..wiring import fence_of, gate_factory
from .fleet import ANALYSES, OpenFleet
from .places import issues_of, proposals_of
from .requests import FinopsRequest

if TYPE_CHECKING:
    from langchain_core.language_models.chat_models import BaseChatModel

OnStep = Callable[[str], None]
ROLE = "finops"
COMMAND = "command"
"""The trigger of a run that makes just one call, which a person typed."""
_STEPS = {
    "begin": "looking at usage, sizes and the bill",
    "survey": "looking at usage, sizes and the bill",
    "plan": "writing the week down",
    "record": "writing the report",
    "explain": "writing the report",
}


@dataclass(frozen=True)
class FinopsOutcome:
    """How a run ended."""

    run_id: str
    report: FinopsReport | None = None
    answer: CostAnswer | None = None
    approval_ids: tuple[str, ...] = ()


def start(
    installation: Installation, request: FinopsRequest, sender: Sender, audience: Audience, on_step: OnStep
) -> FinopsOutcome:
    """Start a run.

    Raises:
        InputError: the fleet cannot be used.
        OpswardenError: as the parts raise.
    """
    run_id = installation.ids.new("run")
    with closing(OpenFleet(request.fleet, LedgerModelUses(installation.ledger, installation.settings.team))) as fleet:
        RunRequests(installation.database).remember(run_id, request)
        return _drive(installation, run_id, request, fleet, sender, audience, on_step, resume=False)


def go_on(
    installation: Installation,
    run_id: str,
    request: FinopsRequest,
    sender: Sender,
    audience: Audience,
    on_step: OnStep,
) -> FinopsOutcome:
    """Go on with a run; one that has ended gives its report again without doing anything."""
    with closing(OpenFleet(request.fleet, LedgerModelUses(installation.ledger, installation.settings.team))) as fleet:
        return _drive(installation, run_id, request, fleet, sender, audience, on_step, resume=True)


def book_of(installation: Installation) -> Book:
    """The book of an installation; what goes in is cleaned."""
    from functools import lru_cache  # noqa: PLC0415 - one name, used here alone

    return Book(installation.database, lru_cache(maxsize=20_000)(installation.redaction.scrub))


def fleet_tools(installation: Installation, fleet: OpenFleet, book: Book, by: str) -> tuple[AnyTool, ...]:
    """Every tool of the cost agent over one fleet."""
    facts = fleet.facts
    whose = Whose(facts.environment, facts.currency, installation.settings.finops.thresholds())
    team = installation.settings.team
    return (
        *fleet.tools(whose),
        *recommendations_tools(
            book, whose, team=team, by=by, costs=fleet.costs, histories=fleet, same=fleet.same_things
        ),
    )


@contextmanager
def command_gate(
    installation: Installation, environment: str, currency: str, person: str, words: str, *, run_id: str | None = None
) -> Iterator[tuple[RunGate, Book]]:
    """A gate for one call that a person typed, with nothing of an agent in between.

    Args:
        installation: whose book it is.
        environment: of the fleet that the book is about.
        currency: of its amounts.
        person: `person:<name>`.
        words: what they typed.
        run_id: of a run to go on with.
    """
    book = book_of(installation)
    whose = Whose(environment, currency, installation.settings.finops.thresholds())
    tools: tuple[AnyTool, ...] = recommendations_tools(
        book, whose, team=installation.settings.team, by=person, costs=lambda _deadline: {}
    )
    if (proposals := proposals_of(installation)) is not None:
        tools += documents_tools(proposals)
    if (issues := issues_of(installation)) is not None:
        tools += issues_tools(issues)
    run_id = run_id or installation.ids.new("run")
    run = Run(
        id=run_id,
        principal=Principal(ROLE, person, installation.settings.team),
        trigger=COMMAND,
        request=words,
        requester_roles=requester_roles(installation, run_id, person, words),
        audience_team=installation.settings.team,
    )
    gate = gate_factory(installation, tools).open_run(run)
    try:
        yield gate, book
    except OpswardenError:
        gate.end("failed")
        raise
    gate.end("reported")


def _drive(
    installation: Installation,
    run_id: str,
    request: FinopsRequest,
    fleet: OpenFleet,
    sender: Sender,
    audience: Audience,
    on_step: OnStep,
    *,
    resume: bool,
) -> FinopsOutcome:
    names = fleet.known_names()
    tools = fleet_tools(installation, fleet, book_of(installation), request.on_behalf_of)
    with open_transports(installation.settings, request.models, installation.clock) as transports:
        factory = gate_factory(installation, tools, transports=transports, senders={audience.kind: sender})
        run = Run(
            id=run_id,
            principal=Principal(ROLE, request.on_behalf_of, installation.settings.team),
            trigger=request.trigger,
            known_names=names,
            request=request.ask,
            audience_team=audience.team,
        )
        on_step("opening the gate")
        gate = factory.open_run(run)
        chat: BaseChatModel | None = None
        if transports:
            from ...agents.model.chat import GatedChatModel  # noqa: PLC0415 - a second of imports, only with a model

            chat = GatedChatModel(gate=gate, endpoint_names=tuple(item.endpoint.name for item in transports))
        parts = _parts(installation, request, fleet, gate, audience, names, chat)
        on_step("looking at usage, sizes and the bill")
        try:
            result = _run(installation, parts, resume=resume, on_step=on_step)
        except OpswardenError:
            gate.end("failed")
            raise
    if isinstance(result, Waiting):
        return FinopsOutcome(run_id, approval_ids=result.approval_ids)
    if isinstance(result, CostAnswer):
        gate.end("answered")
        return FinopsOutcome(run_id, answer=result)
    gate.end("reported")
    return FinopsOutcome(run_id, report=result)


def _parts(
    installation: Installation,
    request: FinopsRequest,
    fleet: OpenFleet,
    gate: RunGate,
    audience: Audience,
    names: tuple[str, ...],
    chat: Any,
) -> FinopsParts:
    question = Question(gate.run.request, request.args, request.stated) if request.is_question else None
    spans = fleet.spans()
    if request.before is not None and request.start is not None and request.end is not None:
        spans = Spans(request.before, request.start, request.end)
    if question is not None and spans is None:
        raise InputError("the fleet has no bill, so nothing is known of its cost", remedy="put FOCUS files there")
    return FinopsParts(
        gate=gate,
        clock=installation.clock,
        audience=audience,
        fleet=fleet.facts,
        spans=spans,
        analyses=tuple(analysis.tool for analysis in ANALYSES),
        nonce=fence_of(installation, gate.run.id),
        has_backtest=True,
        records=request.records,
        question=question,
        chat=chat,
        known_names=names,
        prompts=prompt_book(installation.settings.models.prompts),
    )


def _run(
    installation: Installation, parts: FinopsParts, *, resume: bool, on_step: OnStep
) -> FinopsReport | CostAnswer | Waiting:
    from ..runner.shared_positions import saver_of  # noqa: PLC0415 - heavy, only a run needs it

    with saver_of(installation, parts.gate.run.id) as saver:

        def on_node(node: str) -> None:
            if node in _STEPS:
                on_step(_STEPS[node])

        return run_finops(parts, saver, resume=resume, on_node=on_node)
