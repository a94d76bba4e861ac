"""Places on the map: under keys that say so, in the forms that maps and databases use, and beside a word for a place.

Two decimals are a kilometre; with fewer it is a region and stays.
"""

from __future__ import annotations

import re

from ..definition import Anchored, Definition, Hit, Keyed, Pattern
from ..structures.key_names import key_words
from ..structures.key_values import key_behind

_NUMBER = r"[+\-]?[0-9]{1,3}[.,][0-9]{2,20}"
_POINTED = r"[+\-]?[0-9]{1,3}\.[0-9]{2,20}"
_SURE = frozenset(
    "latitude longitude lng gps gps_lat gps_lon gps_lng geo_lat geo_lon geo_lng coordinates coords gps_coordinates "
    "lat_lng lat_lon latlng latlon lnglat lonlat lng_lat lon_lat geo_point geolocation location_lat location_lon "
    "location_lng coordenadas coordonnees coordonnées koordinat toa_do tọa_độ user_location device_location latitud "
    "longitud enlem boylam lintang bujur geo_location position_gps".split()
)
_OTHER_AXIS = re.compile(r"(?<![A-Za-z])(?:lon|lng|long|longitude|lat|latitude)(?![A-Za-z])", re.IGNORECASE)
_REACH = 80
_FIRST_BEHIND = re.compile(r"[0-9]{4,20}\.[0-9]{1,3}[+\-]?(?![0-9A-Za-z._,])")
_PLACES = frozenset(
    "location locations position gps geo geolocation coordinate coordinates coord coords latitude longitude latlng map "
    "maps near place ubicacion ubicación localizacao localização localisation konum lokasi vị_trí coordenadas point "
    "loc ll center address destination origin".split()
)
_PLACES_AS_KEYS = frozenset(
    "location position loc coord place geocode geoloc ubicacion localizacao localisation konum lokasi".split()
)
_MINUTES = r"""[0-9]{1,3} ?° ?[0-9]{1,2} ?['′’] ?(?:[0-9]{1,2}(?:\.[0-9]{1,6})? ?(?:["″”]|''))? ?[NSEWOnsewo]?"""


def _pair(text: str, start: int, end: int) -> Hit | None:
    """`lat` may be short for latency; beside another axis it is not."""
    near = _OTHER_AXIS.findall(text, max(0, start - _REACH), end + _REACH)
    return (start, end, 0.8) if len({axis[:2].lower() for axis in near}) > 1 else None


def _on_earth(text: str, start: int, end: int) -> bool:
    first, second = (abs(float(number)) for number in re.findall(r"[0-9]+(?:\.[0-9]+)?", text[start:end])[:2])
    return min(first, second) <= 90 and max(first, second) <= 180


def _two(text: str, start: int, end: int) -> Hit | None:
    return (start, end, 0.85) if _on_earth(text, start, end) else None


def _near_a_word(text: str, start: int, end: int) -> Hit | None:
    """Two numbers with a comma are measures of anything; a word for a place has to stand in front, or a map's sign."""
    first = _FIRST_BEHIND.match(text[max(0, start - 26) : start][::-1])
    if first is None:
        return None
    start -= first.end()
    if not _on_earth(text, start, end):
        return None
    if start and text[start - 1] == "@":
        return start, end, 0.85
    words = key_words(text[max(0, start - 48) : start])[-6:] + key_words(key_behind(text, start) or "")
    return (start, end, 0.75) if not _PLACES.isdisjoint(words) else None


COORDINATES = Definition(
    "COORDINATES",
    (
        Keyed(_SURE, bare=rf"[\[(]?[ ]?(?P<value>{_NUMBER}(?:[ ,;/]{{1,3}}{_NUMBER})?)"),
        Keyed(frozenset({"lat", "lon", "long"}), bare=_NUMBER, check=_pair),
        Keyed(_PLACES_AS_KEYS, bare=rf"[\[(]?[ ]?(?P<value>{_POINTED} ?[,;/ ] ?{_POINTED})", check=_two),
        Keyed(frozenset({"geohash", "plus_code", "pluscode", "open_location_code"}), bare=r"[0-9A-Za-z+]{5,14}"),
        # From the comma on, which makes them cheap to look for; what is before it is read backwards.
        Pattern(r",(?: |%20|\+)?[+\-]?[0-9]{1,3}\.[0-9]{4,20}(?![0-9.])", check=_near_a_word),
        # RFC 5870.
        Anchored(("geo:",), after=rf"(?i:geo):(?P<value>{_POINTED},{_POINTED})", check=_two),
        # Well-known text (ISO 19125): longitude first.
        Anchored(("point",), after=rf"(?i:point)(?: ?Z)? ?\( ?(?P<value>{_POINTED} {{1,3}}{_POINTED})", check=_two),
        # Links of maps: !3d-23.55!4d-46.63.
        Anchored(("!3d",), after=rf"!3d(?P<value>{_POINTED}!4d{_POINTED})"),
        Anchored(
            ("°",),
            after=r"° ?[0-9]{1,2} ?['′’] ?(?:[0-9]{1,2}(?:\.[0-9]{1,6})? ?(?:[\"″”]|'')?)? ?[NSEWOnsewo]?(?![A-Za-z])"
            rf"(?:[ ,;]{{1,3}}{_MINUTES}(?![A-Za-z]))?",
            before=r" ?[0-9]{1,3}(?![0-9.])",
            reach=6,
        ),
    ),
    identity=lambda value: "".join(value.split()),
)
