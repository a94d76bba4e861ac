"""Maps of Clojure and clauses of COBOL: values leave under their keys, and others stay."""

from __future__ import annotations

import pytest

from opswarden.redaction.engine import Redaction

TABLE: list[tuple[str, str, str]] = [
    (
        "properties of Erlang",
        '[{pin,<<"8812">>},{full_name,<<"zoe quist">>},{shard,<<"8812">>},{state,<<"zoe quist">>}]',
        '[{pin,<<"<CARD_SECURITY_CODE>">>},{full_name,<<"<PERSON>">>},{shard,<<"8812">>},{state,<<"zoe quist">>}]',
    ),
    (
        "a map of Clojure",
        '{:customer-name "zoe quist", :cvv 118, :shard 7, :name "drift-daily", :state :open}',
        '{:customer-name "<PERSON>", :cvv <CARD_SECURITY_CODE>, :shard 7, :name "drift-daily", :state :open}',
    ),
    (
        "one with a namespace for its keys",
        '#:customer{:full-name "zoe quist" :phone "0700123456" :tier :gold}',
        '#:customer{:full-name "<PERSON>" :phone "<PHONE_NUMBER>" :tier :gold}',
    ),
    (
        "clauses of COBOL",
        "10 WS-CUST-NAME  PIC X(30)  VALUE 'zoe quist'.\n10 WS-BAL        PIC S9(9)V99 COMP-3 VALUE 1182.20.",
        "10 WS-CUST-NAME  PIC X(30)  VALUE '<PERSON>'.\n10 WS-BAL        PIC S9(9)V99 COMP-3 VALUE 1182.20.",
    ),
    (
        "labels of metrics and routes",
        'up{job="scorer"} 1 {:route "/v1/customers/:phone" :handler 12}',
        'up{job="scorer"} 1 {:route "/v1/customers/:phone" :handler 12}',
    ),
]


@pytest.mark.parametrize(("text", "clean"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_languages(redaction: Redaction, text: str, clean: str) -> None:
    assert redaction.scrub(text) == clean
