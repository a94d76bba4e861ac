"""Files of an artefact that are made to break or to busy whoever looks into them."""

from __future__ import annotations

import io
import pickle
import zipfile

import pytest

from opswarden.tools.models.checks import artefact
from opswarden.tools.models.checks.artefact import scan


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
@pytest.mark.parametrize("change", ["garbage", "cut"])
def test_an_archive_whose_content_does_not_unpack_is_told_as_broken(method: int, change: str) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr("data.pkl", pickle.dumps(list(range(5_000))))
        packed = archive.getinfo("data.pkl").compress_size
    content = bytearray(out.getvalue())
    start = 30 + len("data.pkl")
    if change == "garbage":
        content[start : start + 40] = b"\x07" * 40
    else:
        content[start + 20 : start + packed] = bytes(packed - 20)
    found = scan(bytes(content), "model.pt")
    assert found.unread != ""


def test_the_work_is_bounded_over_all_pickles_of_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(artefact, "_MOST_OPCODES", 1_000)
    one = pickle.dumps(None)
    assert scan(one * 200, "model.pkl").unread == ""
    assert scan(one * 2_000, "model.pkl").unread != ""
