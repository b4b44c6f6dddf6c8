"""The page's labels in a browser: what is typeset stays so until a number changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from browser import in_browser

import graphgrad as gg

if TYPE_CHECKING:
    from playwright.sync_api import Browser

LABELS = "() => [...document.querySelectorAll('.gg-backward text')].map(place => place.innerHTML)"


@in_browser
@pytest.mark.parametrize("text", ["(k_B*T)**alpha/(m_max + c)**2*T", "k_B*T/sqrt(alpha - c)*m_max"])
def test_labels_stay_typeset_at_the_first_values(browser: Browser, text: str) -> None:
    """Scripts that Unicode lacks, fractions and roots are not written on a line where no number has changed."""
    at = {name: 2 + i for i, name in enumerate(("c", "T", "k_B", "m_max", "alpha"))}
    graph = gg.parse(text)
    html = graph.backprop({name: at[name] for name in graph.inputs}).render("html", local=True).decode()
    drawn = []
    for runs_scripts in (False, True):
        context = browser.new_context(java_script_enabled=runs_scripts)
        page = context.new_page()
        page.set_content(html)
        drawn.append(page.evaluate(LABELS))
        context.close()
    assert drawn[0] == drawn[1]
