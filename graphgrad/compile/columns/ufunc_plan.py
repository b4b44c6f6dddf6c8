"""Plan the computation of a block: calls of ufuncs in few buffers, or kernels once they pay."""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from graphgrad.base.errors import GraphgradError
from graphgrad.compile.columns.blocks import Calls, Plan, Sizes
from graphgrad.compile.columns.llvm_columns import layouts_of
from graphgrad.compile.columns.memory import shared
from graphgrad.compile.columns.register_pool import Pool
from graphgrad.compile.columns.repeated_calls import CAST, SCALAR, RepeatedCalls
from graphgrad.compile.languages.numpy_ufuncs import TOGETHER, Ufuncs
from graphgrad.compile.machine_code import has_kept_any, has_llvm
from graphgrad.compile.optimize.lowering import ROW_REWRITES, lowered
from graphgrad.ops.elementary import COMPARISON

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from graphgrad.compile.columns.blocks import Runnable
    from graphgrad.compile.columns.llvm_columns import Layout
    from graphgrad.ops.op import Op, Step
    from graphgrad.tape.tape import Tape

__all__ = ["Planner"]

WORTH_READING: Final = 1 << 24
"""The operations (rows times steps) in all calls that take as long as reading a kernel from the disk."""

WORTH_COMPILING: Final = 1 << 25, 1 << 18
"""The operations, and those per step of the tape, that take as long as compiling a kernel."""

LONGEST: Final = 10_000
"""The most steps that are compiled to kernels, which takes a second."""


class Planner:
    """Makes and caches the plans of one tape, by the kinds of its inputs and their layouts in memory."""

    def __init__(self, tape: Tape) -> None:
        """Take the tape, which is lowered when a plan needs it."""
        self.ufuncs = Ufuncs()
        self.memory = shared()
        self.tape = tape
        self.repeated = RepeatedCalls(self.memory, [*tape.inputs])
        self._plans: dict[tuple[str, ...], Plan] = {}
        self._kernels: dict[tuple[Any, ...], Runnable | None] = {}
        self._done = Counter[tuple[Any, ...]]()

    @cached_property
    def calls(self) -> Tape:
        """The tape in the operations of ufuncs."""
        return lowered(self.tape, self.ufuncs.knows, "NumPy", ROW_REWRITES)

    @cached_property
    def instructions(self) -> Tape | None:
        """The tape in operations that are written as machine instructions; None where they are not enough."""
        from graphgrad.compile.columns.llvm_kernel import is_fusible

        try:
            return lowered(self.tape, is_fusible, "machine code", ROW_REWRITES)
        except GraphgradError:
            return None

    @cached_property
    def can_call(self) -> bool:
        """Whether there is a ufunc for every operation, which some have only in SciPy."""
        try:
            return all(step.op.chooses or self.ufuncs.of(step.op) for step in self.calls.steps)
        except GraphgradError:
            return False

    def plan(self, kinds: tuple[str, ...]) -> Plan:
        """Return the plan of ufuncs for inputs of these kinds, in the order of the tape's inputs."""
        if kinds not in self._plans:
            self._plans[kinds] = _PlanWriter(self.calls, self.ufuncs, kinds).plan()
        return self._plans[kinds]

    def runnable(self, kinds: tuple[str, ...], arrays: Sequence[Any]) -> Runnable:
        """Return the plan for these arrays: with kernels if they are on the disk, or have paid by now."""
        layouts, steps = layouts_of(arrays), len(self.tape.steps)
        if layouts is None or layouts[-1].kind != "f" or layouts[-1].swapped or steps > LONGEST or not has_llvm():
            return self.plan(kinds)
        key = kinds, layouts, min(arrays[-1].ndim, 2)
        if found := self._kernels.get(key):
            return found
        self._done[key] += arrays[-1].size * steps
        base, per_step = WORTH_COMPILING
        pays = self._done[key] >= base + per_step * steps or not self.can_call
        if not pays and (key in self._kernels or self._done[key] < WORTH_READING):
            return self.plan(kinds)
        found = self._with_kernels(*key, only_kept=not pays)
        self._kernels[key] = found or (self.plan(kinds) if pays else None)
        like = layouts[-1]
        # The numbers of a plan of instructions are the inputs; another plan has numbers of its own, computed once.
        if found and self.instructions and all(x.dense and x[:2] == like[:2] and not x.swapped for x in layouts):
            self.repeated.add(kinds, arrays[-1].dtype, len(self.tape.outputs), found)
        return found or self.plan(kinds)

    def _with_kernels(
        self, kinds: tuple[str, ...], layouts: Sequence[Layout], axes: int, *, only_kept: bool
    ) -> Runnable | None:
        """Return the plan with kernels; None where they are not on the disk, cannot be compiled, or would not pay.

        Between kernels, NumPy would compute with the types as given, and at each position on the leading axes.
        """
        if only_kept and not has_kept_any():
            return None
        from graphgrad.compile.columns import llvm_plan

        inputs = [*zip(self.tape.inputs, kinds, strict=True)]
        columns = [name for name, kind in inputs if kind != SCALAR]
        try:
            if tape := self.instructions:
                scalars = [tape.inputs[name] for name, kind in inputs if kind == SCALAR]
                given = llvm_plan.Given([tape.inputs[name] for name in columns], scalars, layouts)
                return llvm_plan.whole(tape, given, only_kept=only_kept)
            if axes > 1 or CAST in kinds:
                return None
            plan = self.plan(kinds)
            given = llvm_plan.Given([self.calls.inputs[name] for name in columns], plan.registers, layouts)
            return llvm_plan.fused(self.calls, plan, self.ufuncs, given, only_kept=only_kept)
        except (OSError, RuntimeError):  # LLVM does not know the processor, or executable memory is forbidden
            return None


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
        scalars = [register for register, kind in self.kinds.items() if kind == SCALAR]
        numbers = (*(step.target for step in invariant), *scalars, *self.constants)
        sizes = Sizes(len(varying), tuple(self.constants.values()), numbers)
        return Plan(once, sizes, lambda: self.calls(varying, numbers))

    def calls(self, steps: Sequence[Step], numbers: Sequence[int]) -> Calls:
        """Write the function of a block; it is called once."""
        self._cast()
        outputs = self._outputs()
        partners = self._partners(steps)
        for step in steps:
            if step.target in self.names:  # computed with another
                continue
            if partner := partners.get(step.target):
                self._pair(step, partner, outputs)
            else:
                self._step(step, outputs)
        self._fill(outputs)
        arguments = [
            *(f"{kind}{i}" for i, kind in enumerate(self.kinds.values()) if kind != SCALAR),
            *(f"o{i}" for i in range(len(self.tape.outputs))),
            *(f"b{i}" for i in range(self.numbers.count)),
            *(f"m{i}" for i in range(self.masks.count)),
            *(self.names[register] for register in numbers),
        ]
        block = self._compiled("block", arguments, [*self.lines, "pass"])
        return Calls(block, self.numbers.count, self.masks.count)

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

    def _partners(self, steps: Sequence[Step]) -> dict[int, Step]:
        """Return the steps that are computed with another one of the same operand, by both targets."""
        partners: dict[int, Step] = {}
        known: dict[tuple[Any, int], Step] = {}
        for step in steps:
            if step.op.name not in TOGETHER:
                continue
            function, place = TOGETHER[step.op.name]
            known[place, step.operands[0]] = step
            if other := known.get((1 - place, step.operands[0])):
                partners |= {step.target: other, other.target: step}
                self.functions[function.__name__] = self.ufuncs.together(step.op)
        return partners

    def _pair(self, step: Step, partner: Step, outputs: dict[int, str]) -> None:
        """Write the call of a function that computes two steps; none of its results is in place."""
        steps = sorted((step, partner), key=lambda step: TOGETHER[step.op.name][1])
        targets = [outputs.get(step.target) or self.numbers.take() for step in steps]
        function = TOGETHER[step.op.name][0].__name__
        self.lines.append(f"{function}({self.names[step.operands[0]]}, {', '.join(targets)})")
        for done, target in zip(steps, targets, strict=True):
            self._release(done)
            self.names[done.target] = target

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
