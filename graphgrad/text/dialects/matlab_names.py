"""List MATLAB's functions: what they mean here, where that is no row of the same name, and what to write instead.

Sources: "Functions" of MATLAB's documentation, https://www.mathworks.com/help/matlab/referencelist.html, and the
function index of GNU Octave's, https://docs.octave.org/.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final

from graphgrad.text.dialects.templates import NORMAL
from graphgrad.text.statement import Number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphgrad.ops.targets import Spellings

__all__ = ["ALONG", "DEVIATIONS", "EITHER", "NAMES", "NO_NUMBER", "ONLY", "REFUSED_CALLS", "TEMPLATES", "TRUTHS"]

NAMES: Final[Spellings] = {
    "abs": ("abs",),
    "add": ("plus",),
    "div": ("rdivide",),
    "eq": ("eq",),
    "floor_mod": ("mod",),
    "lgamma": ("gammaln",),
    "log": ("reallog",),
    "logical_and": ("and",),
    "logical_not": ("not",),
    "logical_or": ("or",),
    "matmul": ("mtimes",),
    "mul": ("times",),
    "neg": ("uminus",),
    "pow": ("power", "realpow"),
    "solve": ("linsolve", "mldivide"),
    "sqrt": ("realsqrt",),
    "sub": ("minus",),
    "transpose": ("transpose", "ctranspose"),
}
"""The functions that MATLAB calls otherwise."""

ONLY: Final[Spellings] = {"log": ("log",), "heaviside": ("heaviside",)}
"""Functions that have another one of their name beside them here, and not in MATLAB."""

TEMPLATES: Final[Mapping[str, tuple[str, ...]]] = {
    "atan2d(": ("y, x: rad2deg(atan2(y, x))",),
    "betainc(": ("x, a, b: betainc(a, b, x)",),
    "chol(": ("a: cholesky(a).T",),
    "dot(": ("a, b: sum(a*b, axis=0)",),
    "expint(": ("x: exp1(x)",),
    "gammainc(": ("x, a: gammainc(a, x)",),
    "norm(": ("x: norm(x)",),
    "normcdf(": NORMAL["cdf("],
    "norminv(": NORMAL["ppf("],
    "normpdf(": NORMAL["pdf("],
    "pow2(": ("x: exp2(x)", "x, n: x*exp2(n)"),
    "psi(": ("x: digamma(x)", "k, x: polygamma(k, x)"),
    "round(": ("x: round_half_away(x, 0)", "x, n: round_half_away(x, n)"),
    "sinc(": ("x: sinc(pi*x)",),
    "uplus(": ("x: 1*x",),
}
"""The functions that are expressions here, or whose operands stand in another order."""

ALONG: Final[Spellings] = {
    "sum_along": "sum",
    "mean": "mean",
    "amax": "max",
    "amin": "min",
    "prod": "prod",
    "cumsum": "cumsum",
    "cumprod": "cumprod",
    "flip": "flip",
    "softmax": "softmax",
}
"""The functions that MATLAB takes along the first axis of an array, of a vector over all its entries."""

DEVIATIONS: Final[Spellings] = {"var": "var", "std": "std"}
"""Those that divide by n - 1, and whose second operand says otherwise."""

EITHER: Final[Spellings] = {"max": "max", "min": "min"}
"""The reductions whose second operand is another number."""

SHAPE: Final = "it is constant: write the number"
LITERAL: Final = "write the array out: [1, 1, 1], or give it as a value"
JUMPS: Final = "it gives positions or an order, which jump and have no derivative"

REFUSED_CALLS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("numel(", "length(", "size(", "ndims(", "rows(", "columns("), SHAPE),
    **dict.fromkeys(
        ("zeros(", "ones(", "eye(", "rand(", "randn(", "linspace(", "logspace(", "repmat(", "meshgrid("), LITERAL
    ),
    **dict.fromkeys(("sort(", "find(", "unique("), JUMPS),
    **dict.fromkeys(("any(", "all("), "it is true or false: write max(x > 0), or min(x > 0)"),
    **dict.fromkeys(
        ("reshape(", "permute(", "squeeze("), "MATLAB's order is by columns: give the array in its last shape"
    ),
    **dict.fromkeys(("horzcat(", "vertcat(", "cat("), "write the entries in brackets: [x(1), x(2), y(1)]"),
    **dict.fromkeys(
        ("conv(", "conv2(", "filter("), "MATLAB's conv(x, w) turns w round and keeps the margins: write it out"
    ),
    **dict.fromkeys(("mrdivide(",), "write a/b of numbers, and mldivide(b', a')' of matrices"),
    **dict.fromkeys(("mpower(",), "write a^b of numbers, and mtimes(a, a) of matrices"),
    **dict.fromkeys(("deal(", "disp(", "fprintf(", "printf(", "sprintf("), "write the expression itself"),
    **dict.fromkeys(("cellfun(", "arrayfun("), "operators and functions work entry by entry"),
    **dict.fromkeys(
        ("integral(", "quad(", "fzero(", "fminsearch(", "ode45("), "it runs a method: write its result's formula"
    ),
    **dict.fromkeys(("real(", "imag(", "conj(", "complex(", "angle("), "there are no complex numbers here"),
    "legendre(": "MATLAB's legendre(n, x) has all orders up to n: write the polynomial that is meant",
    "idivide(": "write fix(a/b), or floor(a/b)",
    "diff(": "write x(2:end) - x(1:end-1)",
    "trapz(": "write sum((x(2:end) + x(1:end-1))/2)",
    "polyval(": "write the polynomial out",
    "besselh(": "it is complex: besselj(n, x) and bessely(n, x) are its parts",
    "isempty(": "it is true or false",
    "step(": "write x > 0, or heaviside(x)",
    "gather(": "write x(2), or x(2:3)",
    "take(": "write x(2), or x(2:3)",
    "roll(": "write the entries in brackets: [x(3), x(1), x(2)]",
}
"""By a function's name, what to write instead, where the operation of that name is another one, or there is none."""

TRUTHS: Final = {"true": Number(Fraction(1), "1"), "false": Number(Fraction(0), "0")}

NO_NUMBER: Final[Mapping[str, str]] = {
    "i": "i is the imaginary unit in MATLAB, and there are no complex numbers here: take another name, or assign it",
    "j": "j is the imaginary unit in MATLAB, and there are no complex numbers here: take another name, or assign it",
    "e": "Octave's e is exp(1), MATLAB has none: write exp(1), or assign it",
    "I": "Octave's I is the imaginary unit, MATLAB has none: take another name, or assign it",
    "J": "Octave's J is the imaginary unit, MATLAB has none: take another name, or assign it",
    "Inf": "there is no infinity here",
    "inf": "there is no infinity here",
    "NaN": "there is no number NaN here",
    "nan": "there is no number NaN here",
    "NA": "there is no number NA here",
    "eps": "write 2^-52",
    "realmax": "write 1.7976931348623157e308",
    "realmin": "write 2.2250738585072014e-308",
    "flintmax": "write 2^53",
    "intmax": "write 2147483647",
    "ans": "give the number a name: name = expression",
    "rand": "it is another number each time: give it as an input",
    "end": "end stands in an index: x(end)",
}
"""Names that MATLAB gives a meaning, unless the text assigns them."""
