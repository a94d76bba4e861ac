"""Names of people under the keys that hold them, in the languages of the markets.

A key such as `customer_name` or `titular` says that its value is a name whatever it looks like; plain `name` may name
anything, so there the value has to look like a person's. Names in running prose need an NLP engine and are not found.
"""

from __future__ import annotations

import re

from ..definition import Definition, Hit, Keyed

_PEOPLE = (
    "customer cust client card account acct payer payee beneficiary benef bnf sender recipient receiver "
    "remitter debtor creditor "
    "contact employee patient driver passenger owner holder cardholder accountholder signer signatory "
    "borrower applicant guest buyer shipper consignee billing shipping person subscriber assignee reporter "
    "kyc director shareholder spouse father mother guardian courier rider approver"
).split()
_ALWAYS = (
    "fullname full_name firstname first_name lastname last_name middlename middle_name givenname given_name "
    "familyname family_name surname maiden_name nickname forename preferred_name "
    "cardholder card_holder cardholdername account_holder accountholder holdername customername "
    "clientname username_full "
    "beneficiary payer_fullname name_on_card embossed_name display_name_full real_name "
    # Portuguese, Spanish, French, Italian, German
    "nome nome_completo nome_cliente nome_do_cliente nome_titular nome_mae nome_da_mae sobrenome titular favorecido "
    "beneficiario remetente destinatario pagador recebedor nome_social "
    "nombre nombres nombre_completo nombre_cliente nombre_del_cliente nombre_titular apellido apellidos "
    "razon_social_titular solicitante "
    "apellido_paterno apellido_materno ap_paterno ap_materno appaterno apmaterno primer_nombre segundo_nombre "
    "primer_apellido segundo_apellido "
    "tarjetahabiente remitente nombre_beneficiario "
    "nom nom_complet nom_de_famille prenom nom_client titulaire beneficiaire "
    "cognome nome_cognome vorname nachname kontoinhaber karteninhaber "
    # Turkish, Indonesian and Malay, Vietnamese, Swahili, Filipino
    "isim ad_soyad adi adi_soyadi soyad soyadi musteri_adi kart_sahibi "
    "nama nama_lengkap nama_depan nama_belakang nama_pelanggan nama_nasabah nama_pemilik nama_penerima nama_pengirim "
    "ten ho_ten ho_va_ten ten_khach_hang chu_the chu_tai_khoan khach_hang khách_hàng "
    "jina jina_kamili jina_la_mteja pangalan buong_pangalan "
    # Russian, Chinese, Japanese, Korean, Arabic, Hindi, Thai, Bengali
    "имя фамилия отчество фио 姓名 名字 持卡人 氏名 名前 이름 성명 الاسم اسم_العميل नाम ชื่อ ชื่อ_นามสกุล নাম"
).split()
_STRONG = frozenset(_ALWAYS) | {f"{who}_name" for who in _PEOPLE} | {f"{who}_fullname" for who in _PEOPLE}
_PLAIN = frozenset({"name", "names", "displayname", "display_name"})
# What stands under these alone may be a person, a team or a program; as the end of a longer word it is a program.
_ROLES = frozenset(
    "user author committer assignee reporter reviewer approver owner requester contact customer client payer payee "
    "sender recipient employee holder created_by updated_by changed_by approved_by requested_by deployed_by "
    "reported_by assigned_to".split()
)

# `service_name`, `host.name`, `metric_name` are names of things, in any language.
_THINGS = frozenset(
    "service services host node pod container image file dir directory path class method function func module package "
    "thread logger log metric series label field column table view index schema database db catalog dataset bucket "
    "queue topic stream channel exchange consumer group broker partition shard job task step stage "
    "pipeline workflow dag "
    "cron schedule model feature experiment registry artifact endpoint route api server cluster region zone namespace "
    "deployment replica statefulset daemonset volume disk device interface network vpc subnet vm instance gpu cpu "
    "alert rule monitor dashboard event span trace operation component app application system env environment "
    "project repo repository branch tag release version config setting key param parameter variable var arg flag "
    "secret policy role permission scope plugin extension library lib driver runtime language locale timezone product "
    "plan sku campaign segment provider bank issuer acquirer scheme brand merchant city country state street currency "
    "domain dns cert certificate protocol algorithm color font theme page screen widget form button tipo "
    "servico servicio "
    "banco produto producto arquivo archivo tabela tabla fila topico projeto proyecto".split()
)
# Words that people are not called, but things in two capitalised words are.
NOT_PEOPLE = frozenset(
    "service server client api gateway job task worker pipeline model store cache queue topic cluster "
    "node pod database "
    "table index metrics metric monitor alert dashboard engine agent proxy router scheduler controller manager handler "
    "processor executor exporter collector consumer producer listener registry repository platform system application "
    "app project team bank payments payment fraud risk order orders user users internal external error "
    "warning critical "
    "status state health check test tests default main production staging development version release "
    "build config high low "
    "latency rate count total number request requests response memory usage disk network traffic google "
    "amazon azure aws "
    "cloud linux windows ubuntu docker kubernetes java python node red hat open source data base web site "
    "unknown".split()
)
PARTICLES = frozenset(
    "da das de del della den der di do dos du e el al ap abu bin binti bint ibn la le los van von vom y zu ter".split()
)
_NOTHING = re.compile(
    r"(?:null|none|nil|undefined|n/?a|nan|true|false|unknown|empty|anonymous|test|\?+|-+|\*+|x{3,}|0)\Z", re.IGNORECASE
)
_TEMPLATE = re.compile(r"[$%#]?\{|%[sdr]\b|<[a-z_ ]{1,30}>\Z|\[[a-z_ ]{1,30}\]\Z", re.IGNORECASE)
_WORD = re.compile(r"[^\s]+")
_LONGEST = 120
# Up to six words, none of which is the key of something that follows.
# Vowel signs of Indic, Thai and Arabic script are parts of words, though not letters.
_LETTERS = r"[\w.'’\-\u0900-\u0dff\u0e31-\u0e4e\u064b-\u065f]"
_WORDS = (
    rf"(?![Nn]/[Aa]\b)[^\W\d_]{_LETTERS}{{0,40}}+(?![\"']?[=:])"
    rf"(?:[ ]{{1,2}}[^\W\d_]{_LETTERS}{{0,40}}+(?![\"']?[ ]?[=:])){{0,5}}"
)


def _called(text: str, start: int, end: int) -> Hit | None:
    """A value under a key that holds names: everything but the ways to say that there is none."""
    value = text[start : min(end, start + _LONGEST)].strip()
    if not value or _NOTHING.match(value) or _TEMPLATE.match(value) or not any(map(str.isalnum, value)):
        return None
    if not _is_quoted(text, start):
        return start, start + _name_length(text[start:end]), 0.65
    while text[start].isspace():
        start += 1
    while text[end - 1].isspace():
        end -= 1
    return start, end, 0.65


def _is_quoted(text: str, start: int) -> bool:
    return text[max(0, start - 8) : start].rstrip()[-1:] in ("", '"', "'", "`", ">", ",", ";", "|", "\t", "-")


def _name_length(words: str) -> int:
    """How much of some words without quotes is the name: `Jane Doe failed to pay` ends where small letters begin."""
    found = list(_WORD.finditer(words))
    if found[0].group()[0].islower():
        return found[min(len(found), 4) - 1].end()
    last = found[0]
    for word in found[1:]:
        small = word.group()[0].islower()
        if small and word.group().casefold() not in PARTICLES:
            break
        if not small:
            last = word
    return last.end()


def _looks_called(text: str, start: int, end: int) -> Hit | None:
    """A value under `name` or `author`: capitalised words that name no thing, or letters of another script."""
    if end - start > _LONGEST:
        return None
    value = text[start:end].strip(" .,")
    if _NOTHING.match(value) or _TEMPLATE.match(value):
        return None
    if not _is_quoted(text, start):
        end = start + _name_length(text[start:end])
        value = text[start:end]
    words = value.split()
    if not 1 <= len(words) <= 6 or not all(_is_word(word) for word in words):
        return None
    if any(ord(character) > 0x24F and character.isalpha() for character in value):
        return start, end, 0.6
    names = [word for word in words if word.casefold() not in PARTICLES]
    if len(names) < 2 or any(word.strip(".").casefold() in NOT_PEOPLE for word in names):
        return None
    return (start, end, 0.6) if all(_is_capitalised(word) for word in names) else None


def _is_word(word: str) -> bool:
    return all(part.isalpha() or part in ".'’-\u0300\u0301\u0303\u0308" or not part.isascii() for part in word)


def _is_capitalised(word: str) -> bool:
    """`Silva`, `SILVA`, `O'Brien`, `McKay`, `J.`; not `KubePodCrashLooping`."""
    capitals = sum(part.isupper() for part in word)
    return word[0].isupper() and (capitals == 1 or word.isupper() or (capitals == 2 and len(word) <= 12))


PERSON = Definition(
    "PERSON",
    (
        Keyed(_STRONG, bare=_WORDS, whole=True, check=_called),
        Keyed(_PLAIN, bare=_WORDS, whole=True, unless=_THINGS, check=_looks_called),
        Keyed(_ROLES, bare=_WORDS, whole=True, alone=True, check=_looks_called),
    ),
)
