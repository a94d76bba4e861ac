"""Values that stand behind their names with no sign between: commands, forms, prints of variables."""

from __future__ import annotations

import pytest

from opswarden.redaction.structures.arguments import arguments

TABLE: list[tuple[str, str, list[tuple[str, str]]]] = [
    (
        "a value under a key that tells what it is",
        '"SETEX" "otp:user:254711222333" "300" "448120"',
        [("otp", "448120"), ("user", "448120")],
    ),
    ("a value under a key of no words", '"SET" "0f1e" "448120"', []),
    ("a statement of SQL", 'UPDATE t SET "a" = "b"', []),
    ("a variable of an image", "FROM x\nENV DB_PASSWORD hunter22\nRUN y", [("DB_PASSWORD", "hunter22")]),
    ("as the builder prints it", "Step 3/9 : ENV DB_PASSWORD hunter22", [("DB_PASSWORD", "hunter22")]),
    ("a variable with a sign is read elsewhere", "ENV DB_PASSWORD=hunter22", []),
    ("prose", "the ENV IS set", []),
    (
        "a monitor of Redis",
        '1.2 [0 127.0.0.1:5] "HSET" "user:1" "password" "hunter22" "tier" "gold"',
        [("password", "hunter22"), ("tier", "gold")],
    ),
    ("in its shell", "> hset user:1 password hunter22", [("password", "hunter22")]),
    ("escaped in JSON", r'{"m":"\"HSET\" \"user:1\" \"password\" \"hunter22\""}', [("password", "hunter22")]),
    ("a setting", '"CONFIG" "SET" "requirepass" "hunter22"', [("requirepass", "hunter22")]),
    ("a password alone", '"AUTH" "hunter22"', [("password", "hunter22")]),
    ("a password behind a user", '"auth" "default" "hunter22"', [("password", "hunter22")]),
    ("a word of prose", "auth failed for ana", []),
    (
        "a form of several parts",
        '--x\r\nContent-Disposition: form-data; name="password"\r\nContent-Type: text/plain\r\n\r\nhunter22\r\n--x--',
        [("password", "hunter22")],
    ),
    ("a variable that PHP prints", '["password"]=>\n  string(8) "hunter22"\n', [("password", 'string(8) "hunter22"')]),
]


@pytest.mark.parametrize(("text", "found"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_arguments(text: str, found: list[tuple[str, str]]) -> None:
    def value(at: int, end: int) -> str:
        return text[at:end] if end >= 0 else text[at:].split("\n")[0].strip("\r")

    assert [(pair.key, value(pair.at, pair.end)) for pair in arguments(text)] == found


@pytest.mark.parametrize("part", ["ENV A ", '"HSET" ', "hset a ", 'form-data; name="a"\n', '["a"]=>\n', "auth "])
def test_a_hostile_text_is_read_once(part: str) -> None:
    assert len(list(arguments(part * 2_000))) <= 4_000
