"""`python -m benchmarks [NAME…]`: print the figures. Nothing fails on them; timing decides no test."""

from __future__ import annotations

import importlib
import sys

from .measuring import machine

NAMES = (
    "costs",
    "finops",
    "fleet",
    "gate",
    "ledger",
    "live",
    "live_size",
    "logs",
    "parity",
    "policies",
    "redaction",
    "runbooks",
    "service",
    "traces",
    "triage",
)


def main(names: list[str]) -> int:
    """Run the named benchmarks, all without a name."""
    unknown = set(names) - set(NAMES)
    if unknown:
        print(f"there is no benchmark {sorted(unknown)[0]!r}; there are: {', '.join(NAMES)}", file=sys.stderr)
        return 2
    print(f"{machine()}\nmedian and [smallest, largest] of n runs; wall times grow with the load of the machine")
    for name in names or NAMES:
        print(f"\n{name}")
        for figure in importlib.import_module(f".{name}", __package__).figures():
            print(figure.line(), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
