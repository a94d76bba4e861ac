"""Arrow's compute functions: they are made when `pyarrow.compute` is imported, so no type checker knows them."""

from __future__ import annotations

from typing import Any

import pyarrow.compute

compute: Any = pyarrow.compute
