r"""The grammar of LaTeX: its operators, functions and brackets are what the rows of a table of operations write."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from graphgrad.ops.elementary import PRODUCT
from graphgrad.text.choices import choice_of
from graphgrad.text.comparison_chains import chained
from graphgrad.text.dialects.latex_brackets import brace, close_brace, comma, delimiter, head
from graphgrad.text.dialects.latex_calls import apply_called
from graphgrad.text.dialects.latex_environments import DISPLAYS, ampersand, display, environment, new_row
from graphgrad.text.dialects.latex_grammar import LatexGrammar
from graphgrad.text.dialects.latex_handlers import any_token
from graphgrad.text.dialects.latex_matrices import UNSEEN, beside_matrix
from graphgrad.text.dialects.latex_reader import LatexReader
from graphgrad.text.dialects.latex_series import SERIES, begin_series, refuse_outside
from graphgrad.text.dialects.latex_signs import SIGNS, behind, caret, equals, operator_sign, prime, raised, subscript
from graphgrad.text.dialects.latex_tokens import latex_tokens
from graphgrad.text.greek import GREEK
from graphgrad.text.plain import program_grammar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from graphgrad.ops.op import Op
    from graphgrad.ops.operations import Operations
    from graphgrad.text.statement import Span

__all__ = ["latex_grammar"]

WORD: Final = re.compile(
    r"(?:\\(?:operatorname|mathrm)\{((?:[A-Za-z0-9-]|\\_)+)\}|\\([A-Za-z]+))(?:\\left\(#1(?:, #\d)*\\right\))?"
)
MACRO: Final = re.compile(r"(\\[A-Za-z]+(?:\[\w+\])?)((?:\{#\d\})+)")
FENCE: Final = re.compile(r"\\left(\\?[A-Za-z|]+|\\\|)\s?#1\s?\\right(\\?[A-Za-z|]+|\\\|)")
HEAD: Final = re.compile(r"(\\[A-Za-z]+\^\{\()#1\)\}\\left\(#2\\right\)")
BEHIND: Final = re.compile(r"#1(\S+)")
FUSED: Final = re.compile(r"\\([a-z]+)\\left\|((\\\w+(?:\{\w+\})?)\\left\(#1(?:, #\d)*\\right\))\\right\|")
SIGNED: Final = re.compile(r"\\(?:operatorname\{(\w+)\}|[A-Za-z]+)(?:_\{\w+\}|\^\{-1\}|')")
BELOW: Final = re.compile(r"\\(?:operatorname\{(\w+)\}|([a-z]+))_\{#(\d)\}\\left\(#\d(?:, #\d)*\\right\)")
ROOT: Final = re.compile(r"\\sqrt\[\{#2\}\]\{#1\}")

TIGHTER: Final = (PRODUCT[1] + 1, PRODUCT[1] + 2)
"""The binding powers of a matrix product that nobody sees: those of operands beside each other, as they are printed."""

MORE_MACROS: Final = {
    r"\dfrac": r"\frac",
    r"\tfrac": r"\frac",
    r"\cfrac": r"\frac",
    r"\dbinom": r"\binom",
    r"\tbinom": r"\binom",
}
"""Commands that set the same in another size."""

MORE_PAIRS: Final = {r"\binom": r"\mathrm{C}\left(#1, #2\right)"}
"""Commands with two arguments, by what the rows write."""

MORE_FENCES: Final = {(r"\lfloor", r"\rceil"): r"\operatorname{round}"}
"""Other brackets that are an operation, by what the row writes."""

MORE_WORDS: Final = {
    "tg": r"\tan",
    "ctg": r"\cot",
    "cosec": r"\csc",
    "arctg": r"\arctan",
    "ReLU": r"\operatorname{relu}",
    "cotg": r"\cot",
}
"""Other names of functions, by what the rows write."""


@lru_cache(maxsize=16)
def latex_grammar(operations: Operations) -> LatexGrammar:
    r"""Return the grammar of LaTeX over a table of operations.

    >>> from graphgrad.ops.table import OPERATIONS
    >>> grammar = latex_grammar(OPERATIONS)
    >>> grammar.functions["arctan"][0].name, grammar.macros[r"\frac"][1], grammar.fences[r"\lfloor", r"\rfloor"].name
    ('atan', 2, 'floor')
    """
    plain = program_grammar(operations)
    rows = list(operations.values())
    by_tex = {op.tex: op for op in rows}
    handlers = {
        **dict.fromkeys((*SIGNS,), operator_sign),
        **dict.fromkeys(DISPLAYS, display),
        **dict.fromkeys(SERIES, begin_series),
        **dict.fromkeys((r"\]", r"\)"), display),
        "^": caret,
        "_": subscript,
        "'": prime,
        "=": equals,
        ":=": equals,
        r"\coloneqq": equals,
        "{": brace,
        "}": close_brace,
        ",": comma,
        ".": comma,
        "&": ampersand,
        r"\\": new_row,
        ";": new_row,
        r"\newline": new_row,
        "!": behind,
    }
    return LatexGrammar(
        dialect="latex",
        operations=operations,
        tokens=latex_tokens,
        infix={**plain.infix, UNSEEN: (*TIGHTER, plain.infix["@"][2])},
        prefix=plain.prefix,
        postfix=plain.postfix,
        functions=_functions(rows, plain.functions, by_tex),
        constants={op.tex: op for op in rows if not op.arity}
        | {n: op for n, op in plain.constants.items() if not n.isascii()},
        refused={},
        words={},
        handlers=handlers,
        longer={},
        other=_other,
        chain=chained,
        reader=LatexReader,
        macros=_macros(rows, by_tex),
        fences={(match[1], match[2]): op for op in rows if (match := FENCE.fullmatch(op.tex))}
        | {pair: by_tex[tex] for pair, tex in MORE_FENCES.items() if tex in by_tex},
        behind={match[1]: op for op in rows if not op.symbols and (match := BEHIND.fullmatch(op.tex))},
        letters=frozenset(op.tex for op in rows if op.tex[1:] in GREEK and op.arity),
        fused=_fused(rows, by_tex),
        below=_below(rows),
        beside=beside_matrix,
        call=apply_called,
        ends=refuse_outside,
        root=next(op for op in rows if ROOT.fullmatch(op.tex)),
        where=choice_of(operations),
        det=by_tex.get(r"\det"),
        exp=by_tex[r"\exp"],
        log=by_tex[r"\log"],
    )


def _functions(
    rows: Iterable[Op], plain: Mapping[str, tuple[Op, ...]], by_tex: Mapping[str, Op]
) -> dict[str, tuple[Op, ...]]:
    functions = dict(plain)
    for op in rows:
        word = WORD.fullmatch(op.tex)
        called = (word[1] or word[2]).replace(r"\_", "_") if word else ""
        called = op.tex if op.tex[1:] in GREEK or SIGNED.fullmatch(op.tex) else called
        if op.arity and called and op not in functions.get(called, ()):
            functions[called] = (*functions.get(called, ()), op)
        match = HEAD.fullmatch(op.tex)
        if match:
            functions[match[1]] = (op,)
    return functions | {word: (by_tex[tex],) for word, tex in MORE_WORDS.items() if tex in by_tex}


def _fused(rows: Iterable[Op], by_tex: Mapping[str, Op]) -> dict[tuple[str, Op], Op]:
    matches = [(match, op) for op in rows if (match := FUSED.fullmatch(op.tex))]
    return {(match[1], by_tex.get(match[2]) or by_tex[match[3]]): op for match, op in matches}


def _below(rows: Iterable[Op]) -> dict[str, tuple[tuple[Op, bool], ...]]:
    found: dict[str, tuple[tuple[Op, bool], ...]] = {}
    for op in rows:
        if match := BELOW.fullmatch(op.tex):
            word = match[1] or match[2]
            found[word] = (*found.get(word, ()), (op, match[3] == "1"))
        elif (match := SIGNED.fullmatch(op.tex)) and match[1] and "_" in op.tex:
            found.setdefault(match[1], ())
    return found


def _macros(rows: Iterable[Op], by_tex: Mapping[str, Op]) -> dict[str, tuple[Op, int]]:
    found = {match[1]: (op, op.arity) for op in rows if (match := MACRO.fullmatch(op.tex))}
    found |= {command: (by_tex[tex], 2) for command, tex in MORE_PAIRS.items() if tex in by_tex}
    return found | {more: found[known] for more, known in MORE_MACROS.items() if known in found}


def _other(reader: LatexReader, text: str, span: Span) -> None:
    """Read a token that is written in several ways."""
    first = text[:1]
    if first.isalpha() or first in DIGITS:
        any_token(reader, text, span)
    elif first == "^":
        raised(reader, text, span)
    elif text.startswith((r"\begin", r"\end")):
        environment(reader, text, span)
    elif text.startswith(r"\mathbin"):
        operator_sign(reader, text, span)
    elif text.startswith(r"\\"):
        new_row(reader, text, span)
    elif text in reader.grammar.functions and text.endswith("^{("):
        head(reader, text, span)
    elif _is_bracket(text):
        delimiter(reader, text, span)
    else:
        any_token(reader, text, span)


DIGITS: Final = frozenset("0123456789")

BRACKET: Final = re.compile(
    r"(?:\\(?:left|right|[bB]igg?[lr]?)(?![A-Za-z]).*|\\[lr](?:floor|ceil|vert|Vert|brace|brack)(?:[^A-Za-z].*)?|\\[{}|].*|[()\[\]|](?:[^\]]*_.*)?)",
    re.DOTALL,
)


def _is_bracket(text: str) -> bool:
    is_index = text.rstrip().endswith("]") and "[" in text
    return not is_index and len(text) > 0 and text not in (r"\left", r"\right") and BRACKET.fullmatch(text) is not None
