"""Values are judged by the key that the structure around them puts over them."""

from __future__ import annotations

import json

import pytest

from opswarden.redaction.engine import Redaction
from opswarden.redaction.structures.tables import open_header

NESTED = {"customer": {"name": {"first": "ana", "last": "souza"}}, "n": 1}
ESCAPED = {"customer": {"name": "ana souza", "password": "hunter 22"}}
ESCAPED_CLEAN = {"customer": {"name": "<PERSON>", "password": "<SECRET>"}}


def escaped(value: object, times: int) -> str:
    text = json.dumps(value)
    for _ in range(times):
        text = json.dumps({"body": text})
    return text


FOUND: list[tuple[str, str, str]] = [
    (
        "an operator of a query",
        '{"match":{"payer.full_name":{"query":"zoe quist"}},"term":{"state":{"value":"zoe quist"}}}',
        '{"match":{"payer.full_name":{"query":"<PERSON>"}},"term":{"state":{"value":"zoe quist"}}}',
    ),
    (
        "an example in a schema",
        "phone:\n  type: string\n  example: '0712345678'\nport:\n  type: string\n  example: 'zoe-0712'\n",
        "phone:\n  type: string\n  example: '<PHONE_NUMBER>'\nport:\n  type: string\n  example: 'zoe-0712'\n",
    ),
    (
        "values set in line with others",
        "customer_id:      55120\nfull_name:        zoe quist\nrisk:             0.88",
        "customer_id:      55120\nfull_name:        <PERSON>\nrisk:             0.88",
    ),
    (
        "pairs one a line, as proxies print headers",
        "':path', '/v1/verify'\n'x-api-key', 'Zx81QwErTyUi0Zk3'\n'x-request-id', '0f1e2d3c-4b5a'\n",
        "':path', '/v1/verify'\n'x-api-key', '<SECRET>'\n'x-request-id', '0f1e2d3c-4b5a'\n",
    ),
    (
        "padding at the end of a line is no soft line break",
        f"FERNET_KEY: {'kD3pQv9sXb0mZ1rT8uYw2nLc5hJf7aGe4iOqRt6yWxE='}\nEXECUTOR: KubernetesExecutor",
        "FERNET_KEY: <SECRET>\nEXECUTOR: KubernetesExecutor",
    ),
    (
        "a key takes its words from the keys above it",
        json.dumps(NESTED),
        '{"customer": {"name": {"first": "<PERSON>", "last": "<PERSON>"}}, "n": 1}',
    ),
    (
        "over several lines",
        json.dumps(NESTED["customer"], indent=1),
        '{\n "name": {\n  "first": "<PERSON>",\n  "last": "<PERSON>"\n }\n}',
    ),
    (
        "as Python prints it",
        str(NESTED),
        "{'customer': {'name': {'first': '<PERSON>', 'last': '<PERSON>'}}, 'n': 1}",
    ),
    ("a list of texts", '{"phones":["4002-8922","4002-8933"]}', '{"phones":["<PHONE_NUMBER>","<PHONE_NUMBER>"]}'),
    ("a list of numbers", '{"phones":[40028922, 40028933]}', '{"phones":[<PHONE_NUMBER>, <PHONE_NUMBER>]}'),
    (
        "objects in a list",
        '{"customers":[{"name":"ana souza"},{"name":"bia"}]}',
        '{"customers":[{"name":"<PERSON>"},{"name":"<PERSON>"}]}',
    ),
    (
        "a number whose key says little",
        '{"card":{"number":"4012888888881881","brand":"visa"}}',
        '{"card":{"number":"<CREDIT_CARD>","brand":"visa"}}',
    ),
    ("a line that is cut", '{"customer":{"name":"ana souza","id":7,"x', '{"customer":{"name":"<PERSON>","id":7,"x'),
    ("JSON in JSON", escaped(ESCAPED, 1), escaped(ESCAPED_CLEAN, 1)),
    ("JSON in JSON in JSON", escaped(ESCAPED, 2), escaped(ESCAPED_CLEAN, 2)),
    ("escaped three times", escaped(ESCAPED, 3), escaped(ESCAPED_CLEAN, 3)),
    (
        "a quote inside an escaped value does not end it",
        r"{\"customerName\":\"Ana \\\"Bia\\\" Souza\",\"n\":1}",
        r"{\"customerName\":\"<PERSON>\",\"n\":1}",
    ),
    (
        "Java",
        "Customer{name=Ana Souza, cpf=529.982.247-25, status=OK}",
        "Customer{name=<PERSON>, cpf=<BR_CPF>, status=OK}",
    ),
    ("a case class", "Customer(name=ana souza, email=a@b.co)", "Customer(name=<PERSON>, email=<EMAIL_ADDRESS>)"),
    ("Pydantic", "Customer(name='ana souza', email='a@b.co')", "Customer(name='<PERSON>', email='<EMAIL_ADDRESS>')"),
    (
        "a Go struct",
        "{Name:Ana Souza Email:ana@b.co Password:hunter22}",
        "{Name:<PERSON> Email:<EMAIL_ADDRESS> Password:<SECRET>}",
    ),
    (
        "a Go map",
        "map[customer_name:ana email:ana@b.co password:hunter22 n:3]",
        "map[customer_name:<PERSON> email:<EMAIL_ADDRESS> password:<SECRET> n:3]",
    ),
    (
        "protobuf as text",
        'customer {\n  name: "ana souza"\n  id: 7\n}',
        'customer {\n  name: "<PERSON>"\n  id: 7\n}',
    ),
    ("a Ruby hash", '{:customer_name=>"ana souza", :id=>7}', '{:customer_name=>"<PERSON>", :id=>7}'),
    ("a PHP array", "['password' => 'hunter 22', 'id' => 7]", "['password' => '<SECRET>', 'id' => 7]"),
    ("print_r", "(\n    [password] => hunter22\n    [id] => 7\n)", "(\n    [password] => <SECRET>\n    [id] => 7\n)"),
    ("var_dump", '["password"]=> string(9) "hunter 22"', '["password"]=> string(9) "<SECRET>"'),
    ("serialize", 'a:1:{s:8:"password";s:9:"hunter 22";}', 'a:1:{s:8:"password";s:9:"<SECRET>";}'),
    ("an optional value", 'password: Some("hunter 22")', 'password: Some("<SECRET>")'),
    ("HCL", 'variable "x" {\n  db_password = "hunter 22"\n}', 'variable "x" {\n  db_password = "<SECRET>"\n}'),
    ("a shell", 'export DB_PASSWORD="hunter 22"', 'export DB_PASSWORD="<SECRET>"'),
    ("a Windows event", "Account Name:\t\tana\nLogon ID: 0x1", "Account Name:\t\t<PERSON>\nLogon ID: 0x1"),
    ("a key of two words", "Full Name: ana souza", "Full Name: <PERSON>"),
    (
        "GraphQL variables",
        '{"query":"mutation($p:String!){x}","variables":{"customerName":"ana souza"}}',
        '{"query":"mutation($p:String!){x}","variables":{"customerName":"<PERSON>"}}',
    ),
    (
        "a flag in front of a later pair with the same key",
        "cmd --password x1y2\n" + "filler line\n" * 99 + "password=y1z2",
        "cmd --password <SECRET>\n" + "filler line\n" * 99 + "password=<SECRET>",
    ),
    ("a form", "POST /x nome=ana+souza&status=ok", "POST /x nome=<PERSON>&status=ok"),
    ("Cyrillic", "имя: Иван Петров, id: 7", "имя: <PERSON>, id: 7"),
    ("Chinese, with a sign of its own", "姓名：张三", "姓名：<PERSON>"),
    ("Spanish", "contraseña: hunter22", "contraseña: <SECRET>"),
    ("Spanish, decomposed", "contrasen\u0303a: hunter22", "contrasen\u0303a: <SECRET>"),
    ("Portuguese", '{"número_do_cartão": "4012888888881881"}', '{"número_do_cartão": "<CREDIT_CARD>"}'),
    ("Arabic", '{"اسم_العميل":"محمد"}', '{"اسم_العميل":"<PERSON>"}'),
]

NAMED: list[tuple[str, str, str]] = [
    (
        "a container's environment",
        "env:\n- name: DB_PASSWORD\n  value: hunter22\n- name: LEVEL\n  value: info",
        "env:\n- name: DB_PASSWORD\n  value: <SECRET>\n- name: LEVEL\n  value: info",
    ),
    (
        "in JSON",
        '[{"name":"DB_PASSWORD","value":"hunter 22"},{"name":"LEVEL","value":"info"}]',
        '[{"name":"DB_PASSWORD","value":"<SECRET>"},{"name":"LEVEL","value":"info"}]',
    ),
    ("the value first", '{"value":"hunter 22","name":"DB_PASSWORD"}', '{"value":"<SECRET>","name":"DB_PASSWORD"}'),
    (
        "an attribute of a span",
        '{"key":"customer.name","value":{"stringValue":"ana souza"}}',
        '{"key":"customer.name","value":{"stringValue":"<PERSON>"}}',
    ),
    (
        "attributes of XML",
        '<property name="password" value="hunter 22"/><property name="level" value="info"/>',
        '<property name="password" value="<SECRET>"/><property name="level" value="info"/>',
    ),
    ("an entry", '<entry key="password">hunter 22</entry>', '<entry key="password"><SECRET></entry>'),
    ("a header as a pair", '[("x-api-key", "abc def"), ("a", "b")]', '[("x-api-key", "<SECRET>"), ("a", "b")]'),
]

XML: list[tuple[str, str, str]] = [
    ("one in another", "<customer><name>ana souza</name></customer>", "<customer><name><PERSON></name></customer>"),
    (
        "a namespace",
        '<ns:customerName xsi:type="x">ana souza</ns:customerName>',
        '<ns:customerName xsi:type="x"><PERSON></ns:customerName>',
    ),
    (
        "a section",
        "<customerName><![CDATA[ana < souza]]></customerName>",
        "<customerName><![CDATA[<PERSON>]]></customerName>",
    ),
]

SQL: list[tuple[str, str, str]] = [
    (
        "rows of an insert",
        "INSERT INTO t (id, customer_name, password) VALUES (1, 'ana souza', 'hunter 22'), (2, 'bia d''avila', 'x y')",
        "INSERT INTO t (id, customer_name, password) VALUES (1, '<PERSON>', '<SECRET>'), (2, '<PERSON>', '<SECRET>')",
    ),
    (
        "comparisons",
        "SELECT * FROM t WHERE customer_name LIKE 'ana s%' AND c.password IN ('a b', 'c d') AND x <> 'ok'",
        "SELECT * FROM t WHERE customer_name LIKE '<PERSON>' AND c.password IN ('<SECRET>', '<SECRET>') AND x <> 'ok'",
    ),
    (
        "an update",
        "UPDATE t SET customer_name = 'ana souza', x = 'ok' WHERE id = 7",
        "UPDATE t SET customer_name = '<PERSON>', x = 'ok' WHERE id = 7",
    ),
    (
        "values beside the statement",
        "[SQL: INSERT INTO t (customer_name, password) VALUES (?, ?)] [parameters: ('ana souza', 'hunter 22')]",
        "[SQL: INSERT INTO t (customer_name, password) VALUES (?, ?)] [parameters: ('<PERSON>', '<SECRET>')]",
    ),
    (
        "a key that exists already",
        "ERROR: duplicate\nDETAIL:  Key (customer_name)=(ana souza) already exists.",
        "ERROR: duplicate\nDETAIL:  Key (customer_name)=(<PERSON>) already exists.",
    ),
    (
        "a key of two columns",
        "Key (tenant, customer_name)=(7, ana souza) already exists.",
        "Key (tenant, customer_name)=(7, <PERSON>) already exists.",
    ),
    (
        "an entry that exists already",
        "Duplicate entry 'ana souza' for key 'customers.customer_name'",
        "Duplicate entry '<PERSON>' for key 'customers.customer_name'",
    ),
]

FRAME = "+----+---------------+"
TABLES: list[tuple[str, str, str]] = [
    (
        "commas, and a cell in quotes with one in it",
        'id,customer_name,phone\n1,ana souza,4002-8922\n2,"souza, bia",4002-8933\n',
        'id,customer_name,phone\n1,<PERSON>,<PHONE_NUMBER>\n2,"<PERSON>",<PHONE_NUMBER>\n',
    ),
    ("Windows line ends", "id,customer_name\r\n1,ana souza\r\n", "id,customer_name\r\n1,<PERSON>\r\n"),
    ("tabs", "id\tcustomer_name\n1\tana souza\n", "id\tcustomer_name\n1\t<PERSON>\n"),
    (
        "semicolons",
        "id;customer_name;cvv\n1;ana souza;123",
        "id;customer_name;cvv\n1;<PERSON>;<CARD_SECURITY_CODE>",
    ),
    (
        "behind other lines, until a line does not fit",
        "report\n\nid,customer_name\n1,ana souza\n\nid,customer_name are the columns",
        "report\n\nid,customer_name\n1,<PERSON>\n\nid,customer_name are the columns",
    ),
    (
        "an empty cell, and a row that is broken",
        "customer_name,id\n,1\nana souza,2\nx,y,z\nbia souza,3\n",
        "customer_name,id\n,1\n<PERSON>,2\nx,y,z\n<PERSON>,3\n",
    ),
    (
        "Markdown",
        "| id | customer_name |\n|----|:-------------:|\n| 1  | ana souza |\n",
        "| id | customer_name |\n|----|:-------------:|\n| 1  | <PERSON> |\n",
    ),
    (
        "psql",
        " id | customer_name \n----+---------------\n  1 | ana souza\n(1 row)",
        " id | customer_name \n----+---------------\n  1 | <PERSON>\n(1 row)",
    ),
    (
        "mysql",
        f"{FRAME}\n| id | customer_name |\n{FRAME}\n|  1 | ana souza     |\n{FRAME}",
        f"{FRAME}\n| id | customer_name |\n{FRAME}\n|  1 | <PERSON>     |\n{FRAME}",
    ),
    (
        "a dump of a table",
        "COPY public.t (id, customer_name) FROM stdin;\n1\tana souza\n\\.\n",
        "COPY public.t (id, customer_name) FROM stdin;\n1\t<PERSON>\n\\.\n",
    ),
]

YAML: list[tuple[str, str, str]] = [
    (
        "keys under keys, and lists",
        'customer:\n  name:\n    first: ana\n    last: souza\nphones:\n  - 4002-8922\n  - "4002-8933"\nx: 1',
        "customer:\n  name:\n    first: <PERSON>\n    last: <PERSON>\nphones:\n"
        '  - <PHONE_NUMBER>\n  - "<PHONE_NUMBER>"\nx: 1',
    ),
    ("a list that is not indented", "phones:\n- 4002-8922\nx: 1", "phones:\n- <PHONE_NUMBER>\nx: 1"),
    (
        "objects in a list",
        "customers:\n  - id: 1\n    name: ana souza\n  - name: bia\nx: 1",
        "customers:\n  - id: 1\n    name: <PERSON>\n  - name: <PERSON>\nx: 1",
    ),
    ("several lines", "password: |\n  hunter\n  22\nx: 1", "password: |\n  <SECRET>\nx: 1"),
    (
        "several lines, folded",
        "a:\n  password: >-\n    hunter\n    22\n  x: 1",
        "a:\n  password: >-\n    <SECRET>\n  x: 1",
    ),
    (
        "a Secret",
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: x\nstringData:\n  a: plain\n  b: |\n    l1\n    l2\n"
        "---\nkind: ConfigMap\ndata:\n  a: b",
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: x\nstringData:\n  a: <SECRET>\n  b: |\n    <SECRET>\n"
        "---\nkind: ConfigMap\ndata:\n  a: b",
    ),
    (
        "a Secret in a list, its kind behind its data",
        "items:\n- apiVersion: v1\n  data:\n    a: dHJ1ZQ==\n  kind: Secret\n- data:\n    c: d\n  kind: ConfigMap",
        "items:\n- apiVersion: v1\n  data:\n    a: <SECRET>\n  kind: Secret\n- data:\n    c: d\n  kind: ConfigMap",
    ),
    (
        "a Secret in JSON",
        '{"data":{"a":"dHJ1ZQ==","b":"eHh4"},"kind":"Secret","metadata":{"name":"x"}}',
        '{"data":{"a":"<SECRET>","b":"<SECRET>"},"kind":"Secret","metadata":{"name":"x"}}',
    ),
    (
        "a Secret beside something else",
        '{"items":[{"data":{"a":"dHJ1ZQ=="},"kind":"ConfigMap"},{"kind":"Secret","stringData":{"b":"eHh4"}}]}',
        '{"items":[{"data":{"a":"dHJ1ZQ=="},"kind":"ConfigMap"},{"kind":"Secret","stringData":{"b":"<SECRET>"}}]}',
    ),
    (
        "credentials of a registry",
        '{"auths":{"r.example.com":{"username":"app","auth":"YXBwOmh1bnRlcjI="}}}',
        '{"auths":{"r.example.com":{"username":"app","auth":"<SECRET>"}}}',
    ),
    (
        "a Secret in an annotation",
        r'last-applied: "{\"data\":{\"a\":\"eHh4\"},\"kind\":\"Secret\"}"',
        r'last-applied: "{\"data\":{\"a\":\"<SECRET>\"},\"kind\":\"Secret\"}"',
    ),
]

ROWS = [*FOUND, *NAMED, *XML, *SQL, *TABLES, *YAML]


@pytest.mark.parametrize(("text", "clean"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_found(redaction: Redaction, text: str, clean: str) -> None:
    assert redaction.scrub(text) == clean
    assert redaction.scrub(clean) == clean


HARMLESS: list[tuple[str, str]] = [
    ("a table of pods", "id,pod,status,latency_ms\n1,payments-api-7d9f8b6c5d-x2x9z,200,41\n2,score-1,503,3000"),
    ("names of services in a table", "service_name,region\nPayments Gateway,Sao Paulo\n"),
    (
        "an insert without people",
        "INSERT INTO t (id, status, region) VALUES (1, 'Paid Out', 'Sao Paulo'), (2, 'x', 'y')",
    ),
    (
        "a pod",
        "spec:\n  containers:\n  - name: payments-api\n    image: registry/payments@sha256:"
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n    env:\n    - name: LOG_LEVEL\n"
        "      value: info\n    resources:\n      limits:\n        cpu: 500m\n        memory: 1Gi",
    ),
    ("a ConfigMap", "apiVersion: v1\nkind: ConfigMap\ndata:\n  a: plain\n  b: |\n    x=1\n"),
    (
        "a reference to a Secret",
        "- name: DB_PASSWORD\n  valueFrom:\n    secretKeyRef:\n      name: db\n      key: password",
    ),
    (
        "columns of a command line",
        "NAME                            READY   STATUS    RESTARTS   AGE\n"
        "payments-api-7d9f8b6c5d-x2x9z   1/1     Running   3          4d\n",
    ),
    (
        "a stack trace",
        'Exception in thread "main" java.lang.IllegalStateException: bad:\n\tat com.example.Score.run(Score.java:118)\n'
        "Caused by: java.io.IOException: x",
    ),
    (
        "labels and points",
        '{"labels":{"name":"high-error-rate","service":{"name":"payments-api"}},"points":[[1764000000000,41.5]],'
        '"ids":[4012888888881881]}',
    ),
    ("a metric and its value", 'metrics: {"name": "latency", "value": 41.5}, {"key":"region","value":"sa-east-1"}'),
    ("types and their members", "Metric{name=latency_ms, value=41} Pod(name=payments-api, ip=none)"),
    ("lists of sizes and hosts", "sizes=[1024, 2048, 4096] hosts=[a-1, b-2] keys=[a, b] tokens: [812, 97]"),
    ("messages of protobuf", 'metric {\n  name: "High Latency"\n}\nservice {\n  name: "Payments Gateway"\n}'),
    ("XML of a service", '<service><name>Payments Gateway</name></service><x name="level" value="info"/>'),
    ("an order in XML", "<order_id>4111111111111111</order_id>"),
    ("prose that begins like a table", "the following, in short: one, two\nthree, four"),
    ("Cyrillic prose", "Скорер остановлен: память закончилась, время: 12"),
]


@pytest.mark.parametrize("text", [row[1] for row in HARMLESS], ids=[row[0] for row in HARMLESS])
def test_not_found(redaction: Redaction, text: str) -> None:
    assert redaction.scrub(text) == text


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("id,customer_name\n1,ana souza", "id,customer_name\n1,<PERSON>"),
        ("customer:\n  name: ana souza", "customer:\n  name: <PERSON>"),
        ("kind: Secret\ndata:\n  a: eHh4", "kind: Secret\ndata:\n  a: <SECRET>"),
    ],
)
def test_a_structure_that_stands_under_a_key(redaction: Redaction, text: str, clean: str) -> None:
    assert redaction.scrub(text, key="body") == clean


@pytest.mark.parametrize(
    ("text", "header"),
    [
        ("id,name\n1,a", "id,name"),
        ("x\n\nid,name\n1,a\n2,b\n", "id,name"),
        ("id,name\n1,a\n\nother lines\nand others\nand more\n", ""),
        ("other lines\n", ""),
        ("", ""),
    ],
)
def test_the_header_that_still_holds(text: str, header: str) -> None:
    assert open_header(text) == header


def test_a_table_of_many_rows_is_read_to_its_end(redaction: Redaction) -> None:
    rows = "".join(f"{number},ana souza,ok\n" for number in range(500))
    assert "souza" not in redaction.scrub(f"id,customer_name,status\n{rows}")
