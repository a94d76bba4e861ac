"""Amounts and response codes per cell, of both windows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .backends.types import Outcomes
from .tally import ATTEMPTS, Floats, Places
from .types import CodeGroup
from .vocabulary import class_of, group_of

Code = tuple[str, str]
"""Outcome and response code, as in the data."""

_NOTABLE_EXTRA = 0.05


@dataclass(frozen=True)
class Codes:
    """Payments and amounts by what became of them.

    Args:
        codes: the K outcomes with their response code that are attempts.
        is_approved: (K,).
        payments: (L, K, 2), quiet time and window.
        amounts: the same shape, smallest units of each cell's currency.
    """

    codes: tuple[Code, ...]
    is_approved: Places
    payments: Floats
    amounts: Floats

    def declined(self, cells: Places) -> tuple[Floats, Floats]:
        """Payments and amounts of the cells that were not approved, (cells, 2) each."""
        wanted = self.is_approved == 0
        return self.payments[cells][:, wanted].sum(axis=1), self.amounts[cells][:, wanted].sum(axis=1)

    def tickets(self) -> Floats:
        """(L,) mean amount of an approved payment, of the quiet time where there was one; 0 if there was none."""
        approved = self.is_approved == 1
        payments, amounts = self.payments[:, approved].sum(axis=1), self.amounts[:, approved].sum(axis=1)
        mean = np.divide(amounts, payments, out=np.zeros_like(amounts), where=payments > 0)
        tickets: Floats = np.where(payments[:, 0] > 0, mean[:, 0], mean[:, 1])
        return tickets


@dataclass(frozen=True)
class CodeMove:
    """How the share of one outcome changed among the attempts of some cells; `extra` payments beyond expectation."""

    outcome: str
    code: str
    group: CodeGroup
    share_before: float
    share_after: float
    extra: float


def read_codes(found: Outcomes) -> Codes:
    """Lay the code table out as arrays."""
    outcome, code = found.codes["outcome"].to_pylist(), found.codes["response_code"].to_pylist()
    pairs = list(zip(outcome, code, strict=True))
    known = sorted({pair for pair in pairs if class_of(pair[0]) in ATTEMPTS})
    place = {pair: row for row, pair in enumerate(known)}
    rows = np.array([place.get(pair, -1) for pair in pairs], dtype=np.int64)
    cell = np.asarray(found.codes["cell"].to_numpy(), np.int64)
    side = np.asarray(found.codes["is_after"].to_numpy(zero_copy_only=False), np.int64)
    shape = (found.cells.num_rows, len(known), 2)
    payments, amounts = np.zeros(shape), np.zeros(shape)
    used = rows >= 0
    np.add.at(payments, (cell[used], rows[used], side[used]), np.asarray(found.codes["payments"].to_numpy())[used])
    np.add.at(amounts, (cell[used], rows[used], side[used]), np.asarray(found.codes["amount_minor"].to_numpy())[used])
    approved = np.array([int(class_of(name) == "approved") for name, _ in known], dtype=np.int64)
    return Codes(tuple(known), approved, payments, amounts)


def code_moves(codes: Codes, cells: Places, most: int = 3) -> tuple[CodeMove, ...]:
    """Which kinds of decline grew most among the attempts of some cells, at their mix of the window."""
    payments = codes.payments[cells]
    trials = payments.sum(axis=1)
    shares = np.divide(payments[:, :, 0], trials[:, :1], out=np.zeros_like(payments[:, :, 0]), where=trials[:, :1] > 0)
    expected = (shares * trials[:, 1:]).sum(axis=0)
    seen, total = payments[:, :, 1].sum(axis=0), max(float(trials[:, 1].sum()), 1.0)
    extra = np.where(codes.is_approved == 1, 0.0, seen - expected)
    grown = float(np.maximum(extra, 0.0).sum())
    moves = []
    for row in np.argsort(-extra, kind="stable")[:most].tolist():
        if extra[row] <= max(_NOTABLE_EXTRA * grown, 0.0):
            break
        outcome, code = codes.codes[row]
        group = group_of(class_of(outcome), code)
        before, after = float(expected[row]) / total, float(seen[row]) / total
        moves.append(CodeMove(outcome, code, group, before, after, float(extra[row])))
    return tuple(moves)


def money_lost(codes: Codes, currencies: list[str], lost: Floats, cells: Places) -> dict[str, float]:
    """Amounts of the approvals that are missing, per currency: each at the usual ticket of its cell.

    Args:
        codes: amounts.
        currencies: of each cell.
        lost: (L,) approvals missing per cell; below zero where there were more.
        cells: which cells to add up.
    """
    tickets = codes.tickets()
    found: dict[str, float] = {}
    for cell in cells.tolist():
        found[currencies[cell]] = found.get(currencies[cell], 0.0) + float(lost[cell] * tickets[cell])
    return found
