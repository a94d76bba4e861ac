"""All recognizers that come with opswarden."""

from __future__ import annotations

from ..definition import Definition
from .authorization_header import AUTHORIZATION_HEADER
from .aws_key import AWS_KEY
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
from .national.africa_europe import AFRICA_EUROPE
from .national.americas import AMERICAS
from .national.asia import ASIA
from .person import PERSON
from .phone_number import PHONE_NUMBER
from .private_key import PRIVATE_KEY
from .service_token import SERVICE_TOKEN

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
    CRYPTO,
    COORDINATES,
    *AMERICAS,
    *ASIA,
    *AFRICA_EUROPE,
)
