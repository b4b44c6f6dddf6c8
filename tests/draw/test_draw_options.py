"""The options of pictures: every one by name, and what is said of a misspelt or a wrong one."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
import pytest
from pictures import shown_by

import graphgrad as gg
from graphgrad.draw import (
    THEMES,
    EngineName,
    FrameKeywords,
    FrameOptions,
    Pass,
    PictureKeywords,
    PictureOptions,
    ThemeName,
)
from graphgrad.draw.words import ENGINE_NAMES, PASSES
from graphgrad.ext.block import header, read

if TYPE_CHECKING:
    from pathlib import Path

RESULT = gg.parse("s = x*y; s + x").backprop({"x": 2, "y": 3})


@pytest.mark.parametrize(
    ("options", "keywords"), [(FrameOptions, FrameKeywords), (PictureOptions, PictureKeywords)], ids=str
)
def test_signatures_name_the_options(options: Any, keywords: Any) -> None:
    """The keywords that editors complete are the options, with the same types."""
    named = {name: hint.__forward_arg__ for name, hint in keywords.__annotations__.items()}
    assert named == {field.name: field.type for field in fields(options)}


@pytest.mark.parametrize(
    ("names", "table"),
    [(Pass, PASSES), (ThemeName, THEMES), (EngineName, ENGINE_NAMES)],
    ids=["passes", "theme", "engine"],
)
def test_types_name_the_choices(names: Any, table: Any) -> None:
    """What a type checker lets pass is what there is."""
    assert get_args(names) == tuple(table)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"folt": True}, "there is no option 'folt' of a picture\ndid you mean 'fold'?"),
        ({"zzz": 1}, "there is no option 'zzz' of a picture\noptions: passes, fold, local, values, notes, "),
        ({"passes": "bakward"}, "there is no pass 'bakward' to draw\ndid you mean 'backward'?"),
        ({"passes": ["both"]}, "there is no pass ['both'] to draw\n"),
        ({"theme": "txtbook"}, "there is no theme 'txtbook'\ndid you mean 'textbook'?"),
        ({"theme": ["record"]}, "there is no theme ['record']\ndid you mean 'record'?"),
        ({"theme": 3}, "there is no theme 3\ntake textbook, record, minimal, or give a Theme of your own"),
        ({"engine": "embeded"}, "there is no engine named 'embeded'\ndid you mean 'embedded'?"),
        ({"engine": 3}, "there is no engine named 3\ntake one of auto, system, embedded, or a function"),
        ({"fold": "no"}, "the option 'fold' cannot be 'no'\nit takes True or False"),
        ({"local": None}, "the option 'local' cannot be None\nit takes True or False"),
        ({"values": 2}, "the option 'values' cannot be 2\nit takes True or False"),
        ({"notes": {"x": 5}}, "the option 'notes' cannot be {'x': 5}\nit takes texts by the names of inputs"),
        ({"title": 5}, "the option 'title' cannot be 5\nit takes a text"),
        ({"prefix": None}, "the option 'prefix' cannot be None\nit takes a text"),
        ({"expand": [1]}, "the option 'expand' cannot be [1]\nit takes names of intermediates"),
        ({"expand": None}, "the option 'expand' cannot be None\nit takes names of intermediates"),
        ({"dpi": "fine"}, "the option 'dpi' cannot be 'fine'\nit takes a number above 0"),
        ({"dpi": 0}, "the option 'dpi' cannot be 0\nit takes a number above 0"),
        ({"dpi": float("nan")}, "the option 'dpi' cannot be nan\nit takes a number above 0"),
    ],
    ids=str,
)
def test_a_wrong_option_is_refused(wrong: dict[str, Any], message: str, tmp_path: Path) -> None:
    """A misspelt name or a wrong value is an error that says what and what instead; nothing is written."""
    for draw in (RESULT.draw, RESULT.render, lambda **how: RESULT.draw(tmp_path / "p.svg", **how)):
        with pytest.raises(gg.RenderError) as refused:
            draw(**wrong)
        assert str(refused.value).startswith(message)
    assert list(tmp_path.iterdir()) == []


def test_frames_have_their_own_options(tmp_path: Path) -> None:
    """An option that frames do not have is refused, too."""
    with pytest.raises(gg.RenderError, match="no option 'dpi' of frames"):
        RESULT.frames(tmp_path / "frames", dpi=96)  # type: ignore[call-arg]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("form", "hint"), [("svgg", "did you mean 'svg'?"), ("bitmap", "take one of svg, png, pdf")])
def test_a_wrong_format_is_refused(form: str, hint: str) -> None:
    """A format that there is not is an error that names those there are."""
    with pytest.raises(gg.RenderError) as refused:
        RESULT.render(form)
    assert str(refused.value).startswith(f"no picture can be drawn as {form!r}\n{hint}")


def test_a_wrong_option_in_a_document() -> None:
    """What stands beside an expression in a document is looked at as well."""
    with pytest.raises(gg.RenderError, match=r"no theme 'txtbook'\ndid you mean 'textbook'\?"):
        read("x*y", header("at='x=2,y=3' theme=txtbook")).answer().picture()


def test_options_do_not_change() -> None:
    """Options are a value."""
    with pytest.raises(FrozenInstanceError):
        PictureOptions().fold = True  # type: ignore[misc]


def test_a_flag_may_come_from_numpy() -> None:
    """What a comparison of NumPy's gives is a truth value."""
    flag: Any = np.float64(2) > 1
    assert shown_by(RESULT, fold=flag) == shown_by(RESULT, fold=True)


def test_one_name_to_expand_stands_alone() -> None:
    """A name is a name, not a collection of letters."""
    assert PictureOptions(expand="s").expand == ("s",)
    with pytest.raises(gg.RenderError, match="no intermediate 'st'"):
        RESULT.render("svg", expand="st")
