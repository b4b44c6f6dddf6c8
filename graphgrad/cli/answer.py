"""Write the command's answer: text to read, or one JSON object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from graphgrad.backprop.class_indices import class_indices
from graphgrad.base.terminal_text import PAGE, folded, isolated, printable
from graphgrad.draw.formats.tree import tree
from graphgrad.namespaces.array_values import is_array
from graphgrad.namespaces.display import entries, short
from graphgrad.namespaces.kinds import kind_of
from graphgrad.text.quoted_names import written

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from graphgrad.analysis.explain.chain import Factor
    from graphgrad.analysis.explain.explanation import Explanation
    from graphgrad.api.graph import Graph
    from graphgrad.api.result import Backprop
    from graphgrad.base.errors import GraphgradError
    from graphgrad.check.report import Report, Row

__all__ = ["answer_json", "answer_text", "error_json", "printed", "table_json"]

NOTHING: Final[Mapping[str, Any]] = {}


def answer_text(  # noqa: PLR0913  each is a part of the answer
    graph: Graph,
    result: Backprop[Any],
    report: Report,
    explanations: Mapping[str, Explanation] = NOTHING,
    uses: Mapping[str, Any] = NOTHING,
    *,
    colour: bool = False,
    wrote: str | None = None,
    values: bool = False,
    width: int = PAGE,
) -> str:
    """Return the answer as text: tree, value, gradient, its uses, warnings, explanations, and the check's summary."""
    literals = [
        f"{written(name)} = {short(graph.defaults[name])}, the literal at column {start + 1}"
        for name, (start, _) in graph.literals.items()
    ]
    numbers = [f"value = {entries(result.value)}"]
    if _has_seed(result):
        numbers.append(f"seed = {short(result.passes.seed)}, by which the derivatives of the gradient are multiplied")
    indices = {graph.data.names[node] for node in class_indices(result.passes) if node in graph.data.names}
    numbers += [
        f"∂/∂{written(name)} = {entries(partial)}" for name, partial in result.grad.items() if name not in indices
    ]
    shares = uses["lens"].value.shares if "lens" in uses else {}
    blocks = [numbers, *([str(use)] for use in uses.values())]
    blocks.append([*result.warnings, *(blame.sentence for blame in result.blame)])
    blocks += [[str(explanation)] for explanation in explanations.values()]
    blocks.append([folded(line, width) for line in str(report).split("\n")] if report.rows else ["not checked"])
    blocks.append([f"wrote {wrote}"] if wrote else [])
    drawn = tree(result.passes, colour=colour, values=values, shares=shares)
    return "\n\n".join([*_printed([literals]), drawn, *_printed(blocks)])


def _printed(blocks: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield blocks of lines as text that is safe for a terminal; empty ones are left out."""
    for block in blocks:
        if block:
            yield printed("\n".join(block))


def printed(text: str) -> str:
    """Return lines as text that is safe for a terminal."""
    return "\n".join(isolated(printable(line)) for line in text.split("\n"))


def answer_json(
    graph: Graph,
    result: Backprop[Any],
    report: Report,
    explanations: Mapping[str, Explanation] = NOTHING,
    uses: Mapping[str, Any] = NOTHING,
) -> str:
    """Return the answer as one JSON object.

    Numbers are written in the shortest form that reads back, arrays as nested lists, fractions as "p/q", infinities
    as "inf".
    """
    answer = {
        "value": _number(result.value),
        "grad": {name: _number(partial) for name, partial in result.grad.items()},
        "at": {name: _number(value) for name, value in result.at.items()},
        **({"seed": _number(result.passes.seed)} if _has_seed(result) else {}),
        "literals": {name: list(span) for name, span in graph.literals.items()},
        "warnings": list(result.warnings),
        "blame": [blame.as_dict() for blame in result.blame],
        "check": _check(report),
        **{key: _plain(use.as_dict()) for key, use in uses.items()},
    }
    if explanations:
        answer["explain"] = {name: _explained(explanation) for name, explanation in explanations.items()}
    import json

    return json.dumps(answer, ensure_ascii=False, allow_nan=False)


def table_json(answer: Mapping[str, Any], report: Report) -> str:
    """Return the answer for a table as one JSON object, with its check, and numbers as `answer_json` writes them."""
    import json

    return json.dumps(_plain(answer) | {"check": _check(report)}, ensure_ascii=False, allow_nan=False)


def _has_seed(result: Backprop[Any]) -> bool:
    """Whether the output is a number, and its adjoint another one than 1."""
    return not is_array(result.passes.seed) and bool(result.passes.seed != 1)


def _explained(explanation: Explanation) -> dict[str, Any]:
    chain, sympy = explanation.chain, explanation.sympy
    return {
        "derivative": _number(chain.derivative),
        "steps": [{"name": s.name.text, "formula": s.formula.text, "value": _value(s.value)} for s in chain.steps],
        "local": [_factor(factor) | {"formula": factor.formula.text} for factor in chain.factors],
        "path_count": chain.path_count,
        "paths": [
            {"factors": [_factor(factor) for factor in path.factors], "product": _number(path.product)}
            for path in chain.paths
        ],
        "sympy": {
            "formula": sympy.text or None,
            "value": None if sympy.value is None else _number(float(sympy.value)),
            "sides": [_number(float(side)) for side in sympy.sides],
            "not_attempted": sympy.why or None,
        },
        "text": str(explanation),
    }


def _factor(factor: Factor) -> dict[str, Any]:
    named = {"of": factor.of.text, "by": factor.by.text, "value": _number(factor.value)}
    return named | ({"occurrence": factor.occurrence} if factor.occurrence else {})


def _value(number: Any) -> Any:
    return None if isinstance(number, Exception) else _number(number)


def _check(report: Report) -> dict[str, Any]:
    if not report.rows:
        return {"ok": None, "complete": False, "summary": "not checked"}
    worst = report.worst
    return {
        "ok": report.ok,
        "complete": report.complete,
        "summary": report.summary,
        "coverage": report.coverage._asdict(),
        "doubts": [{**doubt._asdict(), "text": str(doubt)} for doubt in report.doubts],
        "furthest": worst and _row(worst),
        "failures": [_row(row) for row in report.failures],
        "kinks": [_row(row) for row in report.having("kink")],
        "rounding": [_row(row) for row in report.having("rounding")],
        "not_attempted": [_row(row) for row in report.not_attempted],
    }


def _row(row: Row) -> dict[str, Any]:
    numbers = {"ours": row.ours, "sympy": row.theirs, "relative": row.relative, "ulps": row.ulps}
    return {"subject": row.subject, "note": row.note} | {k: _number(n) for k, n in numbers.items() if n is not None}


def _plain(data: Any) -> Any:
    """Return nested dictionaries and lists with their numbers as JSON can hold them."""
    if isinstance(data, dict):
        return {key: _plain(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_plain(value) for value in data]
    return data if data is None or isinstance(data, str | bool) else _number(data)


def _number(number: Any) -> Any:
    return kind_of(number).to_answer(number)


def error_json(error: GraphgradError) -> str:
    """Return an error as one JSON object; its span is that in the expression, or in the option that is named."""
    span = getattr(error, "span", None)
    told = {"kind": error.kind, "message": error.message, "hint": error.hint, "span": span}
    answer = {"error": told | ({"option": error.option} if hasattr(error, "option") else {})}
    import json

    return json.dumps(answer, ensure_ascii=False)
