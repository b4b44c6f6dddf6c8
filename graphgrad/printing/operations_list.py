"""Print the table of operations: each call, its derivatives and its convention at a kink."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from graphgrad.base.errors import GraphgradError
from graphgrad.base.suggestion import suggestion
from graphgrad.ops.table import FAMILIES
from graphgrad.printing.operators import Text
from graphgrad.printing.reading import Reading
from graphgrad.printing.symbolic_rules import WORDS, SymbolicRules
from graphgrad.tape.sweeps import forward
from graphgrad.tape.writer import Writer

if TYPE_CHECKING:
    from graphgrad.ops.op import Op
    from graphgrad.ops.operations import Operations
    from graphgrad.printing.text import Notation

__all__ = ["OPERANDS", "called", "derivative", "listed", "operations"]

OPERANDS: Final = "xyzw"

OWN: Final = "Operations of your own"
"""The title above the rows that the package does not have."""


def operations(word: str = "", table: Operations | None = None) -> str:
    r"""Return the table of operations as aligned text, family by family; those that only derivatives use are left out.

    Those of a user's `table` come last. With a `word`, the operations whose names, aliases or description have it, or
    whose family is called so. Raises `GraphgradError` where there are none.

    >>> print("\n".join(operations().splitlines()[:2]))
    Arithmetic
      x + y            sum; derivatives 1, 1
    >>> print(operations("cosec"))
    Trigonometric functions
      csc(x)           cosecant; derivatives -csc(x)*cot(x)
      acsc(x)          inverse cosecant; derivatives -1/(abs(x)*sqrt(x**2 - 1))
    <BLANKLINE>
    Hyperbolic functions
      csch(x)          hyperbolic cosecant; derivatives -csch(x)*coth(x)
      acsch(x)         inverse hyperbolic cosecant; derivatives -1/(abs(x)*sqrt(1 + x**2))
    """
    matching = {title: [op for op in rows if _matches(op, title, word)] for title, rows in listed(table).items()}
    if not any(matching.values()):
        known = [name for rows in listed(table).values() for op in rows for name in (op.spoken, *op.aliases)]
        hint = suggestion(word, known, "without a word, all are listed")
        raise GraphgradError(f"no operation matches {word!r}", hint=hint)
    return "\n\n".join("\n".join([title, *map(_line, rows)]) for title, rows in matching.items() if rows)


def _matches(op: Op, title: str, word: str) -> bool:
    return any(word.casefold() in text.casefold() for text in (op.spoken, *op.aliases, op.about, *op.symbols, title))


def listed(table: Operations | None = None) -> dict[str, list[Op]]:
    """Return the operations that people write, by the title of their family.

    >>> [op.name for op in listed()["Products of arrays"]]
    ['matmul', 'outer']
    """
    own = () if table is None else tuple(table.own.values())
    families = {**FAMILIES, OWN: own}.items()
    written = {title: [op for op in rows if not op.helper] for title, rows in families}
    return {title: rows for title, rows in written.items() if rows}


def _line(op: Op) -> str:
    op = op.with_params({})
    count = 0 if op.on_arrays and op.variadic else len(op.rules)
    written = ", ".join(derivative(op, i) or "none" for i in range(count))
    more = called(op)[:-1] + ", …)" if op.variadic else called(op)
    kink = op.kink.convention if op.kink else ""
    about = "; ".join(filter(None, [op.about, written and f"derivatives {written}", kink]))
    return f"  {more:<16} {about}".rstrip()


def called(op: Op, notation: Notation | None = None) -> str:
    r"""Return an operation applied to x, y, z, in text or in another notation.

    >>> from graphgrad.ops.table import OPS
    >>> from graphgrad.printing.latex import Latex
    >>> called(OPS["div"]), called(OPS["div"], Latex())
    ('x/y', '\\frac{x}{y}')
    """
    text = (notation or Reading()).value(op.with_params({}), [Text(x) for x in OPERANDS[: op.arity]])
    return text.condition or text.string


def derivative(op: Op, position: int, notation: Notation | None = None) -> str | None:
    r"""Return an operation's derivative by one operand as a formula of x, y, z; None where it has none.

    That of an operation on arrays is its pullback of the adjoint g.

    >>> from graphgrad.ops.table import OPS
    >>> from graphgrad.printing.latex import Latex
    >>> derivative(OPS["div"], 1), derivative(OPS["div"], 1, Latex())
    ('-x/y**2', '\\frac{-x}{y^{2}}')
    """
    if op.rule(position) is None:
        return None
    op, m = op.with_params({}), SymbolicRules() if op.on_arrays else Writer(stable=False)
    refs = [m.input(x) for x in OPERANDS[: op.arity]]
    d = m.rule(op, position, refs) if isinstance(m, SymbolicRules) else m.partial(op, position, m.value(op, refs), refs)
    tape, notation = m.tape([d]), notation or Reading()
    inputs = {x: _named(x, notation) for x in tape.inputs}
    return str(forward(tape, notation, inputs)[tape.outputs[0]].string)


def _named(name: str, notation: Notation) -> Text:
    """Return an operand, or an adjoint told in words, in a notation."""
    words = WORDS.get(name)
    if words is None:
        return Text(name)
    return Text(rf"\text{{{words}}}" if notation.syntax.from_rows else words, 0)
