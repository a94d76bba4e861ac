"""A real MLflow tracking server on a SQLite file, served by this process on a loopback port."""

from __future__ import annotations

import json
import logging
import os
import shutil
import threading
import urllib.error
import urllib.request
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any

STORES = {
    "_MLFLOW_SERVER_FILE_STORE": "sqlite:///{folder}/mlflow.db",
    "_MLFLOW_SERVER_REGISTRY_STORE": "sqlite:///{folder}/mlflow.db",
    "_MLFLOW_SERVER_ARTIFACT_ROOT": "{folder}/artifacts",
    "MLFLOW_DISABLE_TELEMETRY": "true",
}
KEPT = ("_tracking_store", "_model_registry_store", "_artifact_repo", "_job_store")
SIGNATURE = [{"type": "double", "name": "amount", "required": True}, {"type": "string", "name": "country"}]


class MlflowPeer:
    """One server; `prod.fraud` and `staging.fraud` and so on are names in it.

    Args:
        folder: of its database and artefacts.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.artifacts = folder / "artifacts"
        self._before = {name: os.environ.get(name) for name in STORES}
        for name, value in STORES.items():
            os.environ[name] = value.format(folder=folder)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from mlflow.server import app, handlers
            from werkzeug.serving import make_server

        # MLflow keeps its stores for the life of a process: those of a peer before would be asked otherwise.
        for kept in KEPT:
            setattr(handlers, kept, None)

        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self.asked: list[tuple[str, str]] = []
        self._app = self._noting(app)
        self._make = make_server
        self.port = 0
        self.start()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.experiment = str(self.post("experiments/create", {"name": "fraud"})["experiment_id"])

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def _noting(self, app: Any) -> Any:
        """The application; method and path of each request are kept in `asked`."""

        def noted(environ: dict[str, Any], start_response: Any) -> Any:
            self.asked.append((str(environ["REQUEST_METHOD"]), str(environ["PATH_INFO"])))
            return app(environ, start_response)

        return noted

    def start(self) -> None:
        """Serve, at the same port as before."""
        self._server = self._make("127.0.0.1", self.port, self._app, threaded=True)
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Go down: nobody answers any more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def close(self) -> None:
        """Go down for good."""
        self.stop()
        for name, value in self._before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        shutil.rmtree(self.folder, ignore_errors=True)

    def ask(self, method: str, path: str, document: Any = None) -> Any:
        """One question to its REST API."""
        body = None if document is None else json.dumps(document).encode()
        request = urllib.request.Request(  # noqa: S310 - loopback
            f"{self.url}/api/2.0/mlflow/{path}", body, {"Content-Type": "application/json"}, method=method
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - loopback
            return json.load(answer)

    def post(self, path: str, document: Any) -> Any:
        """A change."""
        return self.ask("POST", path, document)

    def alias(self, name: str, alias: str = "champion") -> int | None:
        """Where an alias points."""
        found = self.ask("GET", f"registered-models/get?name={name}")["registered_model"].get("aliases", ())
        return next((int(one["version"]) for one in found if one["alias"] == alias), None)

    def train(
        self,
        name: str,
        *,
        metrics: dict[str, float] | None = None,
        params: dict[str, str] | None = None,
        run_tags: dict[str, str] | None = None,
        tags: dict[str, str] | None = None,
        files: dict[str, bytes] | None = None,
        signature: list[dict[str, Any]] | None = None,
        data: str = "d1",
    ) -> int:
        """Train a version: a finished run with an artefact, registered under a name. Gives its version."""
        run = self.post("runs/create", {"experiment_id": self.experiment, "start_time": 1})["run"]["info"]
        run_id, where = run["run_id"], Path(run["artifact_uri"].removeprefix("file://")) / "model"
        pairs = {"mlflow.source.git.commit": "c0ffee", **(run_tags or {})}
        self.post(
            "runs/log-batch",
            {
                "run_id": run_id,
                "metrics": [{"key": k, "value": v, "timestamp": 1, "step": 0} for k, v in (metrics or {}).items()],
                "params": [{"key": k, "value": v} for k, v in (params or {"seed": "7"}).items()],
                "tags": [{"key": k, "value": v} for k, v in pairs.items()],
            },
        )
        dataset = {"name": "payments", "digest": data, "source_type": "local", "source": "{}"}
        self.post("runs/log-inputs", {"run_id": run_id, "datasets": [{"dataset": dataset}]})
        self.post("runs/update", {"run_id": run_id, "status": "FINISHED", "end_time": 2})
        described = f"flavors: {{}}\nsignature:\n  inputs: '{json.dumps(signature or SIGNATURE)}'\n"
        for path, content in {"MLmodel": described.encode(), **(files or {})}.items():
            (where / path).parent.mkdir(parents=True, exist_ok=True)
            (where / path).write_bytes(content)
        with suppress(urllib.error.HTTPError):
            self.post("registered-models/create", {"name": name})
        document = {
            "name": name,
            "source": str(where),
            "run_id": run_id,
            "tags": [{"key": k, "value": v} for k, v in (tags or {}).items()],
        }
        return int(self.post("model-versions/create", document)["model_version"]["version"])
