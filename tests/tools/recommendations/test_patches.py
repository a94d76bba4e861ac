"""Patches are what their tools read, whatever a workload is called."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Any

import pytest
import yaml

from opswarden.tools.recommendations.patches import by_owner, folder_of, hcl_variables, patches_of, taken_back
from opswarden.tools.recommendations.types import Recommendation

from .made import recommendation

HOSTILE = [
    'a"\nx: 1',
    "../../etc/passwd",
    "- !!python/object",
    '${file("/etc/passwd")}',
    "%{ for x in y }",
    "",
    "\u202e",
]


def text_of(each: Recommendation, kind: str) -> str:
    return next(patch.text for patch in patches_of(each) if patch.format == kind)


def loaded(each: Recommendation, kind: str) -> Any:
    return yaml.safe_load(text_of(each, kind))


def test_sizes_are_rounded_up_and_memory_has_a_limit_that_is_its_request() -> None:
    both = recommendation(
        proposed={"cpu": 1.2501, "memory": 1.5 * 2**30 + 1}, current={"cpu": 4.0, "memory": 4.0 * 2**30}
    )
    assert loaded(both, "helm") == {
        "resources": {"requests": {"cpu": "1251m", "memory": "1537Mi"}, "limits": {"memory": "1537Mi"}}
    }
    container = loaded(both, "kustomize")["spec"]["template"]["spec"]["containers"][0]
    assert container == {"name": "scorer", "resources": loaded(both, "helm")["resources"]}
    assert loaded(both, "vpa")["spec"]["updatePolicy"] == {"updateMode": "Off"}
    assert parsed_hcl(text_of(both, "terraform")) == {"scorer_cpu": 1.2501, "scorer_memory": 1610612737}


def test_gpus_and_slices_of_them() -> None:
    whole = recommendation("llm", resource="gpu", current={"gpu": 4}, proposed={"gpu": 2})
    assert loaded(whole, "helm")["resources"]["limits"] == {"nvidia.com/gpu": 2}
    part = recommendation("llm", resource="gpu", current={"gpu": 1}, proposed={"gpu_partition": "3g.40gb"})
    assert loaded(part, "helm")["resources"]["requests"] == {"nvidia.com/mig-3g.40gb": 1}


def test_another_card_changes_no_number_of_devices() -> None:
    card = recommendation(
        "llm",
        resource="gpu",
        current={"gpu_type": "H100-80GB", "partition": "whole", "gpu": 1.0},
        proposed={"gpu_type": "L4", "partition": "whole", "gpu": 1.0, "share": 0.09},
    )
    assert [(patch.format, parsed_hcl(patch.text)) for patch in patches_of(card)] == [
        ("terraform", {"llm_gpu_type": "L4"})
    ]


def test_an_autoscalers_floor_is_patched_and_not_its_replicas() -> None:
    floor = recommendation(
        "api",
        "replicas",
        "replicas",
        current={"replicas_least": 8},
        proposed={"replicas_least": 3, "autoscaler_target": 0.7},
    )
    assert loaded(floor, "helm") == {"autoscaling": {"minReplicas": 3, "targetCPUUtilizationPercentage": 70}}
    assert loaded(floor, "kustomize")["kind"] == "HorizontalPodAutoscaler"


def test_a_schedule_is_a_cron_trigger_for_each_stretch_that_is_needed() -> None:
    night = recommendation(
        "dev-api", "schedule", "", current={"replicas": 2},
        proposed={"on": "Mon-Fri 07:00-20:00; Sun 22:00-02:00+1d", "timezone": "Africa/Lagos", "replicas": 0.0},
    )  # fmt: skip
    found = loaded(night, "keda")["spec"]
    assert (found["minReplicaCount"], found["maxReplicaCount"]) == (0, 2)
    assert [(one["metadata"]["start"], one["metadata"]["end"]) for one in found["triggers"]] == [
        ("0 7 * * 1,2,3,4,5", "0 20 * * 1,2,3,4,5"), ("0 22 * * 0", "0 2 * * 1"),
    ]  # fmt: skip
    assert {one["metadata"]["timezone"] for one in found["triggers"]} == {"Africa/Lagos"}
    back = loaded(taken_back(night.model_copy(update={"current": {"replicas": 2.0, "on": "always"}})), "keda")
    assert back["metadata"]["annotations"] == {"autoscaling.keda.sh/paused-replicas": "2"}
    garbled = night.model_copy(update={"proposed": {"on": "whenever"}})
    assert not [patch for patch in patches_of(garbled) if patch.format == "keda"]


def test_what_goes_is_stopped_first_and_marked_for_deletion_after_a_time_of_grace() -> None:
    dead = recommendation("old-scorer", "decommission", "", current={"kind": "endpoint"}, proposed={"grace_days": 21.0})
    assert loaded(dead, "kustomize")["spec"] == {"replicas": 0.0}
    (policy,) = loaded(dead, "custodian")["policies"]
    assert policy["resource"] == "aws.sagemaker-endpoint"
    assert policy["actions"] == [{"type": "mark-for-op", "tag": "custodian_stop", "op": "delete", "days": 21}]


def test_the_way_back_is_a_patch_with_what_was_before() -> None:
    assert loaded(taken_back(recommendation()), "helm")["resources"]["requests"] == {"cpu": "4000m"}


@pytest.mark.parametrize("name", HOSTILE)
def test_names_of_outsiders_break_out_of_nothing(name: str) -> None:
    mine = recommendation(name, proposed={"cpu": 2.0, "instance_type": name})
    dead = recommendation(name, "decommission", "", current={"kind": "volume"}, proposed={})
    for each in (mine, dead):
        for patch in patches_of(each):
            path = PurePosixPath(patch.path)
            assert not path.is_absolute()
            assert ".." not in path.parts
            assert re.fullmatch(r"[A-Za-z0-9._/-]+", patch.path)
            if patch.format == "terraform":
                assert parsed_hcl(patch.text).popitem()[1] == name
            else:
                assert isinstance(yaml.safe_load(patch.text), dict)
    (policy,) = loaded(dead, "custodian")["policies"]
    assert policy["filters"][0]["value"] == name


def test_files_are_sorted_by_owner_and_what_nobody_owns_stays_together() -> None:
    found = by_owner([recommendation("a"), recommendation("b", owner=None), recommendation("c", owner="../x")])
    assert set(found) == {"fraud-ml", "unowned", folder_of("../x")}
    assert all(path.startswith(f"{owner}/") for owner, files in found.items() for path, _ in files)


def parsed_hcl(text: str) -> dict[str, Any]:
    """Assignments of numbers and quoted texts, by the grammar of HCL; an interpolation would be an error."""
    found: dict[str, Any] = {}
    escapes = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        name, sign, value = line.partition(" = ")
        assert sign
        assert re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name)
        if not value.startswith('"'):
            found[name] = float(value) if "." in value else int(value)
            continue
        out, place = [], 1
        while value[place] != '"':
            if value[place] == "\\":
                if value[place + 1] == "u":
                    out.append(chr(int(value[place + 2 : place + 6], 16)))
                    place += 6
                else:
                    out.append(escapes[value[place + 1]])
                    place += 2
            elif value[place : place + 3] in ("$${", "%%{"):
                out.append(value[place + 1 : place + 3])
                place += 3
            else:
                assert value[place : place + 2] not in ("${", "%{"), "an interpolation"
                out.append(value[place])
                place += 1
        assert place == len(value) - 1
        found[name] = "".join(out)
    return found


def test_numbers_of_variables_are_numbers() -> None:
    assert parsed_hcl(hcl_variables({"a": 1.0, "b": 0.25, "c": "x"})) == {"a": 1, "b": 0.25, "c": "x"}
