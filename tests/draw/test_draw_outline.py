"""Large graphs: what is closed, what a closed box says, and how it is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pictures import classes, texts

import graphgrad as gg
from graphgrad.cli import main
from graphgrad.draw import MAX_NODES_OPEN, outlined, view_of

if TYPE_CHECKING:
    from pathlib import Path

    from graphgrad.draw import Outline, View

NEURONS = " + ".join(f"v{i}*tanh(w{i}*x + b{i})" for i in range(100))
LAYERS = "h0 = sin(x)\n" + "\n".join(f"h{i} = tanh(w{i}*h{i - 1} + b{i})" for i in range(1, 51)) + "\n(h50 - t)**2"


def run(text: str) -> gg.Backprop:
    """Return both passes of an expression, its inputs at 0.1, 0.2, …, 0.7 in turn."""
    graph = gg.parse(text)
    return graph.backprop({name: (i % 7 + 1) / 10 for i, name in enumerate(graph.inputs)})


def view(text: str) -> View:
    """Return what is drawn of both passes of an expression."""
    return view_of(run(text).passes)


def groups(outline: Outline) -> dict[str, int]:
    """Return the closed boxes with the number of nodes in them."""
    return {node.label: node.size for node in outline.view.nodes.values() if node.kind == "group"}


def test_a_small_graph_is_drawn_as_it_is() -> None:
    """Up to the limit, nothing is closed and nothing is said."""
    whole = view(" + ".join("x" for _ in range(MAX_NODES_OPEN)))
    assert len(whole.nodes) == MAX_NODES_OPEN
    assert outlined(whole).view is whole
    assert outlined(whole).note == ""


def test_named_intermediates_are_closed() -> None:
    """Above the limit, what the program names is one box that says its name and how much is in it."""
    layers = LAYERS.replace("(h50 - t)**2", "(h50 - t)**2 + h25")
    assert groups(outlined(view(layers))) == {"h50": 125, "h25": 127}


def test_a_box_with_nearly_everything_in_it_is_opened() -> None:
    """A name does not close most of the graph where little else would be seen."""
    outline = outlined(view(LAYERS))
    assert groups(outline) == {"h46": 232}
    assert outline.note == "232 of 256 nodes are in the box h46; expand it to see more"


def test_repeated_structure_is_closed() -> None:
    """Of a hundred neurons alike, three are drawn, and one box holds the others."""
    outline = outlined(view(NEURONS))
    assert len(outline.view.nodes) < 40
    assert sum(1 for node in outline.view.nodes.values() if node.label == "tanh") == 3
    assert len(groups(outline)) == 1


def test_a_box_is_opened_by_its_name() -> None:
    """Opened, a box shows what is in it, closed boxes among it."""
    assert groups(outlined(view(LAYERS), ["h46"])) == {"h45": 227}


def test_a_box_within_boxes_is_opened() -> None:
    """What has to be open for a box to be seen is opened with it."""
    assert groups(outlined(view(LAYERS), ["h44"])) == {"h43": 217}


def test_a_box_without_a_name_is_opened_by_its_letter() -> None:
    """What the program does not name has the letter of explanations, which the box shows."""
    whole = view(NEURONS)
    [name] = groups(outlined(whole))
    assert name[0] in "stuvw"
    assert name not in groups(outlined(whole, [name]))


def test_all_boxes_are_opened() -> None:
    """With an asterisk, all is drawn."""
    whole = view(LAYERS)
    assert outlined(whole, ["*"]).view is whole


def test_an_unknown_box() -> None:
    """A name that is none is an error, with the nearest one."""
    with pytest.raises(gg.RenderError, match=r"no intermediate 'hh50'.*\n.*'h50'"):
        outlined(view(LAYERS), ["hh50"])


def test_too_much_to_draw_in_full() -> None:
    """More than an engine lays out in a minute is an error that names the limit."""
    with pytest.raises(gg.RenderError, match="too many to draw in full"):
        outlined(view(" + ".join(f"x*{i}" for i in range(3_000))), ["*"])


@given(st.lists(st.sampled_from(["a = a*x + {i}", "a = sin(a)*y", "a = a + tanh(a)*z", "b = b/2 + a"]), min_size=60))
def test_what_flows_through_a_closed_box_is_the_same(lines: list[str]) -> None:
    """The sum of what flows back along all edges out of a node is its adjoint, closed boxes or not."""
    program, names = ["a0 = x + y", "b0 = z*x"], {"a": "a0", "b": "b0"}
    for i, line in enumerate(lines):
        target, _, right = line.format(i=i).partition(" = ")
        for name, last in dict(names).items():
            right = " ".join(
                last if part == name else part
                for part in right.replace("(", " ( ")
                .replace(")", " ) ")
                .replace("*", " * ")
                .replace("/", " / ")
                .split()
            )
        names[target] = f"{target}{i + 1}"
        program.append(f"{names[target]} = {right}")
    result = run("\n".join([*program, f"{names['a']}*x + {names['b']}"]))
    small = outlined(view_of(result.passes)).view
    for number in small.nodes.keys() - {small.output}:
        flows = [edge.contribution for edge in small.all_edges if edge.operand == number]
        if small.nodes[number].kind != "constant":
            assert sum(flows) == pytest.approx(result.dag.nodes[number]["adjoint"], rel=1e-9)


def test_the_picture_says_so(tmp_path: Path) -> None:
    """The box, a caption and the description say what is not drawn."""
    run(LAYERS).draw(tmp_path / "p.svg", engine="embedded")
    svg = (tmp_path / "p.svg").read_text(encoding="utf-8")
    assert classes(svg)["group"] == 1
    note = "232 of 256 nodes are in the box h46; expand it to see more"
    assert {"h46", "232 nodes", note} <= set(texts(svg))
    assert f"{note}.</desc>" in svg


@pytest.mark.parametrize("suffix", ["png", "dot", "mmd", "tex"])
def test_every_format_draws_closed_boxes(tmp_path: Path, suffix: str) -> None:
    """A large graph is drawn in every format."""
    run(LAYERS).draw(tmp_path / f"p.{suffix}", engine="embedded")
    text = (tmp_path / f"p.{suffix}").read_bytes()
    assert suffix == "png" or b"232" in text


def test_the_command_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command prints what is closed, and --expand opens it."""
    text = " + ".join("x*x" if i % 2 else f"x*{i}" for i in range(80))
    arguments = [text, "--at", "x=1", "--check", "off", "-o", str(tmp_path / "p.svg")]
    assert main(arguments) == 0
    assert "nodes are in the box" in capsys.readouterr().out
    assert main([*arguments, "--expand", "*"]) == 0
    assert "nodes are in" not in capsys.readouterr().out
