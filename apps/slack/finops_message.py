"""The weekly digest of the cost agent as a message, with owners mentioned whom the settings know."""

from __future__ import annotations

from collections.abc import Mapping

from ..finops.digest import DigestLine, WeeklyDigest
from .phrases import in_language
from .texts import Block, Line, Message, Words, header, message, paragraph
from .words import Language, say


def digest_message(digest: WeeklyDigest, people: Mapping[str, str], language: Language = "en") -> Message:
    """The message.

    Args:
        digest: of the week.
        people: what an owner is called, in small letters without `@`: Slack's id of the person. Nobody else is
            mentioned, however an owner is spelled.
        language: of the channel.
    """
    title, total = in_language(digest.title, language), in_language(digest.total, language)
    blocks: list[Block] = [header(title)]
    summary: list[Line] = [[Words(total, "bold")]]
    summary += [[Words(in_language(text, language))] for text in (digest.split, digest.since, digest.realised) if text]
    blocks.append(paragraph(summary))
    for name, lines in (("digest_new", digest.new), ("digest_top", digest.top), ("digest_harm", digest.harm)):
        if lines:
            blocks.append(paragraph([[Words(say(language, name), "bold")]]))
            blocks += [_item(line, people, language) for line in lines]
    tail: list[Line] = []
    if digest.rest:
        rest = in_language(digest.rest, language)
        tail.append([Words(f"{rest}: "), Words("opswarden finops recommendations list", "code")])
    withheld = (in_language(text, language) for text in digest.withheld)
    tail += [[Words(say(language, "digest_withheld", why=text))] for text in withheld]
    if digest.unowned:
        tail.append([Words(say(language, "digest_unowned", count=digest.unowned))])
    if digest.gaps:
        tail.append([Words(say(language, "digest_gaps", count=digest.gaps))])
    if tail:
        blocks.append(paragraph(tail))
    return message(f"{title}: {total}", blocks)


def slack_ids(people: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """What people are called, in small letters without `@`, to their ids in Slack.

    Args:
        people: name to what other systems call them; an id of Slack among it.
    """
    found: dict[str, str] = {}
    for person, known_as in people.items():
        mine = next((each for each in known_as if _is_id(each)), None)
        if mine is not None:
            found |= {_plain(each): mine for each in (person, *known_as)}
    return found


def _item(line: DigestLine, people: Mapping[str, str], language: Language) -> Block:
    """One line; the mention is an element of its own, made of an id that the settings hold."""
    words: Line = [
        Words(f"{in_language(line.saves, language)} ", "bold"),
        Words(f"{line.subject}: {in_language(line.what, language)}; {say(language, 'team')} {line.team} "),
        Words(line.id, "code"),
        Words(f" {in_language(line.note, language)}" if line.note else ""),
    ]
    block = paragraph([words])
    elements = block["elements"][0]["elements"]
    mine = people.get(_plain(line.owner)) if line.owner else None
    if mine is not None:
        elements += [{"type": "text", "text": " "}, {"type": "user", "user_id": mine}]
    elif line.owner:
        elements += paragraph([[Words(f" {line.owner}")]])["elements"][0]["elements"]
    return block


def _plain(owner: str) -> str:
    return owner.strip().lstrip("@").casefold()


def _is_id(text: str) -> bool:
    return text[:1] in ("U", "W") and len(text) >= 3 and text.isalnum() and text.upper() == text
