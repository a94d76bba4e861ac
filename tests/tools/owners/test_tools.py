"""`owners.find` as the gate calls it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from opswarden.core.errors import BackendError
from opswarden.tools.owners.backends.snapshot import SnapshotOwners
from opswarden.tools.owners.reading import read
from opswarden.tools.owners.tools import OWNER_COLUMNS, owners_tools
from opswarden.tools.snapshots.store import SnapshotStore
from opswarden.tools.spec import Output

from .test_reading import OWN

Call = Callable[..., Output[Any]]
Stores = Callable[..., SnapshotStore]


def with_catalogue(store: SnapshotStore, text: str) -> SnapshotStore:
    (store.folder / "catalogue.yaml").write_text(text)
    return store


def test_whose_it_is_and_how_to_reach_them(call: Call, make_store: Stores) -> None:
    tools = owners_tools(SnapshotOwners(with_catalogue(make_store(), OWN)))
    output = call(tools, "owners.find", entities=["furnace", "mill", "furnace"])
    assert output.status == "ok"
    found = output.summary.owners[0]
    assert (found.asked, found.entity, found.matched_by, found.owner) == ("furnace", "oven", "alias", "bakers")
    assert (found.on_call, found.channel, found.page, found.tier) == ("bakers primary", "#bakers", "pager bakers", 0)
    assert (len(output.summary.owners), output.summary.unknown, output.summary.known_entities) == (1, ("mill",), 1)
    assert output.artifact.schema == OWNER_COLUMNS


def test_nobody_known_is_no_data(call: Call, make_store: Stores) -> None:
    tools = owners_tools(SnapshotOwners(with_catalogue(make_store(), OWN)))
    output = call(tools, "owners.find", entities=["mill"])
    assert (output.status, output.summary) == ("no_data", None)
    none = call(owners_tools(SnapshotOwners(make_store())), "owners.find", entities=["mill"])
    assert "no service catalogue" in none.note


def test_the_operator_comes_before_the_snapshot_and_labels_come_last(call: Call, make_store: Stores) -> None:
    manifest = '{"metadata": {"labels": {"team": "labelled", "app.kubernetes.io/part-of": "town"}}}'
    objects = [{"entity": name, "kind": "Deployment", "name": name, "manifest": manifest} for name in ("oven", "till")]
    store = with_catalogue(make_store(objects=objects), OWN)
    configured = read("entities: {oven: {owner: millers}}")
    output = call(owners_tools(SnapshotOwners(store, configured)), "owners.find", entities=["oven", "till"])
    assert [(one.owner, one.system, one.tier, one.source) for one in output.summary.owners] == [
        ("millers", "bakery", 0, "catalogue"),
        ("labelled", "town", None, "labels"),
    ]


def test_a_file_that_cannot_be_used_is_an_error_and_no_empty_catalogue(call: Call, make_store: Stores) -> None:
    broken = with_catalogue(make_store(), "entities:\n  oven: {tier: 99}\n")
    with pytest.raises(BackendError, match=r"catalogue\.yaml: line 2: tier"):
        call(owners_tools(SnapshotOwners(broken)), "owners.find", entities=["oven"])
    both = owners_tools(SnapshotOwners(broken, read(OWN)))
    assert "line 2" in call(both, "owners.find", entities=["oven"]).summary.problems[0]


def test_a_link_is_not_followed(call: Call, make_store: Stores, tmp_path: Path) -> None:
    store = make_store()
    (tmp_path / "elsewhere.yaml").write_text(OWN)
    (store.folder / "catalogue.yaml").symlink_to(tmp_path / "elsewhere.yaml")
    with pytest.raises(BackendError, match="is a link"):
        call(owners_tools(SnapshotOwners(store)), "owners.find", entities=["oven"])


def test_many_are_cut(call: Call, make_store: Stores) -> None:
    names = [f"oven-with-a-rather-long-name-{place}" for place in range(20)]
    text = "entities:\n" + "".join(
        f"  {name}: {{owner: {'team ' * 20}, description: {'word ' * 90}}}\n" for name in names
    )
    output = call(owners_tools(SnapshotOwners(with_catalogue(make_store(), text))), "owners.find", entities=names)
    assert output.status == "truncated"
    assert output.artifact.num_rows == 20
