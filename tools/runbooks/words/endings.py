"""Spanish and Portuguese words without their endings, and the English words that many of them come from.

The steps are those of the Snowball stemmers of both languages (snowballstem.org), in one pass for the two: a word loses
its number, then one ending of a noun or a verb, and what spelling and stress change in a root (`busque`, `cierra`) is
put back. A noun of an action and its verb are one (`replicación`, `replicar`).
"""

from __future__ import annotations

import re
from functools import lru_cache

_PLURALS = (("oes", "ao"), ("aes", "ao"), ("ais", "al"), ("eis", "el"), ("ois", "ol"), ("ns", "m"), ("ces", "c"))
_ENDINGS = tuple(
    sorted(
        "amientos amiento amentos amento imientos imiento imentos imento aciones acion acao ucion ucao idores idor "
        "adores adoras adora ador iciones icion icao itions ables able avel ibles ible ivel amente mente "
        "arse erse irse arlo arla ando iendo yendo endo indo aron ieron aram eram iram aban avam aba ava "
        "arian erian irian ariam eriam iriam aria eria iria aran eran iran arao erao irao ara era ira "
        "asen iesen assem essem issem iese asse esse isse aremos eremos iremos aramos "
        "ados adas idos idas ado ada ido ida amos emos imos ian iam ar er ir as es os an en am em ou eu iu io "
        "a e o s".split(),
        key=len,
        reverse=True,
    )
)
_SHORT, _LONG = 3, 4
"""Letters of a root that an ending of up to two letters leaves, and a longer one; fewer are no word any more."""
_STRESSED = re.compile(r"(?<=[^aeiouq])ie(?=[^aeiou])|(?<=[^aeiouqg])ue(?=[^aeiou])")
_SPELLED = (("qu", "c"), ("gu", "g"), ("z", "c"), ("y", "i"))
_COGNATES = (
    ("izaciones", "ization"),
    ("izacion", "ization"),
    ("izacao", "ization"),
    ("izado", "ize"),
    ("izar", "ize"),
    ("aciones", "ation"),
    ("acion", "ation"),
    ("acoes", "ation"),
    ("acao", "ation"),
    ("ciones", "tion"),
    ("cion", "tion"),
    ("siones", "sion"),
    ("sion", "sion"),
    ("coes", "tion"),
    ("cao", "tion"),
    ("soes", "sion"),
    ("sao", "sion"),
    ("amente", "ly"),
    ("mente", "ly"),
    ("idades", "ity"),
    ("idade", "ity"),
    ("idad", "ity"),
    ("encias", "ence"),
    ("encia", "ence"),
    ("ancias", "ance"),
    ("ancia", "ance"),
    ("adores", "ator"),
    ("ador", "ator"),
    ("ivos", "ive"),
    ("ivas", "ive"),
    ("ivo", "ive"),
    ("iva", "ive"),
    ("icos", "ic"),
    ("icas", "ic"),
    ("ico", "ic"),
    ("ica", "ic"),
    ("orios", "ory"),
    ("orio", "ory"),
    ("oria", "ory"),
    ("arios", "ary"),
    ("ario", "ary"),
    ("aria", "ary"),
    ("ismos", "ism"),
    ("ismo", "ism"),
    ("ables", "able"),
    ("aveis", "able"),
    ("avel", "able"),
    ("ibles", "ible"),
    ("iveis", "ible"),
    ("ivel", "ible"),
    ("osos", "ous"),
    ("oso", "ous"),
    ("osa", "ous"),
    ("ados", "ate"),
    ("adas", "ate"),
    ("ado", "ate"),
    ("ada", "ate"),
    ("ando", "ate"),
    ("ar", "ate"),
    ("ados", ""),
    ("ado", ""),
    ("ada", ""),
    ("idos", ""),
    ("ido", ""),
    ("ida", ""),
    ("ar", ""),
    ("ir", ""),
    ("er", ""),
    ("ando", ""),
    ("endo", ""),
    ("ia", "y"),
    ("os", ""),
    ("as", ""),
    ("es", ""),
    ("o", ""),
    ("a", ""),
    ("e", ""),
)
_SPELLINGS = (("f", "ph"), ("t", "th"), ("c", "ch"), ("i", "y"), ("c", "k"), ("cu", "qu"), ("r", "rr"), ("s", "ss"))


@lru_cache(maxsize=20_000)
def root(word: str) -> str:
    """A folded Spanish or Portuguese word without number, gender and the commonest endings of nouns and verbs."""
    for plural, single in _PLURALS:
        if word.endswith(plural) and len(word) - len(plural) >= _SHORT:
            word = word[: -len(plural)] + single
            break
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= (_SHORT if len(ending) < 3 else _LONG):
            word = word[: -len(ending)]
            break
    for spelled, sounded in _SPELLED:
        if word.endswith(spelled) and len(word) > _SHORT:
            word = word[: -len(spelled)] + sounded
            break
    return _STRESSED.sub(lambda found: "e" if found[0] == "ie" else "o", word)


@lru_cache(maxsize=20_000)
def cousins(word: str) -> tuple[str, ...]:
    """English words that a folded word could come from, the likeliest first."""
    whole = word[1:] if re.match("es[cpt]", word) else word
    found = [
        stemmed + instead
        for base in dict.fromkeys((word, whole))
        for ending, instead in _COGNATES
        if base.endswith(ending) and len(stemmed := base[: -len(ending)]) >= _SHORT
    ]
    return tuple(dict.fromkeys(found))
