"""Whether a formula's tokens read as a formula: the tokenizer itself takes ``1+`` and ``A1 5``."""

from __future__ import annotations

from collections.abc import Sequence

from openpyxl.formula.tokenizer import Token

_BRACKETS = (Token.FUNC, Token.PAREN, Token.ARRAY)


def is_well_formed(items: Sequence[Token]) -> bool:
    """Return whether operands and operators alternate and every bracket holds what it should.

    >>> from openpyxl.formula.tokenizer import Tokenizer
    >>> [is_well_formed(Tokenizer(text).items) for text in ("=SUM(1,,A1)%", "=1+", "=*2", "=()", "=A1 5")]
    [True, False, False, False, False]
    """
    state = _State()
    return all(state.takes(token) for token in items) and not state.wants_operand


class _State:
    """How far a formula was read: what must come next, and which brackets are open."""

    def __init__(self) -> None:
        self.wants_operand = True
        self._calls: list[bool] = []  # whether each open bracket is that of a call, whose arguments may be empty
        self._may_be_empty = False
        self._spaced = False
        self._closed = False  # the token before was a closing bracket

    def takes(self, token: Token) -> bool:
        """Read one token; return whether it may stand here."""
        if token.type == Token.WSPACE:
            self._spaced = True
            return True
        if token.type == Token.OPERAND:
            fits = self._operand(token)
        elif token.subtype == Token.OPEN and token.type in _BRACKETS:
            fits = self._opening(token)
        elif token.subtype == Token.CLOSE:
            fits = self._closing()
        else:
            fits = self._operator(token)
        starts_argument = token.type == Token.SEP or token.subtype == Token.OPEN
        self._may_be_empty = starts_argument and bool(self._calls) and self._calls[-1]
        self._closed = token.subtype == Token.CLOSE
        self._spaced = False
        return fits

    def _may_start(self, token: Token, intersects: bool) -> bool:
        # A range goes on after a bracket with ":", and two ranges with a space between them intersect.
        return self.wants_operand or token.value.startswith(":") or (self._spaced and intersects)

    def _operand(self, token: Token) -> bool:
        fits = self._may_start(token, token.subtype == Token.RANGE)
        self.wants_operand = False
        return fits

    def _opening(self, token: Token) -> bool:
        calls_result = token.type == Token.PAREN and self._closed  # LAMBDA(...)(A1)
        fits = calls_result or self._may_start(token, token.type != Token.ARRAY)
        self._calls.append(calls_result or token.type == Token.FUNC)
        self.wants_operand = True
        return fits

    def _closing(self) -> bool:
        fits = self._may_be_empty or not self.wants_operand
        if self._calls:
            self._calls.pop()
        self.wants_operand = False
        return fits

    def _operator(self, token: Token) -> bool:
        if token.type == Token.OP_PRE:
            return self.wants_operand
        fits = not self.wants_operand or (token.type == Token.SEP and self._may_be_empty)
        self.wants_operand = token.type != Token.OP_POST
        return fits
