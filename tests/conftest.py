"""How Hypothesis draws, the same examples in every run; what ends with a test; the browser."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from browser import THREAD, Visit, running
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

# No deadline that a busy machine could miss.
settings.register_profile(
    "graphgrad", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("graphgrad")


@pytest.fixture(autouse=True, scope="session")
def _machine_code_is_kept_with_the_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Leave the user's folder of caches alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRAPHGRAD_CACHE", str(tmp_path_factory.mktemp("machine_code")))
        yield


@pytest.fixture(autouse=True)
def _planted_operations_end_with_the_test(request: pytest.FixtureRequest) -> Iterator[None]:
    """Drop the shared namespaces after a test that patches: they keep the functions that rules call."""
    yield
    if "monkeypatch" in request.fixturenames:
        from graphgrad.check.value_witness import referee
        from graphgrad.namespaces import arrays

        arrays._arrays.cache_clear()  # noqa: SLF001  it is made anew when it is needed
        referee.cache_clear()


@pytest.fixture(autouse=True)
def _plugins_end_with_the_test() -> Iterator[None]:
    """Forget the plugins that a test loads: another test has one of the same name in another folder."""
    before = {*sys.modules}
    yield
    for name in [name for name in {*sys.modules} - before if name.endswith("_ops")]:
        del sys.modules[name]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Return a browser for the tests of a file."""
    yield from running()


@pytest.fixture
def visit(browser: Browser, tmp_path: Path) -> Iterator[Visit]:
    """Return what opens pages; in the end nothing may have gone wrong, and nothing have been asked for."""
    visits = Visit(browser, tmp_path)
    yield visits
    THREAD.submit(visits.close).result()
    assert visits.complaints == []
