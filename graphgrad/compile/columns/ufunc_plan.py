"""Plan the computation of a block: calls of ufuncs in few buffers, or kernels once they pay."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from graphgrad.compile.columns.blocks import Plan
from graphgrad.compile.columns.llvm_kernel import SIZES
from graphgrad.compile.columns.llvm_plan import fused
from graphgrad.compile.columns.memory import shared
from graphgrad.compile.columns.register_pool import Pool
from graphgrad.compile.languages.numpy_ufuncs import Ufuncs
from graphgrad.compile.machine_code import has_llvm
from graphgrad.compile.optimize.lowering import ROW_REWRITES, lowered
from graphgrad.ops.elementary import COMPARISON

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from graphgrad.compile.columns.blocks import Runnable
    from graphgrad.ops.op import Op, Step
    from graphgrad.tape.tape import Tape

__all__ = ["CAST", "COLUMN", "SCALAR", "Planner"]

WORTH_COMPILING: Final = 1 << 26, 1 << 18
"""The operations (rows times steps), and those per step of the tape, that take as long as compiling a kernel."""

WORTH_STARTING: Final = 1 << 15
"""The operations in one call that pay for passing a kernel the addresses of all arrays."""

LONGEST: Final = 10_000
"""The most steps that are compiled to kernels, which takes a second."""

SCALAR: Final = "s"
COLUMN: Final = "x"
CAST: Final = "c"
"""The kinds of an input: a number, a column of the result's type, a column to be converted block by block."""


class Planner:
    """Makes and caches the plans of one tape, by the kinds of its inputs."""

    def __init__(self, tape: Tape) -> None:
        """Lower the tape to ufuncs."""
        self.ufuncs = Ufuncs()
        self.memory = shared()
        self.tape = lowered(tape, self.ufuncs.knows, "NumPy", ROW_REWRITES)
        self._plans: dict[tuple[str, ...], Plan] = {}
        self._fused: dict[tuple[tuple[str, ...], Any], Runnable] = {}
        self._done = 0

    def plan(self, kinds: tuple[str, ...]) -> Plan:
        """Return the plan for inputs of these kinds, in the order of the tape's inputs."""
        if kinds not in self._plans:
            self._plans[kinds] = _PlanWriter(self.tape, self.ufuncs, kinds).plan()
        return self._plans[kinds]

    def runnable(self, kinds: tuple[str, ...], arrays: Sequence[Any]) -> Runnable:
        """Return the plan for these arrays: with kernels once the operations so far would have paid for them."""
        plan = self.plan(kinds)
        operations = arrays[-1].size * plan.steps
        self._done += operations
        base, per_step = WORTH_COMPILING
        if self._done < base + per_step * plan.steps or operations < WORTH_STARTING or plan.steps > LONGEST:
            return plan
        if CAST in kinds or not _are_alike(arrays):
            return plan
        return self._fused_plan(kinds, arrays[-1].dtype) if has_llvm() else plan

    def _fused_plan(self, kinds: tuple[str, ...], dtype: Any) -> Runnable:
        plan, key = self.plan(kinds), (kinds, dtype)
        if key not in self._fused:
            inputs = zip(self.tape.inputs.values(), kinds, strict=True)
            columns = [register for register, kind in inputs if kind != SCALAR]
            try:
                self._fused[key] = fused(self.tape, self.ufuncs, columns, plan.numbers, dtype.itemsize)
            except (OSError, RuntimeError):  # LLVM does not know the processor, or executable memory is forbidden
                self._fused[key] = plan
        return self._fused[key]


def _are_alike(arrays: Sequence[Any]) -> bool:
    """Whether all arrays are contiguous floats of a type that kernels compute with."""
    dtype = arrays[-1].dtype
    return dtype.itemsize in SIZES and dtype.isnative and all(x.flags.c_contiguous and x.flags.aligned for x in arrays)


class _PlanWriter:
    """Writes the two functions of a plan, allocating buffers by liveness."""

    def __init__(self, tape: Tape, ufuncs: Ufuncs, kinds: Sequence[str]) -> None:
        self.tape, self.ufuncs, self.kinds = tape, ufuncs, dict(zip(tape.inputs.values(), kinds, strict=True))
        columns = [register for register, kind in self.kinds.items() if kind != SCALAR]
        self.varying = tape.depending_on(columns)
        self.uses = Counter(i for step in tape.steps for i in step.operands if i in self.varying)
        self.uses.update(set(tape.outputs))
        self.conditions = self._conditions()
        self.constants = {r: float(number) for r, number in tape.constants.items()}
        self.names: dict[int, str] = {r: f"k{i}" for i, r in enumerate(self.constants)}
        self.names |= {register: f"{kind}{i}" for i, (register, kind) in enumerate(self.kinds.items())}
        self.numbers, self.masks = Pool("b{}".format), Pool("m{}".format)
        self.functions: dict[str, Callable[..., Any]] = {}
        self.lines: list[str] = []

    def _conditions(self) -> set[int]:
        """Return the comparisons that are only conditions, never numbers: a mask of booleans is enough for them."""
        compared = {step.target for step in self.tape.steps if step.op.binds == COMPARISON}
        as_numbers = {i for step in self.tape.steps for i in step.operands[1 if step.op.chooses else 0 :]}
        return compared - as_numbers - set(self.tape.outputs)

    def plan(self) -> Plan:
        invariant = [step for step in self.tape.steps if step.target not in self.varying]
        varying = [step for step in self.tape.steps if step.target in self.varying]
        once = self._once(invariant)
        self._cast()
        outputs = self._outputs()
        for step in varying:
            self._step(step, outputs)
        self._fill(outputs)
        scalars = [register for register, kind in self.kinds.items() if kind == SCALAR]
        numbers = (*(step.target for step in invariant), *scalars, *self.constants)
        arguments = [
            *(f"{kind}{i}" for i, kind in enumerate(self.kinds.values()) if kind != SCALAR),
            *(f"o{i}" for i in range(len(self.tape.outputs))),
            *(f"b{i}" for i in range(self.numbers.count)),
            *(f"m{i}" for i in range(self.masks.count)),
            *(self.names[register] for register in numbers),
        ]
        block = self._compiled("block", arguments, [*self.lines, "pass"])
        constants = tuple(self.constants.values())
        return Plan(once, block, self.numbers.count, self.masks.count, len(varying), constants, numbers)

    def _once(self, steps: Sequence[Step]) -> Callable[..., Any]:
        lines = []
        for number, step in enumerate(steps):
            self.names[step.target] = f"t{number}"
            lines.append(f"t{number} = {self._called(step)}")
        scalars = [f"{SCALAR}{i}" for i, kind in enumerate(self.kinds.values()) if kind == SCALAR]
        results = [self.names[step.target] for step in steps] + scalars
        return self._compiled("once", scalars, [*lines, f"return ({', '.join(results)}{',' * bool(results)})"])

    def _called(self, step: Step) -> str:
        operands = [repr(self.constants[i]) if i in self.constants else self.names[i] for i in step.operands]
        if step.op.chooses:
            return f"{operands[1]} if {operands[0]} else {operands[2]}"
        function = self._function(step.op)
        text = f"{function}({', '.join(operands[:2])})"
        for operand in operands[2:]:
            text = f"{function}({text}, {operand})"
        return f"1.0*{text}" if step.op.binds == COMPARISON else text

    def _function(self, op: Op) -> str:
        self.functions[f"f_{op.name}"] = self.ufuncs.of(op)
        return f"f_{op.name}"

    def _compiled(self, name: str, arguments: Iterable[str], lines: Iterable[str]) -> Callable[..., Any]:
        np = self.ufuncs.numpy
        scope = {**self.functions, "copyto": np.copyto, "not_equal": np.not_equal, "inf": np.inf}
        source = "\n    ".join([f"def {name}({', '.join(arguments)}):", *lines])
        exec(compile(source, "<graphgrad>", "exec"), scope)  # noqa: S102  generated names and numbers alone
        return scope[name]  # type: ignore[no-any-return]

    def _cast(self) -> None:
        for register, kind in self.kinds.items():
            if kind == CAST and self.uses[register]:
                buffer = self.numbers.take()
                self.lines.append(f"copyto({buffer}, {self.names[register]}, 'unsafe')")
                self.names[register] = buffer

    def _outputs(self) -> dict[int, str]:
        """Return the output array that each computed output is written to; a repeated one is copied from it."""
        computed = {step.target for step in self.tape.steps if step.target in self.varying}
        return {r: f"o{i}" for i, r in reversed([*enumerate(self.tape.outputs)]) if r in computed}

    def _fill(self, outputs: dict[int, str]) -> None:
        for i, register in enumerate(self.tape.outputs):
            if outputs.get(register) != f"o{i}":
                self.lines.append(f"copyto(o{i}, {self.names[register]})")

    def _step(self, step: Step, outputs: dict[int, str]) -> None:
        if step.op.chooses:
            self._choice(step, outputs)
            return
        operands = [self.names[i] for i in step.operands]
        in_place = not operands[2:]  # a chain of calls reads its last operands after writing the target
        if in_place:
            self._release(step)
        target = outputs.get(step.target) or (self.masks if step.target in self.conditions else self.numbers).take()
        function, ufunc = self._function(step.op), self.ufuncs.of(step.op)
        if isinstance(ufunc, self.ufuncs.numpy.ufunc):
            self.lines.append(f"{function}({', '.join(operands[:2])}, out={target})")
            self.lines += [f"{function}({target}, {operand}, out={target})" for operand in operands[2:]]
        else:
            self.lines.append(f"copyto({target}, {function}({', '.join(operands)}))")
        if not in_place:
            self._release(step)
        self.names[step.target] = target

    def _choice(self, step: Step, outputs: dict[int, str]) -> None:
        condition, x, y = step.operands
        mask = self.names[condition]
        if condition not in self.conditions or condition not in self.varying:
            mask = self.masks.take()
            self.lines.append(f"not_equal({self.names[condition]}, 0, out={mask})")
        dies = self.uses[y] == 1 and y not in {condition, x} and self.names[y].startswith("b")
        target = outputs.get(step.target) or (self.names[y] if dies else self.numbers.take())
        if target != self.names[y]:
            self.lines.append(f"copyto({target}, {self.names[y]})")
        self.lines.append(f"copyto({target}, {self.names[x]}, where={mask})")
        if mask != self.names[condition]:
            self.masks.give(mask)
        self._release(step, keep=target)
        self.names[step.target] = target

    def _release(self, step: Step, keep: str = "") -> None:
        for register in step.operands:
            self.uses[register] -= register in self.varying
        for register in set(step.operands) & self.varying:
            if not self.uses[register] and self.names[register] != keep:
                (self.masks if register in self.conditions else self.numbers).give(self.names[register])
