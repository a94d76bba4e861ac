"""Values that the formatting of a text has split, put together: cut log lines, tags inside words, odd separators."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .folding import Replacement

# The log format of container runtimes: time, stream, P for a part and F for the last one, the text
# (kubernetes/design-proposals-archive, node/kubelet-cri-logging.md).
_PARTIAL = re.compile(r"^[0-9T:.Z+\-]{20,40} (stdout|stderr) ([PF])(?::[^\s]{1,40})? ", re.MULTILINE)
# The json-file log driver cuts long lines, and only the last part ends with an escaped line break.
_JSON_LINE = re.compile(
    r'(?<!\\n)","stream":"std(?:out|err)"(?:,"attrs":\{[^{}\n]{0,400}\})?,"time":"[^"\n]{1,40}"\}\r?\n\{"log":"'
)
_CONTINUED = re.compile(r"\\\r?\n(?:(?<![ \t]\\\n)(?<![ \t]\\\r\n)[ \t]{0,80})?")
# The same number goes on behind the time, level and source that begin a line.
_STAMP = (
    r"(?:<[0-9]{1,3}>[0-9]? ?)?(?:[0-9]{4}[-/][0-9]{2}[-/][0-9]{2}[T ][0-9:.,]{8,18}(?:Z|[+\-][0-9:]{4,6})?"
    r"|[A-Z][a-z]{2} [ 0-3][0-9] [0-9:]{8}|\[?[0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]{3,6})?\]?)"
)
_SOURCE = r"(?:(?:[A-Z]{3,8}|-|\[[^\]\n]{1,60}\]|[\w.$/\-]{1,80}(?:\[[0-9]{1,10}\])?:)[ \t]{1,4}){0,4}"
_STAMPED = re.compile(
    rf"\r?\n{_STAMP}[ \t]{{1,4}}(?:[\w.\-]{{1,64}} (?=[\w.\-/]{{1,64}}\[[0-9]{{1,10}}\]: ))?{_SOURCE}(?=[0-9])"
)
_FIGURES = re.compile(r"(?:[ \-]?[0-9]){1,19}")
_LEAST_FIGURES, _MOST_FIGURES = 12, 19
# Formatting of HTML, and comments, inside a word.
_TAGS = re.compile(
    r"<(?<=\w<)(?:!--[^<>\n]{0,120}--|/?(?:b|i|u|s|em|strong|span|font|wbr|mark|small|big|tt|sub|sup)"
    r"(?:\s[^<>\n]{0,120})?/?)>"
    r"(?:<(?:/?(?:b|i|u|s|em|strong|span|font|wbr|mark|small|big|tt|sub|sup)(?:\s[^<>\n]{0,120})?/?)>){0,2}(?=[\w@.])"
)
# Signs of YAML and tables whose line breaks are escaped, as in a JSON text; stack traces have none of them.
_HOLDS_YAML = re.compile(r":[ ]?[|>]?-?\\{1,7}n[ \-]|\\n[ ]{0,40}value:")
_HOLDS_TABLE = re.compile(
    r"[\"'>][ ]?(?:\|[ ]?)?[A-Za-z_][\w ]{0,40}(?:(?:[,;|]|\\{1,7}t)[ ]?[A-Za-z_][\w .]{0,40}){1,60}[ |]{0,4}"
    r"\\{1,7}[nr]"
)
_ESCAPED = re.compile(r"\\{1,7}([nrt\"])")
_PLAIN = {"n": "\n", "r": "", "t": "\t", '"': '"'}
# Forms and queries write a space as `+`.
_FORM = re.compile(
    r"""[?&"' \n=](?P<pair>[\w.\-]{1,64}=[^&\s"'<>+]{0,256}(?:\+[^&\s"'<>+]{1,256}){1,32})(?:&|(?=["'\s#]|\Z))"""
)
_BRACKETED = re.compile(r"[\[({] ?(?:at|AT|At|arroba|@) ?[\])}]")
_AT = re.compile(r"[\[({] ?(?:at|arroba|@) ?[\])}]", re.IGNORECASE)
_DOT = re.compile(r"[\[({] ?(?:dot|punto|ponto|\.) ?[\])}]", re.IGNORECASE)

# Dots in the middle of the line between figures; one behind `_1` is part of a placeholder.
_DOTTED = re.compile(r"(?<!\w)[0-9]{1,6}(?:[·•∙⋅‧・･][0-9]{1,6}){1,16}(?![\w·])")
_DOTS = re.compile(r"[·•∙⋅‧・･]")

# Blanks around the separators of an identifier: `529 . 982 . 247 - 25`. Groups of three behind dots are one number; if
# there are only dashes, it takes two.
_LOOSE = re.compile(
    r"(?<![\w.\-])(?:[0-9]{1,3}(?: ?\. ?[0-9]{3}){1,3}(?: ?[\-/] ?[0-9]{1,4}){0,1}(?: ?- ?[0-9Kk]{1,2})"
    r"|[0-9]{2,7}(?: - [0-9]{1,7}){2,3})(?![\w.\-])"
)
_LOOSE_SHAPE = b"0...0"
_BLANK = re.compile(r" +")

# Letters and figures one by one, the same sign between all of them; figures alone are a list of numbers.
_SPELLED = re.compile(
    r"(?<![A-Za-z0-9])[A-Za-z0-9_\-](?P<gap>[ \t.,;:|/*·_\-])"
    r"(?:[A-Za-z0-9_\-](?P=gap)){14,512}[A-Za-z0-9](?![A-Za-z0-9])"
)
_SPELLED_SHAPE, _SPELLED_REACH = b"a." * 8, 24

_SHAPE = bytes.maketrans(
    bytes(range(256)),
    bytes(
        0x30 if 0x30 <= code < 0x3A else 0x61 if code < 0x80 and chr(code).isalnum() else code if code == 0x0A else 0x2E
        for code in range(256)
    ),
)
# As cards are printed, with up to three signs between the groups.
_PRINTED = tuple(
    (groups, gap, ("." * gap).join("0" * group for group in groups).encode())
    for groups, gap in (((4, 4, 4), 1), ((4, 4, 4), 2), ((4, 4, 4), 3), ((4, 6, 4), 1), ((4, 6, 4), 3))
) + tuple(((1,) * 12, gap, ("." * gap).join("0" * 12).encode()) for gap in (1, 2, 3))
_ANY_PRINTED = re.compile(rb"0(?:000\.{1,3}0000|\.{1,3}0\.{1,3}0)")
# The scan knows these separators itself.
_USUAL_GAPS = frozenset((" ", "-", ".", "/", "_", "\t"))
_FIGURE = ord("0")
_NEXT_GROUP = re.compile(r"[0-9]{1,7}")


def unwrapped(text: str) -> Iterator[Replacement]:
    """What has to go for a split value to be whole, sorted and apart."""
    done = 0
    for start, end, fresh in sorted(_all(text)):
        if start >= done:
            yield start, end, fresh
            done = end


def _all(text: str) -> Iterator[Replacement]:
    if " stdout P" in text or " stderr P" in text:
        yield from _partial_lines(text)
    if '{"log":"' in text:
        yield from ((*match.span(), "") for match in _JSON_LINE.finditer(text))
    if "\\\n" in text or "\\\r\n" in text:
        yield from ((*match.span(), "") for match in _CONTINUED.finditer(text))
    if "+" in text and "&" in text:
        yield from form_spaces(text)
    if "\\n" in text:
        yield from _escaped_lines(text)
    if "<" in text and ">" in text:
        yield from ((*match.span(), "") for match in _TAGS.finditer(text))
    if _BRACKETED.search(text) is not None:
        yield from _spelled_addresses(text)
    if not text.isascii():
        for match in _DOTTED.finditer(text):
            yield from ((*dot.span(), ".") for dot in _DOTS.finditer(text, *match.span()))
    shape = text.encode("ascii", "replace").translate(_SHAPE)
    yield from _stamped(text, shape)
    yield from _separators(text, shape)
    if _LOOSE_SHAPE in shape and _holds_loose(text, shape):
        for match in _LOOSE.finditer(text):
            yield from ((*blank.span(), "") for blank in _BLANK.finditer(text, *match.span()))
    yield from _spelled_out(text, shape.replace(b"0", b"a"))


def form_spaces(text: str) -> Iterator[Replacement]:
    """The `+` of forms and queries, each a blank."""
    # A form at the very beginning has nothing in front of it.
    first, place = f"\n{text[:512]}", 0
    if (match := _FORM.match(first)) is not None and first[match.end("pair") : match.end("pair") + 1] == "&":
        yield from ((at - 1, at, " ") for at in range(match.start("pair"), match.end("pair")) if first[at] == "+")
    while (match := _FORM.search(text, place)) is not None:
        place = match.end("pair")
        if text[match.start()] in "?&" or text[place : place + 1] == "&":
            yield from ((at, at + 1, " ") for at in range(match.start("pair"), place) if text[at] == "+")


def _escaped_lines(text: str) -> Iterator[Replacement]:
    # The quote in front of a header becomes a line break, so that the header is a line.
    openings = [match.start() for match in _HOLDS_TABLE.finditer(text)]
    if openings or _HOLDS_YAML.search(text) is not None:
        yield from ((opening, opening + 1, "\n") for opening in openings)
        yield from ((*match.span(), _PLAIN[match[1]]) for match in _ESCAPED.finditer(text))


def _partial_lines(text: str) -> Iterator[Replacement]:
    before: re.Match[str] | None = None
    for match in _PARTIAL.finditer(text):
        if before is not None and before[2] == "P" and before[1] == match[1]:
            start = text.find("\n", before.end())
            if start == match.start() - 1:
                yield start, match.end(), ""
        before = match


def _spelled_addresses(text: str) -> Iterator[Replacement]:
    """`ana (at) example [dot] com`."""
    for pattern, sign in ((_AT, "@"), (_DOT, ".")):
        for match in pattern.finditer(text):
            start, end = match.span()
            start -= 1 if text[start - 1 : start] == " " else 0
            end += 1 if text[end : end + 1] == " " else 0
            if start and text[start - 1].isalnum() and text[end : end + 1].isalnum():
                yield start, end, sign


def _stamped(text: str, shape: bytes) -> Iterator[Replacement]:
    """Line breaks inside of figures, with the time and the source that begin the next line."""
    at = shape.find(b"0000\n")
    while at >= 0:
        match = _STAMPED.match(text, at + 4)
        if match is not None:
            behind = _FIGURES.match(text[max(0, at - 36) : at + 4][::-1])
            ahead = _FIGURES.match(text, match.end())
            figures = sum(part.isdigit() for found in (behind, ahead) if found for part in found.group())
            begins = at + 4 - behind.end() if behind is not None else at
            # A number with a plus sign is a telephone's, and ends with its line.
            is_card = _LEAST_FIGURES <= figures <= _MOST_FIGURES and text[begins - 1 : begins] != "+"
            if behind is not None and is_card:
                # Broken between two groups, it goes on with the separator of the groups.
                separator = behind.group()[4:5]
                yield *match.span(), separator if separator in (" ", "-") else ""
        at = shape.find(b"0000\n", at + 4)


def _spelled_out(text: str, shape: bytes) -> Iterator[Replacement]:
    """`A K I A 2 …`: the signs between single letters and figures."""
    at = shape.find(_SPELLED_SHAPE)
    while at >= 0:
        match = _SPELLED.search(text, max(0, at - _SPELLED_REACH), at + _SPELLED_REACH + 1200)
        resume = at + len(_SPELLED_SHAPE)
        if match is not None:
            resume = max(resume, match.end())
            if not match.group()[::2].isdigit():
                yield from ((place, place + 1, "") for place in range(match.start() + 1, match.end(), 2))
        at = shape.find(_SPELLED_SHAPE, resume)


def _holds_loose(text: str, shape: bytes) -> bool:
    """Whether a dot or a dash stands between blanks between figures; most of what has this shape is a list."""
    at = shape.find(_LOOSE_SHAPE)
    while at >= 0:
        if text[at + 1 : at + 4] in (" . ", " - "):
            return True
        at = shape.find(_LOOSE_SHAPE, at + 4)
    return False


def _separators(text: str, shape: bytes) -> Iterator[Replacement]:
    if _ANY_PRINTED.search(shape) is None:
        return
    for groups, gap, printed in _PRINTED:
        at = shape.find(printed)
        while at >= 0:
            resume = at + 1
            between = text[at + groups[0] : at + groups[0] + gap]
            if _begins_number(text, shape, at, between) and _is_unusual_gap(between, groups[0]):
                places, resume = _gaps(text, at, groups, between)
                yield from ((place, place + gap, "-") for place in places)
            at = shape.find(printed, resume)


def _begins_number(text: str, shape: bytes, at: int, between: str) -> bool:
    """Whether no figure stands in front, neither at once nor behind the same separator: then it is a longer list."""
    gap = len(between)
    return (at == 0 or shape[at - 1] != _FIGURE) and not (
        at > gap and shape[at - gap - 1] == _FIGURE and text[at - gap : at] == between
    )


def _is_unusual_gap(between: str, group: int) -> bool:
    """Single figures with commas between them are a list of figures."""
    return between not in _USUAL_GAPS and (group > 1 or not set(between) & set(",;: "))


def _gaps(text: str, at: int, groups: tuple[int, ...], between: str) -> tuple[list[int], int]:
    """Where the separators of one number lie, and its end; none where they differ or it is too long for a card."""
    places: list[int] = []
    end = at
    for group in groups[:-1]:
        end += group
        if text[end : end + len(between)] != between:
            return [], end
        places.append(end)
        end += len(between)
    end += groups[-1]
    following = _NEXT_GROUP.match(text, end)
    if following is not None:
        end = following.end()
    while len(places) < _MOST_FIGURES and text.startswith(between, end):
        following = _NEXT_GROUP.match(text, end + len(between))
        if following is None:
            break
        places.append(end)
        end = following.end()
    figures = end - at - len(places) * len(between)
    return (places if _LEAST_FIGURES <= figures <= _MOST_FIGURES else []), end
