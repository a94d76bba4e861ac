"""Which channels of the workspace are closed, for pages that name them."""

from __future__ import annotations

from typing import Any

from ..installation import Installation
from .web_api import WebApi

_PAGE, _MOST_PAGES, _WITHIN_S = 1_000, 10, 10.0


def archived_channels(installation: Installation) -> frozenset[str] | None:
    """Names of archived public channels, in lower case, but for those that another channel bears now.

    Returns:
        `None` where the workspace has more channels than are looked through.

    Raises:
        BackendError: Slack does not say.
        ConfigError: its token cannot be used.
    """
    # Asked by whoever checks pages, who need not have what the app that listens needs.
    api = WebApi(installation.settings.slack.http(), installation.clock)
    closed: set[str] = set()
    living: set[str] = set()
    cursor: str | None = None
    for _ in range(_MOST_PAGES):
        asked: dict[str, Any] = {"exclude_archived": False, "types": "public_channel", "limit": _PAGE}
        found = api.call("conversations.list", {**asked, "cursor": cursor}, within_s=_WITHIN_S)
        for each in found.get("channels") or ():
            if isinstance(each.get("name"), str):
                (closed if each.get("is_archived") is True else living).add(each["name"].casefold())
        cursor = str((found.get("response_metadata") or {}).get("next_cursor") or "") or None
        if cursor is None:
            return frozenset(closed - living)
    return None
