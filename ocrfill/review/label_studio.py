"""Label Studio as far as review needs it, spoken to over its own SDK.

A GET is tried again, a POST never: whoever sent it looks first what became of it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from ocrfill.errors import ReviewError
from ocrfill.review.answers import MAX_ROW_NUMBER
from ocrfill.review.server_errors import NotThere, Unanswered, unreadable_answer_error

if TYPE_CHECKING:
    from label_studio_sdk.base_client import LabelStudioBase

    from ocrfill.review.connection import Connection

ANSWER_TIMEOUT_SECONDS = 60.0
"""How long to wait for one answer."""

MAX_GET_TRIES = 4
"""How often a GET is tried, with a pause of 1, 2 and 4 seconds: a server that restarts is back by then."""

TASKS_PER_PAGE = 500
"""Tasks in one page of a listing: larger ones save nothing and hold the server for long."""

PROJECTS_PER_PAGE = 200

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Project:
    """A project as the server lists it."""

    description: str
    tasks: int


@dataclass(frozen=True, slots=True)
class AnsweredTask:
    """A task that somebody worked on: when it last changed, and its annotations in the server's own words.

    `updated_at` is None where the server tells no moment. The annotations may be of any shape.
    """

    number: int
    updated_at: datetime | None
    annotations: tuple[object, ...]


class ReviewServer:
    """A Label Studio at a URL, spoken to with a token: a legacy one, or a personal access token.

    `before` is called before each request and may raise ReviewError: then nothing is sent.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        patience: float = ANSWER_TIMEOUT_SECONDS,
        tries: int = MAX_GET_TRIES,
        before: Callable[[], None] = lambda: None,
    ) -> None:
        self.url = url.rstrip("/")
        self._token = token
        self._patience = patience
        self._tries = tries
        self._before = before

    def __repr__(self) -> str:
        return f"ReviewServer({self.url!r})"

    def is_up(self) -> bool:
        """Whether a server is there and well, whoever's it is; the token is not sent."""
        return self._connection.is_up()

    # people and projects

    def whoami(self) -> str:
        """The e-mail address of the token's owner. Raises ReviewError where the server takes no such token."""
        who = self._read("the token's owner", lambda sdk: _said(sdk.users.with_raw_response.whoami())["email"])
        return str(who)

    def people(self) -> dict[int, str]:
        """The e-mail addresses of all users by their number."""
        return self._read(
            "its users",
            lambda sdk: {int(u["id"]): str(u["email"]) for u in _rows(sdk.users.with_raw_response.list())},
        )

    def projects(self) -> dict[int, Project]:
        """All projects by their number."""
        found: dict[int, Project] = {}
        page = 1
        while True:
            listed, more = self._projects(page)
            if more and not listed.keys() - found.keys():
                raise self._endless("its projects")
            found |= listed
            if not more:
                return found
            page += 1

    def _projects(self, page: int) -> tuple[dict[int, Project], bool]:
        """A page of the projects, and whether another follows."""

        def listed(sdk: LabelStudioBase) -> tuple[dict[int, Project], bool]:
            wanted = "id,description,task_number"
            found = sdk.projects.list(page=page, page_size=PROJECTS_PER_PAGE, include=wanted)
            projects = {int(p.id): Project(p.description or "", int(p.task_number)) for p in found.items}
            return projects, bool(found.response.next)

        return self._read("its projects", listed)

    def find_project(self, description: str) -> int | None:
        """The project of just that description: of one that was made, though no answer came.

        One that contains it is another: that of a book's pictures names the first batch.
        """
        return next((n for n, project in self.projects().items() if project.description == description), None)

    def make_project(self, title: str, description: str, config: str) -> int:
        """Make a project whose tasks come in the order they were added in, and give its number."""

        def made(sdk: LabelStudioBase) -> int:
            answer = sdk.projects.with_raw_response.create(
                title=title, description=description, label_config=config, sampling="Sequential sampling"
            )
            return _number(_said(answer)["id"])

        return self._connection.ask("a new project", made)

    def uploads(self, project: int) -> list[str]:
        """Where the server has each file that was uploaded to the project: paths that a logged-in user may get."""
        return self._read(
            f"the files of project {project}",
            lambda sdk: [f"/data/{f['file']}" for f in _rows(sdk.files.with_raw_response.list(project, all_=True))],
        )

    def upload(self, project: int, files: Mapping[str, bytes]) -> None:
        """Upload JPEG files by name. The project's config must have one data key only."""
        self._connection.upload(f"a place for files in project {project}", f"api/projects/{project}/import", files)

    # tasks

    def add_tasks(self, project: int, tasks: Sequence[Mapping[str, Any]]) -> list[int]:
        """Add tasks, all or none, and give their numbers in order."""

        def added(sdk: LabelStudioBase) -> list[int]:
            answer = sdk.projects.with_raw_response.import_tasks(project, request=list(tasks), return_task_ids=True)
            return [_number(number) for number in _said(answer)["task_ids"]]

        return self._connection.ask(f"new tasks in project {project}", added)

    def keys(self, project: int) -> list[tuple[int, str]]:
        """All tasks of a project: their number and their own key."""
        listed = self._listed(project, {"fields": "task_only", "include": "id,data"}, lambda task: _key(task.data))
        return list(listed.items())

    def delete_unanswered(self, task: int) -> None:
        """Delete a task unless somebody has answered it."""
        if not self.annotations(task):
            self._connection.ask(f"task {task} to go", lambda sdk: sdk.tasks.delete(str(task)))

    def annotations(self, task: int) -> tuple[Mapping[str, Any], ...]:
        """What was answered to a task, in the server's own words."""
        return self._read(f"task {task}", lambda sdk: _annotations(_task(sdk, task)["annotations"]))

    def answered_tasks(self, project: int, since: str | None) -> list[AnsweredTask]:
        """The tasks that changed after that moment of the server's clock, each with its annotations.

        Without a moment: those that anybody has answered or skipped.
        """
        if since is None:
            counts = ("filter:tasks:total_annotations", "filter:tasks:cancelled_annotations")
            items = [{"filter": name, "operator": "greater", "type": "Number", "value": 0} for name in counts]
        else:
            name = "filter:tasks:updated_at"
            items = [{"filter": name, "operator": "greater", "type": "Datetime", "value": since}]
        wanted = {
            "fields": "all",
            "resolve_uri": False,
            "include": "id,updated_at,annotations,result,completed_by,updated_by,lead_time,was_cancelled",
            "query": json.dumps({"filters": {"conjunction": "or", "items": items}}),
        }
        return list(self._listed(project, wanted, _answered).values())

    def key_of(self, task: int) -> str | None:
        """The own key of one task, None where the task is gone."""
        try:
            return self._read(f"task {task}", lambda sdk: _key(_task(sdk, task)["data"]))
        except NotThere:
            return None

    def _listed(self, project: int, wanted: Mapping[str, Any], read: Callable[[Any], Answer]) -> dict[int, Answer]:
        """All tasks of a listing, by number and in its order, as `read` makes them of the SDK's.

        Each is there once, though others may come in while it is read.
        """
        listed: dict[int, Answer] = {}
        page = 1
        while True:

            def rows(sdk: LabelStudioBase, page: int = page) -> tuple[dict[int, Answer], int]:
                found = sdk.tasks.list(project=project, page=page, page_size=TASKS_PER_PAGE, **wanted)
                return {int(task.id): read(task) for task in found.items}, int(found.response.total)

            try:
                found, total = self._read(f"the tasks of project {project}", rows)
            except NotThere:
                if page == 1:
                    raise
                return listed
            new = {number: task for number, task in found.items() if number not in listed}
            listed |= new
            if page * TASKS_PER_PAGE >= total or not found:
                return listed
            if not new:
                raise self._endless(f"the tasks of project {project}")
            page += 1

    def _endless(self, what: str) -> ReviewError:
        """The error for a listing whose page brings nothing new and yet names another: it would be read for ever."""
        return unreadable_answer_error(self.url, what, "a list with an end")

    # the way there

    @cached_property
    def _connection(self) -> Connection:
        from ocrfill.review.connection import Connection  # noqa: PLC0415 - loads the SDK

        return Connection(self.url, self._token, self._patience, self._before)

    def _read(self, what: str, question: Callable[[LabelStudioBase], Answer]) -> Answer:
        """Ask something that changes nothing on the server, again where no answer comes."""
        for pause in (2**n for n in range(self._tries - 1)):
            try:
                return self._connection.ask(what, question)
            except Unanswered:
                time.sleep(pause)
        return self._connection.ask(what, question)


def _number(found: Any) -> int:
    """The number of a new row. Raises an error of a wrong shape for one that no database can hold."""
    number = int(found)
    if not 0 <= number <= MAX_ROW_NUMBER:
        raise ValueError("no number of a row")
    return number


def _said(answer: Any) -> Any:
    """An answer as the server gave it: what is missing there is None in the SDK's own objects, and no error."""
    return answer.response.json()


def _rows(answer: Any) -> list[Any]:
    """The same of a list."""
    rows = _said(answer)
    if not isinstance(rows, list):
        raise TypeError("no list")
    return rows


def _task(sdk: LabelStudioBase, task: int) -> Any:
    return _said(sdk.tasks.with_raw_response.get(str(task)))


def _key(data: Mapping[str, Any]) -> str:
    """A task's own key; "None" in one that is not ours."""
    return str(data.get("key"))


def _answered(task: Any) -> AnsweredTask:
    """A task of the SDK's; what somebody wrote into it is taken as it is. Raises an error of a wrong shape."""
    found = task.annotations
    annotations = tuple(found) if isinstance(found, list) else (found,)
    return AnsweredTask(int(task.id), _moment(task.updated_at), annotations)


def _moment(found: object) -> datetime | None:
    try:
        return found.astimezone(UTC) if isinstance(found, datetime) else None
    except OverflowError:
        return None


def _annotations(found: Any) -> tuple[Mapping[str, Any], ...]:
    """A task's annotations. Raises one of the errors of a wrong shape where one has no number."""
    for annotation in found:
        int(annotation["id"])
    return tuple(found)
