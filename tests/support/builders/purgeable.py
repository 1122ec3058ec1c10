"""A workspace with two books that were read, reviewed and sent to a Label Studio whose database is made by hand."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from support.builders.book import ks_layout, made_image, made_record, made_result, saved_page

from ocrfill.civil_status.book import Book
from ocrfill.document.book_print import BookPrint, PageName
from ocrfill.document.correction import Answer, Correction, FieldPlace, Purpose
from ocrfill.review.purge import BookPurge
from ocrfill.store import Ledger, ReviewTask, Store
from ocrfill.store.book_prints import BookPrints, save_prints

GONE, KEPT = "KS.2006.01", "KS.2007.01"
MOTHER, FATHER, CORRECTED, SHARED = "Trần Thị Đào Hoa Sen", "Nguyễn Văn “Bình” & Con", "Lê Thị Bà Rịa", "Phạm Văn Chung"
"""Names that stand in one book, and one that stands in both."""

TOKENS = {GONE: "a" * 32, KEPT: "b" * 32}

TABLES = """
CREATE TABLE htx_user (id integer PRIMARY KEY, email text);
CREATE TABLE project (id integer PRIMARY KEY, title text, description text, created_by_id integer -> htx_user);
CREATE TABLE data_import_fileupload (id integer PRIMARY KEY, file varchar(100), user_id integer -> htx_user,
    project_id integer -> project);
CREATE TABLE task (id integer PRIMARY KEY, data jsonb, project_id integer -> project,
    file_upload_id integer -> data_import_fileupload);
CREATE TABLE task_completion (id integer PRIMARY KEY, result text, task_id integer -> task,
    parent_annotation_id integer -> task_completion, completed_by_id integer -> htx_user);
CREATE TABLE fsm_annotationstate (id char(32) PRIMARY KEY, annotation_id integer -> task_completion, context text);
CREATE TABLE projects_projectsummary (project_id integer PRIMARY KEY -> project, columns text);
CREATE TABLE data_manager_filter (id integer PRIMARY KEY, value text, parent_id integer -> data_manager_filter);
CREATE TABLE data_manager_filtergroup (id integer PRIMARY KEY);
CREATE TABLE data_manager_filtergroup_filters (id integer PRIMARY KEY,
    filtergroup_id integer -> data_manager_filtergroup, filter_id integer -> data_manager_filter);
CREATE TABLE data_manager_view (id integer PRIMARY KEY, project_id integer -> project,
    filter_group_id integer -> data_manager_filtergroup);
CREATE TABLE core_deletedrow (id integer PRIMARY KEY, model text, row_id integer, project_id integer, data text);
"""
"""What of Label Studio's tables matters here; an arrow stands for its own way to say that a row points to another."""

POINTS_TO = r"REFERENCES \1 (id) DEFERRABLE INITIALLY DEFERRED"


def purgeable_workspace(folder: Path, url: str | None = None) -> Path:
    """Two books of one page each, an answer to a field of each, a batch of each on the workspace's own server."""
    scans, work = folder / "scans", folder / "work"
    layout = ks_layout()
    with Store.open(url or work, work, create=True) as store:
        for number, (key, mother, father) in enumerate(((GONE, MOTHER, FATHER), (KEPT, "Võ Thị Ở Lại", "Đỗ Còn")), 1):
            store.add_book(Book.parse(key, "ks_2006_2015", "UBND xã Vĩnh Lâm"), layout.version)
            record = made_record(layout, me_ho_ten=mother, cha_ho_ten=father, nyc_ho_ten=SHARED, so=str(number))
            (scans / key).mkdir(parents=True)
            path = scans / key / "0001.jpg"
            sha256 = saved_page(path, made_image(layout, record))
            source = store.path_in_store(path)
            store.add_scan(key, source, sha256, 1)
            (page,) = [page for page in store.todo() if page.book == key]
            store.put(page.id, made_result(source, record))
            place = FieldPlace(sha256, 1, 1, "me_ho_ten")
            task = ReviewTask(1, place, Purpose.REVIEW, mother, record.field("me_ho_ten").polygon)
            Ledger(store).plan(key, "local", [("", TOKENS[key], [task])])
            batch = Ledger(store).batches(book=key)[0].id
            Ledger(store).placed(batch, 10 * number)
            Ledger(store).sent(batch, {1: 100 * number})
            entered = CORRECTED if key == GONE else "Võ Thị Lại Ở"
            store.add_corrections([_answer(place, mother, entered, f"local project {10 * number} {TOKENS[key][:12]}")])
            learnt = BookPrint(1, (PageName(sha256, 1),), layout.body)
            save_prints(work, key, BookPrints(layout.name, layout.version, (learnt,)))
            _on_server(work / "review" / "data", key, number, sha256, mother, entered, path)
    return work


def _answer(place: FieldPlace, prefilled: str, entered: str, source: str) -> Correction:
    when = datetime(2026, 3, 4, tzinfo=UTC)
    return Correction(place, prefilled, entered, Answer.CORRECTED, Purpose.REVIEW, "Lan", when, 3.0, source, 1, 1)


def _on_server(data: Path, key: str, number: int, sha256: str, shown: str, entered: str, scan: Path) -> None:
    """What Label Studio holds of a book: a batch, its pictures, an answer and a draft, a search, a deleted row."""
    pictures = data / "media" / "upload" / str(10 * number + 1)
    pictures.mkdir(parents=True)
    name = f"0123abcd-{sha256[:16]}-1-0.jpg"
    (pictures / name).write_bytes(scan.read_bytes())
    (data / "export").mkdir(exist_ok=True)
    (data / "export" / f"project-{10 * number}-at-2026.json").write_text(json.dumps(entered))
    (data.parent / "label-studio.log").write_text(f"GET /api/tasks/{100 * number}/ {shown}\n")
    with closing(sqlite3.connect(data / "label_studio.sqlite3")) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_master").fetchone():
            connection.executescript(re.sub(r"-> (\w+)", POINTS_TO, TABLES))
            connection.execute("INSERT INTO htx_user VALUES (1, 'thu@xa.example')")
        rows = {
            "project": [
                (10 * number, f"{key} 001", f"ocrfill {TOKENS[key]}", 1),
                (10 * number + 1, f"{key}: ảnh các trang", f"ocrfill pictures {key} {TOKENS[key]}", 1),
            ],
            "data_import_fileupload": [(number, f"upload/{10 * number + 1}/{name}", 1, 10 * number + 1)],
            "task": [(100 * number, json.dumps({"prefilled": shown, "html": f"<b>{shown}</b>"}), 10 * number, None)],
            "task_completion": [
                (number, json.dumps([{"value": {"text": [entered]}}]), 100 * number, None, 1),
                (10 * number, json.dumps([{"value": {"text": [shown]}}]), 100 * number, number, 1),
            ],
            "fsm_annotationstate": [(f"{number:032}", number, entered)],
            "projects_projectsummary": [(10 * number, shown)],
            "data_manager_filter": [(number, shown, None), (10 * number, entered, number)],
            "data_manager_filtergroup": [(number,)],
            "data_manager_filtergroup_filters": [(number, number, number)],
            "data_manager_view": [(number, 10 * number, number)],
            "core_deletedrow": [(number, "tasks.task", 7, 10 * number, json.dumps({"data": shown}))],
        }
        for table, some in rows.items():
            connection.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(some[0]))})", some)
        connection.commit()


def purge_of(work: Path, store: Store, key: str = GONE) -> BookPurge:
    """The purge of a book, with a folder of layouts' server that is not there."""
    homes = (work, work.parent / "layouts")
    return BookPurge(work, store, key, homes, work / "training" / "lines", work / "models" / "hand")
