"""The frame around every page, and the pieces that pages share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from ..cli.approval_page import ago
from ..reports.cleaning import shown
from ..reports.markup import Child, Markup, element, fragment
from .asked import Asked, Reply

PLACES: tuple[tuple[str, str], ...] = (
    ("runs", "Runs"),
    ("approvals", "Approvals"),
    ("ledger", "Ledger"),
    ("budgets", "Budgets"),
    ("quality", "Quality"),
)


def page(asked: Asked, title: str, *children: Child, status: int = 200, again_s: int = 0, wide: bool = False) -> Reply:
    """A whole page.

    Args:
        asked: what is answered.
        title: its name, which is also its heading unless a child brings one.
        children: what stands in `main`.
        status: of HTTP.
        again_s: after how many seconds the browser asks again; 0 for never.
        wide: whether the children bring their own heading and frame.
    """
    main = fragment(children) if wide else fragment((element("h1", title), *children))
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="format-detection", content="telephone=no, date=no, address=no, email=no, url=no"),
        element("meta", http_equiv="refresh", content=str(again_s)) if again_s else None,
        element("title", f"{title} · opswarden"),
        element("link", rel="icon", href=asked.url("static", "icon.svg"), type="image/svg+xml"),
        element("link", rel="stylesheet", href=asked.url("static", "style.css", v=asked.house.style_tag)),
    )
    body = element(
        "body",
        element("a", "Skip to the content", class_="skip", href="#content"),
        _top(asked),
        element("main", main, class_="view" if not wide else "view wide", id="content", tabindex="-1"),
    )
    return Reply(f"<!DOCTYPE html>\n{element('html', head, body, lang='en')}\n", status)


def command(text: str) -> Markup:
    """A command line, which a narrow page breaks between its words and nowhere else: `-` and `-cause` would be two."""
    words = text.split(" ")
    spaced = [part for word in words for part in (" ", element("span", word, class_="word"))][1:]
    return element("code", *spaced, class_="command")


def _top(asked: Asked) -> Markup:
    if asked.viewer is None:
        return element("header", element("span", "opswarden", class_="brand"), class_="top")
    here = asked.path.strip("/").partition("/")[0]
    links = [
        element("a", name, href=asked.url(place), aria_current="page" if place == here else None)
        for place, name in PLACES
    ]
    leave = element(
        "form",
        asked.key_field(),
        element("span", asked.who.person.name, class_="person"),
        element("button", "Sign out", type="submit", class_="quiet"),
        method="post",
        action=asked.url("sign-out"),
    )
    return element(
        "header",
        element("a", "opswarden", class_="brand", href=asked.url("runs")),
        element("nav", fragment(links), aria_label="Pages"),
        leave,
        class_="top",
    )


def told(asked: Asked, status: int, title: str, line: str, remedy: str = "") -> Reply:
    """A page that says that something did not go, and what to do."""
    notice = element("p", shown(line), class_="notice bad", role="alert")
    return page(asked, title, notice, element("p", shown(remedy), class_="lead") if remedy else None, status=status)


def notice(text: str, kind: str = "good") -> Markup:
    """A line that tells what has happened or what to mind."""
    return element("p", text, class_=f"notice {kind}", role="status" if kind == "good" else "note")


def facts(rows: Iterable[tuple[str, Child]]) -> Markup:
    """Names and what they say; those that say nothing are left out."""
    found = [element("div", element("dt", name), element("dd", value)) for name, value in rows if value]
    return element("dl", fragment(found), class_="pairs-list")


def table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[Child]], key: str = "") -> Markup:
    """A table; on narrow screens each row becomes a block whose cells carry their heads.

    Args:
        caption: what it holds.
        heads: of its columns; those that begin with `#` hold figures.
        rows: their cells.
        key: its class.
    """
    names = [(head.removeprefix("#"), "number" if head.startswith("#") else None) for head in heads]
    columns = [element("th", name, scope="col", class_=kind) for name, kind in names]
    lines = [
        element(
            "tr",
            *(
                element("td", element("span", cell), class_=kind, data_label=name)
                for (name, kind), cell in zip(names, row, strict=True)
            ),
        )
        for row in rows
    ]
    return element(
        "table",
        element("caption", caption),
        element("thead", element("tr", *columns)),
        element("tbody", *lines),
        class_=f"list {key}".strip(),
    )


def since(moment: datetime, now: datetime) -> Markup:
    """A moment as people read it, with the exact one beside it."""
    exact = f"{moment:%Y-%m-%d %H:%M:%S} UTC"
    return element("time", f"{ago(moment, now)} ago", datetime=f"{moment:%Y-%m-%dT%H:%M:%SZ}", title=exact)


def choice(label: str, name: str, options: Sequence[tuple[str, str]], chosen: str) -> Markup:
    """A list to choose one of, with its label."""
    listed = [element("option", text, value=value, selected=value == chosen) for value, text in options]
    return element("label", element("span", label), element("select", *listed, name=name))


def text_field(label: str, name: str, value: str = "", *, most: int = 200, **more: str | bool) -> Markup:
    """A line to write, with its label."""
    field = element("input", type="text", name=name, value=value, maxlength=most, autocomplete="off", **more)
    return element("label", element("span", label), field)


def usd(micro: int) -> str:
    """Micro-USD as people read them."""
    return f"{micro / 1e6:,.4f} USD" if 0 < micro < 10_000 else f"{micro / 1e6:,.2f} USD"
