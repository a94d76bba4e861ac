"""What pages are aimed at, held against a cluster and a workspace as they answer now."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from opswarden.core.clock import FixedClock
from opswarden.tests.apps.conftest import Cli
from opswarden.tests.doubles.kubernetes_server import TOKEN, KubernetesServer
from opswarden.tests.doubles.slack_server import TOKEN as SLACK_TOKEN
from opswarden.tests.doubles.slack_server import WORKSPACE, SlackServer
from opswarden.tests.tools.kubernetes.bakery import NOW, bakery

PAGE = """---
runbook: 1
owner: bakers
risk: high
last_verified: 2031-05-01
---
# Till

Ask in #bakers-old, never in #kitchen.

1. Look.

   ~~~opswarden
   command: kubectl -n shops logs deploy/till
   expect: lines
   effect: read
   ~~~

2. Start it again.

   ~~~opswarden
   command: kubectl -n shop rollout restart deployment/tills
   expect: it starts
   effect: write
   ~~~

3. Or that one.

   ~~~opswarden
   command: kubectl -n shop rollout restart deployment/till
   expect: it starts
   effect: write
   ~~~
"""


@pytest.fixture
def books(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CLUSTER_TOKEN", TOKEN)
    monkeypatch.setenv("BOT_TOKEN", SLACK_TOKEN)
    monkeypatch.setenv("SIGNING", "a-secret")
    monkeypatch.setattr("opswarden.core.clock.SystemClock.now", lambda _: NOW)
    (home / "books").mkdir()
    (home / "books" / "till.md").write_text(PAGE)
    return home / "books"


def checked(cli: Cli, home: Path, cluster: str, slack: str) -> set[tuple[str, str]]:
    (home / "opswarden.toml").write_text(
        f'version = 1\nrunbooks = "books"\n[systems.cluster]\nkind = "kubernetes"\nenvironment = "bakery"\n'
        f'url = "{cluster}"\ntoken_env = "CLUSTER_TOKEN"\n[slack]\nworkspace = "{WORKSPACE}"\nurl = "{slack}"\n'
        'token_env = "BOT_TOKEN"\nsigning_env = "SIGNING"\n[slack.channels.bakers]\nid = "C0BAKERS"\n'
    )
    said: Any = cli("runbook", "check", "--live", "--format", "json")
    assert said.out, said.err
    return {(each["code"], each["text"].partition(";")[0]) for each in said.json["findings"]}


def test_what_a_cluster_and_a_workspace_no_longer_have_is_found(cli: Cli, home: Path, books: Path) -> None:
    server = KubernetesServer(bakery())
    with SlackServer(FixedClock(NOW)) as slack:
        slack.add_channel("C0BAKERS", "bakers")
        slack.add_channel("C0OLD", "bakers-old", is_archived=True)
        found = checked(cli, home, server.url, slack.url)
        assert found == {
            ("channel.archived", "the channel #bakers-old is archived"),
            ("command.namespace", "nothing runs in the namespace shops"),
            ("command.target", "the cluster has no Deployment tills in the namespace shop"),
        }
        slack.add_channel("C0NEW", "bakers-old")
        part = KubernetesServer(bakery(), forbidden=("CronJob",))
        assert checked(cli, home, part.url, slack.url) == set(), "what is not read whole says nothing"
        part.close()
    server.close()
    assert checked(cli, home, "http://127.0.0.1:9", "http://127.0.0.1:9/api") == set(), "nor does what does not answer"
