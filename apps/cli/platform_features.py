"""`opswarden platform freshness|parity|skew`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import click

from .console import emit_json, out

_NO = 1
_WAYS = {
    "request": "joined by request",
    "recomputed": "recomputed as of each request",
    "distribution": "by distribution",
}


def _sampled(command: Callable[..., int]) -> Callable[..., int]:
    """What checks of a sample have in common."""
    for option in (
        click.argument("views", nargs=-1),
        click.option("--store", metavar="NAME", help="Feature store; needed if there are several."),
        click.option(
            "--confidence",
            default=0.99,
            type=click.FloatRange(0.5, 1, min_open=True, max_open=True),
            show_default=True,
            help="With which a share that matters would show.",
        ),
        click.option(
            "--share",
            default=0.001,
            type=click.FloatRange(1e-5, 0.5),
            show_default=True,
            help="The smallest share of keys that matters.",
        ),
        click.option(
            "--seed", default=0, type=click.IntRange(0), show_default=True, help="Another one draws other keys."
        ),
        click.option(
            "--format", "style", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True
        ),
    ):
        command = option(command)
    return command


@click.command("freshness")
@_sampled
def freshness(views: tuple[str, ...], store: str | None, style: str, **args: Any) -> int:
    """How old the rows of VIEWS are, all views if none is named. Exit 1 unless all are fresh."""
    return _each("freshness", views, store, style, args)


@click.command("parity")
@_sampled
def parity(views: tuple[str, ...], store: str | None, style: str, **args: Any) -> int:
    """Compare online with offline for VIEWS, all views if none is named. Exit 1 unless all agree."""
    return _each("parity", views, store, style, args)


@click.command("skew")
@_sampled
def skew(views: tuple[str, ...], store: str | None, style: str, **args: Any) -> int:
    """Compare what VIEWS served with what models are trained on. Exit 1 unless it is the same."""
    return _each("skew", views, store, style, args)


def _each(check: str, views: tuple[str, ...], store: str | None, style: str, args: Mapping[str, Any]) -> int:
    from ..installation import open_installation  # noqa: PLC0415 - the same
    from ..platform.features import (  # noqa: PLC0415 - keeps `--help` light
        ask_features,
        store_name,
        summary_of,
        view_names,
    )

    found: dict[str, Mapping[str, Any] | None] = {}
    with open_installation() as installation:
        name = store_name(installation, store)
        for view in views or view_names(installation, name):
            found[view] = summary_of(ask_features(installation, name, f"features.{check}", {"view": view, **args}))
    holds = "is_fresh" if check == "freshness" else "agrees"
    if style == "json":
        emit_json({"store": name, "check": check, "views": found})
    else:
        for view, summary in found.items():
            _show(check, view, summary, holds)
    return 0 if found and all(each is not None and each[holds] for each in found.values()) else _NO


def _show(check: str, view: str, found: Mapping[str, Any] | None, holds: str) -> None:
    from .approval_page import inert  # noqa: PLC0415 - as above

    if found is None:
        click.echo(inert(f"{view}: neither side has a row"))
        return
    if check == "skew":
        whether = "serving and training agree" if found[holds] else "serving and training differ"
        click.echo(
            inert(f"{view}: {whether}; {_WAYS[found['way']]}, {found['matched']} of {found['rows']} rows matched")
        )
        rows = [(*_words(each, "rows"), each["cause"], each["matters"]) for each in found["differences"]]
        _table(("fault", "feature", "rows", "share", "cause"), rows)
        return
    sampled = found["sampled"]
    looked = "all" if sampled["is_whole"] else f"{sampled['looked_at']} of about"
    said = {"freshness": ("fresh", "not fresh"), "parity": ("both sides agree", "the sides differ")}[check]
    click.echo(inert(f"{view}: {said[0] if found[holds] else said[1]}; {looked} {sampled['keys']} keys looked at"))
    if not sampled["is_whole"]:
        click.echo(f"  {sampled['share']:.3%} of the keys would have shown with {sampled['confidence']:.2%} confidence")
    if check == "parity":
        _differences(found["differences"])
    else:
        _ages(found)


def _ages(found: Mapping[str, Any]) -> None:
    if found["age_median_s"] is not None:
        names = (("median", "age_median_s"), ("90 %", "age_p90_s"), ("99 %", "age_p99_s"), ("oldest", "age_most_s"))
        click.echo("  ages in hours: " + ", ".join(f"{word} {found[name] / 3600:.3g}" for word, name in names))
    rows = [
        (each["trouble"], each["feature"] or "", str(each["rows"]), _interval(each), each["cause"], each["matters"])
        for each in found["troubles"]
    ]
    _table(("trouble", "feature", "rows", "share", "cause"), rows)


def _differences(differences: list[Mapping[str, Any]]) -> None:
    rows = [
        (each["fault"], each["feature"] or "", str(each["keys"]), _interval(each), each["cause"], each["matters"])
        for each in differences
    ]
    _table(("fault", "feature", "keys", "share", "cause"), rows)


def _words(each: Mapping[str, Any], counted: str) -> tuple[str, ...]:
    return each["fault"], each["feature"] or "", str(each[counted]), f"{each['share']:.2%}"


def _interval(each: Mapping[str, Any]) -> str:
    if each["low"] == each["high"]:
        return f"{each['share']:.2%}"
    return f"{each['share']:.2%} [{each['low']:.2%}, {each['high']:.2%}]"


def _table(names: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    from rich.table import Table  # noqa: PLC0415 - as above
    from rich.text import Text  # noqa: PLC0415 - as above

    from .approval_page import inert  # noqa: PLC0415 - as above

    if not rows:
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in names:
        table.add_column(name)
    for *cells, matters in rows:
        table.add_row(*(Text(inert(str(cell)), style="" if matters else "dim") for cell in cells))
    out().print(table)
