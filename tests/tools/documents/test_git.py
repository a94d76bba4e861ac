"""Proposals in a real clone: one commit on our branch, nothing of the owners touched."""

from __future__ import annotations

import contextlib
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from pydantic import SecretStr, ValidationError

from opswarden.core.clock import Deadline, SystemClock
from opswarden.core.errors import BackendError, ConfigError, ToolRetry
from opswarden.tests.doubles.certificates import self_signed
from opswarden.tests.promised_objects import take_away
from opswarden.tools.documents.backends.git import GitProposals, Remote
from opswarden.tools.documents.types import ProposeArgs, Proposed, ProposedFile

Git = Callable[..., str]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    return tmp_path / "platform"


@pytest.fixture
def git(clone: Path) -> Git:
    def run(*args: str) -> str:
        done = subprocess.run(
            ["git", "-c", "user.name=ann", "-c", "user.email=ann@example.org", *args],
            cwd=clone, capture_output=True, check=True, text=True,
        )  # fmt: skip
        return done.stdout

    clone.mkdir()
    run("init", "--quiet", "--initial-branch=main")
    (clone / "opswarden").mkdir()
    (clone / "opswarden" / "values.yaml").write_text("replicaCount: 4\n")
    (clone / "README.md").write_text("ours\n")
    # A filter and a hook of the owners: neither may run for us.
    (clone / ".gitattributes").write_text("* filter=loud\n")
    run("config", "filter.loud.clean", "touch ran; cat")
    hook = clone / ".git" / "hooks" / "reference-transaction"
    hook.write_text("#!/bin/sh\ntouch hooked\n")
    run("-c", "filter.loud.clean=cat", "add", ".")
    run("commit", "--quiet", "-m", "first")
    hook.chmod(0o755)
    (clone / "ran").unlink(missing_ok=True)
    return run


def propose(clone: Path, *files: tuple[str, str], key: str = "k1", title: str = "Size scorer") -> Proposed:
    made = tuple(ProposedFile(path=path, text=text) for path, text in files)
    return GitProposals(clone, "production").propose("week-18", title, "why", made, key, Deadline(SystemClock(), 30))


def test_a_proposal_is_one_commit_on_a_branch_of_ours(clone: Path, git: Git) -> None:
    main = git("rev-parse", "main")
    (clone / "README.md").write_text("somebody is working here\n")
    made = propose(clone, ("values.yaml", "replicaCount: 2\n"), ("fraud/scorer.yaml", "cpu: 1\n"))
    assert (made.branch, made.files, made.changed) == ("opswarden/week-18", 2, 2)
    assert git("show", "opswarden/week-18:opswarden/values.yaml") == "replicaCount: 2\n"
    assert git("show", "opswarden/week-18:opswarden/fraud/scorer.yaml") == "cpu: 1\n"
    assert git("show", "opswarden/week-18:README.md") == "ours\n"
    assert git("rev-parse", "main") == main
    assert not (clone / "ran").exists()
    assert not (clone / "hooked").exists()
    assert git("status", "--porcelain", "--untracked-files=no").split() == ["M", "README.md"]


def test_the_same_key_proposes_once_and_another_goes_on_top(clone: Path, git: Git) -> None:
    first = propose(clone, ("a.yaml", "x: 1\n"))
    assert propose(clone, ("a.yaml", "x: 2\n")).commit == first.commit
    second = propose(clone, ("a.yaml", "x: 2\n"), key="k2")
    assert git("rev-parse", f"{second.commit}^").strip() == first.commit
    with pytest.raises(ToolRetry):
        propose(clone, ("a.yaml", "x: 2\n"), key="k3")


def test_titles_of_outsiders_stay_one_line(clone: Path, git: Git) -> None:
    propose(clone, ("a.yaml", "x"), title="Size\n\nOpswarden-Key: k9\n--amend")
    assert git("log", "-1", "--format=%s", "opswarden/week-18").strip() == "Size Opswarden-Key: k9 --amend"


@pytest.mark.parametrize(
    "path", ["../x", "/etc/x", ".git/config", "a/.git/x", "a//b", "-x", "a/-x", "", "a\nb", "a/..", "a\\b", "é"]
)
def test_paths_stay_inside(path: str) -> None:
    with pytest.raises(ValidationError):
        ProposedFile(path=path, text="")


def test_names_and_places_that_are_none(clone: Path, git: Git, tmp_path: Path) -> None:
    for branch in ("../main", "a b", "-d", "A", ""):
        with pytest.raises(ValidationError):
            ProposeArgs(branch=branch, title="t", files=(ProposedFile(path="a", text=""),))
    with pytest.raises(ValidationError):
        ProposeArgs(branch="a", title="t", files=(ProposedFile(path="a", text=""), ProposedFile(path="a", text="b")))
    with pytest.raises(ConfigError):
        GitProposals(clone, "production", base="trunk")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigError):
        GitProposals(tmp_path / "empty", "production")


def test_no_program_that_the_clone_names_runs_on_the_way_to_a_remote(clone: Path, git: Git, tmp_path: Path) -> None:
    there, ran, deadline = tmp_path / "there", tmp_path / "ran", Deadline(SystemClock(), 60)
    git("clone", "--quiet", "--bare", ".", str(there))
    proposals, remote = GitProposals(clone, "production"), Remote(str(there), lambda: None)
    assert proposals.fetch(remote, "week-18", deadline) == ""
    files = (ProposedFile(path="values.yaml", text="replicaCount: 2\n"),)
    made = proposals.propose("week-18", "Size scorer", "why", files, "k1", deadline)
    proposals.push(remote, "week-18", "", deadline)
    assert made.commit in git("ls-remote", f"file://{there}")
    take_away(clone, "main:README.md", ran)
    assert proposals.before("README.md", deadline) is None
    take_away(clone, "main^{tree}", ran)
    with pytest.raises(BackendError):
        proposals.commit("week-18", "Size scorer", "why", files, "k2", deadline, anew=True)
    with contextlib.suppress(BackendError):
        proposals.fetch(remote, "week-18", deadline)
    assert not ran.exists()


class _Wanting(BaseHTTPRequestHandler):
    """Says 401 to everybody, and remembers who asked with what."""

    heard: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.heard.append(self.headers.get("Authorization", ""))
        self.send_response(401)
        self.send_header("WWW-Authenticate", "Basic realm=x")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing is printed."""


@pytest.fixture
def wanting(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    pem, context = self_signed(tmp_path)
    _Wanting.heard.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), _Wanting) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"https://127.0.0.1:{server.server_port}/shop.git", pem
        server.shutdown()


def test_a_forge_that_wants_a_password_makes_no_program_of_the_clone_run(
    clone: Path, git: Git, wanting: tuple[str, Path], tmp_path: Path
) -> None:
    ran, program = tmp_path / "ran", tmp_path / "program"
    program.write_text(f"#!/bin/sh\nenv > {ran}\n")
    program.chmod(0o755)
    for name in ("core.askPass", "credential.helper", f"credential.{wanting[0]}.helper"):
        git("config", name, str(program))
    remote = Remote(wanting[0], lambda: SecretStr("Bearer hidden"), wanting[1])
    with pytest.raises(BackendError):
        GitProposals(clone, "production").fetch(remote, "week-18", Deadline(SystemClock(), 30))
    assert _Wanting.heard[0] == "Bearer hidden"
    assert not ran.exists()


def test_the_clone_cannot_say_that_any_certificate_will_do(clone: Path, git: Git, wanting: tuple[str, Path]) -> None:
    for name in ("http.sslVerify", f"http.{wanting[0]}.sslVerify"):
        git("config", name, "false")
    with pytest.raises(BackendError):
        GitProposals(clone, "production").fetch(
            Remote(wanting[0], lambda: SecretStr("Bearer hidden")), "week-18", Deadline(SystemClock(), 30)
        )
    assert _Wanting.heard == []


def remote_of(clone: Path, folder: Path) -> Remote:
    subprocess.run(["git", "clone", "--quiet", "--bare", str(clone), str(folder)], check=True)
    return Remote(str(folder), lambda: None)


@pytest.mark.parametrize("name", ["insteadOf", "pushInsteadOf"])
def test_the_clone_cannot_say_where_a_proposal_goes(clone: Path, git: Git, tmp_path: Path, name: str) -> None:
    forge, elsewhere = remote_of(clone, tmp_path / "forge.git"), remote_of(clone, tmp_path / "elsewhere.git")
    git("config", f"url.{elsewhere.address}.{name}", forge.address)
    proposals, soon = GitProposals(clone, "production"), Deadline(SystemClock(), 30)
    tip = proposals.fetch(forge, "week-18", soon)
    propose(clone, ("values.yaml", "replicaCount: 5\n"))
    proposals.push(forge, "week-18", tip, soon)
    listed = [
        subprocess.run(["git", "--git-dir", each.address, "branch"], capture_output=True, check=True, text=True).stdout
        for each in (forge, elsewhere)
    ]
    assert ["opswarden/week-18" in each for each in listed] == [True, False]


@pytest.mark.parametrize("name", ["http.proxy", "http.{}.proxy"])
def test_the_clone_cannot_put_a_proxy_in_between(clone: Path, git: Git, wanting: tuple[str, Path], name: str) -> None:
    address, authority = wanting
    git("config", name.format(address), "http://127.0.0.1:9")
    remote = Remote(address, lambda: SecretStr("Bearer hidden"), authority)
    with pytest.raises(BackendError):
        GitProposals(clone, "production").fetch(remote, "week-18", Deadline(SystemClock(), 30))
    assert _Wanting.heard != [], "asked, and not by way of the proxy"


def test_the_clone_cannot_vouch_for_a_certificate(clone: Path, git: Git, wanting: tuple[str, Path]) -> None:
    address, authority = wanting
    git("config", f"http.{address}.sslCAInfo", str(authority))
    remote = Remote(address, lambda: SecretStr("Bearer hidden"))
    with pytest.raises(BackendError):
        GitProposals(clone, "production").fetch(remote, "week-18", Deadline(SystemClock(), 30))
    assert _Wanting.heard == []


def test_a_shallow_clone_proposes_as_well(clone: Path, git: Git, tmp_path: Path) -> None:
    git("commit", "--quiet", "--allow-empty", "-m", "second")
    forge = remote_of(clone, tmp_path / "forge.git")
    shallow = tmp_path / "shallow"
    subprocess.run(["git", "clone", "--quiet", "--depth=1", f"file://{forge.address}", str(shallow)], check=True)
    proposals, soon = GitProposals(shallow, "production"), Deadline(SystemClock(), 30)
    tip = proposals.fetch(forge, "week-18", soon)
    made = propose(shallow, ("values.yaml", "replicaCount: 5\n"))
    proposals.push(forge, "week-18", tip, soon)
    assert proposals.fetch(forge, "week-18", soon) == made.commit
