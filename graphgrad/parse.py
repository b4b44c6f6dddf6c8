"""Text → statements: an operator-precedence parser that keeps its own stack, so that depth costs nothing.

The method is Pratt's and Dijkstra's: V. R. Pratt, "Top Down Operator Precedence", POPL 1973; the binding powers stand
in the rule table. Text from outside is only ever read here, never evaluated.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NoReturn

from graphgrad.errors import ExpressionSyntaxError, LimitError, UnknownNameError
from graphgrad.rules import ALIASES, OPS
from graphgrad.syntax import Apply, Item, Name, Number, Statement

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graphgrad.errors import Span
    from graphgrad.op import Op

__all__ = ["MAX_ARGUMENTS", "MAX_LITERAL_DIGITS", "MAX_TEXT", "parse"]

MAX_TEXT: Final = 100_000_000
"""The most characters a program may have."""

MAX_LITERAL_DIGITS: Final = 1_000
"""The most characters a number may be written with."""

MAX_ARGUMENTS: Final = 1_000
"""The most operands a call may have."""

TOKEN: Final = re.compile(
    r"""(?P<blank>[ \t\r\u00a0\u3000]+|\#[^\n]*)
      | (?P<number>(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9][0-9_]*)?%?)
      | (?P<name>[^\W\d]\w*)
      | (?P<symbol>\*\*|<=|>=|==|!=|//|:=|&&|\|\||[-+*/^@%=<>(),;\n×÷·⋅∗−≤≥≠\[\]{}])""",
    re.VERBOSE,
)
NUMBER: Final = re.compile(r"(\d+(?:_\d+)*)?\.?(\d+(?:_\d+)*)?(?:[eE]([+-]?\d+(?:_\d+)*))?(%?)")

INFIX: Final[dict[str, Op]] = {symbol: op for op in OPS.values() if op.infix for symbol in op.symbols}
PREFIX: Final[dict[str, Op]] = {symbol: op for op in OPS.values() if op.prefix for symbol in op.symbols}
FUNCTIONS: Final[dict[str, str]] = {op.name: op.name for op in OPS.values() if op.arity} | {
    alias: name for alias, name in ALIASES.items() if OPS[name].arity
}
CONSTANTS: Final[dict[str, str]] = {op.name: op.name for op in OPS.values() if not op.arity} | {
    alias: name for alias, name in ALIASES.items() if not OPS[name].arity
}
REFUSED: Final = {
    "@": ("the matrix product needs arrays, and values are numbers here", "write * to multiply numbers"),
    "//": ("there is no whole-number division", "write floor(a/b)"),
    "%": ("% is a percent sign, directly after a number", "for the remainder write a - b*floor(a/b)"),
    ":=": (":= is not an operator here", "write name = expression"),
    "&&": ("there is no logical 'and'", "multiply the conditions: (a > 0)*(b > 0)"),
    "||": ("there is no logical 'or'", "write max(a > 0, b > 0)"),
    "[": ("square brackets mean nothing here", "write ( )"),
    "]": ("square brackets mean nothing here", "write ( )"),
    "{": ("braces mean nothing here", "write ( )"),
    "}": ("braces mean nothing here", "write ( )"),
}
WORDS: Final = {
    "and": "for a logical 'and' multiply the conditions: (a > 0)*(b > 0)",
    "or": "for a logical 'or' write max(a > 0, b > 0)",
    "if": "for a choice write where(condition, a, b)",
    "else": "for a choice write where(condition, a, b)",
}


def parse(source: str) -> tuple[Statement, ...]:
    """Return the statements of a program; the last one is its output.

    Raises `ExpressionError` with the span of the fault. Time and memory are linear in the text.

    >>> [statement] = parse("2*x")
    >>> [item[0] for item in statement.code]
    [Fraction(2, 1), 'x', 'mul']
    """
    if len(source) > MAX_TEXT:
        message = f"the text has {len(source)} characters; at most {MAX_TEXT} are read"
        raise LimitError(message, source[:1000], (0, 1))
    reader = _Reader(source)
    for kind, text, start in _tokens(source):
        _READERS[kind](reader, text, start)
    reader.end_of_statement(len(source), final=True)
    return tuple(reader.statements)


def _tokens(source: str) -> Iterable[tuple[str, str, int]]:
    position, match_at, end = 0, TOKEN.match, len(source)
    while position < end:
        match = match_at(source, position)
        if match is None:
            yield "stranger", source[position], position
        kind, text, start = match.lastgroup, match.group(), position  # type: ignore[union-attr]
        position += len(text)
        if kind == "name":
            position = _end_of_name(source, position)
            text = source[start:position]
        if kind != "blank":
            yield kind, text, start  # type: ignore[misc]


def _end_of_name(source: str, position: int) -> int:
    # Combining marks are part of a name, but of no class that a pattern could name.
    while position < len(source) and not source[position].isascii() and ("a" + source[position]).isidentifier():
        position += 1
    return position


@dataclass(slots=True)
class _Pending:
    """An operator or an open parenthesis on the stack; a call is a parenthesis with a function."""

    op: Op | None
    span: Span
    binds: int = -1
    function: str = ""
    operands: int = 0


@dataclass(slots=True)
class _Reader:
    source: str
    statements: list[Statement] = field(default_factory=list)
    code: list[Item] = field(default_factory=list)
    stack: list[_Pending] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    open: int = 0
    complete: bool = False
    target: Name | None = None
    last: Span = (0, 0)

    def fail(self, message: str, span: Span, hint: str = "") -> NoReturn:
        raise ExpressionSyntaxError(message, self.source, span, hint=hint)

    # ---- operands

    def number(self, text: str, start: int) -> None:
        span = (start, start + len(text))
        self.before_operand(span)
        self.refuse_glued(text, span)
        self.push(Number(self.literal(text, span), text, span), span)

    def literal(self, text: str, span: Span) -> Fraction:
        if len(text) > MAX_LITERAL_DIGITS:
            message = f"a number of {len(text)} characters; at most {MAX_LITERAL_DIGITS} are read"
            raise LimitError(message, self.source, span)
        if not NUMBER.fullmatch(text):
            self.fail(f"'{text}' is not a number", span, "an underscore stands between two digits: 1_000")
        try:
            return _exact(text)
        except OverflowError as error:
            raise LimitError(str(error), self.source, span) from None

    def refuse_glued(self, text: str, span: Span) -> None:
        rest = re.match(r"\w+", self.source[span[1] : span[1] + 40])
        if not rest:
            return
        glued = (span[0], span[1] + rest.end())
        if rest.group()[0] in "eE" and len(rest.group()) == 1:
            self.fail(f"'{text}{rest.group()}' is not a number", glued, f"the exponent is missing: {text}e3")
        if text == "0" and rest.group()[0] in "xXoObB":
            self.fail(f"'{text}{rest.group()}' is not a number", glued, "write it in decimal")
        self.fail(f"a number runs into a name: {text}{rest.group()}", glued, f"write {text}*{rest.group()}")

    def name(self, text: str, start: int) -> None:
        span = (start, start + len(text))
        if not text.isidentifier():
            self.fail(f"'{text}' is not a name", span)
        self.before_operand(span)
        name = text if text.isascii() else unicodedata.normalize("NFKC", text)
        if _opens_call(self.source, span[1]):
            self.stack.append(_Pending(None, span, function=name))
        elif name in CONSTANTS:
            self.push(Apply(CONSTANTS[name], 0, span), span)
        else:
            self.push(Name(name, span), span)

    def push(self, item: Item, span: Span) -> None:
        self.code.append(item)
        self.spans.append(span)
        self.complete = True
        self.last = span

    def before_operand(self, span: Span) -> None:
        if not self.complete:
            return
        left = self.source[self.last[0] : self.last[1]]
        right = self.source[span[0] : span[1]]
        hint = WORDS.get(right) or WORDS.get(left)
        if not hint and "\n" not in self.source[self.last[1] : span[0]]:
            hint = f"to multiply, write {left[-20:]}*{right[:20]}"
        self.fail(f"an operator is missing before '{right[:40]}'", span, hint or "")

    # ---- operators and parentheses

    def symbol(self, text: str, start: int) -> None:
        span = (start, start + len(text))
        if text in _PUNCTUATION:
            _PUNCTUATION[text](self, span)
        elif self.complete:
            self.infix(text, span)
        else:
            self.prefix(text, span)

    def infix(self, text: str, span: Span) -> None:
        if text not in INFIX:
            self.fail(*self.refusal(text, span))
        op = INFIX[text]
        self.reduce(op.binds[0])
        pending = self.stack[-1].op if self.stack else None
        if pending and pending.binds == op.binds and op.binds[0] == op.binds[1]:
            self.fail("comparisons do not chain", span, "multiply them: (a < b)*(b < c)")
        self.stack.append(_Pending(op, span, op.binds[1]))
        self.complete = False

    def prefix(self, text: str, span: Span) -> None:
        if text in PREFIX:
            self.stack.append(_Pending(PREFIX[text], span, PREFIX[text].binds[1]))
        elif text != "+":
            message, where, hint = self.refusal(text, span)
            self.fail(f"a number or a name is missing before '{text}'" if text in INFIX else message, where, hint)

    def refusal(self, text: str, span: Span) -> tuple[str, Span, str]:
        message, hint = REFUSED.get(text, (f"'{text}' does not belong here", ""))
        return message, span, hint

    def reduce(self, binds: int) -> None:
        stack = self.stack
        while stack and stack[-1].binds > binds:
            pending = stack.pop()
            self.apply(pending.op, pending.op.arity, pending.span[0])  # type: ignore[union-attr, arg-type]

    def apply(self, op: Op, count: int, start: int) -> None:
        first, last = self.spans[-count], self.spans[-1]
        span = (min(first[0], start), last[1])
        del self.spans[-count:]
        self.spans.append(span)
        self.code.append(Apply(op.name, count, span))

    def open_parenthesis(self, span: Span) -> None:
        self.open += 1
        if self.stack and self.stack[-1].function and not self.stack[-1].operands:
            self.stack[-1].operands = 1
            self.complete = False
            return
        self.before_operand(span)
        self.stack.append(_Pending(None, span))

    def close_parenthesis(self, span: Span) -> None:
        if not self.open:
            self.fail("this ')' closes nothing", span)
        if not self.complete:
            self.missing_operand(span)
        self.reduce(-1)
        self.open -= 1
        opening = self.stack.pop()
        whole = (opening.span[0], span[1])
        if opening.function:
            self.finish_call(opening, whole)
        self.spans[-1] = self.last = whole

    def finish_call(self, opening: _Pending, whole: Span) -> None:
        op, count = self.function(opening), opening.operands
        if not op.takes(count):
            least = f"at least {op.arity}" if op.variadic else str(op.arity)
            self.fail(f"{op.name} takes {least} operand{'s' * (op.arity > 1)}, not {count}", whole, op.about)
        self.apply(op, count, whole[0])
        self.code[-1] = Apply(op.name, count, whole)

    def function(self, opening: _Pending) -> Op:
        name = opening.function
        if name in FUNCTIONS:
            return OPS[FUNCTIONS[name]]
        near = difflib.get_close_matches(name, FUNCTIONS, 1)
        hint = f"did you mean '{near[0]}'?" if near else f"to multiply, write {name}*(…)"
        raise UnknownNameError(f"unknown function '{name}'", self.source, opening.span, hint=hint)

    def missing_operand(self, span: Span) -> NoReturn:
        before = self.stack[-1]
        if before.op:
            self.fail(f"a number or a name is missing after '{before.op.symbols[0]}'", before.span)
        self.fail(f"{before.function or 'these parentheses'} has nothing in it".replace("s has", "s have"), span)

    def comma(self, span: Span) -> None:
        if self.open and not self.complete:
            self.missing_operand(span)
        self.reduce(-1)
        if not self.stack or not self.stack[-1].function:
            self.fail("a comma only separates the operands of a function", span, "the decimal point is '.'")
        self.stack[-1].operands += 1
        self.complete = False
        if self.stack[-1].operands > MAX_ARGUMENTS:
            raise LimitError(f"a call has more than {MAX_ARGUMENTS} operands", self.source, span)

    # ---- statements

    def equals(self, span: Span) -> None:
        match self.code:
            case [Name() as target] if self.complete and not self.stack and not self.target:
                self.target, self.complete = target, False
                self.code, self.spans = [], []
            case _:
                self.fail("only a name can be assigned to", span, "to compare, write ==")

    def newline(self, span: Span) -> None:
        if not self.open:
            self.end_of_statement(span[0])

    def semicolon(self, span: Span) -> None:
        if self.open:
            self.never_closed()
        self.end_of_statement(span[0])

    def never_closed(self) -> NoReturn:
        opening = next(p for p in reversed(self.stack) if p.op is None)
        self.fail("this '(' is never closed", opening.span)

    def end_of_statement(self, position: int, *, final: bool = False) -> None:
        if self.complete:
            self.finish_statement()
        elif self.stack and self.stack[-1].op:
            self.missing_operand(self.stack[-1].span)
        elif self.open:
            self.never_closed()
        elif self.target:
            self.fail(f"'{self.target.id}' is assigned nothing", self.target.span)
        if final and not self.statements:
            self.fail("there is no expression", (position, position), "for example: 100*5*1.08")

    def finish_statement(self) -> None:
        self.reduce(-1)
        if self.open:
            self.never_closed()
        if self.statements and self.statements[-1].target is None:
            message = "the statement before this one is never used"
            self.fail(message, self.spans[0], "give it a name: name = expression")
        self.statements.append(Statement(self.target, tuple(self.code)))
        self.code, self.spans, self.stack = [], [], []
        self.target, self.complete = None, False

    def stranger(self, text: str, start: int) -> NoReturn:
        name = unicodedata.name(text, f"U+{ord(text):04X}")
        shown = f"'{text}'" if text.isascii() and text.isprintable() else f"'{text}' ({name})"
        hint = "write names without quotes" if text in "\"'`" else ""
        self.fail(f"{shown} means nothing in an expression", (start, start + 1), hint)


_READERS: Final = {
    "number": _Reader.number,
    "name": _Reader.name,
    "symbol": _Reader.symbol,
    "stranger": _Reader.stranger,
}
_PUNCTUATION: Final = {
    "(": _Reader.open_parenthesis,
    ")": _Reader.close_parenthesis,
    ",": _Reader.comma,
    "=": _Reader.equals,
    "\n": _Reader.newline,
    ";": _Reader.semicolon,
}


def _opens_call(source: str, position: int) -> bool:
    while position < len(source) and source[position] in " \t":
        position += 1
    return source.startswith("(", position)


@lru_cache(maxsize=4096)
def _exact(text: str) -> Fraction:
    """Return a literal's exact value; OverflowError where float64 could not hold it."""
    match = NUMBER.fullmatch(text)
    whole, decimals, exponent, percent = match.groups()  # type: ignore[union-attr]
    digits = (whole or "") + (decimals or "")
    scale = float(f"{whole or 0}.{decimals or 0}e{exponent or 0}")
    if scale == float("inf"):
        message = "a number beyond the largest float64, 1.8e308"
        raise OverflowError(message)
    if scale == 0 and digits.strip("0_"):
        message = "a number below the smallest float64, 4.9e-324"
        raise OverflowError(message)
    places = int(exponent or 0) - len((decimals or "").replace("_", "")) - 2 * bool(percent)
    return Fraction(int(digits)) * Fraction(10) ** places if scale else Fraction(0)
