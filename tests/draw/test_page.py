"""The page that teaches, in a real browser: every step, every number, by mouse and by keyboard, with no network."""

from __future__ import annotations

import math
import random
import re
from importlib.resources import files
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from browser import Visit, in_browser
from table import called, differentiable, points
from test_corpus import FORMULAS, floats

import graphgrad as gg
from graphgrad.draw import lesson, view_of
from graphgrad.namespaces import short
from graphgrad.ops import NUMERIC
from graphgrad.typeset.plain import number_phrase

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from graphgrad.draw import View

BOOK = "(apple*n + orange*m)*tax", {"apple": 100, "n": 2, "orange": 150, "m": 3, "tax": 1.1}
CHAIN = "x=100; y=5; t=800; v=1.08; s = x*y; u = s + t; E = u*v"
PARTS = files("graphgrad.draw.page") / "html"
NUMERALS = (PARTS / "numerals.js").read_text(encoding="utf-8")


def text(page: Page, selector: str) -> str:
    """Return what stands in an element, blanks run together."""
    return " ".join((page.locator(selector).text_content() or "").split())


def shown(number: Any) -> str:
    """Return a number as a page writes it."""
    return number_phrase(short(number))


def table(page: Page, which: str) -> list[list[str]]:
    """Return the cells of one of the tables of all numbers."""
    if page.locator("#all").get_attribute("open") is None:
        page.get_by_text("All numbers").click()
    page.locator("#node-table tbody tr").first.wait_for()
    script = "rows => rows.map(row => [...row.cells].map(cell => cell.textContent))"
    return page.locator(f"#{which}-table tbody tr").evaluate_all(script)  # type: ignore[no-any-return]


def set_field(page: Page, name: str, number: float | str) -> None:
    """Type a number into an input's field."""
    page.get_by_label(f"{name}, as a number", exact=True).fill(str(number))


def assert_numbers_are_pythons(page: Page, expression: str, at: dict[str, Any]) -> None:
    """Compare every number of the tables with those of a run of Python at the same point."""
    view = view_of(gg.parse(expression).backprop(at).passes)
    ours = [(shown(node.value), shown(node.adjoint or 0)) for node in view.nodes.values()]
    rows = [(value, adjoint or "0") for _, _, value, adjoint in table(page, "node")]
    assert rows == ours
    edges = zip(view.all_edges, lesson(view).view.all_edges, strict=True)
    sent = [
        (shown(edge.partial), shown(edge.contribution or 0))
        for edge, place in edges
        if isinstance(place.contribution, float)
    ]
    assert [(partial, flow) for _, _, partial, flow in table(page, "edge")] == sent


# The passes, step by step.


@in_browser
def test_it_walks_forward_then_backward(visit: Visit) -> None:
    """From the bare graph, each step adds its own numbers to the picture, until all are there."""
    page = visit(CHAIN)
    page.get_by_role("button", name="To the beginning").click()
    told = [text(page, "#step-line")]
    seen = [visible(page)]
    while page.get_by_role("button", name="One step forth").is_enabled():
        page.get_by_role("button", name="One step forth").click()
        told.append(text(page, "#step-line"))
        seen.append(visible(page))
    assert seen[0] == []
    assert all(set(before) < set(after) for before, after in pairwise(seen))
    assert [line.partition(": ")[2] for line in told] == [
        "The bare graph: no number is known yet.",
        "The inputs have their values.",
        "s = x·y = 100 · 5 = 500",
        "u = s + t = 500 + 800 = 1300",
        "E = u·v = 1300 · 1.08 = 1404",
        "The backward pass starts at the end, with ∂E/∂E = 1.",
        "E sends back to u: 1 · 1.08 = 1.08; to v: 1 · 1300 = 1300",
        "u sends back to s: 1.08 · 1 = 1.08; to t: 1.08 · 1 = 1.08",
        "s sends back to x: 1.08 · 5 = 5.4; to y: 1.08 · 100 = 108",
    ]


def visible(page: Page) -> list[str]:
    """Return the lines of the picture whose numbers can be seen."""
    script = "all => all.filter(line => getComputedStyle(line.querySelector('text')).visibility === 'visible')"
    lines = page.locator("svg.graphgrad g[id]:has(> path):has(> text)")
    return lines.evaluate_all(f"all => ({script})(all).map(line => line.id)")  # type: ignore[no-any-return]


@in_browser
def test_it_plays_and_pauses(visit: Visit) -> None:
    """Playing goes from the beginning to the end by itself, pausing holds it."""
    page = visit("x*y", {"x": 3, "y": 5})
    page.clock.install()
    page.get_by_role("button", name="Play").click()
    assert "Step 0" in text(page, "#step-line")
    page.clock.run_for(3000)
    page.get_by_role("button", name="Pause").click()
    page.clock.run_for(30000)
    assert "Step 2" in text(page, "#step-line")
    page.get_by_role("button", name="Play").click()
    page.clock.run_for(30000)
    assert text(page, "#step-line").startswith("Step 4 of 4, backward")
    assert page.get_by_role("button", name="Play").is_visible()


@in_browser
def test_scrubbing(visit: Visit) -> None:
    """The scrub goes to any step, and says in words where it is."""
    page = visit(CHAIN)
    scrub = page.get_by_label("Step", exact=True)
    scrub.fill("3")
    assert text(page, "#step-line") == "Step 3 of 8, forward: u = s + t = 500 + 800 = 1300"
    assert scrub.get_attribute("aria-valuetext") == text(page, "#step-line")
    scrub.press("ArrowRight")
    assert "E = u·v" in text(page, "#step-line")


# The sliders.


@in_browser
@pytest.mark.parametrize(
    ("expression", "at"),
    [
        BOOK,
        ("a = x*x; b = sin(a) + x; E = b*log(a) + where(x > 1, sqrt(x - 1), 0)", {"x": 2.0}),
        ("sigmoid(w*x + b)**3/y - max(x, y, b)", {"w": 2, "x": -1, "b": -3, "y": 0.001}),
        ("exp(x)*1e-7 + gamma(y) - erf(x*y)", {"x": 9.0, "y": 3.5}),
    ],
)
def test_sliders_run_both_passes_anew(visit: Visit, expression: str, at: dict[str, float]) -> None:
    """After a slider has moved, every number on the page is Python's at the new point, to the last digit shown."""
    page = visit(expression, at)
    assert_numbers_are_pythons(page, expression, at)
    for presses, name in enumerate(at, start=3):
        slider = page.get_by_label(name, exact=True)
        for _ in range(presses):
            slider.press("ArrowRight")
        moved = {other: float(page.get_by_label(f"{other}, as a number").input_value()) for other in at}
        assert moved[name] > at[name]
        assert_numbers_are_pythons(page, expression, moved)


@in_browser
@pytest.mark.parametrize("number", ["1e-7", "123456.5", "1234565", "-0.0", "-3e300", "0.1", "2e-310", "7"])
def test_a_number_can_be_typed(visit: Visit, number: str) -> None:
    """Any number goes, of any size, and is shown as Python shows it."""
    page = visit("x*y + y", {"x": 2, "y": 1})
    set_field(page, "x", number)
    assert_numbers_are_pythons(page, "x*y + y", {"x": float(number), "y": 1})


@in_browser
def test_the_picture_follows(visit: Visit) -> None:
    """The numbers on the arrows are those of the new point, names before them stay."""
    page = visit(CHAIN)
    set_field(page, "x", 10)
    assert text(page, '[id="e4_5_0-forward"]') == "s = 50"
    assert text(page, '[id="e1_4_1-backward"]') == "10.8"
    assert text(page, '[id="out-forward"]') == "918"
    assert text(page, "#summary").startswith("E = 918 ∂E/∂x = 5.4 ∂E/∂y = 10.8")


@in_browser
def test_the_picture_stays_typeset(visit: Visit) -> None:
    """New numbers have their powers raised and names in italics; at the first values, the first texts are back."""
    page = visit("p = x*c; E = p/2", {"x": 2, "c": 3e8}, how={"local": True})
    label = page.locator('[id="t2-forward"] text, [id="e2_4_0-forward"] text').first
    before = label.inner_html()
    set_field(page, "x", 4e8)
    assert label.text_content() == "p = 1.2 × 1017"
    assert [each.text_content() for each in label.locator("tspan").all()] == ["p", "17"]
    assert text(page, '[id="e0_2_0-backward"]') == "1.5 × 108∂p/∂x = c = 3 × 108"
    page.get_by_role("button", name="Back to the first values").click()
    assert label.inner_html() == before


@in_browser
def test_back_to_the_first_values(visit: Visit) -> None:
    """One button undoes what was moved."""
    page = visit(*BOOK)
    set_field(page, "tax", 7)
    page.get_by_role("button", name="Back to the first values").click()
    assert_numbers_are_pythons(page, *BOOK)


@in_browser
def test_what_is_no_number_changes_nothing(visit: Visit) -> None:
    """Text that is no number is marked as wrong, and the last point stays."""
    page = visit(*BOOK)
    set_field(page, "tax", "ten")
    assert page.get_by_label("tax, as a number").get_attribute("aria-invalid") == "true"
    assert_numbers_are_pythons(page, *BOOK)


@in_browser
def test_a_domain_error_shows_at_its_node(visit: Visit) -> None:
    """Outside a domain the page says where and why, and goes on; back inside, all numbers are there again."""
    page = visit("u = x - 1; log(u) + x", {"x": 3})
    set_field(page, "x", -1)
    assert text(page, "#notices") == "log(−2) is not defined at u = −2"
    assert page.locator(".fault").get_attribute("id") == "n3"
    assert text(page, '[id="e2_3_0-forward"]') == "u = −2"
    assert text(page, '[id="out-forward"]') == "?"
    set_field(page, "x", 3)
    assert text(page, "#notices") == ""
    assert_numbers_are_pythons(page, "u = x - 1; log(u) + x", {"x": 3})


@in_browser
def test_a_derivative_that_is_not_finite(visit: Visit) -> None:
    """Where only a local derivative does not exist, the values stay, and the edge is named."""
    page = visit("sqrt(x)*3", {"x": 4})
    set_field(page, "x", 0)
    assert text(page, "#notices") == "the derivative of √x by x is not finite at x = 0"
    assert text(page, '[id="out-forward"]') == "0"
    assert text(page, '[id="e0_1_0-backward"]') == "?"


@in_browser
def test_a_branch_not_taken(visit: Visit) -> None:
    """Exactly nothing flows back into a branch that is not taken, whatever would be wrong in it."""
    page = visit("where(x > 0, log(x), 2*x)", {"x": 3})
    set_field(page, "x", -1)
    assert text(page, "#summary") == "E = −2 ∂E/∂x = 2"
    assert text(page, "#notices") == ""
    page.locator('[id="n0"]').focus()
    assert page.locator("#panel-body dd").all_text_contents() == [
        "x = −1",
        "0: it runs through a branch that is not taken",
        "1 · 2 = 2",
        "∂E/∂x = 0 + 2 = 2",
    ]


@in_browser
def test_overflow_is_said(visit: Visit) -> None:
    """A value beyond the floats is infinity, and the page says so."""
    page = visit("exp(x)", {"x": 1})
    set_field(page, "x", 1000)
    assert text(page, "#notices") == "overflow: exp(x) is beyond float64, taken as infinity"


@in_browser
@pytest.mark.parametrize(
    ("expression", "at", "kink"),
    [
        ("abs(x)*y", {"x": 1.0, "y": 2.0}, {"x": 0.0}),
        ("max(x, y)", {"x": 1.0, "y": 2.0}, {"x": 2.0}),
        ("floor(x)*y + x", {"x": 0.5, "y": 3.0}, {"x": 4.0}),
        ("relu(x) + x", {"x": 1.0}, {"x": 0.0}),
        ("where(x > 1, x, 2*x)", {"x": 3.0}, {"x": 1.0}),
        ("where(x, sin(x), x)", {"x": 3.0}, {"x": 0.0}),
        ("where((x != 0)*2, x, 2*x)", {"x": 3.0}, {"x": 0.0}),
    ],
)
def test_kinks_are_said(visit: Visit, expression: str, at: dict[str, float], kink: dict[str, float]) -> None:
    """Where an operation has no derivative, the page says so in the words that Python says it in, and only there."""
    page = visit(expression, at)
    assert "kink" not in text(page, "#notices")
    for name, number in kink.items():
        set_field(page, name, number)
    [warning] = gg.parse(expression).backprop({**at, **kink}).warnings
    assert_said(page, warning)
    assert page.locator("svg .gg-operation.kink").count() == 1


def assert_said(page: Page, *warnings: str) -> None:
    """Check that the page says what Python does, from the point on; the formula before it is typeset."""
    said = page.locator("#notices li").all_text_contents()
    assert [text.partition(" at ")[::2] for text in warnings] == [
        (warning.partition(" at ")[0], text.partition(" at ")[2].replace("−", "-"))
        for text, warning in zip(said, warnings, strict=True)
    ]


@in_browser
def test_formulas_are_typeset(visit: Visit) -> None:
    """Letters are in italics, powers raised, and what is read aloud has a power for a power; a name stays text."""
    page = visit("sigma_x**2/x1 + `{0:1:1}`", {"sigma_x": 3, "x1": 2, "{0:1:1}": 1})
    page.get_by_label("Edge σₓ → σₓ²").focus()
    panel = page.locator("#panel-body")
    assert panel.locator("h3").inner_html().count("<sup>2</sup>") == 1
    assert panel.locator("i").count() > panel.locator("sup").count() > 1
    assert "∂(σ_x^2)/∂σ_x = 2·σ_x = 6" in text(page, "#panel-body")
    set_field(page, "sigma_x", -3e-9)
    assert "∂(σ_x^2)/∂σ_x = 2·σ_x = −6 × 10⁻⁹" in text(page, "#panel-body")
    page.locator("#scrub").fill("2")
    assert text(page, "#step-line").endswith("σ_x^2 = (−3 × 10⁻⁹)^2 = 9 × 10⁻¹⁸")
    assert (page.locator("#scrub").get_attribute("aria-valuetext") or "").endswith("σₓ² = (−3 × 10⁻⁹)^2 = 9 × 10⁻¹⁸")
    assert page.locator("#sliders label").all_text_contents() == ["σ_x", "x_1", "{0:1:1}"]


@in_browser
def test_blame_is_said_and_lit_until_a_slider_moves(visit: Visit) -> None:
    """At the first values the sentence stands and the path is lit; elsewhere neither, and after a reset again."""
    page = visit("relu(x)*y", {"x": -3.0, "y": 2.0})
    said, lit = text(page, "#notices"), page.locator("svg .gg-blamed").count()
    assert "∂/∂x is 0 because relu(x) at column 1 is flat at x = −3" in said
    assert lit
    set_field(page, "x", 3)
    assert text(page, "#notices") == ""
    assert page.locator("svg .gg-blamed").count() == 0
    page.click("#reset")
    assert text(page, "#notices") == said
    assert page.locator("svg .gg-blamed").count() == lit


@in_browser
@pytest.mark.parametrize(
    ("expression", "x"), [("where(x > 1, abs(x - 1), 3)*x", 0.0), ("abs(x - x) + x", 1.0), ("abs(x)*x", 0.0)]
)
def test_a_kink_that_does_not_matter_is_not_said(visit: Visit, expression: str, x: float) -> None:
    """What lies in a branch not taken, or does not move, is no matter."""
    page = visit(expression, {"x": 3})
    set_field(page, "x", x)
    assert_said(page, *gg.parse(expression).backprop({"x": x}).warnings)


@in_browser
def test_arrays_are_shown_without_sliders(visit: Visit) -> None:
    """A page of arrays plays its steps, with shapes in the picture and numbers in the panel, and says what it lacks."""
    x, w = [[1.0, 2.0], [3.0, -4.0]], [[1.0, 0.5], [2.0, 1.0]]
    page = visit("h = relu(x@W); sum(h*h)", {"x": x, "W": w})
    assert text(page, '[id="e0_2_0-forward"]') == "2×2"
    assert text(page, "#inputs .hint") == "Arrays have no sliders: the numbers stay as they are."
    assert page.locator("#inputs input").count() == 0
    page.locator('[id="n0"]').focus()
    assert "[[1, 2], [3, −4]]" in page.locator("#panel-body dd").all_text_contents()
    page.locator('[id="e0_2_0-forward"] text').hover()
    assert page.locator("#panel-body dd").nth(1).text_content() == "g W^⊤ with g = 2×2 = 2×2"
    page.get_by_role("button", name="To the beginning").click()
    while page.get_by_role("button", name="One step forth").is_enabled():
        page.get_by_role("button", name="One step forth").click()
    assert text(page, "#notices") == ""


@in_browser
def test_exact_numbers_stay_exact_until_a_slider_moves(visit: Visit) -> None:
    """Fractions are shown as they were computed, and floats from there on."""
    page = visit("x*x", {"x": "1/3"}, exact=True)
    assert text(page, "#summary") == "E = 1/9 ∂E/∂x = 2/3"
    set_field(page, "x", 0.5)
    assert text(page, "#summary") == "E = 0.25 ∂E/∂x = 1"


# The numbers, by the thousand.


@in_browser
def test_numbers_are_written_as_python_writes_them(browser: Browser) -> None:
    """Six significant digits, ties to even, exponents and zeros: the same text for every float."""
    draw = random.Random(0)
    some = [draw.choice([-1, 1]) * draw.random() * 10.0 ** draw.randint(-320, 308) for _ in range(5000)]
    ties = [(draw.randint(100000, 999999) + 0.5) * 2.0**k for k in range(-40, 40) for _ in range(20)]
    edges = [0.0, -0.0, math.inf, -math.inf, 1e-5, 0.0001, 999999.5, 999998.5, 1e6, 5e-324, 1.7e308, 1e22, -2.5e-5]
    numbers = [*some, *ties, *edges]
    script = f"texts => {{ {NUMERALS}\nreturn texts.map(text => short(Number(text))); }}"
    page = browser.new_page()
    found = page.evaluate(script, [repr(x).replace("inf", "Infinity") for x in numbers])
    page.close()
    assert found == [short(x) for x in numbers]


def assert_programs_agree(browser: Browser, runs: list[tuple[gg.Backprop, list[dict[str, float]]]]) -> None:
    """Run the JavaScript of graphs at points, and compare every number's text with that of Python's."""
    programs = [(lesson(view_of(result.passes)), result, places) for result, places in runs]
    jobs = [[made.program, [list(map(repr, at.values())) for at in places]] for made, _, places in programs]
    script = f"""jobs => {{ {NUMERALS}
        const told = (list) => list.map(x => x === null ? null : x === x ? short(x) : "nan");
        return jobs.map(([source, places]) => {{
            const passes = (0, eval)(source);
            return places.map(at => Object.values(passes(at.map(Number))).map(told));
        }});
    }}"""
    page = browser.new_page()
    found = page.evaluate(script, jobs)
    page.close()
    for (made, result, places), answers in zip(programs, found, strict=True):
        for at, answer in zip(places, answers, strict=True):
            assert list(map(known, answer[:4], expected(made.view, result, at))) == expected(made.view, result, at)


Texts = list[str | None]


def known(answer: Texts, here: Texts) -> Texts:
    """Return what was computed as far as Python computes it here: no derivatives in a branch not taken."""
    return [text and number for number, text in zip(answer, here, strict=True)]


def expected(view: View, result: gg.Backprop, at: dict[str, float]) -> list[Texts]:
    """Return the texts of values, adjoints, partials and flows at a point; 0 flows where nothing does."""
    here = view_of(gg.Graph(result.passes.graph).backprop(at, result.passes.wrt).passes)
    nodes = list(zip(here.nodes.values(), view.nodes.values(), strict=True))
    edges = list(zip(here.all_edges, view.all_edges, strict=True))
    return [
        [short(node.value) for node, _ in nodes],
        [None if place.adjoint is None else short(node.adjoint or 0) for node, place in nodes],
        [None if edge.partial is None else short(edge.partial) for edge, _ in edges],
        [short(edge.contribution or 0) if isinstance(place.contribution, float) else None for edge, place in edges],
    ]


@in_browser
def test_every_operation_has_pythons_numbers(browser: Browser) -> None:
    """Each row of the table, at points of its domain: values and local derivatives, digit for digit."""
    ops = [op for op in NUMERIC.values() if op.arity]
    assert_programs_agree(
        browser, [(gg.parse(called(op)).backprop(points(op)[0], differentiable(op)), points(op)) for op in ops]
    )


@in_browser
def test_published_formulas_have_pythons_numbers(browser: Browser) -> None:
    """Every node and edge of published formulas, digit for digit."""
    runs = []
    for line in FORMULAS[::7]:
        graph = gg.parse(line["expr"])
        places = [{name: floats(point["at"])[name] for name in graph.inputs} for point in line["points"]]
        runs.append((graph.backprop(places[0]), places))
    assert_programs_agree(browser, runs)


# Looking closer.


@in_browser
def test_an_edge_shows_what_flows_back(visit: Visit) -> None:
    """Pointing at an edge shows its local derivative as formula and number, and the product that forms the adjoint."""
    page = visit(*BOOK)
    page.locator('[id="e0_2_0-backward"] text').hover()
    assert text(page, "#panel-body h3") == "apple → apple·n"
    assert page.locator("#panel-body dd").all_text_contents() == [
        "apple = 100",
        "∂(apple·n)/∂apple = n = 2",
        "∂E/∂(apple·n) · ∂(apple·n)/∂apple = ∂E/∂(apple·n) · n = 1.1 · 2 = 2.2",
    ]


@in_browser
def test_an_input_lights_every_path(visit: Visit) -> None:
    """Pointing at an input lights every path to the output and shows the sum over them."""
    page = visit("x*x + 3*x", {"x": 2})
    page.locator('[id="n0"] text').hover()
    lit = page.locator("svg .lit:has(> path)").evaluate_all("all => all.map(line => line.id.split('-')[0])")
    assert set(lit) == {"t0", "e0_1_0", "e0_1_1", "e0_3_1", "e1_4_0", "e3_4_1", "out"}
    assert page.locator("svg .aside:has(> path)").evaluate_all("all => all.map(line => line.id)") == ["e2_3_0-forward"]
    assert page.locator("#panel-body dd.sum").text_content() == "∂E/∂x = 2 + 2 + 3 = 7"
    page.mouse.move(2, 2)
    assert page.locator("svg .lit").count() == 0


@in_browser
def test_too_many_paths_are_counted(visit: Visit) -> None:
    """Where there are too many paths to list, the page says how many, and sums node by node."""
    doubled = "; ".join(f"v{i + 1} = v{i}*v{i}" for i in range(30))
    page = visit(f"v0 = 1; {doubled}; v30 + 1")
    page.locator('[id="n0"]').focus()
    assert page.locator("#panel-body dd").all_text_contents()[1].startswith("1.07374 × 10⁹: too many to list")
    assert "536870912" not in text(page, "#panel-body")
    assert text(page, "#panel-body dd.sum") == "∂E/∂v_0 = 5.36871 × 10⁸ + 5.36871 × 10⁸ = 1.07374 × 10⁹"


@in_browser
def test_nothing_flows_into_a_condition(visit: Visit) -> None:
    """An edge that lets nothing through says so, in no numbers."""
    page = visit("where(x > 0, x, 2)", {"x": 1})
    page.locator('[id="e2_4_0-forward"] text').last.hover()
    assert "the result does not change with it" in (page.locator("#panel-body dd").last.text_content() or "")


# By keyboard, by ear, in the dark.


@in_browser
def test_the_keyboard_goes_everywhere(visit: Visit) -> None:
    """One Tab enters the graph, arrows walk along it, Space plays, Escape leaves the selection."""
    page = visit(*BOOK)
    page.keyboard.press("Tab")
    assert focused(page) == "n0"
    page.keyboard.press("ArrowRight")
    assert text(page, "#panel-body h3") == "apple → apple·n"
    page.keyboard.press("ArrowRight")
    assert focused(page) == "n2"
    page.keyboard.press("ArrowDown")
    assert focused(page) not in {"n2", None}
    page.keyboard.press("End")
    assert focused(page) == "n8"
    page.keyboard.press("Home")
    assert focused(page) == "n0"
    assert page.locator("svg.graphgrad [tabindex='0']").count() == 1
    page.keyboard.press("Space")
    assert page.get_by_role("button", name="Pause").is_visible()
    page.keyboard.press("Escape")
    assert "Point at an edge" in text(page, "#panel-body")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "BUTTON"


def focused(page: Page) -> str | None:
    """Return the id of what has the focus."""
    return page.evaluate("document.activeElement.id")  # type: ignore[no-any-return]


@in_browser
def test_the_focus_can_be_seen(visit: Visit) -> None:
    """What has the focus has a frame that it has not without."""
    page = visit(*BOOK)
    frame = "getComputedStyle(document.querySelector('#n0 .ring')).stroke"
    before = page.evaluate(frame)
    page.keyboard.press("Tab")
    assert page.evaluate(frame) != before
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


@in_browser
def test_it_can_be_heard(visit: Visit) -> None:
    """Every node and edge has a name in words, every control a label, and the steps and results are announced."""
    page = visit(*BOOK)
    names = page.locator("svg.graphgrad [role=img]").evaluate_all("all => all.map(x => x.getAttribute('aria-label'))")
    assert len(names) == 17
    assert all(names)
    assert names[0].startswith("Edge apple → apple·n. Value that goes forward: apple = 100. Local derivative: ")
    page.get_by_role("button", name="To the beginning").click()
    assert page.get_by_role("status").text_content() == "Step 0 of 10, forward: The bare graph: no number is known yet."
    controls = page.locator("button, input").evaluate_all(
        "all => all.filter(x => !(x.labels?.length || x.ariaLabel || x.textContent.trim())).map(x => x.id)"
    )
    assert controls == []
    set_field(page, "tax", 2)
    page.get_by_role("status").get_by_text("E = 1300").wait_for()
    assert "tax = 2" in (page.locator('[id="n7"]').get_attribute("aria-label") or "")
    assert page.get_by_role("application", name="Computational graph of (apple*n + orange*m)*tax").is_visible()


@in_browser
def test_reduced_motion_is_honoured(visit: Visit) -> None:
    """Whoever wants less motion gets none."""
    transition = "getComputedStyle(document.querySelector('svg.graphgrad g[id]')).transitionDuration"
    assert visit(*BOOK).evaluate(transition) == "0.2s"
    assert visit(*BOOK, reduced_motion="reduce").evaluate(transition) == "0s"


@in_browser
def test_it_follows_the_system_into_the_dark(visit: Visit) -> None:
    """Page, picture and controls are dark where the system is, and text stands out on both grounds."""
    light, dark = (brightness(visit(*BOOK, color_scheme=scheme)) for scheme in ("light", "dark"))
    assert min(light["page"], light["card"], dark["ink"]) > 200
    assert max(dark["page"], dark["card"], light["ink"]) < 100


def brightness(page: Page) -> dict[str, float]:
    """Return how bright the page, its text and the picture's ground are, from 0 to 255."""
    style = "getComputedStyle(document.querySelector('{}')).{}"
    colours = {"page": ("body", "backgroundColor"), "ink": ("body", "color"), "card": (".stage", "backgroundColor")}
    found = {name: page.evaluate(style.format(*where)) for name, where in colours.items()}
    return {name: sum(map(int, re.findall(r"\d+", colour)[:3])) / 3 for name, colour in found.items()}


@in_browser
@pytest.mark.parametrize("width", [320, 390, 1280, 2560])
def test_it_fits_every_screen(visit: Visit, width: int) -> None:
    """On a phone as on a projector, nothing but the graph itself has to be scrolled sideways."""
    page = visit(*BOOK, viewport={"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= width


# What comes in from outside.


@in_browser
def test_a_script_in_a_name_stays_text(visit: Visit) -> None:
    """A name is never anything but text: in the picture, in the panel, in the labels, in the tables."""
    name = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"
    page = visit("3*4", names=[name])
    assert page.locator("script").count() == 1
    assert page.locator("img").count() == 0
    assert page.locator("#sliders label").text_content() == name
    page.locator('[id="n0"]').focus()
    assert text(page, "#panel-body h3") == name
    assert name in (page.locator('[id="n0"]').get_attribute("aria-label") or "")
    set_field(page, name, 5)
    assert text(page, "#summary").startswith("E = 20")


@in_browser
def test_nothing_can_leave(visit: Visit) -> None:
    """The page's policy lets no request out, not even one that its own script would make."""
    page = visit(*BOOK)
    refused = page.evaluate("fetch('https://example.org/').then(() => 'sent', error => error.message)")
    assert "Failed to fetch" in refused
    assert any("Content Security Policy" in complaint for complaint in visit.complaints)
    visit.complaints.clear()


@in_browser
def test_without_scripts_the_picture_is_there(visit: Visit) -> None:
    """A reader without scripts sees the whole picture, its description, and no dead controls."""
    page = visit(*BOOK, java_script_enabled=False)
    assert page.get_by_role("img", name="Computational graph of (apple*n + orange*m)*tax").is_visible()
    assert "∂/∂apple = 2.2" in text(page, "#summary")
    assert not page.locator("button:visible, input:visible").count()


@in_browser
@pytest.mark.parametrize(
    "how", [{"passes": "forward"}, {"passes": "backward"}, {"fold": True}, {"local": True}, {"theme": "record"}]
)
def test_options_of_the_picture_hold_for_the_page(visit: Visit, how: dict[str, Any]) -> None:
    """A page of one pass, with folded constants or another theme plays and slides as any other."""
    page = visit("x*3 + x", {"x": 2}, how=how)
    page.get_by_role("button", name="To the beginning").click()
    while page.get_by_role("button", name="One step forth").is_enabled():
        page.get_by_role("button", name="One step forth").click()
    set_field(page, "x", 5)
    assert "20" in text(page, "svg.graphgrad") or how == {"passes": "backward"}
    assert text(page, "#summary").startswith("E = 20")


# What needs no browser.


def test_it_is_one_file_and_the_same_every_time(tmp_path: Path) -> None:
    """A page refers to nothing outside itself, and the same expression gives the same bytes."""
    result = gg.parse(BOOK[0]).backprop(BOOK[1])
    page = result.render("html").decode()
    assert page == result.render("html").decode()
    assert not re.search(r"""(?:src|href)=["'](?!data:,)|url\(|@import|https?://(?!www\.w3\.org/2000/svg)""", page)
    result.draw(tmp_path / "page.html")
    assert (tmp_path / "page.html").read_text(encoding="utf-8") == page


@pytest.mark.parametrize("part", list(PARTS.iterdir()), ids=lambda part: part.name)
def test_its_parts_stay_small_and_inside(part: Traversable) -> None:
    """A part can be read in one sitting, and holds no text that would close or hide the script it stands in."""
    source = part.read_text(encoding="utf-8")
    assert len(source.splitlines()) <= 400
    assert part.name.endswith(".html") or not re.search(r"</s|<!--", source, re.IGNORECASE)
