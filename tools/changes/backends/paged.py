"""Lists that a `Link` header says are longer than one page (RFC 8288), asked for by the number of the page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ....core.clock import Deadline
from ....core.errors import BackendError
from ....core.systems.client import Params, SystemClient, json_of

_PAGE = 100
_MOST_PAGES = 50
_NEXT = re.compile(r'<[^>]*>\s*;[^,]*\brel="?next"?')
_SPENT = "x-ratelimit-remaining"


def pages(client: SystemClient, path: str, params: Params, deadline: Deadline) -> Iterator[list[Mapping[str, Any]]]:
    """Page after page of objects; an address that the system gives is never followed, only that there is more.

    Raises:
        BackendError: it did not answer, has had too many questions, or the list is longer than 50 pages.
    """
    for number in range(1, _MOST_PAGES + 1):
        asked = (*params, ("per_page", str(_PAGE)), ("page", str(number)))
        answer = client.get(path, asked, deadline)
        if answer.status in (403, 429) and answer.headers.get(_SPENT, "").strip() == "0":
            raise BackendError(
                f"{client.name} has had too many questions ({answer.status})",
                remedy="give it a credential of its own, or ask again when its limit is renewed",
            )
        found = json_of(client, answer)
        if not isinstance(found, list):
            raise BackendError(f"{client.name} did not answer a list", remedy="check its `url`")
        yield [each for each in found if isinstance(each, dict)]
        if not _NEXT.search(answer.headers.get("link", "")):
            return
    raise BackendError(f"{client.name} has a list of more than {_MOST_PAGES} pages", remedy="ask for a shorter time")
