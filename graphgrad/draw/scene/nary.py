"""Join sums and products of two operands to sums and products of many, as textbooks write them."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any

from graphgrad.namespaces.array_values import is_array

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphgrad.draw.view import Edge, Node, View

__all__ = ["with_nary_nodes"]

FEWEST = 3
"""The fewest operands of a node that stands for several operations."""


def with_nary_nodes(view: View) -> View:
    """Return the view with each chain of sums, and each of products, as one node with all operands in the text's order.

    A sum or a difference belongs to the sum that it is an operand of, where nothing else uses it and it has no name.
    It is not joined where a − or a ÷ stands before it, as in x − (y − z). An edge has the local derivative of the whole
    by its operand.

    >>> from graphgrad import parse
    >>> from graphgrad.draw.view import view_of
    >>> view = with_nary_nodes(view_of(parse("a - b + c*2*d").backprop({"a": 1, "b": 2, "c": 3, "d": 4}).passes))
    >>> [(node.label, [edge.sign for edge in view.edges[number]]) for number, node in view.nodes.items() if node.op]
    [('×', ['×', '×', '×']), ('+', ['+', '−', '+'])]
    >>> [edge.partial for number in view.operands for edge in view.edges[number]]
    [8.0, None, 6.0, 1, -1, 1]
    >>> [view.formula(edge) for number in view.operands for edge in view.edges[number] if edge.differentiable]
    ['2*d', 'c*2', '1', '-1', '1']
    """
    inner = {edge.operand for edge in view.all_edges if _is_part(view, edge)}
    roots = {edge.result for edge in view.all_edges if edge.operand in inner} - inner
    whole = {root: tuple(_leaves(view, root, inner)) for root in roots}
    whole = {root: edges for root, edges in whole.items() if len(edges) >= FEWEST}
    if not whole:
        return view
    hidden = {number for root in whole for number in _parts(view, root, inner)}
    nodes = {n: node for n, node in view.nodes.items() if n not in hidden}
    nodes |= {root: _whole(view, root, inner) for root in whole}
    edges = {n: whole.get(n, view.edges[n]) for n in view.operands if n not in hidden}
    operands = {n: tuple(edge.operand for edge in row) for n, row in edges.items()}
    return replace(view, nodes=nodes, edges=edges, operands=operands)


def _is_part(view: View, edge: Edge) -> bool:
    """Tell whether an operand is a part of the same sum or product as its result."""
    part, whole = view.nodes[edge.operand], view.nodes[edge.result]
    if part.name or view.uses[edge.operand] > 1 or not (_joins(part) and _joins(whole)):
        return False
    return _joins(part)[0] == _joins(whole)[0] == _joins(whole)[edge.position]


def _joins(node: Node) -> tuple[str, ...]:
    return node.op.joins if node.op and node.kind == "operation" else ()


def _parts(view: View, root: int, inner: set[int]) -> Iterator[int]:
    """Yield the operations of which a sum or a product consists, without the last one."""
    waiting = [root]
    while waiting:
        parts = [operand for operand in view.operands[waiting.pop()] if operand in inner]
        yield from parts
        waiting += parts


def _leaves(view: View, root: int, inner: set[int]) -> Iterator[Edge]:
    """Yield the edges into a sum or a product, in the order of the text."""
    waiting: list[tuple[Edge, tuple[Edge, ...]]] = [(edge, (edge,)) for edge in reversed(view.edges[root])]
    position = 0
    while waiting:
        edge, path = waiting.pop()
        if edge.operand in inner:
            waiting += [(each, (each, *path)) for each in reversed(view.edges[edge.operand])]
            continue
        through = tuple((each.result, each.position) for each in path)
        *signs, word = _joins(view.nodes[edge.result])
        sign, role = signs[edge.position], word if edge.position else ""
        yield edge._replace(
            result=root,
            position=position,
            partial=_product(path),
            sign=sign,
            role=role,
            through=through,
            differentiable=all(each.differentiable for each in path),
        )
        position += 1


def _product(path: tuple[Edge, ...]) -> Any:
    """Return the product of the local derivatives along a path; None where one is unknown or an array."""
    factors = [edge.partial for edge in path]
    if any(factor is None or is_array(factor) for factor in factors):
        return None if factors[1:] else factors[0]
    product = factors[0]
    for factor in factors[1:]:
        product = product * factor
    return product


def _whole(view: View, root: int, inner: set[int]) -> Node:
    parts = [view.nodes[number] for number in chain((root,), _parts(view, root, inner))]
    label = _joins(view.nodes[root])[0]
    share, lit = min(sum(part.share for part in parts), 1.0), any(part.lit for part in parts)
    return view.nodes[root]._replace(label=label, share=share, lit=lit)
