"""Of all settings tried those that are kept: better on pages they were not chosen by, by more than chance."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from ocrfill.authoring.tune.objective import Bench, Outcome, Settings
from ocrfill.authoring.tune.search import Tried
from ocrfill.authoring.tune.significance import LIMIT, by_chance, holm
from ocrfill.layouts import Tuning
from ocrfill.layouts.model import WritingReader


@dataclass(frozen=True, slots=True)
class Choice:
    """The start, what is kept (the start where nothing is better), and the held-out test: on each page the settings
    that were best on all others, against the start; `chance` is how often such a gain comes about by chance.
    """

    start: Tried
    kept: Tried
    held_out: tuple[Outcome, ...]
    chance: float

    @property
    def changed(self) -> bool:
        """Whether something better than the start was found."""
        return self.kept.settings != self.start.settings


def choose(bench: Bench, tried: Sequence[Tried]) -> Choice:
    """The first of those tried is the start."""
    start = tried[0]
    held_out = tuple(_best(tried, without=page).outcomes[page] for page in range(len(start.outcomes)))
    gains = [after.exact - before for after, before in zip(held_out, start.exact, strict=True)]
    chance = by_chance(gains)
    kept = start
    if chance <= LIMIT:
        kept = _best(tried)
        simple = _simplified(bench, start, kept)
        if by_chance(_gains(simple, start)) <= LIMIT:
            kept = simple
    return Choice(start, _with_field_readers(bench, kept), held_out, chance)


def _best(tried: Sequence[Tried], without: int | None = None) -> Tried:
    """The best on all pages, or on all but one; of equals the earlier, which is nearer to the start."""
    pages = [page for page in range(len(tried[0].outcomes)) if page != without]
    return max(tried, key=lambda one: one.score(pages))


def _gains(one: Tried, other: Tried) -> list[float]:
    return [after - before for after, before in zip(one.exact, other.exact, strict=True)]


def _simplified(bench: Bench, start: Tried, best: Tried) -> Tried:
    """The best with no setting that chance explains: each that is not the usual one must be proven against the usual
    one and the start's; a return to the usual one stands unless the start's reads better.
    """
    usual = Settings(Tuning(), {})
    for name in _changes(start.settings, best.settings):
        others = [
            Tried(s, bench.read(s))
            for s in _distinct(back(one, best.settings, name) for one in (usual, start.settings))
        ]
        rivals = [other for other in others if other.settings != best.settings]
        if len(rivals) < len(others):  # it is the usual one now
            worse = [rival for rival in rivals if rival.score() > best.score()]
        else:
            worse = [rival for rival in rivals if by_chance(_gains(best, rival)) > LIMIT]
        if worse:
            best = max(worse, key=Tried.score)
    return best


def _distinct(settings: Iterable[Settings]) -> list[Settings]:
    found: list[Settings] = []
    for one in settings:
        if one not in found:
            found.append(one)
    return found


OWN = "readers of fields"


def _changes(start: Settings, other: Settings) -> Iterator[str]:
    """The settings in which two differ."""
    for one in fields(Tuning):
        if getattr(start.tuning, one.name) != getattr(other.tuning, one.name):
            yield one.name
    if start.readers != other.readers:
        yield OWN


def back(start: Settings, other: Settings, name: str) -> Settings:
    """The other settings with one of the start's."""
    if name == OWN:
        return replace(other, readers=start.readers)
    given: dict[str, Any] = {name: getattr(start.tuning, name)}
    return replace(other, tuning=replace(other.tuning, **given))


def _with_field_readers(bench: Bench, kept: Tried) -> Tried:
    """Single fields given to another reader where it reads them better by more than chance, all fields looked at."""
    usual = kept.settings.tuning.reader or bench.usual
    names: list[WritingReader] = [name for name in ("auto", "hand", "tesseract") if name in bench.readers]
    by_reader = {
        name: bench.read(Settings(replace(kept.settings.tuning, reader=name), {})) for name in names if len(names) > 1
    }
    tests: list[tuple[float, str, WritingReader]] = []
    for field in sorted({field for outcome in kept.outcomes for _, field in outcome.right}):
        for name, outcomes in by_reader.items():
            if name == (kept.settings.readers.get(field) or usual):
                continue
            pairs = zip(outcomes, kept.outcomes, strict=True)
            tests.append((by_chance([_of(a, field) - _of(b, field) for a, b in pairs]), field, name))
    better = [test for test, is_better in zip(tests, holm([t[0] for t in tests]), strict=True) if is_better]
    # the surest last: it stands
    readers = {**kept.settings.readers, **{field: name for _, field, name in sorted(better, reverse=True)}}
    settings = replace(kept.settings, readers=readers)
    return kept if settings == kept.settings else Tried(settings, bench.read(settings))


def _of(outcome: Outcome, field: str) -> int:
    """Exact fields of that name on a page."""
    return sum(right for (_, name), right in outcome.right.items() if name == field)
