"""The Slack app of an installation, put together."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from ...core.errors import ConfigError
from ...policies.environments import Environments
from ..installation import Installation
from ..service.arrivals import Arrivals
from ..service.incidents import Incidents
from ..service.telling import ReportsFolder, Telling
from .access import Access
from .approval_message import ApprovalMessages
from .book import Book
from .performing import SlackPerformer
from .posts import Posts
from .receiving import Keeping, Receiving, slack_app
from .telling import Later, SlackParts, SlackTelling
from .telling_once import KIND, Teller
from .web_api import WebApi

if TYPE_CHECKING:
    from ..http.guard import App


@dataclass(frozen=True)
class SlackApp:
    """What the service needs: where Slack is answered, who works off what came, and how incidents are told."""

    parts: SlackParts
    telling: SlackTelling
    performer: SlackPerformer
    app: App
    receiving: Receiving
    keeping: Keeping


_PATH = "/slack"
_opened: list[tuple[Installation, SlackApp]] = []
_lock = threading.Lock()


def slack_of(installation: Installation) -> SlackApp:
    """The one Slack app of an installation in this process.

    Raises:
        ConfigError: no channel is listed, or the signing secret cannot be used.
    """
    with _lock:
        for known, app in _opened:
            if known is installation:
                return app
        opened = open_slack(installation)
        if opened is None:
            raise ConfigError("Slack has no channel", remedy="list one under `[slack.channels.NAME]`")
        _opened[:] = [(installation, opened)]
        return opened


def mounted(installation: Installation) -> dict[str, App]:
    """What `opswarden serve` mounts for Slack, by path; nothing unless a channel is listed.

    Raises:
        ConfigError: as `slack_of`.
    """
    return {_PATH: slack_of(installation).app} if installation.settings.slack.channels else {}


@contextmanager
def listened(installation: Installation) -> Iterator[None]:
    """Listen to Slack over a socket of ours while inside, where an app-level token is configured.

    Raises:
        ConfigError, BackendError: as `listening`.
    """
    settings = installation.settings.slack
    if not settings.channels or not settings.has_socket:
        yield
        return
    from .socket_mode import listening  # noqa: PLC0415 - where it is configured

    opened = slack_of(installation)
    with listening(settings, opened.receiving, opened.keeping):
        yield


def open_slack(
    installation: Installation,
    *,
    otherwise: Telling | None = None,
    later: Later | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> SlackApp | None:
    """The Slack app; `None` unless a channel is listed.

    Args:
        installation: whose settings count.
        otherwise: tells incidents that no channel is for; the reports folder if absent.
        later: runs what need not be waited for.
        sleep: waits where Slack asks for patience.

    Raises:
        ConfigError: the signing secret cannot be used.
    """
    settings = installation.settings.slack
    if not settings.channels:
        return None
    if settings.signing_secret() is None and not settings.has_socket:
        raise ConfigError("the signing secret of Slack is not set", remedy="set what `slack.signing_env` names")
    clock, database = installation.clock, installation.database
    api = WebApi(settings.http(), clock, sleep, lambda channel: _may_post(installation, channel))
    posts, access = Posts(database, clock, api), Access(settings, api, clock)
    parts = SlackParts(
        settings=settings,
        team=installation.settings.team,
        api=api,
        book=Book(database, clock),
        posts=posts,
        access=access,
        approvals=installation.approvals,
        messages=ApprovalMessages(
            settings, Environments(installation.settings.gate.environments), installation.redaction.scrub
        ),
        clock=clock,
        teller=Teller(installation, api, posts, access),
    )
    telling = SlackTelling(parts, otherwise or ReportsFolder(installation.state), later)
    performer = SlackPerformer(parts, telling, Incidents(database, clock, installation.ids))
    arrivals = Arrivals(database, installation.keys, clock, installation.ids)
    most = installation.settings.service.most_waiting
    receiving = Receiving(settings, clock)
    keeping = Keeping(arrivals, lambda: arrivals.count_waiting() >= most)
    return SlackApp(parts, telling, performer, slack_app(receiving, keeping), receiving, keeping)


def _may_post(installation: Installation, channel: str) -> bool:
    """Whether no stop file forbids it, asked before each request: progress is edited without a tell of its own."""
    standing, named = installation.stop.standing(), installation.settings.slack.named(channel)
    audience = f"{KIND}/{named[0] if named else channel}"
    return not standing.stops_all and not any(
        stop.kind == "tell" and fnmatchcase(audience, stop.pattern) for stop in standing.stops
    )
