"""`outcomes.explain`: whether the model broke, the world changed, or a provider is down, with what speaks for it.

Each segment whose approvals fell is told by who declines more in it: a system that failed, a proof that failed, our own
rules or model, or issuers. What differs between a model that broke and one that meets another world is whether it, its
threshold or its features changed at the same time; the payments themselves cannot tell.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ..summary import one_line
from .analysis import Analysis, dimensions_of, money_of
from .backends.types import Outcomes
from .bursts import FoundBurst, repeats
from .codes import CodeMove, code_moves, money_lost
from .explain_types import ExplainArgs, ExplainResult, FalseDeclines, Situation, SituationName, Verdict
from .folded import folded, group_by_decider
from .mix import mix_of
from .scan import Found
from .tally import Places
from .types import CodeGroup, Money

_OVERLAP = 0.5
_LEAST_BY_MIX = 0.01
"""A fall by a point that another mix brings about is told; what days differ by in their mix is less."""
_BIAS = (
    "what was declined has no outcome, so nobody knows which of these were fraud; those beyond the quiet share are "
    "taken for payments like the others, which is too many if fraud rose"
)

_VERDICTS: Mapping[SituationName, Verdict] = {
    "provider_outage": "provider_down",
    "issuer_outage": "provider_down",
    "platform_failure": "provider_down",
    "authentication_failure": "provider_down",
    "model_declines": "model_broke",
    "rule_declines": "own_rules",
    "issuer_declines": "world_changed",
    "card_testing": "attack",
    "retry_storm": "world_changed",
    "mix_shift": "world_changed",
    "chargebacks_rose": "world_changed",
    "unexplained": "world_changed",
}


_OUTAGES: Mapping[str, SituationName] = {
    "provider": "provider_outage",
    "issuer": "issuer_outage",
    "": "platform_failure",
}


@dataclass(frozen=True)
class Beside:
    """What other tools found for the same windows; `None` where it was not handed over."""

    features: pa.Table | None = None
    models: pa.Table | None = None
    notices: pa.Table | None = None
    changes: pa.Table | None = None


def explain(found: Outcomes, args: ExplainArgs, beside: Beside) -> ExplainResult:
    """Everything that goes on, what weighs most first."""
    return _Explanation(found, args, beside).result()


class _Explanation:
    def __init__(self, found: Outcomes, args: ExplainArgs, beside: Beside) -> None:
        merged, self._deciders, self._versions = folded(found, with_versions=False)
        self._beside = beside
        self._of = Analysis(merged, args)
        self._trials = self._of.approvals.trials
        self._storms = repeats(self._of.approvals, self._of.codes, self._of.slices)

    def result(self) -> ExplainResult:
        counts, approvals = self._of.scans["approval"]
        mix = mix_of(counts, approvals.rates, self._of.slices)
        fell = [one for one in approvals.found if one.fell and not self._of.is_attack(one)]
        found = [self._fallen(one) for one in fell]
        found += [self._burst("card_testing", one) for one in self._of.bursts]
        found += [self._burst("retry_storm", one) for one in self._storms]
        if "chargeback" in self._of.scans:
            found += [self._chargebacks(one) for one in self._of.scans["chargeback"][1].found if one.fell]
        if mix.before - mix.at_old_rates >= _LEAST_BY_MIX:
            found.append(self._mixed(mix.moved_by, mix.before - mix.at_old_rates))
        found.sort(key=lambda each: -self._weight(each, found))
        return ExplainResult(
            verdict=found[0].verdict if found else "nothing",
            rate_before=round(mix.before, 4),
            rate_after=round(mix.after, 4),
            situations=tuple(found[:8]),
            false_declines=self._false_declines(fell),
            not_looked_at=self._unseen(),
        )

    def _weight(self, each: Situation, found: Sequence[Situation]) -> float:
        """Payments that it concerns; a storm of repeats that an outage brings about comes behind the outage."""
        if each.name == "retry_storm" and any(one.verdict == "provider_down" for one in found):
            return 0.0
        return float(abs(each.payments))

    def _fallen(self, one: Found) -> Situation:
        moves = code_moves(self._of.codes, one.cells)
        group, decider = self._group(one.cells, moves)
        name, evidence, named = self._named(one, group, decider, moves)
        verdict = _VERDICTS[name]
        if name == "model_declines" and not self._model_changed(one.cells):
            # The same model on the same features meets other payments.
            verdict = "world_changed"
            evidence.append("neither its version nor its threshold is new, and no feature is known to be ill")
        if any(self._shared(one.cells, storm.cells) for storm in self._storms) and group == "business":
            name, verdict = "retry_storm", "world_changed"
            evidence.append("the same payments are tried again and again, which lowers the rate")
        missing = one.expected - one.good
        return Situation(
            name=name,
            verdict=verdict,
            conditions=dimensions_of(one.conditions),
            payments=round(missing),
            payments_low=round(missing - 1.96 * one.error),
            payments_high=round(missing + 1.96 * one.error),
            money=self._money(one.cells),
            since=self._of.moment(one.since),
            evidence=tuple(evidence),
            named=tuple(one_line(each) for each in named[:6]),
        )

    def _group(self, cells: Places, moves: Sequence[CodeMove]) -> tuple[CodeGroup, str]:
        """Who is behind what grew: the decider where payments name one, else the kind of the codes."""
        decider, part = self._deciders.grown(cells, self._trials)
        group = group_by_decider(decider) if part >= _OVERLAP else None
        if group is not None:
            return group, decider
        extra: dict[CodeGroup, float] = {}
        for move in moves:
            extra[move.group] = extra.get(move.group, 0.0) + move.extra
        return (max(extra, key=lambda each: extra[each]) if extra else "other"), ""

    def _named(
        self, one: Found, group: CodeGroup, decider: str, moves: Sequence[CodeMove]
    ) -> tuple[SituationName, list[str], list[str]]:
        where = dict(one.conditions)
        grown = [move for move in moves if move.group == group] or list(moves)
        named = [f"{move.outcome} {move.code}".strip() for move in grown[:2]]
        share = sum(move.share_after - move.share_before for move in grown)
        evidence = [f"{share:.1%} more of its attempts end in a decline of the kind {group}"] if grown else []
        if decider:
            named.append(decider)
        if group == "technical":
            name: SituationName = (
                "provider_outage"
                if "provider" in where
                else "issuer_outage"
                if "issuer" in where
                else "platform_failure"
            )
            evidence += self._others_are_well(one, "provider" if "provider" in where else "issuer")
            evidence += self._said("notices", "notices of others speak of this time")
            return name, evidence, named
        if group == "authentication":
            return "authentication_failure", evidence, named
        if group == "rules":
            new = self._versions.new(one.cells)
            evidence += [f"{dimension} is new in {after:.0%} of its attempts" for dimension, _, after in new]
            evidence += self._said("features", "served features differ from the quiet time")
            named += [value for _, value, _ in new]
            by_rule = decider in ("rule", "rules") or any("rule" in dimension for dimension, _, _ in new)
            return ("rule_declines" if by_rule else "model_declines"), evidence, named
        if group == "business":
            return "issuer_declines", evidence, named
        return "unexplained", evidence, named

    def _others_are_well(self, one: Found, dimension: str) -> list[str]:
        """Whether the same payments go through elsewhere: then it is this one, and not the payers."""
        inside = np.zeros(len(self._trials), dtype=bool)
        inside[one.cells] = True
        lost, trials = self._of.lost("approval"), self._trials[:, 1]
        if inside.all() or dimension not in dict(one.conditions):
            return ["every segment fell alike"] if inside.all() else []
        others = float(lost[~inside].sum()) / max(float(trials[~inside].sum()), 1.0)
        return [f"others of its kind lost {max(others, 0.0):.1%} of their attempts in the same time"]

    def _model_changed(self, cells: Places) -> bool:
        return bool(self._versions.new(cells) or self._said("features", "") or self._said("models", ""))

    def _said(self, what: str, words: str) -> list[str]:
        table: pa.Table | None = getattr(self._beside, what)
        count = 0 if table is None else _ROWS[what](table)
        return [f"{words} ({count})"] if count else []

    def _burst(self, name: SituationName, one: FoundBurst) -> Situation:
        size = "small" if name == "card_testing" else "usual"
        evidence = (
            f"{one.extra:.0f} attempts beyond what the rest of the traffic gives, {one.declined_share:.0%} declined",
            f"for {size} amounts: {one.amount_ratio:.2f} of the usual",
        )
        return Situation(
            name=name,
            verdict=_VERDICTS[name],
            conditions=dimensions_of(one.conditions),
            payments=round(one.extra),
            payments_low=round(one.extra),
            payments_high=round(one.extra),
            money=(),
            since=self._of.moment(one.since),
            evidence=evidence,
            named=(),
        )

    def _chargebacks(self, one: Found) -> Situation:
        missing = one.expected - one.good
        share = missing / max(one.trials, 1.0)
        return Situation(
            name="chargebacks_rose",
            verdict=_VERDICTS["chargebacks_rose"],
            conditions=dimensions_of(one.conditions),
            payments=round(missing),
            payments_low=round(missing - 1.96 * one.error),
            payments_high=round(missing + 1.96 * one.error),
            money=(),
            since=self._of.moment(one.since),
            evidence=(f"{share:.2%} of approved payments more come back; they were paid weeks before",),
            named=(),
        )

    def _mixed(self, moved_by: str | None, fall: float) -> Situation:
        payments = round(fall * float(self._trials[:, 1].sum()))
        return Situation(
            name="mix_shift",
            verdict="world_changed",
            conditions=(),
            payments=payments,
            payments_low=payments,
            payments_high=payments,
            money=(),
            since=None,
            evidence=(f"{fall:.1%} of the fall is another mix of payments, at the rates that each had before",),
            named=(one_line(moved_by),) if moved_by else (),
        )

    def _shared(self, mine: Places, storm: Places) -> bool:
        trials = self._trials[:, 1]
        both = float(trials[np.intersect1d(mine, storm)].sum())
        return both > _OVERLAP * min(float(trials[mine].sum()), float(trials[storm].sum()))

    def _money(self, cells: Places) -> tuple[Money, ...]:
        return money_of(money_lost(self._of.codes, self._of.currencies, self._of.lost("approval"), cells))

    def _false_declines(self, fell: Sequence[Found]) -> FalseDeclines | None:
        """What our own rules or model declined beyond their quiet share, as far as issuers would have approved it."""
        own = [one for one in fell if self._group(one.cells, code_moves(self._of.codes, one.cells))[0] == "rules"]
        if not own:
            return None
        cells = np.unique(np.concatenate([one.cells for one in own]))
        missing = sum(one.expected - one.good for one in own)
        error = float(np.sqrt(sum(one.error**2 for one in own)))
        good, trials = self._of.approvals.good[cells, 0].sum(), self._trials[cells, 0].sum()
        return FalseDeclines(
            payments=round(missing),
            payments_low=round(missing - 1.96 * error),
            payments_high=round(missing + 1.96 * error),
            would_pass=round(float(good / trials), 4) if trials > 0 else 0.0,
            money=self._money(cells),
            bias=_BIAS,
        )

    def _unseen(self) -> tuple[str, ...]:
        names = (("features", "health of features"), ("models", "models"), ("notices", "notices of others"))
        found = [f"{words}: not handed over" for what, words in names if getattr(self._beside, what) is None]
        if not self._versions.names:
            found.append("versions of models and thresholds: payments carry none")
        return tuple(found)


def _rows_of_features(table: pa.Table) -> int:
    """Features that are ill, as `features.health` says; one that merely drifts may be right about another world."""
    return sum(each not in (None, "drift") for each in table["trouble"].to_pylist())


def _rows_of_models(table: pa.Table) -> int:
    """Models of which a version began to answer."""
    return sum(each is not None for each in table["newest_since_us"].to_pylist())


_ROWS: Mapping[str, Callable[[pa.Table], int]] = {
    "features": _rows_of_features,
    "models": _rows_of_models,
    "notices": lambda table: table.num_rows,
    "changes": lambda table: table.num_rows,
}
