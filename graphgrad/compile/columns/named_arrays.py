"""Compute a formula for arrays by name: once for each name, as if it were called for each.

In `w - rate*g`, `w` and `g` may be dicts of the arrays of a network, and `rate` a number for all of them. A formula of
operations on numbers, without a gradient, becomes one program for all names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from graphgrad.base.arguments import quoted
from graphgrad.base.errors import GraphgradError
from graphgrad.compile.columns.array_code import Functions, function_of_dicts
from graphgrad.compile.columns.fixed_shapes import register_shapes
from graphgrad.compile.optimize.products_and_signs import CommutativeWriter
from graphgrad.ops.shapes import broadcast
from graphgrad.tape.sweeps import forward

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from graphgrad.compile.columns.ufunc_plan import Planner
    from graphgrad.ops.shapes import Shape
    from graphgrad.tape.tape import Tape

__all__ = ["NamedArrays", "each_name"]

Results = tuple[Any, dict[str, Any]]

MOST_PROGRAMS: Final = 32
"""The most programs that are kept, for other names and shapes."""


def each_name(
    function: Callable[..., Results], inputs: Sequence[str], values: Sequence[Any], wrt: Sequence[str]
) -> Results:
    """Return the values by name, and for each input in `wrt` the derivatives by name.

    Raises `GraphgradError` where two dicts have different names.

    >>> each_name(lambda w, rate: (w * rate, {"w": rate}), ["w", "rate"], [{"a": 3, "b": 4}, 2], ["w"])
    ({'a': 6, 'b': 8}, {'w': {'a': 2, 'b': 2}})
    """
    at = dict(zip(inputs, values, strict=True))
    dicts = {name: x for name, x in at.items() if type(x) is dict}
    first, names = next((name, x.keys()) for name, x in dicts.items())
    for other, x in dicts.items():
        if x.keys() != names:
            alone = quoted(next(iter(names ^ x.keys())))
            raise GraphgradError(f"{first} and {other} differ in their names: one of them alone has {alone}")
    results = {name: function(**{k: x[name] if k in dicts else x for k, x in at.items()}) for name in names}
    grad = {by: {name: partials[by] for name, (_, partials) in results.items()} for by in wrt}
    return {name: value for name, (value, _) in results.items()}, grad


class NamedArrays:
    """The programs that compute a formula's values for arrays by name."""

    def __init__(self, planner: Planner) -> None:
        """Take what plans the columns of the formula: its tape and its functions."""
        self._tape, self._ufuncs = planner.tape, planner.ufuncs
        self._programs: dict[object, Callable[..., Any]] = {}
        self._last: Callable[..., Any] = _nothing

    def __call__(self, values: Sequence[Any]) -> Results | None:
        """Return the values by name; None for other inputs than numbers and dicts of arrays of float64, by one name."""
        results = self._last(*values)
        if results is None:
            inputs = _Inputs.of(values, self._ufuncs.numpy)
            if inputs is None:
                return None
            if inputs not in self._programs:
                self._keep(inputs, self._made(inputs))
            self._last = self._programs.get(inputs, _nothing)
            results = self._last(*values)
        return results  # type: ignore[no-any-return]

    def _keep(self, inputs: _Inputs, program: Callable[..., Any]) -> None:
        self._programs[inputs] = program
        for oldest in [*self._programs][:-MOST_PROGRAMS]:
            self._programs.pop(oldest, None)

    def _made(self, inputs: _Inputs) -> Callable[..., Any]:
        """Return the program, which returns None where its inputs are others, or always if they do not fit."""
        try:
            return self._fitting(inputs)
        except (ValueError, ArithmeticError):
            return _nothing

    def _fitting(self, inputs: _Inputs) -> Callable[..., Any]:
        by_name = [name for name, shapes in zip(self._tape.inputs, inputs.shapes, strict=True) if shapes]
        tape = _for_each(self._tape, by_name, len(inputs.names))
        shapes = dict(zip(tape.inputs, [shape for each in inputs.shapes for shape in each or [()]], strict=True))
        registers = register_shapes(tape, shapes)
        whole = [broadcast(*each) for each in zip(*filter(None, inputs.shapes), strict=True)]
        if () in whole or [registers[i] for i in tape.outputs] != whole:  # results have yet to be broadcast
            return _nothing
        functions = Functions(self._ufuncs.of, self._ufuncs.of, self._ufuncs.numpy)
        return function_of_dicts(tape, inputs.shapes, inputs.names, functions)


class _Inputs(NamedTuple):
    """The names in dicts of arrays, and for each input the shapes of its arrays, none for a number."""

    names: tuple[Any, ...]
    shapes: tuple[tuple[Shape, ...], ...]

    @classmethod
    def of(cls, values: Sequence[Any], np: Any) -> _Inputs | None:
        """Return what the inputs hold; None for others than numbers and dicts of arrays of float64, by one name."""
        dicts = [x for x in values if type(x) is dict]
        names, arrays = dicts[0].keys(), [array for x in dicts for array in x.values()]
        if any(x.keys() != names for x in dicts) or any(type(x) not in {dict, float, int} for x in values):
            return None
        if not arrays or any(type(x) is not np.ndarray or x.dtype != float for x in arrays):
            return None
        shapes = (tuple(x[name].shape for name in names) if type(x) is dict else () for x in values)
        return cls(tuple(names), tuple(shapes))


def _nothing(*_inputs: Any) -> None:
    """Stand for a program where results have yet to be broadcast."""


def _for_each(tape: Tape, by_name: Collection[str], count: int) -> Tape:
    """Return a tape with the output for each of so many names; what depends on none is computed once."""
    m = CommutativeWriter()
    leaves: list[dict[str, Any]] = [{} for _ in range(count)]
    for name in tape.inputs:
        shared = None if name in by_name else m.input(f"every {name}")
        for i, each in enumerate(leaves):
            each[name] = m.input(f"{i} {name}") if shared is None else shared
    return m.tape([forward(tape, m, each)[tape.outputs[0]] for each in leaves])
