"""Profiles say what goes, narrowings take more out for some eyes, and nothing lets a secret pass."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from opswarden.core.errors import ConfigError
from opswarden.redaction.engine import Redaction
from opswarden.redaction.memory_vault import MemoryVault
from opswarden.redaction.profile import EU, PAYMENTS, PROFILES, STRICT, Narrowing
from opswarden.redaction.run import RunRedactor
from opswarden.redaction.settings import RedactionSettings, redaction_of

PLACE = "lat=-23.5505 lon=-46.6333"
LENIENT = replace(PAYMENTS, passes=PAYMENTS.passes | {"COORDINATES"})
PUBLIC = Narrowing(masks=frozenset({"COORDINATES"}), numbered=False)


@pytest.fixture(scope="module")
def narrowed() -> Redaction:
    return Redaction(profile=LENIENT, narrowings={"audience:public": PUBLIC})


def _run(redaction: Redaction) -> RunRedactor:
    return redaction.for_run("run_1", vault=MemoryVault(b"fixed for the tests, 32 bytes ok"))


def test_what_a_profile_lets_pass_stays(redaction: Redaction) -> None:
    assert "-23.5505" not in redaction.scrub(PLACE)
    assert Redaction(profile=LENIENT).scrub(PLACE) == PLACE


@pytest.mark.parametrize("entity_type", ["SECRET", "CREDIT_CARD", "CARD_TRACK", "CARD_SECURITY_CODE"])
def test_some_things_never_pass(entity_type: str) -> None:
    with pytest.raises(ConfigError, match="may never pass"):
        Redaction(profile=replace(PAYMENTS, passes=frozenset({entity_type})))


def test_a_misspelled_entity_type_is_refused() -> None:
    with pytest.raises(ConfigError, match="EMAIL_ADRESS") as refused:
        Redaction(narrowings={"audience:public": Narrowing(frozenset({"EMAIL_ADRESS"}))})
    assert "EMAIL_ADDRESS" in refused.value.remedy


def test_a_misspelled_type_to_be_masked_is_refused() -> None:
    with pytest.raises(ConfigError, match="URLL"):
        redaction_of(RedactionSettings(mask=frozenset({"URLL"})))


@pytest.mark.parametrize(("country", "remedy"), [("UK", "GB"), ("XX", "identifiers.md")])
def test_a_country_without_identifiers_is_refused(country: str, remedy: str) -> None:
    with pytest.raises(ConfigError, match=f"country '{country}'") as refused:
        Redaction(profile=replace(PAYMENTS, countries=frozenset({"BR", country})))
    assert remedy in refused.value.remedy


def test_only_the_identifiers_of_some_countries() -> None:
    text = "cpf 529.982.247-25 ssn 536-90-4399 card 4111111111111111"
    assert Redaction(profile=replace(PAYMENTS, countries=frozenset({"US"}))).scrub(text) == (
        "cpf 529.982.247-25 ssn <US_SSN> card <CREDIT_CARD>"
    )


def test_weak_evidence_counts_where_the_profile_says_so() -> None:
    text = "saw 52998224725 again"
    assert Redaction(profile=replace(PAYMENTS, least_score=0.5)).scrub(text) == text
    assert Redaction(profile=replace(PAYMENTS, least_score=0.4)).scrub(text) == "saw <BR_CPF> again"


def test_weak_checks_count_under_any_key_where_the_profile_says_so() -> None:
    text = "xq7=1234563218 order_id=1234563218 took 1234563218 ms"
    assert Redaction().scrub(text) == text
    strict = Redaction(profile=replace(PAYMENTS, believes_weak_checks=True))
    assert re.sub("<[A-Z_]+>", "<ID>", strict.scrub(text)) == "xq7=<ID> order_id=1234563218 took 1234563218 ms"


def test_a_check_that_refuses_little_is_no_check_digit() -> None:
    """Nearly every nine digits may be a number of social security in the United States."""
    strict = Redaction(profile=replace(PAYMENTS, believes_weak_checks=True, countries=frozenset({"US"})))
    text = "xq7=565447401 rows_processed=874388606527"
    assert strict.scrub(text) == text
    assert strict.scrub("ssn 565447401") == "ssn <US_SSN>"


def test_the_profiles_grow_stricter() -> None:
    assert set(PROFILES) == {"payments", "eu", "strict"}
    assert STRICT.passes < EU.passes < PAYMENTS.passes
    assert STRICT.least_score < PAYMENTS.least_score


class TestSomeEyes:
    def test_a_narrowing_takes_more_out(self, narrowed: Redaction) -> None:
        run = _run(narrowed)
        assert run.text(PLACE) == PLACE
        assert "-23.5505" not in run.under("audience:public").text(PLACE)

    def test_without_numbers_nobody_is_told_apart(self, narrowed: Redaction) -> None:
        run = _run(narrowed)
        cleaned = run.text("from ana@example.com to bo@example.com")
        assert "<EMAIL_ADDRESS_1·" in cleaned
        public = run.under("audience:public")
        assert public.clean_ours(cleaned).text == "from <EMAIL_ADDRESS> to <EMAIL_ADDRESS>"
        assert public.clean_ours("and cy@example.com").text == "and <EMAIL_ADDRESS>"
        assert public.clean_ours(public.clean_ours(cleaned).text).text == "from <EMAIL_ADDRESS> to <EMAIL_ADDRESS>"

    def test_other_eyes_are_not_narrowed(self, narrowed: Redaction) -> None:
        run = _run(narrowed)
        assert run.under("audience:model", "team:risk") is run

    def test_narrowings_add_up(self) -> None:
        redaction = Redaction(
            profile=replace(PAYMENTS, passes=PAYMENTS.passes | {"COORDINATES", "MAC_ADDRESS"}),
            narrowings={
                "team:risk": Narrowing(frozenset({"COORDINATES"})),
                "audience:public": Narrowing(frozenset({"MAC_ADDRESS"})),
            },
        )
        text = f"{PLACE} mac=00:1b:44:11:3a:b7"
        risk = _run(redaction).under("team:risk")
        assert "00:1b:44" in risk.text(text)
        both = risk.under("audience:public").text(text)
        assert "00:1b:44" not in both
        assert "-23.5505" not in both

    def test_names_learned_later_pass_for_all_eyes(self, narrowed: Redaction) -> None:
        run = _run(narrowed)
        run.learn_names(["Blue Heron"])
        assert run.under("audience:public").text("name=Blue Heron") == "name=Blue Heron"

    def test_what_is_restored_does_not_depend_on_the_eyes(self, narrowed: Redaction) -> None:
        run = _run(narrowed)
        mark = run.text("ana@example.com")
        assert run.under("audience:public").restore(mark, frozenset({"EMAIL_ADDRESS"})) == "ana@example.com"
