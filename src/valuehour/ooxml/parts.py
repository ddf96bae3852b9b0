"""The parts of a package by name; a part that is very long may be one that is written when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Protocol


class Streamed(Protocol):
    """A part that gives its bytes a piece at a time, the same ones each time, so that it need never stand in memory."""

    def chunks(self) -> Iterator[bytes]:
        """The bytes of the part, in order."""
        ...


@dataclass(frozen=True, slots=True)
class Pieces:
    """A part that a function gives a piece at a time."""

    chunks: Callable[[], Iterator[bytes]]


class Parts(MutableMapping[str, bytes]):
    """Parts as bytes, by name. One that is streamed becomes bytes when it is looked into by its name."""

    def __init__(self, parts: Mapping[str, bytes]) -> None:
        self._parts: dict[str, bytes | Streamed] = dict(parts)

    def copy(self) -> Parts:
        """The same parts in a mapping of its own; bytes are shared, as they never change."""
        new = Parts({})
        new._parts = dict(self._parts)
        return new

    def stream(self, name: str, part: Streamed) -> None:
        """Put a streamed part in a place."""
        self._parts[name] = part

    def streamed(self, name: str) -> Streamed | None:
        """The part of that name while it is streamed; None once it is bytes."""
        part = self._parts[name]
        return None if isinstance(part, bytes) else part

    def chunks(self, name: str) -> Iterator[bytes]:
        """The bytes of a part, a piece at a time."""
        part = self._parts[name]
        if isinstance(part, bytes):
            yield part
        else:
            yield from part.chunks()

    def __getitem__(self, name: str) -> bytes:
        part = self._parts[name]
        if not isinstance(part, bytes):
            part = self._parts[name] = b"".join(part.chunks())
        return part

    def __setitem__(self, name: str, data: bytes) -> None:
        self._parts[name] = data

    def __delitem__(self, name: str) -> None:
        del self._parts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._parts)

    def __len__(self) -> int:
        return len(self._parts)

    def __contains__(self, name: object) -> bool:
        return name in self._parts
