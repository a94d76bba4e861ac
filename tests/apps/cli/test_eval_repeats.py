"""`eval run` with a model that answers, answers nonsense or is down; and `eval compare` as a check."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from opswarden.evals.cases import Case
from opswarden.tests.apps.conftest import Cli
from opswarden.tests.apps.models import diagnosis, endpoint_settings
from opswarden.tests.doubles.openai_server import Fail, OpenAIServer, Text

ANSWER = diagnosis("inconclusive")


def run(cli: Cli, case: Case, *more: object) -> dict[str, Any]:
    argv = ("eval", "run", "rca", "--data", case.folder, "--model", "house", "--format", "json", *more)
    said = cli(*argv)
    assert said.code == 0, said.err
    found: dict[str, Any] = said.json
    return found


def test_a_model_is_asked_three_times(cli: Cli, case: Case, house: OpenAIServer) -> None:
    house.script(ANSWER, ANSWER, ANSWER)
    found = run(cli, case)
    (row,) = found["cases"]
    assert (found["repeats"], len(row["repeats"]), found["errors"]) == (3, 3, 0)
    assert found["cost"]["model_calls"] == 3
    assert found["cost"]["usd"] == pytest.approx(sum(one["cost"]["usd"] for one in row["repeats"]))
    assert found["models"]
    assert found["circumstances"]["versions"]["opswarden"]
    assert len(found["circumstances"]["configuration"]) == 64
    assert found["circumstances"]["options"]["model"] == "house"


def test_an_endpoint_that_fails_is_no_wrong_answer(cli: Cli, case: Case, house: OpenAIServer) -> None:
    house.script(ANSWER, Fail(429), ANSWER)
    found = run(cli, case)
    (row,) = found["cases"]
    assert [one["is_infrastructure"] for one in row["repeats"]] == [False, True, False]
    assert (found["n"], found["errors"], found["lost_repeats"]) == (1, 0, 1)
    assert found["cost"]["failed_requests"] == 1
    assert "takes no more requests" in row["repeats"][1]["error"]


@pytest.mark.soak
def test_an_endpoint_that_is_down_gives_no_score(cli: Cli, case: Case, house: OpenAIServer, home: Path) -> None:
    house.script(*[Fail(503)] * 2)
    argv = ("eval", "run", "rca", "--data", case.folder, "--model", "house", "--repeats", 2, "--out", "result.json")
    said = cli(*argv)
    assert said.code == 1
    assert "no score" in said.err
    found = json.loads((home / "result.json").read_text())
    assert (found["n"], found["errors"], found["infrastructure_errors"]) == (0, 1, 1)


@pytest.mark.soak
def test_what_the_endpoint_allows_to_be_sent_again_is_counted(
    cli: Cli, case: Case, house: OpenAIServer, write_settings: Callable[[str], Path]
) -> None:
    write_settings("version = 1\n" + endpoint_settings(house, retries="1"))
    house.script(Fail(503), ANSWER)
    found = run(cli, case, "--repeats", 1)
    assert found["errors"] == 0
    assert found["cost"]["sent_again"] == 1
    assert found["cost"]["failed_requests"] == 0


def test_an_answer_that_cannot_be_used_is_an_answer(cli: Cli, case: Case, house: OpenAIServer) -> None:
    house.script(Text("I would rather not."), Text("Still not."))
    found = run(cli, case, "--repeats", 1)
    assert (found["n"], found["errors"]) == (1, 0)


def test_a_suite_refuses_what_it_would_ignore(cli: Cli) -> None:
    said = cli("eval", "run", "redaction", "--repeats", 2)
    assert (said.code, said.out) == (2, "")
    assert "does not take --repeats" in said.err


def result_file(path: Path, values: list[float], prompt: str = "a") -> Path:
    cases = [
        {"id": f"c{number:02d}", "metrics": {"top1": value}, "details": {"truth": {"verdict": "cause_found"}}}
        for number, value in enumerate(values)
    ]
    path.write_text(
        json.dumps(
            {
                "suite": "rca",
                "n": len(cases),
                "errors": 0,
                "metrics": {},
                "baseline": {},
                "cases": cases,
                "seed": 0,
                "circumstances": {"prompts": {"system": prompt * 64}},
            }
        )
    )
    return path


COMPARED = [
    ("worse fails", 1.0, 0.0, (), 1, "worse"),
    ("worse may be let through", 1.0, 0.0, ("--fail-on", "never"), 0, "worse"),
    ("better passes", 0.0, 1.0, ("--fail-on", "not-better"), 0, "better"),
    ("the same passes", 1.0, 1.0, (), 0, "cannot tell"),
    ("the same is not better", 1.0, 1.0, ("--fail-on", "not-better"), 1, "cannot tell"),
]


@pytest.mark.parametrize(
    ("before", "after", "options", "code", "call"), [row[1:] for row in COMPARED], ids=[row[0] for row in COMPARED]
)
def test_compare_as_a_check(
    cli: Cli, home: Path, before: float, after: float, options: tuple[str, ...], code: int, call: str
) -> None:
    files = result_file(home / "a.json", [before] * 9), result_file(home / "b.json", [after] * 9, prompt="b")
    said = cli("eval", "compare", *files, *options)
    assert said.code == code, said.err
    assert f"\n{call}\n" in said.out
    assert "9 pairs" in said.out
    assert "prompt system: aaaaaaaaaaaa → bbbbbbbbbbbb" in said.out
    told = cli("eval", "compare", *files, *options, "--format", "json")
    assert (told.code, told.json["call"]) == (code, call)


def test_results_of_different_cases_are_refused(cli: Cli, home: Path) -> None:
    files = result_file(home / "a.json", [1.0] * 4), result_file(home / "b.json", [1.0] * 3)
    said = cli("eval", "compare", *files)
    assert (said.code, said.out) == (2, "")
    assert "different cases: 3 are in both, 1 in one" in said.err
    assert cli("eval", "compare", *files, "--common").code == 0


def test_a_page_of_two_results(cli: Cli, home: Path) -> None:
    files = result_file(home / "a.json", [0.0] * 9), result_file(home / "b.json", [1.0] * 9)
    said = cli("eval", "report", *files, "--out", "page.html")
    assert (said.code, said.out) == (0, ""), said.err
    html = (home / "page.html").read_text()
    assert html.startswith("<!DOCTYPE html>")
    assert "Comparison" in html
    assert 'class="call better"' in html
    files = result_file(home / "a.json", [0.0] * 9), result_file(home / "b.json", [1.0] * 8)
    said = cli("eval", "report", *files, "--out", "page.html")
    assert "not compared: a.json and b.json" in said.err
    assert "Comparison" not in (home / "page.html").read_text()


def test_a_file_that_is_no_result_makes_no_page(cli: Cli, home: Path) -> None:
    (home / "bad.json").write_text('{"suite": 3}')
    said = cli("eval", "report", "bad.json", "--out", "page.html")
    assert said.code == 2
    assert "holds no result of an evaluation" in said.err
    assert not (home / "page.html").exists()
