"""The picture of the add-ins: value that rises hour by hour, drawn point by point."""

from __future__ import annotations

import struct
import zlib
from typing import NamedTuple

INK = (31, 56, 100)
LIGHT = (214, 224, 240)
WHITE = (255, 255, 255)
CORNER = 0.18
SHARPNESS = 4

# In sixteenths of the picture, the smallest size in which it is shown.
GRID = 16
BAR, GAP, FOOT = 3, 1, 12.5
HEIGHTS = (3, 6, 9)


class Bar(NamedTuple):
    """A bar in whole points, so that its edges are sharp in every size."""

    left: int
    right: int
    top: int
    floor: int


def png(size: int) -> bytes:
    """The picture as a square PNG of so many points; not compressed, so that it has the same bytes everywhere."""
    bars = _bars(size)
    lines = b"".join(b"\0" + b"".join(bytes(_point(x, y, size, bars)) for x in range(size)) for y in range(size))
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", struct.pack(">2I5B", size, size, 8, 6, 0, 0, 0))
        + _chunk(b"IDAT", zlib.compress(lines, 0))
        + _chunk(b"IEND", b"")
    )


def _bars(size: int) -> list[Bar]:
    width, gap, floor = round(BAR * size / GRID), round(GAP * size / GRID), round(FOOT * size / GRID)
    first = (size - 3 * width - 2 * gap) // 2
    lefts = [first + place * (width + gap) for place in range(3)]
    return [
        Bar(left, left + width, floor - round(height * size / GRID), floor)
        for left, height in zip(lefts, HEIGHTS, strict=True)
    ]


def _point(x: int, y: int, size: int, bars: list[Bar]) -> tuple[int, int, int, int]:
    """Red, green, blue and opacity of one point; at the rounded corners, so much of it as lies inside."""
    for bar in bars:
        if bar.left <= x < bar.right and bar.top <= y < bar.floor:
            return (*(WHITE if bar is bars[-1] else LIGHT), 255)
    steps = [(step + 0.5) / SHARPNESS for step in range(SHARPNESS)]
    inside = sum(_is_inside((x + across) / size, (y + down) / size) for across in steps for down in steps)
    return (*INK, round(255 * inside / SHARPNESS**2)) if inside else (0, 0, 0, 0)


def _is_inside(x: float, y: float) -> bool:
    """Whether a place of the unit square lies within the rounded corners."""
    beyond_x, beyond_y = (max(CORNER - place, place - (1 - CORNER), 0) for place in (x, y))
    return beyond_x**2 + beyond_y**2 <= CORNER**2


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
