"""Define the public class `Tornado`: which inputs drive an output, as a table and as a chart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from graphgrad.analysis.tornado import Swings
from graphgrad.base.public import public

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Unpack

    from graphgrad.draw.options import PictureKeywords

__all__ = ["Tornado"]


@public
@dataclass(frozen=True, slots=True)
class Tornado(Swings):
    """The inputs that drive an output, the one with the widest swing first; `left_out` counts those not shown.

    >>> from graphgrad import parse
    >>> print(parse("apple*n").backprop({"apple": 100, "n": 5}).tornado("±1"))
           value  change  output lower  output higher  swing
    n          5      ±1           400            600    200
    apple    100      ±1           495            505     10
    """

    def draw(self, path: str | Path, **options: Unpack[PictureKeywords]) -> None:
        """Draw the chart into a file: .svg, .png or .pdf by its suffix.

        `options` are those of `Backprop.draw`, of which `theme`, `scheme` and `dpi` are used. Raises `RenderError`
        where it cannot be drawn.

        >>> from pathlib import Path
        >>> from tempfile import mkdtemp
        >>> from graphgrad import parse
        >>> path = Path(mkdtemp()) / "tornado.svg"
        >>> parse("apple*n").backprop({"apple": 100, "n": 5}).tornado().draw(path)
        >>> path.read_text(encoding="utf-8")[:4]
        '<svg'
        """
        from graphgrad.draw.options import PictureOptions
        from graphgrad.draw.tornado import draw

        draw(self, path, PictureOptions.read(options))

    def _repr_mimebundle_(self, **_wanted: object) -> dict[str, str]:
        """Return the chart for a notebook, and the table."""
        from graphgrad.draw.options import PictureOptions
        from graphgrad.draw.tornado import rendered

        table = super(Tornado, self)._repr_mimebundle_()  # slots make a class anew, which super() does not know
        return table | {"image/svg+xml": rendered(self, "svg", PictureOptions()).decode()}
