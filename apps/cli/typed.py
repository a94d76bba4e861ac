"""What people type comes out clean where it is shown again: CI and terminals keep what commands print."""

from __future__ import annotations

from collections.abc import Sequence


def typed(text: object) -> str:
    """A name or a path that somebody typed, as it may be printed."""
    return scrubbed(str(text), withheld="[withheld: it could not be cleaned]")


def scrubbed(text: str, *, withheld: str, words: Sequence[str] = ()) -> str:
    """A text without what redaction takes out, whatever state the settings are in.

    Args:
        text: of an error, or what somebody typed.
        withheld: what is said in its place where it cannot be cleaned.
        words: what was typed, each judged by itself too: a message puts a word under a key that may excuse it
            (`'--witness-key': File '4111111111111111'`).
    """
    from ...core.errors import RedactionError  # noqa: PLC0415 - keeps `--help` light
    from ...redaction.engine import Redaction  # noqa: PLC0415 - the same
    from ...redaction.settings import redaction_of  # noqa: PLC0415 - the same
    from ..packages import load_packages  # noqa: PLC0415 - the same
    from ..settings import load_settings  # noqa: PLC0415 - the same

    try:
        settings = load_settings()
        redaction = redaction_of(settings.redaction, load_packages(settings.packages).recognizers)
    except Exception:  # noqa: BLE001 - the error may be about the settings or a package; its text is scrubbed all the same
        redaction = Redaction()
    try:
        for word in sorted({part for each in words for part in (each, each.partition("=")[2])}, key=len, reverse=True):
            if word and word in text:
                text = text.replace(word, redaction.scrub(word))
        return redaction.scrub(text)
    except RedactionError:
        return withheld
