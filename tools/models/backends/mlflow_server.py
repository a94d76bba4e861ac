"""MLflow 3.17 and later, over the REST API of its tracking server.

Observed on 3.17: a search for versions never lists aliases, so they are read from the registered model; an alias has
no history and no condition; a copied version carries every tag of the original, so versions are made anew instead.
"""

from __future__ import annotations

import json
import posixpath
from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar
from urllib.parse import quote, unquote, urlencode, urlsplit

from ....core.clock import Deadline
from ....core.errors import BackendError
from ....core.http_exchange import Exchanged
from ....core.systems.credentials import authorization
from ....core.systems.exchange import Place
from ....core.systems.settings import HttpSettings
from .local_artifacts import files_below, read_below
from .registry import MOST_FILES, MOST_VERSIONS, ArtifactFile, ModelVersion, RegisteredModel, RunFacts

P = ParamSpec("P")
T = TypeVar("T")

_API = "/api/2.0/mlflow"
_PAGE = 100
_LIMIT_BYTES = 32_000_000
_DEEPEST = 6
_ABSENT = frozenset({"RESOURCE_DOES_NOT_EXIST"})


def _in_shape(ask: Callable[Concatenate[MlflowServer, P], T]) -> Callable[Concatenate[MlflowServer, P], T]:
    """Has an answer of another shape than the API's be an error of the server's."""

    @wraps(ask)
    def asked(server: MlflowServer, /, *given: P.args, **named: P.kwargs) -> T:
        try:
            return ask(server, *given, **named)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError) as error:
            raise BackendError(
                f"{server.place} answered something else than MLflow does", remedy="check its `url` and its version"
            ) from error

    return asked


class MlflowServer:
    """One tracking server with one credential; every question is asked once, and no answer is shared.

    Args:
        name: what people call it.
        settings: of the server.
        environment: that the credential reaches.
        artifacts: folders of this machine below which artefacts may be read, where the server keeps them in files.
        authorize: gives the `Authorization` header; by default as the settings say.
    """

    def __init__(
        self,
        name: str,
        settings: HttpSettings,
        environment: str,
        artifacts: tuple[Path, ...] = (),
        authorize: Callable[[], Any] | None = None,
    ) -> None:
        self.place = name
        self.environment = environment
        self._settings = settings
        self._artifacts = tuple(folder.resolve() for folder in artifacts)
        self._at = Place(name, settings)
        self._authorize = authorize or (lambda: authorization(name, settings))

    @_in_shape
    def model(self, name: str, deadline: Deadline) -> RegisteredModel | None:
        """`registered-models/get`."""
        found = self._get("/registered-models/get", {"name": name}, deadline)
        if found is None:
            return None
        model = found["registered_model"]
        aliases = {str(row["alias"]): int(row["version"]) for row in model.get("aliases") or ()}
        return RegisteredModel(str(model.get("name", name)), aliases)

    @_in_shape
    def version(self, name: str, version: int, deadline: Deadline) -> ModelVersion | None:
        """`model-versions/get`."""
        found = self._get("/model-versions/get", {"name": name, "version": str(version)}, deadline)
        return None if found is None else _version(found["model_version"])

    @_in_shape
    def versions(self, name: str, deadline: Deadline) -> tuple[ModelVersion, ...]:
        """`model-versions/search`, page by page."""
        if "'" in name:
            return ()
        found: list[ModelVersion] = []
        for page in self._pages("/model-versions/search", {"filter": f"name='{name}'"}, deadline):
            found += [_version(row) for row in page.get("model_versions") or ()]
            if len(found) >= MOST_VERSIONS:
                break
        return tuple(sorted(found, key=lambda one: -one.version)[:MOST_VERSIONS])

    def point(self, name: str, alias: str, version: int, deadline: Deadline) -> None:
        """`registered-models/alias`."""
        self._post("/registered-models/alias", {"name": name, "alias": alias, "version": str(version)}, deadline)

    @_in_shape
    def admit(self, name: str, source: ModelVersion, tags: Mapping[str, str], deadline: Deadline) -> ModelVersion:
        """`model-versions/create`; never `copy_model_version`, which would take the tags along."""
        if self.model(name, deadline) is None:
            self._post("/registered-models/create", {"name": name}, deadline, may_exist=True)
        document = {
            "name": name,
            "source": source.source,
            "run_id": source.run_id,
            "tags": [{"key": key, "value": value} for key, value in sorted(tags.items())],
        }
        return _version(self._post("/model-versions/create", document, deadline)["model_version"])

    @_in_shape
    def run(self, run_id: str, deadline: Deadline) -> RunFacts | None:
        """`runs/get`."""
        found = self._get("/runs/get", {"run_id": run_id}, deadline) if run_id else None
        if found is None:
            return None
        run = found["run"]
        content, inputs = run.get("data") or {}, run.get("inputs") or {}
        datasets = [row.get("dataset") or {} for row in inputs.get("dataset_inputs") or ()]
        return RunFacts(
            run_id=run_id,
            status=str(run["info"].get("status", "")),
            params=_pairs(content.get("params")),
            metrics={str(row["key"]): float(row["value"]) for row in content.get("metrics") or ()},
            tags=_pairs(content.get("tags")),
            datasets={str(row.get("name", "")): str(row.get("digest", "")) for row in datasets},
        )

    @_in_shape
    def files(self, version: ModelVersion, deadline: Deadline) -> tuple[ArtifactFile, ...]:
        """`artifacts/list` of the run, or the folder itself where artefacts lie in files."""
        folder = self._folder(version)
        if folder is not None:
            return files_below(folder)
        run_id, root = self._in_run(version, deadline)
        found: list[ArtifactFile] = []
        waiting = [(root, 0)]
        while waiting and len(found) < MOST_FILES:
            path, depth = waiting.pop()
            listed = self._get("/artifacts/list", {"run_id": run_id, "path": path}, deadline) or {}
            for row in listed.get("files") or ():
                below = str(row["path"])
                if row.get("is_dir"):
                    if depth < _DEEPEST:
                        waiting.append((below, depth + 1))
                else:
                    found.append(ArtifactFile(posixpath.relpath(below, root or "."), int(row.get("file_size") or 0)))
        return tuple(sorted(found, key=lambda one: one.path)[:MOST_FILES])

    def read(self, version: ModelVersion, path: str, limit_bytes: int, deadline: Deadline) -> bytes:
        """`get-artifact`, or the file itself."""
        folder = self._folder(version)
        if folder is not None:
            return read_below(folder, path, limit_bytes)
        run_id, root = self._in_run(version, deadline)
        target = f"/get-artifact?{urlencode({'run_id': run_id, 'path': posixpath.join(root, path)})}"
        answer = self._asked("GET", target, None, deadline, limit_bytes, prefix="")
        if answer.status >= 300:
            raise BackendError(f"{self.place} does not hand out a file of the artefact", remedy="check `artifacts`")
        return answer.content

    def _folder(self, version: ModelVersion) -> Path | None:
        parts = urlsplit(version.source)
        if parts.scheme not in ("", "file") or not self._artifacts:
            return None
        folder = Path(unquote(parts.path)).resolve()
        return folder if any(folder.is_relative_to(allowed) for allowed in self._artifacts) else None

    def _in_run(self, version: ModelVersion, deadline: Deadline) -> tuple[str, str]:
        """The run and the path inside it where the artefact lies."""
        found = self._get("/runs/get", {"run_id": version.run_id}, deadline) if version.run_id else None
        root = str(found["run"]["info"].get("artifact_uri", "")) if found else ""
        if not root or not version.source.startswith(f"{root.rstrip('/')}/"):
            raise BackendError(
                f"{self.place} does not say where the artefact lies", remedy="name its folder in `artifacts`"
            )
        return version.run_id, version.source[len(root.rstrip("/")) + 1 :]

    def _pages(self, path: str, params: Mapping[str, str], deadline: Deadline) -> Iterator[Mapping[str, Any]]:
        token = ""
        for _ in range(MOST_VERSIONS // _PAGE + 1):
            asked = {**params, "max_results": str(_PAGE), **({"page_token": token} if token else {})}
            page = self._get(path, asked, deadline) or {}
            yield page
            token = str(page.get("next_page_token") or "")
            if not token:
                return

    def _get(self, path: str, params: Mapping[str, str], deadline: Deadline) -> Mapping[str, Any] | None:
        answer = self._asked("GET", f"{path}?{urlencode(params, quote_via=quote)}", None, deadline)
        if answer.status >= 300 and _code(answer) in _ABSENT:
            return None
        return self._read(answer)

    def _post(
        self, path: str, document: Mapping[str, Any], deadline: Deadline, *, may_exist: bool = False
    ) -> Mapping[str, Any]:
        answer = self._asked("POST", path, json.dumps(document).encode(), deadline)
        if may_exist and _code(answer) == "RESOURCE_ALREADY_EXISTS":
            return {}
        return self._read(answer)

    def _read(self, answer: Exchanged) -> Mapping[str, Any]:
        if answer.status in (401, 403):
            raise BackendError(f"{self.place} does not accept the credential", remedy="check its token and its rights")
        if answer.status >= 300:
            raise BackendError(f"{self.place} refused ({answer.status})", remedy="look into the registry")
        try:
            found = json.loads(answer.content or b"{}")
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise BackendError(f"{self.place} did not answer JSON", remedy="check its `url`")
        return found

    def _asked(
        self,
        method: str,
        target: str,
        body: bytes | None,
        deadline: Deadline,
        limit: int = _LIMIT_BYTES,
        prefix: str = _API,
    ) -> Exchanged:
        seconds = min(self._settings.timeout_s, deadline.left_s)
        if seconds <= 0:
            raise BackendError(f"no time was left to ask {self.place}", remedy="try again")
        headers = {**self._settings.headers, "Accept": "application/json", "Content-Type": "application/json"}
        proof = self._authorize()
        if proof is not None:
            headers["Authorization"] = proof.get_secret_value()
        return self._at.ask(method, f"{self._at.path}{prefix}{target}", body, headers, seconds, limit)


def _code(answer: Exchanged) -> str:
    try:
        found = json.loads(answer.content)
    except (ValueError, RecursionError):
        return ""
    return str(found.get("error_code", "")) if isinstance(found, dict) else ""


def _version(row: Mapping[str, Any]) -> ModelVersion:
    stage = str(row.get("current_stage") or "")
    return ModelVersion(
        name=str(row["name"]),
        version=int(row["version"]),
        source=str(row.get("source") or ""),
        run_id=str(row.get("run_id") or ""),
        status=str(row.get("status") or "READY"),
        stage="" if stage == "None" else stage,
        tags=_pairs(row.get("tags")),
        created_ms=int(row.get("creation_timestamp") or 0),
    )


def _pairs(rows: Any) -> dict[str, str]:
    return {str(row["key"]): str(row.get("value", "")) for row in rows or ()}
