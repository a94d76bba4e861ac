"""What AgentDojo's tools do and who writes what they return, as far as their descriptions say.

Only descriptions and parameters were used, no task and no attack: this is what somebody who connects a foreign tool
would declare. Where a description leaves it open, the stricter reading is taken: text is outside, tools that tell
people send.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

from ....tools.marks import Draft, Handle, Harmless, Kind
from ....tools.spec import Effect, KeptText, OutsideText, Result


def _moment(value: object) -> object:
    """Tools of the suite take `2024-05-19 12:00` and dates, without a zone."""
    if not isinstance(value, str):
        return value
    moment = datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


Moment = Annotated[datetime, BeforeValidator(_moment)]
AnyMoment = Annotated[datetime, BeforeValidator(_moment), Harmless()]
Event = Annotated[str, Kind("calendar event")]
Mail = Annotated[str, Kind("message")]
File = Annotated[str, Kind("file")]
Address = Annotated[str, Kind("e-mail address")]
Account = Annotated[str, Kind("account")]
User = Annotated[str, Kind("user")]
Channel = Annotated[str, Kind("channel")]
Colleague = Annotated[str, Kind("user"), Harmless()]
AnyChannel = Annotated[str, Kind("channel"), Harmless()]
OwnText = Annotated[str, Draft()]
Place = Annotated[str, Kind("place")]
Hotel = Annotated[str, Kind("hotel")]
Restaurant = Annotated[str, Kind("restaurant")]
Company = Annotated[str, Kind("car rental")]


class Text(Result):
    """Free text: a page, a file, a note."""

    text: OutsideText


class Done(Result):
    """The system's own word that it is done."""

    text: KeptText


class EventRow(Result):
    id: Annotated[KeptText, Kind("calendar event")]
    title: Annotated[OutsideText, Handle()]
    description: OutsideText = ""
    start_time: str | None = None
    end_time: str | None = None
    location: OutsideText | None = None
    participants: tuple[Annotated[OutsideText, Kind("e-mail address")], ...] = ()


class MailRow(Result):
    id: Annotated[KeptText, Kind("message")]
    sender: Annotated[OutsideText, Kind("e-mail address")] = ""
    recipients: tuple[Annotated[OutsideText, Kind("e-mail address")], ...] = ()
    subject: Annotated[OutsideText, Handle()] = ""
    body: OutsideText = ""


class FileRow(Result):
    id: Annotated[KeptText, Kind("file")]
    filename: Annotated[OutsideText, Handle()]
    content: OutsideText = ""
    owner: OutsideText = ""


class ContactRow(Result):
    name: Annotated[KeptText, Handle()]
    email: Annotated[KeptText, Kind("e-mail address")]


class TransactionRow(Result):
    id: Annotated[int, Kind("transaction")]
    sender: Annotated[KeptText, Kind("account"), Handle()]
    recipient: Annotated[KeptText, Kind("account"), Handle()]
    amount: Annotated[float, Kind("amount")]
    subject: Annotated[OutsideText, Handle()]
    date: KeptText


class MessageRow(Result):
    sender: Annotated[KeptText, Kind("user")]
    recipient: KeptText
    body: OutsideText


class UserRow(Result):
    user: Annotated[KeptText, Kind("user"), Handle()]


class ChannelRow(Result):
    channel: Annotated[KeptText, Kind("channel"), Handle()]


class HotelRow(Result):
    hotel: Annotated[KeptText, Kind("hotel"), Handle()]
    value: KeptText = ""


class RestaurantRow(Result):
    restaurant: Annotated[KeptText, Kind("restaurant"), Handle()]
    value: KeptText = ""


class CompanyRow(Result):
    company: Annotated[KeptText, Kind("car rental"), Handle()]
    value: KeptText = ""


class AddressRow(Result):
    of: Annotated[KeptText, Handle()]
    value: Annotated[KeptText, Kind("place")]


class ReviewRow(Result):
    of: Annotated[KeptText, Handle()]
    value: OutsideText


@dataclass(frozen=True)
class Manifest:
    """What is declared of a tool.

    Args:
        asked_by: verbs by which people ask for it.
        args: types of arguments that differ from the published ones.
        row: what its records are; text without.
        is_fetch: whether it is called for what it returns, so that nothing that follows can be proposed beside it.
    """

    effect: Effect = "read"
    asked_by: tuple[str, ...] = ()
    args: Mapping[str, Any] = field(default_factory=dict)
    row: type[Result] | None = None
    is_fetch: bool = False


def _read(row: type[Result] | None = None, **args: Any) -> Manifest:
    return Manifest(row=row, args=args)


def _acts(effect: Effect, asked_by: str, row: type[Result] = Done, **args: Any) -> Manifest:
    return Manifest(effect, tuple(verb.strip() for verb in asked_by.split(",")), args, row)


_ADDRESSES = list[Address]
_MAILING = {"recipients": _ADDRESSES, "cc": _ADDRESSES | None, "bcc": _ADDRESSES | None}

TOOLS: Mapping[str, Manifest] = {
    # mail, calendar, files
    "send_email": _acts("send", "send, email, e-mail, mail, write, forward, reply", MailRow, **_MAILING),
    "delete_email": _acts("write", "delete, remove, trash", Done, email_id=Mail),
    "get_unread_emails": _read(MailRow),
    "get_sent_emails": _read(MailRow),
    "get_received_emails": _read(MailRow),
    "get_draft_emails": _read(MailRow),
    "search_emails": _read(MailRow),
    "search_contacts_by_name": _read(ContactRow),
    "search_contacts_by_email": _read(ContactRow),
    "get_current_day": Manifest(row=Done),
    "search_calendar_events": _read(EventRow),
    "get_day_calendar_events": _read(EventRow),
    "create_calendar_event": _acts(
        "send",
        "create, add, schedule, book, set up, plan, put",
        EventRow,
        start_time=Moment,
        end_time=AnyMoment,
        participants=_ADDRESSES | None,
        location=Place | None,
    ),
    "cancel_calendar_event": _acts("send", "cancel, delete, remove, call off", Done, event_id=Event),
    "reschedule_calendar_event": _acts(
        "send",
        "reschedule, move, postpone, shift, change",
        EventRow,
        event_id=Event,
        new_start_time=Moment,
        new_end_time=AnyMoment | None,
    ),
    "add_calendar_event_participants": _acts("send", "add, invite", EventRow, event_id=Event, participants=_ADDRESSES),
    "append_to_file": _acts("write", "append, add, write, put, extend", FileRow, file_id=File, content=OwnText),
    "search_files_by_filename": _read(FileRow),
    "create_file": _acts("write", "create, make, write, save", FileRow, content=OwnText),
    "delete_file": _acts("write", "delete, remove", FileRow, file_id=File),
    "get_file_by_id": _read(FileRow, file_id=File),
    "list_files": _read(FileRow),
    "share_file": _acts(
        "send", "share", FileRow, file_id=File, email=Address, permission=Annotated[Literal["r", "rw"], Harmless("r")]
    ),
    "search_files": _read(FileRow),
    # travel
    "get_user_information": Manifest(row=Done),
    "get_all_hotels_in_city": _read(HotelRow),
    "get_hotels_prices": _read(HotelRow),
    "get_rating_reviews_for_hotels": _read(ReviewRow),
    "get_hotels_address": _read(AddressRow),
    "get_all_restaurants_in_city": _read(RestaurantRow),
    "get_cuisine_type_for_restaurants": _read(RestaurantRow),
    "get_restaurants_address": _read(AddressRow),
    "get_rating_reviews_for_restaurants": _read(ReviewRow),
    "get_dietary_restrictions_for_all_restaurants": _read(RestaurantRow),
    "get_contact_information_for_restaurants": _read(RestaurantRow),
    "get_price_for_restaurants": _read(RestaurantRow),
    "check_restaurant_opening_hours": _read(RestaurantRow),
    "get_all_car_rental_companies_in_city": _read(CompanyRow),
    "get_car_types_available": _read(CompanyRow),
    "get_rating_reviews_for_car_rental": _read(ReviewRow),
    "get_car_fuel_options": _read(CompanyRow),
    "get_car_rental_address": _read(AddressRow),
    "get_car_price_per_day": _read(CompanyRow),
    "reserve_hotel": _acts("send", "reserve, book, reservation", Done, hotel=Hotel, start_day=Moment, end_day=Moment),
    "reserve_car_rental": _acts(
        "send", "reserve, book, rent, reservation", Done, company=Company, start_time=Moment, end_time=Moment | None
    ),
    "reserve_restaurant": _acts("send", "reserve, book, reservation", Done, restaurant=Restaurant, start_time=Moment),
    "get_flight_information": _read(),
    # banking
    "get_iban": Manifest(row=Done),
    "send_money": _acts(
        "send",
        "send, pay, transfer, refund, wire",
        Done,
        recipient=Account,
        amount=Annotated[float, Kind("amount")],
        date=AnyMoment,
    ),
    "schedule_transaction": _acts(
        "send",
        "schedule, set up, plan",
        Done,
        recipient=Account,
        amount=Annotated[float, Kind("amount")],
        date=AnyMoment,
    ),
    "update_scheduled_transaction": _acts(
        "send",
        "update, change, adjust, modify, set",
        Done,
        id=Annotated[int, Kind("transaction")],
        recipient=Account | None,
        amount=Annotated[float | None, Kind("amount")],
        date=AnyMoment | None,
    ),
    "get_balance": Manifest(row=Done),
    "get_most_recent_transactions": _read(TransactionRow),
    "get_scheduled_transactions": _read(TransactionRow),
    "read_file": _read(),
    "get_user_info": Manifest(row=Done),
    "update_password": _acts("write", "update, change, set, reset", Done),
    "update_user_info": _acts("write", "update, change, set", Done),
    # chat and web
    "get_channels": _read(ChannelRow),
    "add_user_to_channel": _acts("write", "add, invite", Done, user=User, channel=Channel),
    "read_channel_messages": _read(MessageRow, channel=Channel),
    "read_inbox": _read(MessageRow, user=User),
    "send_direct_message": _acts("send", "send, message, write, tell", Done, recipient=Colleague),
    "send_channel_message": _acts("send", "send, post, write, reply", Done, channel=AnyChannel),
    "get_users_in_channel": _read(UserRow, channel=Channel),
    "invite_user_to_slack": _acts("send", "invite", Done, user=User, user_email=Address),
    "remove_user_from_slack": _acts("write", "remove, kick", Done, user=User),
    "get_webpage": Manifest(
        "send", ("read", "visit", "open", "see", "find", "summarize", "summary", "get", "check"), is_fetch=True
    ),
    "post_webpage": _acts("send", "post, publish", Done, url=str),
}
"""By name; a tool that is not here is refused."""
