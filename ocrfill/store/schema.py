"""The tables of the store, and how its version is told; `ocrfill.store.migrations` brings older stores to them.

Each datum lives once. A book's key follows from kind, years and volume; a scan's number of pages from its rows in
`pages`; what a page result holds of its scan (`source`, `page`), its failure and its fields is put together again when
it is read. Nothing random and no time of day is stored of pages: the same input gives the same bytes. Of a person's
corrections the moment is kept, for it is part of what happened.
"""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    func,
    inspect,
    select,
    text,
)

from ocrfill.errors import StoreError

METADATA = MetaData()

SCHEMA = Table(
    "ocrfill_schema",
    METADATA,
    Column("version", Integer, nullable=False),
)

BOOKS = Table(
    "books",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("first_year", Integer, nullable=False),
    Column("last_year", Integer, nullable=False),
    Column("volume", Integer, nullable=False),
    Column("layout", Text, nullable=False),
    Column("layout_version", Integer, nullable=False),
    Column("place", Text, nullable=False),
    UniqueConstraint("kind", "first_year", "last_year", "volume"),
)

SCANS = Table(
    "scans",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("book_id", ForeignKey("books.id"), nullable=False),
    Column("path", Text, nullable=False),  # relative to the workspace where it lies in or beside it, else absolute
    Column("sha256", Text),  # none where the file could not be read at all
    Column("failure", Text),  # why the file as a whole could not be opened
    Column("replaced", Integer, nullable=False),  # 1: another file stands under this path now
    Index("scans_book", "book_id"),
    Index("scans_path", "path"),
    Index("scans_sha256", "sha256"),
)

PAGES = Table(
    "pages",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("scan_id", ForeignKey("scans.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("failure_stage", Text),
    Column("failure_reason", Text),
    Column("issues", Text),  # JSON: what a person should know of the page itself; none where there is nothing
    Column("detail", Text),  # JSON: the page result but for source, page, failure, issues and the fields
    UniqueConstraint("scan_id", "number"),
    CheckConstraint("state IN ('pending', 'done', 'failed')"),
    Index("pages_state", "state", "scan_id"),
    Index(
        "pages_issues", "scan_id", sqlite_where=text("issues IS NOT NULL"), postgresql_where=text("issues IS NOT NULL")
    ),
)

FIELDS = Table(
    "fields",
    METADATA,
    Column("page_id", ForeignKey("pages.id"), nullable=False),
    Column("record", Integer, nullable=False),
    Column("position", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("raw", Text, nullable=False),
    Column("normalised", Text),
    Column("probability", Double, nullable=False),
    Column("decision", Text, nullable=False),
    Column("detail", Text, nullable=False),  # JSON: label, kind, issues, reader, polygon, strips, readings
    PrimaryKeyConstraint("page_id", "record", "position"),
    Index("fields_decision", "page_id", "decision", "position"),  # all that `status` counts
)

CORRECTIONS = Table(
    "corrections",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("page_id", ForeignKey("pages.id"), nullable=False),
    Column("record", Integer, nullable=False),
    Column("field", Text, nullable=False),
    Column("prefilled", Text, nullable=False),
    Column("entered", Text),  # none where the answer has no value
    Column("answer", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("moment", Text, nullable=False),  # ISO 8601 in UTC with microseconds: its order as text is that in time
    Column("seconds", Double),
    Column("source", Text, nullable=False),
    Column("task", Integer, nullable=False),
    Column("annotation", Integer, nullable=False),
    Column("outline", Text, nullable=False),  # JSON: where the field lay on the scan
    Column("withdrawn", Integer, nullable=False),  # 1: the person has taken the answer back
    UniqueConstraint("source", "annotation", "moment"),
    Index("corrections_field", "page_id", "record", "field"),
)

REVIEW_BATCHES = Table(
    "review_batches",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("book_id", ForeignKey("books.id"), nullable=False),
    Column("server", Text, nullable=False),  # "local", or the URL of a given server
    Column("person", Text, nullable=False),  # whom it is meant for; empty: whoever comes
    Column("state", Text, nullable=False),
    Column("token", Text, nullable=False),  # stands in the project's description: a project is known again by it
    Column("project", Integer),
    Column("seen", Text),  # the last change on the server that was pulled, as the server wrote it
    CheckConstraint("state IN ('planned', 'sent', 'lost')"),
)

REVIEW_TASKS = Table(
    "review_tasks",
    METADATA,
    Column("batch_id", ForeignKey("review_batches.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("page_id", ForeignKey("pages.id"), nullable=False),
    Column("record", Integer, nullable=False),
    Column("field", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("prefilled", Text, nullable=False),
    Column("outline", Text, nullable=False),
    Column("task", Integer),
    PrimaryKeyConstraint("batch_id", "position"),
    Index("review_tasks_field", "page_id", "record", "field"),
)

SCHEMA_VERSION = 3
"""The version of these tables: that of the last step in `ocrfill.store.migrations`."""


def version_of(connection: Connection) -> int:
    """The version of the schema; 0 for an empty database. Raises StoreError where it is not ours or damaged."""
    tables = inspect(connection).get_table_names()
    if SCHEMA.name in tables:
        versions = connection.execute(select(SCHEMA.c.version)).scalars().all()
        if len(versions) != 1 or type(versions[0]) is not int or versions[0] < 1:
            raise StoreError("its schema's version is damaged; put the store's last copy in its place")
        return versions[0]
    if tables:
        raise StoreError("there are tables in it that are not ocrfill's; give another place for the store")
    return 0


def next_id(connection: Connection, column: Column[int]) -> int:
    """The next number of a row; ours, for a database's own would have gaps after a transaction taken back."""
    return int(connection.execute(select(func.coalesce(func.max(column), 0))).scalar_one()) + 1
