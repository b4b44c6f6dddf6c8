"""Compile a tape with operations on whole arrays to straight-line NumPy, without blocks."""

from __future__ import annotations

from functools import partial
from math import isfinite
from typing import TYPE_CHECKING, Any

from graphgrad.compile.columns.reductions import Reductions
from graphgrad.compile.languages.numpy_ufuncs import Ufuncs
from graphgrad.compile.optimize.lowering import GUARDED_REWRITES, lowered
from graphgrad.ops.elementary import COMPARISON

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from graphgrad.ops.op import Op, Step
    from graphgrad.tape.tape import Tape

__all__ = ["Program"]


class Program:
    """A tape of array operations as one Python function of its inputs."""

    def __init__(self, tape: Tape) -> None:
        """Rewrite the tape for NumPy, and write the function."""
        self._ufuncs, self._arrays = Ufuncs(), Reductions()
        self._scope: dict[str, Any] = {"choose": self._ufuncs.numpy.where}
        self._tape = lowered(tape, self._knows, "NumPy", GUARDED_REWRITES)
        self._run = self._function()

    def __call__(self, at: Mapping[str, Any], wrt: Sequence[str]) -> tuple[Any, dict[str, Any]] | None:
        """Return value and gradient.

        None where an input or result is not finite, shapes do not fit, or the gradient of an array is asked for.
        """
        np = self._ufuncs.numpy
        try:
            inputs = [np.asarray(at[name], np.float64) for name in self._tape.inputs if name in at]
            with np.errstate(all="ignore"):
                results = [np.asarray(x) for x in self._run(*inputs)]
                sums = [(flat := x.ravel()).dot(flat) for x in (*inputs, *results)]
        except (ValueError, TypeError, IndexError, ArithmeticError):
            return None
        if wrt and results[0].ndim:
            return None
        if not all(map(isfinite, sums)):  # a finite sum of squares has finite terms alone
            return None
        value, *partials = (x[()] for x in _own(results, inputs))
        return value, dict(zip(wrt, partials, strict=True))

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


def _own(results: Sequence[Any], inputs: Sequence[Any]) -> Iterator[Any]:
    """Yield the results, copying views, inputs and repeated results, so that writing to one changes no other."""
    seen = set(map(id, inputs))
    for x in results:
        yield x if x.base is None and id(x) not in seen else x.copy()
        seen.add(id(x))
