"""The pages in a real browser, by keyboard alone: its policy is never broken, and nothing is wider than a phone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from opswarden.apps.http.server import HttpServer
from opswarden.tests.apps.web.conftest import Office
from opswarden.tests.chromium_peer import ChromiumPeer, why_missing

# Words of command lines and short cells that stand on two lines: a person would read `- -cause`, or copy half of it.
_WORDS_THAT_BREAK = """
[...document.querySelectorAll(
  '.command, .evidence-table .id, .arguments-list td:first-child, strong.bad'
)].flatMap(command => {
  const texts = document.createTreeWalker(command, NodeFilter.SHOW_TEXT), range = document.createRange(), broken = [];
  while (texts.nextNode()) {
    const node = texts.currentNode;
    for (const word of node.data.matchAll(/\\S+/g)) {
      range.setStart(node, word.index); range.setEnd(node, word.index + word[0].length);
      const lines = new Set([...range.getClientRects()].map(each => each.top));
      if (word[0].length < 30 && lines.size > 1) broken.push(word[0]);
    }
  }
  return broken;
}).join(' ')
"""


@pytest.fixture
def served(office: Office) -> Iterator[str]:
    with HttpServer(office.app, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.port}"


def test_a_person_signs_in_reads_and_answers_by_keyboard(office: Office, served: str) -> None:
    if why := why_missing():
        pytest.skip(why)
    token = office.token("ana")
    item = office.asks("production", contact="<script>document.title='owned'</script>" + "x" * 400)
    with ChromiumPeer() as browser:

        def go_to(field: str) -> None:
            """Press Tab until a field has the focus."""
            for _ in range(40):
                browser.press("Tab")
                if browser.value(f"document.activeElement.matches({field!r})"):
                    return
            raise AssertionError(f"{field} cannot be reached")

        browser.open(f"{served}/sign-in")
        go_to("input[name=token]")
        browser.type(token)
        loaded = browser.loaded
        browser.press("Enter")
        browser.wait_for_load(loaded)
        assert browser.value("location.pathname") == "/runs"
        assert browser.value("document.cookie") == ""

        places = ["/runs", f"/runs/{office.run_id}", "/approvals", f"/approvals/{item.id}", "/ledger", "/ledger/1"]
        for width, dark in ((390, True), (1280, False)):
            browser.size(width, 900, dark=dark)
            for place in [*places, "/budgets", "/quality"]:
                browser.open(f"{served}{place}")
                assert browser.value("document.title").endswith("opswarden"), place
                assert browser.value("document.styleSheets.length") == 1, place
                assert browser.value("document.documentElement.scrollWidth") <= width, place
                assert browser.value(_WORDS_THAT_BREAK) == "", place
                # The style sheet is in force: the ground is not white, or black in the dark.
                ground = "rgb(18, 22, 26)" if dark else "rgb(246, 247, 248)"
                assert browser.value("getComputedStyle(document.body).backgroundColor") == ground

        browser.open(f"{served}/approvals/{item.id}")
        browser.press("Tab")
        assert browser.value("document.activeElement.className") == "skip"
        go_to("input[name=token]")
        assert browser.value("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        browser.type(token)
        go_to("button.approve")
        loaded = browser.loaded
        browser.press("Enter")
        browser.wait_for_load(loaded)
        assert "approved by person:ana" in browser.value("document.body.innerText")
        assert browser.problems == []

        # The policy holds: what a text could smuggle in would not run, and the browser would say so.
        for smuggled in (
            "document.body.insertAdjacentHTML('beforeend', '<img src=\"https://evil.example/x\" onerror=\"1\">')",
            "document.body.appendChild(document.createElement('script')).textContent = 'document.title=\"owned\"'",
        ):
            browser.value(smuggled)
        assert browser.value("document.title") != "owned"
        assert any("Content Security Policy" in problem for problem in browser.problems)
    (body,) = office.answers(item.id)
    assert body["fresh_sign_in_at"]
