"""Where a fleet is read from, as one file says it."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ....core.config import Section
from ...fleets.schema import UsageResource
from ...metrics.backends.promql import LABEL_NAME

Unit = Literal[
    "cores",
    "millicores",
    "mhz",
    "percent",
    "share",
    "bytes",
    "kb",
    "mb",
    "gb",
    "kib",
    "mib",
    "gib",
    "devices",
    "per_second",
    "per_minute",
    "bytes_per_second",
    "kb_per_second",
    "mb_per_second",
    "seconds",
    "milliseconds",
]

_UNITS_OF: dict[str, frozenset[str]] = {
    "cpu": frozenset(("cores", "millicores", "mhz", "percent", "share")),
    "memory": frozenset(("bytes", "kb", "mb", "gb", "kib", "mib", "gib", "percent", "share")),
    "gpu": frozenset(("devices", "percent", "share")),
    "gpu_sm": frozenset(("devices", "percent", "share")),
    "gpu_memory": frozenset(("bytes", "kb", "mb", "gb", "kib", "mib", "gib", "percent", "share")),
    "requests": frozenset(("per_second", "per_minute")),
    "network": frozenset(("bytes_per_second", "kb_per_second", "mb_per_second")),
    "latency_p99": frozenset(("seconds", "milliseconds")),
    "replicas": frozenset(("devices",)),
}

FACTORS: dict[Unit, float] = {
    "cores": 1.0,
    "millicores": 1e-3,
    "mhz": 1.0,
    "percent": 1e-2,
    "share": 1.0,
    "bytes": 1.0,
    "kb": 1e3,
    "mb": 1e6,
    "gb": 1e9,
    "kib": 1024.0,
    "mib": 1024.0**2,
    "gib": 1024.0**3,
    "devices": 1.0,
    "per_second": 1.0,
    "per_minute": 1 / 60,
    "bytes_per_second": 1.0,
    "kb_per_second": 1e3,
    "mb_per_second": 1e6,
    "seconds": 1.0,
    "milliseconds": 1e-3,
}
"""What a value is multiplied with."""

_Column = Annotated[str, Field(min_length=1, max_length=200)]


class Measured(Section):
    """What a column, or a name in a long file, measures."""

    resource: UsageResource | Literal["replicas"]
    unit: Unit
    column: _Column | None = Field(default=None, description="of a wide file")
    plus: tuple[_Column, ...] = Field(default=(), max_length=8, description="columns to add, such as sent and received")
    name: str | None = Field(default=None, max_length=200, description="how a long file calls it")
    of: _Column | None = Field(default=None, description="for `percent` and `share`: column with the whole")
    of_unit: Unit | None = Field(default=None, description="the unit of `of`")
    mhz_per_core: float | None = Field(default=None, gt=0, description="for `mhz`: of one core")
    capacity_mhz: _Column | None = Field(default=None, description="for `mhz`: column with the capacity of all cores")
    cores: _Column | None = Field(default=None, description="for `mhz`: column with the number of cores")
    counter: bool = Field(default=False, description="a total that only grows, in unit-seconds; it is made a rate")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.unit not in _UNITS_OF[self.resource]:
            raise ValueError(f"{self.resource} is not measured in {self.unit}")
        if self.unit in ("percent", "share") and (self.of is None or self.of_unit is None):
            raise ValueError(f"`{self.unit}` needs `of` and `of_unit`: the column with the whole")
        if self.of_unit is not None and self.of_unit not in _UNITS_OF[self.resource] - {"percent", "share", "mhz"}:
            raise ValueError(f"the whole of {self.resource} is not given in {self.of_unit}")
        if self.unit == "mhz" and (self.mhz_per_core is None) == (self.capacity_mhz is None or self.cores is None):
            raise ValueError("`mhz` needs `mhz_per_core`, or `capacity_mhz` and `cores`")
        return self


class FileSource(Section):
    """CSV or Parquet files."""

    kind: Literal["files"] = "files"
    files: tuple[str, ...] = Field(min_length=1, max_length=1_000, description="paths or patterns beside the file")
    time: _Column
    time_unit: Literal["iso", "s", "ms", "us"] = "iso"
    timezone: str = Field(default="UTC", max_length=64, description="of times without a zone; IANA")
    workload: tuple[_Column, ...] = Field(min_length=1, max_length=4, description="columns, joined by /")
    usage: tuple[Measured, ...] = Field(default=(), max_length=64)
    sizes: tuple[Measured, ...] = Field(default=(), max_length=64, description="what is reserved; changes are kept")
    resource_column: _Column | None = Field(default=None, description="of a long file: what is measured")
    value_column: _Column | None = Field(default=None, description="of a long file: the value")

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        is_long = self.resource_column is not None
        if is_long != (self.value_column is not None):
            raise ValueError("a long file has `resource_column` and `value_column`")
        for measured in (*self.usage, *self.sizes):
            if (measured.name if is_long else measured.column) is None:
                raise ValueError("a long file needs `name` of what is measured" if is_long else "a column is missing")
            if is_long and measured.plus:
                raise ValueError("`plus` belongs to wide files")
        if not self.usage:
            raise ValueError("`usage` says nothing of what is measured")
        return self


class PrometheusSource(Section):
    """Usage, sizes and happenings of Kubernetes workloads in a Prometheus-compatible system."""

    kind: Literal["prometheus"] = "prometheus"
    system: str = Field(min_length=1, max_length=64, description="its name under `systems` in opswarden.toml")
    step_s: int = Field(default=300, ge=15, le=3_600, description="between two samples")
    piece_s: int = Field(default=21_600, ge=300, le=86_400, description="how much one question may span")
    by: Literal["pod", "container"] = Field(default="container", description="what a workload is")
    namespaces: str = Field(default=".+", max_length=500, description="pattern of the namespaces that are read")
    namespace_label: str = "namespace"
    pod_label: str = "pod"
    container_label: str = "container"
    cpu: str = Field(default="container_cpu_usage_seconds_total", description="counter of core seconds")
    memory: str = Field(default="container_memory_working_set_bytes", description="bytes")
    requests: str = "kube_pod_container_resource_requests"
    limits: str = "kube_pod_container_resource_limits"
    gpu_resource: str = Field(default="nvidia_com_gpu", description="how requests and limits call a GPU")
    oom: str = Field(default="container_oom_events_total", description="counter of out-of-memory kills")
    terminated: str = "kube_pod_container_status_last_terminated_reason"
    restarts: str = "kube_pod_container_status_restarts_total"
    throttled: str = "container_cpu_cfs_throttled_periods_total"
    periods: str = "container_cpu_cfs_periods_total"
    gpu: str = Field(default="DCGM_FI_PROF_GR_ENGINE_ACTIVE", description="0 to 1, by device")
    gpu_sm: str = Field(default="DCGM_FI_PROF_SM_ACTIVE", description="0 to 1, by device")
    gpu_memory: str = Field(default="DCGM_FI_DEV_FB_USED", description="MiB, by device")
    gpu_pod_label: str = Field(default="pod", description="`exported_pod` where scraping renames it")
    gpu_namespace_label: str = "namespace"
    gpu_container_label: str = "container"
    served: str | None = Field(default=None, description="counter of requests with a pod label; none is read without")

    @model_validator(mode="after")
    def _names(self) -> Self:
        for name, value in self:
            if name in ("kind", "system", "namespaces", "by") or not isinstance(value, str):
                continue
            if not LABEL_NAME.fullmatch(value):
                raise ValueError(f"`{name}` is no name of a metric or label")
        if self.piece_s // self.step_s > 11_000:
            raise ValueError("one question would ask for more than 11,000 points: make `piece_s` smaller")
        return self


class CloudwatchMeasure(Section):
    """A CloudWatch metric and what it says of a workload."""

    resource: UsageResource
    namespace: str = Field(min_length=1, max_length=255)
    metric: str = Field(min_length=1, max_length=255)
    dimensions: tuple[str, ...] = Field(
        min_length=1, max_length=10, description="names; their values name the workload"
    )
    statistic: Literal["Average", "Maximum", "Sum", "p99"] = "Average"
    factor: float = Field(default=1.0, description="what a value is multiplied with")
    per_second: bool = Field(default=False, description="a sum over the period that is made a rate")
    match: dict[str, str] = Field(default_factory=dict, max_length=10, description="dimensions with a fixed value")


class CloudwatchSource(Section):
    """CloudWatch, asked with the credentials that boto3 finds."""

    kind: Literal["cloudwatch"] = "cloudwatch"
    region: str = Field(pattern=r"^[a-z0-9-]{4,32}$")
    endpoint: str | None = Field(default=None, max_length=2_000, description="of a private endpoint")
    step_s: int = Field(default=300, ge=60, le=3_600, multiple_of=60)
    measures: tuple[CloudwatchMeasure, ...] = Field(default=(), max_length=100, description="the usual ones if empty")


Source = Annotated[FileSource | PrometheusSource | CloudwatchSource, Field(discriminator="kind")]


class Sources(Section):
    """Where a fleet is read from: the file that `opswarden finops pull` is given."""

    version: Literal[1] = 1
    title: str = Field(min_length=1, max_length=200)
    environment: str = Field(min_length=1, max_length=60)
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    sources: tuple[Source, ...] = Field(min_length=1, max_length=20)
