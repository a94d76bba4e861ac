"""Amounts in the smallest unit of a currency, as people write them."""

from __future__ import annotations

# ISO 4217: currencies whose smallest unit is not a hundredth.
_DIGITS = {
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
}
_USUAL_DIGITS = 2


def minor_digits(currency: str) -> int:
    """Decimal places of an amount in this currency, as ISO 4217 says."""
    return _DIGITS.get(currency.upper(), _USUAL_DIGITS)


def amount(minor: float, currency: str) -> str:
    """`12,345.60 BRL`; without decimals from a thousand on, where they say nothing."""
    digits = minor_digits(currency)
    value = minor / 10**digits
    return f"{value:,.0f} {currency}" if abs(value) >= 1_000 else f"{value:,.{digits}f} {currency}"
