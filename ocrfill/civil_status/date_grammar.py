"""The words of a date: every way of saying a day, a month and a year, and the automaton that accepts them.

The grammar of a whole date, over words in small letters with the tone in its early place (`orthography.words`):

    [ngày] DAY [tháng] MONTH [năm] YEAR   |   [tháng] MONTH [năm] YEAR   |   [năm] YEAR

A decoder walks it word by word from START_STATE: `next_words(state)` are the words that can follow, `step(state, word)`
is the state after one of them, None where the word cannot stand there, `dates(state)` are the dates that the words so
far say, if they may end there. Where markers are left out words may say several: "mười hai năm hai nghìn" is December
or the 10th of February, and after "ngày" the 12th of a month that was forgotten. Such are all given and none is a
value. The month "năm" (May) must have both its markers: "tháng năm một chín tám lăm" may be a year whose month was left
out.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import product

YEAR_RANGE = range(1800, 2101)
"""Years a register can name."""

DIGIT_WORDS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")

_ALSO = {4: ("bốn", "tư"), 7: ("bảy", "bẩy")}
"""Digits with two words."""

Phrase = tuple[str, ...]

MAX_CACHED_STEPS = 20_000
"""Steps kept for the next time, some 10 MB: a book repeats its years."""


@dataclass(frozen=True, slots=True, order=True)
class DateInWords:
    """A date as its words say it; 0 stands for what is not said. A day without its month is said, but is no date."""

    year: int
    month: int
    day: int

    @property
    def exists(self) -> bool:
        """Whether the calendar has it."""
        if self.day and not self.month:
            return False
        try:
            datetime.date(self.year, self.month or 1, self.day or 1)
        except ValueError:
            return False
        return True

    @property
    def coded(self) -> str:
        """dd.mm.yyyy, mm.yyyy or yyyy."""
        return ".".join([*(f"{n:02d}" for n in (self.day, self.month) if n), str(self.year)])


def _digit(number: int) -> tuple[str, ...]:
    return _ALSO.get(number, (DIGIT_WORDS[number],))


def _last(tens: int, ones: int, *, plain: bool) -> tuple[str, ...]:
    """Words for the last digit after so many tens; `plain` says that the word mươi is left out ("tám lăm")."""
    match ones:
        case 1 if tens > 1:
            return ("mốt",) if plain else ("mốt", "một")
        case 4 if plain:
            return ("tư",)
        case 5:
            return ("lăm", "nhăm")
        case _:
            return () if plain else _digit(ones)


def _two_digits(number: int) -> Iterator[Phrase]:
    """Every way of saying 10 to 99: mười lăm, hai mươi mốt, hai mốt, hăm mốt."""
    tens, ones = divmod(number, 10)
    head = ("mười",) if tens == 1 else (DIGIT_WORDS[tens], "mươi")
    if not ones:
        yield head
        return
    for last in _last(tens, ones, plain=False):
        yield (*head, last)
    if tens > 1:
        for tens_word in _digit(tens):
            if tens_word != "tư":
                yield from ((tens_word, last) for last in _last(tens, ones, plain=True))
    if tens == 2:
        yield from (("hăm", last) for last in (*_last(2, ones, plain=False),) if last != "một")


@cache
def day_phrases(day: int) -> tuple[Phrase, ...]:
    """Every way of saying a day of the month: mồng and mùng up to the tenth, rằm for the fifteenth."""
    if day > 10:
        return (*_two_digits(day), ("rằm",)) if day == 15 else tuple(_two_digits(day))
    plain = [("mười",)] if day == 10 else [(word,) for word in _digit(day)]
    return (*plain, *((early, *words) for early in ("mồng", "mùng") for words in plain))


@cache
def month_phrases(month: int) -> tuple[Phrase, ...]:
    """Every way of saying a month: giêng and chạp for the first and the twelfth."""
    if month >= 10:
        plain = [("mười", *((DIGIT_WORDS[month - 10],) if month > 10 else ()))]
    else:
        plain = [(word,) for word in _digit(month)]
    return (*plain, *{1: (("giêng",),), 12: (("chạp",),)}.get(month, ()))


@cache
def year_phrases(year: int) -> tuple[Phrase, ...]:
    """Every way of saying a year of four digits: in full, and digit by digit ("một chín tám lăm")."""
    thousands, hundreds, rest = year // 1000, year // 100 % 10, year % 100
    said = set()
    for thousand in ("nghìn", "ngàn"):
        for hundred in _hundreds(hundreds, rest):
            head = (DIGIT_WORDS[thousands], thousand, *hundred)
            said |= {(*head, *words) for words in _rest(rest)}
    ends = dict.fromkeys((*_digit(rest % 10), *(_last(rest // 10, rest % 10, plain=False) if rest > 10 else ())))
    said |= {
        (DIGIT_WORDS[thousands], *pair, last) for pair in product(_digit(hundreds), _digit(rest // 10)) for last in ends
    }
    return tuple(sorted(said))


def _hundreds(hundreds: int, rest: int) -> tuple[Phrase, ...]:
    if hundreds:
        return tuple((word, "trăm") for word in _digit(hundreds))
    return ((), ("không", "trăm")) if rest else ((),)


def _rest(rest: int) -> tuple[Phrase, ...]:
    """The last two digits after hundreds or thousands."""
    if not rest:
        return ((),)
    if rest < 10:
        return tuple((zero, word) for zero in ("linh", "lẻ") for word in _digit(rest))
    return tuple(_two_digits(rest))


LUNAR_WORDS = frozenset({"rằm", "giêng", "chạp"})
"""Words of the lunar calendar's days and months; a register's dates are of the Gregorian one."""


@dataclass(frozen=True, slots=True)
class GrammarNode:
    """Where one reading of the words stands: in which part's tree, at which node, with what it has of day and month.

    `named` says that the word ngày stands before the day.
    """

    part: str
    at: int
    day: int = 0
    month: int = 0
    named: bool = False


State = frozenset[GrammarNode]
"""All readings of the words so far that can still go on or end."""

START_STATE: State = frozenset({GrammarNode("start", 0)})


class _Tree:
    """Phrases by their words: node 0 is the root; `value[node]` is what the words up to it say, 0 for nothing yet."""

    def __init__(self, phrases: Iterable[tuple[Phrase, int]]) -> None:
        self.next: list[dict[str, int]] = [{}]
        self.value: list[int] = [0]
        for phrase, value in phrases:
            at = 0
            for word in phrase:
                at = self.next[at].setdefault(word, len(self.next))
                if at == len(self.next):
                    self.next.append({})
                    self.value.append(0)
            if self.value[at] not in (0, value):
                raise AssertionError(f"{' '.join(phrase)} says two numbers")
            self.value[at] = value


@cache
def _trees() -> Mapping[str, _Tree]:
    return {
        "day": _Tree((p, d) for d in range(1, 32) for p in day_phrases(d)),
        "month": _Tree((p, m) for m in range(1, 13) for p in month_phrases(m)),
        "year": _Tree((p, y) for y in YEAR_RANGE for p in year_phrases(y)),
    }


@lru_cache(MAX_CACHED_STEPS)
def _exits(node: GrammarNode) -> Mapping[str, tuple[GrammarNode, ...]]:
    """Word → where a reading goes from this node."""
    trees = _trees()
    exits: dict[str, tuple[GrammarNode, ...]] = {}

    def go(word: str, target: GrammarNode) -> None:
        exits[word] = (*exits.get(word, ()), target)

    def enter(part: str, *, day: int = 0, month: int = 0, never: str = "") -> None:
        for word, at in trees[part].next[0].items():
            if word != never:
                go(word, GrammarNode(part, at, day, month))

    if node.part == "start":
        go("ngày", GrammarNode("day", 0, named=True))
        go("tháng", GrammarNode("month", 0))
        go("năm", GrammarNode("year", 0))
        enter("day")
        enter("month", never="năm")
        enter("year")
        return exits
    tree = trees[node.part]
    for word, at in tree.next[node.at].items():
        go(word, GrammarNode(node.part, at, node.day, node.month, node.named))
    value = tree.value[node.at]
    if value and node.part == "day":
        go("tháng", GrammarNode("month", 0, day=value))
        enter("month", day=value, never="năm")
        if node.named:
            go("năm", GrammarNode("year", 0, day=value))
            enter("year", day=value)
    elif value and node.part == "month":
        go("năm", GrammarNode("year", 0, node.day, value))
        if node.at != tree.next[0]["năm"]:
            enter("year", day=node.day, month=value)
    return exits


def next_words(state: State) -> tuple[str, ...]:
    """The words that can follow, sorted."""
    return tuple(sorted({word for node in state for word in _exits(node)}))


@lru_cache(MAX_CACHED_STEPS)
def step(state: State, word: str) -> State | None:
    """The state after one more word; None where it cannot stand there."""
    return frozenset(target for node in state for target in _exits(node).get(word, ())) or None


@cache
def anywhere() -> State:
    """Where the words of some date can stand, for lines that begin within one; day and month are then not known and
    stand as 1.
    """
    said = {"day": (0, 0), "month": (1, 0), "year": (1, 1)}
    inside = {
        GrammarNode(part, at, *said[part], named=part == "day")
        for part, tree in _trees().items()
        for at in range(1, len(tree.next))
    }
    return START_STATE | inside


def dates(state: State) -> tuple[DateInWords, ...]:
    """The dates said if the words end here, also such as no calendar has; more than one where they are ambiguous."""
    years = _trees()["year"].value
    found = {DateInWords(y, n.month, n.day) for n in state if n.part == "year" and (y := years[n.at])}
    return tuple(sorted(found))


def vocabulary() -> tuple[str, ...]:
    """Every word of the grammar, sorted."""
    of_trees = {word for tree in _trees().values() for exits in tree.next for word in exits}
    return tuple(sorted(of_trees | {"ngày", "tháng", "năm"}))
