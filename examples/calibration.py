"""Fit a model to measurements: how fast an enzyme works, after Michaelis and Menten.

The measurements are those of Treloar (1974), which R calls Puromycin. SciPy minimises the sum of squares by its
gradient; the model's own gradient gives the standard errors.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Final

import numpy as np

import graphgrad as gg

__all__ = ["main"]

MODEL: Final = "v = vmax*s/(k + s)"
SQUARES: Final = "sum((vmax*s/(k + s) - v)**2)"

CONCENTRATION: Final = np.repeat([0.02, 0.06, 0.11, 0.22, 0.56, 1.10], 2)
SPEED: Final = np.array([76.0, 47, 97, 107, 123, 139, 159, 152, 191, 201, 207, 200])
START: Final = {"vmax": 200, "k": 0.1}


def standard_errors(fit: dict[str, float], residual: float) -> dict[str, float]:
    """Return the parameters' standard errors: s² times the inverse of JᵀJ, where J are the model's derivatives."""
    _, grad = gg.parse(MODEL).compile(wrt=list(fit))(s=CONCENTRATION, **fit)
    jacobian = np.stack([grad[name] for name in fit], axis=1)
    variance = residual / (len(SPEED) - len(fit))
    covariance = variance * np.linalg.inv(jacobian.T @ jacobian)
    return dict(zip(fit, np.sqrt(np.diag(covariance)).tolist(), strict=True))


def main(folder: Path) -> None:
    """Fit the model, print the parameters, and draw the model where it is fitted."""
    minimum = gg.minimize(gg.parse(SQUARES), START, at={"s": CONCENTRATION, "v": SPEED}, tolerance=1e-10)
    errors = standard_errors(minimum.x, minimum.value)
    print(f"sum of squares: {minimum.value:.2f}")
    for name, value in minimum.x.items():
        print(f"{name:>4} = {value:.4g} ± {errors[name]:.3g}")
    fitted = gg.parse(MODEL).backprop({**minimum.x, "s": 0.11})
    fitted.draw(folder / "calibration.svg", notes={name: f"± {error:.2g}" for name, error in errors.items()})


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=Path(), help="where the picture goes (default: here)")
    folder = parser.parse_args().folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        main(folder)
    except (gg.GraphgradError, OSError) as error:
        sys.exit(str(error))
