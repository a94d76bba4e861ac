"""A process that has imported everything and forks one child per command line; a child can be told where to die.

Started by `staging.py`. It reads one JSON job per line and answers each with the child's return code, so that a crash
test costs a fork and not an interpreter. The places to die are patched in here; the product knows nothing of them.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

_PRELOADED = (
    "cedarpy",
    "cryptography.hazmat.primitives.asymmetric.ed25519",
    "cryptography.hazmat.primitives.kdf.hkdf",
    "cryptography.hazmat.primitives.ciphers.aead",
    "dateutil.relativedelta",
    "duckdb",
    "h2.connection",
    "httpcore",
    "langchain_core.tools",
    "langgraph.checkpoint.sqlite",
    "litellm.llms.openai.chat.gpt_audio_transformation",
    "litellm.llms.vertex_ai.vertex_ai_partner_models.anthropic.transformation",
    "litellm.proxy._types",
    "numpy.ma",
    "openai.resources.beta.assistants",
    "openai.resources",
    "opswarden.agents.model.chat",
    "opswarden.agents.model.endpoints",
    "opswarden.agents.triage.graph",
    "opswarden.apps.cli.emergency",
    "opswarden.apps.cli.main",
    "opswarden.apps.cli.resume",
    "opswarden.apps.logs",
    "opswarden.apps.reports.render",
    "opswarden.apps.triage",
    "opswarden.apps.undo",
    "opswarden.redaction.declared",
    "opswarden.redaction.log_filter",
    "phonenumbers",
    "pyarrow.acero",
    "pyarrow.dataset",
    "pyarrow.parquet",
    "regex",
)


def _die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("unreachable")


def _dying(function: Callable[..., Any], at: str) -> Callable[..., Any]:
    def wrapped(*args: Any, **named: Any) -> Any:
        if at == "entry":
            _die()
        function(*args, **named)
        _die()

    return wrapped


def _place(job: dict[str, Any]) -> None:
    """Say who works here, note every delivery, and patch the place where this child is to die."""
    from opswarden.agents.triage import graph
    from opswarden.apps import installation
    from opswarden.apps.people.senders import ReportSender

    installation.current_person = lambda: str(job["person"])
    deliver, sent = ReportSender.send, Path(job["sent"])

    def send(self: Any, audience: Any, notice: Any, key: str) -> str:
        with sent.open("a", encoding="utf-8") as file:
            file.write(f"{notice.kind}\n")
        return deliver(self, audience, notice, key)

    ReportSender.send = send  # type: ignore[method-assign]
    if job.get("die") is None:
        return
    place, at = job["die"]
    if place == "delivery":
        ReportSender.send = _dying(send, at)  # type: ignore[method-assign]
    elif place == "step":
        triage = importlib.import_module("opswarden.apps.triage")
        tell = triage._tell
        triage._tell = lambda on_step, node: _die() if node == at else tell(on_step, node)  # type: ignore[attr-defined]
    elif place == "effect":
        levers = importlib.import_module("levers")
        levers.pull = _dying(levers.pull, at)
    else:
        setattr(graph._Nodes, place, _dying(getattr(graph._Nodes, place), at))


def _child(job: dict[str, Any]) -> NoReturn:
    code = 70
    try:
        for number, name in ((0, os.devnull), (1, job["out"]), (2, job["err"])):
            descriptor = os.open(name, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            os.dup2(descriptor, number)
        Path(job["pid"]).write_text(str(os.getpid()), encoding="utf-8")
        os.chdir(job["cwd"])
        os.environ.clear()
        os.environ.update(job["environment"])
        sys.path[:0] = job["path"]
        _place(job)
        from opswarden.apps.cli.main import main

        code = main(job["argv"])
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)


def _say(word: object) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def serve() -> None:
    """Fork a child per line until the input ends."""
    from opswarden.agents.model.lazy_litellm import load_litellm
    from opswarden.redaction.engine import Redaction
    from opswarden.tools.spec import Args, Result, json_schema

    load_litellm()
    for name in _PRELOADED:
        importlib.import_module(name)
    Redaction().scrub("+44 20 7946 0958")  # rules, numbering plans and schemas stay as they are
    for model in (*Args.__subclasses__(), *Result.__subclasses__()):
        json_schema(model)
    # Children share what nobody writes to, and looking for garbage writes to everything.
    gc.collect()
    gc.freeze()
    # A fork takes along the calling thread alone; another one could hold a lock for ever.
    assert threading.active_count() == 1
    _say("ready")
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _child(json.loads(line))
        _, status = os.waitpid(child, 0)
        _say(os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    serve()
