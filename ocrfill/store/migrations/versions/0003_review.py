"""What was put before whom: batches of review tasks, and the tasks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the tables of this version."""
    op.create_table(
        "review_batches",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("book_id", sa.Integer(), nullable=False),
        sa.Column("server", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("project", sa.Integer()),
        sa.Column("seen", sa.Text()),
        sa.PrimaryKeyConstraint("id"),
        sa.CheckConstraint("state IN ('planned', 'sent', 'lost')"),
        sa.ForeignKeyConstraint(["book_id"], ["books.id"]),
    )
    op.create_table(
        "review_tasks",
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("page_id", sa.Integer(), nullable=False),
        sa.Column("record", sa.Integer(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("prefilled", sa.Text(), nullable=False),
        sa.Column("outline", sa.Text(), nullable=False),
        sa.Column("task", sa.Integer()),
        sa.PrimaryKeyConstraint("batch_id", "position"),
        sa.ForeignKeyConstraint(["batch_id"], ["review_batches.id"]),
        sa.ForeignKeyConstraint(["page_id"], ["pages.id"]),
    )
    op.create_index("review_tasks_field", "review_tasks", ["page_id", "record", "field"])
