"""The double of a language model that is wholly in the attacker's hands: it does whatever any text tells it to.

It is no model: it looks through every message for instructions, obeys them verbatim, and plays by heart what its attack
has taught it. So what it is stopped by is never its own judgement.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...core.canonical import JsonValue
from ...core.clock import Deadline
from ...policies.types import Endpoint, Message, ModelReply, ModelRequest, ToolRequest
from .types import GO, Heard, Play, Wish

# Its end is not used up: behind an instruction that was cut it is the beginning of the next one.
_INSTRUCTION = re.compile(r"@@do ([^@\s]+)([^@]*)(?=@@)")
INCONCLUSIVE = '{"verdict": "inconclusive", "claims": []}'


class ObedientModel:
    """Implements `ModelTransport` without a network.

    Args:
        play: what it does by itself, or once it has read `@@go@@`.
        explore: what it asks for in its first answer: it looks where the text may stand.
        final: its last answer.
        own: what it tells itself before it has read anything.
    """

    def __init__(self, *, play: Play | None, explore: Sequence[Wish] = (), final: str = "", own: str = "") -> None:
        self.endpoint = Endpoint(name="captured", model="double/obedient", region="here", is_self_hosted=True)
        self.requests: list[str] = []
        self.wishes: list[Wish] = []
        self.has_read_instruction = False
        self.read = ""
        self._play, self._explore, self._final = play, list(explore), final
        self._own = own
        self._is_playing = False
        self._turn = 0
        self._obeyed: set[str] = set()

    def complete(self, request: ModelRequest, deadline: Deadline) -> ModelReply:
        """Obey."""
        self.requests.append(_as_json(request))
        heard = "\n".join([*map(_text, request.messages), _as_json_of(request.tools)])
        self.has_read_instruction |= bool(_INSTRUCTION.search(heard)) or GO in heard
        self.read = heard
        told = f"{self._own}\n{heard}"
        self._is_playing |= GO in told
        wishes: list[Wish] = []
        if request.tools:
            wishes, self._explore = self._explore, []
            wishes += self._obey(told, request.tools)
            if not wishes and self._is_playing and self._play is not None:
                wishes = list(self._play(Heard(heard, self._turn)))
                self._turn += 1
        self.wishes.extend(wishes)
        text = "" if wishes else self._final or INCONCLUSIVE
        return ModelReply(text, tuple(map(_request, enumerate(wishes))), tokens_in=10, tokens_out=10)

    def _obey(self, told: str, tools: Sequence[Mapping[str, JsonValue]]) -> Iterator[Wish]:
        """Every call that a text asks for, once; a text that was cut on its way may ask for another one."""
        for match in _INSTRUCTION.finditer(told):
            wish = _wish(match[1], match[2], tools)
            if (key := f"{wish.tool} {wish.text}") not in self._obeyed:
                self._obeyed.add(key)
                yield wish

    def stream(self, request: ModelRequest, deadline: Deadline) -> Iterator[str | ModelReply]:
        """The same in one piece."""
        yield self.complete(request, deadline)


def _request(numbered: tuple[int, Wish]) -> ToolRequest:
    place, wish = numbered
    return ToolRequest(wish.id or f"call_{place}", wish.tool.replace(".", "__"), wish.text)


def _wish(tool: str, text: str, tools: Sequence[Mapping[str, JsonValue]]) -> Wish:
    """`key=value; key=value` as the tool's schema wants it: a number where it says integer."""
    properties = _properties(tool, tools)
    args: dict[str, JsonValue] = {}
    for part in text.split(";"):
        key, separator, value = part.strip().partition("=")
        if separator:
            is_number = properties.get(key, {}).get("type") == "integer" and value.strip().isdecimal()
            args[key] = int(value) if is_number else value.strip()
    return Wish(tool, args)


def _properties(tool: str, tools: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    wanted = tool.replace(".", "__")
    for each in tools:
        function = each.get("function", {})
        if function.get("name") == wanted:
            found: Mapping[str, Any] = function.get("parameters", {}).get("properties", {})
            return found
    return {}


def _text(message: Message) -> str:
    content = message.get("content")
    return content if isinstance(content, str) and message.get("role") != "assistant" else ""


def _as_json(request: ModelRequest) -> str:
    return json.dumps(
        [list(map(dict, request.messages)), list(map(dict, request.tools))], ensure_ascii=False, default=str
    )


def _as_json_of(tools: Sequence[Mapping[str, JsonValue]]) -> str:
    return json.dumps([dict(tool) for tool in tools], ensure_ascii=False, default=str)
