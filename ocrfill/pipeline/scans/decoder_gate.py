"""The one gate through which every decoder is called: what it raises and what it warns of become plain words."""

from __future__ import annotations

import os
import re
import tempfile
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import cv2

from ocrfill.errors import OcrfillError, PageError

HARMLESS_JPEG_BYTES: Final = 16
"""So many bytes left over between a JPEG's last pixels and its end mark are padding, as some cameras and scanners
write it. More of them are pixels that were lost: a decoder that stumbled finds its way again only at the next mark."""

HARMLESS_FAX_ROWS: Final = 3
"""So many rows of a fax may be broken: in Group 3 each row begins anew, and telephone lines lose one now and then."""

_STDERR: Final = 2
_JPEG_LINE: Final = re.compile(r"JPEG|Inconsistent progression|Invalid SOS")
_TIFF_LINE: Final = re.compile(r"^\w*Decode\w*: |^JPEGLib: |^Fax\w+: |: Using code not yet in table")
_FAX_ROW: Final = re.compile(r"^Fax3\w*: ")
_JPEG_DAMAGE: Final = re.compile(r"Corrupt JPEG data|Premature end of JPEG|Unsupported marker")
_JPEG_LEFT_OVER: Final = re.compile(r"Corrupt JPEG data: (\d+) extraneous bytes before marker 0xd9")
_PICTURE_DAMAGE: Final = re.compile(r"Corrupt EXIF data|Tag offset too large|Truncated File Read")
"""Pillow's warnings of a TIFF whose list of pages ends in the middle; what it says of a single tag does no harm."""
_NO_MEMORY: Final = re.compile(r"bad.?alloc|failed to allocate|cannot allocate memory", re.IGNORECASE)
_one_at_a_time = threading.Lock()


@contextmanager
def decoder_gate(reason: str) -> Iterator[None]:
    """Turns any exception of a decoder called inside, and its warning of lost data, into a PageError of that reason.

    Decoders raise whatever a damaged file leads them to, and their texts quote addresses in memory or the file's bytes.
    Errors of the system (no permission, a failing disk) keep their own words; those of ocrfill pass.
    """
    try:
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            yield
    except OcrfillError:
        raise
    except Exception as e:
        if is_lack_of_memory(e):
            raise PageError("scan", "there is not enough memory to decode it; scan it again at 300 dpi") from e
        if isinstance(e, OSError) and e.errno is not None and e.strerror:
            raise PageError("scan", f"the file cannot be read: {os.strerror(e.errno)}") from e
        raise PageError("scan", reason) from e
    if any(_PICTURE_DAMAGE.search(str(warning.message)) for warning in told):
        raise PageError("scan", reason)


def is_lack_of_memory(error: Exception) -> bool:
    """Whether an error says that there was not enough memory: each library has words of its own."""
    if isinstance(error, cv2.error):
        return error.code == cv2.Error.StsNoMem
    return isinstance(error, MemoryError) or bool(_NO_MEMORY.search(str(error)))


def tells_of_damage(lines: list[str]) -> bool:
    """Whether what libjpeg or libtiff printed while it decoded says that pixels were lost."""
    fax_rows = 0
    for line in lines:
        left_over = _JPEG_LEFT_OVER.search(line)
        if left_over is not None and int(left_over[1]) <= HARMLESS_JPEG_BYTES:
            continue
        if _FAX_ROW.search(line):
            fax_rows += 1
        elif _JPEG_DAMAGE.search(line) or _TIFF_LINE.search(line):
            return True
    return fax_rows > HARMLESS_FAX_ROWS


@contextmanager
def printed_warnings() -> Iterator[list[str]]:
    """What libjpeg and libtiff print inside, in the list when the block has ended: they have no other way to warn.

    Lines that others print meanwhile are passed on.
    """
    lines: list[str] = []
    with _one_at_a_time, open(_memory_file(), "w+b") as caught:
        try:
            kept = os.dup(_STDERR)
        except OSError:  # a process without standard error: nothing to turn aside
            yield lines
            return
        os.dup2(caught.fileno(), _STDERR)
        try:
            yield lines
        finally:
            os.dup2(kept, _STDERR)
            os.close(kept)
            caught.seek(0)
            for line in caught.read().decode("utf-8", "replace").splitlines():
                if _JPEG_LINE.search(line) or _TIFF_LINE.search(line):
                    lines.append(line)
                else:
                    os.write(_STDERR, f"{line}\n".encode())


def _memory_file() -> int:
    """The number of a file without a name, in memory where the system can: a full disk is no fault of a scan."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("printed", os.MFD_CLOEXEC)
    return os.dup(tempfile.TemporaryFile().fileno())
