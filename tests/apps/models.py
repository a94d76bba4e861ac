"""A run with a model: the double of OpenAI's API as a configured endpoint, and answers as a model gives them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from opswarden.tests.doubles.openai_server import Calls, OpenAIServer, Text

KEY = "house-key-4711"


def endpoint_settings(server: OpenAIServer, name: str = "house", **more: str) -> str:
    """The part of `opswarden.toml` that names a server."""
    lines = {
        "name": f'"{name}"',
        "model": f'"openai/{name}-1"',
        "base_url": f'"{server.url}"',
        "api_key_env": '"HOUSE_KEY"',
        "retries": "0",
        "input_microusd_per_mtok": "1_000_000",
        "output_microusd_per_mtok": "2_000_000",
        **more,
    }
    return "\n[[models.endpoints]]\n" + "".join(f"{key} = {value}\n" for key, value in lines.items())


def asks(*calls: tuple[str, Mapping[str, Any]]) -> Calls:
    """An answer that asks for tools; a dot in a name travels as two underscores."""
    return Calls([(name.replace(".", "__"), json.dumps(args)) for name, args in calls])


def diagnosis(
    verdict: str = "cause_found",
    hypotheses: Sequence[Mapping[str, Any]] = (),
    claims: Sequence[Mapping[str, Any]] = (),
) -> Text:
    """The answer at the end."""
    return Text(json.dumps({"verdict": verdict, "hypotheses": list(hypotheses), "claims": list(claims)}))


def refutation(*objections: Mapping[str, Any], searched: str = "the shifts and the spans") -> Text:
    """The answer of a second look."""
    return Text(json.dumps({"objections": list(objections), "searched": searched}))


def claim(text: str, *evidence: str, quotes: Sequence[str] = ()) -> dict[str, Any]:
    return {"text": text, "evidence": list(evidence), "quotes": list(quotes)}


def window_in(body: Mapping[str, Any]) -> dict[str, str]:
    """From the start of the quiet time to the end of the window, as the first request tells them."""
    text = str(body["messages"][1]["content"])
    start, end = re.search(r"quiet time: (\S+) to", text), re.search(r"window: \S+ to (\S+)", text)
    assert start is not None
    assert end is not None
    return {"start": start[1], "end": end[1]}


def line_ids(answer: str) -> list[str]:
    """The first column of the rows of log lines in what a tool answered."""
    return re.findall(r"^(\d+) \| ", answer, re.MULTILINE)
