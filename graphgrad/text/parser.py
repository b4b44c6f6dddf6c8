"""Parse text into statements by operator precedence, with an explicit stack, so that nesting has no limit.

The method is Pratt's and Dijkstra's: V. R. Pratt, "Top Down Operator Precedence", POPL 1973; the binding powers come
from the operation table. The text is never evaluated.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NoReturn

from graphgrad.base.errors import ExpressionSyntaxError, LimitError
from graphgrad.base.pause_gc import collector_paused
from graphgrad.text.arguments import read_constant, read_index
from graphgrad.text.calls import Parenthesis, resolved
from graphgrad.text.quoted_names import unquoted
from graphgrad.text.statement import Apply, Item, Name, Number, Statement
from graphgrad.text.tokens import exact_number, token_at, tokens
from graphgrad.text.vocabulary import BRACKETS, CONSTANTS, INFIX, POSTFIX, PREFIX, REFUSED, WORDS, glued, strange

if TYPE_CHECKING:
    from collections.abc import Iterator
    from fractions import Fraction

    from graphgrad.ops.op import Op
    from graphgrad.text.statement import Span

__all__ = ["MAX_ARGUMENTS", "MAX_TEXT", "parse", "statements"]

MAX_TEXT: Final = 100_000_000
"""The most characters a program may have."""

MAX_ARGUMENTS: Final = 1_000
"""The most operands a call may have."""

SEVERAL_WORDS: Final = re.compile(r"\w+(?:[ \t]+[^\W\d]\w*)+")
"""What may be meant as one name with blanks in it."""


def parse(source: str) -> tuple[Statement, ...]:
    """Return the statements of a program; the last one is its output.

    Raises `ExpressionError` with the span of the fault. Time and memory are linear in the text.

    >>> [statement] = parse("2*x")
    >>> [item[0] for item in statement.code]
    [Fraction(2, 1), 'x', 'mul']
    """
    with collector_paused():
        return tuple(statements(source))


def statements(source: str) -> Iterator[Statement]:
    """Yield the statements of a program one by one as they are parsed, so that only one need be in memory.

    >>> [statement.target for statement in statements("s = x*y; s + 1")]
    ['s', None]
    """
    if len(source) > MAX_TEXT:
        message = f"the text has {len(source)} characters; at most {MAX_TEXT} are read"
        raise LimitError(message, source[:1000], (0, 1))
    return _Reader(source).read()


_Operator = tuple[int, Apply, int]
"""An operator on the stack: its right binding power, the operation to apply, its position in the text."""

_BARRIER: Final[_Operator] = (-1, Apply("", 0), 0)
"""The stack entry of an open parenthesis, and of the bottom."""


@dataclass(slots=True)
class _Reader:
    """The state of the parser.

    `code` is the output in postfix order, `stack` holds operators that wait for their right operand, `starts` the
    position of each operand that waits for its operator. `complete` says whether an operand has just ended.
    """

    source: str
    finished: list[Statement] = field(default_factory=list)
    code: list[Item] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    stack: list[_Operator] = field(default_factory=lambda: [_BARRIER])
    open: list[Parenthesis] = field(default_factory=list)
    operands: dict[str, Item] = field(default_factory=dict)
    complete: bool = False
    dangling: bool | None = None
    target: str | None = None
    target_span: Span = (0, 0)
    last: int = 0

    def fail(self, message: str, span: Span, hint: str = "") -> NoReturn:
        raise ExpressionSyntaxError(message, self.source, span, hint=hint)

    def read(self) -> Iterator[Statement]:
        # Fast path: known operands and infix operators are most of a large text.
        known, stack, finished = self.operands, self.stack, self.finished
        add_item, add_span, add_start, push_operator = (
            self.code.append,
            self.spans.append,
            self.starts.append,
            stack.append,
        )
        end = 0
        for blank, text in tokens(self.source):
            start = end + len(blank)
            end = start + len(text)
            if self.complete:
                if text in INFIX:
                    left, right, item = INFIX[text]
                    if stack[-1][0] >= left:
                        self.reduce(left)
                        if left == right == stack[-1][0]:
                            self.fail("comparisons do not chain", (start, end), "multiply them: (a < b)*(b < c)")
                    push_operator((right, item, start))
                    self.complete = False
                    continue
            elif text == "(":
                self.open.append(Parenthesis((start, end)))
                push_operator(_BARRIER)
                continue
            elif text in known:
                add_item(known[text])
                add_span((start, end))
                add_start(start)
                self.last = end
                self.complete = True
                continue
            self.rare_token(text, (start, end))
            if finished:
                yield finished.pop()
        self.end_of_statement(end, final=True)
        yield from finished

    def rare_token(self, text: str, span: Span) -> None:
        """Parse a token that the fast path of `read` leaves."""
        if text in _PUNCTUATION:
            _PUNCTUATION[text](self, span)
        elif text.isidentifier():
            self.name(text, span)
        elif not text or text[0] == "#":
            return
        elif len(text) > 1 and text[0] in _LONGER and text not in INFIX:
            _LONGER[text[0]](self, text, span)
        elif "0" <= text[0] <= "9" or (text[0] == "." and text != "."):
            self.number(text, span)
        elif text[-1] == "(":
            self.call(text, span)
        elif text[0].isidentifier():
            self.name(text, span)
        elif text in PREFIX and not self.complete:
            binds, item = PREFIX[text]
            self.stack.append((binds, item, span[0]))
        elif text != "+":
            self.refuse(text, span)

    # ---- operands

    def number(self, text: str, span: Span) -> None:
        self.require_operator(text, span)
        self.push(text, Number(self.literal(text, span), text), span)

    def literal(self, text: str, span: Span) -> Fraction:
        try:
            number = exact_number(text)
        except OverflowError as error:
            raise LimitError(str(error), self.source, span) from None
        if number is None:
            self.fail(f"'{text}' is not a number", span, "an underscore stands between two digits: 1_000")
        return number

    def name(self, text: str, span: Span) -> None:
        self.require_operator(text, span)
        name = text if text.isascii() else self.normalised(text, span[0])
        self.push(text, Apply(CONSTANTS[name], 0) if name in CONSTANTS else Name(name), span)

    def quoted_name(self, text: str, span: Span) -> None:
        name = unquoted(text)
        if name is None and text == "``":
            self.fail("a name is missing between these backquotes", span, "write a name in backquotes: `unit price`")
        if name is None:
            self.lone_backquote(span)
        self.require_operator(text, span)
        self.push(text, Name(name), span)

    def lone_backquote(self, span: Span) -> NoReturn:
        hint = "a name in backquotes ends on its line: `unit price`; a backquote within it is written twice: `a``b`"
        self.fail("this backquote is never closed", (span[0], span[0] + 1), hint)

    def call(self, text: str, span: Span) -> None:
        self.require_operator(text, span)
        written = text[:-1].rstrip()
        name = written if written.isascii() else self.normalised(written, span[0])
        self.open.append(Parenthesis((span[0], span[0] + len(written)), name))
        self.stack.append(_BARRIER)

    def normalised(self, name: str, start: int) -> str:
        for i in range(len(name)):
            if not name[: i + 1].isidentifier():
                self.refuse_character(name[i], start + i)
        return unicodedata.normalize("NFKC", name)

    def push(self, text: str, item: Item, span: Span) -> None:
        self.operands[text] = item
        self.code.append(item)
        self.spans.append(span)
        self.starts.append(span[0])
        self.last = span[1]
        self.complete = True

    def require_operator(self, text: str, span: Span) -> None:
        if not self.complete:
            return
        left = self.source[self.starts[-1] : self.last]
        if span[0] == self.last and isinstance(self.code[-1], Number) and self.code[-1].text == left:
            self.refuse_glued(left, text, span)
        right = text.rstrip("( \t") or text
        hint = WORDS.get(right) or WORDS.get(left)
        if not hint and "\n" not in self.source[self.last : span[0]]:
            hint = f"to multiply, write {left[-20:]}*{right[:20]}"
            words = SEVERAL_WORDS.match(self.source, self.starts[-1])
            if words and words.end() >= span[1] and text == right:
                hint += f"; a name with blanks stands in backquotes: `{words.group()[:40]}`"
        span = span[0], span[0] + len(right)
        self.fail(f"an operator is missing before '{right[:40]}'", span, hint or "")

    def refuse_glued(self, number: str, text: str, span: Span) -> None:
        name = re.match(r"\w*", text[:40]).group()  # type: ignore[union-attr]
        if not name:
            return
        message, hint = glued(number, name)
        self.fail(message, (span[0] - len(number), span[0] + len(name)), hint)

    # ---- operators and parentheses

    def refuse(self, text: str, span: Span) -> NoReturn:
        if text in INFIX:
            self.fail(f"a number or a name is missing before '{text}'", span)
        if text in REFUSED:
            message, hint = REFUSED[text]
            self.fail(message, span, hint)
        self.refuse_character(text[0], span[0])

    def reduce(self, binds: int) -> None:
        stack, starts = self.stack, self.starts
        while stack[-1][0] > binds:
            _, item, start = stack.pop()
            if item.arity == 1:
                starts[-1] = start
            else:
                starts.pop()
            self.code.append(item)
            self.spans.append((starts[-1], self.last))

    def open_parenthesis(self, span: Span) -> None:
        self.require_operator("(", span)

    def close_parenthesis(self, span: Span) -> None:
        if not self.open:
            self.fail("this ')' closes nothing", span)
        if not self.complete:
            self.refuse_missing_operand(span)
        self.reduce(-1)
        self.stack.pop()
        opening = self.open.pop()
        if opening.function:
            self.finish_call(opening, (opening.span[0], span[1]))
        self.starts[-1], self.last = opening.span[0], span[1]

    def finish_call(self, call: Parenthesis, whole: Span) -> None:
        self.code.append(resolved(call, whole, self.source))
        self.spans.append(whole)
        del self.starts[len(self.starts) - call.operands + 1 :]

    def refuse_missing_operand(self, span: Span) -> NoReturn:
        _, item, start = self.stack[-1]
        if item.op:
            symbol = token_at(self.source, start)
            self.fail(f"a number or a name is missing after '{symbol}'", (start, start + len(symbol)))
        what = f"{self.open[-1].function} has" if self.open[-1].function else "these parentheses have"
        self.fail(f"{what} nothing in it", span)

    def comma(self, span: Span) -> None:
        if not self.complete and (self.open or self.stack[-1] is not _BARRIER):
            self.refuse_missing_operand(span)
        self.reduce(-1)
        if not self.open or not self.open[-1].function:
            self.fail("a comma only separates the operands of a function", span, "the decimal point is '.'")
        self.open[-1].operands += 1
        self.complete = False
        if self.open[-1].operands > MAX_ARGUMENTS:
            raise LimitError(f"a call has more than {MAX_ARGUMENTS} operands", self.source, span)

    # ---- parameters and postfix operators

    def dotted(self, text: str, span: Span) -> None:
        if text in POSTFIX:
            self.postfix(POSTFIX[text].with_params({}), text, span)
        else:
            self.number(text, span)

    def bracketed(self, text: str, span: Span) -> None:
        at = read_index(text)
        if at is None or not self.complete:
            self.refuse("[", (span[0], span[0] + 1))
        self.postfix(POSTFIX[BRACKETS].with_params({"at": at}), text, span)

    def postfix(self, op: Op, text: str, span: Span) -> None:
        if not self.complete:
            self.fail(f"a name is missing before '{text}'", span)
        self.code.append(Apply(op.name, 1, op.params))
        self.last = span[1]
        self.spans.append((self.starts[-1], self.last))

    def keyword(self, text: str, span: Span) -> None:
        value = read_constant(text[1:].strip())
        called = self.open and self.open[-1].function and self.complete and self.stack[-1] is _BARRIER
        called = called and self.source[self.starts[-1]] != "`"
        match self.code[-1:]:
            case [Name(name)] if called and value is not NotImplemented and name not in self.open[-1].params:
                self.open[-1].params[name] = value, (self.starts.pop(), span[1])
                self.open[-1].operands -= 1
                del self.code[-1], self.spans[-1]
            case _:
                self.equals((span[0], span[0] + 1))

    # ---- statements

    def equals(self, span: Span) -> None:
        code, starts_here = self.code, self.complete and len(self.stack) == 1 and not self.target
        if not starts_here or len(code) > 1 or not isinstance(code[0], Name):
            inside = "a parameter's value is a constant: axis=0; " if self.open else ""
            self.fail("only a name can be assigned to", span, f"{inside}to compare, write ==")
        self.target, self.target_span, self.complete = code[0].text, self.spans[0], False
        self.clear_statement()

    def newline(self, span: Span) -> None:
        if not self.open:
            self.end_of_statement(span[0])

    def semicolon(self, span: Span) -> None:
        if self.open:
            self.refuse_open_parenthesis()
        self.end_of_statement(span[0])

    def refuse_open_parenthesis(self) -> NoReturn:
        self.fail("this '(' is never closed", self.open[-1].span)

    def end_of_statement(self, position: int, *, final: bool = False) -> None:
        if self.complete:
            self.finish_statement()
        elif self.stack[-1] is not _BARRIER:
            self.refuse_missing_operand((position, position))
        elif self.open:
            self.refuse_open_parenthesis()
        elif self.target:
            self.fail(f"'{self.target}' is assigned nothing", self.target_span)
        if final and self.dangling is None:
            self.fail("there is no expression", (position, position), "for example: 100*5*1.08")

    def finish_statement(self) -> None:
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
        self.code.clear()
        self.spans.clear()
        self.starts.clear()

    def refuse_character(self, text: str, start: int) -> NoReturn:
        message, hint = strange(text)
        self.fail(message, (start, start + 1), hint)


_LONGER: Final = {".": _Reader.dotted, "[": _Reader.bracketed, "=": _Reader.keyword, "`": _Reader.quoted_name}
_PUNCTUATION: Final = {
    "(": _Reader.open_parenthesis,
    ")": _Reader.close_parenthesis,
    ",": _Reader.comma,
    "=": _Reader.equals,
    "\n": _Reader.newline,
    ";": _Reader.semicolon,
    "`": _Reader.lone_backquote,
}
