"""The parser's state for LaTeX: functions that wait for an operand without brackets, commands that wait for braces."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NoReturn

from graphgrad.base.errors import ExpressionSyntaxError
from graphgrad.ops.elementary import PRODUCT
from graphgrad.text.dialects.latex_state import Macro, Rope, Spans, Waiting, flat
from graphgrad.text.dialects.latex_tokens import TOKEN
from graphgrad.text.greek import GREEK
from graphgrad.text.reader import BARRIER, Reader
from graphgrad.text.statement import Apply, Name, Number, Statement, Unfinished

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphgrad.text.dialects.latex_grammar import LatexGrammar
    from graphgrad.text.statement import Item, Span

__all__ = ["CALL", "CLOSED", "LatexReader"]

GREEK_WORD: Final = re.compile(rf"\\mathrm\{{({'|'.join(sorted(GREEK))})\}}")
"""A Greek letter's name as a word: where it stands in a text, the letter's macro is the letter."""

BARE: Final = PRODUCT[1] + 5
"""The binding power of a function before an operand without brackets: less than a sign's, more than a product's."""

WITHIN: Final = (PRODUCT[1] + 7, PRODUCT[1] + 8)
"""The binding powers of a product without a sign in such an operand: sin 2x."""

CALL: Final = re.compile(r"(?:[ \t\r\n~]|\\[,;:! ])*+(?:\\(?:left|[bB]igg?l?)(?![A-Za-z])\s*)?\(")
"""What stands behind a name that may be a function's."""

CLOSED: Final = {"(": ")", "[": "]", "{": "}", r"\{": r"\}", r"\left(": r"\right)", r"\left[": r"\right]"}
"""By a bracket, what closes it."""

MAX_SHOWN: Final = 20
"""The most characters of an operand that a message shows."""

FUNCTION_NEXT: Final = re.compile(
    r"(?:[ \t\r\n~]|\\[,;:! ])*+\\(?:[a-z]*(?:sin|cos|tan|cot|sec|csc|ln|log|exp)h?)(?![a-z])"
)


@dataclass(slots=True)
class LatexReader(Reader):
    """The state of the parser for LaTeX.

    `styles` says how each name is set, `used` counts the names that stand as a value, `doubts` are those before a
    parenthesis, which may be factors or functions; `spelled_out` are Greek letters' names that stand as words;
    `powered` is where the last power ended, `unclear` where an operand ended that an exponent may not follow.
    `running` counts the sums that are open by their index, `indices` are those of the statement's sums that are closed.
    `letters` are those that have been read as functions.
    `factor` is the name before the bracket that ended last, and that end: if it is raised to a power, as P(1 + r)^n,
    the name is a number. `matrix` is where the last matrix ended, `last_calls` where each name stands before a bracket
    for the last time.
    `letter_e` and `euler` are the first places of e as a name and as the base of a power. On the stack are functions
    that wait for their operands, too, and in the code ropes.
    """

    grammar: LatexGrammar
    code: list[Any] = field(default_factory=list)
    stack: list[Any] = field(default_factory=lambda: [BARRIER])
    styles: dict[str, tuple[str, str]] = field(default_factory=dict)
    used: Counter[str] = field(default_factory=Counter)
    spelled_out: frozenset[str] = frozenset()
    assigned: set[str] = field(default_factory=set)
    doubts: dict[str, tuple[Span, str, str]] = field(default_factory=dict)
    environments: list[str] = field(default_factory=list)
    powered: int = -1
    unclear: int = -1
    letter_e: Span | None = None
    euler: Span | None = None
    running: Counter[str] = field(default_factory=Counter)
    indices: set[str] = field(default_factory=set)
    letters: dict[str, tuple[Span, str, str]] = field(default_factory=dict)
    bars: int = -1
    matrix: int = -1
    factor: tuple[str, int] = ("", -1)
    last_calls: dict[str, int] | None = None
    skip: int = 0
    new_line: bool = False
    dollars: str = ""
    is_outside: bool = False

    def read(self) -> Iterator[Statement]:
        """Yield the statements."""
        self.spelled_out = frozenset(GREEK_WORD.findall(self.source))
        end = 0
        for blank, text in self.grammar.tokens(self.source):
            start = end + len(blank)
            end = start + len(text)
            if start >= self.skip:
                self.token(text, (start, end))
                if self.finished:
                    yield self.finished.pop()
        self.end_of_statement(end, final=True)
        self.settle()
        yield from self.finished

    def settle(self) -> None:
        """Refuse what has stayed open to two readings."""
        for name, (span, message, hint) in self.doubts.items():
            if self.used[name] <= 0 and name not in self.assigned:
                self.fail(message, span, hint)
        for name, (span, one, other) in self.letters.items():
            if self.used[name] > 0 or name in self.assigned:
                self.fail_both(span, one, other)
        if self.letter_e and self.euler:
            hint = r"write \exp(x), or \mathit{e} where e is a name"
            self.fail("e is a name elsewhere: this may be its power, or the exponential function", self.euler, hint)

    def fail_both(self, span: Span, one: str, other: str) -> NoReturn:
        """Refuse what two readers would read differently."""
        self.fail(f"this can be read as {one} or as {other}", span, "write the one that is meant")

    # ---- operands

    def begin(self, text: str, span: Span, what: str) -> None:
        """Prepare for an operand: what stands directly behind another one is multiplied by it."""
        if self.is_outside:
            self.fail("this stands outside of the formula's dollars", span, "give the formula alone")
        if self.open and isinstance(self.open[-1], Macro) and what in {"function", "bracket", "sum"}:
            self.refuse_missing_braces(span)
        if self.complete:
            self.grammar.beside(self, text, span)
        if self.complete:
            self._multiply(text, span, what)

    def _multiply(self, text: str, span: Span, what: str) -> None:
        left = self._left()
        if what == "number":
            readings = f"{left}_{{{text}}}" if isinstance(self.code[-1], Name) else rf"{left}{text}"
            self.fail_both(span, rf"the product {left} \cdot {text}", readings)
        function = self.waiting()
        mul = self.grammar.infix["*"][2]
        if function:
            constant = function.is_constant(self)
            called = self.shown(function.span)
            operand = self.source[function.span[1] : self.last].strip()
            if constant and what in {"name", "macro"}:
                self.reduce(WITHIN[0])
                self.stack.append((WITHIN[1], mul, span[0]))
                self.complete = False
                return
            if what == "function" and not constant:
                self.reduce(BARE - 1)
            if what != "function" or constant or self._nested(function):
                shown = text if what == "name" else f"{text}…"
                self.fail_both(span, rf"{called}({operand}) {shown}", rf"{called}({operand} {shown})")
        self.reduce(PRODUCT[1])
        if self.stack[-1][1] is self.grammar.infix["/"][2]:
            left, shown = self._left(), text if what == "name" else f"{text}…"
            self.fail_both(span, rf"\frac{{…}}{{{left} {shown}}}", rf"\frac{{…}}{{{left}}} {shown}")
        self.reduce(PRODUCT[0])
        self.stack.append((PRODUCT[1], mul, span[0]))
        self.complete = False

    def _nested(self, function: Waiting) -> bool:
        start = function.span[0]
        before = self.source[max(0, start - 12) : start].rstrip()
        return re.search(r"\\(?:ln|log|exp|[a-z]*(?:sin|cos|tan)h?)$", before) is not None

    def _left(self) -> str:
        text = self.source[self.starts[-1] : self.last]
        return text if len(text) <= MAX_SHOWN else f"…{text[-MAX_SHOWN:]}"

    def shown(self, span: Span) -> str:
        """Return a part of the text."""
        return self.source[span[0] : span[1]]

    def waiting(self) -> Waiting | None:
        """Return the innermost function whose operand has no brackets and has just ended."""
        item: Waiting
        for binds, item, _ in reversed(self.stack):
            if binds < BARE:
                return None
            if binds == BARE:
                return item
        return None

    def ended(self) -> None:
        """Note that an operand has ended: it may be a command's argument, and that the last one, and so on."""
        while self.open and isinstance(macro := self.open[-1], Macro) and self.complete:
            self.reduce(-1)
            macro.got += 1
            if macro.got < macro.needs:
                self.complete = False
                return
            self.stack.pop()
            self.open.pop()
            if macro.done:
                macro.done(self, macro)
                return
            if macro.powers:
                self._raise_function(macro, macro.powers)
                return
            if macro.is_exponent:
                self.stack.pop()
                self.powered = self.last
            self._apply(macro)

    def _apply(self, macro: Macro) -> None:
        arity = macro.needs + macro.is_exponent
        start = self.starts[-arity]
        del self.starts[len(self.starts) - arity + 1 :]
        self.starts[-1] = start if macro.is_exponent else macro.span[0]
        whole = self.starts[-1], self.last
        self.code += [item for item, _ in macro.before]
        self.spans += [span for _, span in macro.before]
        self.code += macro.items
        self.spans += [whole] * len(macro.items)

    def _raise_function(self, macro: Macro, function: Waiting) -> None:
        code, spans = self.cut(macro.at)
        whole = function.span[0], self.last
        if [type(item) for item in code] == [Number, Apply]:
            name = self.shown(function.span)
            inverse = self.grammar.known(function.word, "^{-1}")
            if inverse and isinstance(code[0], Number) and code[0].value == 1:
                function.word, function.span, function.at, self.complete = inverse, whole, len(self.code), False
                return
            self.fail_both(whole, f"the inverse function of {name}", f"the reciprocal (\\frac{{1}}{{{name} x}})")
        power = self.grammar.infix["**"][2]
        function.after += [*zip(code, spans, strict=True), (power, whole)]
        function.span = function.span[0], self.last
        function.at = len(self.code)
        self.complete = False

    def cut(self, at: int) -> tuple[list[Item], list[Span]]:
        """Take the code of the last operand away, from a place on."""
        code, spans = self.code[at:], [*self.spans[at:]]
        del self.code[at:], self.spans[at:], self.starts[-1]
        return code, spans

    # ---- operators

    def reduce(self, binds: int) -> None:
        """Apply the operators and functions on the stack that bind more tightly."""
        stack, starts = self.stack, self.starts
        while stack[-1][0] > binds:
            _, item, start = stack.pop()
            if isinstance(item, Unfinished):
                item = item.finished(starts[-item.arity :], self.last)
                del starts[1 - item.arity :]
            elif not isinstance(item, Apply):
                item.finish(self, start)
                continue
            elif item.arity == 1:
                starts[-1] = start
            else:
                starts.pop()
            self.code.append(item)
            self.spans.append((starts[-1], self.last))

    def called(self, function: Waiting, whole: Span, operands: int) -> None:
        """Apply a function to its operands."""
        self.grammar.call(self, function, whole, operands)
        self.code += [item for item, _ in function.after]
        self.spans += [span if isinstance(item, Number | Name) else whole for item, span in function.after]
        del self.starts[len(self.starts) - operands + 1 :]
        self.starts[-1] = whole[0]

    def within(self, text: str, start: int) -> Spans:
        """Return the code of an expression that stands within a token, from a place on."""
        reader = type(self)(text, self.grammar)
        try:
            [statement] = reader.read()
        except (ExpressionSyntaxError, ValueError):
            self.fail(
                "this index cannot be read", (start, start + len(text)), "write x_{1}, or x_{i+1} in a sum over i"
            )
        self.used.update(reader.used)
        spans = [(first + start, last + start) for first, last in statement.spans]
        return [*zip(statement.code, spans, strict=True)]

    def wait(self, function: Waiting, binds: int = BARE) -> None:
        """Put a function on the stack."""
        function.at = len(self.code)
        self.stack.append((binds, function, function.span[0]))
        self.complete = False

    def may_follow(self, text: str, span: Span) -> None:
        """Refuse a sign of multiplication or division behind a function's operand without brackets."""
        function = self.waiting()
        if function is None or FUNCTION_NEXT.match(self.source, span[1]):
            return
        called, operand = self.shown(function.span), self.source[function.span[1] : self.last].strip()
        self.fail_both(span, rf"{called}({operand}) {text} …", rf"{called}({operand} {text} …)")

    # ---- errors

    def refuse_missing_braces(self, span: Span) -> NoReturn:
        """Raise the error for what stands where the command before it takes an argument in braces."""
        command = self.shown(self.open[-1].span)
        self.fail(f"the braces of {command} are missing", span, f"write {command}{{…}}")

    def refuse_missing_operand(self, span: Span) -> NoReturn:
        """Raise the error for an operator without its operand, and for empty brackets."""
        _, item, start = self.stack[-1]
        if item is None and self.open and isinstance(self.open[-1], Macro):
            self.refuse_missing_braces(self.open[-1].span)
        if item is None:
            self.fail("there is nothing in it", span)
        symbol = TOKEN.match(self.source, start)[2]  # type: ignore[index]
        self.fail(f"a number or a name is missing after '{symbol}'", (start, start + len(symbol)))

    def refuse_open_parenthesis(self) -> NoReturn:
        """Raise the error for a bracket that is not closed."""
        opening = self.open[-1]
        if isinstance(opening, Macro):
            self.refuse_missing_braces(opening.span)
        sign = self.shown(opening.span)
        hint = f"write {CLOSED[sign]} where it ends" if sign in CLOSED else ""
        self.fail(f"this '{sign}' is never closed", opening.span, hint)

    # ---- statements

    def finish_statement(self) -> None:
        """Hand the statement over, its ropes in place."""
        self.reduce(-1)
        if any(isinstance(item, Rope) for item in self.code):
            self.code[:], self.spans[:] = flat(self.code, self.spans)
        self.grammar.ends(self, self.code, self.spans)
        self.indices.clear()
        if self.target and self.parameters is None:
            self.assigned.add(self.target)
        Reader.finish_statement(self)
        self.powered = self.unclear = self.bars = -1

    def clear_statement(self) -> None:
        """Begin the code of a statement."""
        Reader.clear_statement(self)
        self.new_line = False
