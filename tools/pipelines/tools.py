"""`pipelines.status`, `pipelines.why`, `pipelines.late`, `pipelines.impact` and `pipelines.retry`."""

from __future__ import annotations

from functools import partial

from ..spec import AnyTool, Tool
from .impact import impact
from .lateness import late
from .place import PipelinePlace
from .retrying import preview, reconcile, retry
from .standing import status
from .types import (
    ImpactArgs,
    ImpactResult,
    LateArgs,
    LateResult,
    Retried,
    RetryArgs,
    StatusArgs,
    StatusResult,
    WhyArgs,
    WhyResult,
)
from .why import why

_TIMEOUT_S = 90.0


def pipeline_tools(place: PipelinePlace) -> tuple[AnyTool, ...]:
    """The tools of one environment; policies know them everywhere, agents where something runs pipelines."""
    is_offered = place.opened is not None
    return (
        Tool(
            name="pipelines.status",
            effect="read",
            description="How the newest run of each pipeline ended, those that failed first.",
            args=StatusArgs,
            result=StatusResult,
            run=partial(status, place),
            environment=place.environment,
            timeout_s=_TIMEOUT_S,
            summary_tokens=1_200,
            is_offered=is_offered,
        ),
        Tool(
            name="pipelines.why",
            effect="read",
            description=(
                "Why a run of a pipeline failed: the task that failed first, what its log says that a good run's does "
                "not, whether it or something before it is to blame, its attempts, and what changed since."
            ),
            args=WhyArgs,
            result=WhyResult,
            run=partial(why, place),
            environment=place.environment,
            timeout_s=_TIMEOUT_S,
            summary_tokens=1_200,
            resource=lambda args: args.pipeline or "pipelines",
            is_offered=is_offered,
        ),
        Tool(
            name="pipelines.late",
            effect="read",
            description="Which pipelines are late or will be: when each is expected to be done, against its deadline.",
            args=LateArgs,
            result=LateResult,
            run=partial(late, place),
            environment=place.environment,
            timeout_s=_TIMEOUT_S,
            summary_tokens=1_500,
            is_offered=is_offered,
        ),
        Tool(
            name="pipelines.impact",
            effect="read",
            description="Which feature views and models rest on a pipeline, and until when what they have is good.",
            args=ImpactArgs,
            result=ImpactResult,
            run=partial(impact, place),
            environment=place.environment,
            timeout_s=_TIMEOUT_S,
            summary_tokens=1_200,
            resource=lambda args: args.pipeline,
            is_offered=is_offered,
        ),
        Tool(
            name="pipelines.retry",
            effect="write",
            description=(
                "Clears a failed task, so that it and what failed or never ran behind it run again; only if each of "
                "them was declared safe to run twice."
            ),
            args=RetryArgs,
            result=Retried,
            run=partial(retry, place),
            environment=place.environment,
            timeout_s=_TIMEOUT_S,
            resource=lambda args: args.pipeline,
            reconcile=partial(reconcile, place),
            preview=partial(preview, place),
            asked_by=("retry", "rerun", "run again", "reintentar", "repetir"),
            credential_env=place.credential_env,
            is_offered=place.retries is not None,
        ),
    )
