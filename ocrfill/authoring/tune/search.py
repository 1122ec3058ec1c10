"""Settings tried on known pages: the layout's, the usual ones, one thing reset, and what Optuna proposes."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from ocrfill.authoring.tune.objective import PageOutcome, TuningObjective, TuningSettings
from ocrfill.errors import MissingProgram, install_extra
from ocrfill.layouts import Tuning

TRIAL_COUNT = 40
"""Settings that are tried; each costs some seconds for ten pages, less where only the reading changes."""

SEARCH_VALUES: Mapping[str, tuple[float, ...]] = {
    "ink": (12, 16, 20, 25, 30, 36, 44, 54, 66, 80, 100),
    "rise": (-2.5, -2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 2.5),
    "left": (-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0),
    "right": (-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0),
    "lexicon": (0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0),
}
"""What is searched of each setting with a size: darkness, millimetres, millimetres, millimetres, a factor."""

SETTING_BLOCKS = (
    ("ink",),
    ("rise",),
    ("lexicon", "reader"),
    ("left", "right"),
    ("ink", "rise"),
    ("dots", "rules", "own"),
)
"""Settings that are changed together, in turn; the others stay as in the best so far. All at once, 24 trials of a birth
form found nothing better than the usual settings: most proposals spoilt what was right already."""

PEN_DARKNESS_LEVELS = (16, 54)
"""Darkness for a pale and for a dark pen, tried before Optuna proposes: of books it is the pen that differs most, and
where the usual darkness finds no ink at all nothing else tells which way to go.
"""

Tell = Callable[[int, int, float], None]
"""Told how many settings were tried, of how many, and the best share of exact fields so far."""


@dataclass(frozen=True, slots=True)
class TriedSettings:
    """Settings and what came of each page."""

    settings: TuningSettings
    outcomes: tuple[PageOutcome, ...]

    def score(self, pages: Sequence[int] | None = None) -> float:
        """How good they are on these pages, or on all."""
        chosen = range(len(self.outcomes)) if pages is None else pages
        return sum(self.outcomes[page].score for page in chosen)

    @property
    def exact(self) -> list[int]:
        """Exact fields of each page."""
        return [outcome.exact for outcome in self.outcomes]


def reset_settings(start: TuningSettings) -> list[TuningSettings]:
    """The usual settings, and those of the start with one thing as usual."""
    usual = Tuning()
    changed = [f.name for f in fields(Tuning) if getattr(start.tuning, f.name) != getattr(usual, f.name)]
    found = [TuningSettings(usual, {})] if changed or start.readers else []
    if len(changed) + bool(start.readers) > 1:
        found += [replace(start, tuning=replace(start.tuning, **{name: getattr(usual, name)})) for name in changed]
        found += [replace(start, readers={})] if start.readers else []
    return found


def search_settings(
    bench: TuningObjective, start: TuningSettings, *, trials: int, seed: int, tell: Tell = lambda *_: None
) -> list[TriedSettings]:
    """The start first, then all that was tried. Raises MissingProgram where Optuna is not installed."""
    try:
        import optuna  # noqa: PLC0415 - an extra, and slow to load
    except ImportError as error:
        raise MissingProgram(f"tuning needs Optuna; install it: {install_extra('tune')}") from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    filled = max(sum(len(outcome.right) for outcome in bench.read(start)), 1)
    tried: list[TriedSettings] = []

    def attempt(settings: TuningSettings) -> TriedSettings:
        tried.append(TriedSettings(settings, bench.read(settings)))
        tell(len(tried), trials, max(sum(one.exact) for one in tried) / filled)
        return tried[-1]

    space = _space(bench)
    study = optuna.create_study(direction="maximize")
    pens = [
        replace(start, tuning=replace(start.tuning, ink=ink)) for ink in PEN_DARKNESS_LEVELS if ink != start.tuning.ink
    ]
    first = [start, *reset_settings(start)]
    for settings in [*first, *pens[: max(trials - len(first), 0)]]:
        found = attempt(settings)
        known = _as_parameters(settings, bench)
        study.add_trial(optuna.trial.create_trial(params=known, distributions=space, value=found.score()))
    proposing = optuna.samplers.TPESampler(seed=seed, n_startup_trials=2 * len(SETTING_BLOCKS))
    for number in range(trials - len(tried)):
        best = _as_parameters(max(tried, key=TriedSettings.score).settings, bench)
        held = {name: value for name, value in best.items() if name not in SETTING_BLOCKS[number % len(SETTING_BLOCKS)]}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            study.sampler = optuna.samplers.PartialFixedSampler(held, proposing)
        asked = study.ask(space)
        study.tell(asked, attempt(_as_settings(asked.params, start, bench)).score())
    return tried


def _space(bench: TuningObjective) -> dict[str, Any]:
    """What is searched: of settings with a size their place among `SEARCH_VALUES`."""
    from optuna.distributions import CategoricalDistribution, IntDistribution  # noqa: PLC0415

    found: dict[str, Any] = {name: IntDistribution(0, len(values) - 1) for name, values in SEARCH_VALUES.items()}
    names = [name for name in ("auto", "hand", "tesseract") if name in bench.readers]
    switches = {name: CategoricalDistribution([True, False]) for name in ("dots", "rules", "own")}
    return {**found, **switches, "reader": CategoricalDistribution(names)}


def _as_parameters(settings: TuningSettings, bench: TuningObjective) -> dict[str, Any]:
    """Settings as the search has them, each size as the nearest of its steps."""
    tuning = settings.tuning
    found: dict[str, Any] = {
        name: min(range(len(values)), key=lambda i: abs(values[i] - getattr(tuning, name)))
        for name, values in SEARCH_VALUES.items()
    }
    reader = tuning.reader if tuning.reader in bench.readers else bench.usual
    return {**found, "dots": tuning.dots, "rules": tuning.rules, "reader": reader, "own": bool(settings.readers)}


def _as_settings(parameters: dict[str, Any], start: TuningSettings, bench: TuningObjective) -> TuningSettings:
    """What the search proposes; a reader that is the usual one need not be named."""
    sizes = {name: values[parameters[name]] for name, values in SEARCH_VALUES.items()}
    reader = None if parameters["reader"] == bench.usual else parameters["reader"]
    tuning = Tuning(
        ink=int(sizes.pop("ink")), dots=parameters["dots"], rules=parameters["rules"], reader=reader, **sizes
    )
    return TuningSettings(tuning, start.readers if parameters["own"] else {})
