"""Compile a tape with operations on whole arrays to straight-line NumPy, without blocks."""

from __future__ import annotations

from functools import cached_property, partial
from math import isfinite
from typing import TYPE_CHECKING, Any, Final

from graphgrad.compile.columns.array_code import FUSED, OTHERS, Functions, guarded_function
from graphgrad.compile.columns.fixed_shapes import with_shapes
from graphgrad.compile.columns.reductions import Reductions
from graphgrad.compile.languages.numpy_ufuncs import Ufuncs
from graphgrad.compile.optimize.lowering import GUARDED_REWRITES, lowered
from graphgrad.ops.elementary import COMPARISON

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from graphgrad.ops.op import Op, Step
    from graphgrad.ops.shapes import Shape
    from graphgrad.ops.targets import Spellings
    from graphgrad.tape.tape import Tape

__all__ = ["Program"]

MOST_SHAPES: Final = 32
"""The most shapes of inputs whose programs are kept."""

FIRST_SHAPES: Final = 4
"""How many shapes get a program at once; more of them only when they come again."""

Shapes = tuple["Shape", ...]
Results = tuple[Any, dict[str, Any]]

FAILURES: Final = (ValueError, TypeError, IndexError, ArithmeticError)
"""What is raised where shapes do not fit, and by arithmetic between numbers."""

ON_ROWS: Final[Spellings] = {"relu": lambda np: partial(np.maximum, 0.0)}
"""Functions of NumPy for operations that are otherwise expanded."""


class Program:
    """A tape of array operations as one Python function of its inputs."""

    def __init__(self, tape: Tape, wrt: Sequence[str]) -> None:
        """Take the tape of the value and of the gradient by these inputs; it is rewritten when it is first called."""
        self._ufuncs, self._arrays = Ufuncs(), Reductions()
        self._scope: dict[str, Any] = {"choose": self._ufuncs.numpy.where}
        self._given, self._wrt = tape, wrt
        self._for_shapes: dict[Shapes, Callable[..., Any]] = {}
        self._seen: dict[Shapes, None] = {}
        self._last: Callable[..., Any] = _nothing

    def fast(self, at: Mapping[str, Any]) -> Results | None:
        """Return value and gradient for arrays in the shapes of the last call, None for others and as the call does."""
        try:
            results = self._last(at)
        except FloatingPointError:  # two logits of a row are the largest
            return self._for_any_shapes([self._ufuncs.numpy.asarray(at[name]) for name in self._given.inputs])
        except FAILURES:
            return None
        return None if results is OTHERS else results

    def __call__(self, at: Mapping[str, Any]) -> Results | None:
        """Return value and gradient.

        None where an input or result is not finite, shapes do not fit, or the gradient of an array is asked for.
        """
        np = self._ufuncs.numpy
        try:
            arrays = [np.asarray(at[name], np.float64) for name in self._given.inputs if name in at]
            shapes = tuple([x.shape for x in arrays])
            program = self._for_shapes.get(shapes) or self._program_of(shapes)
            if program is None:
                return self._for_any_shapes(arrays)
            self._last = program
            inputs = [x if x.shape else x.item() for x in arrays]
            results = program(dict(zip(self._given.inputs, inputs, strict=True)))
            return self._for_any_shapes(arrays) if results is OTHERS else results
        except FloatingPointError:  # two logits of a row are the largest
            return self._for_any_shapes(arrays)
        except FAILURES:
            return None

    def _program_of(self, shapes: Shapes) -> Callable[..., Any] | None:
        """Return the program for inputs of these shapes, when they are among the first or come again."""
        if len(self._for_shapes) >= FIRST_SHAPES and shapes not in self._seen:
            self._seen[shapes] = None
            _limit(self._seen)
            return None
        program = self._for_shapes[shapes] = self._made(shapes)
        _limit(self._for_shapes)
        return program

    def _made(self, shapes: Shapes) -> Callable[..., Any]:
        inputs = dict(zip(self._given.inputs, shapes, strict=True))
        tape = lowered(with_shapes(self._given, inputs), self._knows_fused, "NumPy", GUARDED_REWRITES)
        tape = with_shapes(tape, inputs)
        functions = Functions(self._ufunc, self._on_arrays, self._ufuncs.numpy)
        return guarded_function(tape, inputs, self._wrt, functions)

    def _for_any_shapes(self, inputs: Sequence[Any]) -> Results | None:
        """Return value and gradient by the program that needs to know no shapes."""
        np = self._ufuncs.numpy
        try:
            with np.errstate(all="ignore"):
                results = [np.asarray(x) for x in self._run(*inputs)]
                sums = [(flat := x.ravel()).dot(flat) for x in (*inputs, *results)]
        except FAILURES:
            return None
        if not all(map(isfinite, sums)) or _is_array_with_gradient(results):
            return None  # a finite sum of squares has finite terms alone
        value, *partials = (x[()] for x in _own(results, inputs))
        return value, dict(zip(self._wrt, partials, strict=True))

    def _ufunc(self, op: Op) -> Any:
        known = ON_ROWS.get(op.name)
        return known(self._ufuncs.numpy) if known else self._ufuncs.of(op)

    def _on_arrays(self, op: Op) -> Any:
        function = self._arrays.function(op)
        return partial(function, **dict(op.params)) if op.params else function

    @cached_property
    def _tape(self) -> Tape:
        return lowered(self._given, self._knows, "NumPy", GUARDED_REWRITES)

    @cached_property
    def _run(self) -> Callable[..., Any]:
        return self._function()

    def _knows_fused(self, op: Op) -> bool:
        is_fused = op.name in FUSED and dict(op.params).get("axis", -1) == -1
        return is_fused or op.name in ON_ROWS or self._knows(op)

    def _knows(self, op: Op) -> bool:
        return op.name in self._arrays.spellings if op.on_arrays else self._ufuncs.knows(op)

    def _function(self) -> Callable[..., Any]:
        names = {register: f"x{i}" for i, register in enumerate(self._tape.inputs.values())}
        names |= {register: repr(float(number)) for register, number in self._tape.constants.items()}
        lines, kept = [], {*names, *self._tape.outputs}
        last = {operand: step.target for step in self._tape.steps for operand in step.operands}
        for number, step in enumerate(self._tape.steps):
            text = self._called(step, [names[i] for i in step.operands])
            names[step.target] = f"v{number}"
            lines.append(f"v{number} = {text}")
            dead = [names[i] for i in {*step.operands} - kept if last[i] == step.target]
            lines += [f"del {', '.join(dead)}"] if dead else []  # the next result gets its memory, still in the cache
        results = ", ".join(names[register] for register in self._tape.outputs)
        parameters = ", ".join(names[register] for register in self._tape.inputs.values())
        source = "\n    ".join([f"def program({parameters}):", *lines, f"return ({results},)"])
        exec(compile(source, "<graphgrad>", "exec"), self._scope)  # noqa: S102  generated names and numbers alone
        return self._scope["program"]  # type: ignore[no-any-return]

    def _called(self, step: Step, operands: list[str]) -> str:
        if step.op.chooses:
            return f"choose({operands[0]} != 0, {operands[1]}, {operands[2]})"
        name = f"f{len(self._scope)}"
        function = self._arrays.function(step.op) if step.op.on_arrays else self._ufuncs.of(step.op)
        self._scope[name] = partial(function, **dict(step.op.params)) if step.op.params else function
        if step.op.variadic and not step.op.on_arrays:
            text = operands[0]
            for operand in operands[1:]:
                text = f"{name}({text}, {operand})"
            return text
        text = f"{name}({', '.join(operands)})"
        return f"{text}.astype(float)" if step.op.binds == COMPARISON else text


def _nothing(_at: Mapping[str, Any]) -> None:
    """Stand for a program before there is one."""


def _is_array_with_gradient(results: Sequence[Any]) -> bool:
    return len(results) > 1 and bool(results[0].ndim)


def _limit(kept: dict[Shapes, Any]) -> None:
    """Forget the oldest shapes beyond `MOST_SHAPES`."""
    for shapes in [*kept][:-MOST_SHAPES]:
        kept.pop(shapes, None)


def _own(results: Sequence[Any], inputs: Sequence[Any]) -> Iterator[Any]:
    """Yield the results, copying views, inputs and repeated results, so that writing to one changes no other."""
    seen = set(map(id, inputs))
    for x in results:
        yield x if x.base is None and id(x) not in seen else x.copy()
        seen.add(id(x))
