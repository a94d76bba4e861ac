"""A bill of five million rows, as Parquet and as packed CSV, read, tied and decomposed.

The rows are made: hours of machines of two months, each hour a row, as large exports have them. What is measured is a
process of its own, start included. The sums are checked against those that the rows were made with.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from opswarden.tools.in_memory import in_memory

from .measuring import Figure

ROWS = 5_000_000
_MACHINES = 3_400
_MEASURE = """
import json, resource, sys, time
from datetime import date
from decimal import Decimal
from pathlib import Path
from opswarden.tools.costs.allocation import AllocationRules, Catalogue, allocate
from opswarden.tools.costs.backends.focus import FocusBill
from opswarden.tools.costs.decompose import decompose
from opswarden.tools.costs.invoice import ties
from opswarden.tools.costs.money import total
from opswarden.tools.costs.periods import fixed_rates, period_of

def owned(lines):
    return allocate(lines, Catalogue(()), AllocationRules()).assigned

started = time.process_time()
bill = FocusBill(Path(sys.argv[1]))
read_s = time.process_time() - started
april = owned(bill.lines(date(2031, 4, 1), date(2031, 5, 1), "USD"))
may = owned(bill.lines(date(2031, 5, 1), date(2031, 6, 1), "USD"))
tied = ties(owned(bill.invoiced(date(2031, 4, 1), date(2031, 7, 1))))
sides = [[(one, one) for one in side] for side in (april, may)]
rates = fixed_rates(*sides)
found = decompose(*(period_of(side, rates) for side in sides))
print(json.dumps({
    "read_s": read_s,
    "cpu_s": time.process_time() - started,
    "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    "rows": bill.reading.rows,
    "lines": len(april) + len(may),
    "billed": str(total(tie.billed for tie in tied)),
    "residual": str(max(abs(tie.residual) for tie in tied)),
    "unexplained": str(abs(found.difference - total(found.parts.values()))),
}))
"""


def figures() -> Iterator[Figure]:
    """The same bill in both forms, once each: a minute of CPU says enough."""
    with tempfile.TemporaryDirectory(prefix="opswarden-bench-") as name:
        folder = Path(name)
        billed = _write(folder)
        for form in ("parquet", "csv.gz"):
            path = folder / f"bill.{form}"
            done = subprocess.run(
                [sys.executable, "-c", _MEASURE, str(path)], capture_output=True, text=True, check=True, timeout=3_600
            )
            found = json.loads(done.stdout)
            label = f"{ROWS:,} rows, {form} of {path.stat().st_size / 1e6:.0f} MB"
            yield Figure(f"{label}: read", (found["read_s"],), "CPU s", 120)
            yield Figure(f"{label}: read, tied, decomposed", (found["cpu_s"],), "CPU s")
            yield Figure(f"{label}: peak memory", (found["peak_mb"],), "MB", 2_000)
            yield Figure(f"{label}: lines of both months", (float(found["lines"]),), "lines")
            yield Figure(f"{label}: rows read", (float(found["rows"]),), "rows", floor=float(ROWS))
            off = abs(Decimal(found["billed"]) - billed)
            yield Figure(f"{label}: off the sum it was made with", (float(off),), "USD", 0.0)
            yield Figure(f"{label}: residual of the ties", (float(found["residual"]),), "USD", 0.0)
            yield Figure(f"{label}: not explained", (float(found["unexplained"]),), "USD", 0.005)


def _write(folder: Path) -> Decimal:
    """Write the bill in both forms; returns what it sums to."""
    connection = in_memory(2, memory_limit="1GB", temp_directory=str(folder / "spill"))
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(
        f"""
        CREATE VIEW rows AS
        SELECT 'acc' AS BillingAccountId, 'USD' AS BillingCurrency, 'Usage' AS ChargeCategory,
            CAST(NULL AS VARCHAR) AS ChargeClass, 'machine ' || (vm % 40) AS ChargeDescription,
            'Usage-Based' AS ChargeFrequency, 'Oven Cloud Inc.' AS InvoiceIssuerName, 'Oven Cloud' AS ProviderName,
            CASE WHEN vm % 10 = 0 THEN 'Dynamic' ELSE 'Standard' END AS PricingCategory, 'Hour' AS PricingUnit,
            'region-' || (vm % 7) AS RegionId, 'arn:oven:vm/i-' || vm AS ResourceId, 'Compute' AS ServiceCategory,
            'Machines' AS ServiceName, 'sku-' || (vm % 40) AS SkuId, 'sub-' || (vm % 25) AS SubAccountId,
            '{{"team": "team-' || (vm % 50) || '", "workload": "workload-' || (vm % 700) || '"}}' AS Tags,
            date_trunc('month', moment) AS BillingPeriodStart,
            date_trunc('month', moment) + INTERVAL 1 MONTH AS BillingPeriodEnd,
            moment AS ChargePeriodStart, moment + INTERVAL 1 HOUR AS ChargePeriodEnd,
            ((vm % 40 + 1) * 0.0123456789 + n % 9973 * 0.0000001)::DECIMAL(38, 12) AS BilledCost,
            BilledCost AS EffectiveCost,
            (BilledCost * 1.25)::DECIMAL(38, 12) AS ListCost, 1::DECIMAL(38, 12) AS PricingQuantity
        FROM (
            SELECT n, n % {_MACHINES} AS vm,
                TIMESTAMPTZ '2031-04-01 00:00:00+00' + INTERVAL (n // {_MACHINES}) HOUR AS moment
            FROM range({ROWS}) AS all_rows (n)
        )
        """  # noqa: S608 - all parts are ours
    )
    connection.execute(f"COPY rows TO '{folder}/bill.parquet' (FORMAT parquet, COMPRESSION zstd)")
    connection.execute(f"COPY rows TO '{folder}/bill.csv.gz' (FORMAT csv, HEADER, COMPRESSION gzip)")
    found = connection.execute("SELECT sum(BilledCost) FROM rows").fetchall()[0][0]
    connection.close()
    return Decimal(found)
