"""The two types of rows: operations on numbers and on arrays answer the same questions."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import pytest

from graphgrad.namespaces import Floats
from graphgrad.ops import NUMERIC, OPS, ArrayOp, Op


def test_a_row_is_of_the_type_of_its_rules() -> None:
    """Local derivatives stand in an `Op`, vector-Jacobian products in an `ArrayOp`."""
    assert {type(op) for op in NUMERIC.values()} == {Op}
    assert {type(op) for name, op in OPS.items() if name not in NUMERIC} == {ArrayOp}


@pytest.mark.parametrize("name", ["vjp", "shape", "options", "classes", "opened", "adjoint_text"])
def test_an_operation_on_numbers_declares_nothing_of_arrays(name: str) -> None:
    """What only arrays have is no argument of an `Op`."""
    with pytest.raises(TypeError, match=name):
        Op("cube", lambda m, x: x**3, d=(lambda m, z, x: 3 * x**2,), **{name: None})  # type: ignore[arg-type]


def test_an_operation_on_arrays_declares_no_local_derivatives() -> None:
    """`d` is no argument of an `ArrayOp`, which has `vjp` in its place."""
    with pytest.raises(TypeError, match="'d'"):
        ArrayOp("copy", lambda m, x: x, vjp=(lambda m, g, z, x: g,), d=())  # type: ignore[call-arg]


def test_both_types_answer_for_all_fields_but_the_vector_jacobian_products() -> None:
    """Whoever reads a row does not ask first of which type it is."""
    assert {field.name for field in fields(ArrayOp)} - {field.name for field in fields(Op)} == {"vjp"}
    number = OPS["exp"]
    assert (number.params, number.options, number.opened, number.classes) == ((), {}, None, None)
    assert number.shape((2, 1), (3,)) == (2, 3)


def test_an_adjoint_is_pulled_back_by_the_local_derivative() -> None:
    """On numbers, the vector-Jacobian product is the adjoint times the local derivative."""
    assert OPS["mul"].pull(Floats(), 0, 10.0, 6.0, 2.0, 3.0) == 30.0


def test_an_operation_with_the_same_parameters_is_the_same_object() -> None:
    """Equal subexpressions are found by it; an operation without options is itself."""
    assert OPS["mean"].with_params({"axis": 0}) is OPS["mean"].with_params({"axis": 0})
    assert OPS["mean"].with_params({"axis": 0}) is not OPS["mean"].with_params({"axis": 1})
    assert OPS["exp"].with_params({}) is OPS["exp"]


@pytest.mark.parametrize(
    ("given", "plain"),
    [
        ({"axis": np.int64(-3)}, {"axis": -3}),
        ({"axis": (np.int32(-3), np.int64(-4))}, {"axis": (-3, -4)}),
        ({"axis": np.array([-5, -4])}, {"axis": (-5, -4)}),
        ({"axis": -6, "keepdims": np.True_}, {"axis": -6, "keepdims": True}),
        ({"axis": -7, "keepdims": 1}, {"axis": -7, "keepdims": True}),
        ({"axis": True}, {"axis": 1}),
    ],
)
def test_parameters_of_numpy_are_parameters_of_python(given: dict[str, Any], plain: dict[str, Any]) -> None:
    """NumPy's numbers never enter the cache of operations: the parameters are Python's whoever comes first."""
    op = OPS["sum_along"].with_params(given)
    assert op is OPS["sum_along"].with_params(plain)
    assert repr(op.params) == repr(tuple({"axis": None, "keepdims": False, **plain}.items()))


def test_the_operands_are_counted_once_for_all_rules() -> None:
    """An operation takes as many operands as it has rules, and a variadic one two or more."""
    assert [OPS[name].arity for name in ("pi", "exp", "where", "max", "matmul", "concat")] == [0, 1, 3, 2, 2, 2]
    assert OPS["concat"].takes(5)
    assert not OPS["matmul"].takes(3)
