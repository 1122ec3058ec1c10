"""The documentation names every command and exit code, and every command line in it is one that ocrfill takes."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest
from support.pages import code_lines, inline_code, pages, text_of
from support.paths import ROOT

from ocrfill.cli import COMMANDS, ocrfill
from ocrfill.errors import ExitCode

REFERENCE = ROOT / "docs" / "reference" / "commands.md"

WITHOUT = {"CHANGELOG.md"}
"""A changelog tells of commands as they were."""

CALL = re.compile(r"^(?:\.venv/bin/|python -m )?ocrfill (?=\S)")

MEANT_TO_BE_FILLED_IN = re.compile(r"^[A-Z]+(\.\.\.|…)?$|^…$|^\.\.\.$")
"""FILE, SCAN...: a word of a usage line, which stands for what a user types."""


def _name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def test_every_command_is_documented():
    text = text_of(REFERENCE)
    for command in COMMANDS:
        assert f"`ocrfill {command}`" in text


def test_every_exit_code_is_documented():
    text = text_of(REFERENCE)
    for code in ExitCode:
        assert f"| {code.value} | {code.name} |" in text


def test_readme_starts_with_demo_and_test():
    commands = re.findall(r"^    (\S+)", text_of(ROOT / "README.md"), re.MULTILINE)
    assert commands[:2] == ["./scripts/demo", "./scripts/test"]


# The command lines in blocks of code: each must parse, up to what lies on the disk.


def resolved(words: list[str]) -> tuple[click.Command, click.Context, list[str]]:
    """The command that the first words name, its context, and the words after it. Raises UsageError for none."""
    command: click.Command = ocrfill
    context = click.Context(command, info_name="ocrfill")
    while isinstance(command, click.Group):
        if not words:
            raise click.UsageError(f"`{context.command_path}` wants the name of a command", context)
        found = command.get_command(context, words[0])
        if found is None:
            raise click.UsageError(f"`{context.command_path}` has no command {words[0]}", context)
        command, context, words = found, click.Context(found, context, info_name=words[0]), words[1:]
    return command, context, words


def parse(words: list[str]) -> None:
    """Raise UsageError where ocrfill would not take these words, whatever files there are."""
    command, context, rest = resolved(words)
    if "--help" in rest:
        return
    values, left, _ = command.make_parser(context).parse_args(list(rest))
    if left:
        raise click.UsageError(f"`{context.command_path}` takes no {' '.join(left)}", context)
    for parameter in command.params:
        given = values.get(parameter.name)
        if given in (None, (), []):
            if parameter.required:
                raise click.MissingParameter(ctx=context, param=parameter)
        elif not isinstance(parameter.type, click.Path | click.File):
            for value in given if isinstance(given, list | tuple) else [given]:
                if isinstance(value, str) and not MEANT_TO_BE_FILLED_IN.match(value):
                    parameter.type.convert(value, parameter, context)


def command_lines(text: Iterator[str]) -> Iterator[str]:
    """The lines that call ocrfill, without what goes before the name, is piped away or said behind `#`."""
    for line in text:
        call = CALL.match(line)
        if call:
            yield line[call.end() :]


@pytest.mark.parametrize("page", [p for p in pages() if _name(p) not in WITHOUT], ids=_name)
def test_command_lines_parse(page: Path) -> None:
    wrong = []
    for line in command_lines(code_lines(page)):
        words = shlex.split(line, comments=True)
        ends = [at for at, word in enumerate(words) if word in (">", "|", "&&")]
        try:
            parse(words[: ends[0]] if ends else words)
        except click.UsageError as error:
            wrong.append(f"ocrfill {line}: {error.format_message()}")
    assert wrong == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("runn scans", "has no command runn"),
        ("layout", "wants the name of a command"),
        ("run scans --layouts ks_2006_2015", "No such option"),
        ("status", "Missing option"),
        ("review push --workspace work --order name", "'name' is not one of"),
        ("review push --workspace work --by-lot many", "'many' is not a valid integer"),
        ("layout list here", "takes no here"),
    ],
)
def test_a_wrong_command_line_is_seen(line: str, said: str) -> None:
    with pytest.raises(click.UsageError) as caught:
        parse(shlex.split(line))
    assert said in caught.value.format_message()


@pytest.mark.parametrize("name", ["README.md", "README.vi.md", "docs/tutorials/first-book.md"])
def test_commands_on_the_sample_book_run_literally(name: str) -> None:
    """What is read lies in the checkout, what is written goes below out/, and no word waits to be filled in."""
    words = [w for line in command_lines(code_lines(ROOT / name)) for w in shlex.split(line, comments=True)]
    assert "samples/KS.2006.01" in words
    paths = [word for word in words if "/" in word]
    assert [path for path in paths if not path.startswith("out/") and not (ROOT / path).exists()] == []
    assert [word for word in words if MEANT_TO_BE_FILLED_IN.match(word)] == []


def helps(command: click.Command, path: str) -> Iterator[tuple[str, str]]:
    """The help text of a command and of all below it."""
    yield path, command.help or ""
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from helps(below, f"{path} {name}")


def test_the_examples_of_every_help_text_parse() -> None:
    wrong = []
    seen = 0
    for path, text in helps(ocrfill, "ocrfill"):
        for line in command_lines(line.strip() for line in text.splitlines()):
            seen += 1
            try:
                parse(shlex.split(line.split(" | ")[0].split(" > ")[0], comments=True))
            except click.UsageError as error:
                wrong.append(f"{path}: ocrfill {line}: {error.format_message()}")
    assert wrong == []
    assert seen > len(COMMANDS)


# What the running text names: commands, and flags.


@cache
def flags_of(command: click.Command) -> frozenset[str]:
    options = [p for p in command.params if isinstance(p, click.Option)]
    return frozenset({"--help"}.union(*(set(o.opts) | set(o.secondary_opts) for o in options)))


@cache
def every_flag() -> frozenset[str]:
    """The flags of all commands, and those that our scripts take."""
    scripts = "".join(p.read_text(encoding="utf-8") for p in (ROOT / "scripts").rglob("*.py"))
    found = set(re.findall(r'"(--[a-z][\w-]*)"', scripts)) | {"--version", "--verbose"}

    def below(command: click.Command) -> None:
        found.update(flags_of(command))
        if isinstance(command, click.Group):
            context = click.Context(command)
            for name in command.list_commands(context):
                nested = command.get_command(context, name)
                assert nested is not None
                below(nested)

    below(ocrfill)
    return frozenset(found)


def _fault(code: str) -> str | None:
    """What is wrong with a call of ocrfill in the running text; it may be a part of one."""
    words = [word for word in re.split(r"[\s\[\]()|]+", code.removeprefix("ocrfill ")) if word]
    command: click.Command = ocrfill
    context = click.Context(command)
    while isinstance(command, click.Group) and words and re.fullmatch(r"[a-z]+", words[0]):
        found = command.get_command(context, words[0])
        if found is None:
            return f"`{code}`: no command {words[0]}"
        command, words = found, words[1:]
        context = click.Context(command)
    unknown = [w for w in words if w.startswith("--") and w.split("=")[0] not in flags_of(command)]
    return f"`{code}`: {command.name} has no {', '.join(unknown)}" if unknown else None


@pytest.mark.parametrize("page", [p for p in pages() if _name(p) not in WITHOUT], ids=_name)
def test_commands_and_flags_of_the_text_exist(page: Path) -> None:
    wrong = []
    for code in inline_code(page):
        if CALL.match(code):
            fault = _fault(CALL.sub("ocrfill ", code))
            wrong += [fault] if fault else []
        elif code.startswith("--") and code.split(" ")[0].split("=")[0] not in every_flag():
            wrong.append(f"`{code}`: no command has it")
    assert wrong == []


def test_a_wrong_command_or_flag_of_the_text_is_seen() -> None:
    assert _fault("ocrfill weigh")
    assert _fault("ocrfill layout mend FILE")
    assert _fault("ocrfill layout check FILE --page SCAN")
    assert _fault("ocrfill evaluate pages TRUTH (--workspace FOLDER | --results FILE) [--json]") is None
    assert "--by-lot" in every_flag()
    assert "--by-chance" not in every_flag()


@pytest.mark.parametrize("page", pages(), ids=_name)
def test_flags_of_scripts_exist(page: Path) -> None:
    """Calls of our scripts in blocks of code: the script is there, and knows each of the flags."""
    wrong = []
    for line in code_lines(page):
        call = re.match(r"(?:\./|\.venv/bin/python )?(scripts/[\w.]+)(.*)", line)
        if not call:
            continue
        script = ROOT / call[1]
        text = script.read_text(encoding="utf-8") if script.is_file() else ""
        flags = re.findall(r"(?<!\S)(--[a-z][\w-]*)", call[2].split("#")[0])
        wrong += [] if text else [f"no {call[1]}"]
        wrong += [f"{call[1]} has no {flag}" for flag in flags if text and f'"{flag}"' not in text]
    assert wrong == []
