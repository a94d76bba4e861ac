"""A page as HTML for a phone at night: one file that loads nothing, dark, the first step on top, large to tap.

What a page says is text of others. It is escaped; a link stands as its words and its address, and leads nowhere.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from importlib.resources import files

from ...tools.runbooks.page import Page, Placed, Step, read_page
from ...tools.runbooks.page_form import FENCE, Call, Command, Decide, Query, Rollback
from ..reports import __name__ as reports
from ..reports.markup import Child, Markup, element, fragment

_INLINE = re.compile(r"`([^`\n]+)`|\*\*([^*\n]+)\*\*|!?\[([^\]\n]*)\]\(([^)\s]+)[^)]*\)")
_BULLET = re.compile(r"\s*[-*+]\s+(.*)$")
_NUMBER = re.compile(r"\s*\d{1,3}[.)]\s+(.*)$")
_RULE = re.compile(r"\|?[\s:|-]+\|[\s:|-]*$")
_MARK = re.compile(r"<!--.*?-->", re.DOTALL)
_PIECE = re.compile(r"\s+|[^\s{,(]*[{,(]?")
_BREAKS = re.compile(r"[-/?]")
"""Where a browser breaks a line, also in the middle of a name."""
_CELL = re.compile(r"(?<!\\)\|")
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_TIMES = frozenset(("$start", "$end", "$baseline_start", "$baseline_end"))
"""Blanks that the incident fills in; nobody types them."""
_TASK = re.compile(r"\[([ xX])\]\s+")
_MOST_LINES = 5_000


def phone_page(name: str, text: str) -> str:
    """The page.

    Args:
        name: of its file.
        text: Markdown, of our form or not, redacted.
    """
    page = read_page(name, text)
    title = page.front.title or page.runbook.title or name
    steps = list(_steps(page))
    rest = [(part.heading, _left(page, part.heading, part.text)) for part in page.runbook.sections]
    parts = [
        element(
            "details", element("summary", _inline(heading or "About this page")), body, open=_is_open(heading, steps)
        )
        for heading, left in rest
        if (body := _body(left)).strip()
    ]
    main = element(
        "main",
        element("h1", title, id="top"),
        _facts(page),
        fragment(steps),
        element("div", element("h2", "Background"), fragment(parts), id="background") if steps else fragment(parts),
    )
    back = _way_back(page)
    places = [
        ("First step", "#step-1"),
        *([("Roll back", f"#step-{back}")] if back else []),
        ("Background", "#background"),
    ]
    places = places if steps else []
    links = [element("a", text, href=place) for text, place in places]
    css = Markup(files(reports).joinpath("templates", "phone.css").read_text(encoding="utf-8"))
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1, viewport-fit=cover"),
        element("meta", name="color-scheme", content="dark" if steps else "dark light"),
        Markup(f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'),
        element("title", title),
        element("style", css),
    )
    body = element("body", main, element("nav", *(links or [element("a", "Top", href="#top")])))
    return f"<!doctype html>\n{element('html', head, body, lang='en', class_=None if steps else 'document')}\n"


def _is_open(heading: str, steps: Sequence[Markup]) -> bool:
    """What is read at once: of a runbook its steps alone, of a document all but the list of its sources."""
    return not steps and heading.strip().casefold() != "sources"


def _way_back(page: Page) -> int:
    """The first step that takes something back, or whose change another block takes back; 0 without one."""
    return next((step.number for step in page.steps if any(isinstance(one.block, Rollback) for one in step.blocks)), 0)


def _facts(page: Page) -> Markup:
    """What whoever is woken has to know of the page: whose, how bad, how fresh, what it can break."""
    front = page.front
    found: list[tuple[str, bool]] = [(f"owner {front.owner}", False)] if front.owner else []
    found += [(str(front.severity), False)] if front.severity else []
    found += [(f"risk {front.risk}", front.risk != "low")] if front.risk else []
    if front.draft:
        found.append(("a draft nobody has gone through", True))
    elif page.is_ours:
        day = front.last_verified
        found.append((f"verified {day}" if day else "never verified", not day))
    items = [element("li", text, class_="warn" if is_bad else None) for text, is_bad in found]
    return element("ul", *items, class_="facts") if items else Markup("")


def _steps(page: Page) -> Iterator[Markup]:
    section = ""
    for step in page.steps:
        if step.section != section:
            section = step.section
            if step.number > 1:
                yield element("p", section, class_="where")
        yield _step(step)


def _step(step: Step) -> Markup:
    tick = Markup('<input type="checkbox">')
    head = element("label", tick, element("span", fragment([f"{step.number}. ", _inline(step.text)])))
    blocks = [_block(placed) for placed in step.blocks]
    return element("section", head, *blocks, class_="step", id=f"step-{step.number}")


def _block(placed: Placed) -> Markup:
    block = placed.block
    if isinstance(block, Decide):
        answers = [element("li", f"{answer}: {_goal(goal)}") for answer, goal in block.when.items()]
        head = element("span", "Decide", class_="kind")
        return element("div", head, block.decide, element("ul", *answers), class_="block")
    kind, what = _named(block)
    effect = "read" if isinstance(block, Query) else block.effect
    return element(
        "div",
        element("span", kind if effect == "read" else f"{kind} · changes something", class_="kind"),
        element("pre", _whole(what)),
        element("p", f"Should give: {block.expect.text}"),
        class_=f"block {effect}",
    )


def _named(block: Query | Call | Command | Rollback) -> tuple[str, str]:
    if isinstance(block, Query):
        return "Look at", block.query
    if isinstance(block, Command):
        return "Type", block.command
    if isinstance(block, Rollback):
        args = f"\n{json.dumps(block.args, ensure_ascii=False, indent=1)}" if block.args else ""
        return f"Takes back step {block.undoes}", block.rollback + args
    times = [name for name, value in block.args.items() if isinstance(value, str) and value in _TIMES]
    args = "\n".join(
        f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in block.args.items() if name not in times
    )
    over = "# over the time of the incident" if times else ""
    return "Call", "\n".join(part for part in (block.call, args, over) if part)


def _goal(goal: int | str) -> str:
    return f"go to step {goal}" if isinstance(goal, int) else {"next": "go on", "stop": "you are done"}.get(goal, goal)


def _left(page: Page, heading: str, text: str) -> str:
    """What of a section is no step: those stand on top already."""
    if re.match(r"(?:step\s+)?\d{1,3}[.):]", heading, re.IGNORECASE):
        return ""
    if not any(step.section == heading for step in page.steps):
        return text
    kept, is_fenced = [], False
    for line in text.splitlines():
        if line.lstrip().startswith(("```", "~~~")):
            is_fenced = not is_fenced
        elif not is_fenced and not line.startswith("  ") and not _NUMBER.match(line):
            kept.append(line)
    return "\n".join(kept)


def _body(text: str) -> Markup:
    """Markdown below a heading: paragraphs, lists, tables and code; what else there is stays as its text."""
    lines = _MARK.sub("", text).splitlines()[:_MOST_LINES]
    out: list[Child] = []
    place = 0
    while place < len(lines):
        line = lines[place]
        if line.lstrip().startswith(("```", "~~~")):
            place = _fenced(lines, place, out)
        elif _BULLET.match(line) or _NUMBER.match(line):
            tag, form = ("ul", _BULLET) if _BULLET.match(line) else ("ol", _NUMBER)
            items = []
            while place < len(lines) and (found := form.match(lines[place])):
                is_below = lines[place].startswith(("  ", "\t"))
                items.append(element("li", _item(found[1]), class_="below" if is_below else None))
                place += 1
            out.append(element(tag, *items))
        elif line.lstrip().startswith("|") and place + 1 < len(lines) and _RULE.match(lines[place + 1].strip()):
            place = _table(lines, place, out)
        else:
            words = []
            while place < len(lines) and lines[place].strip() and not _BULLET.match(lines[place]):
                words.append(lines[place].strip().lstrip("#> "))
                place += 1
                if place < len(lines) and lines[place].lstrip().startswith(("|", "```", "~~~")):
                    break
            out.append(element("p", _inline(" ".join(words))) if words else None)
            place += not words
    return fragment(out)


def _item(text: str) -> Markup:
    """An item of a list; one that is to be ticked off with its box."""
    task = _TASK.match(text)
    return _inline(text) if task is None else fragment(["☐ " if task[1] == " " else "☑ ", _inline(text[task.end() :])])


def _fenced(lines: Sequence[str], place: int, out: list[Child]) -> int:
    mark, kind = lines[place].strip()[:3], lines[place].strip()[3:].strip()
    body = []
    place += 1
    while place < len(lines) and not lines[place].strip().startswith(mark):
        body.append(lines[place])
        place += 1
    if kind != FENCE:
        out.append(element("pre", _whole("\n".join(body))))
    return place + 1


def _table(lines: Sequence[str], place: int, out: list[Child]) -> int:
    heads = _cells(lines[place])
    rows = []
    place += 2
    while place < len(lines) and lines[place].lstrip().startswith("|"):
        cells = zip(heads + [""] * 20, _cells(lines[place]), strict=False)
        rows.append(element("tr", *(element("td", _inline(cell), data_label=head or None) for head, cell in cells)))
        place += 1
    top = element("thead", element("tr", *(element("th", _inline(head), scope="col") for head in heads)))
    out.append(element("div", element("table", top, element("tbody", *rows)), class_="wide"))
    return place


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in _CELL.split(line.strip().strip("|"))][:20]


def _whole(text: str) -> Markup:
    """Code whose names stay on one line as long as they fit into one; selectors break after a brace or a comma."""
    pieces = (found[0] for found in _PIECE.finditer(text) if found[0])
    return fragment([element("span", each, class_="name") if _BREAKS.search(each) else each for each in pieces])


def _inline(text: str) -> Markup:
    """Code and bold of a line; a link as its words and its address."""
    parts: list[Child] = []
    end = 0
    for found in _INLINE.finditer(text):
        parts.append(text[end : found.start()])
        if found[1] is not None:
            parts.append(element("code", _whole(found[1])))
        elif found[2] is not None:
            parts.append(element("strong", found[2]))
        else:
            parts += [found[3], " (", element("code", _whole(found[4])), ")"]
        end = found.end()
    return fragment([*parts, text[end:]])
