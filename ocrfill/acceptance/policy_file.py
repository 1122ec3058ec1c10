"""The file in which a workspace keeps its trust: JSON, numbers with their names, nothing that runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from ocrfill.acceptance import Trust
from ocrfill.acceptance.policy_checks import trust_faults
from ocrfill.document.json_text import NotJson, parsed_json
from ocrfill.errors import BadInput, place_in_file
from ocrfill.store.atomic_file import whole

TRUST_FILE_NAME = "trust.json"
TRUST_FORMAT = 1

MAX_TRUST_BYTES = 4_000_000
"""A calibration of all groups has some 10 kB."""

_TRUST: TypeAdapter[Trust] = TypeAdapter(Trust)


def load_trust(folder: Path) -> Trust | None:
    """The trust of a workspace; None where nothing was calibrated.

    Raises BadInput, by the name of the key, for a file that is none, or that cannot be what it says.
    """
    file = folder / TRUST_FILE_NAME
    try:
        with file.open("rb") as opened:
            text = opened.read(MAX_TRUST_BYTES + 1)
        if len(text) > MAX_TRUST_BYTES:
            raise BadInput(f"{file} is larger than any calibration; `ocrfill calibrate` makes it anew")
        written = parsed_json(text)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise BadInput(f"cannot read {file}: {error.strerror}; `ocrfill calibrate` makes it anew") from error
    except NotJson as error:
        raise BadInput(f"{file}: {error}; `ocrfill calibrate` makes it anew") from error
    if not isinstance(written, dict) or written.pop("format", None) != TRUST_FORMAT:
        raise BadInput(f"{file} is no calibration of format {TRUST_FORMAT}; `ocrfill calibrate` makes it anew")
    try:
        trust = _TRUST.validate_json(json.dumps(written), strict=True)  # a number is one, no text and no truth
    except ValidationError as error:
        first = error.errors()[0]
        where = place_in_file(first["loc"]) or "the file"
        raise BadInput(f"{file}: {where}: {first['msg']}; `ocrfill calibrate` makes it anew") from error
    if (fault := next(trust_faults(trust), None)) is not None:
        raise BadInput(f"{file}: {fault}; nothing is accepted by it: `ocrfill calibrate` makes it anew")
    return trust


def save_trust(trust: Trust, folder: Path) -> Path:
    """Put it in the place of what was there, whole or not at all; the file is returned. Raises OutputError."""
    document: dict[str, Any] = {"format": TRUST_FORMAT, **_TRUST.dump_python(trust, mode="json")}
    file = folder / TRUST_FILE_NAME
    with whole(file) as part:
        part.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return file
