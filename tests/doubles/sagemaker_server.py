"""A double of SageMaker Pipelines and of the logs of their jobs, for what moto does not hold: steps, failures, retries.

After the API references of SageMaker and of CloudWatch Logs: lists page by `NextToken` with at most 100 entries, steps
that never began are in no list, an execution can be retried only where it failed or was stopped, a token that was
used is answered without a second retry, and a retry begins the failed steps anew with the next attempt.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .aws_json import AwsJsonServer, Refused

_PAGE = 100


class SagemakerServer(AwsJsonServer):
    """One account in one region.

    Args:
        pipelines: names, with their executions, the newest first.
        definitions: of every execution, by its ARN.
        steps: of an execution, by its ARN.
        lines: what jobs wrote, by the name of the stream.
        forbidden: operations that the credential may not use.
    """

    def __init__(
        self,
        pipelines: Mapping[str, Sequence[Mapping[str, Any]]],
        definitions: Mapping[str, str],
        steps: Mapping[str, list[dict[str, Any]]],
        lines: Mapping[str, Sequence[tuple[int, str]]],
        *,
        forbidden: Sequence[str] = (),
    ) -> None:
        self._pipelines = {name: [dict(each) for each in runs] for name, runs in pipelines.items()}
        self._definitions, self._steps, self._lines = definitions, steps, lines
        self.retried: list[str] = []
        self._tokens: set[str] = set()
        super().__init__(("SageMaker", "Logs_20140328"), forbidden=forbidden)

    def answered(self, operation: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
        known = {
            "ListPipelines": self._list,
            "ListPipelineExecutions": self._executions,
            "ListPipelineExecutionSteps": self._list_steps,
            "DescribePipelineDefinitionForExecution": self._definition,
            "RetryPipelineExecution": self._retry,
            "DescribeLogStreams": self._streams,
            "GetLogEvents": self._events,
        }
        if operation not in known:
            raise Refused("UnknownOperationException")
        return known[operation](given)

    def _list(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        rows = [
            {"PipelineName": name, **({"LastExecutionTime": runs[0]["StartTime"]} if runs else {})}
            for name, runs in sorted(self._pipelines.items())
        ]
        return _page("PipelineSummaries", rows, given)

    def _executions(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        if given["PipelineName"] not in self._pipelines:
            raise Refused("ResourceNotFound")
        return _page("PipelineExecutionSummaries", self._pipelines[given["PipelineName"]], given)

    def _list_steps(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        return _page("PipelineExecutionSteps", self._steps[self._known(given)], given)

    def _definition(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"PipelineDefinition": self._definitions[self._known(given)]}

    def _known(self, given: Mapping[str, Any]) -> str:
        arn = str(given["PipelineExecutionArn"])
        if arn not in self._steps:
            raise Refused("ResourceNotFound")
        return arn

    def _retry(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        arn, token = self._known(given), given["ClientRequestToken"]
        if not 32 <= len(token) <= 128:
            raise Refused("ValidationException")
        if token in self._tokens:
            return {"PipelineExecutionArn": arn}
        run = next(run for runs in self._pipelines.values() for run in runs if run["PipelineExecutionArn"] == arn)
        if run["PipelineExecutionStatus"] not in ("Failed", "Stopped"):
            raise Refused("ConflictException")
        self._tokens.add(token)
        self.retried.append(arn)
        run["PipelineExecutionStatus"] = "Executing"
        for step in self._steps[arn]:
            if step["StepStatus"] == "Failed":
                step |= {"StepStatus": "Starting", "AttemptCount": step["AttemptCount"] + 1}
        return {"PipelineExecutionArn": arn}

    def _streams(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        if not str(given["logGroupName"]).startswith("/aws/sagemaker/"):
            raise Refused("ResourceNotFoundException")
        wanted = given["logStreamNamePrefix"]
        return {"logStreams": [{"logStreamName": name} for name in sorted(self._lines) if name.startswith(wanted)]}

    def _events(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        lines = self._lines[given["logStreamName"]][-given["limit"] :]
        return {"events": [{"timestamp": at, "message": message} for at, message in lines]}


def _page(key: str, rows: Sequence[Any], given: Mapping[str, Any]) -> Mapping[str, Any]:
    size = given.get("MaxResults", _PAGE)
    if not 1 <= size <= _PAGE:
        raise Refused("ValidationException")
    start = int(given.get("NextToken", 0))
    more = {"NextToken": str(start + size)} if start + size < len(rows) else {}
    return {key: rows[start : start + size], **more}
