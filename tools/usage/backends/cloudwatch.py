"""CloudWatch: SageMaker endpoints and EC2 instances, or any metric that a mapping names. Needs the extra `aws`.

API: Amazon CloudWatch API reference, `ListMetrics` and `GetMetricData` (500 metrics and 100,800 points a question).
SageMaker's `CPUUtilization` and `GPUUtilization` are percent of one core and of one device, summed over them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from ....core.clock import Deadline
from ....core.errors import BackendError, ConfigError
from ...fleets.schema import FLEET_TABLES, fleet_rows
from .settings import CloudwatchMeasure, CloudwatchSource
from .types import UsageBackend

_MOST_QUERIES = 500
_MOST_POINTS = 100_800
_MOST_METRICS = 50_000
_MOST_PAGES = 2_000

_ENDPOINT = ("EndpointName", "VariantName")
USUAL: tuple[CloudwatchMeasure, ...] = (
    CloudwatchMeasure(
        resource="cpu", namespace="/aws/sagemaker/Endpoints", metric="CPUUtilization", dimensions=_ENDPOINT, factor=0.01
    ),
    CloudwatchMeasure(
        resource="gpu", namespace="/aws/sagemaker/Endpoints", metric="GPUUtilization", dimensions=_ENDPOINT, factor=0.01
    ),
    CloudwatchMeasure(
        resource="requests",
        namespace="AWS/SageMaker",
        metric="Invocations",
        dimensions=_ENDPOINT,
        statistic="Sum",
        per_second=True,
    ),
    CloudwatchMeasure(
        resource="latency_p99",
        namespace="AWS/SageMaker",
        metric="ModelLatency",
        dimensions=_ENDPOINT,
        statistic="p99",
        factor=1e-6,
    ),
    CloudwatchMeasure(
        resource="network",
        namespace="AWS/EC2",
        metric="NetworkIn",
        dimensions=("InstanceId",),
        statistic="Sum",
        per_second=True,
    ),
)
"""What is read unless the sources say something else. EC2's CPU is percent of a machine whose cores CloudWatch does not
know: it needs a `factor`."""


class CloudwatchUsage(UsageBackend):
    """Asks one region.

    Args:
        client: boto3's `cloudwatch` client.
        source: what it is asked for.
        environment: what its credential reaches.
    """

    def __init__(self, client: Any, source: CloudwatchSource, environment: str) -> None:
        self._client = client
        self._source = source
        self._environment = environment
        self._measures = source.measures or USUAL
        self._missing: dict[str, None] = {}

    @classmethod
    def connect(cls, source: CloudwatchSource, environment: str) -> CloudwatchUsage:
        """With the credentials that boto3 finds.

        Raises:
            ConfigError: the extra is missing.
        """
        try:
            import boto3  # noqa: PLC0415 - an extra
            from botocore.config import Config  # noqa: PLC0415 - the same
        except ImportError as error:
            raise ConfigError("CloudWatch needs boto3", remedy="pip install 'opswarden[aws]'") from error
        config = Config(retries={"mode": "standard", "max_attempts": 5}, connect_timeout=10, read_timeout=60)
        client = boto3.client("cloudwatch", region_name=source.region, endpoint_url=source.endpoint, config=config)
        return cls(client, source, environment)

    @property
    def environment(self) -> str:
        """What the credential reaches."""
        return self._environment

    @property
    def days_at_once(self) -> int:
        """A day at a time: what was pulled stays."""
        return 1

    def usage(self, start: datetime, end: datetime, deadline: Deadline) -> Iterator[pa.Table]:
        """Samples of every metric that has the dimensions of a measure, measure by measure."""
        points = int((end - start).total_seconds() // self._source.step_s) or 1
        at_once = max(1, min(_MOST_QUERIES, _MOST_POINTS // points))
        for measure in self._measures:
            found = self._metrics(measure, deadline)
            if not found:
                self._missing[f"no {measure.resource} was read: {measure.metric} has no metric"] = None
            for place in range(0, len(found), at_once):
                yield from self._read(measure, found[place : place + at_once], start, end, deadline)

    def _metrics(self, measure: CloudwatchMeasure, deadline: Deadline) -> list[dict[str, str]]:
        """The dimensions of every metric that has these and no others."""
        wanted: dict[str, Any] = {
            "Namespace": measure.namespace,
            "MetricName": measure.metric,
            "Dimensions": [
                *({"Name": name} for name in measure.dimensions if name not in measure.match),
                *({"Name": name, "Value": value} for name, value in measure.match.items()),
            ],
        }
        names = {*measure.dimensions, *measure.match}
        found: dict[tuple[str, ...], dict[str, str]] = {}
        for page in self._pages("list_metrics", wanted, deadline):
            for metric in page.get("Metrics", ()):
                dimensions = {one["Name"]: one["Value"] for one in metric.get("Dimensions", ())}
                if set(dimensions) == names:
                    found[tuple(dimensions[name] for name in sorted(names))] = dimensions
            if len(found) > _MOST_METRICS:
                raise BackendError(
                    f"CloudWatch has more than {_MOST_METRICS} metrics of a kind", remedy="narrow it with `match`"
                )
        return list(found.values())

    def _read(
        self,
        measure: CloudwatchMeasure,
        metrics: list[dict[str, str]],
        start: datetime,
        end: datetime,
        deadline: Deadline,
    ) -> Iterator[pa.Table]:
        step = self._source.step_s
        queries = [
            {
                "Id": f"m{place}",
                "MetricStat": {
                    "Metric": {
                        "Namespace": measure.namespace,
                        "MetricName": measure.metric,
                        "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
                    },
                    "Period": step,
                    "Stat": measure.statistic,
                },
            }
            for place, dimensions in enumerate(metrics)
        ]
        # CloudWatch names a period after its beginning; a sample here is of the time before it.
        shift = timedelta(seconds=step)
        asked = {
            "MetricDataQueries": queries,
            "StartTime": start - shift,
            "EndTime": end - shift,
            "ScanBy": "TimestampAscending",
        }
        factor = measure.factor / step if measure.per_second else measure.factor
        for page in self._pages("get_metric_data", asked, deadline):
            for result in page.get("MetricDataResults", ()):
                dimensions = metrics[int(result["Id"][1:])]
                moments = [moment + shift for moment in result["Timestamps"]]
                kept = [place for place, moment in enumerate(moments) if start <= moment < end]
                values = np.array([result["Values"][place] for place in kept], np.float64) * factor
                yield pa.table(
                    {
                        "ts": pa.array([moments[place] for place in kept], pa.timestamp("us", tz="UTC")),
                        "workload": pa.array([self._named(measure, dimensions)] * len(kept), pa.string()),
                        "resource": pa.array([measure.resource] * len(kept), pa.string()),
                        "value": pa.array(values),
                    },
                    schema=FLEET_TABLES["usage"],
                )

    def _named(self, measure: CloudwatchMeasure, dimensions: dict[str, str]) -> str:
        return "/".join(dimensions[name] for name in measure.dimensions)

    def _pages(self, question: str, arguments: dict[str, Any], deadline: Deadline) -> Iterator[dict[str, Any]]:
        """Page after page.

        Raises:
            BackendError: it refused, failed, did not end, or not before the deadline.
        """
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - an extra

        token: str | None = None
        for _ in range(_MOST_PAGES):
            if deadline.passed:
                raise BackendError("CloudWatch did not answer before the deadline", remedy="read fewer days")
            more = {} if token is None else {"NextToken": token}
            try:
                page: dict[str, Any] = getattr(self._client, question)(**arguments, **more)
            except ClientError as error:
                code = str(error.response.get("Error", {}).get("Code", ""))
                told = "forbids us this" if "Denied" in code or "Unauthorized" in code else "refused the question"
                raise BackendError(
                    f"CloudWatch {told}", remedy="the credential needs cloudwatch:ListMetrics and GetMetricData"
                ) from error
            except BotoCoreError as error:
                raise BackendError(
                    f"CloudWatch cannot be asked ({type(error).__name__})", remedy="check the region and the credential"
                ) from error
            yield page
            token = page.get("NextToken")
            if not token:
                return
        raise BackendError("CloudWatch does not stop answering", remedy="narrow the measures with `match`")

    def sizes(self, start: datetime, end: datetime, deadline: Deadline) -> pa.Table:
        """Nothing: CloudWatch does not know them."""
        return FLEET_TABLES["sizes"].empty_table()

    def happenings(self, start: datetime, end: datetime, deadline: Deadline) -> pa.Table:
        """Nothing: CloudWatch does not know them."""
        return FLEET_TABLES["happenings"].empty_table()

    def workloads(self, start: datetime, end: datetime, deadline: Deadline) -> pa.Table:
        """The endpoints and instances that have metrics."""
        found: dict[str, dict[str, Any]] = {}
        for measure in self._measures:
            for dimensions in self._metrics(measure, deadline):
                is_endpoint = "EndpointName" in dimensions
                name = self._named(measure, dimensions)
                found[name] = {
                    "workload": name,
                    "kind": "serving" if is_endpoint else "other",
                    "region": self._source.region,
                    "resource_id": dimensions.get("EndpointName") or dimensions.get("InstanceId"),
                }
        return fleet_rows("workloads", [found[name] for name in sorted(found)])

    def notes(self) -> tuple[str, ...]:
        """Measures without a metric."""
        return tuple(self._missing)
