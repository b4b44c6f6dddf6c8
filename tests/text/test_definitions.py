"""Functions, arrays and sums over an index that the text writes out."""

from __future__ import annotations

import pickle
import random
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from function_programs import Programs
from refusals import pointed_at, refused

import graphgrad as gg
from graphgrad.graph import expansion
from graphgrad.graph.expansion import MAX_TERMS

AT: dict[str, Any] = {"a": 2, "b": 5, "x": 3}

SAME = {
    "f(x, y) = x**2 + y; f(3, a) + f(b, 1)": "(3**2 + a) + (b**2 + 1)",
    "f(x) = x*x\ng(x) = f(x) + 1\ng(f(a))": "(a*a)*(a*a) + 1",
    "f(x) = b*x; f(a)": "b*a",
    "s = a*b; f(x) = x + s; f(s)*f(1)": "(a*b + a*b)*(1 + a*b)",
    "f(x) = x; f(a) + f(f(b))": "a + b",
    "f(x) = 3; f(a)*b": "3*b",
    "f(x, y) = x; f(a, b)": "a + 0*b",
    "x = 4; f(x) = x**2; f(a) + x": "x = 4; a**2 + x",
    "f(`a b`) = `a b`*2; f(a)": "a*2",
    "f(x, y, t) = x*y*t; f(a, b, f(a, a, a))": "a*b*(a*a*a)",
    "f(x)=(x\n+1); f(\na)": "a + 1",
    "f(for) = for + 1; in = f(a); in*in": "(a + 1)*(a + 1)",
    "sum(i*a for i in 0..3)": "0*a + 1*a + 2*a + 3*a",
    "prod(a + i for i in 1..3)": "(a + 1)*(a + 2)*(a + 3)",
    "max(a*i for i in -1..1)": "max(a*-1, a*0, a*1)",
    "min(a - i for i in 2..2)": "a - 2",
    "sum(1/n**2 for n in 1..4)": "1/1**2 + 1/2**2 + 1/3**2 + 1/4**2",
    "sum(sum(i*j*a for j in 0..i) for i in 1..2)": "(1*0*a + 1*1*a) + (2*0*a + 2*1*a + 2*2*a)",
    "sum(a for i in 1..0) + b": "0 + b",
    "prod(a for i in 1..0) + b": "1 + b",
    "sum(i*a for i in 2*2 - 1..10/2)": "3*a + 4*a + 5*a",
    "f(n) = sum(1/i for i in 1..n); f(3)*a": "(1/1 + 1/2 + 1/3)*a",
    "f(i) = sum(i*a for i in 1..2); f(7)": "1*a + 2*a",
    "sum(a**i for i in 0..2) + sum(b**i for i in 0..2)": "a**0 + a**1 + a**2 + (b**0 + b**1 + b**2)",
    "[a, b][1]*[[1, 2], [3, x]][1, 1]": "b*x",
    "sum([a, b]*[3, 4])": "a*3 + b*4",
    "[a][0]": "a",
    "sum([a, b, x][2 - i]*i for i in 0..2)": "x*0 + b*1 + a*2",
    "sum([[a, b], [x, 1]][i, (i + 1)/2*i] for i in 0..1)": "a + 1",
    "f(w) = w@w; f([a, b])": "a*a + b*b",
}


@pytest.mark.parametrize("text", SAME)
def test_what_is_short_is_what_it_stands_for(text: str) -> None:
    """The value and the gradient are those of the program that is written out, and the check holds them."""
    short, long = gg.parse(text), gg.parse(SAME[text])
    ours, theirs = (graph.backprop({name: AT[name] for name in graph.inputs if name in AT}) for graph in (short, long))
    assert (ours.value, ours.grad) == (theirs.value, {name: theirs.grad.get(name, 0) for name in ours.grad})
    assert ours.check()


@pytest.mark.parametrize("seed", range(200))
def test_a_program_with_functions_is_the_one_without(seed: int) -> None:
    """Random programs agree with themselves written out, to the last bit, and so does what is printed of them."""
    with_functions, without = Programs(random.Random(seed)).pair()
    short, long = gg.parse(with_functions), gg.parse(without)
    at = {"a": 0.3, "b": -1.25, "x": 0.75, "k": 1.5}
    ours, theirs = (graph.backprop({name: at[name] for name in graph.inputs}) for graph in (short, long))
    assert ours.value == theirs.value
    assert {name: ours.grad[name] for name in theirs.grad} == pytest.approx(theirs.grad, rel=1e-12)
    again = gg.parse(str(short))
    assert again.backprop({name: at[name] for name in again.inputs}).value == ours.value
    assert seed % 10 or ours.check()


def test_the_inputs_stand_in_the_order_of_the_text() -> None:
    """An outer name within a body is an input where the body stands."""
    assert gg.parse("f(x) = k*x; f(a)").inputs == ("k", "a")


def test_a_call_is_written_out_once() -> None:
    """Equal calls are one node, as equal subexpressions are; unless nothing is shared."""
    text = "f(x) = sin(x)**2; f(a) + f(a)"
    assert [len(gg.parse(text, share=share).data.spans) for share in (True, False)] == [5, 8]


def test_literals_of_a_body_are_named_once() -> None:
    """A literal that is named is one input, however often its function is called and its sum repeated."""
    graph = gg.parse("f(x) = 2*x + 2; f(3) + f(4)", name_literals=["p", "q", "r"])
    assert (graph.inputs, graph.backprop().grad) == (("p", "q", "r"), {"p": 7, "q": 2, "r": 2})
    graph = gg.parse("sum(2*i + 2 for i in 0..2)", name_literals=["p"])
    assert (graph.inputs, graph.backprop().grad) == (("p",), {"p": 3})


@pytest.mark.parametrize(
    ("text", "message", "hint", "marked"),
    [
        ("f(x) = f(x - 1); f(2)", "'f' is defined by itself", "before it", "f"),
        ("f(x) = g(x); g(x) = x; f(2)", "'g' is used before it is defined", "move its definition up", "g"),
        ("f(2); f(x) = x", "'f' is used before it is defined", "move", "f"),
        ("f(x) = x; f(y) = y; f(2)", "'f' is defined twice", "another name", "f"),
        ("f(x) = x; f = 2; f", "'f' is defined twice", "another name", "f"),
        ("f = 2; f(x) = x; f", "'f' is assigned already", "another name", "f"),
        ("a = f*2; f(x) = x; a", "'f' is an input already", "another name", "f"),
        ("f(x) = x; f + 1", "'f' is a function", "write f(…)", "f"),
        ("f(x, y) = x*y; f(2)", "'f' takes 2 operands, not 1", "f(x, y)", "f(2)"),
        ("f(x) = x; f(2, 3)", "'f' takes 1 operand, not 2", "f(x)", "f(2, 3)"),
        ("f(x, x) = x; f(2, 3)", "two parameters with the name 'x'", "another name", "x"),
        ("f(2) = x; 3", "a parameter is a name, and 2 is not one", "to compare, write ==", "2"),
        ("f(pi) = 2; 3", "a parameter is a name, and pi is a constant", "f(x)", "pi"),
        ("f(x + 1) = 2; 3", "a parameter is a name, and 1 is not one", "", "1"),
        ("f(x=1) = 2; 3", "no default value", "f(3)", "x=1"),
        ("f(x) = x; f(x=1)", "by their order", "f(3)", "x=1"),
        ("sin(x) = 2; 3", "'sin' is an operation", "another name", "sin"),
        ("x = 3; f(x) = x**2", "ends with the definition of 'f', but 'x' has a value", "f(x)", "f"),
        ("f(x) = ; 2", "'f' is assigned nothing", "", "f"),
        ("f(x) + 1 = 2; 3", "unknown function 'f'", "f*(…)", "f"),
        ("f(x) = y; y = 2; f(1)", "'y' is used before it is assigned", "move the assignment up", "y"),
        ("f(x) = x; h1(2)", "unknown function 'h1'", "h1*(…)", "h1"),
        ("sum(i for i in 0..n)", "'n' is none", "write the number", "n"),
        ("n = 3; sum(i for i in 0..n)", "'n' is none", "its value may change", "n"),
        ("sum(i for i in 0..1.5)", "a whole number", "none", "1.5"),
        ("sum(i for i in 0..1/0)", "a whole number", "none", "1/0"),
        ("sum(i for i in 1..1e9)", f"more than {MAX_TERMS} terms", "sum(x)", "sum(i for i in 1..1e9)"),
        ("max(i for i in 1..1e4)", "more than 1000 operands", "", "max(i for i in 1..1e4)"),
        ("max(i for i in 1..0)", "this range is empty", "no number", "max(i for i in 1..0)"),
        ("sum(i for i in 0..3, 4)", "a sum has one index", "sum of sums", ","),
        ("sum(i for i in 0..3 for j in 0..3)", "a sum has one index", "sum of sums", "for"),
        ("sum(2, i for i in 0..3)", "takes one expression", "for example", "for"),
        ("sum(i for 2 in 0..3)", "the index of a sum is a name", "for example", "2"),
        ("sum(i for i in range(3))", "with dots", "0..9", "range"),
        ("sum(i for i in 3)", "this is no range", "0..9", "3"),
        ("sum(i for i)", "the range of this index is missing", "for example", "i"),
        ("sum(i for i in ..3)", "a number is missing before '..'", "0..9", ".."),
        ("sum(i for i in 0..)", "sum has nothing in it", "", ")"),
        ("log(i for i in 0..3)", "'log' is not taken over an index", "sum, prod", "for"),
        ("0..9", "'..' stands between", "for example", ".."),
        ("x[i]", "an index is a constant, and 'i' is none", "write the number", "i"),
        ("sum(x[y*i] for i in 0..3)", "an index is a constant, and 'y' is none", "write the number", "y"),
        ("sum(x[i/2] for i in 0..3)", "an index is a whole number", "none", "i/2"),
        ("[[1, 2], [3]]", "the rows of an array have one length", "", "[3]"),
        ("[[[1, 2]], [[1], [2]]]", "the rows of an array have one length", "", "[[1], [2]]"),
        ("[]", "an array needs entries", "[1, 2, 3]", "]"),
        ("[1, 2", "this '[' is never closed", "", "["),
        ("[1, 2)", "this '[' is never closed", "", "["),
        ("(1, 2]", "a comma only separates", "", ","),
        ("f(1]", "this '(' is never closed", "", "f"),
        ("[1,, 2]", "", "", ","),
        ("[1; 2]", "a semicolon ends a statement, and no row of an array", "[[1, 2], [3, 4]]", ";"),
    ],
)
def test_what_cannot_be_read_is_pointed_at(text: str, message: str, hint: str, marked: str) -> None:
    """Each error has its message, its place and a hint."""
    error = refused(text)
    assert message in error.message
    assert hint in error.hint
    assert pointed_at(text, error) == marked


def test_the_size_of_what_is_written_out_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    """Functions that call themselves twice over, one after the other, end in an error instead of in memory."""
    monkeypatch.setattr(expansion, "MAX_EXPANDED", 10_000)
    lines = ["f0(x) = sin(x) + 1", *(f"f{i}(x) = f{i - 1}(f{i - 1}(x))" for i in range(1, 40)), "f39(a)"]
    with pytest.raises(gg.ExpressionError, match="more than 10000 names, numbers and operations"):
        gg.parse("\n".join(lines))


def test_nesting_has_no_limit() -> None:
    """Functions that call each other need no recursion."""
    lines = ["f0(x) = x + 1", *(f"f{i}(x) = f{i - 1}(x) + 1" for i in range(1, 3_000)), "f2999(a)"]
    graph = gg.parse("\n".join(lines))
    assert graph.backprop({"a": 1}).value == 3_001
    sums = "sum(" * 500 + "a" + "".join(f" for i{i} in 1..1)" for i in range(500))
    assert gg.parse(sums).backprop({"a": 7}).value == 7


def test_an_error_within_a_function_says_in_which_call() -> None:
    """It points at the body, and the hint names the calls around it."""
    with pytest.raises(gg.DomainError) as caught:
        gg.parse("f(x) = log(x) + 1\ng(y) = f(y - 2)\nb + g(a)").backprop({"a": 1, "b": 1})
    error = caught.value
    assert error.source[slice(*error.span)] == "log(x)"
    assert "in f(y - 2) at line 2, column 8, in g(a) at line 3, column 5" in error.hint
    with pytest.raises(gg.ShapeError) as wrong:
        gg.parse("f(x) = x@x; f(a) + f(b)").backprop({"a": [1, 2], "b": [[1, 2, 3]]})
    assert "in f(b) at column 20" in wrong.value.hint


class TestArrayDefaults:
    """A name that is assigned an array of numbers is an input with that default."""

    graph = gg.parse("w = [[1, -2], [0.5, 8%]]; sum(w*x)")

    def test_the_default_is_exact(self) -> None:
        """It is a tuple of fractions, row by row."""
        rows = ((Fraction(1), Fraction(-2)), (Fraction(1, 2), Fraction(2, 25)))
        assert (self.graph.inputs, self.graph.defaults) == (("w", "x"), {"w": rows})

    @pytest.mark.parametrize("kind", [{}, {"exact": True}, {"precision": 30}])
    def test_it_is_computed_with(self, kind: dict[str, Any]) -> None:
        """In floats, in fractions, and in many digits; and it can be replaced."""
        r = self.graph.backprop({"x": 3}, **kind)
        assert [float(x) for x in r.grad["w"].flat] == [3, 3, 3, 3]
        assert float(r.grad["x"]) == pytest.approx(-0.42)
        assert r.check()
        assert float(self.graph.backprop({"x": 3, "w": [1, 1]}, **kind).value) == 6

    def test_it_is_kept(self) -> None:
        """In text, in JSON and pickled."""
        for again in (
            gg.parse(str(self.graph)),
            gg.from_json(self.graph.to_json()),
            pickle.loads(pickle.dumps(self.graph)),
        ):
            assert isinstance(again, gg.Graph)
            assert again.defaults == self.graph.defaults
            assert again.backprop({"x": 3}).value == self.graph.backprop({"x": 3}).value

    def test_it_is_compiled(self) -> None:
        """The compiled function takes it where nothing else is given."""
        f = self.graph.compile()
        value, grad = f(x=3)
        assert value == pytest.approx(-1.26)
        assert np.array_equal(grad["w"], [[3, 3], [3, 3]])
        assert f(w=[1, 2], x=3)[0] == 9

    def test_an_array_of_other_things_is_an_intermediate(self) -> None:
        """An entry that is an expression makes no default, nor does a call."""
        assert gg.parse("w = [1, a]; sum(w)").inputs == ("a",)
        assert gg.parse("w = stack(1, 2); sum(w)").inputs == ()
        assert gg.parse("w = [1, 1 + 1]; sum(w)").inputs == ()


@pytest.mark.parametrize(
    ("text", "inputs", "same"),
    [
        ("f(x) = 5x + x + 2", ("x",), "f = 5*x + x + 2"),
        ("f(y, x) = x - y*a", ("y", "x", "a"), "f = x - y*a"),
        ("f(x, y) = 2", ("x", "y"), "f = 2"),
        ("g(u) = u^2; f(x) = g(x) + 1", ("x",), "g(u) = u**2\nf = g(x) + 1"),
        ("a = 3; f(x) = a*x", ("a", "x"), "a = 3\nf = a*x"),
    ],
)
def test_a_function_that_the_text_ends_with_is_its_output(text: str, inputs: tuple[str, ...], same: str) -> None:
    """Its parameters are the inputs, in their order, as mathematicians write what is to be differentiated."""
    graph = gg.parse(text)
    assert (graph.inputs, str(graph)) == (inputs, same)
