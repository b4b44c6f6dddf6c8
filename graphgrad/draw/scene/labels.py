"""Typeset the texts of a picture: names, numbers, signs of operations, local derivatives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from graphgrad.draw.view import MAX_TEXT, clipped
from graphgrad.namespaces.array_values import MAX_ENTRIES, is_array
from graphgrad.namespaces.display import digits, entries, short
from graphgrad.ops.elementary import POWER, PRODUCT
from graphgrad.typeset.phrase import Phrase
from graphgrad.typeset.plain import joined, matrix, name_phrase, number_phrase, prose, shape_phrase, sign_phrase, spoken
from graphgrad.typeset.read import tree_of
from graphgrad.typeset.tree import EMPTY

if TYPE_CHECKING:
    from graphgrad.draw.view import Edge, Node, View
    from graphgrad.ops.op import Op

__all__ = ["Labels", "noted", "shown"]

MATRIX: Final = 2
"""The number of axes of a matrix."""

MAX_IN_DERIVATIVE: Final = 6
"""The most characters of a symbol in the left side of a local derivative, ∂z/∂x."""


SYMBOLS: Final = ("letter", "word", "slanted", "scripts")
"""The kinds of formulas that stand after ∂; a power is put in brackets."""


class Labels:
    r"""The texts of a picture as phrases; `values` writes small arrays out instead of their shapes.

    >>> from graphgrad import parse
    >>> from graphgrad.draw.view import view_of
    >>> labels = Labels(view_of(parse("sigma_x*nu").data))
    >>> labels.name("sigma_x"), labels.number(-3e8), labels.number(-3e8).tex
    ('σₓ', '−3 × 10⁸', '-3 \\times 10^{8}')
    """

    def __init__(self, view: View, *, values: bool = False) -> None:
        """Take the view whose texts are typeset."""
        self._view, self._values = view, values
        self._names = view.known_names

    def name(self, name: str | None) -> Phrase:
        """Return a name: a letter in italics, Greek letters, what follows an underscore as a subscript."""
        if not name:
            return Phrase("")
        return _cut(name_phrase(name, self._names), name)

    def node(self, node: Node) -> Phrase:
        """Return the text of a node's box: a name, a number, or the sign of an operation."""
        if node.kind == "input":
            return self.name(node.label)
        if node.kind == "constant":
            return _cut(number_phrase(node.label), node.label)
        if node.kind == "group":
            return self.name(node.label)
        op = node.op
        is_called = op is not None and op.glyph == op.name and op.tex.startswith("\\") and "#" not in op.tex
        return Phrase.of(op.tex) if op and is_called else _cut(sign_phrase(node.label), node.label)

    def number(self, value: Any) -> Phrase:
        """Return a number, or an array, in six significant digits."""
        if not self._values:
            return shown(value)
        if not is_array(value):
            return number_phrase(digits(value))
        return _entries(value) if value.size <= MAX_ENTRIES else _summary(value)

    def folded(self, op: Op, sign: Phrase, constant: Phrase, position: int) -> Phrase:
        """Return an operation with the constant that is its operand at a position: ×5, 1−, x², 2ⁿ."""
        if op.binds == POWER:
            base = constant if constant.isalnum() else _bracketed(constant)
            return Phrase.of(f"x^{{{constant.tex}}}" if position else f"{base.tex}^{{n}}")
        constant = _bracketed(constant) if op.binds == PRODUCT and "\\times" in constant.tex else constant
        first, second = (sign, constant) if position or op.commutes else (constant, sign)
        return joined([first, second], "")

    @staticmethod
    def formula(text: str) -> Phrase:
        """Return a formula; empty where it is longer than a picture has room for, since a part of it says nothing."""
        phrase = Phrase.of(text.tex) if isinstance(text, Phrase) else Phrase(text.replace("-", "−"))
        return phrase if len(phrase) <= MAX_TEXT else Phrase("", "")

    def derivative(self, edge: Edge) -> Phrase:
        """Return an edge's local derivative: ∂z/∂x, its formula, its number; empty without the last two.

        A linear map has no number: the formula of what it sends back follows the number above it. The formula of a
        function of the text is the name of its derivative.
        """
        formula = self.formula(self._view.formula(edge))
        value = Phrase("") if edge.partial is None else self._partial(edge.partial)
        op = self._view.nodes[edge.result].op
        if formula and op is not None and op.parameters:
            quotient = self._quotient(edge)
            return joined([*([quotient] if len(quotient) > 1 else []), formula, *([value] if value else [])])
        if edge.partial is None and formula:
            return Phrase("") if edge.adjoint_text else Phrase(f"= {formula}", f"= {formula.tex}")
        sides = [side for side in ((formula, value) if formula != value else (value,)) if side]
        return joined([self._quotient(edge), *sides]) if sides else Phrase("")

    def _partial(self, value: Any) -> Phrase:
        """Return a local derivative's number; with `values` the entries of a small array, the shape of a large one."""
        return self.number(value) if is_array(value) and value.size <= MAX_ENTRIES else shown(value)

    def _quotient(self, edge: Edge) -> Phrase:
        """Return ∂z/∂x, with symbols where both are short and the operand stands in the operation once; else ∂."""
        view = self._view
        once = view.operands[edge.result].count(edge.operand) == 1
        above, below = (self._symbol(node) for node in (edge.result, edge.operand))
        if not (once and above and below):
            return Phrase("∂", r"\partial")
        return Phrase.of(rf"\partial {above}/\partial {below}")

    def _symbol(self, number: int) -> str:
        """Return the LaTeX of a node's name, or of its short symbol in formulas; empty where it has neither."""
        view, node = self._view, self._view.nodes[number]
        name = node.name or (view.output_name if number == view.output else "")
        if not name and not isinstance(view.symbol(number), Phrase):
            return ""
        symbol = self.name(name) if name else self.formula(view.symbol(number))
        tree = tree_of(symbol.tex)
        if len(symbol) > MAX_IN_DERIVATIVE or tree.kind not in SYMBOLS:
            return ""
        is_power = tree.kind == "scripts" and tree.parts[1] != EMPTY
        return _bracketed(symbol).tex if is_power else symbol.tex


def noted(phrase: Phrase, note: str) -> Phrase:
    """Return a text followed by a note; either may be empty."""
    return spoken(*filter(None, (phrase, prose(note)))) if note else phrase


def _bracketed(phrase: Phrase) -> Phrase:
    return Phrase(f"({phrase})", rf"\left({phrase.tex}\right)")


def shown(value: Any) -> Phrase:
    """Return a number in six significant digits, or an array's shape."""
    return shape_phrase(value.shape) if is_array(value) else number_phrase(short(value))


def _cut(phrase: Phrase, plain: str = "") -> Phrase:
    """Return a phrase; a long one as plain text, cut to the length that a picture has room for."""
    return phrase if len(phrase) <= MAX_TEXT else Phrase(clipped(plain or str(phrase)))


def _entries(value: Any) -> Phrase:
    """Return the entries of a small array: a matrix as a grid, a vector on one line, others as nested lists."""
    if value.ndim == MATRIX:
        return matrix([[digits(entry) for entry in row] for row in value.tolist()])
    if value.ndim > MATRIX:
        return Phrase(entries(value).replace("-", "−"))
    inner = joined([number_phrase(digits(entry)) for entry in value.tolist()], ", ")
    return Phrase(f"[{inner}]", rf"\left[{inner.tex}\right]")


def _summary(value: Any) -> Phrase:
    """Return the shape of a large array, with its least and its greatest entry."""
    least, greatest = (number_phrase(short(end.item())) for end in (value.min(), value.max()))
    return spoken(joined([shape_phrase(value.shape), Phrase("from")], ", "), least, "to", greatest)
