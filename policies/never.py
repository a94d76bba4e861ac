"""Rules that can never match: their scope is empty, their conditions contradict themselves or the types.

Also permits that never decide, because another rule forbids every call that they permit. What is reported is certain;
a rule about which that cannot be told is not reported.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from .clauses import (
    Alternatives,
    Clause,
    Need,
    Pattern,
    TooManyClauses,
    all_of,
    conditions_of,
    speaks_of,
)
from .conditions import Tree
from .loading import PolicyNote
from .occurring import ENVIRONMENT, LONGS, ROLE, Asked, Constant, Domain, Known, Path, askable, fits, shown, told

_YES = frozenset({("Bool", True)})


@dataclass(frozen=True)
class Never:
    """A rule that never matches, or never decides.

    Args:
        why: part of a sentence, in plain English.
    """

    policy_id: str
    file: str
    why: str


def never_matching(trees: Sequence[Tree], notes: Sequence[PolicyNote], known: Known) -> tuple[Never, ...]:
    """The rules that no question can match, and the permits of which none can decide.

    Args:
        trees: the policies in Cedar's JSON format.
        notes: what each says about itself.
        known: what can occur.
    """
    asked = askable(known)
    found: list[Never] = []
    dead: set[str] = set()
    for tree, note in zip(trees, notes, strict=True):
        why = _why_never(tree, asked)
        if why:
            dead.add(note.id)
            found.append(Never(note.id, note.file, why))
    forbids = [
        (tree, note) for tree, note in zip(trees, notes, strict=True) if note.effect == "forbid" and note.id not in dead
    ]
    for tree, note in zip(trees, notes, strict=True):
        # Narrowing our own permits is what the operator's forbids are for.
        if note.effect == "forbid" or note.id in dead or note.file in known.builtin_files:
            continue
        over = next((above.id for forbid, above in forbids if _covers(forbid, tree, asked)), None)
        if over is not None:
            found.append(Never(note.id, note.file, f"every call it permits is forbidden by {over}"))
    order = {note.id: place for place, note in enumerate(notes)}
    return tuple(sorted(found, key=lambda one: order[one.policy_id]))


def _why_never(policy: Tree, asked: Sequence[Asked]) -> str | None:
    """Why no question matches a policy; `None` if one does, or might."""
    in_scope = [one for one in asked if speaks_of(policy, one)]
    if not in_scope:
        return "no tool is among its actions"
    found: list[_Contradiction] = []
    for one in in_scope:
        try:
            alternatives = [Alternatives(one).of(*condition) for condition in conditions_of(policy)]
            clauses = all_of(alternatives)
        except TooManyClauses:
            return None
        for clause in clauses:
            contradiction = _contradiction(clause, one)
            if contradiction is None:
                return None
            found.append(contradiction)
    # What says most is the contradiction of the alternative that goes furthest before it fails.
    return max(found, key=lambda one: (one.is_telling, one.place)).why if found else None


def _covers(forbid: Tree, permit: Tree, asked: Sequence[Asked]) -> bool:
    """Whether the forbid matches whatever the permit matches."""
    for one in asked:
        if not speaks_of(permit, one):
            continue
        if not speaks_of(forbid, one):
            return False
        alternatives = Alternatives(one)
        try:
            wanted = [alternatives.of(*condition) for condition in conditions_of(permit)]
            failing = [clause for body, holds in conditions_of(forbid) for clause in alternatives.of(body, not holds)]
            clauses = all_of([*wanted, failing])
        except TooManyClauses:
            return False
        if any(_contradiction(clause, one) is None for clause in clauses):
            return False
    return True


@dataclass(frozen=True)
class _Contradiction:
    """Why a clause cannot hold.

    Args:
        place: how many needs held together before.
        is_telling: it is more than that the policy looks at another action or resource.
    """

    why: str
    place: int
    is_telling: bool


def _contradiction(clause: Clause, asked: Asked) -> _Contradiction | None:
    for place, need in enumerate(clause):
        if need.never:
            return _Contradiction(need.never, place, is_telling=False)
        before = clause[:place]
        same = [other for other in before if other.term == need.term]
        domain = asked.domain(need.term)
        if not _can_hold([*same, need], domain):
            return _Contradiction(_why(same, need, domain), place, is_telling=True)
        other = next((other for other in before if _clash(other, need)), None)
        if other is not None:
            return _Contradiction(_together([other, need]), place, is_telling=True)
    return None


def _can_hold(needs: Sequence[Need], domain: Domain) -> bool:
    """Whether one value of a domain can satisfy all needs, which are about the same thing."""
    domain = replace(
        domain,
        low=max(domain.low, *(LONGS[0] if need.low is None else need.low for need in needs)),
        high=min(domain.high, *(LONGS[1] if need.high is None else need.high for need in needs)),
    )
    values = domain.values
    for need in needs:
        if need.only is not None:
            values = need.only if values is None else values & need.only
    if values is not None:
        return any(fits(value, domain) and all(_leaves(need, value) for need in needs) for value in values)
    return _has_number(needs, domain) and _has_text(needs, domain)


def _leaves(need: Need, value: Constant) -> bool:
    """Whether a need, its range and its list aside, lets a value be."""
    text = value[1]
    if need.low is not None and not (isinstance(text, int) and text >= need.low):
        return False
    if need.high is not None and not (isinstance(text, int) and text <= need.high):
        return False
    if need.like is not None and not (isinstance(text, str) and _matches(text, need.like)):
        return False
    if need.unlike is not None and isinstance(text, str) and _matches(text, need.unlike):
        return False
    return value not in need.but


def _has_number(needs: Sequence[Need], domain: Domain) -> bool:
    excluded = {value[1] for need in needs for value in need.but if isinstance(value[1], int)}
    size = domain.high - domain.low + 1
    return size > len(excluded) or any(number not in excluded for number in range(domain.low, domain.high + 1))


def _has_text(needs: Sequence[Need], domain: Domain) -> bool:
    """Patterns that no text can fit at once; what they do not rule out is left open."""
    wanted = [need.like for need in needs if need.like is not None]
    if any(need.unlike in wanted or need.unlike == (None,) for need in needs if need.unlike is not None):
        return False
    if domain.longest is not None and any(sum(map(len, filter(None, one))) > domain.longest for one in wanted):
        return False
    starts, ends = [one[0] or "" for one in wanted if one], [(one[-1] or "")[::-1] for one in wanted if one]
    return all(_one_begins_the_other(texts) for texts in (starts, ends))


def _one_begins_the_other(texts: Sequence[str]) -> bool:
    longest = max(texts, key=len, default="")
    return all(longest.startswith(text) for text in texts)


def _matches(text: str, pattern: Pattern) -> bool:
    """Whether a text fits a pattern of `like`: each part as early as it can be, the last at the end."""
    if None not in pattern:
        return text == "".join(filter(None, pattern))
    first, last = pattern.index(None), len(pattern) - 1 - pattern[::-1].index(None)
    start, end = "".join(filter(None, pattern[:first])), "".join(filter(None, pattern[last:]))
    if not (len(text) >= len(start) + len(end) and text.startswith(start) and text.endswith(end)):
        return False
    at, middle, between = len(start), "", text[: len(text) - len(end)]
    for part in pattern[first : last + 1]:
        if part is not None:
            middle += part
            continue
        found = between.find(middle, at)
        if found < 0:
            return False
        at, middle = found + len(middle), ""
    return True


def _clash(one: Need, other: Need) -> bool:
    """Whether two needs about different things exclude each other: smaller and larger, empty and with a member."""
    if one.only != _YES or other.only != _YES:
        return False
    return any(_excludes(*terms) for terms in ((one.term, other.term), (other.term, one.term)))


def _excludes(first: Path, second: Path) -> bool:
    joints = (first[0], second[0])
    if joints == ("<", "<"):
        return first[1:] == second[:0:-1]
    if joints == ("<", "=="):
        return sorted(first[1:]) == sorted(second[1:])
    return joints == ("contains", "isEmpty") and first[1] == second[1]


def _why(same: Sequence[Need], need: Need, domain: Domain) -> str:
    """The contradiction in words: with the types if it is one, or with the least that came before."""
    if not _can_hold([need], domain):
        return _why_not_of_the_domain(need, domain)
    other = next((other for other in same if not _can_hold([other, need], domain)), None)
    return _together([*same, need] if other is None else [other, need])


def _together(needs: Sequence[Need]) -> str:
    *others, last = list(dict.fromkeys(f"`{need.text}`" for need in needs))
    return f"{', '.join(others)} and {last} never hold together"


def _why_not_of_the_domain(need: Need, domain: Domain) -> str:
    if need.only is not None and need.term in (ROLE, ENVIRONMENT):
        names = told(need.only, "or")
        there = told(domain.values or frozenset(), "and")
        if need.term == ROLE:
            return f"no agent has the role {names}; the roles are {there}"
        return f"none of its tools acts in the environment {names}; there is {there}"
    said = _told_domain(domain)
    if need.only is not None and len(need.only) == 1 and said:
        return f"{need.subject} is never {shown(next(iter(need.only)))}: it {said}"
    return f"`{need.text}` never holds" + (f": {need.subject} {said}" if said else "")


def _told_domain(domain: Domain) -> str:
    if domain.values is not None:
        return f"is {told(domain.values, 'or')}"
    parts: list[str] = []
    if domain.low > LONGS[0]:
        parts.append("is never negative" if domain.low == 0 else f"is at least {domain.low}")
    if domain.high < LONGS[1]:
        parts.append(f"is at most {domain.high}")
    if domain.shortest > 0:
        parts.append(f"has at least {domain.shortest} characters")
    if domain.longest is not None:
        parts.append(f"has at most {domain.longest} characters")
    return " and ".join(parts)
