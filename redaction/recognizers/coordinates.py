"""Places on the map, under keys that say so."""

from __future__ import annotations

import re

from ..definition import Definition, Hit, Keyed

_NUMBER = r"[+\-]?[0-9]{1,3}[.,][0-9]{2,}"
_SURE = frozenset(
    "latitude longitude lng gps gps_lat gps_lon gps_lng geo_lat geo_lon geo_lng coordinates coords gps_coordinates "
    "lat_lng lat_lon latlng latlon geo_point geolocation location_lat location_lon".split()
)
_OTHER_AXIS = re.compile(r"(?<![A-Za-z])(?:lon|lng|long|longitude|lat|latitude)(?![A-Za-z])", re.IGNORECASE)
_REACH = 80


def _pair(text: str, start: int, end: int) -> Hit | None:
    """`lat` may be short for latency; beside another axis it is not."""
    near = _OTHER_AXIS.findall(text, max(0, start - _REACH), end + _REACH)
    return (start, end, 0.8) if len({axis[:2].lower() for axis in near}) > 1 else None


COORDINATES = Definition(
    "COORDINATES",
    (
        Keyed(_SURE, bare=rf"[\[(]?{_NUMBER}(?:[ ,;/]{{1,3}}{_NUMBER})?"),
        Keyed(frozenset({"lat", "lon", "long"}), bare=_NUMBER, check=_pair),
    ),
    identity=lambda value: "".join(value.split()),
)
