"""Chilean identity and tax numbers (RUN, RUT): seven or eight digits and a check digit, which may be a K."""

from __future__ import annotations

from stdnum.cl import rut

from ...definition import WORD_START, Anchored, Hit, Keyed
from ...evidence.identifiers import compact, identifier
from .also_alone import also_alone, with_rules
from .american_keys import CHECKED_DOCUMENT_KEYS, TAX_KEYS

_KEYS = (
    "rut run rut_cliente rut_titular rut_empresa nro_rut num_rut numero_rut rut_number rut_numero rut_dv nro_run "
    "num_run numero_run run_cliente rol_unico_tributario rol_unico_nacional"
)
_WITH_HYPHEN = r"[0-9]{1,2}\.?[0-9]{3}\.?[0-9]{3}-[0-9Kk](?![0-9A-Za-z])"
_WITH_K = r"[0-9]{1,2}\.?[0-9]{3}\.?[0-9]{3}-?[Kk](?![0-9A-Za-z])"


def _k(text: str, start: int, end: int) -> Hit | None:
    """`12.345.670-K`, known by its letter; nothing else ends so."""
    if start and text[start - 1] in "-._/":
        return None
    return (start, end, 0.9) if rut.is_valid(compact(text[start:end])) else None


def _valid_if(text: str, start: int, end: int) -> Hit | None:
    return (start, end, 0.95) if rut.is_valid(compact(text[start:end])) else None


def _issued(number: str) -> bool:
    """Persons are below thirty million, companies from fifty on (Servicio de Impuestos Internos)."""
    return not 30_000_000 <= int(number[:-1]) < 50_000_000 and bool(rut.is_valid(number))


def _with_k(number: str) -> bool:
    return number.endswith("K") and _issued(number)


# `run` by itself is a run of a job: it counts as a key alone, and only over the written form; in capitals it is the
# number, when the check fits.
_SPOKEN = r"RUN(?: (?i:is|es|no|nro|n°|de))?[ .:#=\"']{1,3}(?P<value>[0-9]{7,8}[0-9Kk])(?![0-9A-Za-z.,\-])"
_WORDS = " ".join(key for key in _KEYS.split() if key != "run")

CL_RUT = with_rules(
    also_alone(
        also_alone(
            identifier(
                "CL_RUT",
                country="CL",
                keys=_WORDS,
                shared_keys=f"{CHECKED_DOCUMENT_KEYS} {TAX_KEYS}",
                bare=("0{8,9}", "0{7,8}-0"),
                length=(8, 9),
                written=(r"0{1,2}\.0{3}\.0{3}-0",),
                valid=rut.is_valid,
            ),
            "0{8,9}",
            "0{7,8}-0",
            valid=_issued,
            one_in=12,
        ),
        "0{7,8}A",
        valid=_with_k,
        one_in=49,  # one of 286; alone it may be a size in thousands
    ),
    Anchored(("run",), after=WORD_START + _SPOKEN, check=_valid_if),
    Keyed(frozenset(_WORDS.split()), bare=_WITH_K, score=0.9),
    Keyed(frozenset(f"{CHECKED_DOCUMENT_KEYS} {TAX_KEYS}".split()), bare=_WITH_K, check=_valid_if),
    Keyed(frozenset({"run"}), bare=_WITH_HYPHEN, check=_valid_if),
    Anchored(
        ("-k",),
        after=r"-[Kk](?![0-9A-Za-z])",
        before=r"[0-9]{3}\.?[0-9]{3}\.?[0-9]{1,2}(?![0-9A-Za-z])",
        reach=12,
        check=_k,
    ),
)
