"""An MCP server as a process of its own: started without a shell and with almost no environment, and killed after.

The SDK's own transport reads a line of any length and passes the person's environment on; this one does neither.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from ....core.errors import ToolFailed

_KEPT = ("PATH", "LANG", "LC_ALL", "TZ")
_EXIT_S = 0.5


def environment_for(variables: tuple[str, ...], given: Mapping[str, str] = os.environ) -> dict[str, str]:
    """What the process may know of ours."""
    return {name: given[name] for name in (*_KEPT, *variables) if name in given}


@asynccontextmanager
async def pipes(
    command: tuple[str, ...], environment: Mapping[str, str], folder: Path | None, most_bytes: int
) -> AsyncIterator[Any]:
    """Streams of messages from and to the process, as the SDK's client takes them.

    Args:
        command: program and arguments.
        environment: all of it.
        folder: where it starts.
        most_bytes: of one message; the connection ends at a longer one.

    Raises:
        ToolFailed: the program cannot be started.
    """
    import anyio  # noqa: PLC0415 - the extra `mcp`
    from mcp.shared.message import SessionMessage  # noqa: PLC0415 - the same

    try:
        process = await anyio.open_process(
            list(command), env=dict(environment), cwd=folder, stderr=subprocess.DEVNULL, start_new_session=True
        )
    except (OSError, ValueError):
        raise ToolFailed("the server's command cannot be started", remedy="check `command`") from None
    to_client, incoming = anyio.create_memory_object_stream[Any](0)
    outgoing, from_client = anyio.create_memory_object_stream[Any](0)

    async def read() -> None:
        async with to_client:
            async for line in _lines(process.stdout, most_bytes):
                await to_client.send(_message(line))

    async def write() -> None:
        async with from_client:
            async for sent in from_client:
                text = sent.message.model_dump_json(by_alias=True, exclude_unset=True)
                await process.stdin.send((text + "\n").encode())  # type: ignore[union-attr]  # a pipe by default

    async def guarded(work: Any) -> None:
        with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError, OSError):
            await work()
        to_client.close()

    def _message(line: bytes) -> Any:
        from mcp_types import jsonrpc_message_adapter  # noqa: PLC0415 - the extra `mcp`

        try:
            return SessionMessage(jsonrpc_message_adapter.validate_json(line, by_name=False))
        except ValueError:
            return ValueError("no message of the protocol")

    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(guarded, read)
            tasks.start_soon(guarded, write)
            yield incoming, outgoing
            tasks.cancel_scope.cancel()
    finally:
        with anyio.CancelScope(shield=True):
            await _end(process)
            for stream in (to_client, incoming, outgoing, from_client):
                stream.close()


async def _lines(stream: Any, most_bytes: int) -> AsyncIterator[bytes]:
    held = bytearray()
    async for piece in stream:
        held += piece
        *whole, rest = bytes(held).split(b"\n")
        held = bytearray(rest)
        for line in whole:
            if len(line) > most_bytes:
                return
            if line.strip():
                yield line
        if len(held) > most_bytes:
            return


async def _end(process: Any) -> None:
    """Close its input, give it a moment, then kill whatever is left of its group."""
    import anyio  # noqa: PLC0415 - as above

    with suppress(Exception):
        await process.stdin.aclose()
    with anyio.move_on_after(_EXIT_S):
        await process.wait()
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    with anyio.move_on_after(_EXIT_S):
        await process.wait()
    with suppress(Exception):
        await process.aclose()
