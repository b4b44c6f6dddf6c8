"""The parser: operator precedence with an explicit stack, so that nesting has no limit.

The method is Pratt's and Dijkstra's: V. R. Pratt, "Top Down Operator Precedence", POPL 1973. A `Grammar` says
what is read, and with which binding powers; its handlers are functions of the `Reader`, which holds the state.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple, NoReturn

from graphgrad.base.errors import ExpressionSyntaxError
from graphgrad.base.lazy_pattern import lazy_pattern
from graphgrad.ops.elementary import SIGN
from graphgrad.text.packed_spans import PackedSpans
from graphgrad.text.statement import Apply, Code, Statement, Unfinished

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, MutableSequence

    from graphgrad.text.grammar import Grammar
    from graphgrad.text.statement import Item, Span

__all__ = ["BARRIER", "ROOT", "Parenthesis", "Reader", "Row", "Series"]

RAISED: Final = lazy_pattern(r"\s*(?:\*\*|\^)\s*([\w.]*)")
"""The sign of a power, and its exponent."""

TWICE: Final = ("+", "-")
"""Signs that programs write twice behind a name: x++."""

PART: Final = 100_000
"""How many tokens of a long text are parsed between two looks at the memory; a text is long from so many characters on.

The spans of more items than this are packed."""

MANY_OPERANDS: Final = 100_000
"""The most operands whose items are kept for the fast path."""

CLOSING: Final = {"(": ")", "[": "]", "{": "}"}

SHOWN: Final = 40
"""The most characters of a text that a message shows."""

Pending = Apply | Unfinished
"""What is to be applied: an operation, or several that are known once the last operand has been read."""

_Operator = tuple[int, Pending | None, int]
"""An operator on the stack: its right binding power, what to apply, its position in the text."""

BARRIER: Final[_Operator] = (-1, None, 0)
"""The stack entry of an open parenthesis, and of the bottom."""

ROOT: Final = 1_000
"""The binding power of the sign of a root, more than that of any operator."""


@dataclass(slots=True, eq=False, repr=False)
class Parenthesis:
    """An open parenthesis; a call is a parenthesis with a function, whose parameters come with their spans.

    `begin` is the length of the code before it, `sign` how it is written, `series` what has been read of a sum over an
    index, `rows` the arrays that are written out directly in an array. `powered` says whether the operand before it is
    an exponent: sin²(x).
    """

    span: Span
    function: str = ""
    operands: int = 1
    given: dict[str, tuple[Any, Span]] | None = None
    begin: int = 0
    sign: str = "("
    powered: bool = False
    series: Series | None = None
    arrays: list[Row] | None = None

    @property
    def params(self) -> dict[str, tuple[Any, Span]]:
        """The parameters of a call; the dict is made on first use, since most parentheses have none."""
        if self.given is None:
            self.given = {}
        return self.given

    @property
    def rows(self) -> list[Row]:
        """The arrays that are written out; the list is made on first use."""
        if self.arrays is None:
            self.arrays = []
        return self.arrays


class Row(NamedTuple):
    """An array that is written out as an entry of another one: where its code is, its shape, its span."""

    begin: int
    end: int
    shape: tuple[int, ...]
    span: Span


@dataclass(slots=True, eq=False, repr=False)
class Series:
    """What has been read of a sum over an index: its span's start, the value's code, the index, the first number."""

    start: int
    body: Code
    index: str = ""
    first: Code | None = None


@dataclass(slots=True, eq=False, repr=False)
class Reader:
    """The state of the parser.

    `code` is the output in postfix order, `stack` holds operators that wait for their right operand, `starts` the
    position of each operand that waits for its operator, `open` the parentheses that are not closed. `operands` are the
    items of operands that were read before, by their text, for a fast path. `complete` says whether an operand has just
    ended, `last` where; `position` is the end of the tokens that `read` has taken. `finished` are statements that
    `read` has not handed over yet. `functions` are those that the text has defined, with their parameters; `parameters`
    are those of the function that is being defined.
    """

    source: str
    grammar: Grammar
    finished: list[Statement] = field(default_factory=list)
    code: list[Item] = field(default_factory=list)
    spans: MutableSequence[Span] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    stack: list[_Operator] = field(default_factory=lambda: [BARRIER])
    open: list[Parenthesis] = field(default_factory=list)
    operands: dict[str, Item] = field(default_factory=dict)
    complete: bool = False
    dangling: bool | None = None
    target: str | None = None
    target_span: Span = (0, 0)
    last: int = 0
    position: int = 0
    functions: dict[str, tuple[str, ...]] = field(default_factory=dict)
    parameters: tuple[str, ...] | None = None

    def fail(self, message: str, span: Span, hint: str = "") -> NoReturn:
        """Raise the error for a part of the text."""
        raise ExpressionSyntaxError(message, self.source, span, hint=hint)

    def read(self) -> Iterator[Statement]:
        """Return the statements."""
        tokens = self.grammar.tokens(self.source)
        return self._read_part(tokens, final=True) if len(self.source) <= PART else self._read_parts(iter(tokens))

    def _read_parts(self, tokens: Iterator[tuple[str, str]]) -> Iterator[Statement]:
        """Parse a long text; yield its statements."""
        for first in tokens:
            yield from self._read_part(chain((first,), islice(tokens, PART)))
            self._save_memory()
        yield from self._read_part((), final=True)

    def _save_memory(self) -> None:
        """Pack the spans of a long statement, and forget known operands where they are many."""
        if len(self.operands) > MANY_OPERANDS:
            self.operands.clear()
        if len(self.spans) > PART:
            self.spans = PackedSpans(self.spans)
        elif not self.spans:
            self.spans = []

    def _read_part(self, tokens: Iterable[tuple[str, str]], *, final: bool = False) -> Iterator[Statement]:
        """Parse some of the tokens, `final` the last ones; yield the statements that end."""
        # Fast path: known operands and infix operators are most of a large text.
        known, stack, finished, infix = self.operands, self.stack, self.finished, self.grammar.infix
        add_item, add_span, add_start, push_operator = (
            self.code.append,
            self.spans.append,
            self.starts.append,
            stack.append,
        )
        end = self.position
        for blank, text in tokens:
            start = end + len(blank)
            end = start + len(text)
            if self.complete:
                if text in infix:
                    left, right, item = infix[text]
                    if stack[-1][0] >= left:
                        self.reduce(left)
                        if left == right == stack[-1][0]:
                            self.chain(item, (start, end))
                            continue
                    push_operator((right, item, start))
                    self.complete = False
                    continue
            elif text == "(":
                self.open.append(Parenthesis((start, end)))
                push_operator(BARRIER)
                continue
            elif text in known:
                add_item(known[text])
                add_span((start, end))
                add_start(start)
                self.last = end
                self.complete = True
                continue
            self.token(text, (start, end))
            if finished:
                yield from finished
                finished.clear()
        self.position = end
        if final:
            self.end_of_statement(end, final=True)
            yield from finished

    def feed(self, text: str, span: Span) -> None:
        """Parse a token, as `read` does."""
        if self.complete and text in self.grammar.infix:
            self.infix(text, span)
        elif text == "(" and not self.complete:
            self.open.append(Parenthesis(span))
            self.stack.append(BARRIER)
        else:
            self.token(text, span)

    def infix(self, text: str, span: Span) -> None:
        """Parse an operator of the grammar's between two operands; `span` is where it stands, or would stand."""
        self.join(self.grammar.infix[text], span)

    def join(self, entry: tuple[int, int, Apply], span: Span) -> None:
        """Parse an operator between two operands, from its binding powers and what it applies."""
        left, right, item = entry
        if self.stack[-1][0] >= left:
            self.reduce(left)
            if left == right == self.stack[-1][0]:
                self.chain(item, span)
                return
        self.stack.append((right, item, span[0]))
        self.complete = False

    def chain(self, item: Apply, span: Span) -> None:
        """Read a comparison behind the right operand of another one, or refuse it."""
        if self.grammar.chain is None:
            self.fail("comparisons do not chain", span, "multiply them: (a < b)*(b < c)")
        self.grammar.chain(self, item, span)

    def token(self, text: str, span: Span) -> None:
        """Parse a token that the fast path of `read` leaves."""
        grammar = self.grammar
        handler = grammar.handlers.get(text)
        if handler is None and len(text) > 1 and text not in grammar.infix:
            handler = grammar.longer.get(text[0])
        (handler or grammar.other)(self, text, span)

    # ---- operands

    def push(self, text: str, item: Item, span: Span) -> None:
        """Add an operand that always reads as this item."""
        self.operands[text] = item
        self.add(item, span)

    def add(self, item: Item, span: Span) -> None:
        """Add an operand."""
        self.code.append(item)
        self.spans.append(span)
        self.starts.append(span[0])
        self.last = span[1]
        self.complete = True

    def require_operator(self, text: str, span: Span) -> None:
        """Read the operator that is meant before an operand, or refuse one that stands directly behind another."""
        if self.complete:
            self.grammar.beside(self, text, span)

    # ---- operators

    def reduce(self, binds: int) -> None:
        """Apply the operators on the stack that bind more tightly."""
        stack, starts = self.stack, self.starts
        while stack[-1][0] > binds:
            power, item, start = stack.pop()
            arity = item.arity  # type: ignore[union-attr]  # a barrier binds less tightly than any operator
            if arity == 2:  # noqa: PLR2004  the fast path for two operands
                starts.pop()
            elif arity == 1:
                if power == ROOT and binds > SIGN[1]:
                    self.refuse_power_of_root(start)
                starts[-1] = start
            else:
                item = item.finished(starts[-arity:], self.last)  # type: ignore[union-attr,assignment]
                del starts[1 - arity :]
            self.code.append(item)  # type: ignore[arg-type]  # it is no barrier, and it is finished
            self.spans.append((starts[-1], self.last))

    def refuse_power_of_root(self, start: int) -> NoReturn:
        """Refuse a power behind a root's operand; the root's sign is at `start`."""
        sign, operand = self.source[start], self.source[start + 1 : self.last].strip()[:20]
        raised = RAISED.match(self.source, self.last)
        power, end = (raised.group(1) or "…", raised.end()) if raised else ("…", self.last)
        self.refuse_readings((start, end), f"{sign}({operand}^{power})", f"({sign}{operand})^{power}")

    def refuse_readings(self, span: Span, first: str, second: str) -> NoReturn:
        """Refuse what two readers would read differently; both readings are how to write them."""
        text = " ".join(self.source[slice(*span)].split())
        text = text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
        self.fail(f"{text} can be read in two ways", span, f"write {first}, or {second}")

    def end_operand(self) -> None:
        """Apply all operators up to the last opening parenthesis."""
        self.reduce(-1)
        if self.stack[-1] is not BARRIER:
            start = self.stack[-1][2]
            word = self._token_at(start)
            self.fail(f"this '{word}' has no else", (start, start + len(word)), "write a if condition else b")

    def close(self, span: Span) -> Parenthesis:
        """Close the innermost bracket behind its last operand, and return it; `span` is that of the closing sign."""
        if not self.complete:
            self.refuse_missing_operand(span)
        self.end_operand()
        self.stack.pop()
        return self.open.pop()

    def applied(self, item: Item, span: Span) -> None:
        """Apply an operation of one operand to the operand that has just ended; `span` is that of its sign."""
        self.code.append(item)
        self.last = span[1]
        self.spans.append((self.starts[-1], self.last))

    def refuse_missing_operand(self, span: Span) -> NoReturn:
        """Raise the error for an operator without its right operand, and for empty parentheses."""
        _, item, start = self.stack[-1]
        if item:
            from graphgrad.text.hints import refuse_foreign

            refuse_foreign(self.grammar, self.source, start)
            symbol = self._token_at(start)
            is_twice = symbol in TWICE and 2 * symbol in self.source[max(start - 1, 0) : start + 2]
            hint = f"a name has one value: give the result a new name, y = x {symbol} 1" if is_twice else ""
            self.fail(f"a number or a name is missing after '{symbol}'", (start, start + len(symbol)), hint)
        if self.open[-1].operands > 1:
            what = "an entry" if self.open[-1].sign == "[" else "an operand"
            self.fail(f"{what} is missing here", span, "write an expression, or leave the comma out")
        if self.open[-1].sign == "[":
            self.fail("an array needs entries: this one has none", span, "for example: [1, 2, 3]")
        function = self.open[-1].function
        what = f"{function} has nothing in it" if function else "these parentheses have nothing in them"
        self.fail(what, span, "write an expression there")

    def _token_at(self, start: int) -> str:
        """Return the token that begins at a place."""
        return next(iter(self.grammar.tokens(self.source[start:])))[1]

    def refuse_open_parenthesis(self) -> NoReturn:
        """Raise the error for a parenthesis that is not closed."""
        sign = self.open[-1].sign
        closing, _ = self.grammar.brackets.get(sign, (CLOSING.get(sign, sign), None))
        self.fail(f"this '{sign}' is never closed", self.open[-1].span, f"write {closing} where it ends")

    # ---- statements

    def end_of_statement(self, position: int, *, final: bool = False) -> None:
        """End the statement, if there is one; `final` at the end of the text."""
        if self.complete:
            self.finish_statement()
        elif self.stack[-1] is not BARRIER:
            self.refuse_missing_operand((position, position))
        elif self.open:
            self.refuse_open_parenthesis()
        elif self.target:
            self.fail(f"'{self.target}' is assigned nothing", self.target_span)
        if final and self.dangling is None:
            self.fail("there is no expression", (position, position), "for example: 100*5*1.08")

    def finish_statement(self) -> None:
        """Hand the statement over."""
        self.end_operand()
        if self.open:
            self.refuse_open_parenthesis()
        if self.dangling:
            message = "the statement before this one is never used"
            self.fail(message, (self.starts[0], self.last), "give it a name: name = expression")
        code, parameters = tuple(self.code), self.parameters
        spans = tuple(self.spans) if len(self.spans) <= PART else PackedSpans(self.spans)
        self.finished.append(Statement(self.target, code, spans, self.target_span, parameters))
        if self.target and parameters is not None:
            self.functions[self.target], self.parameters = parameters, None
        self.clear_statement()
        self.dangling, self.target, self.complete = self.target is None, None, False

    def taken(self, begin: int) -> Code:
        """Take the code of the operand that has just ended, which begins at a place in the code, out of it."""
        code = Code(tuple(self.code[begin:]), tuple(self.spans[begin:]))
        del self.code[begin:], self.spans[begin:]
        self.starts.pop()
        self.complete = False
        return code

    def clear_statement(self) -> None:
        """Begin the code of a statement."""
        self.code.clear()
        self.spans.clear()
        self.starts.clear()
