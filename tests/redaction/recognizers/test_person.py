"""Names of people under keys, and names of things that pass."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.person import PERSON

TABLE: list[tuple[str, str, list[str]]] = [
    ("in JSON", '{"customer_name":"Jane Doe"}', ["Jane Doe"]),
    ("in escaped JSON", r"{\"customerName\":\"Jane Doe\"}", ["Jane Doe"]),
    ("in Spanish forms", "<ns2:apPaterno>Choque</ns2:apPaterno>", ["Choque"]),
    ("in Portuguese tickets", "Solicitante: Zoe Quist\nx", ["Zoe Quist"]),
    ("in Vietnamese tickets", "Khách hàng: Zoe Quist, x", ["Zoe Quist"]),
    ("as R prints it", ' $ full_name: chr "Zoe Quist"', ["Zoe Quist"]),
    ("in logfmt", 'cardholder="Jane Doe" status=ok', ["Jane Doe"]),
    ("without quotes", "customer_name=Jane Doe status=declined", ["Jane Doe"]),
    ("without quotes, in prose", "customer_name=Jane Doe failed to pay", ["Jane Doe"]),
    ("with particles", "customer_name=João da Silva e Souza, x", ["João da Silva e Souza"]),
    ("in small letters", "nama=budi santoso", ["budi santoso"]),
    ("one word", "first_name=Jane", ["Jane"]),
    ("whatever it looks like", '"titular":"xX_99"', ["xX_99"]),
    ("in XML", "<CustomerName>Jane Doe</CustomerName>", ["Jane Doe"]),
    ("in a list", '"customer_names": ["Jane Doe", "Max Roe"]', ["Jane Doe", "Max Roe"]),
    ("in a list, whatever they look like", '"cardholder": ["jane", "x_1"]', ["jane", "x_1"]),
    ("an apostrophe", "customer_name='Sean O'Brien'", ["Sean O'Brien"]),
    ("Spanish", '"nombre": "María José Núñez"', ["María José Núñez"]),
    ("Portuguese", "nome_do_cliente: Ana Souza;", ["Ana Souza"]),
    ("French", "titulaire=Zoé Lefèvre", ["Zoé Lefèvre"]),
    ("Turkish", 'isim="Ayşe Yılmaz"', ["Ayşe Yılmaz"]),
    ("Vietnamese", '"ho_ten":"Nguyễn Văn An"', ["Nguyễn Văn An"]),
    ("Russian", '"имя": "Иван Петров"', ["Иван Петров"]),
    ("Chinese", '"姓名":"张伟"', ["张伟"]),
    ("Arabic", '"الاسم":"محمد علي"', ["محمد علي"]),
    ("plain name, two capitalised words", 'name="Jane Doe"', ["Jane Doe"]),
    ("plain name, capitals", "name: JANE DOE", ["JANE DOE"]),
    ("plain name in another script", "name=张伟", ["张伟"]),
    ("who changed something", "author=Jane Doe owner=payments-team", ["Jane Doe"]),
    ("who changed something, in JSON", '{"approved_by": "Jane Doe", "owner": "Payments Team"}', ["Jane Doe"]),
    # Names of things, and no names at all.
    ("a service", "name=payments-api service_name=Fraud Scorer", []),
    ("an alert", 'name="KubePodCrashLooping"', []),
    ("a metric", '"metric_name": "Request Latency"', []),
    ("two capitalised words for a thing", 'name="Payment Gateway"', []),
    ("an account of a program", "user_name=postgres user.name: root agent_name=triage", []),
    ("a host", "host.name=Big Iron hostname=Big Iron", []),
    ("nothing", "customer_name=null customer_name: - customer_name=N/A", []),
    ("a logger", "org.example.hdfs.DFSClient: Data Streamer failed", []),
    ("a template", "customer_name={{ name }} nombre=%s", []),
    ("a key that ends otherwise", "customer_name_length=12", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(PERSON, text) == values


@pytest.mark.parametrize(
    ("key", "text", "values"),
    [
        ("customer.name", "jane", ["jane"]),
        ("nome", "  Ana Souza ", ["Ana Souza"]),
        ("titular", " jane of the house by the sea", ["jane of the house by the sea"]),
        ("metadata.name", "Jane Doe", ["Jane Doe"]),
        ("service.name", "Jane Doe", []),
        ("metadata.name", "payments-api-7d9f8b6c5d-x2x9z", []),
    ],
)
def test_the_key_of_a_json_value(finds: Callable[..., list[str]], key: str, text: str, values: list[str]) -> None:
    assert finds(PERSON, text, key) == values


def test_case_and_spaces_make_nobody_else() -> None:
    assert PERSON.identity("Jane  DOE") == PERSON.identity("jane doe")
