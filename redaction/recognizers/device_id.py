"""Numbers by which advertising and fraud checks know a person's device: under their keys only.

A bare UUID is a trace or a request. `device_id` counts when its value is a UUID or a long hexadecimal number: with a
short number, or a word for hardware beside it, it is a disk or a graphics card. `fingerprint` alone belongs to alerts
and certificates and stays.
"""

from __future__ import annotations

import re

from ..definition import Definition, Hit, Keyed, alphanumeric

_KEYS = frozenset(
    "idfa idfv gaid aaid adid oaid gps_adid google_ad_id google_advertising_id advertising_id advertiser_id ad_id "
    "android_id androidid device_ad_id udid openudid device_udid device_fingerprint device_finger_print "
    "browser_fingerprint visitor_id app_instance_id firebase_instance_id firebase_installation_id appsflyer_id "
    "mixpanel_distinct_id amplitude_device_id braze_device_id threatmetrix_id".split()
)
_SHARED = frozenset(
    "device_id deviceid device_identifier device_uuid device_guid id_dispositivo dispositivo_id installation_id "
    "install_id".split()
)
_HARDWARE = frozenset(
    "gpu cuda disk block pci usb nvme scsi cpu nic host node storage volume net kernel driver edge iot".split()
)
_LONG = re.compile(
    r"[0-9A-Fa-f]{8}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{12}\Z|[0-9A-Fa-f]{16,64}\Z"
)
_BARE = r"[0-9A-Za-z][0-9A-Za-z\-_]{7,127}+(?![.\-/])"


def _own(text: str, start: int, end: int) -> Hit | None:
    """Advertising ids that a person has switched off are all zeros."""
    found = alphanumeric(text[start:end])
    if len(found) < 8 or set(found) == {"0"} or not any(map(str.isdigit, found)):
        return None
    return start, end, 0.75


def _shared(text: str, start: int, end: int) -> Hit | None:
    return _own(text, start, end) if _LONG.match(text[start:end]) else None


DEVICE_ID = Definition(
    "DEVICE_ID",
    (
        Keyed(_KEYS, bare=_BARE, check=_own),
        Keyed(_SHARED, bare=_BARE, unless=_HARDWARE, check=_shared),
    ),
    identity=alphanumeric,
)
