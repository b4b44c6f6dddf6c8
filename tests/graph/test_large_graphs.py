"""Test graphs so large that they are packed into arrays: they are the same graphs, and take less memory."""

from __future__ import annotations

import copy
import pickle
import random
import tracemalloc
from typing import Any, Final

import pytest

import graphgrad as gg
from graphgrad.graph import builder, packed_steps
from graphgrad.graph.packed_leaves import PackedNames, PackedNumbers
from graphgrad.graph.packed_steps import PackedSteps, ops_of, rows_of
from graphgrad.ops.op import Step
from graphgrad.ops.table import OPS
from graphgrad.text import reader
from graphgrad.text.packed_spans import PackedSpans

PROGRAM: Final = "\n".join(f"v{i} = (v{i - 1}*x + 0.{i}*y)/(1 + v{i - 1}**2)" for i in range(1, 40))
TEXTS: Final = [
    "(apple*n + orange*m)*tax",
    "v0 = sin(x)\n" + PROGRAM,
    "z = 3; a = x + y; b = y + x; c = x + y; a*b*c*z",
    "f(a, b) = a*b + 1; f(x, y) + f(y, x) + f(x, y)",
    "sum(i*x for i in 1..50) + y",
    "max(x, y, z)*min(x, y) + hypot(x, y) + abs(x)",
    "where(x > 1, sin(y), where(x == 2, y, -x)) + floor(x)",
    "x*123456789012345678901234567890.5 + 1e-200*y + 25%*x",
    "y = x*z; w = x*z; name = y; name + w + `a name`",
    "a if x < y else b*(x + (y + (z + (x*(y - 1)))))",
    "0 < x < y",
    "1 + 2*3",
    "x",
]
"""Texts with each kind of item: statements, names of older nodes, calls, sums, choices, literals beyond eight bytes."""

SIZES: Final = [(0, 1, 1), (0, 2, 3), (5, 3, 7), (10**9, 1, 1)]
"""From how many steps on a graph is packed, how many at once, and how many tokens are parsed at once."""


@pytest.fixture(params=SIZES, ids=str)
def packed(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pack small graphs as if they were large."""
    few, part, tokens = request.param
    parts: list[tuple[Any, str, int]] = [
        (builder, "FEW", few),
        (builder, "PART", part),
        (packed_steps, "PART", part),
        (reader, "PART", tokens),
        (reader, "MANY_OPERANDS", tokens),
    ]
    for module, name, value in parts:
        monkeypatch.setattr(module, name, value)


PLAIN: Final = {text: gg.parse(text) for text in TEXTS}
"""The graphs as they are without packing."""

UNSHARED: Final = {text: gg.parse(text, share=False) for text in TEXTS}

EACH_TEXT: Final = pytest.mark.parametrize("text", TEXTS)


def point(graph: gg.Graph) -> dict[str, float]:
    """Return a value for each input."""
    return {name: 0.5 + i / 7 for i, name in enumerate(graph.inputs)}


@EACH_TEXT
@pytest.mark.usefixtures("packed")
def test_a_packed_graph_is_the_graph(text: str) -> None:
    """It is equal to the plain one, from both sides, and holds the same values."""
    plain, graph = PLAIN[text].data, gg.parse(text).data
    assert plain == graph
    assert graph == plain
    assert [*graph.steps] == [*plain.steps]
    assert [*graph.spans] == [*plain.spans]
    assert (dict(graph.names), dict(graph.constants)) == (plain.names, plain.constants)


@EACH_TEXT
@pytest.mark.usefixtures("packed")
def test_a_packed_graph_is_copied_and_pickled(text: str) -> None:
    """A copy is equal and runs."""
    graph = gg.parse(text)
    for again in (copy.copy(graph), copy.deepcopy(graph), pickle.loads(pickle.dumps(graph))):
        assert again == PLAIN[text]
        assert again.backprop(point(again)).value == PLAIN[text].backprop(point(again)).value


@EACH_TEXT
@pytest.mark.usefixtures("packed")
def test_a_packed_graph_computes_the_same(text: str) -> None:
    """Values, gradient, partials, kinks, check, the networkx graph and the compiled function are the same."""
    plain, graph = PLAIN[text], gg.parse(text)
    expected, result = plain.backprop(point(plain)), graph.backprop(point(plain))
    assert (result.value, result.grad) == (expected.value, expected.grad)
    assert result.passes.backward.partials.rows == expected.passes.backward.partials.rows
    assert result.passes.kinks == expected.passes.kinks
    assert str(result.check()) == str(expected.check())
    assert repr([*result.dag.nodes(data=True)]) == repr([*expected.dag.nodes(data=True)])
    assert repr([*result.dag.edges(keys=True, data=True)]) == repr([*expected.dag.edges(keys=True, data=True)])
    assert graph.compile()(**point(plain)) == plain.compile()(**point(plain))
    assert (str(graph), graph.to_latex()) == (str(plain), plain.to_latex())
    assert repr(graph.dag.nodes(data=True)) == repr(plain.dag.nodes(data=True))


@EACH_TEXT
@pytest.mark.usefixtures("packed")
def test_a_packed_graph_does_without_sharing(text: str) -> None:
    """With share=False, each use has a node of its own."""
    assert gg.parse(text, share=False) == UNSHARED[text]


WRONG: Final = [
    "a = x*y; b = a + x; a = b",
    "x + y*z + (x - ",
    "x + y*z + (x - y",
    "a = x + y; b = a*c; c = 3; b",
    "x + y*z + sin(x, y)",
    "x*y + 1__0",
    "x + y + z\nx*y",
    "x*y + $",
]


@pytest.mark.usefixtures("packed")
@pytest.mark.parametrize("text", WRONG)
def test_errors_stand_at_the_same_place(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message, the span and the hint of an error in a long text are those of a short one."""
    with pytest.raises(gg.ExpressionError) as packed_error:
        gg.parse(text)
    monkeypatch.undo()
    with pytest.raises(gg.ExpressionError) as plain_error:
        gg.parse(text)
    assert str(packed_error.value) == str(plain_error.value)
    assert packed_error.value.span == plain_error.value.span


@pytest.mark.usefixtures("packed")
@pytest.mark.parametrize(
    ("text", "at"), [("y = x + 1; z = log(y - 3); z*y", {"x": 1}), ("1/(x - x*y)", {"x": 1, "y": 1})]
)
def test_errors_at_a_point_are_the_same(text: str, at: dict[str, float], monkeypatch: pytest.MonkeyPatch) -> None:
    """A value that does not exist is reported at the node where it arises."""
    with pytest.raises(gg.DomainError) as packed_error:
        gg.parse(text).backprop(at)
    monkeypatch.undo()
    with pytest.raises(gg.DomainError) as plain_error:
        gg.parse(text).backprop(at)
    assert str(packed_error.value) == str(plain_error.value)


# ---- the sequences


def some_steps(count: int) -> list[Step]:
    """Return steps of one, two and three operands."""
    draw = random.Random(count)
    kinds = [(OPS["sin"], 1), (OPS["mul"], 2), (OPS["add"], 2), (OPS["where"], 3), (OPS["max"], 4)]
    chosen = [draw.choice(kinds) for _ in range(count)]
    return [Step(2 * i + 1, op, tuple(draw.randrange(2 * i + 1) for _ in range(n))) for i, (op, n) in enumerate(chosen)]


PLACES: Final = [slice(None), slice(2, 5), slice(-3, None), slice(None, None, -1), slice(7, 1, -2), slice(50, 90)]


@pytest.mark.parametrize("part", [1, 2, 3, 1_024])
@pytest.mark.parametrize("count", [0, 1, 2, 9, 40])
def test_packed_steps_are_read_as_a_list_of_steps(count: int, part: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Length, iteration both ways, indices, slices, search and equality are those of the list."""
    monkeypatch.setattr(packed_steps, "PART", part)
    steps = some_steps(count)
    packed = PackedSteps(steps)
    assert len(packed) == count
    assert [*packed] == steps
    assert all(type(step) is Step for step in packed)
    assert [*reversed(packed)] == steps[::-1]
    assert [packed[i] for i in range(-count, count)] == steps + steps
    assert [packed[place] for place in PLACES] == [steps[place] for place in PLACES]
    assert packed == steps == packed
    assert packed == tuple(steps)
    assert packed != [*steps, Step(99, OPS["sin"], (0,))]
    assert all(step in packed and packed.index(step) == i for i, step in enumerate(steps))
    assert [*map(tuple, rows_of(packed))] == [*map(tuple, steps)]
    assert [*map(tuple, rows_of(packed, -1))] == [*map(tuple, rows_of(steps, -1))]
    assert ops_of(packed) == ops_of(steps)
    assert (packed == None) is False  # noqa: E711  the method is asked, as a comparison of records does


@pytest.mark.parametrize("count", [0, 1, 9, 40])
def test_some_of_packed_steps_are_kept(count: int) -> None:
    """Those at a 1 of the mask, and the operations are those of these steps alone."""
    steps, draw = some_steps(count), random.Random(1)
    mask = bytes(draw.randrange(2) for _ in steps)
    expected = [step for step, is_kept in zip(steps, mask, strict=True) if is_kept]
    kept = PackedSteps(steps).kept(mask)
    assert kept == expected
    assert ops_of(kept) == ops_of(expected)
    kept.extend(steps)
    assert kept == expected + steps


def test_packed_steps_refuse_what_a_list_refuses() -> None:
    """An index beyond the end, and a hash."""
    packed = PackedSteps(some_steps(3))
    for index in (3, -4):
        with pytest.raises(IndexError):
            packed[index]
    with pytest.raises(TypeError):
        hash(packed)


def change(spans: Any, draw: random.Random) -> Any:
    """Change a list of spans, or packed ones, in one way."""
    i, some = draw.randrange(6), [(draw.randrange(9), draw.randrange(9)) for _ in range(draw.randrange(3))]
    match draw.randrange(8):
        case 0:
            spans.append((i, 7))
        case 1:
            spans.extend(some)
        case 2:
            spans += some
        case 3:
            spans.insert(i, (3, 4))
        case 4:
            del spans[i : i + 2]
        case 5:
            spans[i : i + 1] = some
        case 6 if len(spans):
            spans[-1] = 5, 6
        case 7 if len(spans):
            return spans.pop()
        case _:
            spans[:] = spans[::-1]
    return None


@pytest.mark.parametrize("seed", range(20))
def test_packed_spans_change_as_a_list_of_spans(seed: int) -> None:
    """After any changes, they are equal to the list that was changed likewise."""
    spans = [(0, 1), (4, 5), (0, 5)]
    packed = PackedSpans(spans)
    for i in range(60):
        assert change(spans, random.Random(f"{seed}.{i}")) == change(packed, random.Random(f"{seed}.{i}"))
        assert packed == spans == [*packed]
        assert [*reversed(packed)] == spans[::-1]
        assert [packed[place] for place in PLACES] == [spans[place] for place in PLACES]
    assert PackedSpans(packed) == packed == pickle.loads(pickle.dumps(packed))
    packed.clear()
    assert packed == []


NAMES: Final = {0: "x", 3: "größe", 4: "", 9: "𝛼", 20: "v\udc80"}


def test_packed_names_are_a_mapping() -> None:
    """Those of older nodes are found, too."""
    names = PackedNames(NAMES)
    assert (names.setdefault(5, "late"), names.setdefault(9, "other"), names.setdefault(30, "new")) == (
        "late",
        "𝛼",
        "new",
    )
    expected = NAMES | {5: "late", 30: "new"}
    assert names == expected == dict(names)
    assert {node: node in names for node in range(32)} == {node: node in expected for node in range(32)}
    assert [names.get(node) for node in range(32)] == [expected.get(node) for node in range(32)]
    assert pickle.loads(pickle.dumps(names)) == expected
    with pytest.raises(KeyError):
        names[1]


LITERALS: Final = ["0.5", "3", "1e300", "0.1", "9223372036854775807", "9223372036854775808", "1e-30", "25%", "0"]


def test_packed_numbers_are_exact() -> None:
    """Numbers beyond eight bytes, too."""
    graph = gg.parse("+".join(f"{text}*x" for text in LITERALS)).data
    numbers = PackedNumbers(graph.constants)
    assert numbers == graph.constants == dict(numbers)
    assert numbers.fractions() == {node: number.value for node, number in graph.constants.items()}
    assert pickle.loads(pickle.dumps(numbers)) == numbers


# ---- memory

OPERATIONS: Final = 100_000
STEP: Final = 4 + 4 + 4 + 2 * 4
"""The bytes of a step: its target, its operation, the end of its operands, and two operands."""
SPAN: Final = 2 * 4
GROWTH: Final = 9 / 8
"""An array has room for an eighth more than it holds."""
KNOWN: Final = 64 + 32 + (24 + 8) * 2
"""The bytes by which an operation is found again: its operands, its number, and an entry of a table half full."""
OPEN: Final = 112 + 64 + 3 * 32 + 2 * 8 * GROWTH
"""The bytes of an open parenthesis: what it is, its span, positions in the text, its places on two stacks."""
CODE: Final = 2 * 2 * 8 * GROWTH + 2 * SPAN * GROWTH
"""The bytes of the code of a statement, and of its copy: two items for an operation, and their spans."""
TOKENS: Final = 2 * 20_000 * 60
"""The bytes of what is in memory of one part of the text."""


def chain_of_sums() -> str:
    """Return statements of ten operations."""
    lines = (f"v{i} = v{i - 1}" + "".join(f" + x{j}*v{i - 1}" for j in range(5)) for i in range(1, OPERATIONS // 10))
    return "v0 = x0*x1\n" + "\n".join(lines)


def one_line() -> str:
    """Return one expression, without an end of a line."""
    draw = random.Random(0)
    return "x0" + "".join(f"+x{draw.randrange(100)}*x{draw.randrange(1_000)}" for _ in range(OPERATIONS // 2))


def nested() -> str:
    """Return parentheses within parentheses."""
    return "(" * OPERATIONS + "x0" + "+x1)" * OPERATIONS


@pytest.mark.parametrize("make", [chain_of_sums, one_line, nested])
def test_the_memory_of_a_graph_is_that_of_its_arrays(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A step, a span, and the name of every tenth node."""
    monkeypatch.setattr(builder, "FEW", 1_000)
    monkeypatch.setattr(reader, "PART", 1_000)
    text = make()
    tracemalloc.start()
    try:
        graph = gg.parse(text)
        held, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    steps = len(graph.data.steps)
    assert steps > OPERATIONS * 0.8
    assert held < (STEP + SPAN + 3) * GROWTH * steps + TOKENS
    allowed = OPEN if make is nested else KNOWN
    assert peak - held < (allowed + CODE) * steps + TOKENS


def test_the_passes_add_two_numbers_to_each_node(monkeypatch: pytest.MonkeyPatch) -> None:
    """The value and the adjoint; the steps that are not needed are left out in a tape of 20 bytes a step."""
    monkeypatch.setattr(builder, "FEW", 1_000)
    graph = gg.parse(chain_of_sums())
    at = dict.fromkeys(graph.inputs, 0.001)
    tracemalloc.start()
    try:
        graph.backprop(at)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < (2 * (8 + 24) + 8 + 1 + STEP) * GROWTH * len(graph.data.spans) + TOKENS
