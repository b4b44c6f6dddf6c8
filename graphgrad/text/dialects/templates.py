"""Read a call of another language's function as the expression that a template writes for it: "x, n: x*2**n"."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from graphgrad.ops.table import OPERATIONS
from graphgrad.text.parser import parse
from graphgrad.text.plain import plain_grammar
from graphgrad.text.statement import Apply, Compound, Name, Number, Part

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphgrad.ops.op import Op
    from graphgrad.text.grammar import Form
    from graphgrad.text.reader import Parenthesis, Reader
    from graphgrad.text.statement import Item, Span

__all__ = ["NORMAL", "forms_of", "takes_operands"]

NORMAL: Final[Mapping[str, tuple[str, ...]]] = {
    "cdf(": ("x: normcdf(x)", "x, m: normcdf(x - m)", "x, m, s: normcdf((x - m)/s)"),
    "pdf(": ("x: normpdf(x)", "x, m: normpdf(x - m)", "x, m, s: normpdf((x - m)/s)/s"),
    "ppf(": (
        "p: -(sqrt(2)*erfcinv(2*p))",
        "p, m: m - sqrt(2)*erfcinv(2*p)",
        "p, m, s: m - s*(sqrt(2)*erfcinv(2*p))",
    ),
    "sf(": ("x: normcdf(-x)", "x, m: normcdf(m - x)", "x, m, s: normcdf((m - x)/s)"),
}
"""Functions of the normal distribution; m is its mean, s its standard deviation."""

Template = tuple[tuple[Number, ...], tuple[tuple["Op", tuple[int, ...]], ...]]
"""The numbers of a template, and its operations with the places of their operands: the call's, the numbers, results."""


def forms_of(templates: Mapping[str, tuple[str, ...]]) -> dict[str, Form]:
    """Return what reads the calls that templates are given for; each has another number of operands.

    >>> sorted(forms_of(NORMAL))
    ['cdf', 'pdf', 'ppf', 'sf']
    """
    return {name.rstrip("("): _form({_count(text): text for text in texts}) for name, texts in templates.items()}


def _count(template: str) -> int:
    return template.partition(":")[0].count(",") + 1


def _form(templates: Mapping[int, str]) -> Form:
    def form(reader: Reader, call: Parenthesis, whole: Span) -> Item:
        for _, span in call.params.values():
            reader.fail(f"'{call.function}' takes its operands by their order", span, "leave its name out")
        if call.operands not in templates:
            takes_operands(reader, call, whole, tuple(templates))
        numbers, steps = _compiled(templates[call.operands])
        for number in numbers:
            reader.add(number, whole)
        call.operands += len(numbers)
        if len(steps) == 1 and steps[0][1] == tuple(range(call.operands)):
            return Apply(steps[0][0], call.operands)
        return Compound(call.operands, tuple(Part(op, places, whole) for op, places in steps))

    return form


def takes_operands(reader: Reader, call: Parenthesis, whole: Span, counts: tuple[int, ...], hint: str = "") -> None:
    """Refuse a call with another number of operands than a function takes."""
    shown = " or ".join(map(str, counts))
    plural = "s" * (counts[-1] != 1)
    reader.fail(f"{call.function} takes {shown} operand{plural} here, not {call.operands}", whole, hint)


@lru_cache(maxsize=256)
def _compiled(template: str) -> Template:
    names, _, text = template.partition(":")
    places = {name.strip(): i for i, name in enumerate(names.split(","))}
    [statement] = parse(text, plain_grammar(OPERATIONS))
    numbers = tuple({item.text: item for item in statement.code if isinstance(item, Number)}.values())
    places |= {number.text: len(places) + i for i, number in enumerate(numbers)}
    stack: list[int] = []
    steps: list[tuple[Op, tuple[int, ...]]] = []
    for item in statement.code:
        if isinstance(item, (Name, Number)):
            stack.append(places[item.text])
        elif isinstance(item, Apply):
            split = len(stack) - item.arity
            steps.append((item.op, tuple(stack[split:])))
            del stack[split:]
            stack.append(len(places) + len(steps) - 1)
    return numbers, tuple(steps)
