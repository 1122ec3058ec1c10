"""What a user may set for a workspace: `ocrfill.toml` in it, and environment variables, as one frozen class.

Only the command line reads this; it hands single settings down as arguments. An environment variable OCRFILL_<NAME>
(OCRFILL_JOBS for `jobs`) wins over the file, an option of the command over both.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any, ClassVar
from urllib.parse import urlsplit

from annotated_types import Ge, Gt, Le
from pydantic import AfterValidator, Field, TypeAdapter, ValidationError

from ocrfill.errors import BadInput, place_in_file
from ocrfill.layouts.model import WritingReader
from ocrfill.store.atomic_file import is_open_to_others

SETTINGS_FILE_NAME = "ocrfill.toml"
ENVIRONMENT_PREFIX = "OCRFILL_"

MAX_JOBS = 1024
"""Pages at the same time; each takes a process and some hundred megabytes."""

MAX_PAGE_SECONDS = 86_400.0
"""A day. Longer times, and endless ones, no clock of the system can be set to."""

MAX_RETENTION_DAYS = 36_500
"""A hundred years: no register's values are due later, and no calendar ends before."""

MAX_SETTINGS_BYTES = 100_000

MAX_NUMBER_BITS = 63
"""TOML's own limit; Python makes of hexadecimal digits a number without end, and refuses to write it out."""


def _without_control_characters(text: str) -> str:
    if any(ord(character) < 0x20 or ord(character) == 0x7F for character in text):
        raise ValueError("holds control characters")
    return text


Printable = Annotated[str, AfterValidator(_without_control_characters)]
"""A text for a path or a URL."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings and their defaults; the attributes are the keys of `ocrfill.toml`.

    `store` is the URL of a PostgreSQL database in place of `ocrfill.sqlite`. `jobs` is how many pages are read at the
    same time; None means one for each processor core. `reader` is who reads writing: "auto", "tesseract" or "hand".
    `languages` are Tesseract's, joined with "+". A page that takes longer than
    `page_seconds` is given up. `label_studio` is the folder where Label Studio is, or is to be, installed.
    `retention_days` after its last export a book is due to be purged; None: never.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}
    store: Printable | None = None
    jobs: Annotated[int, Ge(1), Le(MAX_JOBS)] | None = None
    reader: WritingReader = "auto"
    languages: Annotated[str, Field(pattern=r"^[A-Za-z_/]+(\+[A-Za-z_/]+)*$")] = "vie"
    page_seconds: Annotated[float, Gt(0), Le(MAX_PAGE_SECONDS)] = 300.0
    label_studio: Printable | None = None
    retention_days: Annotated[int, Ge(1), Le(MAX_RETENTION_DAYS)] | None = None


_SETTINGS: TypeAdapter[Settings] = TypeAdapter(Settings)


def load_settings(workspace: Path, environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of a workspace; a missing file means the defaults. Raises BadInput, naming every fault."""
    file = workspace / SETTINGS_FILE_NAME
    try:
        with file.open("rb") as opened:
            content = opened.read(MAX_SETTINGS_BYTES + 1)
        if len(content) > MAX_SETTINGS_BYTES:
            raise BadInput(f"{file} is larger than any settings; is it another file?")
        written = tomllib.loads(content.decode("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        written = {}
    except UnicodeDecodeError as error:
        raise BadInput(f"{file}: byte {error.start} is not UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"{file} is no TOML file: {error}") from error
    except (RecursionError, ValueError) as error:  # too deep, or a number of more digits than Python makes of any
        raise BadInput(f"{file} is no TOML file of settings: too deep, or a number too long") from error
    except OSError as error:
        raise BadInput(f"cannot read {file}: {error.strerror}") from error
    if any(isinstance(value, int) and value.bit_length() > MAX_NUMBER_BITS for value in written.values()):
        raise BadInput(f"{file} is no TOML file of settings: too deep, or a number too long")
    if holds_password(written.get("store")) and is_open_to_others(file):
        raise BadInput(
            f"{file}: store: the URL holds a password, and others may read the file: chmod 600 it, or give the URL in "
            f"{ENVIRONMENT_PREFIX}STORE"
        )
    variables = {name: text for name, text in environment.items() if name.startswith(ENVIRONMENT_PREFIX)}
    faults = _faults(written, lambda key: f"{file}: {key}")
    from_variables = {name.removeprefix(ENVIRONMENT_PREFIX).lower(): text for name, text in variables.items()}
    faults += _faults(from_variables, lambda key: f"environment variable {ENVIRONMENT_PREFIX}{key.upper()}")
    if faults:
        raise BadInput("settings with faults:\n" + "\n".join(f"  {fault}" for fault in faults))
    return _SETTINGS.validate_python(written | from_variables)


def holds_password(store: object) -> bool:
    """Whether a database's URL has a password in it."""
    try:
        return isinstance(store, str) and bool(urlsplit(store).password)
    except ValueError:  # no URL: opening the store says so
        return False


def _faults(given: Mapping[str, object], place: Callable[[str], str]) -> list[str]:
    """What is wrong with these settings, each with its place."""
    try:
        _SETTINGS.validate_python(given)
    except ValidationError as error:
        known = ", ".join(f.name for f in fields(Settings))
        return [
            f"{place(place_in_file(e['loc']))}: "
            + (f"no such setting; there are {known}" if e["type"] == "unexpected_keyword_argument" else e["msg"])
            for e in error.errors()
        ]
    return []
