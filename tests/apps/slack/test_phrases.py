"""What was computed in English is said in the language of the channel; what others wrote is left alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opswarden.apps.finops.digest import DigestLine, WeeklyDigest
from opswarden.apps.reports.outline import COMPUTED_AUTHOR, Outline, outline
from opswarden.apps.service.handover import HandedIncident, Handover, WaitingQuestion
from opswarden.apps.slack.briefing_phrases import BRIEFINGS
from opswarden.apps.slack.computed_phrases import COMPUTED
from opswarden.apps.slack.digest_phrases import DIGESTS
from opswarden.apps.slack.finops_message import digest_message
from opswarden.apps.slack.handover_message import handover_message
from opswarden.apps.slack.phrases import in_language, is_known
from opswarden.apps.slack.question_phrases import QUESTIONS
from opswarden.apps.slack.words import LANGUAGES, Language, number
from opswarden.evals.worlds.spec import FAULT_NAMES, FaultName, WorldSpec
from opswarden.evals.worlds.world import write_case
from opswarden.policies import approval_view
from opswarden.tests.apps.conftest import sampled

from .house import ANN, CHANNEL, House, house, shown

RULES = Path(__file__).parents[3] / "policies" / "rules"
ENGLISH = re.compile(
    r"\b(?:the|of|and|with|was|were|is|are|this|that|went|from|before|after|window|between|nobody|needs?|rank"
    r"|calls|lines|said|seen|what|who|new|their|its|lost|left|fires?|nothing|since|open)\b"
)
"""Words of English that are none of Spanish or Portuguese and that our own sentences are full of."""


def test_every_phrase_has_the_same_slots_in_every_language() -> None:
    phrases = (*COMPUTED, *BRIEFINGS, *QUESTIONS, *DIGESTS)
    assert len({said[0] for said in phrases}) == len(phrases)
    for said in phrases:
        assert len(said) == len(LANGUAGES)
        assert len({tuple(sorted(re.findall(r"\{(\w+)\}", text))) for text in said}) == 1, said


@pytest.mark.parametrize(
    ("english", "spanish", "portuguese"),
    [
        (
            "The data points to vault-db (pool_usage) after the change chg-1.",
            "Los datos apuntan a vault-db (pool_usage) tras el cambio chg-1.",
            "Os dados apontam para vault-db (pool_usage) após a mudança chg-1.",
        ),
        (
            "vault-db: config chg-1: 12 minutes before the onset; its service is among the first suspects",
            "vault-db: config chg-1: 12 minutos antes del inicio; su servicio está entre los primeros sospechosos",
            "vault-db: config chg-1: 12 minutos antes do início; o seu serviço está entre os primeiros suspeitos",
        ),
        (
            "approvals at country=IN fell from 82.1% to 60.0%, 512 payments lost, mostly blocked R1, as seen by api",
            "las aprobaciones en country=IN bajaron de 82.1% a 60.0%, 512 pagos perdidos, sobre todo blocked R1, "
            "según lo ve api",
            "as aprovações em country=IN caíram de 82.1% para 60.0%, 512 pagamentos perdidos, sobretudo blocked R1, "
            "como visto por api",
        ),
        (
            "about 5,434 payments lost, worth 286,963 BRL and 352,681,837 IDR; all payments: approval 82 % → 77 %",
            "unos 5\u202f434 pagos perdidos, por 286\u202f963 BRL y 352\u202f681\u202f837 IDR; "
            "todos los pagos: aprobación 82 % → 77 %",
            "cerca de 5\u202f434 pagamentos perdidos, no valor de 286\u202f963 BRL e 352\u202f681\u202f837 IDR; "
            "todos os pagamentos: aprovação 82 % → 77 %",
        ),
        (
            "new error log pattern, 0 lines a minute before, 3 in the window: call to the bank failed; the end of it",
            "patrón de registro error nuevo, antes 0 líneas por minuto, 3 en la ventana: call to the bank failed; "
            "the end of it",
            "padrão de registro error novo, antes 0 linhas por minuto, 3 na janela: call to the bank failed; "
            "the end of it",
        ),
        (
            "logs.patterns: no data: no line lies in the window or its baseline",
            "logs.patterns: sin datos: no hay líneas en la ventana ni en su base",
            "logs.patterns: sem dados: não há linhas na janela nem na sua base",
        ),
        (
            "no system is configured that holds changes",
            "no hay ningún sistema configurado que tenga cambios",
            "não há nenhum sistema configurado que tenha mudanças",
        ),
        (
            "logs.patterns: error: no time was left to ask the snapshot",
            "logs.patterns: falló: no quedó tiempo para preguntar a the snapshot",
            "logs.patterns: falhou: não restou tempo para perguntar a the snapshot",
        ),
    ],
)
def test_computed_lines_are_said_in_the_language(english: str, spanish: str, portuguese: str) -> None:
    assert in_language(english, "es") == spanish
    assert in_language(english, "pt") == portuguese
    assert in_language(english, "en") == english


@settings(max_examples=50)
@given(
    words=st.lists(
        st.sampled_from(("checkout", "fails", "<!here>", "{0}", "{w1}", "%s", "; ", ": ", "12")), max_size=12
    )
)
def test_what_others_wrote_is_left_as_it_is(words: list[str]) -> None:
    text = " ".join(words)
    assert in_language(text, "es") == text
    kept = in_language(f"new error log pattern, 1 lines a minute before, 2 in the window: x{text}", "pt")
    assert kept.endswith(f": x{text}") or not text.strip()


def test_what_each_page_is_for_is_said_in_the_language_and_what_it_says_is_kept() -> None:
    first = "for the suspected cause: Which one? — Gas › Check (shares words only)"
    assert in_language(f"{first}; for the alert: Cold; step 2 not held", "es") == (
        "para la causa sospechada: Which one? — Gas › Check (solo comparte palabras); para la alerta: Cold; "
        "paso 2 no se cumplió"
    )
    said = in_language("for the alert: read Cold; for the suspected cause: Gas", "pt")
    assert said == "para o alerta: read Cold; para a causa suspeita: Gas"


def test_a_number_is_never_read_a_thousand_times_too_small() -> None:
    assert number("1,234,567 BRL", "pt") == "1\u202f234\u202f567 BRL"
    assert number("1,234", "en") == "1,234"
    assert [number(text, "es") for text in ("1,23", "a,b", "82.3%", "12")] == ["1,23", "a,b", "82.3%", "12"]


def _computed(page: Outline) -> Iterator[str]:
    """Every line of a report that is ours; not what runbooks and changes say, and no names."""
    yield from (page.summary, page.model, page.synthetic)
    for row in page.first_minute:
        yield row.label
        if row.label != "Do first":
            yield row.text
    for suspect in page.suspects:
        yield from suspect.reasons
    yield from (one.text for one in page.statements if one.author == COMPUTED_AUTHOR)
    yield from page.gaps
    for fact in page.costs:
        yield from (fact.label, fact.text)
    yield from (one.outcome for one in page.proposals)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    more = {"per_person": 1_000, "per_channel": 9_999, "channel": {"language": "es"}}
    with house(tmp_path_factory.mktemp("slack"), **more) as opened:
        yield opened


@pytest.mark.parametrize("fault", sampled(FAULT_NAMES, ("bad_canary", "issuer_decline_wave", "healthy_peak")))
def test_no_computed_sentence_of_a_report_is_left_in_english(home: House, fault: FaultName, tmp_path: Path) -> None:
    seed = FAULT_NAMES.index(fault) + 3
    spec = WorldSpec(seed=seed, fault=fault, duration_s=5_400, log_lines=1_500, spans=400, series=100)
    case = write_case(spec, tmp_path / "case")
    home.clock.advance(120)
    home.mention("triage checkout")
    home.work()
    incident = home.incidents.listed()[0]
    report = home.triage(incident, case.snapshot)
    assert [line for line in _computed(outline(report)) if line and not is_known(line)] == []
    told = next(
        each
        for each in home.ours()
        if each.get("metadata", {}).get("event_payload", {}).get("slot") == f"{incident.id}/report"
    )
    own = shown(told)
    assert "Sospechosos" in own
    assert "Evidencia: " in own
    home.incidents.cancel(incident.id, f"person:{ANN}", "")


def test_every_reason_for_asking_a_person_is_known() -> None:
    asking = re.compile(r'@approval\("[^"]*"\)\s*@reason\("([^"]*)"\)')
    reasons = [reason for file in sorted(RULES.glob("*.cedar")) for reason in asking.findall(file.read_text())]
    assert len(reasons) >= 4
    assert [reason for reason in reasons if not is_known(reason)] == []
    warnings = (
        approval_view.NOT_SHOWN.format(why="no answer"),
        approval_view.NO_PREVIEW,
        approval_view.TAINTED,
        approval_view.UNTRUSTED.format(names="model"),
        *(approval_view.STALE.format(id="apr_1", what=what) for what in approval_view._CHANGED.values()),
    )
    assert [warning for warning in warnings if not is_known(warning)] == []


DIGEST = WeeklyDigest(
    title="What to save in production: Ledger",
    total="12 changes save 1,200 EUR a month (90 %: 900 to 1,500).",
    split="800 EUR a month on invoices, 400 EUR a month of freed capacity.",
    since="Since 2031-05-01: then 9 worth 700 EUR a month; 3 new, 1 raised again, 2 withdrawn, 1 applied, 0 dismissed.",
    new=(
        DigestLine(
            id="rec_1", what="Another size: CPU 4 cores → 2.5 cores; memory 8 GiB → 4 GiB", subject="ledger-api",
            saves="120 EUR a month", team="ledger", owner="",
        ),
    ),
    top=(),
    harm=(),
    realised="Applied changes save 90 EUR a month of 100 EUR a month projected.",
    rest="5 more",
    unowned=2,
    withheld=("Fewer replicas: 12.0% of 1,040 weeks went wrong, 5.0% allowed",),
    gaps=3,
)  # fmt: skip


@pytest.mark.parametrize("language", ["es", "pt"])
def test_the_digest_of_costs_is_in_the_language(language: Language) -> None:
    blocks = {"blocks": list(digest_message(DIGEST, {}, language).blocks)}
    assert ENGLISH.findall(shown(blocks).replace("opswarden finops recommendations list", "")) == []
    assert "1\u202f200 EUR" in shown(blocks)
    assert "12 changes save" in shown({"blocks": list(digest_message(DIGEST, {}).blocks)})


@pytest.mark.parametrize("language", ["es", "pt"])
def test_the_hand_over_is_in_the_language(language: Language) -> None:
    at = datetime(2031, 5, 6, 12, tzinfo=UTC)
    one = HandedIncident(
        id="inc_1", title="ErrorRateHigh", entity="checkout", severity="", environment="production", state="open",
        assignee="", began=at, firing=1, alerts=2, triage="reported", verdict="cause_found", suspect="vault-db",
        last="", how="",
    )  # fmt: skip
    ended = one.model_copy(
        update={"state": "resolved", "how": "resolved by person:ann: no alert of its entities fires"}
    )
    asked = WaitingQuestion(id="apr_1", what="models.rollback", environment="production", roles=("oncall",), expires=at)
    made = Handover(since=at, until=at, open=(one,), ended=(ended,), questions=(asked,), stops=(), schedules=())
    assert ENGLISH.findall(shown({"blocks": list(handover_message(made, language).blocks)})) == []


def test_a_question_to_people_is_in_the_language_of_the_channel(home: House) -> None:
    from .test_approvals import question

    approval = question(home)
    home.app.parts.show_approval(approval.id, CHANNEL, "", "es")
    post = home.app.parts.posts.find(f"approval/{approval.id}")
    assert post is not None
    asked = shown(next(each for each in home.ours() if each["ts"] == post.ts))
    assert "Por qué se pregunta" in asked
    assert "rollouts.pause checkout" in asked
