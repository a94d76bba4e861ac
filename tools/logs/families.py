"""Error families: what kind of failure a line speaks of, in words that are the same whatever wrote it.

Names of exceptions, HTTP and gRPC statuses, errno names and what the C library, kernels and drivers print for them come
down to one short list. The first rule that fits decides, the narrow before the wide: an address that cannot be resolved
is no mere "unavailable".

Source: `errno.h` and `strerror`, the status codes of gRPC (`grpc/status.h`), RFC 9110 for HTTP.
"""

from __future__ import annotations

import re
from typing import Literal

Family = Literal[
    "out_of_memory",
    "disk_full",
    "exhausted",
    "rate_limited",
    "name_resolution",
    "tls",
    "refused",
    "reset",
    "unreachable",
    "cancelled",
    "timeout",
    "authentication",
    "permission",
    "deadlock",
    "conflict",
    "null_reference",
    "crash",
    "not_found",
    "invalid",
    "unavailable",
    "http_5xx",
    "http_4xx",
    "exception",
]

_RULES: tuple[tuple[Family, tuple[str, ...]], ...] = (
    (
        "out_of_memory",
        (
            r"out ?of ?memory|\boom(?:-?kill\w*|ed)?\b|cannot allocate memory|\bENOMEM\b|MemoryError|heap space",
            r"GC overhead|std::bad_alloc|memory limit exceeded",
        ),
    ),
    ("disk_full", (r"no space left|disk (?:is )?full|\bENOSPC\b|disk quota exceeded|\bEDQUOT\b",)),
    ("rate_limited", (r"rate.?limit|too many requests|throttl\w*|\b429\b|quota exceeded",)),
    (
        "exhausted",
        (
            r"too many (?:open files|connections|clients)|\bE[MN]FILE\b|pool (?:is )?(?:exhausted|timed out)",
            r"exhaust\w*|queue (?:is )?full|max(?:imum)? (?:number of )?connections|no free \w+",
        ),
    ),
    (
        "name_resolution",
        (
            r"UnknownHost|no such host|name or service not known|getaddrinfo|\bENOTFOUND\b|\bEAI_\w+|NXDOMAIN",
            r"could not resolve|name resol(?:ution|ver)|failed to resolve|DNS (?:lookup|resolution) failed",
            r"\blookup \S+ on \S+: ",
        ),
    ),
    (
        "tls",
        (r"\bx509\b|certificate|SSL(?:Error|Exception|Handshake\w*)|TLS handshake|handshake fail\w*|PKIX",),
    ),
    ("refused", (r"connect(?:ion)? (?:was )?refused|ECONNREFUSED|ConnectionRefused\w*|actively refused",)),
    (
        "reset",
        (
            r"connection (?:was )?(?:reset|aborted|closed|lost|terminated)|broken ?pipe\w*|\bECONNRESET\b|\bEPIPE\b",
            r"ConnectionReset\w*|server has gone|socket hang up|premature(?:ly)? (?:close|end)|unexpected EOF",
        ),
    ),
    (
        "unreachable",
        (
            r"(?:host|network|destination) (?:is )?unreachable|no ?route ?to ?host|E(?:HOST|NET)UNREACH",
            r"network is down",
        ),
    ),
    (
        "cancelled",
        (r"(?:context|request|operation|call) (?:was )?cancell?ed|client (?:closed|disconnected|cancell?ed)",),
    ),
    (
        "timeout",
        (r"time[ds]?[ -]?out|\bETIMEDOUT\b|deadline[ _]?(?:has )?(?:been )?exceeded|lease (?:has )?expired|\b504\b",),
    ),
    (
        "authentication",
        (
            r"unauthenticated|authentication fail\w*|not authenticated|unauthori[sz]ed|login fail\w*|\b401\b",
            r"invalid (?:credentials|token|user)|failed password|(?:token|credentials?) (?:has |have |is )?expired",
        ),
    ),
    (
        "permission",
        (r"permission[ _]?denied|access ?denied|\bEACCES\b|\bEPERM\b|forbidden|not (?:permitted|allowed)|\b403\b",),
    ),
    ("deadlock", (r"deadlock\w*|lock wait timeout|could not serialize|lock (?:could not be|was not) acquired",)),
    (
        "conflict",
        (
            r"duplicate key|already[ _]?exists|constraint violation|violates \w+(?: \w+)? constraint|IntegrityError",
            r"optimistic ?lock\w*|version conflict|(?-i:\bABORTED\b)",
        ),
    ),
    (
        "null_reference",
        (r"NullPointer\w*|NullReference\w*|nil pointer|null pointer|of (?:undefined|null)\b|NoneType'? .{0,10}has no",),
    ),
    (
        "crash",
        (
            r"segmentation fault|\bSIG(?:SEGV|ABRT|KILL|BUS)\b|core dumped|\bpanic\b|fatal signal|CrashLoop\w*",
            r"out ?of ?(?:range|bounds)|stack ?overflow\w*|kernel oops|killed process",
        ),
    ),
    (
        "not_found",
        (
            r"not[ _]?found|no such (?:file|table|column|key|method)|\bENOENT\b|does not exist|(?-i:\bNoSuch\w+)",
            r"unknown (?:table|column|database)|\b404\b",
        ),
    ),
    (
        "invalid",
        (
            r"invalid|malformed|(?:pars(?:e|ing)|syntax|validation|decode|schema|type) ?(?:error|exception|failed)",
            r"IllegalArgument\w*|ValueError|KeyError|JSONDecode\w*|unexpected (?:token|character|type)|corrupt\w*",
            r"bad request",
        ),
    ),
    (
        "unavailable",
        (
            r"unavailable|circuit ?breaker|no healthy|not ready|\b50[23]\b|bad gateway|overload\w*|shutting down",
            r"connection error|(?:failed|unable) to connect|(?:could|can) ?not connect|can't connect",
        ),
    ),
    (
        "http_5xx",
        (r"(?:status|code|http)[^a-z]{0,12}\b5(?:xx|[0-9]{2})\b|internal server error|(?-i:\bINTERNAL\b)",),
    ),
    ("http_4xx", (r"(?:status|code|http)[^a-z]{0,12}\b4(?:xx|[0-9]{2})\b",)),
    ("exception", (r"[a-z]\w*(?:Exception|Error)\b|Traceback|\bexception\b|unhandled|uncaught",)),
)

_COMPILED: tuple[tuple[Family, re.Pattern[str]], ...] = tuple(
    (family, re.compile(f"(?i){'|'.join(patterns)}")) for family, patterns in _RULES
)
_CHARACTERS = 4_000

OF_OTHERS: frozenset[Family] = frozenset(
    (
        "name_resolution",
        "refused",
        "reset",
        "unreachable",
        "cancelled",
        "timeout",
        "unavailable",
        "rate_limited",
        "http_5xx",
    )
)
"""What happens between two: who writes it is more often the witness than the cause."""


def family_of(text: str) -> Family | None:
    """The family of the failure that a line speaks of; `None` if it speaks of none that is known.

    Args:
        text: a template or a line; of a long one the first and the last characters count.
    """
    if len(text) > 2 * _CHARACTERS:
        text = f"{text[:_CHARACTERS]} {text[-_CHARACTERS:]}"
    return next((family for family, pattern in _COMPILED if pattern.search(text)), None)
