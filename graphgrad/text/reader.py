"""The parser: operator precedence with an explicit stack, so that nesting has no limit.

The method is Pratt's and Dijkstra's: V. R. Pratt, "Top Down Operator Precedence", POPL 1973. A `Grammar` says
what is read, and with which binding powers; its handlers are functions of the `Reader`, which holds the state.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NoReturn

from graphgrad.base.errors import ExpressionSyntaxError
from graphgrad.text.statement import Apply, Number, Statement
from graphgrad.text.vocabulary import glued

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphgrad.text.grammar import Grammar
    from graphgrad.text.statement import Item, Span

__all__ = ["BARRIER", "Parenthesis", "Reader"]

SEVERAL_WORDS: Final = re.compile(r"\w+(?:[ \t]+[^\W\d]\w*)+")
"""What may be meant as one name with blanks in it."""

_Operator = tuple[int, Apply | None, int]
"""An operator on the stack: its right binding power, the operation to apply, its position in the text."""

BARRIER: Final[_Operator] = (-1, None, 0)
"""The stack entry of an open parenthesis, and of the bottom."""


@dataclass(slots=True)
class Parenthesis:
    """An open parenthesis; a call is a parenthesis with a function, whose parameters come with their spans."""

    span: Span
    function: str = ""
    operands: int = 1
    params: dict[str, tuple[Any, Span]] = field(default_factory=dict)


@dataclass(slots=True)
class Reader:
    """The state of the parser.

    `code` is the output in postfix order, `stack` holds operators that wait for their right operand, `starts` the
    position of each operand that waits for its operator, `open` the parentheses that are not closed. `operands` are the
    items of operands that were read before, by their text, for a fast path. `complete` says whether an operand has just
    ended, `last` where. `finished` are statements that `read` has not handed over yet. `head` is
    for a dialect: how the function that is being read began.
    """

    source: str
    grammar: Grammar
    finished: list[Statement] = field(default_factory=list)
    code: list[Item] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    stack: list[_Operator] = field(default_factory=lambda: [BARRIER])
    open: list[Parenthesis] = field(default_factory=list)
    operands: dict[str, Item] = field(default_factory=dict)
    complete: bool = False
    dangling: bool | None = None
    target: str | None = None
    target_span: Span = (0, 0)
    last: int = 0
    head: str = ""

    def fail(self, message: str, span: Span, hint: str = "") -> NoReturn:
        """Raise the error for a part of the text."""
        raise ExpressionSyntaxError(message, self.source, span, hint=hint)

    def read(self) -> Iterator[Statement]:
        """Yield the statements."""
        # Fast path: known operands and infix operators are most of a large text.
        known, stack, finished, infix = self.operands, self.stack, self.finished, self.grammar.infix
        add_item, add_span, add_start, push_operator = (
            self.code.append,
            self.spans.append,
            self.starts.append,
            stack.append,
        )
        end = 0
        for blank, text in self.grammar.tokens(self.source):
            start = end + len(blank)
            end = start + len(text)
            if self.complete:
                if text in infix:
                    left, right, item = infix[text]
                    if stack[-1][0] >= left:
                        self.reduce(left)
                        if left == right == stack[-1][0]:
                            self.fail("comparisons do not chain", (start, end), "multiply them: (a < b)*(b < c)")
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
        self.end_of_statement(end, final=True)
        yield from finished

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
        """Refuse an operand that stands directly behind another one."""
        if not self.complete:
            return
        left = self.source[self.starts[-1] : self.last]
        if span[0] == self.last and isinstance(self.code[-1], Number) and self.code[-1].text == left:
            self._refuse_glued(left, text, span)
        right = text.rstrip("( \t") or text
        words = self.grammar.words
        hint = words.get(right) or words.get(left)
        if not hint and "\n" not in self.source[self.last : span[0]]:
            hint = f"to multiply, write {left[-20:]}*{right[:20]}"
            several = SEVERAL_WORDS.match(self.source, self.starts[-1])
            if several and several.end() >= span[1] and text == right:
                hint += f"; a name with blanks stands in backquotes: `{several.group()[:40]}`"
        span = span[0], span[0] + len(right)
        self.fail(f"an operator is missing before '{right[:40]}'", span, hint or "")

    def _refuse_glued(self, number: str, text: str, span: Span) -> None:
        name = re.match(r"\w*", text[:40]).group()  # type: ignore[union-attr]
        if not name:
            return
        message, hint = glued(number, name)
        self.fail(message, (span[0] - len(number), span[0] + len(name)), hint)

    # ---- operators

    def operator(self, binds: tuple[int, int], item: Apply, span: Span) -> None:
        """Read an operator between two operands, with its binding powers."""
        if not self.complete:
            self.refuse_missing_operand(span) if self.stack[-1] is not BARRIER else self.fail(
                f"a number or a name is missing before '{self.source[slice(*span)]}'", span
            )
        left, right = binds
        self.reduce(left)
        self.stack.append((right, item, span[0]))
        self.complete = False

    def reduce(self, binds: int) -> None:
        """Apply the operators on the stack that bind more tightly."""
        stack, starts = self.stack, self.starts
        while stack[-1][0] > binds:
            _, item, start = stack.pop()
            if item.arity == 1:  # type: ignore[union-attr]  # a barrier binds less tightly than any operator
                starts[-1] = start
            else:
                starts.pop()
            self.code.append(item)  # type: ignore[arg-type]  # likewise
            self.spans.append((starts[-1], self.last))

    def applied(self, item: Apply, span: Span) -> None:
        """Apply an operation of one operand to the operand that has just ended; `span` is that of its sign."""
        self.code.append(item)
        self.last = span[1]
        self.spans.append((self.starts[-1], self.last))

    def refuse_missing_operand(self, span: Span) -> NoReturn:
        """Raise the error for an operator without its right operand, and for empty parentheses."""
        _, item, start = self.stack[-1]
        if item:
            symbol = next(iter(self.grammar.tokens(self.source[start:])))[1]
            self.fail(f"a number or a name is missing after '{symbol}'", (start, start + len(symbol)))
        what = f"{self.open[-1].function} has" if self.open[-1].function else "these parentheses have"
        self.fail(f"{what} nothing in it", span)

    def refuse_open_parenthesis(self) -> NoReturn:
        """Raise the error for a parenthesis that is not closed."""
        self.fail("this '(' is never closed", self.open[-1].span)

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
        self.reduce(-1)
        if self.open:
            self.refuse_open_parenthesis()
        if self.dangling:
            message = "the statement before this one is never used"
            self.fail(message, (self.starts[0], self.last), "give it a name: name = expression")
        self.finished.append(Statement(self.target, tuple(self.code), tuple(self.spans), self.target_span))
        self.clear_statement()
        self.dangling, self.target, self.complete = self.target is None, None, False

    def clear_statement(self) -> None:
        """Begin the code of a statement."""
        self.code.clear()
        self.spans.clear()
        self.starts.clear()
