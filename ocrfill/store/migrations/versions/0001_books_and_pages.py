"""The first tables: books, their scans, pages and fields, and the version of the store."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables of this version."""
    schema = op.create_table("ocrfill_schema", sa.Column("version", sa.Integer(), nullable=False))
    op.bulk_insert(schema, [{"version": 1}])
    op.create_table(
        "books",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("first_year", sa.Integer(), nullable=False),
        sa.Column("last_year", sa.Integer(), nullable=False),
        sa.Column("volume", sa.Integer(), nullable=False),
        sa.Column("layout", sa.Text(), nullable=False),
        sa.Column("layout_version", sa.Integer(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("kind", "first_year", "last_year", "volume"),
    )
    op.create_table(
        "scans",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("book_id", sa.Integer(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text()),
        sa.Column("failure", sa.Text()),
        sa.Column("replaced", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["book_id"], ["books.id"]),
    )
    op.create_index("scans_book", "scans", ["book_id"])
    op.create_index("scans_path", "scans", ["path"])
    op.create_index("scans_sha256", "scans", ["sha256"])
    op.create_table(
        "pages",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("scan_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("failure_stage", sa.Text()),
        sa.Column("failure_reason", sa.Text()),
        sa.Column("issues", sa.Text()),
        sa.Column("detail", sa.Text()),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("scan_id", "number"),
        sa.CheckConstraint("state IN ('pending', 'done', 'failed')"),
        sa.ForeignKeyConstraint(["scan_id"], ["scans.id"]),
    )
    op.create_index("pages_state", "pages", ["state", "scan_id"])
    noted = sa.text("issues IS NOT NULL")
    op.create_index("pages_issues", "pages", ["scan_id"], sqlite_where=noted, postgresql_where=noted)
    op.create_table(
        "fields",
        sa.Column("page_id", sa.Integer(), nullable=False),
        sa.Column("record", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("normalised", sa.Text()),
        sa.Column("probability", sa.Double(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("page_id", "record", "position"),
        sa.ForeignKeyConstraint(["page_id"], ["pages.id"]),
    )
    op.create_index("fields_decision", "fields", ["page_id", "decision", "position"])
