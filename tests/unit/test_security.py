"""What the code itself shows: no shell, no foreign pickles, no YAML objects, SQL by bound parameters, secrets kept."""

from __future__ import annotations

import ast
import os
import re
import stat
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.paths import ROOT

import ocrfill
from ocrfill.cli import ocrfill as command_line
from ocrfill.cli.settings import load_settings
from ocrfill.cli.train import close_folder
from ocrfill.errors import BadInput, ReviewError
from ocrfill.review.server_access import Access, keep, load

PACKAGE = Path(ocrfill.__file__).parent
MODULES = [path for path in sorted(PACKAGE.rglob("*.py")) if "review/local/" not in path.as_posix()]

Check = Callable[[ast.AST], bool]


def dotted(node: ast.AST) -> str:
    """`os.system` for that expression; the last name alone where what stands before is no name."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}".lstrip(".")
    return node.id if isinstance(node, ast.Name) else ""


def keywords(call: ast.Call) -> dict[str, object]:
    return {k.arg or "**": k.value.value if isinstance(k.value, ast.Constant) else k.value for k in call.keywords}


def is_shell(node: ast.AST) -> bool:
    """A command that a shell would read, or code made of a text."""
    names = ("os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput", "eval", "exec", "compile")
    return isinstance(node, ast.Call) and (
        dotted(node.func) in names or keywords(node).get("shell", False) is not False
    )


def is_foreign_pickle(node: ast.AST) -> bool:
    """A library that runs what it reads, or the switch of one that lets it."""
    unsafe = {"pickle", "marshal", "shelve", "dill", "joblib", "cloudpickle", "jsonpickle"}
    if isinstance(node, ast.Import):
        return bool(unsafe & {alias.name.partition(".")[0] for alias in node.names})
    if isinstance(node, ast.ImportFrom):
        return (node.module or "").partition(".")[0] in unsafe
    if not isinstance(node, ast.Call):
        return False
    given = keywords(node)
    return given.get("allow_pickle", False) is not False or (
        dotted(node.func).endswith("torch.load") and given.get("weights_only") is not True
    )


def is_unsafe_yaml(node: ast.AST) -> bool:
    """YAML that makes objects; ruamel's round trip makes only its own lists and mappings."""
    if isinstance(node, ast.Import):
        return "yaml" in {alias.name for alias in node.names}
    if not isinstance(node, ast.Call) or dotted(node.func) != "YAML":
        return False
    return keywords(node).get("typ") not in ("safe", "rt") or keywords(node).get("pure") is not True


def is_composed_sql(node: ast.AST) -> bool:
    """A statement made of pieces: what is put in may speak SQL itself."""
    takes = ("execute", "executemany", "executescript", "exec_driver_sql", "text")
    if not isinstance(node, ast.Call) or dotted(node.func).rpartition(".")[2] not in takes or not node.args:
        return False
    first = node.args[0]
    made = isinstance(first, ast.JoinedStr | ast.BinOp)
    return made or (isinstance(first, ast.Call) and dotted(first.func).rpartition(".")[2] in ("format", "join"))


def is_unchecked_connection(node: ast.AST) -> bool:
    """A certificate that nobody checks, or a temporary name that anybody may take first."""
    return isinstance(node, ast.Call) and (
        keywords(node).get("verify", True) is False
        or dotted(node.func) in ("tempfile.mktemp", "ssl._create_unverified_context")
    )


CHECKS: dict[str, tuple[Check, dict[str, str]]] = {
    "shell": (is_shell, {}),
    "pickle": (
        is_foreign_pickle,
        {"pipeline/process_pool.py": "between our own processes, over a pipe of theirs"},
    ),
    "yaml": (is_unsafe_yaml, {}),
    "sql": (
        is_composed_sql,
        {
            "store/engine.py": "PRAGMA of a constant's words; PRAGMA takes no parameters",
            "store/book_removal.py": "VACUUM of our own tables, quoted by SQLAlchemy; it takes no parameters",
        },
    ),
    "connection": (is_unchecked_connection, {}),
}
"""Each thing that is not done, how it is seen, and where it is all the same, with the reason."""

SPEAKS_SQL = re.compile(r"^\s*(?:import|from) (?:sqlalchemy|sqlite3|alembic)\b", re.MULTILINE)

WRONG = {
    "shell": ["os.system(x)", "subprocess.run(x, shell=True)", "run(x, shell=flag)", "eval(x)", "os.popen(x)"],
    "pickle": ["import pickle", "from joblib import load", "np.load(x, allow_pickle=True)", "torch.load(x)"],
    "yaml": ["import yaml", "YAML()", "YAML(typ='unsafe', pure=True)", "YAML(typ='safe')"],
    "sql": ["c.execute(f'DROP {x}')", "text('a' + x)", "c.execute('a %s' % x)", "c.executemany('a {}'.format(x), y)"],
    "connection": ["httpx.Client(verify=False)", "tempfile.mktemp()"],
}


@cache
def nodes_of(path: Path) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def places(check: Check, modules: list[Path]) -> Iterator[str]:
    for path in modules:
        if any(check(node) for node in nodes_of(path)):
            yield path.relative_to(PACKAGE).as_posix()


@pytest.mark.parametrize("what", CHECKS)
def test_what_is_not_done(what: str) -> None:
    check, allowed = CHECKS[what]
    modules = [path for path in MODULES if what != "sql" or SPEAKS_SQL.search(path.read_text(encoding="utf-8"))]
    assert list(places(check, modules)) == sorted(allowed)


@pytest.mark.parametrize(("what", "code"), [(what, code) for what, codes in WRONG.items() for code in codes])
def test_what_is_wrong_is_seen(what: str, code: str) -> None:
    assert any(CHECKS[what][0](node) for node in ast.walk(ast.parse(code)))


def test_nothing_but_review_speaks_to_a_network() -> None:
    speaks = re.compile(
        r"^\s*(?:import|from) (?:httpx|requests|urllib\.request|http\.client|aiohttp|label_studio_sdk)\b", re.M
    )
    found = {p.relative_to(PACKAGE).as_posix() for p in MODULES if speaks.search(p.read_text(encoding="utf-8"))}
    assert found == {"review/connection.py", "review/label_studio.py"}


def test_ruff_s_own_rules_of_security_are_on() -> None:
    lint = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]["lint"]
    assert "S" in lint["select"]
    off = {rule for rule in lint["ignore"] if re.fullmatch(r"S\d*", rule)}
    # assertions, chance that guards nothing, XML that openpyxl reads for itself, programs by list and by name
    assert off == {"S101", "S311", "S314", "S603", "S607"}


# secrets


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o666])
def test_a_token_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    keep(tmp_path, Access("http://127.0.0.1:8290", "t" * 40, "local", password="secret-word"))
    file = tmp_path / "review" / "server.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert load(tmp_path) is not None
    file.chmod(mode)
    with pytest.raises(ReviewError, match=r"server\.json holds a password and a token.*chmod 600") as told:
        load(tmp_path)
    assert "secret-word" not in str(told.value)


@pytest.mark.parametrize(
    ("store", "refused"),
    [
        ("postgresql+pg8000://user:secret-word@host/db", True),
        ("postgresql+pg8000://user@host/db", False),
        ("postgresql+pg8000://:secret-word@[::1]/db", True),
        ("postgresql://[", False),
    ],
)
def test_a_database_s_password_that_others_may_read_is_refused(tmp_path: Path, store: str, refused: bool) -> None:
    file = tmp_path / "ocrfill.toml"
    file.write_text(f'store = "{store}"\n')
    file.chmod(0o640)
    if refused:
        with pytest.raises(BadInput, match="others may read the file: chmod 600") as told:
            load_settings(tmp_path, {})
        assert "secret-word" not in str(told.value)
    file.chmod(0o600 if refused else 0o640)
    assert load_settings(tmp_path, {}).store == store
    file.unlink()
    assert load_settings(tmp_path, {"OCRFILL_STORE": store}).store == store


def test_no_command_takes_a_secret_among_its_words() -> None:
    """Other users of a computer see the words of a command."""
    texts = "".join(path.read_text(encoding="utf-8") for path in (PACKAGE / "cli").rglob("*.py"))
    assert re.findall(r'"--[a-z-]*(?:token|password|secret|key)[a-z-]*"', texts) == []


# folders


@pytest.mark.parametrize("before", [None, 0o755, 0o777])
def test_training_s_folders_are_their_owner_s_alone(tmp_path: Path, before: int | None) -> None:
    folder = tmp_path / "work" / "training"
    if before is not None:
        folder.mkdir(parents=True)
        folder.chmod(before)
    mask = os.umask(0)
    try:
        close_folder(folder)
    finally:
        os.umask(mask)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


KEYS = ("../KS.2006.01", "/etc/KS.2006.01", "KS.2006.01/../..", "KS.2006.01\0", "..", "NUL", "KS.2006.1", "KS.2006.01 ")


@pytest.mark.parametrize("key", KEYS)
def test_a_book_s_key_leads_nowhere_else(tmp_path: Path, key: str) -> None:
    scan = tmp_path / "scan.png"
    scan.write_bytes(b"\x89PNG")
    words = ["run", str(scan), "--book", key, "--layout", "ks_2006_2015", "--workspace", str(tmp_path / "work")]
    ran = CliRunner().invoke(command_line, words, standalone_mode=False)
    if key.strip() != "KS.2006.01":  # blanks around what is typed are no part of it
        assert ran.exception is not None
    made = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")}
    assert made <= {"scan.png", "work", "work/ocrfill.sqlite", "work/ocrfill.lock", "work/trail.jsonl"}
