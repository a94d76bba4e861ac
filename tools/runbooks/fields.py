"""The parts of a page that are searched apart: its name, its lead, the rest, and its code.

The lead is the first section with text. Where pages explain an alert ("Meaning"), it often says again what the alert
says, so a word there tells more than one further down; a word in code tells least.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from .documents import Runbook
from .page_form import Front
from .words.languages import language_of, page_terms

BREAK = "."
"""Between the sentences of a field; no term has it."""

_CODE = re.compile(r"(?:```.*?(?:```|\Z))|(?:~~~.*?(?:~~~|\Z))", re.DOTALL)
_SENTENCE = re.compile(
    r"(?<=[.!?:;])\s+(?=[A-ZÁÉÍÓÚÑÇÃ0-9`*\-|])|\n\s*\n|\n\s*[-*+|]\s|\n\s*\d{1,3}[.)]\s|\n\s*#+\s", re.MULTILINE
)
_ADDRESS = re.compile(r"https?://[^\s)>\]]+")
_LEAD_CHARACTERS = 1_500
_TEXT_CHARACTERS = 60_000
"""Of a page that count; what is longer is a manual, and its beginning says what it is about."""
_LANGUAGE_CHARACTERS = 1_500


@dataclass(frozen=True)
class Fields:
    """Terms of a page, one space between two; `lead` and `rest` with a point between sentences."""

    name: str
    lead: str
    rest: str
    code: str


def fields_of(runbook: Runbook, front: Front) -> Fields:
    """The fields of a page; what its front matter says of alerts and services counts as its name."""
    text = runbook.text[:_TEXT_CHARACTERS]
    language = language_of(_CODE.sub(" ", text)[:_LANGUAGE_CHARACTERS])
    sections = [(part.heading, part.text[:_TEXT_CHARACTERS]) for part in runbook.sections]
    texts = [(heading, prose) for heading, body in sections if (prose := _ADDRESS.sub(" ", _CODE.sub("\n\n", body)))]
    heading, lead = next((each for each in texts if each[1].strip()), ("", ""))
    rest = [heading if heading != runbook.title else "", lead[_LEAD_CHARACTERS:]]
    rest += [f"{heading}\n\n{prose}" for heading, prose in texts if prose is not lead]
    names = [PurePosixPath(runbook.name).stem, runbook.title, *front.alerts, *front.services, *front.tags]
    code = " ".join(found[0] for _, body in sections for found in _CODE.finditer(body))
    return Fields(
        name=" ".join(dict.fromkeys(term for name in names for term in page_terms(name, language))),
        lead=_sentences(lead[:_LEAD_CHARACTERS], language),
        rest=_sentences("\n\n".join(rest)[:_TEXT_CHARACTERS], language),
        code=" ".join(page_terms(code[:_TEXT_CHARACTERS], "en")),
    )


def _sentences(text: str, language: str) -> str:
    found = []
    for sentence in _SENTENCE.split(text):
        if sentence and (terms := page_terms(sentence, language)):  # type: ignore[arg-type]  # it comes from language_of
            found.append(" ".join(terms))
    return f" {BREAK} ".join(found)
