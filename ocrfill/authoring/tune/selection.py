"""Of all settings tried those that are kept: better on pages they were not chosen by, by more than chance."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from ocrfill.authoring.tune.objective import PageOutcome, TuningObjective, TuningSettings
from ocrfill.authoring.tune.search import TriedSettings
from ocrfill.authoring.tune.significance import SIGNIFICANCE_LEVEL, holm_significant, permutation_p_value
from ocrfill.layouts import Tuning
from ocrfill.layouts.model import WritingReader


@dataclass(frozen=True, slots=True)
class TuningSelection:
    """The start, what is kept (the start where nothing is better), and the held-out test: on each page the settings
    that were best on all others, against the start; `chance` is how often such a gain comes about by chance.
    """

    start: TriedSettings
    kept: TriedSettings
    held_out: tuple[PageOutcome, ...]
    chance: float

    @property
    def changed(self) -> bool:
        """Whether something better than the start was found."""
        return self.kept.settings != self.start.settings


def select_settings(bench: TuningObjective, tried: Sequence[TriedSettings]) -> TuningSelection:
    """The first of those tried is the start."""
    start = tried[0]
    held_out = tuple(_best(tried, without=page).outcomes[page] for page in range(len(start.outcomes)))
    gains = [after.exact - before for after, before in zip(held_out, start.exact, strict=True)]
    chance = permutation_p_value(gains)
    kept = start
    if chance <= SIGNIFICANCE_LEVEL:
        kept = _best(tried)
        simple = _simplified(bench, start, kept)
        if permutation_p_value(_gains(simple, start)) <= SIGNIFICANCE_LEVEL:
            kept = simple
    return TuningSelection(start, _with_field_readers(bench, kept), held_out, chance)


def _best(tried: Sequence[TriedSettings], without: int | None = None) -> TriedSettings:
    """The best on all pages, or on all but one; of equals the earlier, which is nearer to the start."""
    pages = [page for page in range(len(tried[0].outcomes)) if page != without]
    return max(tried, key=lambda one: one.score(pages))


def _gains(one: TriedSettings, other: TriedSettings) -> list[float]:
    return [after - before for after, before in zip(one.exact, other.exact, strict=True)]


def _simplified(bench: TuningObjective, start: TriedSettings, best: TriedSettings) -> TriedSettings:
    """The best with no setting that chance explains: each that is not the usual one must be proven against the usual
    one and the start's; a return to the usual one stands unless the start's reads better.
    """
    usual = TuningSettings(Tuning(), {})
    for name in _changes(start.settings, best.settings):
        others = [
            TriedSettings(s, bench.read(s))
            for s in _distinct(with_start_value(one, best.settings, name) for one in (usual, start.settings))
        ]
        rivals = [other for other in others if other.settings != best.settings]
        if len(rivals) < len(others):  # it is the usual one now
            worse = [rival for rival in rivals if rival.score() > best.score()]
        else:
            worse = [rival for rival in rivals if permutation_p_value(_gains(best, rival)) > SIGNIFICANCE_LEVEL]
        if worse:
            best = max(worse, key=TriedSettings.score)
    return best


def _distinct(settings: Iterable[TuningSettings]) -> list[TuningSettings]:
    found: list[TuningSettings] = []
    for one in settings:
        if one not in found:
            found.append(one)
    return found


FIELD_READERS_NAME = "readers of fields"


def _changes(start: TuningSettings, other: TuningSettings) -> Iterator[str]:
    """The settings in which two differ."""
    for one in fields(Tuning):
        if getattr(start.tuning, one.name) != getattr(other.tuning, one.name):
            yield one.name
    if start.readers != other.readers:
        yield FIELD_READERS_NAME


def with_start_value(start: TuningSettings, other: TuningSettings, name: str) -> TuningSettings:
    """The other settings with one of the start's."""
    if name == FIELD_READERS_NAME:
        return replace(other, readers=start.readers)
    given: dict[str, Any] = {name: getattr(start.tuning, name)}
    return replace(other, tuning=replace(other.tuning, **given))


def _with_field_readers(bench: TuningObjective, kept: TriedSettings) -> TriedSettings:
    """Single fields given to another reader where it reads them better by more than chance, all fields looked at."""
    usual = kept.settings.tuning.reader or bench.usual
    names: list[WritingReader] = [name for name in ("auto", "hand", "tesseract") if name in bench.readers]
    by_reader = {
        name: bench.read(TuningSettings(replace(kept.settings.tuning, reader=name), {}))
        for name in names
        if len(names) > 1
    }
    tests: list[tuple[float, str, WritingReader]] = []
    for field in sorted({field for outcome in kept.outcomes for _, field in outcome.right}):
        for name, outcomes in by_reader.items():
            if name == (kept.settings.readers.get(field) or usual):
                continue
            pairs = zip(outcomes, kept.outcomes, strict=True)
            tests.append((permutation_p_value([_of(a, field) - _of(b, field) for a, b in pairs]), field, name))
    better = [test for test, is_better in zip(tests, holm_significant([t[0] for t in tests]), strict=True) if is_better]
    # the surest last: it stands
    readers = {**kept.settings.readers, **{field: name for _, field, name in sorted(better, reverse=True)}}
    settings = replace(kept.settings, readers=readers)
    return kept if settings == kept.settings else TriedSettings(settings, bench.read(settings))


def _of(outcome: PageOutcome, field: str) -> int:
    """Exact fields of that name on a page."""
    return sum(right for (_, name), right in outcome.right.items() if name == field)
