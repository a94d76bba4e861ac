"""The marked parts of the documentation: code blocks that are copies of something else, and tables that must be true.

`<!-- from: FILE -->` or `<!-- from: FILE::NAME -->` above a block says what it is a copy of.
`<!-- schema: FILE::NAME -->` says that it is what the generated Cedar schema says of an example's tool.
`python tests/docs/marked.py` writes all of them anew. `<!-- table: NAME -->` above a table names it for the tests.
"""

from __future__ import annotations

import ast
import importlib.util
import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
_BLOCK = re.compile(r"^<!-- (from|schema): (\S+) -->\n```([a-z]*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_BAR = re.compile(r"(?<!\\)\|")


def pages() -> list[Path]:
    """README and every page of the documentation."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def filled(text: str) -> str:
    """A page with every marked block as it should be."""

    def block(found: re.Match[str]) -> str:
        kind, source, language = found[1], found[2], found[3]
        content = _copy(source) if kind == "from" else _schema_of(source)
        return f"<!-- {kind}: {source} -->\n```{language}\n{content}```"

    return _BLOCK.sub(block, text)


def table(page: str, name: str) -> list[list[str]]:
    """The rows of a marked table without its head; cells lose the backticks around them."""
    marker = f"<!-- table: {name} -->\n"
    text = (ROOT / page).read_text(encoding="utf-8")
    if text.count(marker) != 1:
        raise AssertionError(f"{page} needs exactly one table marked {name!r}")
    rows = []
    for line in text.split(marker)[1].splitlines()[2:]:
        if not line.startswith("|"):
            break
        rows.append([_plain(cell) for cell in _BAR.split(line)[1:-1]])
    return rows


def _plain(cell: str) -> str:
    cell = cell.strip().replace("\\|", "|")
    is_code = cell[:1] == cell[-1:] == "`" and cell.count("`") == 2
    return cell[1:-1] if is_code else cell


def _copy(source: str) -> str:
    name, _, part = source.partition("::")
    text = (ROOT / name).read_text(encoding="utf-8")
    return text if not part else _definition(text, part)


def _definition(text: str, name: str) -> str:
    """The lines of a function or of a value at the top of a module, decorators included."""
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names = {node.name}
        elif isinstance(node, ast.Assign):
            names = {target.id for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names = {node.target.id}
        else:
            continue
        if name in names:
            decorators = getattr(node, "decorator_list", [])
            first = min((node.lineno, *(item.lineno for item in decorators)))
            return "\n".join(text.splitlines()[first - 1 : node.end_lineno]) + "\n"
    raise AssertionError(f"there is nothing called {name!r}")


def _schema_of(source: str) -> str:
    """The action of an example's tool in the generated schema."""
    from opswarden.policies.schema import cedar_schema

    name, _, part = source.partition("::")
    tool = getattr(_module(ROOT / name), part)
    text = cedar_schema([tool])
    start = text.index(f'action "{tool.name}"')
    return text[start : text.index(";\n", start) + 2]


def _module(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(f"documented_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise AssertionError(f"{path.name} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # pydantic looks annotations up by the module's name
    spec.loader.exec_module(module)
    return module


def _write() -> None:
    for page in pages():
        text = page.read_text(encoding="utf-8")
        page.write_text(filled(text), encoding="utf-8")


if __name__ == "__main__":
    _write()
