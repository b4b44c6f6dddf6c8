"""What is done to a block of rows: a tape's steps as calls of ufuncs, in as few buffers as they can do with."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from graphgrad.compile.columns.blocks import Plan
from graphgrad.compile.columns.llvm_kernel import SIZES, is_there
from graphgrad.compile.columns.llvm_plan import fused
from graphgrad.compile.columns.memory import shared
from graphgrad.compile.columns.register_pool import Pool
from graphgrad.compile.languages.numpy_ufuncs import Ufuncs
from graphgrad.compile.optimize.lowering import ROW_REWRITES, lowered
from graphgrad.ops.elementary import COMPARISON

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from graphgrad.compile.columns.blocks import Runnable
    from graphgrad.ops.op import Op, Step
    from graphgrad.tape.tape import Tape

__all__ = ["CAST", "COLUMN", "SCALAR", "Planner"]

WORTH_COMPILING: Final = 1 << 26, 1 << 18
"""So many operations on rows, and so many for each step, take as long as making machine code does."""

WORTH_STARTING: Final = 1 << 15
"""So many operations in one call pay for telling machine code where all arrays lie."""

LONGEST: Final = 10_000
"""The most steps that are made machine code, which takes a second."""

SCALAR: Final = "s"
COLUMN: Final = "x"
CAST: Final = "c"
"""An input is a number, a column of the result's type, or a column to be converted block by block."""


class Planner:
    """Makes and remembers the plans of one tape, one for each way in which inputs are columns or numbers."""

    def __init__(self, tape: Tape) -> None:
        """Rewrite the tape for ufuncs."""
        self.ufuncs = Ufuncs()
        self.memory = shared()
        self.tape = lowered(tape, self.ufuncs.knows, "NumPy", ROW_REWRITES)
        self._plans: dict[tuple[str, ...], Plan] = {}
        self._machine_code: dict[tuple[tuple[str, ...], Any], Runnable] = {}
        self._done = 0

    def plan(self, kinds: tuple[str, ...]) -> Plan:
        """Return the plan for inputs of these kinds, in the order of the tape's inputs."""
        if kinds not in self._plans:
            self._plans[kinds] = _Writer(self.tape, self.ufuncs, kinds).plan()
        return self._plans[kinds]

    def runnable(self, kinds: tuple[str, ...], arrays: Sequence[Any]) -> Runnable:
        """Return the plan for these arrays; with arithmetic as machine code when so much was done that it pays."""
        plan = self.plan(kinds)
        work = arrays[-1].size * plan.steps
        self._done += work
        base, for_each = WORTH_COMPILING
        if self._done < base + for_each * plan.steps or work < WORTH_STARTING or plan.steps > LONGEST:
            return plan
        if CAST in kinds or not _are_alike(arrays):
            return plan
        return self._with_machine_code(kinds, arrays[-1].dtype) if is_there() else plan

    def _with_machine_code(self, kinds: tuple[str, ...], dtype: Any) -> Runnable:
        plan, key = self.plan(kinds), (kinds, dtype)
        if key not in self._machine_code:
            inputs = zip(self.tape.inputs.values(), kinds, strict=True)
            columns = [register for register, kind in inputs if kind != SCALAR]
            try:
                self._machine_code[key] = fused(self.tape, self.ufuncs, columns, plan.numbers, dtype.itemsize)
            except (OSError, RuntimeError):  # LLVM does not know the machine, or may not make code
                self._machine_code[key] = plan
        return self._machine_code[key]


def _are_alike(arrays: Sequence[Any]) -> bool:
    """Whether rows follow each other in all arrays, as floats that a machine knows."""
    dtype = arrays[-1].dtype
    return dtype.itemsize in SIZES and dtype.isnative and all(x.flags.c_contiguous and x.flags.aligned for x in arrays)


class _Writer:
    """Writes the two functions of a plan."""

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
        self.numbers, self.truths = Pool("b{}".format), Pool("m{}".format)
        self.functions: dict[str, Callable[..., Any]] = {}
        self.lines: list[str] = []

    def _conditions(self) -> set[int]:
        """Return the comparisons that are asked about and never counted with: a mask is enough for them."""
        compared = {step.target for step in self.tape.steps if step.op.binds == COMPARISON}
        counted = {i for step in self.tape.steps for i in step.operands[1 if step.op.chooses else 0 :]}
        return compared - counted - set(self.tape.outputs)

    def plan(self) -> Plan:
        first = [step for step in self.tape.steps if step.target not in self.varying]
        rest = [step for step in self.tape.steps if step.target in self.varying]
        once = self._once(first)
        self._cast()
        outputs = self._outputs()
        for step in rest:
            self._step(step, outputs)
        self._fill(outputs)
        scalars = [register for register, kind in self.kinds.items() if kind == SCALAR]
        numbers = (*(step.target for step in first), *scalars, *self.constants)
        arguments = [
            *(f"{kind}{i}" for i, kind in enumerate(self.kinds.values()) if kind != SCALAR),
            *(f"o{i}" for i in range(len(self.tape.outputs))),
            *(f"b{i}" for i in range(self.numbers.count)),
            *(f"m{i}" for i in range(self.truths.count)),
            *(self.names[register] for register in numbers),
        ]
        block = self._made("block", arguments, [*self.lines, "pass"])
        constants = tuple(self.constants.values())
        return Plan(once, block, self.numbers.count, self.truths.count, len(rest), constants, numbers)

    def _once(self, steps: Sequence[Step]) -> Callable[..., Any]:
        lines = []
        for number, step in enumerate(steps):
            self.names[step.target] = f"t{number}"
            lines.append(f"t{number} = {self._called(step)}")
        scalars = [f"{SCALAR}{i}" for i, kind in enumerate(self.kinds.values()) if kind == SCALAR]
        results = [self.names[step.target] for step in steps] + scalars
        return self._made("once", scalars, [*lines, f"return ({', '.join(results)}{',' * bool(results)})"])

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

    def _made(self, name: str, arguments: Iterable[str], lines: Iterable[str]) -> Callable[..., Any]:
        np = self.ufuncs.numpy
        scope = {**self.functions, "copyto": np.copyto, "not_equal": np.not_equal, "inf": np.inf}
        source = "\n    ".join([f"def {name}({', '.join(arguments)}):", *lines])
        exec(compile(source, "<graphgrad>", "exec"), scope)  # noqa: S102  names and numbers made here
        return scope[name]  # type: ignore[no-any-return]

    def _cast(self) -> None:
        for register, kind in self.kinds.items():
            if kind == CAST and self.uses[register]:
                buffer = self.numbers.take()
                self.lines.append(f"copyto({buffer}, {self.names[register]}, 'unsafe')")
                self.names[register] = buffer

    def _outputs(self) -> dict[int, str]:
        """Return the outputs that are computed in their own place."""
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
        in_place = len(operands) <= 2  # noqa: PLR2004
        if in_place:
            self._release(step)
        target = outputs.get(step.target) or (self.truths if step.target in self.conditions else self.numbers).take()
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
            mask = self.truths.take()
            self.lines.append(f"not_equal({self.names[condition]}, 0, out={mask})")
        alone = self.uses[y] == 1 and y not in {condition, x} and self.names[y].startswith("b")
        target = outputs.get(step.target) or (self.names[y] if alone else self.numbers.take())
        if target != self.names[y]:
            self.lines.append(f"copyto({target}, {self.names[y]})")
        self.lines.append(f"copyto({target}, {self.names[x]}, where={mask})")
        if mask != self.names[condition]:
            self.truths.give(mask)
        self._release(step, keep=target)
        self.names[step.target] = target

    def _release(self, step: Step, keep: str = "") -> None:
        for register in step.operands:
            self.uses[register] -= register in self.varying
        for register in set(step.operands) & self.varying:
            if not self.uses[register] and self.names[register] != keep:
                (self.truths if register in self.conditions else self.numbers).give(self.names[register])
