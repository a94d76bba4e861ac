"""A reviewed draft becomes a page: what differs is shown, the page is checked, and the gate asks for leave."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ...agents.writing.page import NO_MODEL, NOBODY_YET
from ...agents.writing.prose import WITH_MODEL
from ...core.canonical import JsonValue
from ...core.clock import Deadline
from ...core.errors import CallDenied, ConfigError, InputError
from ...policies.types import CallResult, Principal, Run
from ...tools.plain_files import read_plain_text
from ...tools.runbooks.backends.places import BranchPlace, FolderPlace, PagePlace
from ...tools.runbooks.checks.findings import Finding
from ...tools.runbooks.checks.pages import check_page
from ...tools.runbooks.page import read_page
from ...tools.runbooks.publish_tool import runbook_publish_tool
from ...tools.runbooks.publish_types import PAGE_NAME
from ..boundaries import usual_environment
from ..finops.places import proposals_in
from ..finops.proposing import refused_before, resumed_run
from ..installation import Installation
from ..people.roles import requester_roles
from ..runbooks.opened import ROLE, OpenRunbooks
from ..runbooks.platform import Checking, pages_of, platform_of
from ..wiring import gate_factory
from .keeping import difference

_LIMIT_BYTES = 400_000
_DEADLINE_S = 30.0
_LONGEST_NAME = 240
_FRONT = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)


@dataclass(frozen=True)
class Page:
    """A page that is to be published.

    Args:
        name: below the folder of the runbooks.
        text: as it will be.
        title: of it.
        diff: from the page in force as this machine knows it, as lines; of a new page, all its lines.
        is_new: whether no page of this name is in force.
        replaces: hash of the page in force, as it is known here; empty without one.
        findings: why it is not fit to be published.
    """

    name: str
    text: str
    title: str
    diff: tuple[str, ...]
    is_new: bool
    replaces: str
    findings: tuple[Finding, ...]

    @property
    def is_same(self) -> bool:
        """Whether the page in force says the same."""
        return not self.diff


def place_of(installation: Installation) -> PagePlace:
    """Where pages are published: on a branch of the clone that the settings name, else in their folder of runbooks.

    Raises:
        ConfigError: neither is named, or what is named is not there.
    """
    settings = installation.settings
    if (proposals := proposals_in(installation, settings.runbook_proposals)) is not None:
        return BranchPlace(proposals)
    if settings.runbooks is None:
        raise ConfigError(
            "there is no place for runbooks", remedy="set `runbooks` to a folder, or `runbook_proposals.clone`"
        )
    return FolderPlace(settings.runbooks, usual_environment(settings.gate))


def page_to_publish(
    runbooks: OpenRunbooks, place: PagePlace, file: Path, name: str | None, *, is_reviewed: bool, checking: Checking
) -> Page:
    """Read a page, hold it against the page in force, as far as it is known here, and against the platform.

    Args:
        runbooks: what it is checked beside.
        place: where it goes.
        file: the reviewed page.
        name: of the page there; that of the file unless given.
        is_reviewed: whether whoever asks has gone through it now.
        checking: see there.

    Raises:
        InputError: the file cannot be read, or its name is no page's.
    """
    text = read_plain_text(str(file), _LIMIT_BYTES)
    if text is None:
        raise InputError("the page cannot be read", remedy="name a plain file of Markdown, up to 400 kB")
    name = name or _name_of(file, runbooks.installation.settings.runbooks)
    if not re.fullmatch(PAGE_NAME, name) or len(name) > _LONGEST_NAME:
        raise InputError(
            "a page cannot be named so", remedy="letters, digits, hyphens and slashes, and `.md` at the end"
        )
    installation = runbooks.installation
    if is_reviewed:
        text = reviewed(text, installation.clock.now().date())
    # What a remote holds now is the gate's to ask: whoever approves sees that.
    before = place.known(name, Deadline(installation.clock, _DEADLINE_S))
    page = read_page(name, text)
    others = [each for each in pages_of(runbooks) if each.runbook.name not in (name, file.name)]
    found = check_page(page, platform_of(runbooks, [*others, page], checking))
    wanted = [*found, *_unfit(name, page.is_ours, page.front.draft)]
    title = " ".join((page.front.title or page.runbook.title or name).split())[:120]
    replaces = "" if before is None else hashlib.sha256(before.encode()).hexdigest()
    return Page(name, text, title, difference(before or "", text), before is None, replaces, tuple(wanted))


def publish(
    installation: Installation, place: PagePlace, page: Page, person: str, triage: str = "", *, again: bool = False
) -> CallResult:
    """Publish a page through the gate; asked again after an approval, it is the same call.

    Args:
        installation: whose gate.
        place: where it goes.
        page: it.
        person: who publishes it, `person:<name>`.
        triage: the run that it was drafted from, for the record; empty if it was none.
        again: whether to ask anew although somebody refused just this page, or nobody knows what came of it.

    Raises:
        CallDenied: somebody refused it, and it is not asked for again.
    """
    args: Mapping[str, JsonValue] = {"name": page.name, "text": page.text, "title": page.title}
    # The same page is published anew in another place, and over what was put in its stead here since.
    over = "" if place.is_remote else page.replaces
    run_id = resumed_run(installation, {**args, "place": place.place, "over": over}, person, anew=again)
    refusal = refused_before(installation, run_id)
    if refusal is not None and not again:
        why = f": {refusal.note}" if refusal.note else ""
        raise CallDenied(
            f"{refusal.approver} refused this page{why}",
            code="approval-denied",
            remedy="mend it, or ask anew with --again",
        )
    words = f"publish the runbook {page.name} in {place.place}{f', drafted from the triage {triage}' if triage else ''}"
    run = Run(
        id=run_id,
        principal=Principal(ROLE, person, installation.settings.team),
        trigger="cli",
        request=words,
        requester_roles=requester_roles(installation, run_id, person, words),
        audience_team=installation.settings.team,
        known_names=installation.catalogue.known_names() if installation.catalogue is not None else (),
    )
    tool = runbook_publish_tool(place, two_person=installation.settings.runbook_proposals.two_person)
    gate = gate_factory(installation, (tool,)).open_run(run)
    found = gate.call("runbooks.publish", args, call_id="publish")
    gate.end("answered")
    return found


def reviewed(text: str, today: date) -> str:
    """A page somebody has gone through today: no draft any more, and it says so."""
    front = _FRONT.match(text)
    if front is None:
        return text
    kept = [line for line in front[1].splitlines() if not line.startswith(("draft:", "last_verified:"))]
    body = text[front.end() :]
    for sentence in (NOBODY_YET, NO_MODEL, WITH_MODEL):
        body = body.replace(f"_{sentence}_\n\n", "")
    return "\n".join(["---", *kept, f"last_verified: {today.isoformat()}", "---", body])


def _unfit(name: str, is_ours: bool, is_draft: bool) -> list[Finding]:
    """What keeps a page from being published besides what a check finds."""
    if not is_ours:
        return [Finding(name, 1, "publish.form", "only pages of the checked form are published: `runbook: 1`")]
    if is_draft:
        return [Finding(name, 1, "publish.draft", "nobody has gone through it: `draft` is true")]
    return []


def _name_of(file: Path, folder: Path | None) -> str:
    """The name of the page that a draft lies beside."""
    here = file.resolve()
    inside = folder is not None and here.is_relative_to(folder.resolve())
    name = here.relative_to(folder.resolve()).as_posix() if inside and folder is not None else file.name
    return f"{name.removesuffix('.draft.md')}.md" if name.endswith(".draft.md") else name
