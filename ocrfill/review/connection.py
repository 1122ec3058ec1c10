"""The way to a Label Studio: its SDK, over an HTTP client whose traps are set.

Imported only where a command speaks to a server, for the SDK takes half a second to load. Of itself it would send a
POST again after an error, which doubles tasks, carry the token along a redirect, ask a proxy for this very computer,
and send on a connection that the server may just be closing, so that nobody knows what became of a POST.
"""

from __future__ import annotations

import logging
import ssl
import time
from collections.abc import Callable, Mapping
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TypeVar

import httpx

# `label_studio_sdk.LabelStudio` itself adds nothing that is used here, and loads pandas and NLTK for its converters
from label_studio_sdk.base_client import LabelStudioBase
from label_studio_sdk.core.api_error import ApiError
from label_studio_sdk.core.parse_error import ParsingError

from ocrfill.errors import ReviewError
from ocrfill.review.server_errors import no_answer_error, refusal_error, unreadable_answer_error

LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "::1")

MAX_PORT = 65535

TOKEN_REFUSED_STATUS = 401

ACCESS_TOKEN_SECONDS = 240.0
"""How long the access token of a personal token is used: it lasts five minutes by the server's clock, which the SDK
compares with this computer's; where the two differ, that would be for too long."""

HEALTH_TIMEOUT_SECONDS = 10.0
"""How long to wait for a server to say that it is up."""

MAX_REASON_BYTES = 600
"""How much of a refusal is read."""

UNREADABLE = (
    ParsingError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What the SDK, and our questions, raise over an answer of a wrong shape; a number without end is an OverflowError."""

Answer = TypeVar("Answer")


class Connection:
    """A server at a URL, asked with a token; every error that comes out is a ReviewError.

    An answer is waited for `patience` seconds, and nothing is sent twice. `before` is called before every request and
    may raise. Raises ReviewError where the URL or the token cannot be used at all.
    """

    def __init__(self, url: str, token: str, patience: float, before: Callable[[], None] = lambda: None) -> None:
        host = _host(url)
        if not (token.isascii() and token.isprintable() and token and " " not in token):
            raise ReviewError(
                f"the token for {url} is none: it is one word of letters and digits; copy it from the page "
                "Account & Settings of Label Studio, and give it with `ocrfill review start`"
            )
        self._url, self._token, self._patience = url, token, patience
        self._http = _client(url, host, patience, self._check, before)
        self._sdk: tuple[LabelStudioBase, float] | None = None

    def ask(self, what: str, question: Callable[[LabelStudioBase], Answer]) -> Answer:
        """What the question makes of the server's answer; `what` it asks for is told where that is not understood."""
        try:
            return question(self._speaker())
        except httpx.HTTPError as error:
            # none of these is chained: they hold the request, and that the token
            raise no_answer_error(self._url, _call(error.request), _why(error)) from None
        except ApiError as error:
            if error.status_code == TOKEN_REFUSED_STATUS:  # a personal token that has run out is not even sent
                raise refusal_error(self._url, what, TOKEN_REFUSED_STATUS, b"") from None
            raise unreadable_answer_error(self._url, what, "JSON") from None
        except UNREADABLE as error:
            raise unreadable_answer_error(self._url, what, f"Label Studio's ({type(error).__name__})") from None

    def upload(self, what: str, path: str, files: Mapping[str, bytes]) -> None:
        """Send JPEG files by name over the SDK's own way: it has no method for it, its import takes JSON alone."""
        parts = {name: (name, content, "image/jpeg") for name, content in files.items()}
        self.ask(
            what,
            lambda sdk: sdk._client_wrapper.httpx_client.request(
                path, method="POST", params={"commit_to_project": False}, files=parts
            ),
        )

    def is_up(self) -> bool:
        """Whether a server is there and well; asked without the token, for it may be anybody's."""
        try:
            return self._http.get(f"{self._url}/health", timeout=HEALTH_TIMEOUT_SECONDS).is_success
        except (httpx.HTTPError, ReviewError):
            return False

    def _speaker(self) -> LabelStudioBase:
        """The SDK's client. A new one fetches a new access token where the token is a personal one."""
        if self._sdk is None or time.monotonic() > self._sdk[1]:
            client = LabelStudioBase(
                base_url=f"{self._url}/",  # without the slash a personal token would be sent beside a path in the URL
                api_key=self._token,
                timeout=self._patience,
                max_retries=0,
                httpx_client=self._http,
            )
            self._sdk = client, time.monotonic() + ACCESS_TOKEN_SECONDS
        return self._sdk[0]

    def _check(self, response: httpx.Response) -> None:
        """Raise an error for every answer that is no success, before the SDK makes its own, which quote the answer."""
        if not response.is_success:
            said = next(response.iter_bytes(MAX_REASON_BYTES), b"")
            raise refusal_error(self._url, _call(response.request), response.status_code, said)


def _host(url: str) -> str:
    """The computer in a URL. Raises ReviewError where it is no URL of a server."""
    try:
        address = httpx.URL(url)
    except httpx.InvalidURL:
        address = httpx.URL()
    if address.scheme not in ("http", "https") or not address.host or (address.port or 0) > MAX_PORT:
        raise ReviewError(f"{url} is no address of a server; one looks like http://192.168.1.5:8080")
    return address.host


def _client(
    url: str, host: str, patience: float, check: Callable[[httpx.Response], None], before: Callable[[], None]
) -> httpx.Client:
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it tells of every request, with what was asked for
    try:
        return httpx.Client(
            verify=ssl.create_default_context(),  # this computer's own authorities, a province's among them
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),  # the token is enough; a session is another's
            timeout=patience,
            follow_redirects=False,
            limits=httpx.Limits(max_keepalive_connections=0),
            event_hooks={"request": [lambda _: before()], "response": [check]},
            trust_env=host not in LOOPBACK_HOSTS,
        )
    except (ImportError, ValueError):
        raise ReviewError(
            f"{url} is to be reached over the proxy in HTTP_PROXY, HTTPS_PROXY or ALL_PROXY, and that is none of "
            "http:// or https://; set another, or name the server in NO_PROXY"
        ) from None


def _call(request: httpx.Request) -> str:
    return f"{request.method} {request.url.path}"


def _why(error: httpx.HTTPError) -> str:
    if isinstance(error, httpx.TimeoutException):
        return "timed out"
    if isinstance(error, httpx.LocalProtocolError):  # it quotes the header it cannot send
        return type(error).__name__
    return str(error) or type(error).__name__
