"""Write a tape for inputs of known shapes as straight-line NumPy that reuses the memory of dead results.

A result is written into an operand of its shape that no later step reads, else into another dead array, else into a new
one. Inputs and outputs are never written to, and every call has its own arrays.
"""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from graphgrad.compile.columns.finite_checks import watched
from graphgrad.compile.columns.fixed_shapes import register_shapes
from graphgrad.compile.columns.memory import LEAST, shared
from graphgrad.compile.columns.reductions import ONE_THREAD
from graphgrad.ops.elementary import COMPARISON
from graphgrad.ops.shapes import broadcast
from graphgrad.ops.table import SUM_LIKE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from graphgrad.ops.op import Op, Step
    from graphgrad.ops.shapes import Shape
    from graphgrad.ops.targets import Spellings
    from graphgrad.tape.tape import Tape

__all__ = ["FUSED", "OTHERS", "Functions", "function_of_dicts", "guarded_function"]

MATRIX: Final = 2
"""The axes of a matrix."""

VARIABLE: Final = "v"
"""How the names of results begin."""

NUMBERS: Final[Spellings] = {
    "add": "{} + {}",
    "sub": "{} - {}",
    "mul": "{} * {}",
    "div": "{} / {}",
    "neg": "-{}",
}
"""Arithmetic on numbers, in which Python's operators take less time than NumPy's functions."""

PRODUCTS: Final[Spellings] = {
    "matmul": ("{0}", "{1}", (0, 1)),
    "matmul_left": ("{0}", "{2}.T", (0, 2)),
    "matmul_right": ("{1}.T", "{0}", (0, 1)),
}
"""Products of matrices: both factors, and the positions of the operands that have to be matrices."""

FUSED: Final[Spellings] = {
    "softmax_cross_entropy": ("loss", (0, 1)),
    "less_sum": ("less_sum", (1, 0)),
}
"""What `softmax_rows` computes: the method, and the positions of logits and targets."""

NUMBER_FUNCTIONS: Final[Spellings] = {"pow": math.pow, "sqrt": math.sqrt, "exp": math.exp, "log": math.log}
"""Functions of numbers, which raise where there is no finite value."""

FRESH: Final[Spellings] = dict.fromkeys(
    ("matmul", "matmul_left", "matmul_right", "sum_along", "amax", "amin", "sum_like", "outer"), True
)
"""The operations whose result shares no memory with an operand, once equal shapes are gone."""

TAKES_TRUTHS: Final[Spellings] = {"mul": True}
"""The operations on numbers that give floats of a truth value and a float."""


class Functions(NamedTuple):
    """The functions of operations on numbers and of those on arrays, and NumPy."""

    ufunc: Callable[[Op], Any]
    on_arrays: Callable[[Op], Any]
    numpy: Any


class _Value(NamedTuple):
    """A register's expression; `shape` is that of what it holds, which may have yet to be broadcast.

    `is_own` tells that it is an array of the program's whose memory no other register shares.
    """

    name: str
    shape: Shape
    is_own: bool = False
    is_truth: bool = False


class _Others:
    """What a guarded program returns for other inputs than those that it is written for."""


OTHERS: Final = _Others()


def function_of_dicts(
    tape: Tape, shapes: Sequence[Sequence[Shape]], names: Sequence[Any], functions: Functions
) -> Callable[..., Any]:
    """Return a function of dicts and numbers that returns a dict of the outputs, and no gradient.

    `shapes` are those of an input's arrays, for each of the `names`, none where the input is a number; the tape has an
    input for each. It returns None for other inputs than numbers and dicts of arrays of float64 in these shapes.
    """
    flat = [shape for each in shapes for shape in each or [()]]
    code = _Code(tape, dict(zip(tape.inputs, flat, strict=True)), functions)
    arrays, results = iter(code.inputs()), code.body()
    code.scope |= {"errstate": functions.numpy.errstate, "ndarray": functions.numpy.ndarray, "numbers": (float, int)}
    code.scope |= {f"n{i}": name for i, name in enumerate(names)}
    kinds, lines, checks = [], [], []
    for i, each in enumerate(shapes):
        kinds.append(f"type(a{i}) is dict and len(a{i}) == {len(each)}" if each else f"type(a{i}) in numbers")
        lines += [] if each else [f"{next(arrays)} = float(a{i})"]
        for j, shape in enumerate(each):
            array = next(arrays)
            lines.append(f"{array} = a{i}[n{j}]")
            checks.append(_is_array(array, shape))
    source = [
        f"def program({', '.join(f'a{i}' for i in range(len(shapes)))}):",
        f"if not ({' and '.join(kinds)}): return None",
        "try:",
        *(f"    {line}" for line in lines),
        "except KeyError: return None",
        f"if not ({' and '.join(checks)}): return None",
        "with errstate(all='ignore'):",
        "    try:",
        *(f"        {line}" for line in code.lines),
        "    except (ArithmeticError, ValueError): return None",  # between numbers alone
        f"return {{{', '.join(f'n{j}: {result}' for j, result in enumerate(results))}}}, {{}}",
    ]
    return code.compiled(source)


def _is_array(name: str, shape: Shape) -> str:
    return f"type({name}) is ndarray and {name}.dtype is dtype and {name}.shape == {shape}"


def guarded_function(
    tape: Tape, inputs: Mapping[str, Shape], wrt: Sequence[str], functions: Functions
) -> Callable[[Mapping[str, Any]], Any]:
    """Return a function of the inputs by name that returns the value and the gradient by the names in `wrt`.

    It returns None where an input or a result is not finite, and `OTHERS` for other inputs than arrays of float64 in
    these shapes, and floats where the shape is that of a number.
    """
    code = _Code(tape, inputs, functions)
    if wrt and code.shapes[tape.outputs[0]]:
        return lambda _at: None  # an array has no gradient
    code.steps_watched, inputs_watched = watched(tape, code.shapes)
    parameters, results = code.inputs(), code.body()
    looks = [*code.looks, *(code.size(code.values[i].name, code.shapes[i]) for i in inputs_watched)]
    looks += [code.size(name, code.shapes[i]) for name, i in zip(results, tape.outputs, strict=True)]
    code.scope |= {"others": OTHERS, "errstate": functions.numpy.errstate, "ndarray": functions.numpy.ndarray}
    code.scope |= {f"n{i}": name for i, name in enumerate(inputs)} | {f"w{i}": name for i, name in enumerate(wrt)}
    checks = (
        _is_array(x, shape) if shape else f"type({x}) is float"
        for x, shape in zip(parameters, inputs.values(), strict=True)
    )
    value, *partials = results
    pairs = ", ".join(f"w{i}: {partial}" for i, partial in enumerate(partials))
    source = [
        "def program(at):",
        f"if len(at) != {len(inputs)}: return others",
        "try:",
        *(f"    {parameter} = at[n{i}]" for i, parameter in enumerate(parameters)),
        "    pass",
        "except KeyError: return others",
        f"if not ({' and '.join(checks) or True}): return others",
        "with errstate(all='ignore'):",
        *(f"    {line}" for line in code.lines),
        f"    if not {' + '.join(looks)} < inf: return None",
        f"return {value}, {{{pairs}}}",
    ]
    return code.compiled(source)


class _Code:
    """The lines of a program, and what they refer to."""

    def __init__(self, tape: Tape, inputs: Mapping[str, Shape], functions: Functions) -> None:
        from graphgrad.compile.columns.softmax_rows import column_sums, softmax_rows

        self.tape, self.functions = tape, functions
        self.shapes = register_shapes(tape, inputs)
        np = functions.numpy
        self.scope: dict[str, Any] = {"np": np, "choose": np.where, "to_shape": np.broadcast_to, "inf": float("inf")}
        self.scope |= {"number": np.float64, "total": np.add.reduce}
        self.scope |= {"softmax_rows": softmax_rows, "column_sums": column_sums}
        self.scope |= {"empty": shared().empty, "dtype": np.dtype(float)}
        self.lines: list[str] = []
        self.values: dict[int, _Value] = {}
        self.last_use = {operand: i for i, step in enumerate(tape.steps) for operand in step.operands}
        self.last_of_shape = {self.shapes[step.target]: i for i, step in enumerate(tape.steps)}
        self.last_use |= dict.fromkeys(tape.outputs, len(tape.steps))
        self.free: dict[Shape, list[str]] = defaultdict(list)
        self.rows: dict[tuple[int, int], str] = {}
        self.in_rows: set[str] = set()
        self.truths = self._staying_truths()
        self.function_names: dict[int, str] = {}
        self.steps_watched: set[int] = set()
        self.looks: list[str] = []
        self.here, self.dying = 0, list[_Value]()

    def compiled(self, lines: Sequence[str]) -> Callable[..., Any]:
        """Return the function that lines define, the first of which is its head."""
        source = "\n    ".join(lines)
        exec(compile(source, "<graphgrad>", "exec"), self.scope)  # noqa: S102  generated names and numbers alone
        return self.scope["program"]  # type: ignore[no-any-return]

    def inputs(self) -> list[str]:
        """Return the names of the inputs."""
        registers = self.tape.inputs.values()
        self.values |= {register: _Value(f"x{i}", self.shapes[register]) for i, register in enumerate(registers)}
        return [self.values[register].name for register in registers]

    def body(self) -> list[str]:
        """Write all steps, and return the names of the outputs."""
        for register, number in self.tape.constants.items():
            self.values[register] = _Value(f"({float(number)!r})", ())
        for i, step in enumerate(self.tape.steps):
            self._write(i, step)
        return [*self._results()]

    def size(self, name: str, shape: Shape) -> str:
        """Return a sum that is finite only if every entry is: of the squares, and of many entries themselves."""
        if not shape:
            return f"{name} * {name}"
        return f"(r := {name}.ravel()).dot(r)" if math.prod(shape) <= ONE_THREAD else f"abs(total({name}, None))"

    def _results(self) -> Iterator[str]:
        """Yield the outputs, each with memory of its own."""
        seen = set()
        for i, register in enumerate(self.tape.outputs):
            name, shape = f"y{i}", self.shapes[register]
            value = self.values[register]
            is_whole = value.is_own and value.shape == shape and register not in seen
            seen.add(register)
            if not shape:
                self.lines.append(f"{name} = number({value.name})")
            elif is_whole:
                self.lines.append(f"{name} = {value.name}")
            else:
                self.lines.append(f"{name} = np.array(to_shape({value.name}, {shape}), float)")
            yield name

    # ---- one step

    def _write(self, i: int, step: Step) -> None:
        """Write a step, and free the memory of what no later step reads."""
        self.here = i
        dead = [register for register in dict.fromkeys(step.operands) if self.last_use[register] == i]
        self.dying = [value for register in dead if (value := self.values[register]).is_own]
        result = self._on_arrays(step) if step.op.on_arrays else self._entry_by_entry(step)
        self.values[step.target] = result
        if step.target in self.steps_watched:
            self.looks.append(f"s{i}")
            self.lines.append(f"s{i} = {self.size(result.name, result.shape)}")
        for register in dead:
            value = self.values[register]
            if value.name == result.name or not value.name.startswith(VARIABLE):
                continue
            if value.is_own and self.last_of_shape.get(value.shape, -1) > i:
                self.free[value.shape].append(value.name)
            else:
                self.lines.append(f"del {value.name}")

    def _assigned(self, text: str, shape: Shape, *, is_own: bool = False, is_truth: bool = False) -> _Value:
        name = f"{VARIABLE}{self.here}"
        self.lines.append(f"{name} = {text}")
        return _Value(name, shape, is_own and bool(shape), is_truth)

    def _entry_by_entry(self, step: Step) -> _Value:
        """Write an operation on numbers, on as few entries as its operands have."""
        op, operands = step.op, [self.values[register] for register in step.operands]
        names, shape = [x.name for x in operands], broadcast(*(x.shape for x in operands))
        if op.chooses:
            condition = names[0] if operands[0].is_truth else f"{names[0]} != 0"
            text = "choose({}, {}, {})" if shape else "({1} if {0} else {2})"
            return self._assigned(text.format(condition, *names[1:]), shape, is_own=True)
        if not shape and (number := self._number(op, names)):
            return self._assigned(number, shape)
        function = self.functions.ufunc(op)
        name = self._named(function)
        if op.binds == COMPARISON:
            is_truth = step.target in self.truths
            text = f"{name}({', '.join(names)})"
            return self._assigned(text if is_truth else f"{text} * 1.0", shape, is_own=not is_truth, is_truth=is_truth)
        if not isinstance(getattr(function, "func", function), self.functions.numpy.ufunc):
            self._escape(step.operands)
            return self._assigned(_chained(name, names, "") if op.variadic else f"{name}({', '.join(names)})", shape)
        place = self._place(shape, names[MATRIX:]) or self._pooled(shape)
        out = f", out={place}" if place else ""
        text = _chained(name, names, out) if op.variadic else f"{name}({', '.join(names)}{out})"
        if place is None:
            return self._assigned(text, shape, is_own=True)
        self.lines.append(text)
        return _Value(place, shape, is_own=True)

    def _number(self, op: Op, names: Sequence[str]) -> str | None:
        """Return an operation on numbers alone in Python's operators and functions, None where it has none."""
        if op.name in NUMBERS:
            return str(NUMBERS[op.name].format(*names))
        known = NUMBER_FUNCTIONS.get(op.name)
        return f"{self._named(known)}({', '.join(names)})" if known else None

    def _place(self, shape: Shape, but: Sequence[str]) -> str | None:
        """Return an array to write into: a dying operand, or a free one; None if there is neither."""
        for value in self.dying:
            if value.shape == shape and value.name not in but:
                return value.name
        return self.free[shape].pop() if self.free[shape] else None

    def _pooled(self, shape: Shape) -> str | None:
        """Return a new array in pooled memory, None where that takes longer than letting NumPy allocate one."""
        if math.prod(shape) * self.scope["dtype"].itemsize < LEAST:
            return None
        name = f"{VARIABLE}{self.here}"
        self.lines.append(f"{name} = empty({shape}, dtype)")
        self.in_rows.add(name)
        return name

    def _on_arrays(self, step: Step) -> _Value:
        """Write an operation on arrays."""
        op, shape = step.op, self.shapes[step.target]
        shapes = [self.shapes[register] for register in step.operands]
        names = [self._whole(register) for register in step.operands]
        if op.name in FUSED:
            method, (logits, targets) = FUSED[op.name]
            rows = self._softmax_rows(step.operands[logits], step.operands[targets])
            return self._assigned(f"{rows}.{method}()", shape, is_own=True)
        if op.name in PRODUCTS:
            left, right, matrices = PRODUCTS[op.name]
            if all(len(shapes[position]) == MATRIX for position in matrices):
                return self._product(left.format(*names), right.format(*names), shape)
        if op is SUM_LIKE and len(shapes[0]) == MATRIX and shapes[0][1:] == shapes[1]:
            return self._assigned(f"column_sums({names[0]})", shape, is_own=True)
        function = self.functions.on_arrays(op)
        text = f"{self._named(function)}({', '.join(names)})"
        if op.name not in FRESH:
            self._escape(step.operands)
        return self._assigned(text, shape, is_own=op.name in FRESH)

    def _product(self, left: str, right: str, shape: Shape) -> _Value:
        place = next((name for name in self.free[shape] if name in self.in_rows), None)
        if place is not None:
            self.free[shape].remove(place)
        else:
            place = self._pooled(shape)
        if place is not None:
            self.lines.append(f"{left}.dot({right}, {place})")
            return _Value(place, shape, is_own=True)
        result = self._assigned(f"{left}.dot({right})", shape, is_own=True)
        self.in_rows.add(result.name)
        return result

    def _softmax_rows(self, logits: int, targets: int) -> str:
        """Return the name of what computes softmax with cross-entropy of two registers."""
        key = logits, targets
        if key not in self.rows:
            self.rows[key] = f"k{self.here}"
            self.lines.append(f"k{self.here} = softmax_rows({self._whole(logits)}, {self._whole(targets)})")
        return self.rows[key]

    def _whole(self, register: int) -> str:
        """Return a register's array, broadcast to its shape."""
        value, shape = self.values[register], self.shapes[register]
        return value.name if value.shape == shape else f"to_shape({value.name}, {shape})"

    def _named(self, what: Any) -> str:
        """Return the name by which the program calls a function."""
        name = self.function_names.setdefault(id(what), f"f{len(self.function_names)}")
        self.scope[name] = what  # which keeps it, and its id
        return name

    def _escape(self, registers: Sequence[int]) -> None:
        """Never write to these again: a result may be a view of them."""
        for register in registers:
            self.values[register] = self.values[register]._replace(is_own=False)

    def _staying_truths(self) -> set[int]:
        """Return the comparisons whose results stay truth values: all that reads them takes those."""
        comparisons = {step.target for step in self.tape.steps if step.op.binds == COMPARISON}
        refused = set(self.tape.outputs)
        for step in self.tape.steps:
            of_them = [register for register in step.operands if register in comparisons]
            if step.op.chooses:
                refused.update(step.operands[1:])
            elif step.op.name not in TAKES_TRUTHS or len(of_them) > 1:
                refused.update(of_them)
        return comparisons - refused


def _chained(function: str, names: Sequence[str], out: str) -> str:
    """Return calls of a function of two for many operands."""
    text = names[0]
    for name in names[1:]:
        text = f"{function}({text}, {name}{out})"
    return text
