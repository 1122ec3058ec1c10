"""A Label Studio database without work in it, made once for a user of this computer: making one takes some 90 s.

Run as a program (`scripts/prepare dev` does) it makes the database if it is missing. The first start itself is what
makes it here, by `ocrfill review start`; the tests then go on with a copy as after a restart.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
from pathlib import Path

from support.paths import ROOT, user_cache
from support.servers import label_studio_folder, review

from ocrfill.review.label_studio_env import lock_file, ready
from ocrfill.store import Store

SERVER_FILES = ROOT / "ocrfill" / "review" / "local"


def made_beforehand(workspace: Path) -> None:
    """Put the database into the workspace, before its server's first start there; make it if it is missing."""
    key = hashlib.sha256(lock_file().read_bytes())
    for file in (*sorted(SERVER_FILES.iterdir()), SERVER_FILES.parent / "local_server.py"):
        if file.is_file():
            key.update(file.read_bytes())
    kept = user_cache() / "label-studio" / key.hexdigest()[:20]
    if not kept.exists():
        with tempfile.TemporaryDirectory(prefix="ocrfill-label-studio-") as made:
            Store.open(Path(made), create=True).close()
            review(Path(made), "start")
            review(Path(made), "stop")
            kept.parent.mkdir(parents=True, exist_ok=True)
            part = kept.with_name(f"{kept.name}.{os.getpid()}.part")
            shutil.copytree(Path(made) / "review", part)
            try:
                part.rename(kept)
            except OSError:  # another run made it meanwhile
                shutil.rmtree(part)
    shutil.copytree(kept, workspace / "review", dirs_exist_ok=True)


if __name__ == "__main__":
    environment = label_studio_folder()
    os.environ["OCRFILL_LABEL_STUDIO"] = str(environment)
    if not ready(environment):
        sys.exit(f"no Label Studio in {environment}; scripts/prepare dev installs it")
    with tempfile.TemporaryDirectory() as folder:
        made_beforehand(Path(folder))
