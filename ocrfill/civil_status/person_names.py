"""Names of persons: a surname, what stands between, and the given name, as often as people bear them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from itertools import accumulate

from ocrfill.civil_status.reference_data import stored_list


@cache
def composed_names() -> tuple[str, ...]:
    """Names in the shares of their parts: each given name with surnames and middle names in turn."""
    return tuple(_composed())


def _composed() -> Iterator[str]:
    lists = stored_list("names")
    surnames = _in_turn(lists["surnames"])
    middles = {"male": _in_turn(lists["male_middle"]), "female": _in_turn({"Thị": 1})}
    for sex, middle in middles.items():
        for pair in lists[sex]["pairs"]:
            yield f"{next(surnames)} {pair}"
            yield f"{next(surnames)} {next(middle)} {pair}"
        for given, times in lists[sex]["last"].items():
            for _ in range(times):
                yield f"{next(surnames)} {next(middle)} {given}"
        for given in lists[f"old_{sex}"]:
            yield f"{next(surnames)} {next(middle)} {given}"
            yield f"{next(surnames)} {given}"
        for given in lists[f"upland_{sex}"]:
            for word in ("", f"{next(middle)} "):
                yield f"Hồ {word}{given}"


def _in_turn(shares: Mapping[str, float]) -> Iterator[str]:
    """The words without end, each as often as its share, spread evenly by steps of the golden section."""
    words, sums = list(shares), list(accumulate(shares.values()))
    place = 0.0
    while True:
        place = (place + 0.618033988749895) % 1.0
        yield next(word for word, end in zip(words, sums, strict=True) if place * sums[-1] <= end)
