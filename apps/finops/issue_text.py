"""What an owner's issue says: what can be saved, what each change risks, and how to answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...tools.recommendations.patches import folder_of
from ...tools.recommendations.types import Recommendation
from .wording import KINDS, change, money, name, risk

_MOST_CHANGES = 40
_MOST_TEXT = 19_000


def owners_of(recommendations: Sequence[Recommendation]) -> Mapping[str, tuple[Recommendation, ...]]:
    """Each owner's, the largest saving first. What nobody owns is under `unowned`."""
    found: dict[str, list[Recommendation]] = {}
    for each in sorted(recommendations, key=lambda one: -one.saving.effective.expected):
        found.setdefault(folder_of(each.owner) if each.owner else "unowned", []).append(each)
    return {owner: tuple(own) for owner, own in found.items()}


def issue_title(owner: str, own: Sequence[Recommendation]) -> str:
    """One line with the total; amounts of one currency."""
    total = sum(each.saving.effective.expected for each in own)
    changes = "1 change" if len(own) == 1 else f"{len(own)} changes"
    return f"Cut cost: {changes} of {owner}, {total:,.0f} {own[0].saving.effective.currency} a month"[:200]


def issue_text(own: Sequence[Recommendation]) -> str:
    """Plain lines; names from a fleet are cleaned and stand among them."""
    lines = ["Savings at effective cost. Nothing is changed until you do it.", ""]
    for each in own[:_MOST_CHANGES]:
        lines += [
            f"{name(each.subject)}: {change(each)}",
            f"  {KINDS[each.kind].lower()}; saves {money(each.saving.effective)}",
            f"  of that {money(each.saving.bill)} on the bill",
            f"  risk next week {risk(each)}; takes about {each.effort_hours:g} h; way back: {each.reversal}",
            f"  {each.id}",
            "",
        ]
    if len(own) > _MOST_CHANGES:
        lines += [f"{len(own) - _MOST_CHANGES} smaller ones: opswarden finops recommendations list", ""]
    lines += [
        "The evidence: opswarden finops recommendations show ID",
        "Your answer: the same with claim, applied, snooze or dismiss instead of show",
    ]
    return "\n".join(lines)[:_MOST_TEXT]
