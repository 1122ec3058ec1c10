"""Label Studio's HTTP interface, as far as review needs it.

Not its own SDK: that is 500 MB, takes 4 s to import, pins OpenCV, and sends a POST again by itself after an error,
which doubles tasks. Here a GET is tried again, a POST never: whoever sent it looks first what became of it.
"""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlsplit
from urllib.request import HTTPRedirectHandler, OpenerDirector, ProxyHandler, Request, build_opener
from uuid import uuid4

from ocrfill.errors import ReviewError

PATIENCE = 60.0
"""Seconds to wait for one answer."""

TRIES = 4
"""How often a GET is tried, with a pause of 1, 2 and 4 seconds: a server that restarts is back by then."""

PAGE = 500
"""Tasks in one page of a listing: larger ones save nothing and hold the server for long."""

LOOPBACK = ("127.0.0.1", "localhost", "::1")

NOT_THERE = 404


class Unanswered(ReviewError):
    """No answer came, or the server failed: whether it did what was asked is not known."""


class NotThere(ReviewError):
    """The server has no such thing."""


class _NoRedirects(HTTPRedirectHandler):
    """A redirect would carry the token to another host."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


@dataclass(frozen=True, slots=True)
class Project:
    """A project as the server lists it."""

    description: str
    tasks: int


class LabelStudio:
    """A Label Studio at a URL, spoken to with a token: a legacy one, or a personal access token."""

    def __init__(self, url: str, token: str, *, patience: float = PATIENCE, tries: int = TRIES) -> None:
        self.url = url.rstrip("/")
        self._token = token
        self._patience = patience
        self._tries = tries
        self._access: tuple[str, float] | None = None
        direct = [ProxyHandler({})] if urlsplit(self.url).hostname in LOOPBACK else []
        self._opener: OpenerDirector = build_opener(_NoRedirects, *direct)

    def __repr__(self) -> str:
        return f"LabelStudio({self.url!r})"

    # people and projects

    def whoami(self) -> str:
        """The e-mail address of the token's owner. Raises ReviewError where the server takes no such token."""
        return str(self.get("/api/current-user/whoami")["email"])

    def people(self) -> dict[int, str]:
        """The e-mail addresses of all users by their number."""
        return {int(user["id"]): str(user["email"]) for user in self.get("/api/users/")}

    def projects(self) -> dict[int, Project]:
        """All projects by their number."""
        found: dict[int, Project] = {}
        page = 1
        while True:
            listed = self.get(f"/api/projects/?page={page}&page_size=200&include=id,description,task_number")
            found |= {int(p["id"]): Project(p.get("description") or "", p["task_number"]) for p in listed["results"]}
            if not listed.get("next"):
                return found
            page += 1

    def find_project(self, token: str) -> int | None:
        """The project in whose description that token stands: of one that was made, though no answer came."""
        return next((number for number, project in self.projects().items() if token in project.description), None)

    def make_project(self, title: str, description: str, config: str) -> int:
        """Make a project; its number."""
        wanted = {"title": title, "description": description, "label_config": config, "sampling": "Sequential sampling"}
        return int(self.post("/api/projects/", wanted)["id"])

    def uploads(self, project: int) -> list[str]:
        """Where the server has each file that was uploaded to the project: paths that a logged-in user may get."""
        return [f"/data/{upload['file']}" for upload in self.get(f"/api/projects/{project}/file-uploads?all=true")]

    def upload(self, project: int, files: Mapping[str, bytes]) -> None:
        """Upload JPEG files by name. The project's config must have one data key only."""
        border = uuid4().hex
        body = b""
        for name, content in files.items():
            head = f'--{border}\r\nContent-Disposition: form-data; name="{name}"; filename="{name}"\r\n'
            body += f"{head}Content-Type: image/jpeg\r\n\r\n".encode() + content + b"\r\n"
        kind = f"multipart/form-data; boundary={border}"
        path = f"/api/projects/{project}/import?commit_to_project=false"
        self._answer("POST", path, body + f"--{border}--\r\n".encode(), kind)

    # tasks

    def add_tasks(self, project: int, tasks: Sequence[Mapping[str, Any]]) -> list[int]:
        """Add tasks, all or none, and give their numbers in order."""
        path = f"/api/projects/{project}/import?return_task_ids=true"
        return [int(number) for number in self.post(path, list(tasks))["task_ids"]]

    def keys(self, project: int) -> list[tuple[int, str]]:
        """All tasks of a project: their number and their own key."""
        fields = "fields=task_only&include=id,data"
        return [(int(task["id"]), str(task["data"].get("key"))) for task in self._listed(project, fields)]

    def delete_unanswered(self, task: int) -> None:
        """Delete a task unless somebody has answered it."""
        if not self.get(f"/api/tasks/{task}/")["annotations"]:
            self._send("DELETE", f"/api/tasks/{task}/", None)

    def answered_tasks(self, project: int, since: str | None) -> list[dict[str, Any]]:
        """The tasks that changed after that moment of the server's clock, each with its annotations.

        Without a moment: those that anybody has answered or skipped.
        """
        wanted = "id,updated_at,annotations,result,completed_by,updated_by,lead_time,was_cancelled"
        if since is None:
            counts = ("filter:tasks:total_annotations", "filter:tasks:cancelled_annotations")
            items = [{"filter": name, "operator": "greater", "type": "Number", "value": 0} for name in counts]
        else:
            name = "filter:tasks:updated_at"
            items = [{"filter": name, "operator": "greater", "type": "Datetime", "value": since}]
        query = quote(json.dumps({"filters": {"conjunction": "or", "items": items}}))
        return list(self._listed(project, f"fields=all&resolve_uri=false&include={wanted}&query={query}"))

    def key_of(self, task: int) -> str | None:
        """The own key of one task, None where the task is gone."""
        try:
            return str(self.get(f"/api/tasks/{task}/")["data"].get("key"))
        except NotThere:
            return None

    def _listed(self, project: int, fields: str) -> Iterator[dict[str, Any]]:
        """All tasks of a listing, each once though tasks may come in while it is read."""
        seen: set[int] = set()
        page = 1
        while True:
            try:
                found = self.get(f"/api/tasks?project={project}&page={page}&page_size={PAGE}&{fields}")
            except NotThere:
                if page == 1:
                    raise
                return
            for task in found["tasks"]:
                if task["id"] not in seen:
                    seen.add(task["id"])
                    yield task
            if page * PAGE >= found["total"] or not found["tasks"]:
                return
            page += 1

    # the wire

    def get(self, path: str) -> Any:
        """What the server answers; asked again after a pause where it does not."""
        for pause in (2**n for n in range(self._tries - 1)):
            try:
                return self._send("GET", path, None)
            except Unanswered:
                time.sleep(pause)
        return self._send("GET", path, None)

    def post(self, path: str, body: object) -> Any:
        """What the server answers; asked once, for it may have done it."""
        return self._send("POST", path, body)

    def _send(self, method: str, path: str, body: object) -> Any:
        return self._answer(method, path, None if body is None else json.dumps(body).encode(), "application/json")

    def _answer(self, method: str, path: str, body: bytes | None, kind: str) -> Any:
        head = {"Content-Type": kind, "Authorization": self._authorization()}
        return self._exchange(Request(self.url + path, body, head, method=method))  # noqa: S310 - the user's own URL

    def _authorization(self) -> str:
        """A personal access token is changed for one that lasts five minutes; a legacy token goes as it is."""
        if self._token.count(".") != 2:
            return f"Token {self._token}"
        if self._access is None or time.monotonic() > self._access[1]:
            body = json.dumps({"refresh": self._token}).encode()
            head = {"Content-Type": "application/json"}
            request = Request(f"{self.url}/api/token/refresh/", body, head, method="POST")  # noqa: S310
            self._access = (str(self._exchange(request)["access"]), time.monotonic() + 240)
        return f"Bearer {self._access[0]}"

    def _exchange(self, request: Request) -> Any:
        what = f"{request.get_method()} {urlsplit(request.full_url).path}"
        try:
            with self._opener.open(request, timeout=self._patience) as answer:
                text = answer.read()
        except HTTPError as error:
            raise _refused(self.url, what, error) from None  # the error holds the request, and that the token
        except (URLError, OSError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", None) or error
            raise Unanswered(
                f"{self.url} does not answer ({what}: {reason}); check that it runs (`ocrfill review status`), "
                "then run the same command again: nothing is lost or doubled"
            ) from None
        try:
            return json.loads(text) if text else None
        except ValueError:
            raise ReviewError(
                f"{self.url} answers {what} with something that is not JSON; is it Label Studio?"
            ) from None


def _refused(url: str, what: str, error: HTTPError) -> ReviewError:
    with error:
        said = error.read(600).decode(errors="replace")
    if error.code == NOT_THERE:
        return NotThere(f"{url} has no {what.partition(' ')[2]}")
    if error.code in (401, 403):
        return ReviewError(f"{url} does not take this token ({error.code}); give another with `ocrfill review start`")
    if error.code >= 500 or error.code in (408, 429):
        return Unanswered(
            f"{url} fails at {what} with {error.code}; look in its log, then run the same command again: "
            "nothing is lost or doubled"
        )
    return ReviewError(f"{url} refuses {what} with {error.code}: {_detail(said)}")


def _detail(said: str) -> str:
    """What the server says is wrong, without the values it may quote."""
    try:
        found = json.loads(said)
        return str(found.get("detail") or found.get("validation_errors") or "")[:200]
    except (ValueError, AttributeError):
        return "no reason given"
