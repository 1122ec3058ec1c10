"""A stand-in for the Tesseract program: it obeys the same calls, needs no model, and can be told to misbehave."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

PROGRAM = '''#!{python}
"""Stands in for tesseract: answers "w<width>" for an image of the list, and misbehaves by its width."""
import pathlib, sys, time

arguments = sys.argv[1:]
if arguments == ["--list-langs"]:
    print("List of available languages (2):\\neng\\nvie")
elif arguments == ["--version"]:
    print("tesseract 5.3.0")
else:
    with open({calls!r}, "a") as calls:
        calls.write("x")
    rows = ["level\\tpage_num\\tblock_num\\tpar_num\\tline_num\\tword_num\\tleft\\ttop\\twidth\\theight\\tconf\\ttext"]
    for number, name in enumerate(pathlib.Path(arguments[0]).read_text().splitlines(), 1):
        width, height = pathlib.Path(name).read_bytes().split(b"\\n", 2)[1].split()[:2]
        if {crash!r} == width.decode() or {crash!r} == "all":
            sys.exit(1)
        if {sleep!r} in (width.decode(), "all"):
            time.sleep(60)
        rows.append(f"1\\t{{number}}\\t0\\t0\\t0\\t0\\t0\\t0\\t9\\t9\\t-1\\t")
        rows.append(f"5\\t{{number}}\\t1\\t1\\t1\\t1\\t0\\t0\\t9\\t9\\t97.5\\tw{{int(width)}}")
        sure = 60.25 if {unsure!r} == width.decode() else 95.25
        rows.append(f"5\\t{{number}}\\t1\\t1\\t1\\t2\\t0\\t0\\t9\\t9\\t{{sure}}\\tNguye\\u0302\\u0303n")
    pathlib.Path(arguments[1] + ".tsv").write_text("\\n".join(rows) + "\\n", encoding="utf-8")
'''


def install_fake(folder: Path, *, crash: str = "", sleep: str = "", unsure: str = "") -> Path:
    """Write the program into `folder`/bin.

    It crashes on images of width `crash` ("all": always), sleeps on `sleep` ("all" too), and is less sure of `unsure`.

    The returned file gets an x for each call that reads.
    """
    calls = folder / "calls"
    program = folder / "bin" / "tesseract"
    program.parent.mkdir()
    program.write_text(PROGRAM.format(python=sys.executable, calls=str(calls), crash=crash, sleep=sleep, unsure=unsure))
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return calls
