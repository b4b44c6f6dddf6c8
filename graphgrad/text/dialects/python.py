"""The grammar of Python: an expression, assignments, and functions by `lambda`, or by `def` with one `return`."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NoReturn

from graphgrad.base.suggestion import suggestion
from graphgrad.text import handlers
from graphgrad.text.arguments import CONSTANT, INDEX, SUBSCRIPTS
from graphgrad.text.choices import WORD_OPERATORS, if_word, negation
from graphgrad.text.comparison_chains import chained_as_in_python
from graphgrad.text.dialects.functions import ONE_NUMBER, TEXTS, FunctionReader
from graphgrad.text.dialects.python_calls import close_call, comma, for_word, in_word, is_range
from graphgrad.text.dialects.python_logic import read_logic
from graphgrad.text.dialects.python_names import (
    NAMES,
    NORMAL_PREFIXES,
    OTHER_MODULES,
    PREFIXES,
    REFUSED_CALLS,
    templates,
)
from graphgrad.text.plain import program_grammar
from graphgrad.text.statement import Apply, Number
from graphgrad.text.tokens import BLANK, split_by
from graphgrad.text.vocabulary import named_rows

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graphgrad.ops.operations import Operations
    from graphgrad.ops.targets import Spellings
    from graphgrad.text.grammar import Grammar
    from graphgrad.text.reader import Reader
    from graphgrad.text.statement import Span

__all__ = ["python_grammar"]

INFIX: Final[Spellings] = {"floor_div": "//", "floor_mod": "%"}
"""The operators that Python has beside ours."""

NAME: Final = r"[^\W\d]\w*"
DEF: Final = rf"def[ \t]+{NAME}[ \t]*\([^()]*\)[ \t]*(?:->[^:\n]*)?:"
NO_OPERANDS: Final = re.compile(r"[ \t]*\([ \t]*\)")
LAMBDA: Final = r"lambda\b[^:()\n]*:"
IMPORT: Final = r"(?:import[ \t]+\w|from[ \t]+[\w.]+[ \t]+import\b)[^\n]*"
ANNOTATED: Final = rf"{NAME}[ \t]*:[ \t]*[\w.]+(?:\[[\w., \t]*\])?[ \t]*=(?!=)"
DOTTED: Final = rf"(?:{'|'.join(map(re.escape, sorted((*PREFIXES, *NORMAL_PREFIXES), key=len, reverse=True)))})"
NUMBER: Final = r"(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9][0-9_]*)?"
TEXT: Final = r"[rRbBuUfF]{0,2}(?:\"[^\"\n]*\"|'[^'\n]*')"
SYMBOL: Final = r"\*\*=?|//=?|<<=?|>>=?|<=|>=|==|!=|:=|->|[-+*/@%&|^]=|[-+*/^@%<>=(),;\n\[\]{}:&|~]"

CONTINUED: Final = "\\\n"
"""What continues a line."""

TOKEN: Final = re.compile(
    rf"""( \\\n | {DEF} | {LAMBDA} | {IMPORT} | return\b | {ANNOTATED}
         | {SUBSCRIPTS}{BLANK}, | {SUBSCRIPTS.replace('"', "'")}{BLANK}, | {TEXT}
         | {DOTTED}{NAME}(?:{BLANK}\()?
         | {NAME}(?:{BLANK}\()?
         | {NUMBER}[jJ]\b | {NUMBER}
         | \.T(?!\w) | \.[ ]*{NAME}(?:{BLANK}\()? | {INDEX} | ={BLANK}{CONSTANT}(?={BLANK}[,)])
         | {SYMBOL}
         | \#[^\n]*
         | \Z
         | [^ \t\r\u00a0\u3000] )""",
    re.VERBOSE,
)
"""A token of Python. The head of a function is one token, and so is a line that imports."""

DOCSTRING: Final = re.compile(
    r"^[ \t]*[rRuU]?(?:\"\"\"(?:[^\\\"]|\\.|\"(?!\"\"))*\"\"\"|'''(?:[^\\']|\\.|'(?!''))*'''"
    r"|\"[^\"\n]*\"|'[^'\n]*')[ \t]*$",
    re.MULTILINE | re.DOTALL,
)
"""A text alone on its lines, which says what a function does."""

HEAD: Final = re.compile(rf"^[ \t]*def[ \t]+{NAME}[ \t]*\([^()]*\)", re.MULTILINE)
"""The head of a function up to its closing parenthesis, which may stand on several lines."""

REFUSED: Final = {
    "^": ("in Python ^ is the exclusive or of bits", "for a power write **"),
    "~": ("in Python ~ inverts bits", "for a sign write -x, for a logical 'not' write not x"),
    "&": ("in Python & is for bits", "write a and b"),
    "|": ("in Python | is for bits", "write a or b"),
    "<<": ("shifts of bits are no operations here", "multiply by a power of 2"),
    ">>": ("shifts of bits are no operations here", "divide by a power of 2"),
    ":": ("a colon has no meaning here", "a function is read: lambda x: …, or def f(x): with a return"),
    ":=": (":= is not an operator here", "assign on a line of its own: name = expression"),
    "{": ("dictionaries and sets are not read", "give each number a name: name = 3"),
    "->": ("'->' stands between the parameters of a def and its colon", "write def f(x) -> float:"),
    '"': TEXTS,
    "'": TEXTS,
} | dict.fromkeys(
    ("+=", "-=", "*=", "/=", "**=", "//=", "%=", "@=", "&=", "|=", "^=", "<<=", ">>="),
    ONE_NUMBER,
)

STATEMENTS: Final = ("if", "for", "while", "with", "try", "class", "assert", "raise", "del", "global", "match", "pass")
"""The words that begin a statement that is not read."""

HEADS: Final = ("def", "lambda", "return", "import", "from")
"""The words that begin a token that only stands at the beginning of a statement."""

EULER: Final[Spellings] = {"exp": "e"}
"""The constant of the modules that is the value of this operation at 1."""

TURN: Final[Spellings] = {"mul": "tau"}
"""The constant of the modules that is this operation on 2 and the circle constant."""

TRUTHS: Final = {"True": Number(Fraction(1), "1"), "False": Number(Fraction(0), "0")}

NOT_FINITE: Final = ("inf", "nan", "Inf", "NaN", "infty")
NO_NUMBER: Final = "there is no infinity here, and no number 'nan'"


@dataclass(slots=True)
class PythonReader(FunctionReader):
    """The parser's state; `range_end` is where the last range of an index ended."""

    range_end: int = -1

    def finish_statement(self) -> None:
        """Hand a statement over; Python's lines belong to a function as far as they are indented."""
        self.end_operand()
        read_logic(self)
        start = self.target_span[0] if self.target else self.starts[0]
        line = self.source[self.source.rfind("\n", 0, start) + 1 : start]
        indented = line[:1] in (" ", "\t") and bool(line)
        if self.head == "def" and not indented and "def" not in line:
            self.fail("the function before this line returns nothing", (start, self.last), "write return in it")
        if self.ended >= 0 and indented and self.declared is None and not line.strip():
            self.fail("this line stands behind the return of its function", (start, self.last), "leave it out")
        FunctionReader.finish_statement(self)


DOUBLED: Final[Spellings] = {"pi": "tau"}
"""The constant that is twice an operation's."""


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
        tokens=_tokens,
        infix=infix,
        functions=functions,
        constants=constants,
        refused={**plain.refused, **REFUSED},
        handlers={
            **plain.handlers,
            "..": _any_other,
            "for": for_word,
            "in": in_word,
            "if": _if,
            "not": _not,
            ",": comma,
            ")": close_call,
            "": _end,
        },
        longer={**plain.longer, ".": _dotted, '"': _subscripts, "'": _subscripts},
        other=_any_other,
        chain=chained_as_in_python,
        forms=templates(),
        reader=PythonReader,
    )


SPLIT: Final = split_by(TOKEN)


def _tokens(source: str) -> Iterable[tuple[str, str]]:
    """Split a text; texts alone on their lines are blank, and the head of a function is one line."""
    plain = DOCSTRING.sub(_blank, source) if '"' in source or "'" in source else source
    return SPLIT(HEAD.sub(_on_one_line, plain) if "def" in source else plain)


def _on_one_line(match: re.Match[str]) -> str:
    return match.group().replace("\n", " ")


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match.group())


def _any_other(reader: PythonReader, text: str, span: Span) -> None:
    """Read what begins a statement, a name with its module, or what the plain language has."""
    if text == CONTINUED:
        return
    word = re.match(r"\w*", text)[0]  # type: ignore[index]  # it matches every text
    if word in HEADS and (text.endswith(":") or word != "lambda"):
        _begin(reader, text, span)
    elif word in STATEMENTS and text.rstrip(" \t(") == word and reader.at_start() and reader.target is None:
        _refuse_statement(reader, word, span)
    elif text[-1:] in ("'", '"') and len(text) > 1:
        _refuse_text(reader, span)
    elif text[-1:] in ("j", "J") and text[0] in "0123456789.":
        reader.fail(f"{text} is imaginary, and there are no complex numbers here", span, "write real numbers")
    elif text[:1].isidentifier():
        _named(reader, text, word, span)
    else:
        handlers.any_other(reader, text, span)


def _named(reader: PythonReader, text: str, word: str, span: Span) -> None:
    """Read a name, a call, a name with its module, or one with its type and an equals sign."""
    if text[-1] == "=":
        _annotated(reader, word, span)
    elif text in TRUTHS:
        reader.require_operator(text, span)
        reader.add(TRUTHS[text], span)
    elif text == "None":
        reader.fail("None is no number", span, "write the number that is meant")
    elif "." in text:
        _with_module(reader, text, span)
    else:
        if text[-1] == "(":
            _refuse_call(reader, word, span)
        handlers.any_other(reader, text, span)


def _refuse_text(reader: Reader, span: Span) -> NoReturn:
    message, hint = TEXTS
    reader.fail(message, span, hint)


def _begin(reader: PythonReader, text: str, span: Span) -> None:
    word = re.match(r"\w*", text)[0]  # type: ignore[index]  # it matches every text
    if not reader.at_start() or (reader.target is not None and word != "lambda"):
        hint = "give the function a name on a line of its own: f = lambda x: …"
        reader.fail(f"'{word}' can only begin a statement", (span[0], span[0] + len(word)), hint)
    if text.endswith(":"):
        if reader.dangling or reader.declared is not None:
            hint = "each function before it ends with its return"
            reader.fail("no function can begin here", (span[0], span[0] + len(word)), hint)
        _declare(reader, text, word, span)
    elif word == "return":
        if reader.head != "def":
            reader.fail("this 'return' stands in no function", (span[0], span[0] + len(word)), "leave it out")
        reader.head = word


def _declare(reader: PythonReader, text: str, word: str, span: Span) -> None:
    start = text.index("(") + 1 if word == "def" else len("lambda")
    end = text.rindex(")", 0, text.rfind("->") if "->" in text else None) if word == "def" else len(text) - 1
    name, at = reader.target or "", reader.target_span
    if word == "def":
        name = text[len(word) : start - 1].strip()
        first = span[0] + text.index(name, len(word))
        at = first, first + len(name)
    reader.target, reader.head = None, word
    reader.begin_function(name, at, text[start:end], span[0] + start)


def _end(reader: PythonReader, _text: str, span: Span) -> None:
    """Refuse a function that returns nothing; a long text is split in parts, which have an end each."""
    if span[0] < len(reader.source):
        return
    if reader.complete:
        reader.end_of_statement(span[0])
    if reader.head == "def":
        reader.fail("the function returns nothing", span, "write return before its last expression")


def _if(reader: Reader, text: str, span: Span) -> None:
    if reader.complete and reader.open and reader.open[-1].series:
        hint = "write the condition into the terms: sum((x[i] if x[i] > 0 else 0) for i in range(3))"
        reader.fail("a sum over an index has no condition", span, hint)
    if_word(reader, text, span)


def _not(reader: Reader, text: str, span: Span) -> None:
    negation(reader, WORD_OPERATORS[text], span)


def _refuse_statement(reader: Reader, word: str, span: Span) -> NoReturn:
    hints = {"if": "for a choice write a if condition else b", "pass": "write return and an expression"}
    hint = hints.get(word, "a function is read that has assignments and one return")
    reader.fail(f"'{word}' begins a statement that is not read", (span[0], span[0] + len(word)), hint)


def _annotated(reader: Reader, word: str, span: Span) -> None:
    """Read a name with its type, and the equals sign of its assignment: `s: float =`."""
    if word in STATEMENTS or word == "else":
        _refuse_statement(reader, word, span)
    handlers.name(reader, word, (span[0], span[0] + len(word)))
    handlers.equals(reader, "=", (span[1] - 1, span[1]))


def _refuse_call(reader: PythonReader, name: str, span: Span) -> None:
    """Refuse the call of a function that is another one here."""
    if f"{name}(" in REFUSED_CALLS and name not in reader.called and not (name == "range" and is_range(reader)):
        at = span[0], span[0] + len(name)
        reader.fail(f"{name} is no operation here", at, REFUSED_CALLS[f"{name}("])


def _with_module(reader: PythonReader, text: str, span: Span) -> None:
    """Read a name with its module: that of a function before its parenthesis, or that of a constant."""
    grammar, name = reader.grammar, text.rstrip("( \t")
    at = span[0], span[0] + len(name)
    last = name.rpartition(".")[2]
    of_one = {letter: grammar.operations[row] for row, letter in EULER.items()}
    of_two = {word: grammar.operations[row] for row, word in TURN.items()}
    if text.endswith("("):
        _refuse_call(reader, name, span)
        handlers.call(reader, text, span)
        return
    reader.require_operator(text, span)
    if name in grammar.constants:
        reader.push(text, Apply(grammar.constants[name], 0), span)
    elif last in of_one:
        reader.add(Number(Fraction(1), "1"), span)
        reader.applied(Apply(of_one[last], 1), span)
    elif last in of_two and name.startswith("math."):
        reader.add(Number(Fraction(2), "2"), span)
        reader.add(Apply(grammar.operations[next(iter(DOUBLED))], 0), span)
        reader.starts.pop()
        reader.applied(Apply(of_two[last], 2), span)
    elif last in NOT_FINITE:
        reader.fail(f"{name} is no number here", at, NO_NUMBER)
    else:
        reader.fail(f"unknown constant '{name}'", at, f"for a variable write {last}")


def _dotted(reader: Reader, text: str, span: Span) -> None:
    """Read .T, or a number; refuse a method, and what belongs to an object."""
    last = text[1:].rstrip("( \t").strip()
    if text in reader.grammar.postfix or not last.isidentifier():
        handlers.dotted(reader, text, span)
        return
    owner = reader.source[reader.starts[-1] : reader.last] if reader.complete else "x"
    owner = owner if len(owner) <= len("np.transpose(x)") else "x"
    at = span[0], span[0] + len(text.rstrip("( \t"))
    if f"np.{last}" in reader.grammar.functions and text[-1] == "(":
        _refuse_method(reader, owner, last, at)
    reader.fail(f"'.{last}' is not read here", at, "a name has no dot; of modules, math, np and scipy.special are read")


def _refuse_method(reader: Reader, owner: str, method: str, span: Span) -> NoReturn:
    """Refuse x.clip(0, 1), and what is read as that: torch.exp(x), mth.sqrt(x)."""
    if owner in OTHER_MODULES:
        hint = f"of modules, math, np and scipy.special are read: np.{method}(…)"
        reader.fail(f"the module {owner} is not read", (span[0] - len(owner), span[1]), hint)
    hint = f"write np.{method}({owner})"
    if not NO_OPERANDS.match(reader.source, span[1]):
        modules = [prefix[:-1] for prefix in PREFIXES if f"{prefix}{method}" in reader.grammar.functions]
        hint = "; ".join(filter(None, (f"{hint[:-1]}, …)", suggestion(owner, modules) if owner[2:] else "")))
    reader.fail("methods are not read", span, hint)


def _subscripts(reader: Reader, text: str, span: Span) -> None:
    """Read the subscripts that np.einsum begins with; refuse other texts."""
    if text[-1] != ",":
        _refuse_text(reader, span)
    handlers.subscripts(reader, text.replace("'", '"'), span)
