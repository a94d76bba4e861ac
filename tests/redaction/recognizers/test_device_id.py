"""Numbers by which advertising knows a device."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.device_id import DEVICE_ID

TABLE: list[tuple[str, str, list[str]]] = [
    ("of Apple", "idfa=6D92078A-8246-4BA4-AE5B-76104861E7DC", ["6D92078A-8246-4BA4-AE5B-76104861E7DC"]),
    ("of Google", '"gaid": "cdda802e-fb9c-47ad-9866-0794d394c912"', ["cdda802e-fb9c-47ad-9866-0794d394c912"]),
    ("of Android", "android_id=9774d56d682e549c", ["9774d56d682e549c"]),
    (
        "a fingerprint of a device",
        "device_fingerprint: a1b2c3d4e5f60718293a4b5c6d7e8f90",
        ["a1b2c3d4e5f60718293a4b5c6d7e8f90"],
    ),
    (
        "a UUID under device_id",
        '"device_id":"cdda802e-fb9c-47ad-9866-0794d394c912"',
        ["cdda802e-fb9c-47ad-9866-0794d394c912"],
    ),
    ("a long number under device_id", "deviceId=9774d56d682e549c", ["9774d56d682e549c"]),
    ("switched off by its owner", "idfa=00000000-0000-0000-0000-000000000000", []),
    ("a disk", "device_id=8 device_id=sda1", []),
    ("a graphics card", 'gpu_device_id="GPU-5d1f9a1e-3b7c"', []),
    ("a card of a bus", "pci_device_id=0x1af41000", []),
    ("an installation of a program", "installation_id=48173620", []),
    ("a disk by its UUID", "disk_device_uuid=cdda802e-fb9c-47ad-9866-0794d394c912", []),
    ("a branch", "branch_id=48173620a", []),
    ("an alert", "fingerprint=a1b2c3d4e5f60718", []),
    ("a trace", "trace_id=cdda802e-fb9c-47ad-9866-0794d394c912", []),
    ("no key", "cdda802e-fb9c-47ad-9866-0794d394c912", []),
    ("nothing there", "android_id=unknown_device", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(DEVICE_ID, text) == values
