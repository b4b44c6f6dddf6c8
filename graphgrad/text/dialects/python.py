"""The grammar of Python: an expression, assignments, a `lambda`, or a `def` with assignments and one `return`."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NoReturn

from graphgrad.text import handlers
from graphgrad.text.arguments import CONSTANT, INDEX
from graphgrad.text.comparison_chains import chained_as_in_python
from graphgrad.text.dialects.declarations import declare
from graphgrad.text.plain import program_grammar
from graphgrad.text.series import SERIES_TOKENS
from graphgrad.text.statement import Apply, Number
from graphgrad.text.tokens import BLANK, split_by
from graphgrad.text.vocabulary import named_rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphgrad.ops.operations import Operations
    from graphgrad.ops.targets import Spellings
    from graphgrad.text.grammar import Grammar
    from graphgrad.text.reader import Reader
    from graphgrad.text.statement import Span

__all__ = ["python_grammar"]

PREFIXES: Final = (
    *("math.", "np.", "numpy.", "jnp.", "jax.numpy.", "jax.nn.", "np.linalg.", "numpy.linalg.", "jnp.linalg."),
    *("special.", "scipy.special."),
)
"""The modules whose names are read with their prefix, as in np.sin; without one, every function is read anyway."""

INFIX: Final[Spellings] = {"floor_div": "//", "floor_mod": "%"}
"""The operators that Python has beside ours."""

NAMES: Final[Spellings] = {
    "abs": ("absolute", "fabs"),
    "add": ("add",),
    "concat": ("concatenate",),
    "digamma": ("psi",),
    "div": ("divide", "true_divide"),
    "floor_div": ("floor_divide",),
    "floor_mod": ("mod", "remainder"),
    "lgamma": ("gammaln",),
    "matmul": ("matmul", "dot"),
    "mul": ("multiply",),
    "neg": ("negative",),
    "pow": ("pow", "power", "float_power"),
    "sigmoid": ("expit",),
    "sub": ("subtract",),
}
"""Names of Python's modules that are none of ours."""

OTHERWISE: Final[Mapping[str, str]] = {
    "sinc": "np.sinc(x) is sin(pi*x)/(pi*x): write that, or sinc(x) for sin(x)/x",
    "remainder": "math.remainder rounds to the nearest multiple: for the remainder of Python's % write x % y",
}
"""Names that mean something else in one of the modules than elsewhere."""

NAME: Final = r"[^\W\d]\w*"
DEF: Final = rf"def[ \t]+{NAME}[ \t]*\([^()\n]*\)[ \t]*(?:->[^:\n]*)?:"
LAMBDA: Final = r"lambda\b[^:()\n]*:"
IMPORT: Final = r"(?:import[ \t]+\w|from[ \t]+[\w.]+[ \t]+import\b)[^\n]*"
DOTTED: Final = rf"(?:{'|'.join(map(re.escape, sorted(PREFIXES, key=len, reverse=True)))})"
SYMBOL: Final = r"\*\*=?|//=?|<=|>=|==|!=|:=|->|<<|>>|[-+*/@%&|^]=|[-+*/^@%<>=(),;\n\[\]{}:&|~]"

CONTINUED: Final = "\\\n"
"""What continues a line."""

TOKEN: Final = re.compile(
    rf"""( \\\n | {DEF} | {LAMBDA} | {IMPORT} | return\b
         | {DOTTED}{NAME}(?:{BLANK}\()?
         | {NAME}(?:{BLANK}\()?
         | (?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9][0-9_]*)?
         | \.T(?!\w) | {INDEX} | ={BLANK}{CONSTANT}(?={BLANK}[,)])
         | {SYMBOL}
         | \#[^\n]*
         | \Z
         | [^ \t\r\u00a0\u3000] )""",
    re.VERBOSE,
)
"""A token of Python. The head of a function is one token, and so is a line that imports."""

REFUSED: Final = {
    "^": ("in Python ^ is the exclusive or of bits", "for a power write **"),
    "~": ("in Python ~ inverts bits", "for a sign write -x, for a logical 'not' write not x"),
    "&": ("in Python & is for bits", "write a and b"),
    "|": ("in Python | is for bits", "write a or b"),
    "<<": ("shifts of bits are no operations here", "multiply by a power of 2"),
    ">>": ("shifts of bits are no operations here", "divide by a power of 2"),
    ":": ("a colon has no meaning here", "one function is read: lambda x: …, or def f(x): with a return"),
    ":=": (":= is not an operator here", "assign on a line of its own: name = expression"),
} | dict.fromkeys(
    ("+=", "-=", "*=", "/=", "**=", "//=", "%=", "@=", "&=", "|=", "^="),
    ("a name stands for one number, and is not changed", "give the new number a name of its own"),
)

STATEMENTS: Final = ("if", "for", "while", "with", "try", "class", "assert", "raise", "del", "global", "match", "pass")
"""The words that begin a statement that is not read."""


HEADS: Final = ("def", "lambda", "return", "import", "from")
"""The words that begin a token that only stands at the beginning of a statement."""

EULER: Final[Spellings] = {"exp": "e"}
"""The constant of the modules that is the value of this operation at 1."""


@lru_cache(maxsize=16)
def python_grammar(operations: Operations) -> Grammar:
    r"""Return the grammar of Python over a table of operations.

    >>> from graphgrad.ops.table import OPERATIONS
    >>> from graphgrad.text.parser import parse
    >>> text = "def f(x, y):\n    s = x % y\n    return np.exp(-s**2)"
    >>> [statement.target for statement in parse(text, python_grammar(OPERATIONS))]
    ['x', 'y', 's', None]
    """
    plain = program_grammar(operations)
    functions = {**named_rows(operations, NAMES), **plain.functions}
    constants = dict(plain.constants)
    for prefix in PREFIXES:
        functions |= {prefix + name: ops for name, ops in functions.items() if "." not in name}
        constants |= {prefix + name: op for name, op in plain.constants.items()}
    power = plain.infix["**"]
    infix = {symbol: entry for symbol, entry in plain.infix.items() if symbol not in REFUSED} | {"**": power}
    for name, symbol in INFIX.items():
        left, right, _ = plain.infix["*"]
        infix[symbol] = left, right, Apply(operations[name], 2)
    return replace(
        plain,
        dialect="python",
        tokens=split_by(TOKEN),
        infix=infix,
        functions=functions,
        constants=constants,
        refused={**plain.refused, **REFUSED},
        handlers={**plain.handlers, **dict.fromkeys(SERIES_TOKENS, _any_other), "": _end},
        other=_any_other,
        chain=chained_as_in_python,
    )


def _any_other(reader: Reader, text: str, span: Span) -> None:
    """Read what begins a statement, a name with its module, or what the plain language has."""
    word = re.match(r"\w*", text)[0]  # type: ignore[index]  # it matches every text
    at_start = not reader.complete and not reader.code and len(reader.stack) == 1
    if text == CONTINUED:
        return
    if word == "lambda" and at_start and reader.dangling is None:
        reader.target = None
    at_start = at_start and reader.target is None
    if word in HEADS and (text.endswith(":") or word != "lambda"):
        _begin(reader, text, span, at_start=at_start)
    elif at_start and word in STATEMENTS and text == word:
        _refuse_statement(reader, word, span)
    elif "." in text[:-1] and text[0].isidentifier():
        _with_module(reader, text, span)
    else:
        handlers.any_other(reader, text, span)


def _begin(reader: Reader, text: str, span: Span, *, at_start: bool) -> None:
    word = text.split(None, 1)[0]
    if not at_start:
        hint = "one function is read, which begins the text: lambda x: …"
        reader.fail(f"'{word}' can only begin a statement", (span[0], span[0] + len(word)), hint)
    if text.endswith(":"):
        if reader.dangling is not None or reader.head:
            reader.fail("only one function is read", span, "leave the others out, or write their expressions into it")
        start = text.index("(") + 1 if word == "def" else len("lambda")
        end = text.rindex(")") if word == "def" else len(text) - 1
        declare(reader, text[start:end], span[0] + start)
    reader.head = word if word in ("def", "lambda", "return") else reader.head


def _end(reader: Reader, _text: str, span: Span) -> None:
    """Refuse a function that returns nothing."""
    if reader.head == "def":
        reader.fail("the function returns nothing", span, "write return before its last expression")


def _refuse_statement(reader: Reader, word: str, span: Span) -> NoReturn:
    hints = {"if": "for a choice write a if condition else b", "pass": "write return and an expression"}
    hint = hints.get(word, "a function is read that has assignments and one return")
    reader.fail(f"'{word}' begins a statement that is not read", span, hint)


def _with_module(reader: Reader, text: str, span: Span) -> None:
    """Read a name with its module: that of a function before its parenthesis, or that of a constant."""
    grammar, name = reader.grammar, text.rstrip("( \t")
    last = name.rpartition(".")[2]
    if last in OTHERWISE and not (last == "remainder" and not name.startswith("math")) and name.count("."):
        reader.fail(f"{name} is another function than {last}", (span[0], span[0] + len(name)), OTHERWISE[last])
    of_one = {letter: grammar.operations[row] for row, letter in EULER.items()}
    if text.endswith("("):
        handlers.call(reader, text, span)
    elif name in grammar.constants:
        reader.require_operator(text, span)
        reader.push(text, Apply(grammar.constants[name], 0), span)
    elif last in of_one:
        reader.require_operator(text, span)
        reader.add(Number(Fraction(1), "1"), span)
        reader.applied(Apply(of_one[last], 1), span)
    else:
        reader.fail(f"unknown constant '{name}'", span, f"for a variable write {last}")
