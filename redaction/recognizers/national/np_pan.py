"""PAN, Nepal: nine digits without a published check digit (Inland Revenue Department); under its keys only."""

from __future__ import annotations

from ...definition import Definition, Digits, Keyed, alphanumeric
from ...evidence.identifiers import evidence_words

NP_PAN = Definition(
    "NP_PAN",
    (
        Keyed(
            frozenset(
                "pan pan_no pan_number pan_num pan_vat pan_vat_no np_pan nepal_pan vat_pan_no स्थायी_लेखा_नम्बर".split()
            ),
            bare=r"[0-9]{9}(?![0-9A-Za-z])",
            score=0.75,
        ),
        Digits(r"(?<![0-9])0{9}(?![0-9])", least=9, evidence=evidence_words("pan_nepal nepal_pan nepali_pan np_pan")),
    ),
    identity=alphanumeric,
    country="NP",
)
