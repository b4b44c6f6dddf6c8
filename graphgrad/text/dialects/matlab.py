"""The grammar of MATLAB and Octave: expressions and assignments, with the operators of entries and of matrices."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from graphgrad.text import handlers
from graphgrad.text.dialects.declarations import declare
from graphgrad.text.plain import program_grammar
from graphgrad.text.series import SERIES_TOKENS
from graphgrad.text.statement import Apply, Name, Number
from graphgrad.text.tokens import BLANK, split_by
from graphgrad.text.vocabulary import BRACKETS, named_rows

if TYPE_CHECKING:
    from graphgrad.ops.operations import Operations
    from graphgrad.ops.targets import Spellings
    from graphgrad.text.grammar import Grammar
    from graphgrad.text.reader import Reader
    from graphgrad.text.statement import Span

__all__ = ["matlab_grammar"]

NAME: Final = r"[^\W\d]\w*"
AT: Final = r"(?:[0-9]{1,9}|end)"
PART: Final = rf"(?:{AT}[ ]*:[ ]*{AT}|{AT}|:)"
NUMBER: Final = r"(?:[0-9]+(?:\.(?![*/^\\'])[0-9]*)?|\.[0-9]+)(?:[eEdD][+-]?[0-9]+)?"
SYMBOL: Final = r"\*\*|\.\*|\./|\.\^|\.\\|\.'|~=|!=|==|<=|>=|&&|\|\||[-+*/^\\<>=~!&|(),;:\n\[\]{}@'\"]"

TOKEN: Final = re.compile(
    rf"""( \.\.\.[^\n]*\n | [%#][^\n]*
         | @[ ]*\([^()\n]*\)
         | {NAME}{BLANK}\([ ]*{PART}[ ]*(?:,[ ]*{PART}[ ]*)*\)
         | {NAME}(?:{BLANK}\()?
         | {NUMBER} | {SYMBOL}
         | \Z
         | [^ \t\r\u00a0\u3000] )""",
    re.VERBOSE,
)
"""A token of MATLAB. The head of a function handle is one, and so is a name with an index of constants."""

ENTRIES: Final[Spellings] = {"mul": (".*",), "div": ("./",), "pow": (".^", "^", "**"), "ne": ("~=", "!=")}
"""The operators that MATLAB has beside ours, or instead of them."""

TRANSPOSED: Final = ("'", ".'")

MATRIX: Final = frozenset("*/^")
"""The operators that are those of matrices where both operands are arrays."""

NAMES: Final[Spellings] = {
    "abs": ("abs",),
    "add": ("plus",),
    "div": ("rdivide",),
    "floor_mod": ("mod",),
    "lgamma": ("gammaln",),
    "matmul": ("mtimes",),
    "mul": ("times",),
    "neg": ("uminus",),
    "pow": ("power",),
    "sub": ("minus",),
    "transpose": ("transpose", "ctranspose"),
}
"""The functions that MATLAB calls otherwise."""

ALONG: Final[Spellings] = {"sum_along": "sum", "mean": "mean", "amax": "max", "amin": "min"}
"""The reductions, which MATLAB takes along the first axis of an array, of a vector over all its entries."""

REFUSED: Final = {
    "[": ("an array in brackets is not read here", "give it as a value: --at x=[1,2]"),
    "{": ("cells are not read", "write ( )"),
    ":": ("a range is not read here", "an index is of constants: x(1, 2:3)"),
    "\\": ("a\\b is not read", "write b/a, or solve(a, b) for matrices"),
    ".\\": ("a.\\b is not read", "write b./a"),
    '"': ("texts are not read", "write names without quotes"),
    "'": ("texts are not read", "behind an array ' transposes it: x'"),
    ".": ("a dot is not read here", "write x.*y, x./y or x.^y"),
    "@": ("a function handle begins the text", "write @(x, y) and an expression"),
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

PAIR: Final = 2

EITHER: Final[Spellings] = {"max": "max", "min": "min"}
"""The reductions whose second operand is another number."""

REVERSED: Final[Spellings] = {
    "gammainc": "MATLAB's gammainc(x, a) is gammainc(a, x) here: write that in graphgrad's own language",
    "betainc": "MATLAB's betainc(x, a, b) is betainc(a, b, x) here: write that in graphgrad's own language",
    "sinc": "MATLAB's sinc(x) is sin(pi*x)/(pi*x): write that",
}
"""Functions of the same name that are others."""

STATEMENTS: Final = ("if", "for", "while", "switch", "try", "function", "end", "return", "global", "clear", "parfor")


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
        if not symbol[0].isalpha() and symbol.isascii() and symbol not in ("@", "**", "*")
    }
    for symbol, op in own.items():
        left, right = sorted(op.binds)  # a power chains to the left, too
        infix[symbol] = left, right, Apply(op, 2)
    for name, symbols in LOGIC.items():
        infix |= {symbol: (*LEVELS[symbol], Apply(operations[name], 2)) for symbol in symbols}
    prefix = {"-": plain.prefix["-"]} | {
        symbol: (plain.prefix["-"][0], Apply(operations[name], 1))
        for name, symbols in NEGATION.items()
        for symbol in symbols
    }
    return replace(
        plain,
        dialect="matlab",
        tokens=split_by(TOKEN),
        infix=infix,
        prefix=prefix,
        functions={**plain.functions, **named_rows(operations, NAMES)},
        refused=REFUSED,
        handlers={
            **{sign: handler for sign, handler in plain.handlers.items() if not sign.isalpha()},
            **dict.fromkeys(("[", "]", *SERIES_TOKENS), _any_other),
            ",": _comma,
            ")": _close,
            "*": _times,
            **dict.fromkeys(TRANSPOSED, _transpose),
        },
        longer={},
        other=_any_other,
        matrix_signs=MATRIX,
    )


def _any_other(reader: Reader, text: str, span: Span) -> None:
    """Read a comment, the head of a function handle, an index, or what the plain language has."""
    at_start = not reader.complete and not reader.code and len(reader.stack) == 1
    word = text.rstrip("( \t")
    if text[:1] in COMMENTS or text.startswith("..."):
        return
    if text[:1] == "@" and len(text) > 1:
        _handle(reader, text, span, at_start=at_start and reader.dangling is None)
    elif text[-1:] == ")" and len(text) > 1:
        _indexed(reader, text, span)
    elif at_start and word in STATEMENTS:
        hint = "assignments and an expression are read, or a function handle: @(x, y) x*y"
        reader.fail(f"'{word}' begins a statement that is not read", (span[0], span[0] + len(word)), hint)
    elif word in REVERSED and text[-1:] == "(":
        reader.fail(f"MATLAB's {word} takes its operands otherwise", (span[0], span[0] + len(word)), REVERSED[word])
    elif text[:1].isdigit() and text[-1:].isdigit():
        reader.require_operator(text, span)
        number = text.replace("d", "e").replace("D", "e")
        reader.push(text, Number(handlers.literal(reader, number, span), number), span)
    elif text in reader.grammar.prefix and not reader.complete and reader.stack[-1][0] >= POWER:
        reader.stack.append((POWER + 1, reader.grammar.prefix[text][1], span[0]))
    elif text in REFUSED:
        handlers.refuse(reader, text, span)
    else:
        handlers.any_other(reader, text, span)


def _handle(reader: Reader, text: str, span: Span, *, at_start: bool) -> None:
    """Read the head of a function handle: its parameters are the inputs."""
    if not at_start:
        reader.fail("a function handle can only begin the text", span, "one function is read: @(x, y) x*y")
    reader.target = None
    start = text.index("(") + 1
    declare(reader, text[start:-1], span[0] + start)


def _indexed(reader: Reader, text: str, span: Span) -> None:
    """Read a name with constants in parentheses: an index from 1, or a call of a function."""
    name, _, inside = text[:-1].partition("(")
    word = name.rstrip()
    if word in reader.grammar.functions or word in REVERSED:
        _called(reader, text, span, len(name) + 1)
        return
    reader.require_operator(text, span)
    reader.add(Name(word), (span[0], span[0] + len(word)))
    at = tuple(_part(reader, part.strip(), span) for part in inside.split(","))
    reader.applied(Apply(reader.grammar.postfix[BRACKETS].with_params({"at": at}), 1), span)


def _part(reader: Reader, part: str, span: Span) -> int | tuple[int | None, int | None, None]:
    """Return one part of an index, from 0.

    MATLAB's 2:3 has both ends: it is 1:3 from 0.
    """
    if part == ":":
        return None, None, None
    first, colon, last = (each.strip() for each in part.partition(":"))
    start = -1 if first == "end" else int(first) - 1
    if start < -1 or (start == -1 and first != "end"):
        reader.fail("an index of MATLAB's begins at 1", span, "the first entry is x(1)")
    if not colon:
        return start
    return start, None if last == "end" else int(last), None


def _called(reader: Reader, text: str, span: Span, opened: int) -> None:
    """Read a call whose operands are whole numbers."""
    if ":" in text or re.search(r"\bend\b", text):
        reader.fail("a range is no operand of a function", span, "an index stands behind the name of an array: x(1:3)")
    start = span[0] + opened
    _any_other(reader, text[:opened], (span[0], start))
    for blank, token in reader.grammar.tokens(text[opened:]):
        start += len(blank)
        if token:
            reader.token(token, (start, start + len(token)))
        start += len(token)


def _comma(reader: Reader, text: str, span: Span) -> None:
    """Read what separates operands, or statements."""
    if reader.open:
        handlers.comma(reader, text, span)
    else:
        reader.end_of_statement(span[0])


def _times(reader: Reader, text: str, span: Span) -> None:
    """Read a product: behind a transposed array it is that of matrices, as in x'*y."""
    left, right, item = program_grammar(reader.grammar.operations).infix["@" if _is_transposed(reader) else text]
    reader.operator((left, right), item, span)


def _is_transposed(reader: Reader) -> bool:
    return reader.complete and isinstance(reader.code[-1], Apply) and reader.code[-1].op.postfix == ".T"


def _transpose(reader: Reader, text: str, span: Span) -> None:
    """Read the sign behind an array."""
    if not reader.complete or reader.last != span[0]:
        handlers.refuse(reader, "'" if text == "'" else ".", span)
    reader.applied(Apply(reader.grammar.postfix[".T"].with_params({}), 1), span)


def _close(reader: Reader, text: str, span: Span) -> None:
    """Close a parenthesis; a reduction that is given no axis takes the first."""
    if reader.open and reader.complete and reader.open[-1].function in ALONG.values():
        _set_axis(reader, span)
    handlers.close_parenthesis(reader, text, span)


def _set_axis(reader: Reader, span: Span) -> None:
    """Take the axis of a reduction, counted from 1, from its last operand, the first axis where there is none."""
    call = reader.open[-1]
    if call.operands == 1:
        call.params["axis"] = 0, span
    elif call.function not in EITHER and call.operands == PAIR and isinstance(axis := reader.code[-1], Number):
        reader.code.pop()
        call.params["axis"] = int(axis.value) - 1, reader.spans.pop()
        reader.starts.pop()
        call.operands = 1
