"""The markets of the platform: clocks, currencies and sizes are rough, amounts are made up."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Country:
    """A market. `requests_per_s` is its mean payment rate; `minor_per_usd` how many minor units a dollar is worth."""

    code: str
    utc_offset_h: float
    currency: str
    minor_per_usd: int
    requests_per_s: float
    approval: float
    phone_prefix: str
    issuer_words: tuple[str, str]


COUNTRIES: tuple[Country, ...] = (
    Country("BR", -3.0, "BRL", 540, 22.0, 0.86, "+551190000", ("aurora", "ipe")),
    Country("MX", -6.0, "MXN", 1_850, 14.0, 0.82, "+52550000", ("agave", "quetzal")),
    Country("NG", 1.0, "NGN", 155_000, 9.0, 0.78, "+234803000", ("harmattan", "baobab")),
    Country("ID", 7.0, "IDR", 1_600_000, 13.0, 0.84, "+628120000", ("garuda", "melati")),
    Country("IN", 5.5, "INR", 8_400, 25.0, 0.83, "+91980000", ("banyan", "neem")),
    Country("KE", 3.0, "KES", 12_900, 6.0, 0.81, "+25471200", ("acacia", "twiga")),
    Country("CO", -5.0, "COP", 410_000, 8.0, 0.83, "+57300000", ("ceiba", "condor")),
    Country("EG", 2.0, "EGP", 4_900, 7.0, 0.80, "+20100000", ("lotus", "papyrus")),
    Country("TR", 3.0, "TRY", 3_300, 11.0, 0.87, "+90532000", ("lale", "cinar")),
)
