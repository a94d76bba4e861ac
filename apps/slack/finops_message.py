"""The weekly digest of the cost agent as a message, with owners mentioned whom the settings know."""

from __future__ import annotations

from collections.abc import Mapping

from ..finops.digest import DigestLine, WeeklyDigest
from .texts import Block, Line, Message, Words, header, message, paragraph


def digest_message(digest: WeeklyDigest, people: Mapping[str, str]) -> Message:
    """The message.

    Args:
        digest: of the week.
        people: what an owner is called, in small letters without `@`: Slack's id of the person. Nobody else is
            mentioned, however an owner is spelled.
    """
    blocks: list[Block] = [header(digest.title)]
    summary: list[Line] = [[Words(digest.total, "bold")], [Words(digest.split)]]
    summary += [[Words(text)] for text in (digest.since, digest.realised) if text]
    blocks.append(paragraph(summary))
    for title, lines in (("New", digest.new), ("Largest", digest.top), ("Did harm: take it back?", digest.harm)):
        if lines:
            blocks.append(paragraph([[Words(title, "bold")]]))
            blocks += [_item(line, people) for line in lines]
    tail: list[Line] = []
    if digest.rest:
        tail.append([Words(f"{digest.rest}: "), Words("opswarden finops recommendations list", "code")])
    tail += [[Words(f"Withheld: {text}")] for text in digest.withheld]
    if digest.unowned:
        tail.append([Words(f"{digest.unowned} have no owner.")])
    if digest.gaps:
        tail.append([Words(f"{digest.gaps} things were not looked at; the report says which.")])
    if tail:
        blocks.append(paragraph(tail))
    return message(f"{digest.title}: {digest.total}", blocks)


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


def _item(line: DigestLine, people: Mapping[str, str]) -> Block:
    """One line; the mention is an element of its own, made of an id that the settings hold."""
    words: Line = [
        Words(f"{line.saves} ", "bold"),
        Words(f"{line.subject}: {line.what}; team {line.team} "),
        Words(line.id, "code"),
        Words(f" {line.note}" if line.note else ""),
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
