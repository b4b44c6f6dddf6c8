r"""Split LaTeX into tokens: a name with its font, accent and index, a number, a bracket with its size, a command."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from graphgrad.text.greek import GREEK

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["ACCENTS", "BLANKS", "FONTS", "NAME", "TOKEN", "UPRIGHT", "latex_tokens"]

UPRIGHT: Final = ("mathrm", "text", "textrm", "mbox", "textup", "mathnormal", "hbox")
"""Commands that set a word; what they hold is read as one name."""

FONTS: Final = (
    *UPRIGHT,
    *("mathit", "textit", "mathbf", "boldsymbol", "bm", "textbf", "mathcal", "mathscr", "mathfrak"),
    *("mathbb", "mathsf", "mathtt"),
)
"""Commands that set a name in a font."""

ACCENTS: Final = ("hat", "bar", "tilde", "vec", "widehat", "widetilde", "overline", "check", "breve", "underline")
"""Commands that put a sign on a letter; it belongs to the name."""

INVISIBLE: Final = (
    *("quad", "qquad", "thinspace", "medspace", "thickspace", "enspace", "negthinspace", "displaystyle"),
    *("textstyle", "scriptstyle", "limits", "nolimits", "nonumber", "notag", "allowbreak", "nobreak", "noindent"),
)
"""Commands that only place or size what is beside them."""


def _any(words: Iterable[str]) -> str:
    return rf"(?:{'|'.join(words)})(?![A-Za-z])"


BLANKS: Final = (
    rf"(?:[ \t\r~\u00a0]|\n(?![ \t\r]*\n)|%[^\n]*(?:\n(?![ \t\r]*\n)|\Z|(?=\n))|\\[,;:!> \n]|\{{\}}|\\{_any(INVISIBLE)}"
    r"|\\(?:label|tag\*?)\{[^{}\n]{0,200}\})*+"
)
"""What stands between tokens and means nothing: blanks, comments, commands that place."""

B: Final = BLANKS
INNER: Final = r"(?:[^{}\\]|\\.)"
GROUP: Final = rf"\{{(?:{INNER}|\{{(?:{INNER}|\{{(?:{INNER}|\{{{INNER}*+\}})*+\}})*+\}})*+\}}"
"""Braces with at most three more within each other."""

LETTERS: Final = _any((*sorted(GREEK), *(f"var{name}" for name in sorted(GREEK)), "ell", "hbar", "imath", "jmath"))
LETTER: Final = r"[^\W\d_]"
STYLED: Final = rf"\\{_any(FONTS)}{B}(?:{GROUP}|{LETTER}|\\{LETTERS})"
ACCENTED: Final = rf"\\{_any((*ACCENTS, 'dot', 'ddot'))}{B}(?:{GROUP}|{LETTER}|\\{LETTERS})"
ATOM: Final = rf"(?:{LETTER}|\\{LETTERS}|{STYLED}|{ACCENTED})"
INDEX: Final = rf"{B}_{B}(?:[0-9]|{LETTER}|\\{LETTERS}|{STYLED}|{GROUP})"
NAME: Final = re.compile(rf"{ATOM}(?:{INDEX})?")
"""A name with its index."""

EARLY_POWER: Final = rf"{B}\^{B}(?:\{{{B}[0-9]+{B}\}}|[0-9](?![0-9]))(?={B}_)"
"""A power before the index of a name, as in x^2_1."""

DELIMITER: Final = (
    rf"(?:\\(?:left|right|[bB]igg?[lr]?)(?![A-Za-z]){B})?"
    r"(?:[()\[\]|]|\\[{}|]|\\[lr](?:floor|ceil|vert|Vert|brace|brack)(?![A-Za-z]))"
)
AT: Final = r"(?:[-0-9,: ]|\{:\}|\.\.\.|\\ldots|\\mathrm\{None\})"
TOP: Final = r"(?:\\top|\\intercal|\\mathsf\{?T\}?|\\mathrm\{?T\}?|\\mathsf\{?\\top\}?|\\text\{T\})"
NUMBER: Final = (
    rf"(?:[0-9]+(?:\\,[0-9]{{3}}(?![0-9]))*+(?:\.[0-9]+)?|\.[0-9]+)"
    rf"(?:{B}\\times{B}10{B}\^{B}(?:\{{{B}[-+]?[0-9]{{1,15}}{B}\}}|[0-9](?![0-9])))?(?:{B}\\%)?"
)
TOKEN: Final = re.compile(
    rf"""({B})
         ( \n[ \t\r]*\n\s*
         | [0-9]+\{{,\}}[0-9]+ | [0-9]+(?:\.[0-9]*)?[eE][-+]?[0-9]+
         | {NUMBER}
         | [A-Za-z]{{4,}}
         | \\psi\^\{{\(
         | \\log\\Gamma(?![A-Za-z])
         | \\operatorname\*?{B}(?:\{{[A-Za-z]\}}|{GROUP}(?:{B}_{B}{GROUP})?)
         | {ATOM}(?:{EARLY_POWER})?(?:{INDEX})?
         | \\left{B}\[{AT}+\\right{B}\] | \[{AT}+\]
         | \\(?:begin|end){B}\{{[A-Za-z]+\*?\}}
         | {DELIMITER}(?:{B}_{B}{GROUP}|_[0-9])?
         | \^{B}(?:\{{{B}{TOP}{B}\}}|{TOP}) | \^{B}(?:\{{{B}T{B}\}}|T(?![A-Za-z]))
         | \^{B}(?:\{{{B}(?:\\circ|\\prime|\\ast|\\dagger|[*+]|\([A-Za-z0-9]+\)|\[[A-Za-z0-9]+\]){B}\}}
               |\\circ|\\prime|\\ast|\\dagger|[*+])
         | \\mathbin\s*\{{[^{{}}]{{0,20}}\}}
         | \\sqrt{B}\[
         | \\\\(?:{B}\[[0-9. a-z]+\])? | \\[A-Za-z]+\*? | \\. | := | \$\$?
         | \Z | . )""",
    re.VERBOSE | re.DOTALL,
)
"""Blanks and a token. Every text is a sequence of these."""


def latex_tokens(source: str) -> Iterator[tuple[str, str]]:
    r"""Yield pairs of blanks and the token after them; joined, they are the text.

    >>> [token for _, token in latex_tokens(r"\frac{2x_{1}}{\hat y}")]
    ['\\frac', '{', '2', 'x_{1}', '}', '{', '\\hat y', '}', '']
    """
    for match in TOKEN.finditer(source):
        yield match[1], match[2]
