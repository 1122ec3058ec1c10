"""A book purged from a workspace: taken out wherever ocrfill keeps something of it, and what is left looked for.

First the reviewing server's database and pictures, then what training cut out, then the store, each so that the same
command goes on with a purge that was killed. What is looked for at the end is kept meanwhile in a file of the
workspace, which is written over and removed when that is done.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from hashlib import file_digest
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from ocrfill.errors import BadInput, OutputError, ReviewError
from ocrfill.pipeline.private_folder import sweep_private_folders
from ocrfill.review.page_images import SCAN_NAME_LETTERS
from ocrfill.review.server_access import LOCAL_SERVER_NAME, REVIEW_FOLDER, load
from ocrfill.review.server_process import alive
from ocrfill.review.server_removal import BookOnServer, data_folders, remove_from_server, write_over_freed_rows
from ocrfill.store import Store, natural_path_key
from ocrfill.store.access_trail import Act, files_given, note_access
from ocrfill.store.atomic_file import whole
from ocrfill.store.book_prints import forget_prints
from ocrfill.store.book_removal import (
    blocks_of_rows,
    contents_of,
    remove_book,
    scans_of,
    texts_of,
    traces_of,
    write_over_freed,
)
from ocrfill.store.byte_search import (
    WINDOW_BYTES,
    Sought,
    files_below,
    spellings,
    strings_in_blocks,
    strings_in_file,
)
from ocrfill.store.lock import folder_lock

SOUGHT_FILE_NAME = "purging.json"

SNIPPET_BYTES = 48
"""So many bytes from the middle of a picture tell it from all others."""

MIN_SNIPPET_VALUES = 8
"""A snippet of fewer different bytes may be of an empty margin."""

WIPE_BLOCK_BYTES = 1 << 20

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class GivenServer:
    """A server of somebody else's that holds pictures and values of the book, in these projects."""

    url: str
    projects: tuple[int, ...]


@dataclass(slots=True)
class SoughtTraces:
    """What is looked for when a book has gone: texts, pieces of pictures, hashes; and what was there of it."""

    book: str
    counts: dict[str, int] = field(default_factory=dict)
    texts: set[str] = field(default_factory=set)
    snippets: set[str] = field(default_factory=set)
    scans: dict[str, str] = field(default_factory=dict)
    servers: list[GivenServer] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class LeftFile:
    """A file that holds something of the book still: how many of the texts and pictures sought, or its name alone."""

    path: str
    strings: int


@dataclass(frozen=True, slots=True)
class PurgedBook:
    """What a purge took away and what it found after it.

    `sought` texts and pictures were looked for in `files`; `short` ones are too short to be told from chance,
    `elsewhere` stand in other books of the workspace too. `left` are files of the workspace that hold some still,
    `given` files outside it that records of the book were written into, `scans_left` its scans that are there.
    """

    book: str
    counts: dict[str, int]
    server_rows: int
    scans_removed: int
    scans_left: tuple[str, ...]
    sought: int
    short: int
    elsewhere: int
    files: int
    left: tuple[LeftFile, ...]
    given: tuple[str, ...]
    servers: tuple[GivenServer, ...]
    taught: tuple[str, ...]


_SOUGHT: TypeAdapter[SoughtTraces] = TypeAdapter(SoughtTraces)


@dataclass(frozen=True, slots=True)
class BookPurge:
    """The purge of a book. `homes` are folders with a reviewing server's folder of its own, the workspace first;
    `lines` and `models` are where training keeps lines of the register, and what it taught.
    """

    workspace: Path
    store: Store
    key: str
    homes: tuple[Path, ...]
    lines: Path
    models: Path

    def counts(self) -> dict[str, int]:
        """How much there is of the book, by name. Raises BadInput where there is nothing, nor a purge to go on with."""
        if self.store.book(self.key) is not None:
            return contents_of(self.store, self.key).counts()
        kept = self._kept()
        if kept is None:
            raise BadInput(f"there is no book {self.key} in this workspace; `ocrfill status` lists its books")
        return kept.counts

    def scan_files(self) -> tuple[Path, ...]:
        """The book's scans that are there, in order."""
        paths = self._scan_paths(self._kept())
        there = [file for path in paths if (file := self.store.file(path)).is_file()]
        return tuple(sorted(there, key=lambda file: natural_path_key(str(file))))

    def carry_out(self, *, scans: bool = False, tell: Tell = lambda _: None) -> PurgedBook:
        """Take the book out and look what is left; with `scans` its scans go too, as far as they are unchanged.

        Raises StoreError where a run or a push is at work, ReviewError where a server runs.
        """
        with self._alone():
            counts = self.counts()
            kept = self._kept()
            note_access(self.workspace, Act.BEGAN_PURGE, "purge", self.key, counts=counts)
            sweep_private_folders()
            rows = 0
            if self.store.book(self.key) is not None:
                kept = self._collected(kept or SoughtTraces(self.key), counts)
                rows = self._from_servers(kept, tell)
                self._forget_lines(kept)
                forget_prints(self.workspace, self.key)
                self._keep(kept)
                tell("the store")
                remove_book(self.store, self.key)
            assert kept is not None
            write_over_freed(self.store)
            removed = self._remove_scans(kept) if scans else 0
            tell("looking for what is left")
            purged = self._looked_for(kept, rows, removed)
            note_access(self.workspace, Act.PURGED, "purge", self.key, counts=counts)
            self._wipe()
        return purged

    # what is there

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Nobody else at work: no run, no push, no server."""
        with ExitStack() as held:
            held.enter_context(self.store.locked())
            review = self.workspace / REVIEW_FOLDER
            if review.is_dir():
                held.enter_context(folder_lock(review))
            for home in self.homes:
                access = load(home)
                if access is not None and access.process is not None and alive(access):
                    how = f"`ocrfill review stop --workspace {home}`"
                    raise ReviewError(f"the reviewing server at {access.url} runs; stop it first: {how}")
            yield

    def _kept(self) -> SoughtTraces | None:
        """What a purge of this book that was killed has left to be looked for."""
        file = self.workspace / SOUGHT_FILE_NAME
        try:
            written = file.read_bytes()
            if not written.strip(b"\0"):  # killed between writing it over and removing it: that purge was done
                return None
            kept = _SOUGHT.validate_json(written)
        except FileNotFoundError:
            return None
        except (OSError, ValidationError) as error:
            raise OutputError(f"{file} cannot be read; remove it, then purge again") from error
        if kept.book != self.key:
            raise BadInput(f"a purge of {kept.book} was not finished: `ocrfill purge --book {kept.book}` first")
        return kept

    def _keep(self, kept: SoughtTraces) -> None:
        with whole(self.workspace / SOUGHT_FILE_NAME) as part:
            part.write_bytes(_SOUGHT.dump_json(kept))

    def _wipe(self) -> None:
        """Write over the list of what was looked for, and remove it."""
        file = self.workspace / SOUGHT_FILE_NAME
        try:
            with file.open("r+b") as opened:
                left = os.fstat(opened.fileno()).st_size
                while left > 0:
                    left -= opened.write(b"\0" * min(left, WIPE_BLOCK_BYTES))
                opened.flush()
                os.fsync(opened.fileno())
            file.unlink()
        except FileNotFoundError:
            return
        except OSError as error:
            raise OutputError(f"cannot remove {file}: {error.strerror}; remove it yourself") from error

    def _collected(self, kept: SoughtTraces, counts: dict[str, int]) -> SoughtTraces:
        kept.counts = counts
        kept.texts.update(text for text in texts_of(self.store, self.key) if text)
        kept.scans |= {scan.path: scan.sha256 or "" for scan in scans_of(self.store, self.key)}
        given = [t for t in traces_of(self.store, self.key) if t.server != LOCAL_SERVER_NAME]
        kept.servers += [one for t in given if (one := GivenServer(t.server, t.projects)) not in kept.servers]
        kept.snippets.update(_snippets(self.store.file(path) for path in kept.scans))
        return kept

    def _scan_paths(self, kept: SoughtTraces | None) -> list[str]:
        if self.store.book(self.key) is not None:
            return [scan.path for scan in scans_of(self.store, self.key)]
        return list(kept.scans) if kept is not None else []

    # what is taken away

    def _from_servers(self, kept: SoughtTraces, tell: Tell) -> int:
        traces = [t for t in traces_of(self.store, self.key) if t.server == LOCAL_SERVER_NAME]
        own = BookOnServer(
            self.key,
            tuple(token for t in traces for token in t.tokens),
            tuple(sha256 for sha256 in kept.scans.values() if sha256),
            tuple(task for t in traces for task in t.tasks),
        )
        apart = BookOnServer(self.key, (), own.scans, ())
        rows = 0
        for home in self.homes:
            of_home = own if home == self.workspace else apart
            for data in data_folders(home):
                tell(f"the reviewing server's data in {data}")
                kept.snippets.update(_snippets(f for f in data.rglob("*.jpg") if of_home.pictured_in(f.name)))
                rows += remove_from_server(data, of_home)
                write_over_freed_rows(data)
        return rows

    def _forget_lines(self, kept: SoughtTraces) -> None:
        """Lines that were cut out to learn from: all go where some are the book's; training cuts them out anew."""
        writers = self.lines / "writers.tsv"
        try:
            ours = writers.is_file() and any(s and s in writers.read_text("utf-8") for s in kept.scans.values())
            if ours:
                kept.snippets.update(_snippets(self.lines.rglob("*.png")))
                shutil.rmtree(self.lines)
        except (OSError, UnicodeDecodeError) as error:
            raise OutputError(f"cannot remove {self.lines}: {error}; remove it, then purge again") from error

    def _remove_scans(self, kept: SoughtTraces) -> int:
        """Remove the scans whose content is the one that was read; another file under the same path stays."""
        removed = 0
        for path, sha256 in kept.scans.items():
            file = self.store.file(path)
            try:
                with file.open("rb") as opened:
                    same = file_digest(opened, "sha256").hexdigest() == sha256
                if same:
                    file.unlink()
                    removed += 1
            except FileNotFoundError:
                continue
            except OSError as error:
                raise OutputError(f"cannot remove {file}: {error.strerror}; then purge again") from error
        return removed

    # what is left

    def _looked_for(self, kept: SoughtTraces, rows: int, removed: int) -> PurgedBook:
        long = {text for text in kept.texts if len(text.encode(errors="surrogatepass")) >= WINDOW_BYTES}
        names = {sha256[:SCAN_NAME_LETTERS] for sha256 in kept.scans.values() if sha256}
        strings = {spelling: text for text in (*long, *names) for spelling in spellings(text)}
        sought = Sought.of([*strings, *map(bytes.fromhex, kept.snippets)])
        elsewhere = {strings[found] for found in strings_in_blocks(blocks_of_rows(self.store), sought)}
        staying = self.scan_files() if self._scan_paths(kept) else ()
        others = [self.store.file(scan.path) for scan in self.store.scans()]
        folders = [self.workspace, *(home / REVIEW_FOLDER for home in self.homes if home != self.workspace)]
        without = [*staying, *others, self.workspace / SOUGHT_FILE_NAME]
        count, left = 0, list[LeftFile]()
        for file in (file for folder in folders for file in files_below(folder, without)):
            count += 1
            found = {strings.get(one, one) for one in self._strings_in(file, sought)} - elsewhere
            if found or f"{self.key}." in file.name:
                left.append(LeftFile(str(file), len(found)))
        inside = {os.path.abspath(one.path) for one in left}  # noqa: PTH100
        given = [file for file in files_given(self.workspace, self.key) if Path(file).is_file()]
        return PurgedBook(
            book=self.key,
            counts=kept.counts,
            server_rows=rows,
            scans_removed=removed,
            scans_left=tuple(map(str, staying)),
            sought=len(long) + len(kept.snippets) + len(names),
            short=len(kept.texts) - len(long),
            elsewhere=len(elsewhere),
            files=count,
            left=tuple(left),
            given=tuple(file for file in given if os.path.abspath(file) not in inside),  # noqa: PTH100
            servers=tuple(kept.servers),
            taught=tuple(str(one) for one in sorted(self.models.glob("*")) if one.is_dir()),
        )

    def _strings_in(self, file: Path, sought: Sought) -> set[bytes]:
        try:
            return strings_in_file(file, sought)
        except OSError as error:
            raise OutputError(f"cannot look into {file}: {error.strerror}; check it, then purge again") from error


def _snippets(files: Iterable[Path]) -> Iterator[str]:
    """A piece from the middle of each file that is there, in hexadecimal figures."""
    for file in files:
        try:
            with file.open("rb") as opened:
                opened.seek(max(0, os.fstat(opened.fileno()).st_size // 2 - SNIPPET_BYTES // 2))
                piece = opened.read(SNIPPET_BYTES)
        except OSError:  # gone, or closed to us: nothing to be known again by
            continue
        if len(piece) == SNIPPET_BYTES and len(set(piece)) >= MIN_SNIPPET_VALUES:
            yield piece.hex()
