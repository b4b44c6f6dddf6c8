"""Messages for what LaTeX can say and a formula here cannot."""

from __future__ import annotations

from typing import Final

__all__ = ["COMMANDS"]

ONE_RELATION: Final = r"write a formula, or name = formula; comparisons are <, \le, >, \ge, \ne"
WITH_BRACES: Final = r"write \frac{a}{b}"
CASES: Final = r"write \begin{cases} a & \text{if } x > 0 \\ b & \text{otherwise} \end{cases}"
DERIVATIVE: Final = "write the function alone: --wrt x differentiates it by x"

COMMANDS: Final[dict[str, tuple[str, str]]] = {
    "!": ("there is no factorial here", r"write \Gamma(n + 1)"),
    r"\binom": (
        "there is no binomial coefficient here",
        r"write \frac{\Gamma(n + 1)}{\Gamma(k + 1) \Gamma(n - k + 1)}",
    ),
    r"\infty": ("infinity is no number here", "write a large number"),
    r"\pm": ("\\pm is two numbers", "write + or -"),
    r"\mp": ("\\mp is two numbers", "write + or -"),
    r"\partial": ("derivatives are not written here: they are computed", DERIVATIVE),
    r"\nabla": ("derivatives are not written here: they are computed", DERIVATIVE),
    "'": ("this can be read as a derivative or as another name", r"write x_{1} for a name"),
    r"\int": ("integrals are not computed", "write the antiderivative, or a sum"),
    r"\iint": ("integrals are not computed", "write the antiderivative, or a sum"),
    r"\oint": ("integrals are not computed", "write the antiderivative, or a sum"),
    r"\lim": ("limits are not computed", "write the value of the limit"),
    r"\sum": ("the bounds of a sum are missing, or no whole numbers", r"write \sum_{i=1}^{10} i^2"),
    r"\prod": ("the bounds of a product are missing, or no whole numbers", r"write \prod_{i=1}^{10} i"),
    r"\lg": (r"this can be read as \log_{10} or as \log_{2}", "write the one that is meant"),
    r"\over": ("\\over is not read", WITH_BRACES),
    r"\choose": ("\\choose is not read", r"write \binom{n}{k}"),
    r"\approx": ("\\approx says that two numbers are near each other", ONE_RELATION),
    r"\sim": ("\\sim is no operator here", ONE_RELATION),
    r"\equiv": ("\\equiv is no operator here", ONE_RELATION),
    r"\propto": ("\\propto is no operator here", ONE_RELATION),
    r"\to": ("\\to is no operator here", ONE_RELATION),
    r"\Rightarrow": ("\\Rightarrow is no operator here", "write one formula"),
    r"\in": ("\\in is no operator here", r"write the bounds: [0 \le x]"),
    r"\circ": ("\\circ can be read as composition or as a product", r"write \odot for a product entry by entry"),
    r"\otimes": ("\\otimes can be read as several products", r"write \operatorname{outer}(x, y)"),
    r"\oplus": ("\\oplus is no operator here", "write +"),
    r"\star": ("\\star is no operator here", r"write \cdot for a product"),
    r"\bullet": ("\\bullet is no operator here", r"write \cdot for a product"),
    r"\ldots": ("what these dots stand for cannot be read", r"write all terms, or \sum_{i=1}^{10} i"),
    r"\dots": ("what these dots stand for cannot be read", r"write all terms, or \sum_{i=1}^{10} i"),
    r"\cdots": ("what these dots stand for cannot be read", r"write all terms, or \sum_{i=1}^{10} i"),
    r"\Re": ("numbers are real here", ""),
    r"\Im": ("numbers are real here", ""),
    r"\bmod": ("\\bmod is not read", r"write \operatorname{mod}(x, y)"),
    r"\pmod": ("\\pmod is not read", r"write \operatorname{mod}(x, y)"),
    r"\langle": ("this bracket can be read as an inner product or as a mean", "write ( )"),
    r"\rangle": ("this bracket can be read as an inner product or as a mean", "write ( )"),
    r"\left": ("a bracket is missing behind \\left", r"write \left( … \right)"),
    r"\right": ("a bracket is missing behind \\right", r"write \left( … \right)"),
    r"\middle": ("\\middle is not read", r"write \left( … \right)"),
    r"\mid": ("\\mid can be read as 'given' or as 'divides'", r"write \left| x \right| for the absolute value"),
    r"\emptyset": ("sets are not computed", ""),
    r"\documentclass": ("this is a document", "give its formulas, one at a time"),
    r"\newcommand": ("own commands are not read", "write out what the command stands for"),
    r"\def": ("own commands are not read", "write out what the command stands for"),
    "_": ("an index stands at a name, before its power", r"write x_{1}^{2}"),
    "#": ("'#' means nothing in a formula", r"a number sign in a name is \#: \text{\# of items}"),
    "&": ("an & stands in \\begin{aligned} and \\begin{cases} only", ""),
    "}": ("this '}' closes nothing", ""),
    '"': ("quotes mean nothing in a formula", r"write a name as \text{unit price}"),
    "?": ("'?' means nothing in a formula", CASES),
    r"\%": ("a percent sign stands directly after a number", r"write 5\%"),
    r"\$": ("a dollar sign means nothing in a formula", "write the number alone"),
    r"\_": ("an underscore belongs into a name", r"write x_{1} or \mathrm{unit\_price}"),
}
"""By a token, the message that refuses it and a hint."""
