"""The picture of the extension: value that rises hour by hour, drawn point by point."""

from __future__ import annotations

import struct
import zlib

INK = (31, 56, 100)
LIGHT = (214, 224, 240)
WHITE = (255, 255, 255)
CORNER = 0.18
BARS = ((0.2, 0.55), (0.42, 0.42), (0.64, 0.24))
BAR_WIDTH = 0.16
FLOOR = 0.78
SHARPNESS = 4


def png(size: int) -> bytes:
    """The picture as a square PNG of so many points; not compressed, so that it has the same bytes everywhere."""
    lines = b"".join(b"\0" + b"".join(bytes(_point(x, y, size)) for x in range(size)) for y in range(size))
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", struct.pack(">2I5B", size, size, 8, 6, 0, 0, 0))
        + _chunk(b"IDAT", zlib.compress(lines, 0))
        + _chunk(b"IEND", b"")
    )


def _point(x: int, y: int, size: int) -> tuple[int, int, int, int]:
    """Red, green, blue and opacity of one point: the mean of what lies in it."""
    steps = [(step + 0.5) / SHARPNESS for step in range(SHARPNESS)]
    inside = [_colour((x + across) / size, (y + down) / size) for across in steps for down in steps]
    seen = [colour for colour in inside if colour is not None]
    if not seen:
        return 0, 0, 0, 0
    red, green, blue = (round(sum(part) / len(seen)) for part in zip(*seen, strict=True))
    return red, green, blue, round(255 * len(seen) / len(inside))


def _colour(x: float, y: float) -> tuple[int, int, int] | None:
    """The colour at a place of the unit square; None outside the rounded corners."""
    beyond_x, beyond_y = (max(CORNER - place, place - (1 - CORNER), 0) for place in (x, y))
    if beyond_x**2 + beyond_y**2 > CORNER**2:
        return None
    for left, top in BARS:
        if left <= x < left + BAR_WIDTH and top <= y < FLOOR:
            return WHITE if left == BARS[-1][0] else LIGHT
    return INK


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
