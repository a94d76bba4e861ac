"""All recognizers that come with opswarden."""

from __future__ import annotations

from collections.abc import Sequence

from ..definition import Definition
from ..evidence.networks import networks
from .authorization_header import AUTHORIZATION_HEADER
from .aws_key import AWS_KEY
from .azure_key import AZURE_KEY
from .card_expiry import CARD_EXPIRY
from .card_security_code import CARD_SECURITY_CODE
from .card_track import CARD_TRACK
from .chat_bot_token import CHAT_BOT_TOKEN
from .command_line import COMMAND_LINE
from .connection_string import CONNECTION_STRING
from .coordinates import COORDINATES
from .credit_card import CREDIT_CARD
from .crypto import CRYPTO
from .date_of_birth import DATE_OF_BIRTH
from .date_time import DATE_TIME
from .device_id import DEVICE_ID
from .driver_license import DRIVER_LICENSE
from .email_address import EMAIL_ADDRESS
from .emv_data import EMV_DATA
from .iban_code import IBAN_CODE
from .iccid import ICCID
from .imei import IMEI
from .imsi import IMSI
from .ip_address import IP_ADDRESS, ip_address
from .iso8583_message import ISO8583_MESSAGE
from .iso20022_account import ISO20022_ACCOUNT
from .iso20022_address import ISO20022_ADDRESS
from .iso20022_birth import ISO20022_BIRTH
from .iso20022_name import ISO20022_NAME
from .iso20022_phone import ISO20022_PHONE
from .json_web_token import JSON_WEB_TOKEN
from .keyed_secret import KEYED_SECRET
from .location import LOCATION
from .mac_address import MAC_ADDRESS
from .machine_readable_zone import MACHINE_READABLE_ZONE
from .mobile_money_name import MOBILE_MONEY_NAME
from .mobile_money_number import MOBILE_MONEY_NUMBER
from .national.africa_europe import AFRICA_EUROPE
from .national.americas import AMERICAS
from .national.asia import ASIA
from .national_id import NATIONAL_ID
from .one_time_code import ONE_TIME_CODE
from .passport import PASSPORT
from .password_hash import PASSWORD_HASH
from .payment_qr import PAYMENT_QR
from .payment_qr_name import PAYMENT_QR_NAME
from .person import PERSON
from .person_in_prose import PERSON_IN_PROSE
from .phone_number import PHONE_NUMBER
from .postal_address import POSTAL_ADDRESS
from .private_key import PRIVATE_KEY
from .remittance_text import REMITTANCE_TEXT
from .secret_phrase import SECRET_PHRASE
from .service_token import SERVICE_TOKEN
from .swift_account import SWIFT_ACCOUNT
from .swift_party import SWIFT_PARTY
from .telling_key import TELLING_KEY
from .told_secret import TOLD_SECRET
from .turned_token import TURNED_TOKEN
from .url import URL
from .vehicle import VEHICLE
from .virtual_account import VIRTUAL_ACCOUNT
from .webhook_url import WEBHOOK_URL

BUILT_IN: tuple[Definition, ...] = (
    CREDIT_CARD,
    CARD_SECURITY_CODE,
    CARD_TRACK,
    CARD_EXPIRY,
    ISO8583_MESSAGE,
    EMV_DATA,
    KEYED_SECRET,
    SECRET_PHRASE,
    TOLD_SECRET,
    ONE_TIME_CODE,
    COMMAND_LINE,
    TELLING_KEY,
    AUTHORIZATION_HEADER,
    CONNECTION_STRING,
    AWS_KEY,
    JSON_WEB_TOKEN,
    PRIVATE_KEY,
    SERVICE_TOKEN,
    TURNED_TOKEN,
    WEBHOOK_URL,
    CHAT_BOT_TOKEN,
    AZURE_KEY,
    PASSWORD_HASH,
    EMAIL_ADDRESS,
    PHONE_NUMBER,
    MOBILE_MONEY_NUMBER,
    MOBILE_MONEY_NAME,
    IBAN_CODE,
    IP_ADDRESS,
    MAC_ADDRESS,
    PERSON,
    ISO20022_ACCOUNT,
    ISO20022_ADDRESS,
    ISO20022_BIRTH,
    ISO20022_NAME,
    ISO20022_PHONE,
    PAYMENT_QR,
    PAYMENT_QR_NAME,
    REMITTANCE_TEXT,
    SWIFT_ACCOUNT,
    SWIFT_PARTY,
    VIRTUAL_ACCOUNT,
    CRYPTO,
    COORDINATES,
    DATE_TIME,
    LOCATION,
    PERSON_IN_PROSE,
    POSTAL_ADDRESS,
    URL,
    DATE_OF_BIRTH,
    DEVICE_ID,
    DRIVER_LICENSE,
    ICCID,
    IMEI,
    IMSI,
    MACHINE_READABLE_ZONE,
    NATIONAL_ID,
    PASSPORT,
    VEHICLE,
    *AMERICAS,
    *ASIA,
    *AFRICA_EUROPE,
)


def built_in(internal_networks: Sequence[str] = ()) -> tuple[Definition, ...]:
    """All of them, with the addresses inside of some networks (CIDR) let through."""
    if not internal_networks:
        return BUILT_IN
    addresses = ip_address(networks(internal_networks))
    return tuple(addresses if definition is IP_ADDRESS else definition for definition in BUILT_IN)
