"""The section `finops`: what is worth recommending, and where files are proposed."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from ...core.config import Section
from ...tools.documents.backends.forge_settings import ForgeSettings
from ...tools.issues.backends.settings import IssueSettings
from ...tools.recommendations.thresholds import Thresholds


class ProposalSettings(Section):
    """A local clone in which patches are proposed, on branches below `opswarden/`."""

    clone: Path | None = Field(default=None, description="folder of the clone; nothing is proposed without")
    base: str = Field(default="main", pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,99}$", description="branch of the owners")
    below: str = Field(
        default="opswarden",
        pattern=r"^([A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*){0,9})?$",
        description="folder in the repository that files go to",
    )
    environment: str = Field(default="default", min_length=1, max_length=64, description="what the clone belongs to")
    pull_request: ForgeSettings | None = Field(
        default=None, description="where branches are pushed to and asked to be merged; nothing is pushed without"
    )


class RunbookProposalSettings(ProposalSettings):
    """A local clone in which runbooks are published, on branches below `opswarden/`."""

    below: str = Field(
        default="runbooks",
        pattern=r"^([A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*){0,9})?$",
        description="folder in the repository that pages go to",
    )
    two_person: bool = Field(
        default=False, description="whether somebody else than whoever publishes a page has to approve it"
    )


class FinopsSettings(Section):
    """The section `finops`."""

    least_saving: float = Field(default=25.0, ge=0, description="per month and recommendation, in the fleet's currency")
    least_change: float = Field(default=0.10, ge=0, le=1, description="share of a size below which it is left alone")
    most_cut: float = Field(default=0.50, gt=0, le=1, description="share of a size that may go in one week")
    hourly_rate: float = Field(default=0.0, ge=0, description="what an hour of work costs; 0: effort is not priced")
    proposals: ProposalSettings = ProposalSettings()
    issues: IssueSettings | None = Field(
        default=None, description="where an owner's changes are opened as an issue; nothing is opened without"
    )

    def thresholds(self) -> Thresholds:
        """What is worth it."""
        return Thresholds(
            least_saving=self.least_saving,
            least_change=self.least_change,
            most_cut=self.most_cut,
            hourly_rate=self.hourly_rate,
        )
