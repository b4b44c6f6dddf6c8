"""A row that is declared wrongly is refused when it comes into a table: what is wrong, and what to write instead."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest

import graphgrad as gg

if TYPE_CHECKING:
    from collections.abc import Callable


def one(_m: Any, _z: Any, _x: Any) -> int:
    """Return the derivative of a number by itself."""
    return 1


def row(name: Any = "own", **fields: Any) -> gg.Op:
    """Return a row of one operand."""
    given: dict[str, Any] = {"f": lambda m, x: x, "d": (one,)} | fields
    return gg.Op(name, **given)


def pair(**fields: Any) -> gg.Op:
    """Return a row of two operands."""
    rules = (lambda m, z, x, y: 1, lambda m, z, x, y: 1)
    given: dict[str, Any] = {"f": lambda m, x, y: x + y, "d": rules} | fields
    return gg.Op("own", **given)


def array(**fields: Any) -> gg.ArrayOp:
    """Return a row of one array."""
    given: dict[str, Any] = {"f": lambda m, x: x * x, "vjp": (lambda m, g, z, x: 2 * g * x,)} | fields
    return gg.ArrayOp("own", **given)


WRONG: dict[str, tuple[Callable[[], Any], str, str]] = {
    "no row": (lambda: "x", "cannot be 'x'", "gg.Op(name, rule"),
    "name with a blank": (lambda: row("a b"), "cannot be called 'a b'", "letters, digits"),
    "keyword": (lambda: row("lambda"), "'lambda' cannot be the name", "no word of Python's own"),
    "underscore": (lambda: row("_x"), "'_x' cannot be the name", "a letter first"),
    "number as name": (lambda: row(5), "something that is no text", "are texts"),
    "name of a row": (lambda: row("exp"), "the name 'exp' is taken", "another name"),
    "alias of a row": (lambda: row("ln"), "the name 'ln' of the operation log is taken", "another name"),
    "spoken name of a row": (lambda: row("sum"), "the name 'sum' of the operation sum_along", "another name"),
    "taken alias": (lambda: row(aliases=("ln",)), "the name 'ln'", "another name"),
    "taken as spoken": (lambda: row(spoken="sin"), "the name 'sin' is taken", "another name"),
    "spoken with a sign": (lambda: row(spoken="a+b"), "cannot be called 'a+b'", "symbols="),
    "aliases no tuple": (lambda: row(aliases="other"), "has 'other' as its aliases", 'aliases=("…",)'),
    "symbol of a row": (
        lambda: pair(symbols=("+",), binds=(24, 25)),
        "has the symbol '+', which is that of add",
        "symbol",
    ),
    "no rule": (lambda: row(f=5), "has 5 as the value rule", "write lambda m, x"),
    "rule without m": (lambda: row(f=lambda: 1), "without a namespace m", "write lambda m, x"),
    "d missing": (lambda: row(d=()), "takes 1 operand, but d has no rule", "d=(lambda m, z, x: …,)"),
    "d too long": (lambda: row(d=(one, one)), "takes 1 operand, but d has 2 rules", "d=(lambda m, z, x: …,)"),
    "d too short": (lambda: pair(d=(one,)), "takes 2 operands, but d has 1 rule", "a rule for each operand"),
    "d no tuple": (lambda: row(d=one), "d of the operation own is no tuple", "with the comma"),
    "d a list": (lambda: row(d=[one]), "d of the operation own is no tuple", "with the comma"),
    "d no function": (lambda: row(d=(1,)), "has 1 as d[0], which is no function", "lambda"),
    "d without z": (lambda: row(d=(lambda m, x: 1,)), "does not take its arguments: d[0]", "write lambda m, z, x"),
    "d of a constant": (lambda: row(f=lambda m: 1), "takes 0 operands, but d has 1 rule", "leave d out"),
    "a rule without m": (lambda: row(f=lambda x: x), "takes 0 operands, but d has 1 rule", "write lambda m, x: …"),
    "variadic without d": (
        lambda: row(f=lambda m, *xs: xs[0], d=(), variadic=True),
        "is variadic, and d has no rule",
        "*xs",
    ),
    "variadic d": (
        lambda: row(f=lambda m, *xs: xs[0], variadic=True),
        "does not take its arguments: d[0]",
        "m, z, x, *xs",
    ),
    "position of a rule": (lambda: row(stable_d={1: one}), "has a rule stable_d[1]", "it has 1 operand"),
    "stable rule": (lambda: row(stable_d={0: 5}), "has 5 as stable_d[0]", "lambda"),
    "domain no tuple": (lambda: row(on=gg.Interval(0, 1)), "has the domains Interval", "write a tuple"),
    "domain of numbers": (lambda: row(on=((0, math.inf),)), "has the domains", "gg.Interval"),
    "kink": (lambda: row(kink=0), "has 0 as its kink", "gg.Kink"),
    "rounding": (lambda: row(rounding="much"), "has 'much' as its rounding", "unit roundoff"),
    "witness": (lambda: row(witness=5), "has 5 as its witness", "mpmath"),
    "tex of a third operand": (lambda: pair(tex="#1 #2 #3"), "has #3 in its tex", "its operands are #1, #2"),
    "braces in tex": (lambda: row(tex=r"\frac{#1}{2"), "do not match", "close each"),
    "operands in tex of many": (
        lambda: row(f=lambda m, *xs: xs[0], d=(lambda m, z, x, *xs: 1,), variadic=True, tex="#1"),
        "has operands in its tex",
        "the tex of its name",
    ),
    "roles": (lambda: row(roles=("left", "right")), "has 2 roles for 1 operands", "one for each"),
    "no binding powers": (lambda: pair(symbols=("⊕",)), "has symbols, but no binding powers", "binds=(left, right)"),
    "binding powers of *": (lambda: pair(symbols=("⊕",), binds=(30, 31)), "the binding powers of *", "take others"),
    "symbol of letters": (lambda: pair(symbols=("plus",), binds=(24, 25)), "cannot be written 'plus'", "signs"),
    "symbol of a bracket": (lambda: pair(symbols=("(",), binds=(24, 25)), "cannot be written '('", "signs"),
    "symbol of an assignment": (lambda: pair(symbols=("=>",), binds=(24, 25)), "cannot be written '=>'", "signs"),
    "symbol that ends in a sign": (
        lambda: pair(symbols=("*-",), binds=(24, 25)),
        "cannot be written '*-'",
        "sign of a",
    ),
    "symbols no tuple": (lambda: pair(symbols="⊕", binds=(24, 25)), "has '⊕' as its symbols", "with the comma"),
    "symbol of many operands": (
        lambda: row(f=lambda m, *xs: xs[0], d=(lambda m, z, x, *xs: 1,), variadic=True, symbols=("⊕",), binds=(24, 25)),
        "but not one or two operands",
        "between two operands",
    ),
    "position of a neutral number": (lambda: row(neutral={3: 0}), "has neutral[3]", "it has 1 operand"),
    "neutral on both sides": (lambda: pair(neutral={0: 0, 1: 0}), "the same neutral number", "neutral={1: 0}"),
    "a choice": (lambda: pair(chooses=True), "has True as its chooses", "leave it out"),
    "an operator of Python": (lambda: pair(dunder="add"), "declares dunder", "leave it out"),
    "a sum": (lambda: pair(joins=("+", "+", "")), "declares joins", "leave it out"),
    "vjp missing": (lambda: array(vjp=()), "takes 1 operand, but vjp has no rule", "vjp=(lambda m, g, z, x: …,)"),
    "vjp none": (lambda: array(vjp=(None,)), "has None as vjp[0]", "lambda"),
    "vjp without g": (lambda: array(vjp=(lambda m, z: 1,)), "does not take its arguments: vjp[0]", "m, g, z, x"),
    "option of a vjp": (
        lambda: array(f=lambda m, x, axis=None: x, options={"axis": None}, shape=lambda x, axis: x),
        "does not take its arguments: vjp[0]: got an unexpected keyword argument 'axis'",
        "m, g, z, x, axis",
    ),
    "shape": (lambda: array(shape=5), "has 5 as its shape", "shape="),
    "shape of no operand": (lambda: array(shape=lambda: ()), "does not take its arguments: shape", "lambda x"),
}


@pytest.mark.parametrize(("wrong", "message", "hint"), WRONG.values(), ids=WRONG)
def test_a_wrong_declaration_is_refused(wrong: Callable[[], Any], message: str, hint: str) -> None:
    """The error names the row, and says what to write."""
    with pytest.raises(gg.GraphgradError) as caught:
        gg.OPERATIONS.with_(wrong())
    assert message in caught.value.message
    assert hint in caught.value.hint


def test_two_new_rows_of_one_name_are_refused() -> None:
    """The second one would take the place of the first."""
    with pytest.raises(gg.GraphgradError, match="the name 'own' is taken"):
        gg.OPERATIONS.with_(row(), row())


def test_what_is_right_is_accepted() -> None:
    """Rows of each kind, with a derivative by one operand alone, and with operands of any name."""
    rows = [
        row(),
        row("constant", f=lambda m: 2, d=()),
        row("counted", f=lambda m, n, x: x**n, d=(None, lambda m, z, n, x: n), on=(gg.Naturals(), gg.Interval(0, 1))),
        row("many", f=lambda m, *xs: xs[0], d=(lambda m, z, x, *xs: 1,), variadic=True),
        row("builtin", f=max, d=()),
    ]
    assert [*gg.OPERATIONS.with_(*rows[:4]).own] == [op.name for op in rows[:4]]


MISTAKES: dict[str, tuple[gg.Op, str, str]] = {
    "unknown operation": (row(f=lambda m, x: m.sine(x)), "calls m.sine, which is unknown", "did you mean 'sin'?"),
    "nothing": (row(f=lambda m, x: None), "gives None, which is no number", "m.exp(x)"),
    "a text": (row(f=lambda m, x: "x"), "gives 'x', which is no number", "m.exp(x)"),
    "no derivative": (row(d=(lambda m, z, x: None,)), "the rule d[0] of the operation own gives None", "m.exp(x)"),
    "a wrong type": (row(f=lambda m, x: x + "1"), "the value rule of the operation own failed", "m.exp(x)"),
    "no shape": (array(shape=lambda x: None), "the shape rule of the operation own gives None", "tuple of lengths"),
    "a failing shape": (array(shape=lambda x: x[7]), "the shape rule of the operation own failed", "raise ValueError"),
    "another shape": (
        array(shape=lambda x: ()),
        "gives an array of shape (2,), and its shape rule says ()",
        "declare it",
    ),
}


@pytest.mark.parametrize(("op", "message", "hint"), MISTAKES.values(), ids=MISTAKES)
def test_a_rule_that_fails_is_named(op: gg.Op, message: str, hint: str) -> None:
    """The error says which rule of which row it is."""
    graph = gg.parse("sum(own(x))", operations=gg.OPERATIONS.with_(op))
    with pytest.raises(gg.GraphgradError) as caught:
        graph.backprop({"x": [1.0, 2.0] if op.on_arrays else 1.0})
    assert message in caught.value.message
    assert hint in caught.value.hint


def test_a_shape_rule_may_refuse_shapes() -> None:
    """Its reason stands in the error, with the place in the text."""

    def square(x: tuple[int, ...]) -> tuple[int, ...]:
        if len(x) != 2:
            raise ValueError("a matrix is needed")
        return x

    graph = gg.parse("sum(own(x))", operations=gg.OPERATIONS.with_(array(shape=square)))
    with pytest.raises(gg.ShapeError, match="a matrix is needed") as caught:
        graph.backprop({"x": [1.0, 2.0]})
    assert caught.value.span == (4, 10)


@pytest.mark.parametrize("make", [lambda g: g.gradient("x"), lambda g: g.compile(), lambda g: g.to_c()])
def test_a_rule_that_looks_at_a_value_cannot_be_code(make: Callable[[gg.Graph], Any]) -> None:
    """It would be written with one branch alone."""
    branching = row(f=lambda m, x: x if x > 0 else -x, d=(lambda m, z, x: 1 if x > 0 else -1,))
    graph = gg.parse("own(x)", operations=gg.OPERATIONS.with_(branching))
    with pytest.raises(gg.GraphgradError, match="cannot look at a value") as caught:
        make(graph)
    assert "m.where(condition, a, b)" in caught.value.hint
