"""The steps that bring a store of an older version to the tables of today, run by Alembic.

`versions/` has one file a step, and revision n makes a store of version n. A step that was released is never changed;
a change of the tables in `ocrfill.store.schema` comes with a new step and a new SCHEMA_VERSION there.

Which version a store has is said by `ocrfill_schema` alone: every ocrfill writes and heeds it, those from before
Alembic too. Alembic's own table is set from it before each migration and says nothing to anybody else.

Importing this package imports Alembic, which costs every command its time: only a store that needs a step imports it.
"""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from ocrfill.store.schema import SCHEMA, SCHEMA_VERSION, version_of

SCRIPT_LOCATION = "ocrfill.store:migrations"
"""Where Alembic finds the steps: by package, so that they are found wherever ocrfill is installed."""


def migrate(connection: Connection) -> None:
    """Bring the schema to SCHEMA_VERSION, all steps in the transaction of this connection."""
    version = version_of(connection)  # asked again: another process may have been quicker
    if version == SCHEMA_VERSION:
        return
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", SCRIPT_LOCATION)
    if version > 0:
        command.stamp(config, revision_of(version), purge=True)
    command.upgrade(config, revision_of(SCHEMA_VERSION))
    connection.execute(SCHEMA.update().values(version=SCHEMA_VERSION))


def revision_of(version: int) -> str:
    """Alembic's name for a version of the store: 0003 for 3."""
    return f"{version:04}"
