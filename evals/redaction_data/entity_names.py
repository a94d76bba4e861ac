"""Which entity types mean the same: labels of data sets, Presidio's names and ours."""

from __future__ import annotations

_SAME: tuple[frozenset[str], ...] = tuple(
    frozenset(names.split())
    for names in (
        "URL DOMAIN_NAME DOMAIN",
        "EMAIL_ADDRESS EMAIL",
        "PHONE_NUMBER PHONE",
        "IP_ADDRESS IP",
        "IBAN_CODE IBAN",
        "CREDIT_CARD CREDIT_CARD_NUMBER",
        "PERSON NAME PER FIRST_NAME LAST_NAME",
        "STREET_ADDRESS ADDRESS POSTAL_ADDRESS LOCATION",
        "GPE LOCATION CITY COUNTRY LOC",
        "ZIP_CODE POSTAL_CODE POSTCODE LOCATION",
        "ORGANIZATION ORG COMPANY",
        "NRP NORP NATIONALITY",
        "DATE_TIME DATE DATE_OF_BIRTH",
        "TITLE PREFIX",
        "US_SSN SSN",
        "US_DRIVER_LICENSE DRIVER_LICENSE",
        "SECRET PASSWORD API_KEY TOKEN",
    )
)


def synonyms(entity_type: str) -> frozenset[str]:
    """Every name under which this entity may be found, its own among them."""
    return frozenset({entity_type}).union(*(names for names in _SAME if entity_type in names))
