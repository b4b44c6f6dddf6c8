"""Programs of arrays for known shapes: the interpreter's numbers and errors, results of one's own, dicts of arrays."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import mpmath
import numpy as np
import pytest

import graphgrad as gg

SIGMOID = "a1 = affine(x, W1, b1); z1 = sigmoid(a1); a2 = affine(z1, W2, b2); softmax_cross_entropy(a2, t)"
NETWORKS = {
    "sigmoid": SIGMOID,
    "relu": "z = relu(x@W1 + b1); softmax_cross_entropy(z@W2 + b2, t)",
    "tanh and squares": "z = tanh(affine(x, W1, b1)); mean_squared_error(affine(z, W2, b2), t)",
    "cross-entropy apart": "z = softplus(x@W1 + b1); cross_entropy(softmax(z@W2 + b2), t)",
    "logarithm": "z = gelu(x@W1 + b1); -mean(sum(t*log_softmax(z@W2 + b2), axis=1))",
    "weights decay": SIGMOID.replace("softmax_cross", "0.01*sum(W1**2) + 0.01*sum(W2**2) + softmax_cross"),
    "choice": "z = where(x@W1 > b1, x@W1, 0.1*b1); sum((z@W2 + b2 - t)**2)",
    "no bias": "sum(max(x@W1, 0, b1)@W2*t) + b2@b2",
    "largest of three": "z = x@W1; sum(max(b1, z*0.5, z**2)@W2*t) + b2@b2",
    "views": "z = x@W1 + b1; y = z.T; sum(((2*z)@W2 + b2)*t) + sum(y@z + y@z)",
}
SIZES = (1, 2, 7, 64, 1500)


def at(size: int, *, seed: int = 0) -> dict[str, Any]:
    """Return a batch and weights."""
    rng = np.random.default_rng(seed)
    return {
        "x": rng.normal(size=(size, 6)),
        "W1": rng.normal(size=(6, 50)),
        "b1": rng.normal(size=50),
        "W2": rng.normal(size=(50, 4)),
        "b2": rng.normal(size=4),
        "t": np.eye(4)[rng.integers(4, size=size)],
    }


def assert_as_interpreted(text: str, point: dict[str, Any], wrt: list[str] | None = None, calls: int = 2) -> None:
    """Assert that value and gradient are the interpreter's, in the first call and in later ones."""
    graph = gg.parse(text)
    point = {name: point[name] for name in graph.inputs}
    expected, f = graph.backprop(point, wrt), graph.compile(wrt)
    for _ in range(calls):
        value, grad = f(**point)
        np.testing.assert_allclose(value, expected.value, rtol=1e-11)
        assert list(grad) == list(expected.grad)
        for name, d in grad.items():
            assert np.shape(d) == np.shape(point[name])
            size = np.abs(expected.grad[name]).max(initial=0)
            np.testing.assert_allclose(d, expected.grad[name], rtol=1e-9, atol=1e-13 * size)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("text", NETWORKS.values(), ids=NETWORKS)
def test_networks_have_the_interpreters_numbers(text: str, size: int) -> None:
    """Value and all derivatives agree, for one row and for many; so does the value alone, whose results die sooner."""
    assert_as_interpreted(text, at(size))
    assert_as_interpreted(text, at(size), [])


@pytest.mark.parametrize(
    "text", ["z = x@W1 + b1; y = z.T; u = 2*z; sum(y@u)", "v = x@W1; sum(max(b1, 0.5, v))", "z = x@W1; sum(z*z - z)"]
)
def test_dead_results_are_not_written_to_while_they_are_read(text: str) -> None:
    """A view of one, or a later operand of the same operation."""
    assert_as_interpreted(text, at(7), [])


@pytest.mark.parametrize("size", [1, 7])
@pytest.mark.parametrize("kind", ["classes", "soft", "no sum", "ties", "ahead", "wide", "negative"])
def test_softmax_with_loss_has_the_interpreters_numbers(kind: str, size: int) -> None:
    """Targets may be classes, or rows of any sum; logits may be equal, far ahead of the others, or many."""
    rng = np.random.default_rng(1)
    classes = 300 if kind == "wide" else 5
    x = rng.normal(size=(size, classes))
    t: Any = np.eye(classes)[rng.integers(classes, size=size)]
    if kind == "classes":
        t = rng.integers(classes, size=size)
    if kind == "soft":
        t = 0.9 * t + 0.1 / classes
    if kind in {"no sum", "negative"}:
        t = rng.random((size, classes)) - (0.5 if kind == "negative" else 0)
    if kind == "ties":
        x[0] = 1.0
    if kind == "ahead":
        x[:, 2] += 60
    text = "softmax_cross_entropy(x*s, t)" if kind in {"classes", "negative"} else "softmax_cross_entropy(x*s, t) + s"
    wrt = ["x", "s"]
    graph = gg.parse(text)
    f = graph.compile(wrt)
    f(x=x, s=1.0, t=t)
    value, grad = f(x=x, s=1.0, t=t)
    if kind == "negative":  # outside the interpreter's domain, or inside: alike
        return
    expected = graph.backprop({"x": x, "s": 1.0, "t": t}, wrt)
    assert value == pytest.approx(expected.value, rel=1e-12)
    np.testing.assert_allclose(grad["x"], expected.grad["x"], rtol=1e-9, atol=1e-16)


@pytest.mark.parametrize("size", [1, 40])
@pytest.mark.parametrize("ahead", [20, 40, 700])
def test_a_logit_far_ahead_keeps_the_digits_of_loss_and_adjoint(ahead: int, size: int) -> None:
    """Both are almost 0 where the target's logit is far ahead, and have all of their digits."""
    x, t = np.zeros((size, 3)), np.eye(3)[np.zeros(size, int)]
    x[:, 0], x[:, 1] = ahead, 0.5
    value, grad = gg.parse("softmax_cross_entropy(x, t)").compile(["x"])(x=x, t=t)
    with mpmath.workdps(50):
        s = mpmath.exp(-ahead) + mpmath.exp(mpmath.mpf(0.5) - ahead)
        loss, own = float(mpmath.log1p(s)), float(-s / (1 + s))
    assert value == pytest.approx(loss, rel=1e-14)
    np.testing.assert_allclose(grad["x"][:, 0] * size, own, rtol=1e-14)


@pytest.mark.parametrize("size", [1, 40])
def test_two_logits_far_ahead_keep_the_digits_of_the_adjoint(size: int) -> None:
    """Where targets share them equally, it is almost 0."""
    x, t = np.tile([40.0, 40.0, 0.0], (size, 1)), np.tile([0.5, 0.5, 0.0], (size, 1))
    _, grad = gg.parse("softmax_cross_entropy(x, t)").compile(["x"])(x=x, t=t)
    with mpmath.workdps(50):
        s = mpmath.exp(-40)
        own = float(-s / (2 * (2 + s)))
    np.testing.assert_allclose(grad["x"][:, 0] * size, own, rtol=1e-13)


BAD = [np.nan, np.inf, -np.inf]


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("name", ["x", "W1", "b1", "W2", "b2", "t"])
@pytest.mark.parametrize("text", NETWORKS.values(), ids=NETWORKS)
def test_what_is_not_finite_is_the_interpreters_error(text: str, name: str, bad: float) -> None:
    """Wherever it stands, and whatever hides it: a sigmoid, a choice, or that the derivative by it is not wanted."""
    graph, good = gg.parse(text), at(3)
    good["x"][:, 1] = good["W2"][5] = 0.0  # zeros hide nothing
    with pytest.raises(gg.GraphgradError) as theirs:
        graph.backprop(good | {name: _with(good[name], bad)})
    for wrt in ([], ["W2"], None):
        f = graph.compile(wrt)
        f(**good)
        for place in (0, 1, -1):
            with pytest.raises(gg.GraphgradError) as ours:
                f(**good | {name: _with(good[name], bad, place)})
            assert str(ours.value).splitlines()[0].split("=")[0] == str(theirs.value).splitlines()[0].split("=")[0]


def _with(array: Any, bad: float, place: int = 0) -> Any:
    changed = array.copy()
    changed.flat[place] = bad
    return changed


def test_an_overflow_within_is_the_interpreters_answer() -> None:
    """Powers overflow between finite inputs and the result, which is infinite, or finite all the same."""
    x, far = np.ones((2, 2)), 1e3 * np.eye(2)
    for text in ("sum(x*exp(x@W))", "sum(sigmoid(-x@W))", "sum(softplus(x@W))"):
        graph = gg.parse(text)
        f = graph.compile(["W"])
        f(x=x, W=np.eye(2))
        expected = graph.backprop({"x": x, "W": far}, ["W"])
        value, grad = f(x=x, W=far)
        assert value == expected.value
        np.testing.assert_array_equal(grad["W"], expected.grad["W"])


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("text", NETWORKS.values(), ids=NETWORKS)
def test_later_calls_change_no_results(text: str, size: int) -> None:
    """Inputs stay as they are; results share no memory with inputs, each other, or results of other calls."""
    f, points = gg.parse(text).compile(), [at(size, seed=seed) for seed in range(3)]
    before = [{name: x.copy() for name, x in point.items()} for point in points]
    calls = [f(**point) for point in points]
    first = [{name: d.copy() for name, d in grad.items()} for _, grad in calls]
    for point in points:
        f(**point)
    arrays = [x for _, grad in calls for x in grad.values()]
    others = [x for point in points for x in point.values()]
    assert not any(np.shares_memory(x, y) for x in arrays for y in (*others, *arrays) if x is not y)
    for (_, grad), kept in zip(calls, first, strict=True):
        assert all(np.array_equal(grad[name], kept[name]) for name in kept)
    for point, kept in zip(points, before, strict=True):
        assert all(np.array_equal(point[name], kept[name]) for name in kept)


def test_threads_may_call_one_function_at_once() -> None:
    """Batches of several sizes at once give the numbers that they give one after the other."""
    f = gg.parse(SIGMOID).compile()
    points = [at(size, seed=seed) for seed, size in enumerate([1, 30, 1500, 30, 1, 1500] * 8)]
    expected = [gg.parse(SIGMOID).compile()(**point) for point in points]
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda point: f(**point), points))
    for (value, grad), (its, others) in zip(results, expected, strict=True):
        assert value == pytest.approx(its, rel=1e-12)
        for name, d in grad.items():
            np.testing.assert_allclose(d, others[name], rtol=1e-9, atol=1e-13)


def test_batches_of_ever_new_sizes_are_right() -> None:
    """More shapes than programs are kept, each seen once or twice, in turn with a first one."""
    graph = gg.parse(SIGMOID)
    f = graph.compile(["W1"])
    for size in [*range(1, 60), *range(1, 10)]:
        for point in (at(size), at(4)):
            value, grad = f(**point)
            expected = graph.backprop(point, ["W1"])
            assert value == pytest.approx(expected.value, rel=1e-12)
            np.testing.assert_allclose(grad["W1"], expected.grad["W1"], rtol=1e-9, atol=1e-14)


@pytest.mark.parametrize(
    "change",
    [
        np.asfortranarray,
        lambda x: np.repeat(x, 2, axis=0)[::2],
        lambda x: x.astype(np.float32),
        lambda x: x.astype(">f8"),
        lambda x: x.tolist(),
    ],
)
def test_arrays_in_other_layouts_and_types_are_right(change: Any) -> None:
    """Slices, columns first, other types of floats, and lists."""
    point = at(5)
    point["x"], point["W1"] = change(point["x"]), change(point["W1"])
    as_floats = {name: np.asarray(x, float) for name, x in point.items()}
    f, expected = gg.parse(SIGMOID).compile(["W1"]), gg.parse(SIGMOID).backprop(as_floats, ["W1"])
    for _ in range(2):
        value, grad = f(**point)
        assert value == pytest.approx(expected.value, rel=1e-6)
        np.testing.assert_allclose(grad["W1"], expected.grad["W1"], rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize("number", [2, 2.0, np.float64(2), np.array(2.0), "2"])
def test_numbers_beside_arrays_may_be_of_any_type(number: Any) -> None:
    """A Python number, NumPy's, an array without axes."""
    f = gg.parse("sum(X@W)*s + s**3").compile(["s"])
    for _ in range(2):
        value, grad = f(X=np.ones((2, 2)), W=np.eye(2), s=number)
        assert (value, grad["s"]) == (16.0, 16.0)


def test_a_program_may_have_no_inputs_given() -> None:
    """Arrays stand in the text."""
    graph = gg.parse("a = [1, 2, 3]; sum(a*a)")
    f = graph.compile()
    for _ in range(2):
        value, grad = f()
        assert (value, np.asarray(grad["a"]).tolist()) == (14.0, [2.0, 4.0, 6.0])
    assert gg.parse("sum([1, 2, 3])").compile()()[0] == 6.0


# ---- dicts of arrays

RULES = {
    "descent": "w - rate*g",
    "momentum": "0.9*m + 0.1*g",
    "Adam": "w - rate*(m/(1 - 0.9**k))/(sqrt(v/(1 - 0.999**k)) + 1e-8)",
    "clipped": "w - rate*min(max(g, -1), 1)",
    "larger": "max(w, g, m, v)",
    "where": "where(g > 0, w - rate, w + rate)",
    "special": "w*erf(g)",
}


def states() -> dict[str, Any]:
    """Return weights and moments by name."""
    rng = np.random.default_rng(3)
    shapes = {"W1": (6, 5), "b1": (5,), "W2": (5, 3), "b2": (3,), "big": (400, 300)}
    return {name: {k: rng.random(s) for k, s in shapes.items()} for name in "wgmv"} | {"rate": 0.1, "k": 3}


@pytest.mark.parametrize("text", RULES.values(), ids=RULES)
def test_a_dict_of_arrays_is_computed_name_by_name(text: str) -> None:
    """To the last bit, the result for each name is that of a call with its arrays; inputs stay as they are."""
    f = gg.parse(text).compile(wrt=[])
    given = {name: states()[name] for name in f.inputs}
    before = {name: {k: x.copy() for k, x in each.items()} for name, each in given.items() if isinstance(each, dict)}
    for _ in range(2):
        value, grad = f(**given)
        assert grad == {}
        assert list(value) == ["W1", "b1", "W2", "b2", "big"]
        for k, x in value.items():
            own = {name: each[k] if isinstance(each, dict) else each for name, each in given.items()}
            expected, _ = f(**own)
            if text == RULES["Adam"]:  # powers of numbers alone are within an ulp
                np.testing.assert_allclose(x, expected, rtol=1e-14)
            else:
                assert np.array_equal(x, expected)
            assert not any(np.shares_memory(x, y) for y in own.values() if isinstance(y, np.ndarray))
    assert all(np.array_equal(given[name][k], x) for name, each in before.items() for k, x in each.items())


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("w - rate*g", {"w": {"a": np.array([1.0, np.nan])}, "g": {"a": np.array([1.0, 2.0])}, "rate": 0.1}),
        ("w/rate", {"w": {"a": np.array([1.0, 2.0])}, "rate": 0.0}),
        ("w - log(rate)", {"w": {"a": np.array([1.0, 2.0])}, "rate": -1.0}),
        ("w*g", {"w": {"a": np.ones((2, 3)), "b": np.ones(3)}, "g": {"b": np.ones(3), "a": np.ones(3)}}),
        ("w*g", {"w": {"a": np.array([1, 2], np.float32)}, "g": {"a": np.array([1, 2])}}),
        ("w*g", {"w": {"a": [1.0, 2.0]}, "g": {"a": 3.0}}),
        ("w + 2", {"w": {"a": 1.0, "b": 2.5}}),
        ("2*rate", {"rate": {"a": 1.0, "b": np.ones(3)}}),
        ("0*w + rate", {"w": {"a": np.ones(3)}, "rate": np.array([1.0, 2.0, 3.0])}),
        ("w*g", {"w": {1: np.ones(2), (2, "x"): np.ones(3)}, "g": {1: np.ones(2), (2, "x"): np.ones(3)}}),
        ("w", {"w": {"a": np.ones(3)}}),
        ("w + 1e300*1e300*0", {"w": {"a": np.ones(3)}}),
        ("sum(w)", {"w": {"a": np.ones(3), "b": np.ones((2, 2))}}),
        ("w*g", {"w": {}, "g": {}}),
    ],
)
def test_other_entries_are_as_if_called_for_each(text: str, values: dict[str, Any]) -> None:
    """Entries that are not finite, numbers, lists, other types and shapes."""
    f = gg.parse(text).compile(wrt=[])
    dicts = {name: each for name, each in values.items() if isinstance(each, dict)}
    for _ in range(2):
        result, _ = f(**values)
        for k in next(iter(dicts.values())):
            expected, _ = f(**{name: values[name][k] if name in dicts else values[name] for name in values})
            np.testing.assert_array_equal(result[k], expected)
            assert np.shape(result[k]) == np.shape(expected)
            assert getattr(result[k], "dtype", float) == getattr(expected, "dtype", float)


def test_other_names_and_shapes_follow() -> None:
    """A function is called with other names, other shapes and other kinds of inputs in turn."""
    f = gg.parse("w - rate*g").compile(wrt=[])
    for keys, shape in [("ab", (2,)), ("ba", (2,)), ("cd", (2,)), ("abc", (3, 4)), ("ab", (2,))] * 2:
        w, g = ({k: np.full(shape, ord(k) + i) for k in keys} for i in range(2))
        value, _ = f(w=w, g=g, rate=0.5)
        assert all(np.array_equal(value[k], w[k] - 0.5 * g[k]) for k in keys)
        assert f(3.0, 4.0, 5.0)[0] == 3.0 - 4.0 * 5.0
        value, _ = f(w=w, g=g, rate=dict.fromkeys(keys, 2.0))
        assert all(np.array_equal(value[k], w[k] - 2 * g[k]) for k in keys)


def test_dicts_have_derivatives_by_name() -> None:
    """The gradient has a dict for each input, as if the function were called for each name."""
    f = gg.parse("w*g**2").compile()
    w, g = {"a": np.array([1.0, 2.0]), "b": np.array([3.0])}, {"a": np.array([4.0, 5.0]), "b": np.array([6.0])}
    value, grad = f(w=w, g=g)
    assert {k: x.tolist() for k, x in value.items()} == {"a": [16, 50], "b": [108]}
    assert {name: {k: x.tolist() for k, x in each.items()} for name, each in grad.items()} == {
        "w": {"a": [16, 25], "b": [36]},
        "g": {"a": [8, 20], "b": [36]},
    }


def test_dicts_of_other_names_are_refused() -> None:
    """A name that one of them alone has is told."""
    f = gg.parse("w - rate*g").compile(wrt=[])
    with pytest.raises(gg.GraphgradError, match="'b'"):
        f(w={"a": np.ones(2)}, g={"a": np.ones(2), "b": np.ones(2)}, rate=0.1)
    with pytest.raises(gg.GraphgradError, match="out="):
        f(w={"a": np.ones(2)}, g={"a": np.ones(2)}, rate=0.1, out=(None, {}))  # type: ignore[call-overload]
    with pytest.raises(gg.GraphgradError, match="no value for 'rate'"):
        f(w={"a": np.ones(2)}, g={"a": np.ones(2)})
    with pytest.raises(gg.GraphgradError, match="shapes do not go together"):
        f(w={"a": np.ones(2)}, g={"a": np.ones(3)}, rate=0.1)


def test_a_training_loop_learns() -> None:
    """Gradient and update together bring the loss down, as the same steps in NumPy do."""
    gradient, update = gg.parse(SIGMOID).compile(["W1", "b1", "W2", "b2"]), gg.parse("w - rate*g").compile(wrt=[])
    point = at(30)
    batch = {name: point.pop(name) for name in "xt"}
    weights, losses = point, []
    for _ in range(50):
        loss, grad = gradient(**batch, **weights)
        weights, _ = update(w=weights, g=grad, rate=0.5)
        losses.append(float(loss))
    assert losses[-1] < losses[0] / 3
