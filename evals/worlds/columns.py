"""Text columns built without a loop over rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Numbers = npt.NDArray[np.uint64]

TIME = pa.timestamp("us", tz="UTC")
SYNTHETIC = {"env": "sandbox-synthetic"}
"""On every log line and span, so that nobody takes them for real ones."""

PAIRS = pa.map_(pa.string(), pa.string())


def hex_column(
    numbers: Numbers, missing: npt.NDArray[np.bool_] | None = None, *, digits: int | None = None
) -> pa.Array:
    """Lower-case hex of each row of numbers, sixteen digits per number or the first `digits`.

    `numbers` has shape (n,) or (n, words); rows that are `missing` become null.
    """
    rows = len(numbers)
    width = 16 * (1 if numbers.ndim == 1 else numbers.shape[1])
    text = np.frombuffer(numbers.astype(">u8").tobytes().hex().encode(), dtype=np.uint8).reshape(rows, width)
    if digits is not None:
        text, width = np.ascontiguousarray(text[:, :digits]), digits
    offsets = np.arange(rows + 1, dtype=np.int32) * width
    column = pa.StringArray.from_buffers(rows, pa.py_buffer(offsets.tobytes()), pa.py_buffer(text.tobytes()))
    if missing is None:
        return column
    return pc.call_function("if_else", [pa.array(missing), pa.scalar(None, pa.string()), column])


def random_numbers(rng: np.random.Generator, shape: tuple[int, ...]) -> Numbers:
    """64 random bits each; never all zero, which ids must not be."""
    return rng.integers(1, 2**64 - 1, size=shape, dtype=np.uint64)


def number_column(values: npt.NDArray[np.int64]) -> pa.Array:
    """Decimal text of whole numbers."""
    return pa.array(values).cast(pa.string())


def picked_column(options: Sequence[str], rows: npt.NDArray[np.int64]) -> pa.Array:
    """`options[row]` for each row."""
    return pa.array(options, type=pa.string()).take(pa.array(rows))


def pairs_pool(maps: Sequence[Mapping[str, str]]) -> pa.Array:
    """Maps as an array to take rows from, keys in order."""
    return pa.array([sorted(one.items()) for one in maps], type=PAIRS)


def joined_column(parts: Sequence[pa.Array | str], rows: int) -> pa.Array:
    """Parts strung together row by row; text parts are the same in every row."""
    if all(isinstance(part, str) for part in parts):
        return pa.array(["".join(parts)], type=pa.string()).take(pa.array(np.zeros(rows, dtype=np.int64)))
    pieces = [pa.scalar(part) if isinstance(part, str) else part for part in parts]
    return pc.call_function("binary_join_element_wise", [*pieces, pa.scalar("")])
