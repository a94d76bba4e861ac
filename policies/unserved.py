"""What the declared pairings leave without any way: data that no model may have, or that nobody may be told of."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from ..tools.spec import AnyTool
from .data_facts import UNKNOWN, DataLabel, Destination
from .data_labels import declared_labels
from .run_data import Residency, model_destination
from .types import Endpoint

_SHOWN = 5


def unserved(
    residency: Residency, tools: Mapping[str, AnyTool], team: str, endpoints: Sequence[Endpoint]
) -> tuple[str, ...]:
    """Sentences about pairs that can never be served; none if every label has a model and an audience, or is checked
    nowhere.

    A country pinned to no model is left out: that is what the operator wants. So are models where none is configured.
    """
    if not residency.rules.is_set:
        return ()
    labels = declared_labels(residency.data, tools, team)
    pins = residency.rules.models
    models = [model_destination(endpoint) for endpoint in endpoints]
    ours = [label for label in labels if pins.get(label.country) == "self-hosted"]
    wanted = [label for label in labels if label.country not in pins]
    found = []
    if models and not any(model.is_self_hosted for model in models):
        found += _told(ours, "no model may have {}: only self-hosted ones may, and no endpoint is self-hosted")
    else:
        wanted += ours
    if models:
        found += _told(_without(residency, wanted, models), "no model may have {}")
    found += _told(_without(residency, labels, _audiences(residency)), "nobody may be told of {}")
    found += _told(residency.store_gaps(tools, team), "the state may not keep {}: calls that read it are denied")
    undeclared = sorted(
        name
        for name, tool in tools.items()
        if any(
            UNKNOWN in (label.country, label.data_class)
            for label in declared_labels(residency.data, {name: tool}, team)
        )
    )
    if undeclared:
        found.append(f"country or class of what {_list(undeclared)} may read is not declared")
    if residency.stores is None:
        found.append("where the state lies is not declared, so it is not checked")
    return tuple(found)


def _audiences(residency: Residency) -> list[Destination]:
    names = {*residency.local_audiences, *residency.destinations.audiences}
    return [residency.people_destination(*name.partition("/")[::2]) for name in sorted(names)]


def _without(
    residency: Residency, labels: Collection[DataLabel], destinations: Sequence[Destination]
) -> list[DataLabel]:
    return [label for label in labels if all(residency.rules.gaps([label], each) for each in destinations)]


def _told(labels: Collection[DataLabel], sentence: str) -> list[str]:
    return [sentence.format(_list(sorted(map(str, labels))))] if labels else []


def _list(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
