"""The suite `runbooks`: search as `runbooks.search` does it, and FTS5's BM25 on the same pages beside it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from ...core.clock import Deadline, SystemClock
from ...core.errors import OpswardenError
from ...redaction.engine import Redaction
from ...tools.runbooks.backends.types import Entry
from ...tools.runbooks.documents import Runbook, parse
from ...tools.runbooks.index import Indexed, RunbookIndex
from ...tools.runbooks.library import Alert, RunbookLibrary, may_be_for
from ...tools.runbooks.ranking import question_of
from ...tools.runbooks.rules import AlertRule, Rules
from ...tools.runbooks.words.cutting import without_templates
from ..running import reason_of
from ..scoring.runbooks import PLACES, SUITE, place_of, score_place, stem_of
from ..suite import CaseScore, Drawn, SuiteResult
from ..summary import summarise
from .fts5_baseline import PlainFts5
from .runbook_items import Collection, invented, read_collection
from .runbook_rot import ROTS, codes_after, platform
from .runbook_set import Asked

_BASELINE = "fts5_bm25"
_PATIENCE_S = 3_600.0
_TITLE = re.compile(r"(?m)^(?:title:.*|# .*|=+\s*)$")


def run_runbooks(
    data: Path | None,
    *,
    seed: int = 0,
    limit: int | None = None,
    drawn: Drawn = "case",
    progress: Callable[[int, int], None] | None = None,
) -> SuiteResult:
    """Ask every question of the index and of the baseline.

    Args:
        data: see `runbook_items.read_collection`; the invented set without.
        seed: of the intervals.
        limit: at most so many alerts, and so many questions that no page answers.
        drawn: what the intervals take as independent.
        progress: called with (questions asked, questions).

    Raises:
        InputError: the data cannot be used.
        NothingScored: every question broke.
    """
    collection = read_collection(data) if data is not None else invented()
    answered = [asked for asked in collection.asked if asked.target is not None][:limit]
    others = [asked for asked in collection.asked if asked.target is None][:limit]
    scores = []
    with _Search(collection, answered) as search:
        for done, asked in enumerate([*answered, *others], start=1):
            scores.append(_attempt(search, asked, done))
            if progress is not None:
                progress(done, len(answered) + len(others))
    if data is None:
        scores += _rot_scores()
    result = summarise(SUITE, scores, seed=seed, drawn=drawn)
    return result.model_copy(update={"notes": (f"{len(collection.pages)} pages", *collection.notes)})


def _attempt(search: _Search, asked: Asked, place: int) -> CaseScore:
    case_id = f"{place:04d} {asked.name}"
    try:
        return search.score(asked, case_id)
    except (OpswardenError, ValueError) as error:
        return CaseScore(id=case_id, set_name="runbooks", group=asked.group, error=reason_of(error))


def _rot_scores() -> list[CaseScore]:
    """The fresh page and every way in which it rots; pages of others hold no rot that anybody planted."""
    redaction = Redaction()

    def private(text: str) -> list[tuple[int, str]]:
        return [(text.count("\n", 0, span.start) + 1, span.entity_type) for span in redaction.analyze(text)]

    held = platform(private)
    fresh = codes_after(None, held)
    common: dict[str, Any] = {"set_name": "runbooks", "group": "rot"}
    scores = [CaseScore(id="fresh page", metrics={"fresh_clean": float(not fresh)}, **common)]
    for rot in ROTS:
        found = codes_after(rot, held)
        details = {"found": sorted(found), "wanted": rot.code}
        scores.append(
            CaseScore(id=rot.name, metrics={"rot_found": float(rot.code in found)}, details=details, **common)
        )
    return scores


class _Held:
    """Pages that are just there, as a source of runbooks."""

    environment = "held"

    def __init__(self, pages: Mapping[str, str]) -> None:
        self.pages = pages

    def entries(self, deadline: Deadline) -> tuple[Entry, ...]:
        return tuple(Entry(name, "1") for name in self.pages)

    def text(self, name: str) -> str | None:
        return self.pages.get(name)

    def documents(self, deadline: Deadline) -> tuple[Runbook, ...]:
        return tuple(parse(name, text) for name, text in self.pages.items())


class _Search:
    """The pages behind our index and the baseline's, as they are and with their names taken away."""

    def __init__(self, collection: Collection, asked: Sequence[Asked]) -> None:
        self._names = {f"p{place}.md": name for place, name in enumerate(collection.pages)}
        hidden = {stem_of(each.target): each.name for each in asked if each.target is not None}
        masked = {
            short: _masked(text, name, hidden.get(stem_of(name), ""))
            for short, (name, text) in zip(self._names, collection.pages.items(), strict=True)
        }
        self._pages = collection.pages
        self._rules = Rules(tuple(AlertRule(each.name, "") for each in asked if each.name))
        self._held = _Held(collection.pages)
        self._library = RunbookLibrary(self._held)
        self._index, self._masked = _indexed(collection.pages), _indexed(masked)
        self._plain = PlainFts5(collection.pages, has_titles=True)
        self._plain_masked = PlainFts5(masked, has_titles=False)

    def __enter__(self) -> _Search:
        return self

    def __exit__(self, *_: object) -> None:
        for each in (self._library, self._index, self._masked, self._plain, self._plain_masked):
            each.close()

    def score(self, asked: Asked, case_id: str) -> CaseScore:
        texts = tuple(_without(text, asked.name) for text in (asked.summary, asked.description))
        if not any(text.strip() for text in texts) and asked.expression:
            texts = (asked.expression,)  # as `Alert.texts` does
        is_plain = not asked.name  # a question of a person's, and no alert
        best = self._find(self._index, texts, is_plain=is_plain)
        names = [page.runbook.name for page in best]
        is_refused = _is_refused(best)
        details = {"found": names[:3], "wanted": asked.target, "is_refused": is_refused}
        common: dict[str, Any] = {"id": case_id, "set_name": "runbooks", "group": asked.group, "details": details}
        if asked.target is None:
            said_so = {"refused_rightly": float(is_refused)}
            if not is_plain:
                said_so["asked_refused_rightly"] = float(_is_refused(self._find(self._index, texts, is_plain=True)))
            return CaseScore(**common, metrics=said_so)
        target = asked.target
        masked = [self._names[page.runbook.name] for page in self._find(self._masked, texts)]
        rest = self._without_page(target, texts)
        metrics = {
            **score_place(place_of(names, target)),
            **score_place(place_of(masked, target), "masked_"),
            "refused_wrongly": float(is_refused),
            "left_out_refused": float(_is_refused(rest)),
            "left_out_named_refused": float(_is_refused(self._its_own(asked, rest))),
            "named_refused_wrongly": float(_is_refused(own := self._its_own(asked, best))),
            "named_recall_1": float(place_of([page.runbook.name for page in own[:1]], target) == 1),
            **self._known(asked, target),
            **self._worded(asked, place_of(names, target)),
            **self._expressed(asked, texts, target),
        }
        said = " ".join(texts)
        plain = self._plain.find(said, 50)
        plain_masked = [self._names[name] for name in self._plain_masked.find(said, 50)]
        baseline = {
            **score_place(place_of(plain, target)),
            **score_place(place_of(plain_masked, target), "masked_"),
            **_other_wordings(asked, lambda text: place_of(self._plain.find(text, 50), target)),
        }
        return CaseScore(**common, metrics=metrics, baseline={_BASELINE: baseline})

    def _worded(self, asked: Asked, place: int | None) -> dict[str, float]:
        """The other wordings, as people ask, and the same alert in its own for comparison."""
        target = asked.target or ""
        pages = {text: self._find(self._index, (text,), is_plain=True) for text in asked.others.values()}
        found = _other_wordings(asked, lambda text: place_of([page.runbook.name for page in pages[text]], target))
        refused = [_is_refused(each) for each in pages.values()]
        if not found:
            return {}
        more = {"said_recall_1": float(place == 1), "asked_refused_wrongly": sum(refused) / len(refused)}
        return {**found, **more}

    def _expressed(self, asked: Asked, texts: Sequence[str], target: str) -> dict[str, float]:
        """The same alert where its expression is given too."""
        if not asked.expression:
            return {}
        names = [page.runbook.name for page in self._find(self._index, texts, asked.expression)]
        masked = [self._names[page.runbook.name] for page in self._find(self._masked, texts, asked.expression)]
        found = {
            **score_place(place_of(names, target), "expressed_"),
            **score_place(place_of(masked, target), "expressed_masked_"),
        }
        return {
            name: found[name]
            for name in ("expressed_recall_1", "expressed_masked_recall_1", "expressed_masked_recall_3")
        }

    def _its_own(self, asked: Asked, pages: Sequence[Indexed]) -> list[Indexed]:
        return [page for page in pages if may_be_for(self._rules, asked.name, page)]

    def _without_page(self, target: str, texts: Sequence[str]) -> list[Indexed]:
        """What is found once the page and its copies are gone; they are back afterwards."""
        _sync(self._index, self._others(target))
        try:
            return self._find(self._index, texts)
        finally:
            _sync(self._index, self._pages)

    def _others(self, target: str) -> dict[str, str]:
        return {name: text for name, text in self._pages.items() if stem_of(name) != stem_of(target)}

    def _known(self, asked: Asked, target: str) -> dict[str, float]:
        """What a triage has, which knows the alert's name, with the page and without it; no rule files are at hand."""
        if not asked.name:
            return {}
        alert = Alert(asked.name, asked.summary, asked.description, asked.expression)
        deadline = Deadline(SystemClock(), _PATIENCE_S)
        self._held.pages = self._pages
        _, found = self._library.match(alert, deadline)
        self._held.pages = self._others(target)
        _, without = self._library.match(alert, deadline)
        return {
            "known_right": float(found is not None and stem_of(found.page.runbook.name) == stem_of(target)),
            "known_refused_wrongly": float(found is None),
            "known_left_out_refused": float(without is None),
        }

    def _find(
        self, index: RunbookIndex, texts: Sequence[str], expression: str = "", *, is_plain: bool = False
    ) -> list[Indexed]:
        return index.find(question_of(texts, index.is_known, expression, is_plain=is_plain), PLACES)[1]


def _is_refused(pages: Sequence[Indexed]) -> bool:
    return not pages or not pages[0].fit.is_suitable


def _other_wordings(asked: Asked, place: Callable[[str], int | None]) -> dict[str, float]:
    found = {wording: float(place(text) == 1) for wording, text in asked.others.items()}
    translated = [found[language] for language in ("es", "pt") if language in found]
    metrics = {"freely_recall_1": found["freely"]} if "freely" in found else {}
    return {**metrics, "translated_recall_1": sum(translated) / len(translated)} if translated else metrics


def _indexed(pages: Mapping[str, str]) -> RunbookIndex:
    index = RunbookIndex()
    _sync(index, pages)
    return index


def _sync(index: RunbookIndex, pages: Mapping[str, str]) -> None:
    index.sync("runbooks", [Entry(name, "1") for name in pages], pages.get)


def _without(text: str, name: str) -> str:
    return re.sub(re.escape(name), " ", without_templates(text), flags=re.IGNORECASE) if name else text


def _masked(text: str, name: str, alert: str) -> str:
    """A page without its title, the name of its file and the alert's name."""
    text = _TITLE.sub("", text)
    for hidden in {PurePosixPath(name).stem, alert} - {""}:
        text = re.sub(re.escape(hidden), " ", text, flags=re.IGNORECASE)
    return text
