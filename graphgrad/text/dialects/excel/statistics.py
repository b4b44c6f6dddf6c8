"""Excel's sums over ranges: products, squares, and the cells that fulfil a criterion."""

from __future__ import annotations

import re
from functools import reduce
from operator import mul
from typing import TYPE_CHECKING, Any, Final

from graphgrad.ops.table import OPERATIONS
from graphgrad.text.dialects.excel.choices import all_of, undefined
from graphgrad.text.dialects.excel.references import Area
from graphgrad.text.dialects.excel.terms import EQUAL, Operand, Refused, Term
from graphgrad.text.statement import Number
from graphgrad.text.tokens import exact_number

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from graphgrad.ops.op import Op
    from graphgrad.text.dialects.excel.lowering import Lowering
    from graphgrad.text.dialects.excel.terms import Content, Value

__all__ = [
    "average_if",
    "average_ifs",
    "count_if",
    "count_ifs",
    "extreme_ifs",
    "mean_distance",
    "pairs_of",
    "squares",
    "sum_if",
    "sum_ifs",
    "sum_of_products",
    "sum_over_pairs",
]

CRITERION: Final = re.compile(r"(<>|<=|>=|<|>|=)?(.*)", re.DOTALL)
SIGNS: Final = {"": "==", "=": "==", "<>": "!="}
"""The comparisons that Excel writes otherwise than the plain language."""

WILDCARDS: Final = "*?~"


def squares(m: Any, xs: Sequence[Term]) -> Any:
    """Return the sum of the squares of the distances from the mean."""
    mean = m.total(xs) / len(xs)
    return m.total([(x - mean) ** 2 for x in xs])


def mean_distance(m: Any, xs: Sequence[Term]) -> Any:
    """AVEDEV: the mean of the distances from the mean."""
    mean = m.total(xs) / len(xs)
    return m.total([m.abs(x - mean) for x in xs]) / len(xs)


def sum_of_products(low: Lowering, operands: list[Operand]) -> Value:
    """SUMPRODUCT: what is no number counts as 0."""
    grids = [low.grid(operand) for operand in _cut(low, operands)]
    sizes = dict.fromkeys((len(grid), len(grid[0])) for grid in grids)
    if len(sizes) > 1:
        shown = " and ".join(f"{height}×{width}" for height, width in sizes)
        low.fail("the ranges have different sizes", low.m.span, f"they have {shown} cells: give ranges of one size")
    rows = zip(*[[content for row in grid for content in row] for grid in grids], strict=True)
    products = [reduce(mul, terms) for row in rows if (terms := _factors(row))]
    return low.m.total(products)


def _cut(low: Lowering, operands: list[Operand]) -> list[Operand]:
    """Return operands whose whole columns are cut to the rows that are filled in any of them."""
    areas = [operand.value for operand in operands if isinstance(operand.value, Area)]
    used = [low.cells.used(area, low.m.span) for area in areas]
    if len(areas) < len(operands) or len({(area.height, area.width, area.top, area.left) for area in areas}) > 1:
        return operands
    bottom, right = (max((getattr(area, side) for area in used if area), default=1) for side in ("bottom", "right"))
    cut = [
        area._replace(bottom=min(area.bottom, max(bottom, area.top)), right=min(area.right, max(right, area.left)))
        for area in areas
    ]
    return [operand._replace(value=area) for operand, area in zip(operands, cut, strict=True)]


def _factors(contents: Sequence[Content]) -> list[Term]:
    """Return the factors of one product, none where one of them counts as 0."""
    for content in contents:
        if isinstance(content, Refused):
            raise content.error
    terms = [content for content in contents if isinstance(content, Term) and not content.logical]
    return terms if len(terms) == len(contents) else []


def sum_over_pairs(rule: Callable[[Term, Term], Term]) -> Callable[[Lowering, list[Operand]], Value]:
    """Return SUMXMY2 and its like, from what is summed of each pair."""
    return lambda low, operands: low.m.total([rule(x, y) for x, y in pairs_of(low, *operands)])


def pairs_of(low: Lowering, x: Operand, y: Operand) -> list[list[Term]]:
    """Return the pairs of two ranges in which both are numbers."""
    xs, ys = ([content for row in low.grid(operand) for content in row] for operand in (x, y))
    if len(xs) != len(ys):
        low.fail("the ranges have different sizes", low.m.span, f"{len(xs)} and {len(ys)} cells")
    return [terms for pair in zip(xs, ys, strict=True) if (terms := _factors(pair))]


def sum_if(low: Lowering, operands: list[Operand]) -> Value:
    """SUMIF."""
    return _sum(low, _chosen(low, operands))


def average_if(low: Lowering, operands: list[Operand]) -> Value:
    """AVERAGEIF."""
    return _mean(low, _chosen(low, operands))


def _sum(low: Lowering, chosen: list[tuple[Term, Term]]) -> Term:
    return low.m.total([low.m.where(c, x, 0) if c.number is None else x for c, x in chosen])


def _mean(low: Lowering, chosen: list[tuple[Term, Term]]) -> Term:
    total = _sum(low, chosen)
    return total / low.m.total([c for c, _ in chosen]) if chosen else undefined(low)


def _chosen(low: Lowering, operands: list[Operand]) -> list[tuple[Term, Term]]:
    """Return the numbers that a criterion may choose, each with its condition."""
    tested = low.cells_of_any(operands[0])
    summed = low.shaped_like(operands[-1] if len(operands) > 2 else operands[0], operands[0])  # noqa: PLR2004  it is left out
    return _with_conditions(low, summed, [(tested, operands[1])])


def sum_ifs(low: Lowering, operands: list[Operand]) -> Value:
    """SUMIFS."""
    return _sum(low, _chosen_by_all(low, operands))


def average_ifs(low: Lowering, operands: list[Operand]) -> Value:
    """AVERAGEIFS."""
    return _mean(low, _chosen_by_all(low, operands))


def extreme_ifs(extreme: Callable[[Any, Term, Term], Term]) -> Callable[[Lowering, list[Operand]], Value]:
    """Return MAXIFS or MINIFS: the largest or smallest number of those that are chosen, 0 where none is."""

    def read(low: Lowering, operands: list[Operand]) -> Value:
        best, is_any = low.m.lift(0), low.m.truth(value=False)
        for condition, x in _chosen_by_all(low, operands):
            better = extreme(low.m, best, x)
            found = x if is_any.number == 0 else better if is_any.number else low.m.where(is_any, better, x)
            if condition.number is None:
                best = low.m.where(condition, found, best)
                is_any = condition if is_any.number == 0 else low.m.logical_or(is_any, condition)
            else:
                best, is_any = found, low.m.truth(value=True)
        return best

    return read


def _chosen_by_all(low: Lowering, operands: list[Operand]) -> list[tuple[Term, Term]]:
    return _with_conditions(low, low.cells_of_any(operands[0]), _criteria(low, operands[1:]))


def count_if(low: Lowering, operands: list[Operand]) -> Value:
    """COUNTIF."""
    return count_ifs(low, operands)


def count_ifs(low: Lowering, operands: list[Operand]) -> Value:
    """COUNTIFS."""
    criteria = _criteria(low, operands)
    rows = range(len(criteria[0][0]))
    conditions = [all_of(low, [_meets(low, cells[i], criterion) for cells, criterion in criteria]) for i in rows]
    return low.m.total([condition for condition in conditions if condition.number is None or condition.number])


def _criteria(low: Lowering, operands: list[Operand]) -> list[tuple[list[Content], Operand]]:
    if len(operands) % 2:
        low.fail("a range and a criterion belong together", low.m.span)
    return [
        (low.cells_of_any(cells), criterion) for cells, criterion in zip(operands[::2], operands[1::2], strict=True)
    ]


def _with_conditions(
    low: Lowering, summed: list[Content], criteria: list[tuple[list[Content], Operand]]
) -> list[tuple[Term, Term]]:
    if any(len(cells) != len(summed) for cells, _ in criteria):
        low.fail("the ranges have different sizes", low.m.span, "give ranges of the same height and width")
    found = []
    for i, content in enumerate(summed):
        condition = all_of(low, [_meets(low, cells[i], criterion) for cells, criterion in criteria])
        if condition.number is None or condition.number:
            if isinstance(content, Refused):
                raise content.error
            if isinstance(content, Term) and not content.logical:
                found.append((condition, content))
    return found


def _meets(low: Lowering, content: Content, criterion: Operand) -> Term:
    """Return whether a cell meets a criterion: a number, a text, or a text that begins with a comparison."""
    if isinstance(content, Refused):
        raise content.error
    wanted = low.content(criterion)
    op: Op = EQUAL
    if isinstance(wanted, str):
        sign, rest = CRITERION.fullmatch(wanted).groups(default="")  # type: ignore[union-attr]
        op = next(op for op in OPERATIONS.values() if SIGNS.get(sign, sign) in op.symbols)
        number = exact_number(rest.strip()) if rest.strip()[:1].isdigit() else None
        if number is None and any(sign in rest for sign in WILDCARDS):
            low.fail("wildcards are not read", criterion.span, "write the whole text")
        wanted = rest if number is None else low.m.literal(Number(number, rest.strip()))
    is_number, wants_number = isinstance(content, Term) and not content.logical, isinstance(wanted, Term)
    if is_number != wants_number and content is not None:
        return low.m.truth(op is not EQUAL and wanted != "" and SIGNS["<>"] in op.symbols)
    if content is None and wants_number:
        return low.m.truth(SIGNS["<>"] in op.symbols)
    return low.compared(op, content, wanted, criterion.span)
