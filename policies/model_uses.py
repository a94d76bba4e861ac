"""What was asked of language models, out of the ledger; implements `tools.costs.llm_spend.ModelUseReader`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from ..core.canonical import JsonValue
from ..tools.costs.llm_spend import ModelUse, by_team_use_model
from .ledger.types import Ledger

_MOST_OPEN = 20_000
_MOST_SEEN = 500_000


class LedgerModelUses:
    """Requests to models that this installation's runs made. A use is the role of the agent that asked.

    A request counts as repeated where an equal one was recorded in the same run: the hash of a request is keyed by its
    run, and so are the placeholders in it, so that equal requests of two runs cannot be told from others.

    Args:
        ledger: where they are recorded.
        team: whose requests are seen; another team's records are not ours to read.
    """

    def __init__(self, ledger: Ledger, team: str) -> None:
        self._ledger = ledger
        self._team = team

    def model_uses(self, start: datetime, end: datetime) -> tuple[ModelUse, ...]:
        """What was asked from `start` to before `end`; what failed counts as asked, with the cost that is recorded."""
        opened: dict[tuple[str, str], tuple[str, str, bool]] = {}
        seen: set[tuple[str, str]] = set()
        found: list[ModelUse] = []
        for entry in self._ledger.entries():
            if not entry.kind.startswith("prompt.") or not start <= entry.ts < end:
                continue
            body = entry.body
            key = (entry.run_id, _text(body.get("call_id")))
            if entry.kind == "prompt.decided":
                if body.get("decision") != "allow" or _text(body.get("team")) != self._team:
                    continue
                asked = (entry.run_id, _text(body.get("call_hmac")))
                while len(opened) >= _MOST_OPEN:
                    del opened[next(iter(opened))]
                opened[key] = (_text(body.get("role")), _text(body.get("model")), asked in seen)
                if len(seen) < _MOST_SEEN:
                    seen.add(asked)
            elif key in opened:
                found.append(self._use(opened.pop(key), body))
        return by_team_use_model(found)

    def _use(self, asked: tuple[str, str, bool], body: Mapping[str, JsonValue]) -> ModelUse:
        role, model, is_repeated = asked
        return ModelUse(
            team=self._team,
            use=role,
            model=model,
            requests=1,
            tokens_in=_number(body.get("tokens_in")),
            tokens_out=_number(body.get("tokens_out")),
            cost_microusd=_number(body.get("cost_microusd")),
            repeated=int(is_repeated),
        )


def _text(value: JsonValue) -> str:
    return value if isinstance(value, str) else ""


def _number(value: JsonValue) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
