"""`owners.find`."""

from __future__ import annotations

import pyarrow as pa

from ...core.errors import BackendError
from ..spec import AnyTool, Output, Scope, Tool, ToolContext
from ..summary import first_that_fit, one_line
from ..windows import entity_filter
from .backends.types import OwnersBackend
from .catalogue import Catalogue, Found, Team
from .types import FindArgs, FindResult, Owner

_NAMES = ("asked", "entity", "owner", "on_call", "channel", "source")
OWNER_COLUMNS = pa.schema([(name, pa.string()) for name in _NAMES])
"""Columns of the artifact of `owners.find`: a row per entity that was found."""

_TOKENS = 600
_SHOWN_PEOPLE = 4
_SHOWN_LINKS = 3


def owners_tools(backend: OwnersBackend) -> tuple[AnyTool, ...]:
    """The tools over one catalogue."""

    def find(args: FindArgs, context: ToolContext) -> Output[FindResult]:
        catalogue = backend.catalogue(context.deadline)
        scope = Scope(environment=backend.environment, filters=entity_filter(args.entities))
        if not catalogue.entries and catalogue.problems:
            raise BackendError(f"the service catalogue cannot be used: {catalogue.problems[0]}", remedy="mend the file")
        if not catalogue.entries:
            return Output("no_data", scope, note="there is no service catalogue, and no label names an owner")
        found = {entity: catalogue.find(entity) for entity in dict.fromkeys(args.entities)}
        owners = [_owner(entity, one, catalogue) for entity, one in found.items() if one is not None]
        if not owners:
            note = f"none of these entities is among the {len(catalogue.entries)} of the service catalogue"
            return Output("no_data", scope, note=note)
        shown = first_that_fit(owners, _TOKENS)
        result = FindResult(
            known_entities=len(catalogue.entries),
            unknown=tuple(one_line(entity) for entity, one in found.items() if one is None)[:5],
            owners=shown,
            problems=catalogue.problems[:3],
        )
        rest = len(owners) - len(shown)
        note = f"{rest} of the entities are left out; ask for fewer" if rest else ""
        rows = [{name: getattr(one, name) for name in OWNER_COLUMNS.names} for one in owners]
        table = pa.Table.from_pylist(rows, schema=OWNER_COLUMNS)
        return Output("truncated" if rest else "ok", scope, result, artifact=table, note=note)

    return (
        Tool(
            name="owners.find",
            effect="read",
            description="Who owns an entity and how to reach them, as the service catalogue says.",
            args=FindArgs,
            result=FindResult,
            run=find,
            environment=backend.environment,
            summary_tokens=800,
        ),
    )


def _owner(asked: str, found: Found, catalogue: Catalogue) -> Owner:
    entry = found.entry
    team = catalogue.team(entry.owner) or Team(entry.owner)
    return Owner(
        asked=one_line(asked),
        entity=one_line(entry.name),
        matched_by=found.matched_by,
        source=entry.source,
        owner=one_line(entry.owner),
        on_call=one_line(entry.on_call or team.on_call),
        channel=one_line(entry.channel or team.channel),
        page=one_line(team.page),
        people=tuple(one_line(person) for person in team.people[:_SHOWN_PEOPLE]),
        tier=entry.tier,
        system=one_line(entry.system),
        lifecycle=one_line(entry.lifecycle),
        description=one_line(entry.description),
        runbooks=tuple(one_line(page) for page in entry.runbooks[:_SHOWN_LINKS]),
        depends_on=tuple(one_line(name) for name in entry.depends_on[:5]),
    )
