"""Pages as MkDocs and TechDocs show them right: their Markdown is that of Python-Markdown.

It wants four spaces below an item of a list where GitHub wants two or three, knows no fenced block inside of an item,
and counts every list from 1: steps of a runbook would all be step 1, and their blocks one line of text. In the site a
step is a paragraph with its own number, its blocks stand below it, and what is below an item has four spaces.

Source: Python-Markdown, "The rules" (Indentation/Tab Length) and "Fenced Code Blocks" (not nested in lists); MkDocs'
user guide, "Writing your docs" (`toc`, `tables` and `fenced_code` alone are on by themselves).
"""

from __future__ import annotations

import re

_FENCE = re.compile(r"^ *(`{3,}|~{3,})")
_STEP = re.compile(r"^(\d{1,3})[.)] {1,3}(?=\S)")
_BELOW = re.compile(r"^ {2,3}(?=(?:[-*+]|\d{1,3}[.)]) )")


def laid_out(text: str, *, has_steps: bool) -> str:
    """A page for the site.

    Args:
        text: Markdown as GitHub reads it.
        has_steps: whether items of numbered lists are steps of a runbook.
    """
    out: list[str] = []
    fence, width, open_step = "", 0, False
    for whole in text.splitlines():
        line = whole[width:] if width and not whole[:width].strip() else whole
        if width and whole.strip() and whole == line:
            width = 0
        if found := _FENCE.match(line):
            fence = "" if fence and found[1][0] == fence else fence or found[1][0]
        is_code = bool(fence) or found is not None
        if open_step and (is_code or not line.strip() or width == 0):
            out[-1] += "**"
            out += [""] if is_code or width == 0 else []
            open_step = False
        if is_code:
            out.append(line)
        elif has_steps and (step := _STEP.match(line)):
            out += [""] if out and out[-1].strip() else []
            out.append(f"**{step[1]}. {line[step.end() :]}")
            width, open_step = step.end(), True
        elif open_step:
            out[-1] += f" {line.strip()}"
        else:
            out.append(_BELOW.sub("    ", line))
    if open_step:
        out[-1] += "**"
    return "\n".join(out) + "\n"
