"""Columns that only blanks part: a value leaves for the name it stands under; tables of a cluster stay."""

from __future__ import annotations

import pytest

from opswarden.redaction.engine import Redaction

TABLE: list[tuple[str, str, str]] = [
    (
        "a rule that says how wide the columns are",
        "   CUST_ID FULL_NAME        PHONE_NO   STATUS\n---------- ---------------- ---------- ------\n"
        "     88121 zoe quist        0761234567 OPEN\n     88122                  0789876543\n",
        "   CUST_ID FULL_NAME        PHONE_NO   STATUS\n---------- ---------------- ---------- ------\n"
        "     88121 <PERSON>        <PHONE_NUMBER> OPEN\n     88122                  <PHONE_NUMBER>\n",
    ),
    (
        "a data frame, numbers of rows in front",
        "   cust_id  customer_name       phone  amount\n0    88121      zoe quist  0700123456   12.50\n",
        "   cust_id  customer_name       phone  amount\n0    88121      <PERSON>  <PHONE_NUMBER>   12.50\n",
    ),
    (
        "a spreadsheet with an empty cell",
        "Ref No     Customer Name     Mobile        State\nPX-88121   zoe quist                       ok\n"
        "PX-88122                     0731239876    ok\n",
        "Ref No     Customer Name     Mobile        State\nPX-88121   <PERSON>                       ok\n"
        "PX-88122                     <PHONE_NUMBER>    ok\n",
    ),
    (
        "a tibble",
        "  full_name      phone        score\n  <chr>          <chr>        <dbl>\n"
        "1 zoe quist      11912345678  0.881\n",
        "  full_name      phone        score\n  <chr>          <chr>        <dbl>\n"
        "1 <PERSON>      <PHONE_NUMBER>  0.881\n",
    ),
    (
        "the table of another kind",
        "NAME                     READY   STATUS             RESTARTS   AGE\n"
        "payouts-api-7d9f8-abcde  0/1     CrashLoopBackOff   12         4h\n",
        "NAME                     READY   STATUS             RESTARTS   AGE\n"
        "payouts-api-7d9f8-abcde  0/1     CrashLoopBackOff   12         4h\n",
    ),
    (
        "the table has ended",
        "customer_name   phone         state\nzoe quist       0700123456    ok\n\n\nfull stop       0700123456    ok\n",
        "customer_name   phone         state\n<PERSON>       <PHONE_NUMBER>    ok\n\n\n"
        "full stop       0700123456    ok\n",
    ),
]


@pytest.mark.parametrize(("text", "clean"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_columns(redaction: Redaction, text: str, clean: str) -> None:
    assert redaction.scrub(text) == clean
