"""Pictures and pages in real sites as readers see them, light and dark by the site's own switch, wide and narrow."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from browser import THREAD, in_browser
from sites import SITES, WIDTHS, View, views

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser

LEAST_CONTRAST = 4.5
"""The contrast of text that WCAG 2.2 asks for at level AA."""

WITH_CARD = (True, True, False)
"""Which pictures of a site stand on a card: all but the one whose theme is minimal."""

PADDING = 16
"""The most pixels of a column that a theme's own figure takes for itself."""


@pytest.fixture(scope="module", params=SITES)
def seen(request: pytest.FixtureRequest, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> list[View]:
    """Return what is seen of a site that is built with one of the tools; skip a tool that is not installed."""
    name = str(request.param)
    if SITES[name].missing:
        pytest.skip(f"not installed: {', '.join(SITES[name].missing)}")
    see = partial(views, name, browser, tmp_path_factory.mktemp(name))
    return THREAD.submit(lambda: list(see())).result()


def each(seen: list[View], kind: str, fault: Callable[[View, int, dict[str, Any]], object]) -> list[str]:
    """Return in which views and at which picture or frame there is a fault."""
    return [
        f"{view.mode} {view.width} {kind} {number}: {found}"
        for view in seen
        for number, facts in enumerate(view.facts[kind])
        if (found := fault(view, number, facts))
    ]


@in_browser
def test_the_switch_was_used(seen: list[View]) -> None:
    """Each page was seen in both modes at all widths, with what it was built with: else nothing here is tested."""
    assert len(seen) == 2 * len(WIDTHS)
    assert {(view.mode, view.facts["page"] > 0.5) for view in seen} == {("light", True), ("dark", False)}
    counts = {(len(view.facts["pictures"]), len(view.facts["frames"]), len(view.facts["images"])) for view in seen}
    assert counts <= {(3, 1, 0), (0, 0, 3)}


@in_browser
def test_pictures_follow_the_switch_and_not_the_system(seen: list[View]) -> None:
    """What is behind the text is light on a light page and dark on a dark one, the system being set to the other."""
    assert each(seen, "pictures", lambda view, _, facts: (facts["behind"] > 0.5) != (view.mode == "light")) == []
    assert each(seen, "images", lambda view, _, facts: (facts["behind"] > 0.5) != (view.mode == "light")) == []


@in_browser
def test_text_can_be_read(seen: list[View]) -> None:
    """Every text has the contrast that accessibility asks for against what is behind it."""

    def faint(_view: View, _number: int, facts: dict[str, Any]) -> list[Any]:
        return [text for text in facts["texts"] if text["contrast"] < LEAST_CONTRAST]

    assert each(seen, "pictures", faint) == []


@in_browser
def test_nothing_is_hidden_by_the_site_s_own_classes(seen: list[View]) -> None:
    """All of a picture is visible, its card too: none of its classes means something to the site."""
    assert each(seen, "pictures", lambda view, number, facts: facts["hasCard"] != WITH_CARD[number]) == []
    assert each(seen, "pictures", lambda view, number, facts: facts["hidden"]) == []


@in_browser
def test_nothing_is_clipped(seen: list[View]) -> None:
    """All of a picture lies within its edges, and the picture within its column."""
    assert each(seen, "pictures", lambda view, number, facts: facts["clipped"]) == []
    assert each(seen, "pictures", lambda view, number, facts: not facts["inside"]) == []
    assert each(seen, "images", lambda view, number, facts: not facts["inside"]) == []
    assert [outside for view in seen for outside in view.facts["outside"]] == []


@in_browser
def test_a_page_fills_its_column_and_does_not_scroll(seen: list[View]) -> None:
    """An interactive page is as wide as the text around it, and as high as its content."""
    assert each(seen, "frames", lambda view, number, facts: facts["missing"] > PADDING and facts["missing"]) == []
    assert each(seen, "frames", lambda view, number, facts: facts["scrolls"] or facts["sidewaysScroll"]) == []


@in_browser
def test_a_page_follows_the_switch(seen: list[View]) -> None:
    """An interactive page within a site is light where the site is, and so is its picture."""
    assert each(seen, "frames", lambda view, _, facts: (facts["luminance"] > 0.5) != (view.mode == "light")) == []

    def other(view: View, _number: int, facts: dict[str, Any]) -> bool:
        return any((picture > 0.5) != (view.mode == "light") for picture in facts["pictures"])

    assert each(seen, "frames", other) == []
