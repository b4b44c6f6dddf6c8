"""Hold a text of a picture in its two readings: Unicode and LaTeX."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphgrad.printing.latex_names import escaped

if TYPE_CHECKING:
    from typing import Self

__all__ = ["Phrase"]


class Phrase(str):
    r"""A text of a picture: as a `str` its Unicode reading, and in `tex` the same in LaTeX's math mode.

    >>> square = Phrase("x²", "x^{2}")
    >>> square, square.tex
    ('x²', 'x^{2}')
    >>> print(Phrase("50%").tex)
    \text{50\%}
    """

    __slots__ = ("tex",)
    tex: str

    def __new__(cls, plain: str, tex: str | None = None) -> Self:
        """Take both readings; a text without LaTeX is set as it is, upright."""
        made = super().__new__(cls, plain)
        made.tex = rf"\text{{{escaped(plain)}}}" if tex is None else tex
        return made

    @classmethod
    def of(cls, tex: str) -> Self:
        r"""Return the phrase of a formula in LaTeX, as our printer writes it.

        Raises `RenderError` for other LaTeX.

        >>> Phrase.of(r"\frac{a + b}{2}")
        '(a + b)/2'
        """
        from graphgrad.typeset.unicode_text import unicode_of

        return cls(unicode_of(tex), tex)
