"""LiteLLM, imported late and told to keep quiet.

Its import takes seconds, fetches price lists, reads a `.env` of whatever folder it finds itself in, and its loggers
print requests at level debug. Here it may do the first alone.
"""

from __future__ import annotations

import importlib
import logging
import os
import threading
from types import ModuleType

# Set before the import, whatever they were: otherwise each reaches the network, reads a file or changes routes.
_ENVIRONMENT = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_LOCAL_BLOG_POSTS": "True",
    "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True",
    "LITELLM_MODE": "PRODUCTION",  # `DEV` loads a `.env`, and with it another base URL or key
    "LITELLM_RUST": "False",
    "LITELLM_LOG": "CRITICAL",
}
_SETTINGS: dict[str, object] = {
    "suppress_debug_info": True,
    "turn_off_message_logging": True,
    "disable_streaming_logging": True,  # otherwise every chunk starts an event loop on a thread of its own
    "drop_params": False,
    "modify_params": False,
    "DEFAULT_MAX_RETRIES": 0,  # what its embedding call takes for a 0
    "num_retries": None,
    "num_retries_per_request": None,
    "fallbacks": None,
    "model_fallbacks": None,
    "cache": None,
}
_CALLBACK_LISTS = (
    "callbacks",
    "input_callback",
    "success_callback",
    "failure_callback",
    "service_callback",
    "_async_input_callback",
    "_async_success_callback",
    "_async_failure_callback",
)
# Built once here, while the warnings that it expects of its own models are still switched off, not within a deadline.
_LAZY_MODELS = ("ModelResponse", "ModelResponseStream")
# Their debug records hold whole requests, and httpx tells URLs at level info.
_TALKATIVE = ("LiteLLM", "openai", "httpx", "httpcore")

_lock = threading.Lock()
_loaded: ModuleType | None = None


def load_litellm() -> ModuleType:
    """The module, imported at the first call without any network, logging, callback, cache or retry of its own."""
    global _loaded
    with _lock:
        if _loaded is None:
            os.environ.update(_ENVIRONMENT)
            module = importlib.import_module("litellm")
            for name in _LAZY_MODELS:
                getattr(module, name)()
            for name, value in _SETTINGS.items():
                setattr(module, name, value)
            for name in _CALLBACK_LISTS:
                getattr(module, name).clear()
            _silence()
            _loaded = module
        return _loaded


def _silence() -> None:
    known = [name for name in logging.root.manager.loggerDict if name.startswith(_TALKATIVE)]
    for name in {*_TALKATIVE, *known}:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        # Above every level: what matters of a failure reaches the caller as a `ModelError`.
        logger.setLevel(logging.CRITICAL + 1)
        logger.propagate = False
