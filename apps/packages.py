"""What users add: tools, agents, policies, recognizers, backends, embedders; from packages the configuration lists.

A package is named as `module:function`; the function is called with a `Registry`. Nothing is ever discovered: what is
not in the list is not imported.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.errors import ConfigError
from ..tools.spec import AnyTool

if TYPE_CHECKING:
    from ..policies.types import Gate, Sender

AgentFactory = Callable[["Gate"], Any]
"""Builds a compiled graph over a gate."""
BackendFactory = Callable[[], Any]
"""Builds a backend of a tool domain; called once by the wiring that needs it."""
EmbedderFactory = Callable[[], Callable[[Sequence[str]], Any]]
"""Loads a model of sentences; what it returns makes one vector for each of some texts, all of one length."""


@dataclass
class Registry:
    """Collects what packages add. Names are unique; a second one is an error, never a replacement."""

    tools: dict[str, AnyTool] = field(default_factory=dict)
    agents: dict[str, AgentFactory] = field(default_factory=dict)
    backends: dict[str, BackendFactory] = field(default_factory=dict)
    policy_folders: list[Path] = field(default_factory=list)
    recognizers: list[Any] = field(default_factory=list)
    senders: dict[str, Sender] = field(default_factory=dict)
    embedders: dict[str, EmbedderFactory] = field(default_factory=dict)

    def add_tool(self, tool: AnyTool) -> None:
        """A typed tool; the gate runs it under the policies."""
        _once(self.tools, tool.name, "tool")
        self.tools[tool.name] = tool

    def add_agent(self, name: str, factory: AgentFactory) -> None:
        """An agent; its role in the policies is its name."""
        _once(self.agents, name, "agent")
        self.agents[name] = factory

    def add_backend(self, name: str, factory: BackendFactory) -> None:
        """A backend, named `domain.system`."""
        _once(self.backends, name, "backend")
        self.backends[name] = factory

    def add_embedder(self, name: str, factory: EmbedderFactory) -> None:
        """A model of sentences that runs in this process; `runbook_embeddings.local` names it."""
        _once(self.embedders, name, "embedder")
        self.embedders[name] = factory

    def add_sender(self, kind: str, sender: Sender) -> None:
        """How audiences of a kind are reached: `chat`, `pager`. Today notices about approvals go there."""
        if kind in ("terminal", "file"):
            raise ConfigError(f"sender {kind!r} is built in", remedy="name the package's kind of audience otherwise")
        _once(self.senders, kind, "sender")
        self.senders[kind] = sender

    def add_policies(self, folder: Path) -> None:
        """A folder of `.cedar` files; they are validated together with ours."""
        if not folder.is_dir():
            raise ConfigError(f"policy folder {folder} does not exist", remedy="correct the package that adds it")
        self.policy_folders.append(folder)

    def add_recognizer(self, recognizer: Any) -> None:
        """A redaction definition of ours or a Presidio `EntityRecognizer`."""
        self.recognizers.append(recognizer)


def load_packages(names: Sequence[str]) -> Registry:
    """Import and run every listed `module:function`, in order.

    Raises:
        ConfigError: a name is malformed, cannot be imported, or its function fails.
    """
    registry = Registry()
    for name in names:
        module_name, separator, function_name = name.partition(":")
        if not separator or not module_name or not function_name:
            raise ConfigError(f"package {name!r} is not of the form `module:function`", remedy="correct `packages`")
        try:
            register = getattr(importlib.import_module(module_name), function_name)
        except (ImportError, AttributeError) as error:
            raise ConfigError(
                f"package {name!r} cannot be loaded ({type(error).__name__})",
                remedy="install it into this environment, or take it out of `packages`",
            ) from error
        try:
            register(registry)
        except ConfigError:
            raise
        except Exception as error:
            raise ConfigError(
                f"package {name!r} failed while it registered ({type(error).__name__})",
                remedy="mend the package, or take it out of `packages`",
            ) from error
    return registry


def _once(known: dict[str, Any], name: str, kind: str) -> None:
    if name in known:
        raise ConfigError(f"{kind} {name!r} is added twice", remedy="names are unique across packages")
