"""Names and texts from outside: how they are compared, shown and found again, and what is allowed in them.

Names end up in dropdowns, lookups and grouping paths, texts in cells; what would break there is refused here.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Annotated

from pydantic import AfterValidator

NAME_LIMIT = 60
LINE_LIMIT = 120
TEXT_LIMIT = 255  # what a dropdown's input message or a cell note shows in full

# A dropdown list is split at commas, typed lists at semicolons; * ? ~ are wildcards to MATCH and COUNTIF; the arrow
# separates the parts of a grouping path.
_BREAKING = '→,;"*?~'
_LOOKS_NUMERIC = re.compile(r"\d+([.]\d+)?e[+-]?\d+|true|false", re.IGNORECASE)
_IDENTIFIER = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


def key(text: str) -> str:
    """Return the form in which names are compared: blind to case, and to space, hyphen and underscore.

    >>> key("Win-rate tier") == key("win_rate TIER")
    True
    """
    return re.sub(r"[\s_-]+", " ", unicodedata.normalize("NFKC", text).casefold()).strip()


def shown(value: object) -> str:
    """Put a found value as a message shows it: on one line and short."""
    if isinstance(value, str):
        return repr(value if len(value) <= 60 else f"{value[:57]}...")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, (list, tuple)):
        return "a list"
    if isinstance(value, int) and value.bit_length() > 128:
        return "a number of more than 38 digits"  # Python refuses to print really long ones
    text = str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def listed(names: Iterable[str], limit: int = 8) -> str:
    """Put names in one short line.

    >>> listed(["a", "b", "c"], limit=2)
    'a, b and 1 more'
    """
    every = list(names)
    more = f" and {len(every) - limit} more" if len(every) > limit else ""
    return ", ".join(every[:limit]) + more or "none"


def did_you_mean(word: str, names: Iterable[str]) -> str:
    """Return a hint to follow an unknown word: up to three names that resemble it, the nearest first, or nothing.

    >>> did_you_mean("nmae", ["name", "aliases"])
    " (did you mean 'name'?)"
    """
    by_key = {key(name): name for name in names}
    # Cut, because the comparison takes time in the square of the length.
    near = [by_key[match] for match in difflib.get_close_matches(key(word[:100]), by_key, n=3, cutoff=0.6)]
    return f" (did you mean {' or '.join(repr(name) for name in near)}?)" if near else ""


def _plain(text: str, limit: int) -> str:
    if not text.strip():
        raise ValueError(f"is empty; allowed: 1 to {limit} characters")
    if len(text) > limit:
        raise ValueError(f"{shown(text)} has {len(text)} characters; allowed: at most {limit}")
    for character in text:
        category = unicodedata.category(character)
        if category[0] == "C" or (category[0] == "Z" and character != " "):
            raise ValueError(
                f"{shown(text)} contains the character U+{ord(character):04X}; "
                "allowed: visible characters and plain spaces, on one line"
            )
    if text != text.strip() or "  " in text:
        raise ValueError(f"{shown(text)} has a space too many; allowed: single spaces between words")
    return text


def _name(text: str) -> str:
    _plain(text, NAME_LIMIT)
    for character in _BREAKING:
        if character in text:
            raise ValueError(
                f"{shown(text)} contains {character!r}; not allowed, because it breaks dropdown lists, "
                f"lookups or grouping paths: {' '.join(_BREAKING)}"
            )
    if not text[0].isalnum():
        raise ValueError(f"{shown(text)} starts with {text[0]!r}; allowed: a letter or a digit first")
    if not any(character.isalpha() for character in text) or _LOOKS_NUMERIC.fullmatch(text):
        raise ValueError(
            f"{shown(text)} would turn into a number, date or truth value when picked in a cell; "
            "allowed: a name with a word in it"
        )
    return text


def _line(text: str, limit: int = LINE_LIMIT) -> str:
    _plain(text, limit)
    if text[0] in "=+-@":
        raise ValueError(f"{shown(text)} starts with {text[0]!r}, as a formula does; allowed: plain text")
    return text


def _text(text: str) -> str:
    return _line(text, TEXT_LIMIT)


def _step(text: str) -> str:
    if "→" in _line(text):
        raise ValueError(f"{shown(text)} contains '→', which joins the steps of a chain; allowed: one step")
    return text


def _identifier(text: str) -> str:
    if len(text) > NAME_LIMIT or not _IDENTIFIER.fullmatch(text):
        raise ValueError(
            f"{shown(text)} is not an id; allowed: snake_case, such as 'support_reply', at most {NAME_LIMIT} characters"
        )
    return text


Identifier = Annotated[str, AfterValidator(_identifier)]
Name = Annotated[str, AfterValidator(_name)]
Line = Annotated[str, AfterValidator(_line)]
Text = Annotated[str, AfterValidator(_text)]
Step = Annotated[str, AfterValidator(_step)]


def once(names: Iterable[str], allowed: str) -> None:
    """Raise ValueError naming all that are listed twice; names are the same when their ``key`` is."""
    first: dict[str, str] = {}
    twice = []
    for name in names:
        if key(name) in first:
            earlier = first[key(name)]
            twice.append(shown(name) if earlier == name else f"{shown(name)} (as {shown(earlier)})")
        first.setdefault(key(name), name)
    if twice:
        raise ValueError(f"listed twice: {listed(twice)}; allowed: {allowed}")
