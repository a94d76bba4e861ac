"""The queries over a FOCUS file. Names of columns are quoted, values only ever travel as parameters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .focus_columns import AMOUNTS, SIZE_KEYS, TEXTS, normal
from .focus_files import BillFile

FILE_STEP = 10**11
"""A file's number times this plus the number of a row is where a line comes from."""

_AMOUNT = "DECIMAL(38,18)"
_LONGEST_TEXT = 1_000
_LONGEST_TAGS = 16_000

REASONS: Mapping[int, str] = {
    1: "BilledCost is no number",
    2: "BillingCurrency is no currency code",
    3: "BillingPeriodStart is no time",
}
"""Why a row is in no sum."""

PROBLEMS: Mapping[str, str] = {
    "no_effective": "EffectiveCost is missing or no number: the billed cost stands for it",
    "zero_effective": "EffectiveCost is zero although usage without a commitment was billed",
    "no_list": "ListCost is missing or no number: it is in no sum at list price",
    "no_day": "ChargePeriodStart is missing or no time: the first day of the billing period stands for it",
    "other_category": "ChargeCategory is none that FOCUS knows: it counts as an adjustment",
    "other_class": "ChargeClass is none that FOCUS knows",
    "bad_quantity": "the quantity is no number",
    "long_tags": "Tags are longer than 16,000 characters and are left out",
}
"""What is wrong with rows that are in the sums all the same."""

_KEYS = (
    "period day issuer provider account currency category charge_class frequency capacity commitment commitment_name "
    "commitment_type commitment_status reservation reservation_status service service_category region resource "
    "resource_name resource_type sku size description sub_account invoice unit tags"
).split()

CHARGES = f"""
    CREATE TABLE charges (
        file INTEGER, {", ".join(f"{name} {'DATE' if name in ('period', 'day') else 'VARCHAR'}" for name in _KEYS)},
        reason TINYINT, {", ".join(f"{name} {_AMOUNT}" for name in AMOUNTS)}, rows BIGINT, first_row BIGINT,
        {", ".join(f"{name} BIGINT" for name in PROBLEMS)}
    )
"""
SEEN = f"""
    CREATE TABLE seen (file INTEGER, period DATE, issuer VARCHAR, account VARCHAR, currency VARCHAR,
                       id UBIGINT, whole UBIGINT, billed {_AMOUNT})
"""

_NOT_BY_DAY = frozenset(
    (
        "account frequency commitment_name commitment_type reservation resource_type sku size description invoice unit"
    ).split()
)


def _lines_of(day: str, where: str, left_out: frozenset[str] = frozenset()) -> str:
    named = ", ".join(f"'' AS {name}" if name in left_out else name for name in _KEYS[2:])
    return f"""
        SELECT period, {day} AS day, {named}, {", ".join(f"sum({name})" for name in AMOUNTS)},
               min(file * {FILE_STEP} + first_row) AS origin, sum(rows)
        FROM charges WHERE reason = 0 AND {where}
        GROUP BY ALL ORDER BY origin LIMIT $most
    """  # noqa: S608 - all parts are ours


LINES = _lines_of("CASE WHEN currency <> $currency THEN charges.day END", "day >= $start AND day < $end")
DAILY_LINES = _lines_of("charges.day", "day >= $start AND day < $end", _NOT_BY_DAY)
INVOICED = _lines_of("NULL::DATE", "period >= $start AND period < $end")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _source(file: BillFile, most_rejects: int) -> str:
    literal = str(file.path.resolve()).replace("'", "''")
    if file.format == "parquet":
        return f"(SELECT *, file_row_number + 1 AS our_row FROM read_parquet('{literal}', file_row_number = true))"  # noqa: S608 - quoted
    columns = ", ".join(f"'{name.replace(chr(39), chr(39) * 2)}': 'VARCHAR'" for name in _distinct(file.columns))
    delimiter = file.delimiter.replace("\t", "\\t")
    return (
        f"(SELECT *, row_number() OVER () AS our_row FROM read_csv('{literal}', auto_detect = false, header = true, "  # noqa: S608 - quoted
        f"delim = '{delimiter}', quote = '\"', escape = '\"', columns = {{{columns}}}, all_varchar = true, "
        f"max_line_size = 1000000, store_rejects = true, rejects_limit = {most_rejects}))"
    )


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    """Names of columns as DuckDB can hold them: none empty, none twice in any case of its letters."""
    kept: dict[str, str] = {}
    for place, name in enumerate(names):
        wanted = name.strip() or f"column{place}"
        while wanted.lower() in kept or wanted.lower() == "our_row":
            wanted = f"{wanted}_{place}"
        kept[wanted.lower()] = wanted
    return tuple(kept.values())


class _Columns:
    """Expressions over the columns of one file."""

    def __init__(self, file: BillFile) -> None:
        self._is_csv = file.format == "csv"
        self.names = _distinct(file.columns) if self._is_csv else file.columns
        self._by_name: dict[str, str] = {}
        for name in self.names:
            self._by_name.setdefault(normal(name), name)

    def text(self, *names: str, most: int = _LONGEST_TEXT) -> str:
        """The first of some columns that says something; `NULL` spelled out says nothing."""
        found = [self._by_name[normal(name)] for name in names if normal(name) in self._by_name]
        cleaned = [self._said(name) for name in found]
        return f"left(coalesce({', '.join(cleaned)}), {most})" if cleaned else "NULL::VARCHAR"

    def tags(self, *names: str) -> str:
        """Tags as the text of a JSON object, from a text, a map, or a list of keys and values."""
        found = [self._by_name[normal(name)] for name in names if normal(name) in self._by_name]
        if not found:
            return "NULL::VARCHAR"
        if self._is_csv:
            return f"coalesce({', '.join(self._said(name) for name in found)})"
        return f"coalesce({', '.join(f'nullif(to_json({_quoted(name)})::VARCHAR, $$null$$)' for name in found)})"

    def _said(self, name: str) -> str:
        held = f"trim({_quoted(name)}::VARCHAR)"
        return f"CASE WHEN {held} IN ('', 'NULL', 'null', 'Null') THEN NULL ELSE {held} END"

    def amount(self, *names: str) -> str:
        found = [self._by_name[normal(name)] for name in names if normal(name) in self._by_name]
        casts = [f"TRY_CAST({self._said(name)} AS {_AMOUNT})" for name in found]
        return f"coalesce({', '.join(casts)})" if casts else f"NULL::{_AMOUNT}"

    def size(self) -> str:
        """An instance type, out of SkuPriceDetails or a column of the provider's own."""
        own = [f"x_{key.removeprefix('x_')}" for key in SIZE_KEYS]
        parts = [self.text(*dict.fromkeys([*own, *SIZE_KEYS]))]
        if normal("SkuPriceDetails") in self._by_name:
            details = f"TRY_CAST({self.tags('SkuPriceDetails')} AS JSON)"
            parts += [f"json_extract_string({details}, '$.{key}')" for key in SIZE_KEYS]
        return f"left(coalesce({', '.join(parts)}), {_LONGEST_TEXT})"

    def whole(self) -> str:
        """A fingerprint of a row with all its columns."""
        return f"hash({', '.join(f'{_quoted(name)}::VARCHAR' for name in self.names)})"


def normalised(file: BillFile, most_rejects: int) -> str:
    """A query with one row per row of the file: our columns, amounts exact, times UTC, and what is wrong."""
    columns = _Columns(file)
    texts = {name: columns.text(*sources) for name, sources in TEXTS.items() if name != "tags"}
    amounts = {name: columns.amount(*sources) for name, sources in AMOUNTS.items()}
    said = {name: columns.text(*sources) for name, sources in AMOUNTS.items()}
    start, end = columns.text("ChargePeriodStart"), columns.text("ChargePeriodEnd")
    picked = [f"coalesce({text}, '') AS {name}" for name, text in texts.items()]
    picked += [f"{amount} AS {name}" for name, amount in amounts.items()]
    return f"""
        SELECT our_row, {", ".join(picked)},
               upper(coalesce({columns.text("BillingCurrency")}, '')) AS currency,
               TRY_CAST({columns.text("BillingPeriodStart")} AS TIMESTAMPTZ) AS period_at,
               TRY_CAST({start} AS TIMESTAMPTZ) AS charged_at, TRY_CAST({end} AS TIMESTAMPTZ) AS charged_until,
               lower(coalesce({columns.text("ChargeCategory")}, '')) AS said_category,
               lower(coalesce({columns.text("ChargeClass")}, '')) AS said_class,
               lower(coalesce({columns.text("PricingCategory")}, '')) AS said_pricing,
               {said["quantity"]} AS said_quantity, {columns.tags("AllocatedTags", "Tags")} AS said_tags,
               coalesce({columns.size()}, '') AS size, {columns.whole()} AS whole
        FROM {_source(file, most_rejects)}
    """  # noqa: S608 - names are quoted, the rest is ours


def part_of(file: BillFile, most_rejects: int) -> str:
    """Makes the table `part`: a row per kind of charge and day, with a sample of its rows' fingerprints."""
    named = ", ".join(name for name in _KEYS if name not in ("period", "day", "category", "charge_class", "capacity"))
    identity = (
        "hash(period_at, charged_at, charged_until, said_category, said_class, said_pricing, said_tags, issuer, "
        "provider, account, resource, sku, description, sub_account, service, region, commitment_status, invoice)"
    )
    return f"""
        CREATE OR REPLACE TABLE part AS
        WITH rows_of_file AS ({normalised(file, most_rejects)}), known AS (
            SELECT *, {identity} AS id,
                CASE WHEN billed IS NULL THEN 1 WHEN NOT regexp_full_match(currency, '[A-Z]{{3}}') THEN 2
                     WHEN period_at IS NULL THEN 3 ELSE 0 END::TINYINT AS reason,
                period_at::DATE AS period, coalesce(charged_at, period_at)::DATE AS day,
                CASE said_category WHEN 'usage' THEN 'Usage' WHEN 'purchase' THEN 'Purchase' WHEN 'tax' THEN 'Tax'
                     WHEN 'credit' THEN 'Credit' ELSE 'Adjustment' END AS category,
                CASE said_class WHEN 'correction' THEN 'Correction' ELSE '' END AS charge_class,
                CASE said_pricing WHEN 'standard' THEN 'on_demand' WHEN 'dynamic' THEN 'spot'
                     WHEN 'committed' THEN 'committed' ELSE 'other' END AS capacity,
                CASE WHEN length(said_tags) > {_LONGEST_TAGS} THEN '' ELSE coalesce(said_tags, '') END AS tags
            FROM rows_of_file
        )
        SELECT $file::INTEGER AS file, period, day, category, charge_class, capacity, {named}, reason,
            sum(billed) AS billed, sum(coalesce(effective, billed)) AS effective, sum(listed) AS listed,
            sum(contracted) AS contracted, sum(quantity) AS quantity, count(*) AS rows, min(our_row) AS first_row,
            count_if(effective IS NULL) AS no_effective,
            count_if(effective = 0 AND billed <> 0 AND category = 'Usage' AND commitment = '') AS zero_effective,
            count_if(listed IS NULL) AS no_list, count_if(charged_at IS NULL) AS no_day,
            count_if(said_category NOT IN ('usage', 'purchase', 'tax', 'credit', 'adjustment')) AS other_category,
            count_if(said_class NOT IN ('', 'correction')) AS other_class,
            count_if(said_quantity IS NOT NULL AND quantity IS NULL) AS bad_quantity,
            count_if(length(said_tags) > {_LONGEST_TAGS}) AS long_tags,
            list({{'id': id, 'whole': whole, 'billed': billed}}) FILTER (id % $one_in = 0) AS sketch
        FROM known GROUP BY ALL
    """  # noqa: S608 - as above


def hourly_of(file: BillFile) -> str:
    """Usage of compute, hour by hour, out of the rows of a file that are still in the bill."""
    return f"""
        SELECT date_trunc('hour', charged_at) AS hour, region, size, service, unit, said_pricing = 'committed',
               sum(quantity), sum(coalesce(listed, billed))
        FROM ({normalised(file, 0)}) AS every_row
        WHERE said_category = 'usage' AND lower(service_category) = 'compute' AND lower(unit) LIKE '%hour%'
          AND size <> '' AND currency = $currency AND said_pricing IN ('standard', 'committed')
          AND charged_at >= $start AND charged_at < $end AND charged_until - charged_at <= INTERVAL 1 HOUR
          AND quantity IS NOT NULL AND commitment_status <> 'Unused'
          AND EXISTS (SELECT 1 FROM charges WHERE charges.file = $file AND charges.period = period_at::DATE
                      AND charges.issuer = every_row.issuer AND charges.account = every_row.account)
        GROUP BY ALL
    """  # noqa: S608 - as above
