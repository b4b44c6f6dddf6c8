"""How Hypothesis draws, the same examples in every run; and what ends with a test that plants an operation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Iterator

# No deadline that a busy machine could miss.
settings.register_profile(
    "graphgrad", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("graphgrad")


@pytest.fixture(autouse=True)
def _planted_operations_end_with_the_test(request: pytest.FixtureRequest) -> Iterator[None]:
    """Drop the shared namespaces after a test that patches: they keep the functions that rules call."""
    yield
    if "monkeypatch" in request.fixturenames:
        from graphgrad.check.value_witness import referee
        from graphgrad.namespaces import arrays

        arrays._arrays.cache_clear()  # noqa: SLF001  it is made anew when it is needed
        referee.cache_clear()
