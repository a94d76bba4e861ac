"""The web view as an ASGI application, to be served alone or as a part of a service."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from ...core.errors import BackendError, CallDenied, ConfigError, InputError, LedgerError, OpswardenError
from ..http.guard import App
from ..installation import Installation
from . import approval_pages, budget_page, ledger_pages, metrics_page, quality_page, run_pages, sign_in
from .asked import SESSION_COOKIE, Asked, Reply
from .front import Front
from .house import Answered, House
from .layout import told

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

Page = Callable[[Asked], Reply]

_MOST_FIELDS = 20
_STATUS: tuple[tuple[type[OpswardenError], int], ...] = (
    (CallDenied, 403),
    (InputError, 400),
    (LedgerError, 503),
    (BackendError, 502),
    (ConfigError, 500),
)

# The address of the style sheet changes with it.
_KEPT = {"cache-control": "public, max-age=31536000, immutable"}
_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path d="M8 1 15 8 8 15 1 8Z" fill="#0b62a4"/></svg>\n'
)

# Method, path, page, and whether anybody is served.
_ROUTES: Sequence[tuple[str, str, Page, bool]] = (
    ("GET", "/", lambda asked: Reply(status=303, to=asked.url("runs")), False),
    ("GET", "/sign-in", sign_in.show, True),
    ("POST", "/sign-in", sign_in.with_token, True),
    ("POST", "/sign-out", sign_in.out, False),
    ("GET", "/oidc/start", sign_in.to_issuer, True),
    ("GET", "/oidc/callback", sign_in.from_issuer, True),
    ("GET", "/static/style.css", lambda asked: _style(asked), True),
    ("GET", "/static/icon.svg", lambda _asked: Reply(_ICON, kind="image/svg+xml", headers=_KEPT), True),
    ("GET", "/runs", run_pages.listed, False),
    ("GET", "/runs/{run_id}", run_pages.one, False),
    ("GET", "/approvals", approval_pages.listed, False),
    ("GET", "/approvals/{approval_id}", approval_pages.one, False),
    ("POST", "/approvals/{approval_id}", approval_pages.answered, False),
    ("GET", "/ledger", ledger_pages.listed, False),
    ("POST", "/ledger/verify", ledger_pages.verified, False),
    ("GET", "/ledger/{seq}", ledger_pages.one, False),
    ("GET", "/budgets", budget_page.show, False),
    ("GET", "/quality", quality_page.show, False),
    ("GET", "/metrics", metrics_page.show, True),
)


def app_of(installation: Installation, on_answered: Answered | None = None) -> App:
    """The pages of an installation.

    Args:
        installation: whose they are; it stays open as long as they are served.
        on_answered: told the id of a run when a person has answered a question of it, to make it go on.

    Raises:
        ConfigError: the settings cannot be used.
    """
    from starlette.applications import Starlette  # noqa: PLC0415 - an extra
    from starlette.routing import Route  # noqa: PLC0415 - the same

    house = House(installation, on_answered)
    routes = [
        Route(path, _endpoint(house, page, is_open=is_open), methods=[method])
        for method, path, page, is_open in _ROUTES
    ]
    lost = _endpoint(house, lambda asked: told(asked, 404, "Nothing here", "There is no such page."), is_open=False)

    async def not_found(request: Request, _error: Exception) -> Response:
        response: Response = await lost(request)
        return response

    app = Starlette(routes=routes, exception_handlers={404: not_found})
    address = urlsplit(house.settings.address or "")
    named = (address.netloc,) if address.netloc else ()
    is_public = address.scheme == "https" or house.settings.certificate is not None
    return Front(app, hosts=(*house.settings.hosts, *named), is_public=is_public)


def _endpoint(house: House, page: Page, *, is_open: bool) -> Callable[[Request], Any]:
    from starlette.concurrency import run_in_threadpool  # noqa: PLC0415 - as above

    async def serve(request: Request) -> Response:
        body = await request.body() if request.method == "POST" else b""
        return _response(await run_in_threadpool(_answer, house, page, request, body, is_open=is_open))

    return serve


def _answer(house: House, page: Page, request: Request, body: bytes, *, is_open: bool) -> Reply:
    asked = Asked(
        house,
        None,
        request.scope["path"].removeprefix(request.scope.get("root_path", "")),
        request.scope.get("root_path", "").rstrip("/"),
        {name: str(value) for name, value in request.path_params.items()},
        dict(request.query_params),
        {},
        request.cookies,
        request.headers,
        request.client.host if request.client is not None else "",
        house.installation.clock.now(),
    )
    try:
        asked = _known(asked, body)
        if asked.viewer is None and not is_open:
            if request.method == "GET" and asked.headers.get("sec-fetch-site") == "cross-site":
                # A link in a chat brings no strict cookie along; one of our own pages does.
                return sign_in.onward(asked, f"{asked.base}{asked.here}")
            return sign_in.show(asked, status=401) if request.method == "GET" else sign_in.show(asked, _OVER, 401)
        if request.method == "POST" and asked.viewer is not None and asked.path != "/sign-in":
            sign_in.check_key(asked)
        return page(asked)
    except OpswardenError as error:
        status = next((status for kind, status in _STATUS if isinstance(error, kind)), 500)
        scrub = house.installation.redaction.scrub
        return told(asked, status, "That did not go", scrub(error.message), scrub(error.remedy))
    except Exception as error:  # noqa: BLE001 - the edge: a traceback could show what redaction took out
        return told(
            asked, 500, "That did not go", f"Internal error ({type(error).__name__}).", "Report it as a defect."
        )


_OVER = "Your sign-in is over. Nothing was sent."


def _known(asked: Asked, body: bytes) -> Asked:
    try:
        form = dict(parse_qsl(body.decode("utf-8"), max_num_fields=_MOST_FIELDS, keep_blank_values=True))
    except ValueError:
        raise InputError("the form cannot be read", remedy="go back, reload and send it again") from None
    viewer = asked.house.viewer_of(asked.cookies.get(SESSION_COOKIE, ""))
    return Asked(**{**vars(asked), "form": form, "viewer": viewer})


def _response(reply: Reply) -> Response:
    from starlette.responses import Response  # noqa: PLC0415 - as above

    response = Response(reply.body, status_code=reply.status, media_type=reply.kind)
    for name, value in reply.headers.items():
        response.headers[name] = value
    if reply.to:
        response.headers["location"] = reply.to
    for line in reply.cookies:
        response.headers.append("set-cookie", line)
    return response


def _style(asked: Asked) -> Reply:
    return Reply(asked.house.style.decode(), kind="text/css; charset=utf-8", headers=_KEPT)
