"""The grammar of MATLAB and Octave: expressions and assignments, with the operators of entries and of matrices."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from graphgrad.base.errors import ExpressionSyntaxError
from graphgrad.text import handlers
from graphgrad.text.comparison_chains import shown_comparisons
from graphgrad.text.dialects.functions import ONE_NUMBER, TEXTS, FunctionReader
from graphgrad.text.dialects.matlab_brackets import (
    beside,
    close_brackets,
    ends_with_column,
    entry,
    in_brackets,
    open_brackets,
    refuse_blank,
    row,
)
from graphgrad.text.dialects.matlab_calls import EMPTY, PART, WORD, begin_call, close, empty, indexed, word
from graphgrad.text.dialects.matlab_names import NAMES, NO_NUMBER, ONLY, TEMPLATES, TRUTHS
from graphgrad.text.dialects.templates import forms_of
from graphgrad.text.plain import program_grammar
from graphgrad.text.reader import BARRIER
from graphgrad.text.series import SERIES_TOKENS
from graphgrad.text.statement import Apply, Number
from graphgrad.text.tokens import BLANK, split_by
from graphgrad.text.vocabulary import named_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from graphgrad.ops.operations import Operations
    from graphgrad.ops.targets import Spellings
    from graphgrad.text.grammar import Grammar
    from graphgrad.text.reader import Reader
    from graphgrad.text.statement import Span

__all__ = ["matlab_grammar"]

NAME: Final = r"[^\W\d]\w*"
NUMBER: Final = r"(?:[0-9]+(?:\.(?![*/^\\'])[0-9]*)?|\.[0-9]+)(?:[eEdD][+-]?[0-9]+)?"
CHANGES: Final = r"(?:\+\+|--)(?=[ \t]*(?:[;,\n]|\Z))|[-+*/^|&]="
SYMBOL: Final = rf"{CHANGES}|\*\*|\.[*/^\\']|~=|!=|==|<=|>=|&&|\|\||[-+*/^\\<>=~!&|(),;:\n\[\]{{}}@'\"]"

TOKEN: Final = re.compile(
    rf"""( \.\.\.[^\n]*\n | [%#][^\n]*
         | @[ ]*\([^()\n]*\)
         | {NAME}{BLANK}\([ ]*{PART}[ ]*(?:,[ ]*{PART}[ ]*)*\)
         | {NAME}(?:{BLANK}\()?
         | {NUMBER}[ij]\b | {NUMBER}
         | {EMPTY} | {WORD}
         | {SYMBOL}
         | \Z
         | [^ \t\r\u00a0\u3000] )""",
    re.VERBOSE,
)
"""A token of MATLAB. The head of a function handle is one, and so is a name with an index of constants."""

BLOCK: Final = re.compile(r"^[ \t]*[%#]([{}])[ \t\r]*$", re.MULTILINE)
"""A line that begins or ends a comment over several lines."""

ENTRIES: Final[Spellings] = {"mul": (".*",), "div": ("./",), "pow": (".^", "^", "**"), "ne": ("~=", "!=")}
"""The operators that MATLAB has beside ours, or instead of them."""

LEFT: Final[Spellings] = {"solve": ("\\",)}
"""The division from the left, which is as strong as a product."""

TRANSPOSED: Final = ("'", ".'")

MATRIX: Final = frozenset("*/^")
"""The operators that are those of matrices where an operand is an array."""

REFUSED: Final = {
    "{": ("cells are not read", "write ( )"),
    "}": ("cells are not read", "write ( )"),
    "]": ("this ']' closes nothing", "an array is written [1, 2, 3]"),
    ":": ("a range is not read here", "write the array out: [1, 2, 3]; an index is of constants: x(1, 2:3)"),
    ".\\": ("a.\\b is not read", "write b./a"),
    '"': TEXTS,
    "'": ("texts are not read", "behind an array ' transposes it: x'"),
    ".": ("a dot is not read here", "write x.*y, x./y or x.^y"),
    "@": ("a function handle begins a statement", "write @(x, y) and an expression"),
    **dict.fromkeys(("+=", "-=", "*=", "/=", "^=", "|=", "&=", "++", "--"), ONE_NUMBER),
}

COMMENTS: Final = ("%", "#")

LOGIC: Final[Spellings] = {"logical_and": ("&", "&&"), "logical_or": ("|", "||")}
"""The operators on conditions."""

POWER: Final = 51
"""The right binding power of ^: a sign behind it binds more tightly, so that 2^-x^2 is (2^-x)^2."""

LEVELS: Final = {"&": (8, 9), "|": (7, 8), "&&": (6, 7), "||": (5, 6)}
"""Their binding powers: a | b && c is (a | b) && c."""

NEGATION: Final[Spellings] = {"logical_not": ("~", "!")}
"""The operator before a condition."""

STATEMENTS: Final = ("if", "for", "while", "switch", "try", "function", "return", "global", "clear", "parfor", "syms")

SIGNED: Final = ("+", "-")
DIGITS: Final = frozenset("0123456789.")
IMAGINARY: Final = ("i", "j")


class MatlabReader(FunctionReader):
    """The parser's state."""

    __slots__ = ()

    def finish_statement(self) -> None:
        """Hand a statement over; a name that is assigned a column of numbers is an input with that default."""
        if self.target and not self.open and len(self.stack) == 1 and ends_with_column(self):
            begins = self.spans[-1][0] == self.starts[0] and len(self.starts) == 1
            entries = self.code[:-2]
            if begins and len(entries) <= MAX_COLUMN and all(map(_is_number, entries)):
                del self.code[-1], self.spans[-1]
        FunctionReader.finish_statement(self)


MAX_COLUMN: Final = 2_000
"""The most items of a column of numbers with signs."""


def _is_number(item: object) -> bool:
    return isinstance(item, Number) or (isinstance(item, Apply) and item.op.prefix)


@lru_cache(maxsize=16)
def matlab_grammar(operations: Operations) -> Grammar:
    """Return the grammar of MATLAB over a table of operations.

    >>> from graphgrad.ops.table import OPERATIONS
    >>> from graphgrad.text.parser import parse
    >>> [statement] = parse("2^3^x  % (2^3)^x", matlab_grammar(OPERATIONS))
    >>> [getattr(item, "text", None) or item.op.name for item in statement.code]
    ['2', '3', 'pow', 'x', 'pow']
    """
    plain = program_grammar(operations)
    own = {symbol: operations[name] for name, symbols in ENTRIES.items() for symbol in symbols}
    infix = {
        symbol: entry
        for symbol, entry in plain.infix.items()
        if not symbol[0].isalpha() and symbol.isascii() and symbol not in ("@", "**", "*", *SIGNED)
    }
    for symbol, op in own.items():
        left, right = sorted(op.binds)  # a power chains to the left, too
        infix[symbol] = left, right, Apply(op, 2)
    for name, symbols in LEFT.items():
        infix |= {symbol: (*plain.infix["/"][:2], Apply(operations[name], 2)) for symbol in symbols}
    for name, symbols in LOGIC.items():
        infix |= {symbol: (*LEVELS[symbol], Apply(operations[name], 2)) for symbol in symbols}
    prefix = {"-": plain.prefix["-"]} | {
        symbol: (plain.prefix["-"][0], Apply(operations[name], 1))
        for name, symbols in NEGATION.items()
        for symbol in symbols
    }
    alone = {name: (operations[row],) for row, names in ONLY.items() for name in names}
    return replace(
        plain,
        dialect="matlab",
        tokens=_tokens,
        infix=infix,
        prefix=prefix,
        functions={**plain.functions, **named_rows(operations, NAMES), **alone},
        refused=REFUSED,
        handlers={
            **{sign: handler for sign, handler in plain.handlers.items() if not sign.isalpha()},
            **dict.fromkeys(SERIES_TOKENS, _any_other),
            "[": open_brackets,
            "]": close_brackets,
            ",": _comma,
            ";": _semicolon,
            "\n": _newline,
            ")": close,
            "*": _times,
            **dict.fromkeys(SIGNED, _signed),
            **dict.fromkeys(TRANSPOSED, _transpose),
        },
        longer={},
        other=_any_other,
        matrix_signs=MATRIX,
        beside=beside,
        chain=_refuse_chain,
        forms=forms_of(TEMPLATES),
        reader=MatlabReader,
    )


SPLIT: Final = split_by(TOKEN)


def _tokens(source: str) -> Iterable[tuple[str, str]]:
    """Split a text; comments over several lines are blank."""
    return SPLIT(_without_blocks(source) if "%{" in source or "#{" in source else source)


def _without_blocks(source: str) -> str:
    """Return a text in which comments over several lines, which can stand in each other, are blank."""
    kept: list[str] = []
    end = 0
    opened: list[re.Match[str]] = []
    for line in BLOCK.finditer(source):
        if line[1] == "{":
            opened.append(line)
        elif opened:
            first = opened.pop()
            if not opened:
                kept += source[end : first.start()], re.sub(r"[^\n]", " ", source[first.start() : line.end()])
                end = line.end()
    if opened:
        hint = "write %} on a line of its own where it ends"
        raise ExpressionSyntaxError("this comment is never closed", source, opened[0].span(), hint=hint)
    return "".join(kept) + source[end:]


def _any_other(reader: FunctionReader, text: str, span: Span) -> None:
    """Read a comment, the head of a function handle, an index, or what the plain language has."""
    if text[:1] in COMMENTS or text.startswith("..."):
        return
    if len(text) > 1 and text[0] in LONGER:
        LONGER[text[0]](reader, text, span)
    elif len(text) > 1 and text[-1] in ")(":
        _begin(reader, text, span)
    elif text[:1].isidentifier():
        _name(reader, text, span)
    elif text[:1] in DIGITS and text[-1:] in IMAGINARY:
        reader.fail(f"{text} is imaginary, and there are no complex numbers here", span, "write real numbers")
    elif text[:1].isdigit() and text[-1:].isdigit():
        reader.require_operator(text, span)
        number = text.replace("d", "e").replace("D", "e")
        reader.push(text, Number(handlers.literal(reader, number, span), number), span)
    elif text in reader.grammar.prefix:
        _prefix(reader, text, span)
    elif text in REFUSED:
        handlers.refuse(reader, text, span)
    else:
        handlers.any_other(reader, text, span)


def _name(reader: FunctionReader, text: str, span: Span) -> None:
    """Read a name; refuse one that MATLAB gives a meaning that there is not here."""
    if text in STATEMENTS and reader.at_start() and reader.target is None:
        _refuse_statement(reader, text, span)
    if text in TRUTHS and text not in reader.known:
        reader.require_operator(text, span)
        reader.add(TRUTHS[text], span)
        return
    if text in NO_NUMBER and text not in reader.known and not _is_assigned(reader, span):
        reader.fail(f"'{text}' is no name of a variable here", span, NO_NUMBER[text])
    handlers.name(reader, text, span)


def _prefix(reader: FunctionReader, text: str, span: Span) -> None:
    """Read a sign before its operand; behind ^ it binds more tightly than the power."""
    if reader.complete:
        if not in_brackets(reader):
            reader.fail(f"an operator is missing before '{text}'", span, f"for example: x & {text}y")
        reader.require_operator(text, span)
    if reader.stack[-1][0] >= POWER:
        reader.stack.append((POWER + 1, reader.grammar.prefix[text][1], span[0]))
    else:
        handlers.any_other(reader, text, span)


def _comma_with_more(reader: FunctionReader, text: str, span: Span) -> None:
    """Read a comma with a word, or with an empty array behind it."""
    (empty if "[" in text else word)(reader, text, span)


def _is_assigned(reader: Reader, span: Span) -> bool:
    """Whether a name at the beginning of a statement stands before an equals sign."""
    return (
        len(reader.stack) == 1
        and not reader.code
        and bool(re.match(r"[ \t]*=(?!=)", reader.source[span[1] : span[1] + 40]))
    )


def _refuse_statement(reader: Reader, name: str, span: Span) -> None:
    hint = "assignments and an expression are read, or a function handle: @(x, y) x*y"
    reader.fail(f"'{name}' begins a statement that is not read", (span[0], span[0] + len(name)), hint)


def _begin(reader: FunctionReader, text: str, span: Span) -> None:
    """Read a name with a parenthesis: that of a call, or a whole index."""
    written = text.partition("(")[0]
    name = written.rstrip()
    if reader.at_start() and reader.target is None and name in STATEMENTS:
        _refuse_statement(reader, name, span)
    if in_brackets(reader) and name != written:
        reader.refuse_readings((span[0], span[0] + len(written) + 1), f"{name}(…)", f"{name}, (…)")
    if text[-1] == "(":
        begin_call(reader, text, span)
    else:
        indexed(reader, text, span)


def _handle(reader: FunctionReader, text: str, span: Span) -> None:
    """Read the head of a function handle: its parameters are the inputs, unless it is called by what follows."""
    if not reader.at_start() or reader.dangling or reader.declared is not None:
        reader.fail("a function handle can only begin a statement", span, "give it a name: f = @(x, y) x*y")
    name, at = reader.target or "", reader.target_span
    reader.target = None
    start = text.index("(") + 1
    reader.begin_function(name, at, text[start:-1], span[0] + start)


LONGER: Final[dict[str, Callable[[FunctionReader, str, Span], None]]] = {"@": _handle, ",": _comma_with_more}
"""What reads a longer token, by its first character."""


def _comma(reader: Reader, text: str, span: Span) -> None:
    """Read what separates entries, operands, or statements."""
    if in_brackets(reader):
        entry(reader, span)
    elif reader.open:
        handlers.comma(reader, text, span)
    else:
        reader.end_of_statement(span[0])


def _semicolon(reader: Reader, text: str, span: Span) -> None:
    """Read the end of a row, or of a statement."""
    if in_brackets(reader):
        row(reader, span)
    else:
        handlers.semicolon(reader, text, span)


def _newline(reader: Reader, text: str, span: Span) -> None:
    """Read the end of a line: it ends a row, or a statement."""
    if in_brackets(reader):
        row(reader, span)
    else:
        handlers.newline(reader, text, span)


def _signed(reader: FunctionReader, text: str, span: Span) -> None:
    """Read a sum, a difference or a sign."""
    if not reader.complete:
        _any_other(reader, text, span)
        return
    refuse_blank(reader, text, span)
    reader.join(program_grammar(reader.grammar.operations).infix[text], span)


def _times(reader: Reader, text: str, span: Span) -> None:
    """Read a product: behind a transposed array it is that of matrices, as in x'*y."""
    if not reader.complete and reader.stack[-1] is not BARRIER:
        reader.refuse_missing_operand(span)
    if not reader.complete:
        reader.fail(f"a number or a name is missing before '{text}'", span)
    sign = "@" if _is_transposed(reader) else text
    reader.join(program_grammar(reader.grammar.operations).infix[sign], span)


def _is_transposed(reader: Reader) -> bool:
    is_turned = isinstance(reader.code[-1], Apply) and reader.code[-1].op.postfix == ".T"
    return is_turned and not ends_with_column(reader)


def _transpose(reader: Reader, text: str, span: Span) -> None:
    """Read the sign behind an array."""
    if not reader.complete or reader.last != span[0]:
        handlers.refuse(reader, "'" if text == "'" else ".", span)
    reader.applied(Apply(reader.grammar.postfix[".T"].with_params({}), 1), span)


def _refuse_chain(reader: Reader, _item: Apply, span: Span) -> None:
    """Refuse a < b < c, which is (a < b) < c in MATLAB, and is read otherwise by people."""
    first, second = shown_comparisons(reader, reader.stack[-1][2], span)
    hint = f"write ({first}) {reader.source[slice(*span)]} …, as MATLAB reads it, or {first} & {second} …"
    reader.fail("these comparisons can be read in two ways", span, hint)
