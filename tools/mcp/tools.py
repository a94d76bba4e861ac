"""`mcp.SERVER.TOOL`: a tool of another server, as the operator lists it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Literal

import pyarrow as pa

from ...core.canonical import JsonValue
from ...core.errors import BackendError, ToolFailed
from ..spec import AnyTool, Args, Output, Scope, Tool, ToolContext, Trust
from .acceptance import Acceptances
from .backends.client import McpClient, Replied
from .listing import Listed, misfit
from .settings import ForeignToolSettings, ServerSettings
from .types import KeptAnswer, OutsideAnswer, args_model

DOMAIN = "mcp"
_MOST_TEXTS = 200
_GRACE_S = 3.0


def foreign_tools(servers: Mapping[str, ServerSettings], acceptances: Acceptances) -> tuple[AnyTool, ...]:
    """Every listed tool of every server; those that nobody has accepted, or that have changed, are not offered.

    Raises:
        ConfigError: what was accepted cannot be read.
    """
    return tuple(
        _tool(server, each, settings, tool, acceptances)
        for server, settings in sorted(servers.items())
        for each, tool in sorted(settings.tools.items())
    )


def tool_name(server: str, tool: str) -> str:
    """What a tool of a server is called here; nobody else's tools have names like that."""
    return f"{DOMAIN}.{server}.{tool}"


def _tool(
    server: str, each: str, settings: ServerSettings, tool: ForeignToolSettings, acceptances: Acceptances
) -> AnyTool:
    client, foreign = McpClient(server, settings), tool.name or each
    name = tool_name(server, each)
    known = acceptances.of(server).get(foreign)

    def run(args: Args, context: ToolContext) -> Output[OutsideAnswer] | Output[KeptAnswer]:
        given: dict[str, JsonValue] = args.model_dump(mode="json", exclude_none=True)
        seen: list[Listed] = []

        def check(listed: Listed | None) -> None:
            if listed is None:
                raise ToolFailed(f"the MCP server {server!r} has no such tool any more", remedy="look at the server")
            if acceptances.standing(server, listed) != "accepted":
                acceptances.quarantine(server, foreign)
                raise ToolFailed(
                    f"{name!r} is not what somebody accepted, so it is not called",
                    remedy=f"`opswarden mcp accept {server}` shows what it says now",
                )
            if misfit(listed.input_schema, given):
                raise ToolFailed(
                    f"the arguments of {name!r} do not fit what the server takes", remedy="change them, or `arguments`"
                )
            seen.append(listed)

        replied = client.call(foreign, given, check, context.deadline, context.credential)
        return _output(name, settings, tool, replied, seen[0])

    return Tool(
        name=name,
        effect=tool.effect,
        description=tool.description or f"The tool {each!r} of the server {server!r}.",
        args=args_model(f"{server}_{each}".replace("-", "_"), dict(tool.arguments)),
        result=OutsideAnswer if tool.trust == "outside" else KeptAnswer,
        run=run,
        environment=settings.environment,
        timeout_s=settings.timeout_s + _GRACE_S,
        summary_tokens=tool.summary_tokens,
        resource=lambda _args: server,
        two_person=tool.two_person,
        cost_microusd=tool.cost_microusd,
        data_classes=frozenset(tool.data_classes) if tool.data_classes is not None else None,
        credential_env=settings.token_env,
        message_trust=Trust.DERIVED,  # what a server says of an error is not told
        is_offered=known is not None and not known.has_changed,
    )


def _output(
    name: str, settings: ServerSettings, tool: ForeignToolSettings, replied: Replied, listed: Listed
) -> Output[OutsideAnswer] | Output[KeptAnswer]:
    if replied.is_error:
        if tool.effect == "read":
            raise ToolFailed(f"the server says that {name!r} failed")
        raise BackendError(f"the server says that {name!r} failed; what it did until then is not known")
    if listed.output_schema is not None and (not replied.has_content or misfit(listed.output_schema, replied.content)):
        raise BackendError(f"what {name!r} returned does not fit what it declares")
    scope = Scope(environment=settings.environment)
    # A server that returns the same twice, as text and as content, is read once.
    texts = () if replied.has_content else replied.texts[:_MOST_TEXTS]
    left_out = replied.left_out + (0 if replied.has_content else max(len(replied.texts) - _MOST_TEXTS, 0))
    content = json.dumps(replied.content, ensure_ascii=False) if replied.has_content else ""
    note = f"{left_out} parts are no text, or too many, and are left out" if left_out else ""
    if not any(texts) and not content and not left_out:
        return Output("no_data", scope, note="the server returned nothing")
    status: Literal["ok", "truncated"] = "truncated" if left_out else "ok"
    rows, parts = _rows(texts, content), list(texts)
    if tool.trust == "kept":
        return Output(status, scope, KeptAnswer(texts=parts, content=content, left_out=left_out), rows, note)
    return Output(status, scope, OutsideAnswer(texts=parts, content=content, left_out=left_out), rows, note)


def _rows(texts: Sequence[str], content: str) -> pa.Table:
    rows = [*((place, text) for place, text in enumerate(texts)), *([(-1, content)] if content else [])]
    return pa.table(
        {
            "part": pa.array([row[0] for row in rows], pa.int64()),
            "text": pa.array([row[1] for row in rows], pa.string()),
        }
    )
