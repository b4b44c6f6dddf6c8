"""Name the functions of floats that compute the special functions; their modules are loaded with the first call."""

from __future__ import annotations

import math
import re
from functools import cache, partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphgrad.ops.targets import Spellings

__all__ = ["KERNELS", "SPECIAL_FLOATS", "kernels_in"]

KERNELS: Final[Spellings] = {
    "factorial": "incomplete.factorial_function",
    "binomial": "incomplete.binomial_coefficient",
    "beta": "incomplete.beta_function",
    "betaln": "incomplete.log_beta",
    "digamma_step": "incomplete.digamma_step",
    "gammainc": "incomplete.lower_gamma",
    "gammaincc": "incomplete.upper_gamma",
    "gamma_density": "incomplete.gamma_density",
    "betainc": "incomplete.incomplete_beta",
    "beta_density": "incomplete.beta_density",
    "erfinv": "exponential_integrals.inverse_erf",
    "erfcinv": "exponential_integrals.inverse_erfc",
    "erfcx": "exponential_integrals.scaled_erfc",
    "erfcx_slope": "exponential_integrals.scaled_erfc_slope",
    "exp1": "exponential_integrals.exponential_integral",
    "expi": "exponential_integrals.principal_integral",
    "lambertw": "exponential_integrals.lambert_w",
    "lambertw_plus_1": "exponential_integrals.lambert_w_plus_1",
    "jv": "bessel.bessel_j",
    "yv": "bessel.bessel_y",
    "iv": "bessel.bessel_i",
    "kv": "bessel.bessel_k",
}
"""The modules and functions of this room by operation."""


@cache
def _kernel(path: str) -> Callable[..., float]:
    module, _, name = path.partition(".")
    return getattr(import_module(f"graphgrad.namespaces.{module}"), name)  # type: ignore[no-any-return]


def kernels_in(source: str) -> dict[str, Callable[..., float]]:
    """Return the functions by their names that stand in the source of a function.

    >>> list(kernels_in("bessel_j(2.0, x) + lambert_w(x)"))
    ['lambert_w', 'bessel_j']
    """
    paths = {path.partition(".")[2]: path for path in KERNELS.values()}
    words = set(re.findall(r"\w+", source))
    return {name: _kernel(path) for name, path in paths.items() if name in words}


def _on_floats(path: str, *xs: Any) -> float:
    """Return a function's value; nan where a step on its way is beyond the floats."""
    try:
        return _kernel(path)(*map(float, xs))
    except OverflowError:
        return math.nan


SPECIAL_FLOATS: Final[Spellings] = {name: partial(_on_floats, path) for name, path in KERNELS.items()}
"""The special functions by operation, on Python's floats."""
