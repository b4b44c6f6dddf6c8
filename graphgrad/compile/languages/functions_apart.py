"""Write a function that a text defines as a function of the language, and its calls as calls.

Each is written once, with all of its results: the value, and the derivatives that are needed. Example, in Python, for
`f(x) = sin(x)**2; f(a)*f(b)`:

    def f(x: float) -> tuple[float, float]:
        v1 = sin(x)
        return v1 * v1, 2.0 * (v1 * cos(x))

In the function that calls it, `v1 = f(a)` has all results, `v1[0]` the value, and `v1[1]` the derivative by x.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from itertools import count, groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from graphgrad.compile.languages.language import Apart, body_of, distinct_identifiers
from graphgrad.compile.optimize.lowering import lowered
from graphgrad.namespaces.namespace import namespace_of
from graphgrad.ops.op import Step, nothing
from graphgrad.tape.closed_calls import closed_with_bodies
from graphgrad.tape.gradient import differentiated, differentiated_tape

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphgrad.compile.languages.language import Body, Language, Signature
    from graphgrad.graph.data import GraphData
    from graphgrad.ops.op import Op
    from graphgrad.tape.tape import Tape

__all__ = ["with_functions"]


def with_functions(graph: GraphData, language: Language, signature: Signature) -> str:
    """Return the source of a graph's value and gradient with the functions of the text before it; "" without calls.

    >>> from graphgrad.compile.languages.javascript import JavaScript
    >>> from graphgrad.compile.languages.language import Signature
    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> text = "f(x) = x**2; f(a)*b"
    >>> print(with_functions(build(text, parse(text)), JavaScript(), Signature("g", "f(a)*b", ("a", "b"))))
    // f(x): the value, and the derivative by x
    function f(x) {
        return [x * x, 2.0 * x];
    }
    <BLANKLINE>
    // f(a)*b
    function g(a, b) {
        const v1 = f(a);
        return [v1[0] * b, {"a": b * v1[1], "b": v1[0]}];
    }
    """
    closed, bodies = closed_with_bodies(graph)
    routines = {op: _Routine.of(number, op, body) for number, (op, body) in enumerate(bodies.items())}
    steps = [step._replace(op=routines[step.op].results[0]) if step.op in routines else step for step in closed.steps]
    results = {op: (routine, i) for routine in routines.values() for i, op in enumerate(routine.results)}
    tape = differentiated(replace(closed, steps=steps), signature.wrt)
    tape = lowered(tape, lambda op: op in results or language.knows(op), language.title, language.rewrites)
    used = _used(tape, results)
    if not used or not language.first_result:
        return ""
    most = max(map(len, used.values()))
    taken = (signature.name, *language.results_type(most))
    names = distinct_identifiers((routine.text for routine in used), language, taken)
    inside = language.beside(_spelled(used, names, most, language.first_result))
    bodies_apart = [routine.body(positions, inside) for routine, positions in used.items()]
    sources = map(inside.function_apart, bodies_apart, names, map(_about, used, used.values()))
    main = body_of(_joined(tape, results), inside)
    ops = main.ops.union(*(body.ops for body in bodies_apart))
    return language.whole(replace(main, ops=ops, before=(*inside.results_type(most).values(), *sources)), signature)


@dataclass(frozen=True, slots=True, eq=False)
class _Routine:
    """A function of the text: its body, the operation that calls it, and those that are its results.

    The results are the value, and the derivative by each operand.
    """

    text: str
    tape: Tape
    call: Op
    results: tuple[Op, ...]

    @staticmethod
    def of(number: int, op: Op, body: Tape) -> _Routine:
        """Return the function that an operation stands for; no text can hold the names of its operations."""
        none = (None,) * len(body.inputs)
        slopes = [replace(op, name=f"\n{number} {i}", f=partial(_slope, op, i), d=none) for i in range(len(none))]
        constant = [body.outputs[0] in body.locally_constant([register]) for register in body.inputs.values()]
        rules = tuple(nothing if flat else partial(_read, d) for flat, d in zip(constant, slopes, strict=True))
        tape = replace(body, inputs=dict(zip(_unlike(op.parameters), body.inputs.values(), strict=True)))
        call = replace(op, name=f"\n{number}()")
        return _Routine(op.name, tape, call, (replace(op, name=f"\n{number}", d=rules), *slopes))

    def body(self, positions: Sequence[int], language: Language) -> Body:
        """Return the body of the function with these of its results."""
        names = [*self.tape.inputs]
        tape = differentiated_tape(self.tape, [names[i - 1] for i in positions if i])
        tape = replace(tape, outputs=tape.outputs[0 if positions[0] == 0 else 1 :])
        return body_of(lowered(tape, language.knows, language.title, language.rewrites), language)


def _slope(op: Op, position: int, m: Any, *operands: Any) -> Any:
    return op.partial(m, position, None, *operands)


def _read(d: Op, m: Any, _z: Any, *operands: Any) -> Any:
    """Record a local derivative as a result of the function."""
    return namespace_of(m).value(d, operands)


def _unlike(names: Sequence[str]) -> list[str]:
    """Return names with a sign behind each that stands there a second time: a function may use an outer x beside its x.

    >>> _unlike(["x", "k", "x"])
    ['x', 'k', 'x_']
    """
    result: list[str] = []
    for name in names:
        result.append(next(new for i in count() if (new := name + "_" * i) not in result))
    return result


def _used(tape: Tape, results: Mapping[Op, tuple[_Routine, int]]) -> dict[_Routine, list[int]]:
    """Return the positions of the results of each function that a tape uses."""
    found = {results[step.op] for step in tape.steps if step.op in results}
    ordered = sorted(found, key=lambda pair: (pair[0].call.name, pair[1]))
    return {routine: [i for _, i in pairs] for routine, pairs in groupby(ordered, key=itemgetter(0))}


def _about(routine: _Routine, positions: Sequence[int]) -> str:
    """Return a sentence that says what a function returns."""
    names = [*routine.tape.inputs]
    by = ", ".join(names[i - 1] for i in positions if i)
    derivatives = f"the derivative{'s' if len(positions) - (0 in positions) > 1 else ''} by {by}"
    told = [*(["the value"] if 0 in positions else []), *([derivatives] if by else [])]
    return f"{routine.text}({', '.join(names)}): {', and '.join(told)}"


def _spelled(used: Mapping[_Routine, Sequence[int]], names: Sequence[str], most: int, first_result: str) -> Apart:
    calls, results = {}, {}
    for (routine, positions), name in zip(used.items(), names, strict=True):
        calls[routine.call.name] = f"{name}({', '.join(['{}'] * len(routine.tape.inputs))})"
        for i, position in enumerate(positions):
            results[routine.results[position].name] = first_result.replace("0", str(i))
    return Apart(calls, results, most, frozenset(names))


def _joined(tape: Tape, results: Mapping[Op, tuple[_Routine, int]]) -> Tape:
    """Return the tape with one call for all results of a function at the same operands, from which each is read."""
    calls: dict[tuple[_Routine, tuple[int, ...]], int] = {}
    steps: list[Step] = []
    for step in tape.steps:
        routine, _ = results.get(step.op, (None, 0))
        if routine is None:
            steps.append(step)
            continue
        call = routine, step.operands
        if call not in calls:
            calls[call] = tape.size + len(calls)
            steps.append(Step(calls[call], routine.call, step.operands))
        steps.append(step._replace(operands=(calls[call],)))
    return replace(tape, size=tape.size + len(calls), steps=tuple(steps))
