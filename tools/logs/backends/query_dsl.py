"""Questions in Elasticsearch's query DSL out of typed filters. They are JSON, so a value can be nothing but a value;
the languages that are texts (`query_string` and its like) are never used.

Source: Elasticsearch documentation, "Query DSL", "Composite aggregation", "Paginate search results"; OpenSearch has the
same, but for the point in time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from ..levels import SPELLINGS, Level
from .settings import ElasticsearchSettings

Query = dict[str, Any]

_SEED = 7
_TIME_FORMAT = "strict_date_optional_time_nanos"


def between(settings: ElasticsearchSettings, start: datetime, end: datetime) -> Query:
    """Lines in `[start, end)`."""
    limits = {"gte": _written(start), "lt": _written(end), "format": _TIME_FORMAT}
    return {"range": {settings.time_field: limits}}


def matching(
    settings: ElasticsearchSettings,
    times: Sequence[Query],
    entities: Sequence[str] = (),
    *,
    contains: str | None = None,
    levels: Sequence[Level] = (),
    without: Sequence[Level] = (),
) -> Query:
    """Lines of some times that match everything that is named.

    Args:
        settings: of the system.
        times: `between`; at least one of them holds.
        entities: no name means all.
        contains: plain text in any case, where there is a field for that; else whole words.
        levels: of the line's fields; none means all.
        without: levels that a line's fields must not name.
    """
    filters: list[Query] = [{"term": {name: {"value": value}}} for name, value in sorted(settings.scope.items())]
    filters.append(_any(times))
    if entities:
        filters.append(_first_is(settings.entity_fields, sorted(set(entities))))
    if contains is not None:
        filters.append(_holding(settings, contains))
    if levels:
        filters.append(_first_is(settings.level_fields, written_as(levels)))
    query: Query = {"bool": {"filter": filters}}
    if without:
        query["bool"]["must_not"] = [_first_is(settings.level_fields, written_as(without))]
    return query


def picked(query: Query, every: int) -> Query:
    """Every so manieth line of a query, the same ones whenever it is asked."""
    if every == 1:
        return query
    return {
        "function_score": {
            "query": query,
            "random_score": {"seed": _SEED, "field": "_seq_no"},
            "boost_mode": "replace",
            "min_score": 1 - 1 / every,
        }
    }


def written_as(levels: Iterable[Level]) -> list[str]:
    """How a level is written: in capitals, in small letters, or with one capital."""
    spellings = {spelling for level in levels for spelling in SPELLINGS[level]}
    return sorted({form for text in spellings for form in (text, text.lower(), text.capitalize())})


def order(settings: ElasticsearchSettings, *, backward: bool = False) -> list[Query]:
    """By time, in nanoseconds."""
    way = "desc" if backward else "asc"
    return [{settings.time_field: {"order": way, "format": _TIME_FORMAT, "numeric_type": "date_nanos"}}]


def counts(settings: ElasticsearchSettings, sides: dict[str, Query], after: Query | None, size: int) -> Query:
    """Lines by all fields that name an entity or a level, on each side.

    Args:
        settings: of the system.
        sides: name: `between`.
        after: where the page before ended.
        size: of a page.
    """
    fields = [("entity", settings.entity_fields), ("level", settings.level_fields)]
    sources: list[Query] = [
        {f"{kind}_{place}": {"terms": {"field": field, "missing_bucket": True}}}
        for kind, names in fields
        for place, field in enumerate(names)
    ]
    composite: Query = {"size": size, "sources": sources}
    if after is not None:
        composite["after"] = after
    return {"lines": {"composite": composite, "aggs": {side: {"filter": time} for side, time in sides.items()}}}


def _holding(settings: ElasticsearchSettings, text: str) -> Query:
    if settings.exact_body_field is None:
        return _any([{"match_phrase": {field: {"query": text}}} for field in settings.body_fields])
    # Case is folded in ASCII only: of other letters any one will do.
    inner = "".join("?" if char.isalpha() and not char.isascii() else _escaped(char) for char in text)
    return {"wildcard": {settings.exact_body_field: {"value": f"*{inner}*", "case_insensitive": True}}}


def _escaped(char: str) -> str:
    return f"\\{char}" if char in "*?\\" else char


def _first_is(fields: Sequence[str], values: Sequence[str]) -> Query:
    """The first field that is there has one of these values; none of them is there where the empty one is asked for."""
    field, *others = fields
    here: Query = {"terms": {field: [value for value in values if value]}}
    missing: list[Query] = [{"exists": {"field": field}}]
    if others:
        rest: Query | None = _first_is(others, values)
    else:
        rest = None
    if rest is None and "" not in values:
        return here
    absent: Query = {"bool": {"must_not": missing, **({"filter": [rest]} if rest is not None else {})}}
    return _any([here, absent])


def _any(queries: Sequence[Query]) -> Query:
    return queries[0] if len(queries) == 1 else {"bool": {"should": list(queries), "minimum_should_match": 1}}


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
