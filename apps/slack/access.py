"""Who may see evidence and decide: members of our workspace, in channels that nobody outside reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...core.clock import Clock
from ...core.errors import BackendError
from .settings import SlackSettings
from .web_api import SlackRefused, WebApi

_HOLDS_S = 60.0
_GUEST = ("deleted", "is_bot", "is_restricted", "is_ultra_restricted", "is_stranger", "is_app_user", "is_invited_user")
_SHARED = ("is_ext_shared", "is_pending_ext_shared", "is_im", "is_mpim")


class Access:
    """Asks Slack about people and channels; what it does not say clearly counts against them.

    Args:
        settings: names our workspace.
        api: asks.
        clock: says how long an answer holds.
    """

    def __init__(self, settings: SlackSettings, api: WebApi, clock: Clock) -> None:
        self._settings = settings
        self._api = api
        self._clock = clock
        self._known: dict[tuple[str, str], tuple[float, str]] = {}

    def of_channel(self, channel: str, *, fresh: bool = False) -> str:
        """Why nothing may be told in a channel, as a name of a sentence of ours; empty if it may.

        Raises:
            BackendError: Slack does not say.
        """
        return self._held(("conversations.info", channel), fresh=fresh)

    def of_person(self, user: str, *, fresh: bool = False) -> str:
        """Why somebody gets nothing and decides nothing; empty for a full member.

        Raises:
            BackendError: Slack does not say.
        """
        return self._held(("users.info", user), fresh=fresh)

    def _held(self, key: tuple[str, str], *, fresh: bool) -> str:
        now = self._clock.monotonic()
        held = self._known.get(key)
        if held is not None and not fresh and now - held[0] < _HOLDS_S:
            return held[1]
        method, name = key
        try:
            found = self._api.call(method, {"channel" if method.startswith("conv") else "user": name})
        except SlackRefused as error:
            if error.code == "ratelimited":
                raise
            found = {}
        problem = self._channel(found) if method.startswith("conv") else self._person(found)
        if len(self._known) > 10_000:
            self._known.clear()
        self._known[key] = (now, problem)
        return problem

    def _channel(self, found: Mapping[str, Any]) -> str:
        channel = found.get("channel")
        if not isinstance(channel, Mapping) or any(channel.get(name) for name in _SHARED):
            return "shared_channel"
        # Shared among workspaces of one organisation is still ours; anything else that is shared is not.
        if channel.get("is_shared") and not channel.get("is_org_shared"):
            return "shared_channel"
        return ""

    def _person(self, found: Mapping[str, Any]) -> str:
        user = found.get("user")
        if not isinstance(user, Mapping) or any(user.get(name) for name in _GUEST) or user.get("id") == "USLACKBOT":
            return "only_members"
        teams = {user.get("team_id"), *((user.get("enterprise_user") or {}).get("teams") or ())}
        if self._settings.workspace not in teams or user.get("deleted") is not False:
            return "only_members"
        return ""


def checked_channel(access: Access, channel: str) -> None:
    """Refuse to tell anything where others read.

    Raises:
        BackendError: the channel is shared, or Slack does not say.
    """
    if access.of_channel(channel):
        raise BackendError(
            "the Slack channel is shared with others, so nothing is told there", remedy="use a channel of your own"
        )
