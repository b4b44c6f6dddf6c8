"""Print operators with minimal brackets: one precedence printer, and a table, `Syntax`, for each target."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from graphgrad.ops.elementary import COMPARISON, LOGICAL, POWER, PRODUCT, SIGN
from graphgrad.text.arguments import index_text, params_text
from graphgrad.text.vocabulary import BRACKETS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from graphgrad.ops.op import Op

__all__ = ["ATOM", "BASE", "NUMBER", "RELATION", "SIGN_POWER", "TRUTHS", "UNSPOKEN", "Form", "Place", "Syntax", "Text"]

ATOM: Final = 1_000
"""The binding power of a name or a call, which never needs brackets."""

NUMBER: Final = ATOM - 1
"""The binding power of a number, which needs brackets only before a dot: (2).T."""

BASE: Final = POWER[1]
"""The binding power of a fraction or a power, which needs brackets only as the base of a power."""

SIGN_POWER: Final = SIGN[1]
"""The binding power of a number with a minus sign."""

JUXTAPOSED: Final = (PRODUCT[1] + 1, PRODUCT[1] + 2)
"""The binding powers of juxtaposed operands, tighter than those of a product with its sign."""

RELATION: Final = COMPARISON[0] - 1
"""The binding power of a comparison."""

TRUTHS: Final = {COMPARISON, *LOGICAL}
"""The binding powers of the operators whose results are true or false."""

CHOICE: Final = RELATION // 2
"""The binding power of a conditional expression, less than that of any operator."""

CONDITION: Final = -1
"""The power that a condition needs: it has no brackets, and a number in its place is compared with 0."""

ALWAYS: Final = ATOM + 1
"""The power that an operand needs which is always bracketed: no text has it."""

UNSPOKEN: Final = frozenset({"keepdims"})
"""Parameters that say how a program stores a result: nothing for people."""

UNSEEN: Final = frozenset(("", r"\,", r"\mathbin{}"))
"""Operators that nobody sees: their operands are juxtaposed."""

OPERAND: Final = re.compile(r"#(\d)")
SUPERSCRIPT: Final = re.compile(r"\^(?:\{[^{}]*\}|.)$")
BEHIND: Final = re.compile(r"#1[^#\s]+")
"""A pattern that only puts a sign behind its operand, as that of n!."""

WHOLE: Final = re.compile(r"^\\left|(?:\\right\)|\})$")
"""A pattern that an exponent after it applies to as a whole: brackets, a root, a call; but not log|x|."""


class Text(NamedTuple):
    """A piece of an expression, its binding power, and the bare condition if it is true or false, with its power."""

    string: str
    power: int = ATOM
    condition: str = ""
    condition_power: int = RELATION


class Place(NamedTuple):
    """A position of an operand in a pattern, and the text after it.

    The operand is bracketed if its power is less than `power`, or less than `sign` where it begins with a minus sign.
    """

    operand: int
    power: int
    sign: int
    after: str


class Form(NamedTuple):
    """The compiled pattern of an operation: text, the places of its operands, and the power of the whole."""

    start: str
    places: tuple[Place, ...]
    power: int


@dataclass(frozen=True, slots=True, eq=False)
class Syntax:
    """The operator syntax of a target; an operation without a pattern is written as a function call.

    In a pattern, #1 and #2 are the operands, and {} is the operator or the index.

    Attributes:
        infix: patterns of the operators between two operands, by their binding powers.
        other_infix: the pattern of all other infix operators.
        known: the operators of the target; empty where it has all.
        prefix: the pattern of an operator before its operand.
        postfix: the pattern of a postfix operator, as in `x.T`.
        index: the pattern of an index after its operand.
        choice: the pattern of a conditional expression; #1 is the condition.
        indicator: the pattern that turns a comparison into a number, 1 or 0.
        nonzero: the pattern that turns a number into a condition.
        is_condition: whether a name or a call is a condition as it stands.
        from_rows: whether patterns are taken from each operation's row, `Op.tex`.
        sign_after_operator: whether a minus sign needs no brackets after an operator, as in 2*-x.
        sign_after_sign: whether it needs none after another minus sign, as in --x.
        brackets: the brackets around an operand whose power is too low.
        relation_brackets: the brackets around a comparison.
        signs: operators that the target spells differently from the text.
        constant: the function that converts the text of an index or of parameters.
        unspoken: parameters that are not written.
        array_brackets: the brackets around the entries of an array; empty where they are stacked by a call.

    >>> from graphgrad.ops.table import OPS, PRODUCT, SUM
    >>> syntax = Syntax(infix={SUM: "#1 {} #2", PRODUCT: "#1{}#2"})
    >>> total = syntax.written(OPS["add"], [Text("a"), Text("b")])
    >>> syntax.written(OPS["mul"], [total, Text("-c", SIGN_POWER)])
    Text(string='(a + b)*-c', power=30, condition='', condition_power=10)
    """

    infix: Mapping[tuple[int, int], str] = field(default_factory=dict)
    other_infix: str = ""
    known: frozenset[str] = frozenset()
    prefix: str = "{}#1"
    postfix: str = ""
    index: str = ""
    choice: str = ""
    indicator: str = "#1"
    nonzero: str = "#1 != 0"
    is_condition: bool = True
    from_rows: bool = False
    sign_after_operator: bool = True
    sign_after_sign: bool = False
    brackets: tuple[str, str] = ("(", ")")
    relation_brackets: tuple[str, str] = ("(", ")")
    signs: Mapping[str, str] = field(default_factory=dict)
    constant: Callable[[str], str] = str
    unspoken: frozenset[str] = frozenset()
    array_brackets: tuple[str, str] = ("", "")

    def knows(self, op: Op) -> bool:
        """Whether an operation is written as an operator."""
        return _form(self, op) is not None

    def form(self, op: Op) -> Form | None:
        """Return an operation's compiled pattern; None where it is written as a call."""
        return _form(self, op)

    def written(self, op: Op, operands: Sequence[Text]) -> Text | None:
        """Return an operation with its operands; None where it is written as a call."""
        form = _form(self, op)
        if form is None:
            return None
        pieces = [form.start]
        for operand, power, sign, after in form.places:
            text = operands[operand]
            if text.condition and op.binds in LOGICAL:
                text = Text(text.condition, text.condition_power)
            string = text.string
            if power == CONDITION:
                string = self.truth(text)
            elif text.power < (sign if string.startswith("-") else power) or (text.condition and self._is_bare(text)):
                string = self.bracketed(text)
            pieces += string, after
        whole = "".join(pieces)
        if op.binds not in TRUTHS:
            return Text(whole, form.power)
        return Text(self.indicator.replace("#1", whole), form.power, whole, op.power)

    def _is_bare(self, text: Text) -> bool:
        """Whether a comparison used as a number stands without the brackets that say so, as within a fraction."""
        return self.relation_brackets != self.brackets and text.string == text.condition

    def called(self, name: str, operands: Sequence[Text], more: str = "") -> Text:
        """Return the call of a function; `more` follows its operands."""
        left, right = self.brackets
        return Text(f"{name}{left}{', '.join([x.string for x in operands])}{more}{right}")

    def bracketed(self, text: Text) -> str:
        """Return a piece of an expression in brackets."""
        left, right = self.relation_brackets if text.condition else self.brackets
        return f"{left}{text.string}{right}"

    def truth(self, number: Text) -> str:
        """Return a number as a condition: that it is not 0."""
        if number.condition or (self.is_condition and number.power == ATOM):
            return number.condition or number.string
        string = number.string if number.power > RELATION else self.bracketed(number)
        return self.nonzero.replace("#1", string)


class _Binding(NamedTuple):
    """The powers that the first and all other operands need, and the power of the whole."""

    first: int
    others: int
    power: int


@lru_cache(maxsize=4096)
def _form(syntax: Syntax, op: Op) -> Form | None:
    r"""Return an operation's compiled pattern: the pattern split at its operands, with the powers that these need.

    The pattern "#1 - #2" with the binding powers 20 and 21 is Form("", (Place(0, 20, 20, " - "), Place(1, 21, 21, "")),
    20): in a - (b - c), the right operand has the power 20 and needs 21. An operand within braces, as in \frac{#1}{#2},
    never needs brackets.
    """
    pattern = _pattern(syntax, op)
    if not pattern:
        return None
    start, *rest = OPERAND.split(pattern)
    operands, texts_after = [int(number) - 1 for number in rest[::2]], rest[1::2]
    texts_before = [start, *texts_after[:-1]]
    binds = _binding(syntax, op, pattern, texts_before)
    needed = [0 if before.endswith("{") else binds[i > 0] for i, before in enumerate(texts_before)]
    needs = [_needs(syntax, op, *each) for each in zip(operands, needed, texts_before, strict=True)]
    places = (Place(operand, *both, after) for operand, both, after in zip(operands, needs, texts_after, strict=True))
    return Form(start, tuple(places), binds.power)


def _pattern(syntax: Syntax, op: Op) -> str:
    """Return the pattern of an operation, empty where it is written as a call."""
    params = params_text(op, syntax.unspoken)
    if syntax.from_rows and OPERAND.search(op.tex):
        return _with_params(syntax, op.tex, params) if params else op.tex
    if op.chooses:
        return syntax.choice
    if op.postfix == BRACKETS:
        return syntax.index.replace("{}", syntax.constant(index_text(op.params[0][1])[1:-1]))
    if op.postfix and not params:
        return syntax.postfix.replace("{}", op.postfix)
    if not op.symbols or (syntax.known and op.symbols[0] not in syntax.known):
        return ""
    pattern = syntax.prefix if op.prefix else syntax.infix.get(op.binds, syntax.other_infix)
    return pattern.replace("{}", syntax.signs.get(op.symbols[0], op.symbols[0]))


def _with_params(syntax: Syntax, tex: str, params: str) -> str:
    return f"{tex}_{{{syntax.constant(params)}}}" if _is_closed(tex) and "_" not in tex else ""


def _binding(syntax: Syntax, op: Op, pattern: str, texts_before: Sequence[str]) -> _Binding:
    if op.chooses:
        needed = 0 if _is_closed(pattern) else CHOICE + 1
        return _Binding(needed, needed, ATOM if pattern.endswith(")") else CHOICE)
    if op.symbols:
        return _operator_binding(syntax, op, texts_before)
    has_exponent = SUPERSCRIPT.search(pattern) is not None
    if _is_closed(pattern):
        return _Binding(0, 0, ATOM if WHOLE.search(pattern) and not has_exponent else BASE)
    if BEHIND.fullmatch(pattern) and not has_exponent and not op.postfix:
        return _Binding(NUMBER, NUMBER, BASE)
    return _Binding(ATOM, ATOM, BASE if has_exponent else ATOM if op.postfix else CHOICE)


def _operator_binding(syntax: Syntax, op: Op, texts_before: Sequence[str]) -> _Binding:
    left, right = op.binds
    if op.binds in TRUTHS:
        return _Binding(left, right, ATOM if _is_closed(syntax.indicator) else op.power)
    if op.infix and texts_before[-1].strip() in UNSEEN:
        return _Binding(*JUXTAPOSED, JUXTAPOSED[0])
    is_enclosed = all(before.endswith("{") for before in texts_before)
    return _Binding(left, right, BASE if is_enclosed else op.power)


def _needs(syntax: Syntax, op: Op, operand: int, needed: int, before: str) -> tuple[int, int]:
    """Return the power that an operand needs, and the one that it needs if it begins with a minus sign."""
    if op.chooses and not operand:
        return CONDITION, CONDITION
    if not (before and needed and op.symbols) or op.binds in TRUTHS:
        return needed, needed
    is_bare = syntax.sign_after_sign if op.prefix else syntax.sign_after_operator
    return needed, min(needed, SIGN_POWER) if is_bare else ALWAYS


def _is_closed(pattern: str) -> bool:
    """Whether an operand stands at neither end of a pattern."""
    return not pattern.startswith("#") and not pattern[-2:].startswith("#")
