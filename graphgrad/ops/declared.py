"""Refuse a row that a user declares wrongly, by its name: what is wrong, and what to write instead."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, NoReturn

from graphgrad.base.errors import GraphgradError
from graphgrad.ops.kink import Kink
from graphgrad.ops.op import Interval, Naturals, Op

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["checked"]

SIGNS: Final = re.compile(r"[^\w\s()\[\]{},;.#`\"'\\%=?:][^\w\s()\[\]{},;.#`\"'\\]{0,7}")
"""What a symbol may consist of: a text without letters, digits, and what else separates the parts of a formula."""

BINDING: Final = "the higher the tighter; + has (20, 21) and * has (30, 31), between them (24, 25) chains to the left"
"""What binding powers mean."""

FIELDS: Final[dict[str, tuple[Callable[[Any], bool], str]]] = {
    **dict.fromkeys(
        ("stable_d", "textbook", "neutral", "absorbing", "negated", "options"),
        (
            lambda value: value is None or isinstance(value, Mapping),
            "write a dictionary: {0: …}, by position or by name",
        ),
    ),
    **dict.fromkeys(
        ("stable_f", "opened"),
        (lambda value: value is None or callable(value), "write lambda m, x: …, or leave it out"),
    ),
    "kink": (
        lambda value: value is None or isinstance(value, Kink),
        "write kink=gg.Kink(lambda m, x: m.eq(x, 0), 'at 0 the derivative taken is 0')",
    ),
    "rounding": (
        lambda value: callable(value) or type(value) in {int, float},
        "give a number of units of the unit roundoff, or a rule",
    ),
    "witness": (
        lambda value: value is None or callable(value) or isinstance(value, str),
        "give the name of a function of mpmath, or a function of mpmath and the operands",
    ),
    "shape": (callable, "write shape=lambda x: x, a function of the shapes of the operands"),
    "classes": (
        lambda value: value is None or type(value) is int,
        "give the position of the operand that holds classes",
    ),
    "headline": (lambda value: isinstance(value, tuple), "give a tuple of positions of operands"),
    "params": (lambda value: not isinstance(value, tuple) or not value, "leave it out: options are fixed by the text"),
    "chooses": (lambda value: value is False, "leave it out: the package has `where`"),
}
"""By a field of a row, what it may hold, and the hint for another value."""

LETTERS: Final = "xyzuvw"
"""What errors call the operands."""

WITHOUT: Final = "leave {} out; for a rule of x write lambda m, x: …"
"""The hint for derivatives of a rule that has no operands: m, which comes first, may have been forgotten."""


def checked(ops: Sequence[object], table: Mapping[str, Op], own: Mapping[str, Op]) -> None:
    """Raise `GraphgradError` for the first of new rows that is declared wrongly, or has a name that is taken.

    `own` are those rows of the table that the package does not have.

    >>> from graphgrad.ops.table import OPERATIONS
    >>> checked([Op("half", lambda m, x: x / 2)], OPERATIONS, {})
    Traceback (most recent call last):
    graphgrad.GraphgradError: the operation half takes 1 operand, but d has no rule
    d=(lambda m, z, x: …,) is the derivative by x; None where there is none
    """
    named, symbols = _names(table.values()), _symbols(table.values())
    for op in ops:
        if not isinstance(op, Op):
            message = f"a row of a table of operations cannot be {op!r}"
            raise GraphgradError(message, hint="write gg.Op(name, rule, d=(…,)) or gg.ArrayOp(name, rule, vjp=(…,))")
        _refuse_texts(op)
        _refuse_fields(op)
        _refuse_taken(op, named, symbols)
        _refuse_rules(op)
        _refuse_domains(op)
        _refuse_simplified(op)
        _refuse_operator(op, [row for row in table.values() if row.name not in own])
        _refuse_spelling(op)
        named |= _names([op])
        symbols |= _symbols([op])


def _refuse(op: Op, message: str, hint: str) -> NoReturn:
    raise GraphgradError(f"the operation {op.name} {message}", hint=hint)


# ---- names


def _names(ops: Iterable[Op]) -> dict[str, str]:
    """Return by each name that a text or a rule may give which operation has it."""
    return {called: op.name for op in ops for called in (op.name, op.spoken, *op.aliases)}


def _symbols(ops: Iterable[Op]) -> dict[str, str]:
    return {symbol: op.name for op in ops for symbol in (*op.symbols, op.postfix) if symbol}


def _refuse_texts(op: Op) -> None:
    """Refuse texts that are none."""
    for field in ("name", "glyph", "postfix", "spoken", "tex", "helper", "about", "dunder"):
        if not isinstance(getattr(op, field), str):
            raise GraphgradError(f"the {field} of an operation cannot be {getattr(op, field)!r}", hint="give a text")
    for field in ("symbols", "aliases", "roles", "joins"):
        value = getattr(op, field)
        if not isinstance(value, tuple) or not all(isinstance(text, str) for text in value):
            _refuse(op, f"has {value!r} as its {field}", f'write a tuple of texts, with the comma: {field}=("…",)')
    for called in (op.spoken, *op.aliases):
        if not called.isidentifier():
            hint = "take letters, digits and underscores, a letter first; signs are given as symbols=(…,)"
            _refuse(op, f"cannot be called {called!r} in a text", hint)


def _refuse_taken(op: Op, named: Mapping[str, str], symbols: Mapping[str, str]) -> None:
    """Refuse a name or a symbol of another row."""
    for called in (op.name, op.spoken, *op.aliases):
        if called in named:
            which = "" if named[called] == called else f" of the operation {named[called]}"
            message = f"the name {called!r}{which} is taken: an operation of the table has it already"
            raise GraphgradError(message, hint="give yours another name")
    for symbol in (*op.symbols, *filter(None, [op.postfix])):
        if symbol in symbols:
            _refuse(op, f"has the symbol {symbol!r}, which is that of {symbols[symbol]}", "give yours another symbol")


# ---- rules


def _refuse_rules(op: Op) -> None:
    """Refuse rules that are no functions of what they are given."""
    _refuse_uncallable(op, "the value rule", op.f)
    count = _operands_of(op)
    kind, g = ("vjp", "g, ") if op.on_arrays else ("d", "")
    letters = ", ".join(LETTERS[:count] if count <= len(LETTERS) else (f"x{i}" for i in range(count)))
    if op.variadic:
        if len(op.rules) != 1:
            inner = "m, g, z, i, *xs" if op.on_arrays else "m, z, x, *xs"
            _refuse(op, f"is variadic, and {kind} has {_rules(op)}", f"write one for all: {kind}=(lambda {inner}: …,)")
    elif len(op.rules) != count:
        takes = f"takes {count} operand{'s' * (count != 1)}, but {kind} has {_rules(op)}"
        rules = ", ".join([f"lambda m, {g}z, {letters}: …"] * min(count, 2))
        by = f" is the derivative by {letters}" if count == 1 else ", with a rule for each operand"
        none = "" if op.on_arrays else "; None where there is none"
        _refuse(op, takes, f"{kind}=({rules}{',' * (count == 1)}){by}{none}" if count else WITHOUT.format(kind))
    for i, rule in enumerate(op.rules):
        if rule is None and not op.on_arrays:
            continue
        _refuse_uncallable(op, f"{kind}[{i}]", rule)
        given = (
            f"m, {g}z, {'i, ' * op.on_arrays}{'x, ' * (not op.on_arrays)}*xs" if op.variadic else f"m, {g}z, {letters}"
        )
        _refuse_signature(op, f"{kind}[{i}]", rule, 2 + op.on_arrays + op.variadic + count, given)
    for position, part, rule in _other_rules(op):
        if position not in range(op.arity):
            _refuse(op, f"has a rule {part}[{position}]", _counted(op))
        _refuse_uncallable(op, f"{part}[{position}]", rule)


def _rules(op: Op) -> str:
    return f"{len(op.rules) or 'no'} rule{'s' * (len(op.rules) > 1)}"


def _counted(op: Op) -> str:
    return f"it has {op.arity} operand{'s' * (op.arity != 1)}, counted from 0"


def _other_rules(op: Op) -> Iterator[tuple[int, str, Any]]:
    fields = ("stable_d", "textbook", "negated")
    return ((position, field, rule) for field in fields for position, rule in (getattr(op, field) or {}).items())


def _refuse_uncallable(op: Op, part: str, rule: object) -> None:
    if not callable(rule):
        _refuse(op, f"has {rule!r} as {part}, which is no function", "write lambda m, x: … with the operations of m")


def _operands_of(op: Op) -> int:
    """Return how many operands the value rule takes."""
    if op.variadic:
        _refuse_signature(op, "the value rule", op.f, 1 + op.arity, "m, *xs")
        return op.arity
    signature = _signature(op.f)
    if signature is None:
        return len(op.rules)
    places = [p for p in signature.parameters.values() if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    places = [p for p in places if p.name not in op.options]
    if any(p.kind is p.VAR_POSITIONAL for p in signature.parameters.values()):
        return len(op.rules)
    if not places:
        _refuse(op, "has a value rule without a namespace m", "write lambda m, x: … with the operations of m")
    needed = sum(p.default is p.empty for p in places) - 1
    count = len(op.rules) if needed <= len(op.rules) < len(places) else needed  # lambda m, x, k=k: k*x has one operand
    _refuse_signature(op, "the value rule", op.f, 1 + count, ", ".join(["m", *LETTERS[:count]]))
    return count


def _refuse_signature(op: Op, part: str, rule: Callable[..., Any] | None, count: int, given: str) -> None:
    """Refuse a rule that does not take this number of arguments, and the options."""
    signature = _signature(rule)
    if signature is None:
        return
    try:
        signature.bind(*[None] * count, **dict.fromkeys(op.options))
    except TypeError as error:
        options = "".join(f", {name}" for name in op.options)
        _refuse(
            op, f"has a rule that does not take its arguments: {part}: {error}", f"write lambda {given}{options}: …"
        )


def _signature(rule: Callable[..., Any] | None) -> inspect.Signature | None:
    try:
        return inspect.signature(rule)  # type: ignore[arg-type]  # it is a function by now
    except (TypeError, ValueError):  # a function written in C may have none
        return None


# ---- numbers


def _refuse_fields(op: Op) -> None:
    """Refuse a field that holds something else than it may."""
    for field, (may_hold, hint) in FIELDS.items():
        value = getattr(op, field)
        if not may_hold(value):
            _refuse(op, f"has {value!r} as its {field}", hint)


def _refuse_domains(op: Op) -> None:
    """Refuse domains that are none, and a shape rule that does not take the operands."""
    domains: Any = op.on
    if not isinstance(domains, tuple) or not {*map(type, domains)} <= {Interval, Naturals} or not domains:
        hint = "write a tuple: on=(gg.Interval(0, math.inf),), of an Interval or Naturals for each operand"
        _refuse(op, f"has the domains {op.on!r}", hint)
    if op.on_arrays and not op.variadic:
        _refuse_signature(op, "shape", op.shape, op.arity, ", ".join(LETTERS[: op.arity]))


def _refuse_simplified(op: Op) -> None:
    """Refuse what tells those who rewrite tapes that an operation is a sum, a product, a sign or a choice."""
    for field in ("neutral", "absorbing"):
        for position in getattr(op, field) or {}:
            if position not in range(op.arity):
                _refuse(op, f"has {field}[{position}]", _counted(op))
    if op.commutes:
        _refuse(op, "has the same neutral number at both operands", "declare it for one: neutral={1: 0}")
    for field in ("negated", "joins", "dunder", "postfix"):
        if getattr(op, field):
            _refuse(op, f"declares {field}", "leave it out: it is for the sums, products and choices of the package")


# ---- how it is written


def _refuse_spelling(op: Op) -> None:
    """Refuse what no formula can be written with."""
    if op.roles and not op.variadic and len(op.roles) != op.arity:
        _refuse(op, f"has {len(op.roles)} roles for {op.arity} operands", "give one for each operand, or none")
    beyond = [int(n) for n in re.findall(r"#(\d+)", op.tex) if not op.variadic and not 1 <= int(n) <= op.arity]
    if beyond:
        hint = f"its operands are {', '.join(f'#{i + 1}' for i in range(op.arity)) or 'none'}"
        _refuse(op, f"has #{beyond[0]} in its tex {op.tex!r}", hint)
    if op.variadic and "#" in op.tex:
        _refuse(op, f"has operands in its tex {op.tex!r}", "its operands may be many: give the tex of its name")
    _refuse_braces(op)


def _refuse_braces(op: Op) -> None:
    depth = 0
    for sign in re.findall(r"(?<!\\)[{}]", op.tex):
        depth += 1 if sign == "{" else -1
        if depth < 0:
            break
    if depth:
        _refuse(op, f"has braces in its tex {op.tex!r} that do not match", "close each { by a }")


def _refuse_operator(op: Op, others: Iterable[Op]) -> None:
    """Refuse an operator that a text could not be read with, beside the package's operators."""
    if not op.symbols:
        return
    for symbol in op.symbols:
        if not SIGNS.fullmatch(symbol):
            hint = 'take signs such as "⊕" or "<+>", without letters, digits, blanks, brackets and separators'
            _refuse(op, f"cannot be written {symbol!r}", hint)
        if len(symbol) > 1 and symbol[-1] in "+-−":
            _refuse(
                op, f"cannot be written {symbol!r}", "the sign of a number may follow an operator: end it otherwise"
            )
    if op.arity not in {1, 2} or op.variadic:
        _refuse(
            op, "has symbols, but not one or two operands", "an operator stands before one, or between two operands"
        )
    if not _are_powers(op.binds):
        _refuse(op, "has symbols, but no binding powers", f"write binds=(left, right): {BINDING}")
    theirs = next((other for other in others if other.symbols and other.binds == op.binds), None)
    if theirs:
        message = f"has the binding powers of {theirs.written}, with which a chain would have two readings"
        _refuse(op, message, f"take others: {BINDING}")


def _are_powers(binds: Any) -> bool:
    return isinstance(binds, tuple) and len(binds) == 2 and all(type(n) is int and n > 0 for n in binds)  # noqa: PLR2004  left and right
