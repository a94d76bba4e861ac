"""ChangeRCA: incidents of a shop in which several services were released at about the same time, one release at fault.

Raw: `CASE/CASE.json` (the releases and the answer) beside `dependency.csv`, per pod and call `POD_CALLER_CALLEE.csv`,
and `source_success.csv`, `destination_success.csv` for the calls between services. Result files of other methods
(`gied*`, `microscope`, `microrca`) lie beside them and are not read.

Series: a pod belongs to the caller or to the callee of its file, whichever its name starts with. `SuccessRate` and
`Latency` are those of the calls and carry `caller`, `callee` and `side`; the other columns measure the pod (or, with
`scope=node`, the machine under it) and are the same in all files of the pod, so they are written once. In published
files the headings are not in the order of the values: `Latency` comes second, the latency last. Which column differs
between the files of one pod tells where the latency is.

Changes: one `deploy` per release of the plan, `release-SERVICE`, at its release time, ordered by time (the plan lists
the culprit first). Of the roll-out only steps completed within the window are told.

Times: detection falls on the first minute of the fault, when a new pod has no sample yet. The window therefore reaches
from the first release (at most ten minutes before the detection) to ten minutes after the detection, or to the end of
the next roll-out step if that comes first; the data end there. The baseline ends with the first release.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from ...tools.snapshots.manifest import AlertRef
from ...tools.snapshots.writer import SnapshotWriter
from ..cases import Cause, Truth
from .collector import (
    Table,
    add_calls,
    column_name,
    is_call_file,
    parse_time,
    read_dependencies,
    read_table,
    service_of,
)
from .folders import has_match, matching, source_id
from .publish import CaseDraft, DamagedCase, Importer, Listing, Notes, RawCase
from .series import MINUTE_US, SECOND_US, MetricRows, Times, from_us, window_of, write_topology

_AROUND_US = 10 * MINUTE_US
_VERSIONED = re.compile(r"(?P<service>.+)-(?P<version>v\d+)")
_CALL_METRICS = frozenset({"SuccessRate", "Latency"})
_CALL_UNITS = {"SuccessRate": "%", "Latency": "s"}


class _Step(BaseModel):
    """A step of a roll-out; its other keys are the numbers of pods of each version."""

    model_config = ConfigDict(extra="allow", frozen=True)

    release_pod: tuple[str, ...] = ()
    delete_pod: tuple[str, ...] = ()
    release_complete_timestamp: float | None = None

    def replicas(self) -> str:
        counts = {key: value for key, value in (self.model_extra or {}).items() if re.fullmatch(r"v\d+", key)}
        return " ".join(f"{version}={count}" for version, count in sorted(counts.items()))


class _Release(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    release_time: float
    target_replica: int | None = None
    process: dict[str, _Step] = Field(default_factory=dict)

    def steps(self) -> list[tuple[int, _Step]]:
        """The steps that say when they were complete, in that order, with that time in microseconds."""
        timed = [
            (round(step.release_complete_timestamp * SECOND_US), step)
            for step in self.process.values()
            if step.release_complete_timestamp is not None
        ]
        return sorted(timed, key=lambda item: item[0])


class _Plan(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    plan: dict[str, _Release]
    fault: str | None = None
    fault_release_service: str
    detect_timestamp: float | None = None
    detect_time: str | None = None


@dataclass(frozen=True)
class _PodFile:
    pod: str
    caller: str
    callee: str
    table: Table

    @property
    def service(self) -> str:
        match = _VERSIONED.fullmatch(service_of(self.pod))
        return match["service"] if match else service_of(self.pod)

    @property
    def pod_labels(self) -> dict[str, str]:
        match = _VERSIONED.fullmatch(service_of(self.pod))
        return {"pod": self.pod} | ({"version": match["version"]} if match else {})


def _is_case(folder: Path, names: frozenset[str]) -> bool:
    return {f"{folder.name}.json", "dependency.csv"} <= names


def _list_cases(src: Path, notes: Notes) -> Listing:
    return Listing(tuple(RawCase(source_id(src, folder), _reader(folder, notes)) for folder in matching(src, _is_case)))


def _reader(folder: Path, notes: Notes) -> Callable[[], CaseDraft]:
    def read() -> CaseDraft:
        plan = _Plan.model_validate_json((folder / f"{folder.name}.json").read_bytes())
        if plan.fault_release_service not in plan.plan:
            raise DamagedCase("the release at fault is not in the plan")
        pods = _read_pods(folder, notes)
        if not pods:
            raise DamagedCase("no metric file of a pod can be used")
        first_us = min(int(pod.table.times_us[0]) for pod in pods) // SECOND_US * SECOND_US
        last_us = max(int(pod.table.times_us[-1]) for pod in pods)
        detected_us = _detected(plan, first_us, last_us)
        releases_us = {service: round(release.release_time * SECOND_US) for service, release in plan.plan.items()}
        earliest_us = min(releases_us.values())
        end_us = min([detected_us + _AROUND_US, *_next_steps(plan, detected_us)])
        start_us = max(min(earliest_us, detected_us), detected_us - _AROUND_US)
        if releases_us[plan.fault_release_service] >= end_us:
            raise DamagedCase("the release at fault lies after the window of the incident")
        window = window_of(start_us, end_us)
        baseline = window_of(first_us, min(earliest_us, start_us))

        def write(writer: SnapshotWriter) -> None:
            rows = MetricRows(writer, window)
            _add_pods(rows, pods, end_us, notes)
            for path in sorted(folder.glob("*.csv")):
                table = read_table(path, notes) if is_call_file(path.name) else None
                if table is not None:
                    keep = table.times_us < end_us
                    add_calls(rows, path.name, table, keep, table.times_us[keep])
            rows.close()
            write_topology(writer, read_dependencies(folder / "dependency.csv"))
            _write_changes(writer, plan, end_us)

        alert = AlertRef(
            name="service degradation detected",
            summary="success rate or latency of calls between services left the usual range",
            ts=from_us(detected_us),
        )
        culprit = plan.fault_release_service
        truth = Truth(
            causes=(Cause(entity=culprit, change=_change_id(culprit)),),
            verdict="cause_found",
            fault=plan.fault,
            group=f"changerca/{len(plan.plan)} releases",
        )
        return CaseDraft(IMPORTER.manifest(window, baseline=baseline, alert=alert), truth, write)

    return read


def _change_id(service: str) -> str:
    return f"release-{service}"


def _detected(plan: _Plan, first_us: int, last_us: int) -> int:
    """The time of detection: the first of the two that are given which lies within the metrics."""
    stamp_us = round(plan.detect_timestamp * SECOND_US) if plan.detect_timestamp is not None else None
    for moment in (stamp_us, parse_time(plan.detect_time or "")):
        if moment is not None and first_us <= moment <= last_us:
            return moment
    raise DamagedCase("the time of detection lies outside of the metrics")


def _next_steps(plan: _Plan, detected_us: int) -> list[int]:
    """When, after the detection, roll-outs went beyond their first step."""
    return [done for release in plan.plan.values() for done, _ in release.steps()[1:] if done > detected_us]


def _read_pods(folder: Path, notes: Notes) -> list[_PodFile]:
    pods: list[_PodFile] = []
    for path in sorted(folder.glob("*.csv")):
        parts = path.stem.split("_")
        if len(parts) != 3:
            continue
        table = read_table(path, notes)
        if table is None:
            notes.add("a metric file of a pod is empty and left out")
            continue
        pod = _PodFile(parts[0], parts[1], parts[2], table)
        if pod.service not in {pod.caller, pod.callee}:
            notes.add("a pod belongs to neither side of its call and is left out")
            continue
        pods.append(pod)
    return pods


def _add_pods(rows: MetricRows, pods: list[_PodFile], end_us: int, notes: Notes) -> None:
    of_pod: dict[str, list[_PodFile]] = defaultdict(list)
    for pod in pods:
        of_pod[pod.pod].append(pod)
    latency_is_last = _latency_is_last(of_pod)
    notes.add("the headings of a case's pod files are not in the order of their values; mended", int(latency_is_last))
    for _, files in sorted(of_pod.items()):
        own: dict[str, dict[int, float]] = defaultdict(dict)
        for file in files:
            names = _names(file.table, latency_is_last)
            keep = file.table.times_us < end_us
            times_us = file.table.times_us[keep]
            for index, heading in enumerate(names):
                values = file.table.values[keep, index]
                if heading in _CALL_METRICS:
                    side = "caller" if file.service == file.caller else "callee"
                    labels = file.pod_labels | {"caller": file.caller, "callee": file.callee, "side": side}
                    unit = _CALL_UNITS[heading]
                    rows.add(times_us, values, entity=file.service, metric=heading, unit=unit, labels=labels)
                else:
                    seconds = times_us // SECOND_US * SECOND_US
                    own[heading].update(zip(seconds.tolist(), values.tolist(), strict=True))
        for heading, samples in sorted(own.items()):
            name = column_name(heading)
            moments: Times = np.array(sorted(samples), dtype=np.int64)
            values = np.array([samples[moment] for moment in moments.tolist()], dtype=np.float64)
            labels = files[0].pod_labels | name.scope | name.labels()
            rows.add(moments, values, entity=files[0].service, metric=name.metric, unit=name.unit, labels=labels)


def _names(table: Table, latency_is_last: bool) -> list[str]:
    names = list(table.names)
    if latency_is_last and "Latency" in names:
        names.remove("Latency")
        names.append("Latency")
    return names


def _latency_is_last(of_pod: dict[str, list[_PodFile]]) -> bool:
    """Whether the last column holds the latency, although the heading `Latency` stands elsewhere.

    What measures a pod is equal in all its files at the same second, what measures a call is not.
    """
    differs_named = differs_last = 0
    for files in of_pod.values():
        seen: dict[int, tuple[float, float]] = {}
        for file in files:
            names, values = file.table.names, np.nan_to_num(file.table.values)
            if "Latency" not in names or names[-1] == "Latency":
                continue
            seconds = (file.table.times_us // SECOND_US).tolist()
            named, last = values[:, names.index("Latency")].tolist(), values[:, -1].tolist()
            for second, *pair in zip(seconds, named, last, strict=True):
                other = seen.setdefault(second, (pair[0], pair[1]))
                differs_named += pair[0] != other[0]
                differs_last += pair[1] != other[1]
    return differs_last > 0 and differs_named == 0


def _write_changes(writer: SnapshotWriter, plan: _Plan, end_us: int) -> None:
    rows: list[dict[str, object]] = []
    for service, release in plan.plan.items():
        at_us = round(release.release_time * SECOND_US)
        if at_us >= end_us:
            continue
        done = [(moment, step) for moment, step in release.steps() if moment < end_us]
        attributes = {"strategy": "rolling"}
        if release.target_replica is not None:
            attributes["target_replicas"] = str(release.target_replica)
        for count, (moment, step) in enumerate(done, start=1):
            attributes[f"step_{count}"] = f"{from_us(moment).isoformat()} {step.replicas()}".strip()
            attributes[f"step_{count}_new_pods"] = " ".join(step.release_pod)
            attributes[f"step_{count}_removed_pods"] = " ".join(step.delete_pod)
        rows.append(
            {
                "ts": from_us(at_us),
                "entity": service,
                "kind": "deploy",
                "id": _change_id(service),
                "summary": f"rolling release of {service}",
                "attributes": sorted(attributes.items()),
            }
        )
    if rows:
        rows.sort(key=lambda row: (row["ts"], row["id"]))
        writer.write("changes", {name: [row[name] for row in rows] for name in rows[0]})


IMPORTER = Importer(
    name="changerca",
    source="ChangeRCA data set",
    licence="none stated by the publisher: local use only",
    layout="CASE/CASE.json beside dependency.csv and POD_CALLER_CALLEE.csv",
    recognises=lambda src: has_match(src, _is_case),
    list_cases=_list_cases,
)
