"""What a reviewing server answers, of every shape, and the file that keeps the way to it."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from support.fakes.label_studio import TOKEN, FakeLabelStudio, Said
from support.fuzzing.plain_words import assert_plain
from support.fuzzing.target import Target
from support.fuzzing.targets.annotations import ANNOTATION
from support.fuzzing.targets.kept_files import json_bytes

from ocrfill.errors import ReviewError
from ocrfill.review.label_studio import ReviewServer
from ocrfill.review.server_access import ACCESS_FILE_NAME, REVIEW_FOLDER, load
from ocrfill.review.server_process import alive, is_taken

ANSWERS: dict[str, Any] = {
    "projects": {
        "count": 1,
        "next": None,
        "previous": None,
        "results": [{"id": 1, "description": "token", "task_number": 2}],
    },
    "people": [{"id": 1, "email": "a@xa.example"}],
    "whoami": {"id": 1, "email": "a@xa.example"},
    "answered": {
        "total": 1,
        "tasks": [{"id": 1, "data": {"key": "1"}, "updated_at": "2026-03-04T01:00:07Z", "annotations": [ANNOTATION]}],
    },
    "keys": {"total": 1, "tasks": [{"id": 1, "data": {"key": "1"}}]},
    "key": {"id": 1, "data": {"key": "1"}, "annotations": [ANNOTATION]},
    "annotations": {"id": 1, "data": {"key": "1"}, "annotations": [ANNOTATION]},
    "uploads": [{"file": "upload/1/a.jpg"}],
    "project": {"id": 3},
    "tasks": {"task_ids": [1]},
}

ACCESS = {
    "url": "http://127.0.0.1:8290", "token": "a" * 40, "name": "local", "user": "a@xa.local", "password": "b",
    "process": 4_000_000,
}  # fmt: skip

STATUSES = (200, 200, 200, 200, 201, 204, 301, 400, 401, 403, 404, 418, 500, 503)


class ServerAnswers(Target):
    """Every question that `ReviewServer` asks, answered oddly: a result, or a ReviewError."""

    max_mb = 500

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.fake = FakeLabelStudio()
        self.server = ReviewServer(self.fake.url, TOKEN, patience=20, tries=1)
        self.questions = {
            "projects": self.server.projects,
            "people": self.server.people,
            "whoami": self.server.whoami,
            "answered": lambda: self.server.answered_tasks(1, None),
            "keys": lambda: self.server.keys(1),
            "key": lambda: self.server.key_of(1),
            "annotations": lambda: self.server.annotations(1),
            "uploads": lambda: self.server.uploads(1),
            "project": lambda: self.server.make_project("title", "token", "<View/>"),
            "tasks": lambda: self.server.add_tasks(1, [{"data": {"key": "1"}}]),
        }

    def draw(self, chance: random.Random) -> tuple[str, int, bytes]:
        question = chance.choice(list(ANSWERS))
        return question, chance.choice(STATUSES), json_bytes(chance, ANSWERS[question])

    def check(self, given: tuple[str, int, bytes]) -> None:
        question, status, body = given
        self.fake.instead = Said(status, b"" if status == 204 else body, {"Content-Type": "application/json"})
        try:
            self.questions[question]()
        except ReviewError as error:
            assert_plain(str(error), self.fake.url)
        self.fake.reset()


class AccessFiles(Target):
    """`server_access.load`."""

    max_mb = 350
    suffix = ".json"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.file = folder / REVIEW_FOLDER / ACCESS_FILE_NAME
        self.file.parent.mkdir()

    def draw(self, chance: random.Random) -> bytes:
        return json_bytes(chance, ACCESS)

    def check(self, given: bytes) -> None:
        self.file.write_bytes(given)
        try:
            access = load(self.folder)
        except ReviewError as error:
            assert_plain(str(error), self.file)
            return
        assert access is not None
        assert access.process is None or isinstance(access.process, int)
        alive(access)
        is_taken(access)
