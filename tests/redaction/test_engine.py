"""Finding and scrubbing without a run."""

from __future__ import annotations

import subprocess
import sys

import pytest

from opswarden.core.errors import ConfigError
from opswarden.redaction.definition import Definition, Keyed, Pattern
from opswarden.redaction.engine import Redaction
from opswarden.redaction.types import Span


def test_spans_count_code_points_of_the_input(redaction: Redaction) -> None:
    text = "olá 👋 ana@example.com 👋 ４１１１１１１１１１１１１１１１"
    assert redaction.analyze(text) == (
        Span(6, 21, "EMAIL_ADDRESS", 0.95),
        Span(24, 40, "CREDIT_CARD", 1.0),
    )


def test_the_key_of_a_value(redaction: Redaction) -> None:
    assert redaction.analyze("Vask Quillon") == ()
    assert [span.entity_type for span in redaction.analyze("Vask Quillon", key="customer.name")] == ["PERSON"]
    assert [span.entity_type for span in redaction.analyze("hunter2", key="DB_PASSWORD")] == ["SECRET"]
    assert [span.entity_type for span in redaction.analyze("123", key="1cvv")] == ["CARD_SECURITY_CODE"]


def test_scrubbed_text_shows_types_and_nothing_else(redaction: Redaction) -> None:
    assert redaction.scrub("ana@example.com used 4111111111111111") == "<EMAIL_ADDRESS> used <CREDIT_CARD>"


def test_scrubbing_twice_changes_nothing(redaction: Redaction) -> None:
    once = redaction.scrub("customer_name=Jane Doe, password=hunter2; CPF <BR_CPF_1·k3f9> 529.982.247-25")
    assert redaction.scrub(once) == once
    assert "<BR_CPF_1·k3f9>" in once


def test_a_marker_cannot_hide_anything(redaction: Redaction) -> None:
    assert "4111111111111111" not in redaction.scrub("<EMAIL_ADDRESS_4111111111111111> <4111111111111111>")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Authorization: Bearer abc123def456ghi7", "Authorization: Bearer <SECRET>"),
        ("postgres://app:hunter2@db.internal/pay", "postgres://<SECRET>@db.internal/pay"),
        ("4111111111111111@example.com", "<CREDIT_CARD>"),
        (r"a\nana@example.com\nAKIAIOSFODNN7EXAMPLE\n+5511987654321", r"a\n<EMAIL_ADDRESS>\n<SECRET>\n<PHONE_NUMBER>"),
        ("customer_name=4111111111111111", "customer_name=<CREDIT_CARD>"),
    ],
)
def test_recognizers_together(redaction: Redaction, text: str, expected: str) -> None:
    assert redaction.scrub(text) == expected


def test_a_value_of_many_lines_far_from_another(redaction: Redaction) -> None:
    lines = "\n".join(["MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"] * 20)
    key = f"-----BEGIN PRIVATE KEY-----\n{lines}\n-----END PRIVATE KEY-----"
    fine = "status=200 latency_ms=41\n" * 40
    text = f"password=x\nconfig: {key} ana@example.com\n{fine}cvv=123"
    scrubbed = redaction.scrub(text)
    assert scrubbed == f"password=<SECRET>\nconfig: <SECRET> <EMAIL_ADDRESS>\n{fine}cvv=<CARD_SECURITY_CODE>"
    assert redaction.scrub(scrubbed) == scrubbed


def test_values_glued_to_each_other(redaction: Redaction) -> None:
    scrubbed = redaction.scrub("529.982.247-25fe80::1+5511987654321fe80::1+5511987654321")
    assert scrubbed == "<BR_CPF><IP_ADDRESS><PHONE_NUMBER><IP_ADDRESS><PHONE_NUMBER>"


def test_a_definition_of_a_user(redaction: Redaction) -> None:
    badge = Definition("BADGE", (Pattern(r"\bB-[0-9]{6}\b"), Keyed(frozenset({"badge"}), bare=r"[0-9]{6}")))
    extended = Redaction([badge])
    assert extended.scrub("B-123456 badge=654321") == "<BADGE> badge=<BADGE>"
    assert redaction.scrub("B-123456 badge=654321") == "B-123456 badge=654321"


def test_a_type_cannot_be_both_restorable_and_not() -> None:
    with pytest.raises(ConfigError, match="CREDIT_CARD"):
        Redaction([Definition("CREDIT_CARD", (Pattern("x"),))])


def test_importing_and_using_it_loads_neither_presidio_nor_spacy() -> None:
    program = (
        "import sys\n"
        "from opswarden.redaction.engine import Redaction\n"
        "from opswarden.redaction.memory_vault import MemoryVault\n"
        "run = Redaction().for_run('run_1', vault=MemoryVault())\n"
        "assert 'x' in run.clean('customer_name=Jane Doe x ana@example.com').text\n"
        "heavy = {'presidio_analyzer', 'spacy', 'tldextract', 'phonenumbers', 'numpy', 'cryptography', 'regex'}\n"
        "print(sorted(heavy & {name.partition('.')[0] for name in sys.modules}))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "[]\n"
