"""How texts are cut into terms, in which language they are, and what an expression reads."""

from __future__ import annotations

import pytest

from opswarden.tools.runbooks.selectors import Condition, Selector, UnreadableExpression, selectors_of, simple
from opswarden.tools.runbooks.words.cutting import fold, stem, terms_of
from opswarden.tools.runbooks.words.errors import ERRORS
from opswarden.tools.runbooks.words.languages import language_of, page_terms, wanted_by
from opswarden.tools.runbooks.words.spoken import SPOKEN
from opswarden.tools.runbooks.words.spoken_abroad import PORTUGUESE, SPANISH
from opswarden.tools.runbooks.words.turns import turns_in


def test_identifiers_are_their_words_and_their_pairs() -> None:
    for text in ("VirtHandler", "virt-handler", "virt_handler", "virt handler", "virt.handler"):
        assert set(terms_of(text)) >= {"virt", "handl", "=virthandl"}
    assert {"http", "request", "total", "=httprequest"} <= set(terms_of("http_requests_total"))


def test_the_plural_of_an_abbreviation_is_one_word() -> None:
    assert terms_of("VMs") == terms_of("VM") == terms_of("vm") == ["vm"]
    assert {"vm", "http", "serv"} <= set(terms_of("VMs behind an HTTPServer"))


@pytest.mark.parametrize(
    "family",
    [
        ("fail", "fails", "failed", "failing"),
        ("replicate", "replication", "replicated"),
        ("expires", "expired", "expire"),
        ("run", "runs", "running"),
        ("pod", "pods"),
    ],
)
def test_a_family_of_words_is_one(family: tuple[str, ...]) -> None:
    assert len({stem(word) for word in family}) == 1


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The pod is not ready", "en"),
        ("disk full", "en"),
        ("", "en"),
        ("El servidor no responde", "es"),
        ("La base de datos está caída", "es"),
        ("O servidor não responde", "pt"),
        ("O banco de dados está fora do ar", "pt"),
        ("Alta taxa de erros ao consultar o serviço", "pt"),
    ],
)
def test_the_language_of_a_text(text: str, language: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("La base de datos está caída", {"databas", "down"}),
        ("O banco de dados está fora do ar", {"databas", "down"}),
        ("la replicación está atrasada", {"replicat", "lag"}),
        ("a replicação está atrasada", {"replicat", "lag"}),
        ("el certificado va a caducar", {"certificat", "expir"}),
        ("un cliente RBD está en la lista de bloqueo", {"client", "blocklist"}),
        ("agota los descriptores de archivo", {"descriptor", "file"}),
        ("el servidor se cierra y no arranca", {"clos", "start"}),
        ("os mapas não cabem em cache nenhum; as conexões caem", {"connect", "cach"}),
        ("no está ingiriendo muestras", {"ingest", "sampl"}),
    ],
)
def test_other_languages_become_english_terms(text: str, terms: set[str]) -> None:
    meant = {each.terms[0][0] for each in wanted_by(text, 1.0)}
    assert terms <= meant | {term for each in wanted_by(text, 1.0) for term, _ in each.terms}
    assert terms <= set(page_terms(text, language_of(text)))


def test_a_number_and_its_unit_are_two_words() -> None:
    assert terms_of("100ms") == terms_of("100 ms")
    assert "p99" in terms_of("p99")


def test_names_stay_as_they_are_in_every_language() -> None:
    found = {term for each in wanted_by("el servicio till-server no responde", 1.0) for term, _ in each.terms}
    assert {"till", "=tillserv"} <= found


def test_synonyms_count_less_than_the_word_itself() -> None:
    (wanted,) = [each for each in wanted_by("unreachable", 1.0) if each.terms[0][0] == "unreachabl"]
    assert wanted.terms[0] == ("unreachabl", 1.0)
    assert dict(wanted.terms)["down"] < 1.0


@pytest.mark.parametrize(
    ("expression", "metrics"),
    [
        ('heat{oven="a", shift=~"n.*"}', ["heat"]),
        ("sum by (oven) (rate(loaves_total[5m])) / on(oven) group_left heat > 0.5", ["loaves_total", "heat"]),
        ('{__name__="heat"}', ["heat"]),
        ("histogram_quantile(0.95, sum(rate(wait_bucket[5m])) by (le))", ["wait_bucket"]),
        ("heat offset 5m and up == 1", ["heat", "up"]),
        ("1 + 1", []),
    ],
)
def test_which_metrics_an_expression_reads(expression: str, metrics: list[str]) -> None:
    assert [each.metric for each in selectors_of(expression)] == metrics


@pytest.mark.parametrize(
    "expression",
    ["", "sum(heat", "heat)", 'heat{oven="a"', "heat{oven}", 'heat{oven="a', "heat $ 3", "x" * 9 + "{" * 9],
)
def test_what_no_system_would_read(expression: str) -> None:
    with pytest.raises(UnreadableExpression):
        selectors_of(expression)


def test_a_simple_selector() -> None:
    assert simple('heat{oven="a"}') == Selector("heat", (Condition("oven", "=", "a"),))
    assert simple("heat") == Selector("heat")
    for more in ('heat{oven=~"a"}', "rate(heat[5m])", "heat > 3", "{", "3"):
        assert simple(more) is None


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("The spend went through the roof", {"high"}),
        ("the consumer can't keep up", {"lag"}),
        ("it doesn’t answer", {"down"}),
        ("its replies are way too much for us", {"high"}),
        ("la latencia está por las nubes", {"high"}),
        ("a latência está nas nuvens", {"high"}),
        ("el pod está en CrashLoopBackOff", {"crash"}),
        ("write failed: No space left on device (ENOSPC)", {"disk", "full"}),
        ("o job falha com x509: certificate has expired", {"certificat"}),
    ],
)
def test_a_turn_of_speech_or_a_message_stands_for_what_is_meant(text: str, meant: set[str]) -> None:
    assert meant <= {each.terms[0][0] for each in wanted_by(text, 1.0)}


def test_what_is_spoken_is_not_looked_for_word_by_word_and_what_a_program_said_is() -> None:
    spoken = {each.terms[0][0] for each in wanted_by("costs went through the roof", 1.0)}
    assert "cost" in spoken
    assert not spoken & {"roof", "went", "=costroof"}
    said = {each.terms[0][0] for each in wanted_by("no space left on device", 1.0)}
    assert {"spac", "devic"} <= said


def test_a_turn_holds_in_one_direction_and_in_its_own_language() -> None:
    assert "roof" not in {term for each in wanted_by("high", 1.0) for term, _ in each.terms}
    assert turns_in("se cayó through the roof", "es").spoken == ("down",)
    assert turns_in("se cayó through the roof", "en").spoken == ("high", "spike")


def test_the_longest_turn_counts_and_none_overlap() -> None:
    assert turns_in("it keeps crashing", "en").spoken == ("crash", "restart")
    found = turns_in("x509: certificate has expired, tls handshake", "en")
    assert found.said == ("certificate", "tls", "expired")
    assert found.rest == "x509: certificate has expired, tls handshake"


@pytest.mark.parametrize("table", [SPOKEN, SPANISH, PORTUGUESE, ERRORS], ids=["en", "es", "pt", "said"])
def test_a_turn_stands_in_a_table_once_and_means_something(table: str) -> None:
    lines = [line.split("|") for line in table.replace("\n  ", " ").splitlines()]
    turns = [turn for left, _ in lines for turn in left.split()]
    assert len(turns) == len(set(turns)) > 200
    assert all(left.split() and right.split() for left, right in lines)
    assert all(turn == fold(turn) and turn.isascii() for turn in turns)
