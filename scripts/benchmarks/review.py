"""Benchmark `review`: how fast fields go to a Label Studio of our own, and how fast their answers come back."""

from __future__ import annotations

import json
import os
import sqlite3
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import psutil

from ocrfill.civil_status.book import Book
from ocrfill.cli.settings import load_settings
from ocrfill.layouts import load_layout
from ocrfill.pipeline.read_page import read_page
from ocrfill.pipeline.recognition import make_readers
from ocrfill.pipeline.scans import open_scan
from ocrfill.review.label_studio import ReviewServer
from ocrfill.review.label_studio_env import environment_folder, install
from ocrfill.review.local_server import start_server, stop_server
from ocrfill.review.pull import Pull
from ocrfill.review.push import Push
from ocrfill.review.server_access import LOCAL_SERVER_NAME, Access
from ocrfill.review.task_selection import ReviewOptions
from ocrfill.store import Store

ROOT = Path(__file__).resolve().parent.parent.parent
BOOK_KEY, LAYOUT_NAME = "KS.2006.01", "ks_2006_2015"
FIELD_COUNT, QUICK_FIELD_COUNT = 10_000, 300
SECONDS_PER_FIELD = 4.5
QUERY_OF_TASKS = "SELECT t.id, t.project_id, t.data FROM task t"


def run(seed: int, data: Path, *, quick: bool) -> dict[str, object]:
    """Push and pull of many field tasks; the seed and the real handwriting are not used."""
    del seed, data
    fields = QUICK_FIELD_COUNT if quick else FIELD_COUNT
    with tempfile.TemporaryDirectory(prefix="ocrfill-bench-") as name:
        workspace = Path(name) / "work"
        pages = book_of(workspace, fields)
        environment = environment_folder(load_settings(workspace).label_studio)
        install(environment, print)
        access = start_server(workspace, environment)
        try:
            return {"fields": fields, "pages": pages, **round_trip(workspace, access)}
        finally:
            stop_server(workspace)


def book_of(workspace: Path, fields: int) -> int:
    """A workspace with so many fields to review: a drawn page, read once, as many pages; each a scan of its own."""
    sample = (ROOT / "samples" / BOOK_KEY / "0001.jpg").read_bytes()
    layout = load_layout(LAYOUT_NAME)
    result = read_page(open_scan(ROOT / "samples" / BOOK_KEY / "0001.jpg").page(1), layout, make_readers())
    shown = sum(f.decision == "review" for f in result.records[0].fields)
    pages = -(-fields // shown)
    scans = workspace.parent / "scans"
    scans.mkdir()
    with Store.open(workspace, create=True) as store:
        store.add_book(Book.parse(BOOK_KEY, LAYOUT_NAME), layout.version)
        for number in range(pages):
            file = scans / f"{number:04d}.jpg"
            file.write_bytes(sample + f"{number:08d}".encode())  # what follows a JPEG's end is not looked at
            store.add_scan(BOOK_KEY, store.path_in_store(file), open_scan(file).sha256, 1)
        for page in store.todo():
            store.put(page.id, replace(result, source=page.source))
    return pages


def round_trip(workspace: Path, access: Access) -> dict[str, object]:
    """Seconds, and processor seconds of this process and of the server, for a push, a push again, and two pulls."""
    server = ReviewServer(access.url, access.token, patience=300)
    figures: dict[str, object] = {}
    with Store.open(workspace) as store:
        pushing = Push(store, server, LOCAL_SERVER_NAME, Book.parse(BOOK_KEY, LAYOUT_NAME), load_layout(LAYOUT_NAME))
        pulling = Pull(store, server, LOCAL_SERVER_NAME)
        with Stopwatch(access, figures, "push"):
            pushing.plan(ReviewOptions())
            sent = pushing.send().tasks
        with Stopwatch(access, figures, "push of nothing new"):
            pushing.plan(ReviewOptions())
            pushing.send()
        answered = answer_all(workspace / "review" / "data" / "label_studio.sqlite3")
        with Stopwatch(access, figures, "pull"):
            pulled = pulling.once().corrections
        with Stopwatch(access, figures, "pull of nothing new"):
            again = pulling.once().corrections
        if not sent == answered == pulled == len(store.corrections()) or again:
            raise RuntimeError(f"{sent} sent, {answered} answered, {pulled} pulled, {again} again")
    # other work on the machine slows the clock, not the processor time
    return {"processes_running_besides": os.getloadavg()[1], **figures}


class Stopwatch:
    """Notes how long something took, and the processor time of this process and of the server in it."""

    def __init__(self, access: Access, figures: dict[str, object], name: str) -> None:
        self.server = psutil.Process(access.process)
        self.figures, self.name = figures, name

    def spent(self) -> tuple[float, float, float]:
        own, other = psutil.Process().cpu_times(), self.server.cpu_times()
        return time.monotonic(), own.user + own.system, other.user + other.system

    def __enter__(self) -> None:
        self.before = self.spent()

    def __exit__(self, *_: object) -> None:
        seconds, own, server = (b - a for a, b in zip(self.before, self.spent(), strict=True))
        self.figures[self.name] = {"seconds": seconds, "own_cpu_seconds": own, "server_cpu_seconds": server}


def answer_all(database: Path) -> int:
    """An answer to every task, written into the server's database: its own interface takes three a second.

    Each is SECONDS_PER_FIELD later than the last, as a person gives them; the last one is of now.
    """
    with sqlite3.connect(database, timeout=60) as connection:
        rows = [(t, p, json.loads(d)) for t, p, d in connection.execute(QUERY_OF_TASKS) if "prefilled" in json.loads(d)]
        first = time.time() - SECONDS_PER_FIELD * len(rows)
        moments = [
            time.strftime("%Y-%m-%d %H:%M:%S.000000", time.gmtime(first + SECONDS_PER_FIELD * i))
            for i in range(len(rows))
        ]
        connection.executemany(
            "INSERT INTO task_completion (result, was_cancelled, created_at, updated_at, task_id, prediction, "
            "lead_time, result_count, completed_by_id, ground_truth, project_id, updated_by_id) "
            "VALUES (?, 0, ?, ?, ?, '{}', 4.5, 2, 1, 0, ?, 1)",
            [
                (answer(data["prefilled"]), moment, moment, task, project)
                for moment, (task, project, data) in zip(moments, rows, strict=True)
            ],
        )
        connection.executemany(
            "UPDATE task SET total_annotations = 1, is_labeled = 1, updated_at = ? WHERE id = ?",
            [(moment, task) for moment, (task, _, _) in zip(moments, rows, strict=True)],
        )
    return len(rows)


def answer(value: str) -> str:
    """A result as the page makes it: the option chosen and the box."""
    parts = {"pick": ("choices", {"choices": [value]}), "typed": ("textarea", {"text": [value]})}
    return json.dumps(
        [
            {"id": name, "from_name": name, "to_name": "sheet", "type": kind, "value": given, "origin": "manual"}
            for name, (kind, given) in parts.items()
        ]
    )
