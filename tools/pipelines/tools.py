"""`pipelines.status`, `pipelines.why`, `pipelines.late`, `pipelines.impact` and `pipelines.retry`."""

from __future__ import annotations

from functools import partial
from typing import Any

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
    of_one: dict[str, Any] = {"resource": lambda args: args.pipeline or "pipelines"}
    return (
        Tool(
            name="pipelines.status",
            description="How the newest run of each pipeline ended, those that failed first.",
            args=StatusArgs,
            result=StatusResult,
            run=partial(status, place),
            summary_tokens=1_200,
            **_read(place),
        ),
        Tool(
            name="pipelines.why",
            description=(
                "Why a run of a pipeline failed: the task that failed first, what its log says that a good run's does "
                "not, whether it or something before it is to blame, its attempts, and what changed since."
            ),
            args=WhyArgs,
            result=WhyResult,
            run=partial(why, place),
            summary_tokens=1_200,
            **_read(place),
            **of_one,
        ),
        Tool(
            name="pipelines.late",
            description="Which pipelines are late or will be: when each is expected to be done, against its deadline.",
            args=LateArgs,
            result=LateResult,
            run=partial(late, place),
            summary_tokens=1_500,
            **_read(place),
        ),
        Tool(
            name="pipelines.impact",
            description="Which feature views and models rest on a pipeline, and until when what they have is good.",
            args=ImpactArgs,
            result=ImpactResult,
            run=partial(impact, place),
            summary_tokens=1_200,
            **_read(place),
            **of_one,
        ),
        _retry_tool(place),
    )


def _read(place: PipelinePlace) -> dict[str, Any]:
    """What all tools that read have in common."""
    return {
        "effect": "read",
        "environment": place.environment,
        "timeout_s": _TIMEOUT_S,
        "is_offered": place.opened is not None,
    }


def _retry_tool(place: PipelinePlace) -> AnyTool:
    return Tool(
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
    )
