"""Other people's LangChain tools and LangGraph graphs behind the gate, by one call each.

`gated` makes a tool of ours out of a LangChain tool (a compiled graph becomes one by its `as_tool`). `gated_graph`
builds a graph whose model and tools are the gate's.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, Field, create_model
from pydantic_core import PydanticUndefined

from ..agents.tracing import without_outside_tracing
from ..core.errors import ConfigError, OpswardenError, ToolFailed
from ..policies.engine import CedarEngine
from ..policies.gate import RunGate
from ..policies.types import Gate, Principal, Run
from ..tools.spec import (
    AnyTool,
    Args,
    Effect,
    KeptText,
    Output,
    OutsideText,
    Restores,
    Result,
    Scope,
    Tool,
    ToolContext,
)
from .installation import current_person, open_installation
from .models import chosen_models, open_transports
from .wiring import gate_factory

if TYPE_CHECKING:
    from langchain_core.language_models.chat_models import BaseChatModel
    from langchain_core.tools import BaseTool

Build = Callable[["BaseChatModel | None", "list[BaseTool]"], Any]
"""Builds a compiled graph from a model, if one is configured, and tools; both go through the gate."""

_NAME = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")
_LONGEST = 1_000_000


class OutsideOutput(Result):
    """What a wrapped tool returned; outsiders may have written any of it."""

    text: OutsideText = ""


class KeptOutput(Result):
    """The same of a tool whose content its operator alone writes."""

    text: KeptText = ""


def gated(
    tool: BaseTool,
    *,
    name: str,
    effect: Effect,
    environment: str,
    description: str = "",
    trust: Literal["outside", "kept"] = "outside",
    restores: Mapping[str, Sequence[str]] | None = None,
    resource: Callable[[Args], str] | None = None,
    two_person: bool = False,
    timeout_s: float = 30.0,
    summary_tokens: int = 400,
) -> AnyTool:
    """A LangChain tool as a tool of the gate; register it with `Registry.add_tool`, or hand it to `gated_graph`.

    Args:
        tool: with a pydantic model of its arguments; injected arguments are left out.
        name: `domain.verb`, as policies speak of it.
        effect: what it does to the world, at the worst.
        environment: where its credential acts.
        description: for models; the tool's own if empty.
        trust: `kept` if only you write what it returns.
        restores: by argument, entity types whose placeholders are put back.
        resource: names what a call acts on.
        two_person: whether somebody else than the requester has to approve.
        timeout_s: how long one call may take.
        summary_tokens: size of what an agent sees of a result.

    Raises:
        ConfigError: the name or the arguments cannot be used.
    """
    if not _NAME.fullmatch(name):
        raise ConfigError(f"a tool cannot be called {name[:64]!r}", remedy="write it as `domain.verb`")
    model = _args_of(tool, name, restores or {})
    is_async = getattr(tool, "coroutine", None) is not None and getattr(tool, "func", None) is None

    def run(args: Args, context: ToolContext) -> Output[Any]:
        from langchain_core.tools import ToolException  # noqa: PLC0415 - heavy, and loaded with the tool

        given = args.model_dump(exclude_unset=True)
        try:
            with without_outside_tracing():
                found = asyncio.run(tool.ainvoke(given)) if is_async else tool.invoke(given)
        except ToolException:
            if effect == "read":
                raise ToolFailed(f"{name!r} says that it failed") from None
            raise
        return _output(found, environment, trust)

    return Tool(
        name=name,
        effect=effect,
        description=description or tool.description,
        args=model,
        result=OutsideOutput if trust == "outside" else KeptOutput,
        run=run,
        environment=environment,
        timeout_s=timeout_s,
        summary_tokens=summary_tokens,
        resource=resource,
        two_person=two_person,
    )


class GatedGraph:
    """A graph whose every model request and tool call passes the gate; use it with `with`, or close it.

    One `invoke` is one run, in the ledger from its start to its end. A run that waits for a person stops at LangGraph's
    interrupt, where the graph has a checkpointer; `invoke(Command(resume=True), run_id=…)` goes on with it.
    """

    def __init__(self, build: Build, tools: Sequence[AnyTool], role: str, policies: Sequence[Path]) -> None:
        self._stack = ExitStack()
        self._build = build
        self._role = role
        installation = self._installation = self._stack.enter_context(open_installation())
        settings = installation.settings
        try:
            names = chosen_models(settings, None, none_wanted=False)
            self._transports = self._stack.enter_context(open_transports(settings, names, installation.clock))
            every = (*installation.registry.tools.values(), *tools)
            folders = (*installation.registry.policy_folders, *settings.gate.policy_folders, *policies)
            self._factory = gate_factory(
                installation, every, transports=self._transports, engine=CedarEngine.load(every, folders)
            )
        except BaseException:
            self._stack.close()
            raise

    def invoke(
        self,
        graph_input: Any,
        *,
        run_id: str | None = None,
        environment: str | None = None,
        config: Mapping[str, Any] | None = None,
    ) -> tuple[str, Any]:
        """Run the graph, and return the run's id and the graph's state.

        Args:
            graph_input: as the graph takes it.
            run_id: of a run to go on with; a new one without it.
            environment: the only one in which it may change something.
            config: LangGraph's; the thread is the run.
        """
        installation = self._installation
        principal = Principal(self._role, f"person:{current_person()}", installation.settings.team)
        new_id = installation.ids.new("run")
        gate = self._factory.open_run(Run(run_id or new_id, principal, "wrapped", environment=environment))
        given = dict(config or {})
        given["configurable"] = {**given.get("configurable", {}), "thread_id": gate.run.id}
        try:
            with without_outside_tracing():
                state = self._graph(gate).invoke(graph_input, given)
        except OpswardenError:
            gate.end("failed")
            raise
        if not (isinstance(state, Mapping) and state.get("__interrupt__")):
            gate.end("reported")
        return gate.run.id, state

    def close(self) -> None:
        """Let go of models, files and keys."""
        self._stack.close()

    def __enter__(self) -> GatedGraph:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _graph(self, gate: RunGate) -> Any:
        return self._build(self._model(gate), _shells(gate))

    def _model(self, gate: RunGate) -> BaseChatModel | None:
        if not self._transports:
            return None
        from ..agents.model.chat import GatedChatModel  # noqa: PLC0415 - a second of imports that only a model needs

        return GatedChatModel(gate=gate)


def gated_graph(build: Build, *, tools: Sequence[AnyTool], role: str, policies: Sequence[Path] = ()) -> GatedGraph:
    """A graph behind the gate of this installation (`opswarden.toml`, state directory).

    Args:
        build: makes the compiled graph; whatever else it closes over, the gate does not see.
        tools: made with `gated`, or tools of ours.
        role: of the agent, as policies speak of it; nothing is allowed that no policy permits.
        policies: folders of `.cedar` files beside those of the configuration.

    Raises:
        ConfigError: a tool, a policy or a model cannot be used.
    """
    return GatedGraph(build, tools, role, policies)


def _shells(gate: Gate) -> list[BaseTool]:
    from ..agents.shells import langchain_tools  # noqa: PLC0415 - heavy

    return langchain_tools(gate)


def _args_of(tool: BaseTool, name: str, restores: Mapping[str, Sequence[str]]) -> type[Args]:
    schema = tool.tool_call_schema
    if not (isinstance(schema, type) and issubclass(schema, BaseModel)):
        raise ConfigError(f"{name!r} has no typed arguments", remedy="give the tool a pydantic `args_schema`")
    unknown = set(restores) - set(schema.model_fields)
    if unknown:
        raise ConfigError(f"{name!r} has no argument {min(unknown)!r}", remedy="correct `restores`")
    fields: dict[str, Any] = {}
    for each, field in schema.model_fields.items():
        marks = (Restores(*restores[each]),) if each in restores else ()
        kind: Any = field.annotation
        for mark in (*field.metadata, *marks):
            kind = _marked(kind, mark)
        has_default = field.default is not PydanticUndefined
        default: Any = {"default": field.default} if has_default else {}
        if field.default_factory is not None:
            default = {"default_factory": field.default_factory}
        fields[each] = (kind, Field(description=field.description, **default))
    return create_model("Args_" + name.replace(".", "_"), __base__=Args, **fields)


def _marked(kind: Any, mark: Any) -> Any:
    return Annotated[kind, mark]


def _output(found: Any, environment: str, trust: str) -> Output[Any]:
    text = found if isinstance(found, str) else json.dumps(found, ensure_ascii=False, default=str)
    scope = Scope(environment=environment)
    if not text or found is None:
        return Output("no_data", scope, note="the tool returned nothing")
    kind = OutsideOutput if trust == "outside" else KeptOutput
    if len(text) > _LONGEST:
        return Output("truncated", scope, kind(text=text[:_LONGEST]), note="the tool returned more than is kept")
    return Output("ok", scope, kind(text=text))
