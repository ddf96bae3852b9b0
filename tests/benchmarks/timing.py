"""Samples taken in turns, and the table they are printed in."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

Sample = TypeVar("Sample")


def in_turns(runs: int, *works: Callable[[], Sample]) -> list[list[Sample]]:
    """The samples of each work, taken A B, B A, A B, …: what slows the machine down slows all of them."""
    samples: list[list[Sample]] = [[] for _ in works]
    for run in range(runs):
        order = range(len(works)) if run % 2 == 0 else reversed(range(len(works)))
        for place in order:
            samples[place].append(works[place]())
    return samples


def timed(work: Callable[[], object], before: Callable[[], object] | None = None) -> Callable[[], float]:
    """A work that gives the seconds it took; what is done ``before`` is not counted."""

    def seconds() -> float:
        if before is not None:
            before()
        gc.collect()
        start = time.perf_counter()
        work()
        return time.perf_counter() - start

    return seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One comparison. The ratio is the median of the ratios of samples that were taken side by side."""

    what: str
    own: Sequence[float]
    rival: str
    others: Sequence[float]
    unit: Literal["s", "MB"] = "s"
    most: float | None = None
    """The aim for what is measured, in its unit."""
    most_times: float | None = None
    """The aim for the ratio."""

    @property
    def median(self) -> float:
        """The median of the samples."""
        return statistics.median(self.own)

    @property
    def ratio(self) -> float:
        """How many times the rival's."""
        return statistics.median(own / other for own, other in zip(self.own, self.others, strict=True))

    @property
    def aim(self) -> str:
        """What is aimed for."""
        if self.most is not None:
            return f"< {self.most:g} {self.unit}"
        return f"< {self.most_times:g} ×" if self.most_times is not None else "–"

    @property
    def verdict(self) -> str:
        """Whether the aim is met."""
        if self.most is not None:
            return "yes" if self.median < self.most else "no"
        if self.most_times is not None:
            return "yes" if self.ratio < self.most_times else "no"
        return "–"


HEADS = ("what", "median", "compared with", "median", "ratio", "aim", "met")


def line(row: Row, *, judged: bool) -> str:
    """A row of the table."""
    other = statistics.median(row.others)
    return _columns(
        row.what,
        _shown(row.median, row.unit),
        row.rival,
        _shown(other, row.unit),
        f"{row.ratio:.2f} ×",
        row.aim,
        row.verdict if judged else "not judged",
    )


def head() -> str:
    """The head of the table with a rule below."""
    text = _columns(*HEADS)
    return f"{text}\n{'-' * len(text)}"


def _columns(what: str, own: str, rival: str, other: str, ratio: str, aim: str, verdict: str) -> str:
    return f"{what:<47} {own:>9}  {rival:<40} {other:>9}  {ratio:>8}  {aim:>8}  {verdict}".rstrip()


def _shown(value: float, unit: str) -> str:
    return f"{value:.4f} {unit}" if unit == "s" else f"{value:.1f} {unit}"
