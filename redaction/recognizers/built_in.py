"""All recognizers that come with opswarden."""

from __future__ import annotations

from ..definition import Definition
from .authorization_header import AUTHORIZATION_HEADER
from .aws_key import AWS_KEY
from .br_cnpj import BR_CNPJ
from .br_cpf import BR_CPF
from .card_security_code import CARD_SECURITY_CODE
from .card_track import CARD_TRACK
from .connection_string import CONNECTION_STRING
from .coordinates import COORDINATES
from .credit_card import CREDIT_CARD
from .crypto import CRYPTO
from .email_address import EMAIL_ADDRESS
from .iban_code import IBAN_CODE
from .ip_address import IP_ADDRESS
from .json_web_token import JSON_WEB_TOKEN
from .keyed_secret import KEYED_SECRET
from .mac_address import MAC_ADDRESS
from .person import PERSON
from .phone_number import PHONE_NUMBER
from .private_key import PRIVATE_KEY
from .service_token import SERVICE_TOKEN
from .us_ssn import US_SSN

BUILT_IN: tuple[Definition, ...] = (
    CREDIT_CARD,
    CARD_SECURITY_CODE,
    CARD_TRACK,
    KEYED_SECRET,
    AUTHORIZATION_HEADER,
    CONNECTION_STRING,
    AWS_KEY,
    JSON_WEB_TOKEN,
    PRIVATE_KEY,
    SERVICE_TOKEN,
    EMAIL_ADDRESS,
    PHONE_NUMBER,
    IBAN_CODE,
    IP_ADDRESS,
    MAC_ADDRESS,
    PERSON,
    US_SSN,
    BR_CPF,
    BR_CNPJ,
    CRYPTO,
    COORDINATES,
)
