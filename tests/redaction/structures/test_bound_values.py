"""Values that drivers print apart from their statement leave under the columns they are bound to; others stay."""

from __future__ import annotations

import pytest

from opswarden.redaction.engine import Redaction

TABLE: list[tuple[str, str, str]] = [
    (
        "SQL Server, by name",
        "exec sp_executesql N'SELECT id FROM c WHERE FullName = @p0 AND State = @p1',N'@p0 nvarchar(64)',"
        "@p0=N'zoe quist',@p1='zoe quist'",
        "exec sp_executesql N'SELECT id FROM c WHERE FullName = @p0 AND State = @p1',N'@p0 nvarchar(64)',"
        "@p0=N'<PERSON>',@p1='zoe quist'",
    ),
    (
        "PostgreSQL, an update",
        "execute <unnamed>: UPDATE customers SET phone = $1, note = $2 WHERE full_name = $3\n"
        "DETAIL:  parameters: $1 = '0912345678', $2 = 'shard 7', $3 = 'zoe quist'",
        "execute <unnamed>: UPDATE customers SET phone = $1, note = $2 WHERE full_name = $3\n"
        "DETAIL:  parameters: $1 = '<PHONE_NUMBER>', $2 = 'shard 7', $3 = '<PERSON>'",
    ),
    (
        "PostgreSQL, an insert whose marks change places",
        "INSERT INTO customers (id, full_name, state) VALUES ($1, $3, $2)\n"
        "DETAIL:  parameters: $1 = '8812', $2 = 'zoe quist', $3 = 'ana souza'",
        "INSERT INTO customers (id, full_name, state) VALUES ($1, $3, $2)\n"
        "DETAIL:  parameters: $1 = '8812', $2 = 'zoe quist', $3 = '<PERSON>'",
    ),
    (
        "MyBatis",
        "==>  Preparing: INSERT INTO benef (full_name, phone, note, tries) VALUES (?, ?, ?, ?)\n"
        "==> Parameters: zoe quist(String), 0912345678(String), null, 3(Integer)\n<==    Updates: 1",
        "==>  Preparing: INSERT INTO benef (full_name, phone, note, tries) VALUES (?, ?, ?, ?)\n"
        "==> Parameters: <PERSON>(String), <PHONE_NUMBER>(String), null, 3(Integer)\n<==    Updates: 1",
    ),
    (
        "Hibernate 5",
        "insert into cards (holder_name, cvv, state) values (?, ?, ?)\n"
        "binding parameter [1] as [VARCHAR] - [zoe quist]\nbinding parameter [2] as [VARCHAR] - [455]\n"
        "binding parameter [3] as [VARCHAR] - [open]",
        "insert into cards (holder_name, cvv, state) values (?, ?, ?)\n"
        "binding parameter [1] as [VARCHAR] - [<PERSON>]\nbinding parameter [2] as [VARCHAR] - [<CARD_SECURITY_CODE>]\n"
        "binding parameter [3] as [VARCHAR] - [open]",
    ),
    (
        "Hibernate 6, the second statement",
        "update jobs set state=? where id=?\nbinding parameter (1:VARCHAR) <- [zoe quist]\n"
        "update jobs set full_name=? where id=?\nbinding parameter (1:VARCHAR) <- [zoe quist]",
        "update jobs set state=? where id=?\nbinding parameter (1:VARCHAR) <- [zoe quist]\n"
        "update jobs set full_name=? where id=?\nbinding parameter (1:VARCHAR) <- [<PERSON>]",
    ),
    (
        "a list behind a comparison",
        "SELECT * FROM cards WHERE state IN (?, ?) AND cvv = ? params: ['open', 'late', 455]",
        "SELECT * FROM cards WHERE state IN (?, ?) AND cvv = ? params: ['open', 'late', <CARD_SECURITY_CODE>]",
    ),
    (
        "no statement above",
        "binding parameter (1:VARCHAR) <- [zoe quist]",
        "binding parameter (1:VARCHAR) <- [zoe quist]",
    ),
    (
        "a statement without personal columns",
        "SELECT count(*) FROM txn WHERE created_at > $1 AND merchant = $2\n"
        "DETAIL:  parameters: $1 = '2026-03-03 00:00:00', $2 = 'zoe quist'",
        "SELECT count(*) FROM txn WHERE created_at > $1 AND merchant = $2\n"
        "DETAIL:  parameters: $1 = '2026-03-03 00:00:00', $2 = 'zoe quist'",
    ),
    (
        "the marks of a statement are no values",
        "INSERT INTO customers (id, full_name, phone) VALUES ($1, $2, $3)",
        "INSERT INTO customers (id, full_name, phone) VALUES ($1, $2, $3)",
    ),
]


@pytest.mark.parametrize(("text", "clean"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_bound_values(redaction: Redaction, text: str, clean: str) -> None:
    assert redaction.scrub(text) == clean
