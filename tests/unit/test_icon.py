"""The picture of the add-ins, and the copies of it that the server hands out."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import pytest

from valuehour.hosts.icon import png

IMAGES = Path(__file__).parents[2] / "addin" / "static" / "images"
SIZES = (16, 20, 24, 32, 40, 48, 64, 80, 128)
AGAIN = "from pathlib import Path; from valuehour.hosts.icon import png; Path('{}').write_bytes(png({}))"


def _points(picture: bytes) -> list[list[bytes]]:
    """Rows of points, each four bytes."""
    size = struct.unpack(">I", picture[16:20])[0]
    start = picture.index(b"IDAT") + 4
    lines = zlib.decompress(picture[start:])
    width = 1 + 4 * size
    rows = [lines[at + 1 : at + width] for at in range(0, len(lines), width)]
    return [[row[at : at + 4] for at in range(0, len(row), 4)] for row in rows]


@pytest.mark.parametrize(
    ("path", "size"), [*((f"icons/valuehour-{size}.png", size) for size in SIZES), ("favicon.png", 32)]
)
def test_the_committed_pictures_are_those_that_are_drawn(path: str, size: int) -> None:
    file = IMAGES / path
    assert file.read_bytes() == png(size), f'draw it again: python -c "{AGAIN.format(file.name, size)}"'


def test_there_is_no_other_picture() -> None:
    found = sorted(str(file.relative_to(IMAGES)) for file in IMAGES.rglob("*.png"))
    assert found == sorted(["favicon.png", *(f"icons/valuehour-{size}.png" for size in SIZES)])


@pytest.mark.parametrize("size", SIZES)
def test_three_bars_with_sharp_edges_rise_in_every_size(size: int) -> None:
    rows = _points(png(size))
    assert len(rows) == size
    assert all(len(row) == size for row in rows)
    assert rows[0][0][3] < 255, "its corners are round"
    assert len({point[:3] for row in rows for point in row if point[3] == 255}) == 3, "no mixed colours at the edges"
    background = rows[1][size // 2][:3]
    columns = [[row[column] for row in rows[1:-1]] for column in range(size // 8, size - size // 8)]
    heights = [sum(point[:3] != background for point in column) for column in columns]
    rising = list(dict.fromkeys(height for height in heights if height > 0))
    assert len(rising) == 3
    assert rising == sorted(rising)
