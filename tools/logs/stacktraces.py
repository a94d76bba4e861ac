"""Stack traces of Java, Python, Go, Node and .NET: one event, named by its exception and the innermost own frame.

The exception is the cause at the bottom of a chain, not what wrapped it. The innermost own frame is the frame nearest
to the failure that is in no runtime and no well-known library: that is the line somebody can go and read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

FRAMES = "(stack frames)"
"""The text of lines that are frames of a trace which was shipped line by line."""

IS_FRAME = (
    r"^\s+at \S|^\s+File \S+, line |^\s+\.\.\. [0-9]+ (?:more|common frames)|^\s*goroutine [0-9]+ \[|^\t\S+\.go:[0-9]+"
    r"|^\s+--- End of |^\s+\^+$|^\s*During handling of the above|^\s*The above exception was"
)
"""RE2: a line that is a part of a trace and neither its message nor its exception."""

HAS_TRACE = r"\n\s+at \S|\n\s+File \S+, line |\ngoroutine [0-9]+ \["
"""RE2: a body that holds a trace."""

LAST_CAUSE = r"(?s)^.*\n\s*(?:Caused by: |---> )([^\n]{1,200})"
LAST_LINE = (
    r"\n([A-Za-z_][A-Za-z0-9_.]*(?:Error|Exception|Exit|Interrupt|Warning|Timeout|Refused|Fault)(?::[^\n]{0,200})?)\s*$"
)

_LIMIT, _LINES, _LINE = 32_768, 400, 500
_JAVA = re.compile(
    r"^[ \t]+at (?:[\w.$-]+/)?(?P<name>[\w.$<>]+)\("
    r"(?P<place>\w+\.(?:java|kt|scala|groovy|clj)(?::\d+)?|Native Method|Unknown Source)\)",
    re.MULTILINE,
)
_NET = re.compile(r"^[ \t]+at (?P<name>[\w.`<>\[\],+]+)\([^)\n]*\)(?: in (?P<place>[^\n]*))?$", re.MULTILINE)
_NODE = re.compile(
    r"^[ \t]+at (?:async )?(?:(?P<name>[\w.$<>\[\] ]+) \()?(?P<place>[^()\s]+:\d+:\d+)\)?$", re.MULTILINE
)
_PYTHON = re.compile(r'^[ \t]+File "(?P<place>[^"\n]+)", line \d+, in (?P<name>\S+)', re.MULTILINE)
_GO = re.compile(r"^(?P<name>[\w./*()-]+)\([^\n]*\)\n\t(?P<place>\S+\.go):\d+", re.MULTILINE)
_NOT_OWN = re.compile(
    r"^(?:java[.x]|jdk\.|sun\.|com\.sun\.|kotlin|scala\.|groovy\.|org\.(?:springframework|apache|hibernate|eclipse|jboss|"
    r"postgresql|mortbay|junit|slf4j)\.|io\.(?:netty|grpc|micrometer|opentelemetry|vertx|undertow)\.|com\.(?:mysql|zaxxer|"
    r"google|fasterxml|amazonaws|netflix)\.|reactor\.|akka\.|okhttp|feign\.|redis\.|lombok|System\.|Microsoft\.|runtime[./]"
    r"|net/http|database/sql|google\.golang\.org|main\.main$)"
    r"|site-packages|dist-packages|lib/python|node_modules|^node:|^internal/|/go/src/|/pkg/mod/|/usr/local/go/|<frozen"
)
_EXCEPTION = re.compile(
    r"(?<![\w.])(?:[A-Za-z_][\w$]*\.)*[A-Z][\w$]*(?:Exception|Error|Exit|Interrupt|Timeout|Fault|Refused)\b"
)
_GO_PANIC = re.compile(r"^(?:panic|fatal error): (?P<said>[^\n\[]{1,120})", re.MULTILINE)


@dataclass(frozen=True)
class Thrown:
    """What was thrown, without its package, and where; either may be unknown."""

    exception: str | None
    frame: str | None


def thrown_in(body: str) -> Thrown:
    """The exception and the innermost own frame of a line; both `None` if it holds neither."""
    body = "\n".join(line[:_LINE] for line in body[:_LIMIT].split("\n")[:_LINES])
    frames = list(_frames(body))
    own = next((f"{name} ({place})" if place else name for name, place in frames if not _is_foreign(name, place)), None)
    return Thrown(_exception(body, bool(frames)), own)


def _exception(body: str, has_frames: bool) -> str | None:
    _, is_chain, cause = body.rpartition("\nCaused by: ")
    # Python names it last, the others first.
    last = body.rstrip().rpartition("\n")[2] if has_frames else ""
    for text in (cause.partition("\n")[0] if is_chain else "", "" if last[:1].isspace() else last, body):
        found = _EXCEPTION.search(text)
        if found:
            return re.split(r"[.$]", found.group())[-1]
    panic = _GO_PANIC.search(body)
    return panic["said"].strip() if panic else None


def _frames(body: str) -> Iterator[tuple[str, str]]:
    """Name and place of the frames, the innermost first; of a chain of causes those of the last cause."""
    bottom = body.rfind("\nCaused by: ")
    part = body[bottom:] if bottom >= 0 else body
    for kind in (_NODE, _JAVA, _NET, _GO):
        found = [(match["name"] or "", _short(match["place"] or "")) for match in kind.finditer(part)]
        if found:
            yield from found
            return
    yield from reversed([(match["name"], _short(match["place"])) for match in _PYTHON.finditer(body)])


def _is_foreign(name: str, place: str) -> bool:
    return _NOT_OWN.search(name) is not None or (bool(place) and _NOT_OWN.search(place) is not None)


def _short(place: str) -> str:
    """The file without its line, which moves with every release; a path keeps what says whose it is."""
    return re.sub(r"(?::\d+)+$|:line \d+$", "", place)


def folded_sql(body: str) -> str:
    """A DuckDB expression: a body with a trace as its first line and its last exception; null of any other body."""
    first, has_trace, cause, last = (
        f"left(split_part({body}, chr(10), 1), 400)",
        _quoted(HAS_TRACE),
        f"nullif(regexp_extract({body}, {_quoted(LAST_CAUSE)}, 1), '')",
        f"nullif(regexp_extract({body}, {_quoted(LAST_LINE)}, 1), '')",
    )
    return f"""CASE WHEN {body}[1] IN (' ', chr(9), 'g', 'D', 'T') AND regexp_matches({body}, {_quoted(IS_FRAME)})
        THEN '{FRAMES}'
        WHEN contains({body}, chr(10)) AND regexp_matches({body}, {has_trace})
        THEN {first} || coalesce(' caused by ' || coalesce({cause}, {last}), '') END"""


def _quoted(pattern: str) -> str:
    return "'" + pattern.replace("'", "''") + "'"
