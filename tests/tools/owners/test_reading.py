"""Catalogues in every form, and files that are none."""

from __future__ import annotations

from pathlib import Path

import pytest

from opswarden.core.errors import ConfigError
from opswarden.tools.owners import kubernetes
from opswarden.tools.owners.backends.files import read_catalogue
from opswarden.tools.owners.catalogue import Catalogue
from opswarden.tools.owners.reading import read
from opswarden.tools.plain_yaml import DocumentError

OWN = """\
version: 1
teams:
  bakers:
    channel: "#bakers"
    on_call: bakers primary
    page: "pager bakers"
    people: [zoe.quist@example.com]
entities:
  oven:
    owner: bakers
    tier: 0
    system: bakery
    aliases: [furnace, Big Oven]
    runbooks: [oven.md]
    depends_on: [gas]
    slos:
      - {name: warm, objective: 0.99, window_s: 3600, query: "1 - cold"}
"""
BACKSTAGE = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: oven
  title: Big Oven
  description: |
    Bakes
    bread.
  annotations:
    pagerduty.com/service-id: PX1
    pagerduty.com/integration-key: 0123456789abcdef0123456789abcdef
    slack.com/channel: "#bakers"
  links:
    - {url: "https://wiki.example/oven", title: Oven runbook}
    - {url: "https://wiki.example/menu", title: Menu}
spec:
  type: service
  lifecycle: production
  owner: group:default/bakers
  system: bakery
  dependsOn: ["component:default/mill", "resource:gas"]
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: bakers}
spec: {type: team, profile: {email: bakers@example.com}, members: [zoe.quist]}
---
apiVersion: backstage.io/v1alpha1
kind: Location
metadata: {name: elsewhere}
"""


def test_our_own_form() -> None:
    catalogue = read(OWN)
    oven, bakers = catalogue.entries[0], catalogue.team("Bakers")
    assert bakers is not None
    assert (oven.owner, oven.tier, oven.system, oven.aliases) == ("bakers", 0, "bakery", ("furnace", "Big Oven"))
    assert (oven.runbooks, oven.depends_on) == (("oven.md",), ("gas",))
    assert (oven.slos[0].entity, oven.slos[0].objective, oven.slos[0].query) == ("oven", 0.99, "1 - cold")
    assert (bakers.channel, bakers.on_call, bakers.page) == ("#bakers", "bakers primary", "pager bakers")
    assert bakers.people == ("zoe.quist@example.com",)


def test_backstage() -> None:
    catalogue = read(BACKSTAGE)
    assert [entry.name for entry in catalogue.entries] == ["oven"]
    oven = catalogue.entries[0]
    assert (oven.owner, oven.system, oven.lifecycle, oven.description) == (
        "bakers", "bakery", "production", "Bakes bread.",
    )  # fmt: skip
    assert (oven.on_call, oven.channel, oven.aliases) == ("PagerDuty service PX1", "#bakers", ("Big Oven",))
    assert (oven.depends_on, oven.runbooks) == (("mill", "gas"), ("https://wiki.example/oven",))
    assert "0123456789abcdef" not in repr(catalogue)
    bakers = catalogue.team("bakers")
    assert bakers is not None
    assert (bakers.page, bakers.people) == ("bakers@example.com", ("zoe.quist",))


def test_a_person_is_no_owning_team() -> None:
    catalogue = read(BACKSTAGE.replace("group:default/bakers", "user:default/zoe.quist"))
    assert catalogue.entries[0].owner == ""
    assert "zoe.quist" not in catalogue.known_names()


def test_both_forms_in_one_file() -> None:
    mixed = read(OWN + "---\n" + BACKSTAGE)
    # What our form says counts; what it does not say comes from the other.
    assert (mixed.entries[0].source, mixed.entries[0].lifecycle) == ("catalogue", "production")


def test_names_that_pass_redaction_are_nobody_s() -> None:
    names = read(OWN).known_names()
    assert {"oven", "furnace", "Big Oven", "bakers", "#bakers", "bakers primary", "bakery", "gas"} <= set(names)
    assert not any("zoe" in name or "@" in name for name in names)
    address = "zoe.quist@example.com"
    addressed = OWN.replace("owner: bakers", f"owner: {address}").replace("  bakers:", f"  {address}:")
    assert not any("@" in name for name in read(addressed).known_names())


@pytest.mark.parametrize(
    ("asked", "entity", "matched_by"),
    [
        ("oven", "oven", "name"),
        ("OVEN", "oven", "name"),
        ("furnace", "oven", "alias"),
        ("kitchen/oven", "oven", "name"),
        ("oven-7d4f9c8b6-x2x9p", "oven", "instance"),
        ("oven-0", "oven", "instance"),
        ("furnace-12", "oven", "instance"),
        ("oven-mitten", None, None),
        ("mill", None, None),
        ("", None, None),
    ],
)
def test_an_entity_is_found_by_any_of_its_names(asked: str, entity: str | None, matched_by: str | None) -> None:
    found = read(OWN).find(asked)
    assert (found and found.entry.name, found and found.matched_by) == (entity, matched_by)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("entities: {oven: {tier: 12}}", "line 1: tier"),
        ("version: 1\nentities:\n  oven:\n    owner: bakers\n    tire: 1\n", "line 5: tire: Extra inputs"),
        ("entities:\n  oven: {owner: x}\nteams:\n  y: {}\n", "line 2: owner: no team of this name"),
        ("entities:\n  oven: {}\n  oven: {}\n", "line 3: a key stands here for the second time"),
        ("entities:\n  oven: &a {tier: 1}\n  mill: *a\n", "line 3: an alias"),
        ("entities:\n  oven: [1\n", "it is no valid YAML"),
        ("entities: !!python/object/apply:os.system [id]", "Input should be"),
        ("entities:\n  oven: !mine x\n", "line 2: a tag"),
        ("entities: {[1]: {}}", "line 1: a key is no text"),
        ("version: 2\nentities: {}\n", "line 1: version"),
        ("entities:\n  oven:\n    slos: [{name: a, objective: 1.5, window_s: 1, query: x}]\n", "line 3: objective"),
        ("just text", "neither `entities` nor `teams`"),
        ("[1, 2]", "neither `entities` nor `teams`"),
        ("apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {}\n", "line 3: metadata.name"),
        ("apiVersion: v1\nkind: Service\n", "no entity of Backstage"),
        ("[" * 100, "nested deeper"),
        ("a: [" + "1," * 250_000 + "]", "more than 200000 values"),
        ("x" * 2_100_000, "larger than"),
        ("a: \x00", "no valid YAML"),
    ],
    ids=lambda value: value[:24] if isinstance(value, str) else "",
)
def test_what_is_wrong_is_named_with_its_line(text: str, problem: str) -> None:
    with pytest.raises(DocumentError) as caught:
        read(text)
    assert problem in str(caught.value)
    assert "bakers" not in str(caught.value)


def test_an_empty_file_is_an_empty_catalogue() -> None:
    assert read("") == read("# nothing yet\n") == Catalogue()


def test_a_folder_of_files(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "a.yaml").write_text(OWN)
    (tmp_path / "deep" / "catalog-info.yml").write_text(BACKSTAGE.replace("name: oven", "name: mill"))
    (tmp_path / "notes.txt").write_text("not read")
    assert sorted(entry.name for entry in read_catalogue(tmp_path).entries) == ["mill", "oven"]


def test_errors_of_the_operator_s_files(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="does not exist"):
        read_catalogue(tmp_path / "none.yaml")
    (tmp_path / "bad.yaml").write_text("entities:\n  oven: {tier: x}\n")
    with pytest.raises(ConfigError, match=r"bad\.yaml of the service catalogue: line 2: tier"):
        read_catalogue(tmp_path)


def test_labels_of_objects() -> None:
    manifest = (
        '{"kind":"Deployment","metadata":{"labels":{"app.kubernetes.io/part-of":"bakery","example.org/team":"bakers"},'
        '"annotations":{"example.org/slack-channel":"#bakers"}}}'
    )
    yaml = "metadata:\n  labels:\n    owner: millers\n"
    found = kubernetes.read([("oven", "broken: ["), ("oven", manifest), ("oven", yaml), ("mill", yaml), ("till", "3")])
    assert [(one.name, one.owner, one.system, one.channel) for one in found.entries] == [
        ("oven", "bakers", "bakery", "#bakers"),
        ("mill", "millers", "", ""),
    ]


def test_labels_that_are_no_text_say_nothing() -> None:
    objects = [("oven", "metadata: {labels: {team: [1], owner: 3}}"), ("mill", "metadata: 3"), ("till", "")]
    assert kubernetes.read(objects) == Catalogue()
