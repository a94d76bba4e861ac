"""What lies in an artefact: pickles read opcode by opcode, never loaded, and files that have no business there.

A pickle is a program; whoever loads it runs it. What it can reach is what it imports, and that stands in its opcodes
(Python's own `pickletools`). Archives (PyTorch and NumPy write zip files) are looked into. What is packed in a way that
is not read here is not known to be harmless.
"""

from __future__ import annotations

import io
import pickletools
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

PICKLES = (".pkl", ".pickle", ".joblib", ".pt", ".pth", ".bin", ".npy", ".npz", ".model", ".dill", ".cloudpickle")
LIMIT_BYTES = 512_000_000
_MOST_MEMBERS = 2_000
_MOST_OPCODES = 20_000_000
_PROTOCOL = 0x80
_STRINGS = frozenset(
    {"SHORT_BINUNICODE", "BINUNICODE", "UNICODE", "BINUNICODE8", "SHORT_BINSTRING", "BINSTRING", "STRING"}
)
_NEVER = frozenset(
    "testing f2py distutils exec eval runstring system popen load loads import_module getattr setattr compile open "
    "run_path run_module run_code globals __import__ __builtins__ subprocess".split()
)
"""Parts of a name that nothing allowed has to have: ways out that lie inside otherwise harmless packages."""
_SILENT = frozenset({"PROTO", "FRAME"})
_PUTS = frozenset({"BINPUT", "LONG_BINPUT", "PUT"})
_GETS = frozenset({"BINGET", "LONG_BINGET", "GET"})
UNKNOWN = "?"
"""An import whose name is put together as the pickle runs."""
TEXTS = (
    ".yaml",
    ".yml",
    ".json",
    ".txt",
    ".md",
    ".py",
    ".csv",
    ".html",
    ".parquet",
    ".toml",
    "MLmodel",
    ".cbm",
    ".ubj",
)
_NUMPY = b"\x93NUMPY"
_PACKED = (b"\x1f\x8b", b"x\x9c", b"x\x01", b"x\xda", b"BZh", b"\xfd7zXZ", b"\x04\x22\x4d\x18")


@dataclass(frozen=True)
class Scan:
    """What was found in one file.

    Args:
        imports: `module.name` of everything that a pickle in it mentions.
        unread: why it is not known what else it holds; empty if it was read whole.
    """

    imports: frozenset[str] = frozenset()
    unread: str = ""


def scan(content: bytes, name: str = "") -> Scan:
    """Look into one file by what its bytes are; a text that is called one is no old pickle."""
    if content.startswith(b"PK\x03\x04"):
        return _scan_zip(content)
    if content.startswith(_NUMPY):
        return _scan_numpy(content)
    if content.startswith(_PACKED):
        return Scan(unread="it is compressed")
    if content[:1] == bytes([_PROTOCOL]):
        return _scan_pickle(content)
    return Scan() if name.endswith(TEXTS) else _scan_old(content)


def forbidden(imports: frozenset[str], allowed: tuple[str, ...]) -> tuple[str, ...]:
    """The imports that are not allowed, in order. An allowed name allows what is inside it, but for ways out."""
    return tuple(sorted(one for one in imports if not _is_allowed(one, allowed)))


def _is_allowed(name: str, allowed: tuple[str, ...]) -> bool:
    if _NEVER & set(name.split(".")):
        return False
    return any(name == one or name.startswith(f"{one}.") for one in allowed)


def _scan_numpy(content: bytes) -> Scan:
    """An array of objects is a pickle behind a head of one line."""
    head, _, rest = content.partition(b"\n")
    return _scan_pickle(rest) if b"O" in head[10:] and b"|O" in head else Scan()


def _scan_zip(content: bytes) -> Scan:
    imports: set[str] = set()
    unread = ""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if len(members) > _MOST_MEMBERS:
                return Scan(unread="it holds too many files")
            if sum(member.file_size for member in members) > LIMIT_BYTES:
                return Scan(unread="it unpacks to more than is read")
            if any(member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for member in members):
                return Scan(unread="it is packed in a way that is not read")
            for member in members:
                inner = archive.read(member)
                if inner.startswith(b"PK\x03\x04"):
                    unread = "an archive lies in it"
                    continue
                found = scan(inner, member.filename) if _may_be_pickle(member.filename, inner) else Scan()
                imports |= found.imports
                unread = unread or found.unread
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
        OSError,
        ValueError,
    ):
        return Scan(frozenset(imports), "it is a broken archive")
    return Scan(frozenset(imports), unread)


def _may_be_pickle(name: str, content: bytes) -> bool:
    return name.endswith(PICKLES) or content[:1] == bytes([_PROTOCOL]) or content.startswith(_NUMPY)


def _scan_old(content: bytes) -> Scan:
    """A file without the mark of a newer pickle: an old one, or none at all."""
    found = _scan_pickle(content)
    return found if found.imports or not found.unread else Scan()


def _scan_pickle(content: bytes) -> Scan:
    """Imports of one pickle after another, as `joblib` and `torch` write them."""
    imports: set[str] = set()
    stream = io.BytesIO(content)
    opcodes = count()
    try:
        while stream.tell() < len(content):
            start = stream.tell()
            _imports(stream, imports, opcodes)
            if stream.tell() == start:
                break
    except Exception:  # noqa: BLE001 - what is no pickle can fail in any way; what was found before it counts
        return Scan(frozenset(imports), "it is no pickle to its end")
    return Scan(frozenset(imports))


def _imports(stream: io.BytesIO, found: set[str], opcodes: Iterator[int]) -> None:
    """Add what one pickle imports; `opcodes` counts over all of a file.

    A name counts only where its two texts were pushed right before; else it is `?`.
    """
    pushed: list[str] = []
    kept: dict[int, str | None] = {}
    is_text = False
    for opcode, value, _ in pickletools.genops(stream):
        name = opcode.name
        if next(opcodes) > _MOST_OPCODES:
            raise ValueError("too long")
        if name in _SILENT:
            continue
        if name == "MEMOIZE" or name in _PUTS:
            kept[len(kept) if name == "MEMOIZE" else _place(value)] = pushed[-1] if is_text and pushed else None
            continue
        text = kept.get(_place(value)) if name in _GETS else str(value) if name in _STRINGS else None
        if text is not None:
            pushed.append(text)
            is_text = True
            continue
        if name in ("GLOBAL", "INST"):
            found.add(str(value).replace(" ", ".", 1))
        elif name == "STACK_GLOBAL":
            found.add(".".join(pushed[-2:]) if len(pushed) >= 2 else UNKNOWN)
        elif name in ("EXT1", "EXT2", "EXT4"):
            found.add("copyreg.extension")
        pushed, is_text = [], False


def _place(value: object) -> int:
    """A place in the memo; one that is no number is an error of the pickle."""
    if not isinstance(value, int | str):
        raise ValueError("no place in the memo")
    return int(value)
