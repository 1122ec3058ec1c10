"""A stand-in for Label Studio that keeps its promises and breaks where a test says: for kills, 500s and silences.

It answers the calls that review makes as Label Studio 1.23.2 does (checked against the real one by
tests/browser/test_review.py): an import is all or nothing, listings come in pages, and past the last one is 404.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

TOKEN = "0123456789abcdef0123456789abcdef01234567"

COOKIE = "sessionid=somebody-elses"
"""What the real one sets with every answer."""


@dataclass(frozen=True)
class Call:
    """A call as it came in: the path with what stands behind `?`."""

    method: str
    path: str
    head: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Said:
    """An answer that a test wants instead of the right one."""

    status: int
    body: bytes = b""
    head: Mapping[str, str] = field(default_factory=dict)


BROKEN = (500, {"detail": "broken"})

OPEN_TO_ALL = ("/health", "/api/token/refresh/")

LOSE_REQUEST, LOSE_ANSWER, FAIL, HANG, FAIL_AFTER = "lose request", "lose answer", "500", "hang", "500 after"
"""What may go wrong with a call: it never arrives; it is carried out and the answer is lost; it fails before anything
is done; nothing comes for a long time though it is carried out; it is carried out and answered with 500."""


class FakeLabelStudio:
    """The server. `faults` maps the number of a call (from 0, since the last `reset`) to what goes wrong with it."""

    def __init__(self) -> None:
        self.faults: dict[int, str] = {}
        self.calls: list[str] = []
        self.received: list[Call] = []
        self.connections = 0
        self.instead: Said | None = None
        self.personal: dict[str, str] = {}
        """Personal tokens, and the access token that each is changed for."""
        self.hang_seconds = 3.0
        self.before: Callable[[int], None] = lambda number: None
        self.lock = threading.RLock()
        self.forget()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"fake": self}))
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def forget(self) -> None:
        """Lose the database."""
        self.projects: dict[int, dict[str, Any]] = {}
        self.tasks: dict[int, dict[str, Any]] = {}
        self.uploads: dict[int, list[str]] = {}
        self.numbers = {"project": 0, "task": 0, "annotation": 0}
        self.now = datetime(2026, 3, 4, 1, 0, tzinfo=UTC)

    def reset(self, **faults: str) -> None:
        self.calls.clear()
        self.received.clear()
        self.faults.clear()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    # what a person does

    def tick(self) -> str:
        self.now += timedelta(seconds=7)
        return self.now.strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def annotate(self, task: int, text: str | None, who: int = 1, *, skipped: bool = False) -> int:
        with self.lock:
            number = self._next("annotation")
            result = [] if text is None else [{"from_name": "typed", "value": {"text": [text]}}]
            moment = self.tick()
            self.tasks[task]["annotations"].append(
                {"id": number, "result": result, "completed_by": who, "updated_by": who, "lead_time": 2.5}
                | {"was_cancelled": skipped, "created_at": moment, "updated_at": moment}
            )
            self.tasks[task]["updated_at"] = moment
            return number

    def edit(self, task: int, text: str, who: int) -> None:
        moment = self.tick()
        self.tasks[task]["annotations"][0] |= {"updated_at": moment, "updated_by": who, "lead_time": 4.0}
        self.tasks[task]["annotations"][0]["result"] = [{"from_name": "typed", "value": {"text": [text]}}]
        self.tasks[task]["updated_at"] = moment

    def take_back(self, task: int) -> None:
        self.tasks[task]["annotations"].clear()
        self.tasks[task]["updated_at"] = self.tick()

    def by_key(self, project: int) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for number, task in self.tasks.items():
            if task["project"] == project:
                found.setdefault(task["data"]["key"], []).append(number)
        return found

    # the calls

    def _next(self, what: str) -> int:
        self.numbers[what] += 1
        return self.numbers[what]

    def answer(self, method: str, path: str, query: dict[str, list[str]], body: bytes, kind: str) -> tuple[int, Any]:
        with self.lock:
            for verb, pattern, action in self._routes():
                match = re.fullmatch(pattern, path)
                if verb == method and match:
                    return action(*map(int, match.groups()), query=query, body=body, kind=kind)
        return 404, {"detail": f"no such call {method} {path}"}

    def _routes(self) -> list[tuple[str, str, Callable[..., tuple[int, Any]]]]:
        return [
            ("GET", "/health", lambda **_: (200, {"status": "UP"})),
            ("POST", "/api/token/refresh/", self._refresh),
            ("GET", "/api/current-user/whoami", lambda **_: (200, {"email": "a@xa.example"})),
            (
                "GET",
                "/api/users/",
                lambda **_: (200, [{"id": 1, "email": "a@xa.example"}, {"id": 2, "email": "b@xa.example"}]),
            ),
            ("GET", "/api/projects/", self._list_projects),
            ("POST", "/api/projects/", self._make_project),
            (
                "GET",
                r"/api/projects/(\d+)/file-uploads",
                lambda p, **_: (200, [{"file": f} for f in self.uploads.get(p, [])]),
            ),
            ("POST", r"/api/projects/(\d+)/import", self._import),
            ("GET", "/api/tasks/", self._list_tasks),
            ("GET", r"/api/tasks/(\d+)/", lambda t, **_: (200, self.tasks[t]) if t in self.tasks else (404, {})),
            ("DELETE", r"/api/tasks/(\d+)/", lambda t, **_: (204, self.tasks.pop(t) and None)),
        ]

    def _refresh(self, *, body: bytes, **_: object) -> tuple[int, Any]:
        access = self.personal.get(json.loads(body)["refresh"])
        return (401, {"detail": "Token is invalid"}) if access is None else (200, {"access": access})

    def _answer_if_let_in(self, authorization: str | None, method: str, path: str, *given: Any) -> tuple[int, Any]:
        known = {f"Token {TOKEN}", *(f"Bearer {access}" for access in self.personal.values())}
        if path not in OPEN_TO_ALL and authorization not in known:
            return 401, {"detail": "Invalid token."}
        return self.answer(method, path, *given)

    def _list_projects(self, *, query: dict[str, list[str]], **_: object) -> tuple[int, Any]:
        page, size = int(query["page"][0]), int(query["page_size"][0])
        every = [
            {
                "id": n,
                "description": p["description"],
                "task_number": sum(t["project"] == n for t in self.tasks.values()),
            }
            for n, p in sorted(self.projects.items(), reverse=True)
        ]
        part = every[(page - 1) * size : page * size]
        return 200, {"count": len(every), "next": "more" if page * size < len(every) else None, "results": part}

    def _make_project(self, *, body: bytes, **_: object) -> tuple[int, Any]:
        wanted = json.loads(body)
        if not 3 <= len(wanted["title"]) <= 50:
            return 400, {"detail": "title"}
        number = self._next("project")
        self.projects[number] = wanted
        return 201, {"id": number}

    def _import(
        self, project: int, *, body: bytes, kind: str, query: dict[str, list[str]], **_: object
    ) -> tuple[int, Any]:
        if project not in self.projects:
            return 404, {}
        if kind.startswith("multipart/"):
            names = re.findall(rb'filename="([^"]+)"', body)
            for name in names:
                self.uploads.setdefault(project, []).append(f"upload/{project}/0123abcd-{name.decode()}")
            return 201, {"file_upload_ids": list(range(len(names)))}
        numbers = []
        for task in json.loads(body):
            number = self._next("task")
            self.tasks[number] = {"id": number, "project": project, "data": task["data"], "annotations": []}
            self.tasks[number] |= {"updated_at": self.tick(), "predictions": task.get("predictions", [])}
            numbers.append(number)
        return 201, {"task_ids": numbers}

    def _list_tasks(self, *, query: dict[str, list[str]], **_: object) -> tuple[int, Any]:
        project = int(query["project"][0])
        if project not in self.projects:
            return 404, {}
        page, size = int(query["page"][0]), int(query["page_size"][0])
        found = [task for _, task in sorted(self.tasks.items()) if task["project"] == project]
        if "query" in query:
            items = json.loads(unquote(query["query"][0]))["filters"]["items"]
            if items[0]["filter"] == "filter:tasks:updated_at":
                since = datetime.strptime(items[0]["value"], "%Y-%m-%dT%H:%M:%S.%fZ")
                found = [t for t in found if datetime.fromisoformat(t["updated_at"]).replace(tzinfo=None) > since]
            else:
                found = [t for t in found if t["annotations"]]
        part = found[(page - 1) * size : page * size]
        if page > 1 and not part:
            return 404, {}
        return 200, {"total": len(found), "tasks": part}


class _Handler(BaseHTTPRequestHandler):
    """Takes the calls for a `fake`."""

    fake: FakeLabelStudio
    protocol_version = "HTTP/1.1"  # like the real one it would keep a connection

    def setup(self) -> None:
        super().setup()
        self.fake.connections += 1

    def _lose(self) -> None:
        self.close_connection = True
        self.connection.close()

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        where = urlsplit(self.path)
        with self.fake.lock:
            number = len(self.fake.calls)
            self.fake.calls.append(f"{self.command} {where.path}")
            self.fake.received.append(Call(self.command, self.path, dict(self.headers), body))
        self.fake.before(number)
        fault = self.fake.faults.get(number)
        if fault == LOSE_REQUEST:
            return self._lose()
        if self.fake.instead is not None:
            return self._send_instead(self.fake.instead)
        kind = self.headers.get("Content-Type") or ""
        status, found = BROKEN
        if fault != FAIL:
            given = (self.command, where.path, parse_qs(where.query), body, kind)
            status, found = self.fake._answer_if_let_in(self.headers["Authorization"], *given)
        if fault == LOSE_ANSWER:
            return self._lose()
        if fault == HANG:
            time.sleep(self.fake.hang_seconds)
        return self._send(*BROKEN if fault == FAIL_AFTER else (status, found))

    do_GET = do_POST = do_DELETE = _serve  # noqa: N815

    def _send(self, status: int, found: object) -> None:
        self._send_instead(Said(status, b"" if found is None else json.dumps(found).encode()))

    def _send_instead(self, said: Said) -> None:
        try:
            self.send_response(said.status)
            for name, value in {**said.head, "Set-Cookie": COOKIE}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(said.body)))
            self.end_headers()
            self.wfile.write(said.body)
        except OSError:
            pass  # who asked has given up

    def log_message(self, *_: object) -> None:
        pass
