"""A runbook out of an alerting rule: what it reads, how that behaves, what stands around it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ...tools.runbooks.rule_expressions import RuleExpression, read_rule
from ...tools.runbooks.rules import AlertRule
from ...tools.runbooks.selectors import Selector, simple
from .facts import (
    Known,
    Range,
    around_steps,
    everywhere_steps,
    measured,
    neighbours,
    range_lines,
    ranges,
    say_changes,
    say_impact,
    say_past,
)
from .owners import most_owned_by, say_owner
from .page import Draft, DraftStep, bullets, decide, query
from .sources import Source, cited, code, number

_ENTITY_LABELS = ("entity", "service", "job", "app", "deployment")
_SEVERITY = {"critical": "critical", "page": "critical", "warning": "warning", "ticket": "warning", "info": "info"}
_SIGNS = {">": "above", ">=": "at least", "<": "below", "<=": "at most", "==": "equal to", "!=": "other than"}
_MOST_ENTITIES = 6


def draft_for_alert(rule: AlertRule, known: Known, entity: str | None = None) -> Draft:
    """Draft a page for a rule.

    Args:
        rule: redacted.
        known: what is known of the platform.
        entity: where it fires, if the expression does not say and somebody does.
    """
    read = read_rule(rule.expression)
    content = {
        "alert": rule.name,
        "expr": rule.expression,
        "summary": rule.summary,
        "description": rule.description,
        "severity": rule.severity,
        "threshold": read.comparison.threshold if read.comparison else None,
        "reads": [each.metric for each in read.selectors],
    }
    source = known.sources.add(f"rule {rule.name} in {rule.file}", content)
    entities = [entity] if entity else entities_of(read, known)
    draft = Draft(rule.name, {"alerts": [rule.name], "services": entities}, known.sources)
    _say_meaning(draft, rule, read, source)
    found = [each for one in entities for each in _measured(read, known, one)]
    if found:
        lines = range_lines(found)
        draft.say("As usual", measured(known, found[0].source), "")
        draft.say("As usual", *lines)
    else:
        draft.notes.append(f"how it usually behaves: nothing was measured of what the rule reads{cited(source)}")
    if len(entities) == 1:
        say_impact(draft, known, entities[0])
    _say_check(draft, read, found, source)
    if len(entities) == 1:
        around_steps(draft, known, entities[0], "Diagnosis")
    else:
        everywhere_steps(draft, known, entities, "Diagnosis")
    say_past(draft, known, rule.name, entities, "Mitigation")
    owner = ""
    if len(entities) == 1:
        say_changes(draft, known, [entities[0], *neighbours(known, entities[0], "callees")[0]])
        owner = say_owner(draft, known, entities[0])
    elif entities:
        owner = most_owned_by(draft, known, entities)
    else:
        draft.notes.append(f"where it fires: the expression names nothing that is known{cited(source)}")
    draft.front = {**draft.front, "owner": owner, "severity": _SEVERITY.get(rule.severity, ""), "risk": "low"}
    return draft


def entities_of(read: RuleExpression, known: Known) -> list[str]:
    """Where the alert fires: what its labels name, else whatever has all its metrics."""
    named = [
        condition.value
        for selector in read.selectors
        for condition in selector.conditions
        if condition.label in _ENTITY_LABELS and condition.operator == "="
    ]
    if named:
        return list(dict.fromkeys(named))
    having = [known.metrics[name].entities for name in _metrics(read) if name in known.metrics]
    both = frozenset.intersection(*having) if having else frozenset()
    return sorted(both)[:_MOST_ENTITIES]


def _metrics(read: RuleExpression) -> list[str]:
    return list(dict.fromkeys(each.metric for each in read.selectors if each.metric))


def _measured(read: RuleExpression, known: Known, entity: str) -> list[Range]:
    """The ranges of what the rule reads at an entity, by the labels that it asks for."""
    found: dict[str, Range] = {}
    for selector in read.selectors:
        labels = {
            each.label: each.value
            for each in selector.conditions
            if each.operator == "=" and each.label not in _ENTITY_LABELS
        }
        for each in ranges(known, entity, selector.metric, labels, most=6):
            found.setdefault(each.selector, each)
    return list(found.values())


def _say_meaning(draft: Draft, rule: AlertRule, read: RuleExpression, source: Source) -> None:
    mark = cited(source)
    lines = [f"the rule says: {code(text)}{mark}" for text in (rule.summary, rule.description) if text]
    if not lines:
        draft.notes.append(f"what it means: the rule says nothing in words{mark}")
    lines.append(f"it reads {code(rule.expression)}{mark}")
    if read.comparison is not None:
        limit = number(read.comparison.threshold)
        lines.append(f"it fires while that value is {_SIGNS[read.comparison.sign]} {limit}{mark}")
    elif read.problem:
        draft.notes.append(f"on what it fires: its expression cannot be read{mark}")
    draft.say("Meaning", *bullets(lines))


def _say_check(draft: Draft, read: RuleExpression, found: Sequence[Range], source: Source) -> None:
    """The first step: whether it is still so."""
    asked = _asked(read, found)
    if asked is None:
        return
    expression, limit, is_, is_one = asked
    mark = cited(source, *(each.source for each in found[:1]))
    text = f"Is it still so? Usually it is {is_} {number(limit)}{mark}"
    block = query(
        expression,
        "as usual" if is_one else "every series as usual",
        path="series[0].last" if is_one else "",
        is_=is_,
        value=float(number(limit)),
    )
    blocks = (block, decide("Is it as usual again?", held="stop", not_held="next")) if is_one else (block,)
    draft.step("Diagnosis", DraftStep(text, blocks))


def _asked(read: RuleExpression, found: Sequence[Range]) -> tuple[str, float, str, bool] | None:
    """What to ask, the limit, the side on which it is as usual, and whether it is one series that code can judge."""
    comparison = read.comparison
    if comparison is None:
        return (found[0].selector, found[0].high, "below", len(found) == 1) if found else None
    is_ = "below" if comparison.sign in (">", ">=") else "above"
    plain = simple(re.sub(r"\{\}", "", comparison.asked))
    if plain is None or not found:
        return comparison.asked, comparison.threshold, is_, False
    if len(found) == 1:
        return found[0].selector, comparison.threshold, is_, True
    return _everywhere(plain, found), comparison.threshold, is_, False


def _everywhere(plain: Selector, found: Sequence[Range]) -> str:
    """A selector over all its series: at the one entity, or wherever the alert fired."""
    entities = {each.entity for each in found}
    where = next(iter(entities)) if len(entities) == 1 else "$entity"
    kept = [f'{each.label}="{each.value}"' for each in plain.conditions if each.label not in _ENTITY_LABELS]
    conditions = ", ".join([f'entity="{where}"', *kept])
    return f"{plain.metric}{{{conditions}}}"
