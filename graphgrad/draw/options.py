"""Define the options of pictures, and refuse one that is misspelt or has a wrong value."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, fields, replace
from math import inf
from numbers import Real
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, TypedDict

from graphgrad.base.arguments import as_float, chosen
from graphgrad.base.errors import RenderError
from graphgrad.base.public import public
from graphgrad.base.suggestion import suggestion
from graphgrad.draw.theme import Theme, theme_of
from graphgrad.draw.words import (
    AUTO,
    BOTH,
    DIRECTIONS,
    DPI,
    ENGINE_NAMES,
    FORMAT,
    FRAME_FORMATS,
    PASSES,
    SCHEMES,
    THEME,
    WIDTH,
    Direction,
    EngineName,
    FrameFormat,
    Pass,
    SchemeName,
    ThemeName,
)

if TYPE_CHECKING:
    from typing import Self

    from graphgrad.analysis.lens import Lens

__all__ = [
    "DrawKeywords",
    "DrawOptions",
    "FrameKeywords",
    "FrameOptions",
    "LayoutFunction",
    "Notes",
    "PictureKeywords",
    "PictureOptions",
]

LayoutFunction = Callable[[str], str | bytes]
"""A user's engine: it takes DOT and returns its layout, as `dot -Tjson0` does."""

Notes = Mapping[str, str] | Mapping[str | None, str]
"""Texts to draw beside inputs, by name; under None, beside the output."""


def _is_flag(value: Any) -> bool:
    try:
        return value in (True, False)
    except ValueError:  # an array is neither
        return False


def _is_flag_or_auto(value: Any) -> bool:
    return _is_flag(value) or chosen(value, (AUTO,))


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_resolution(value: Any) -> bool:
    return isinstance(value, Real) and 0 < as_float(value) < inf


def _is_width(value: Any) -> bool:
    return isinstance(value, Real) and as_float(value) > 0


def _are_notes(value: Any) -> bool:
    return isinstance(value, Mapping) and all(map(_is_text, value.values()))


def _is_lens(value: Any) -> bool:
    return hasattr(value, "shares")


def _is_scheme(value: Any) -> bool:
    return chosen(value, SCHEMES)


def _are_names(value: Any) -> bool:
    return isinstance(value, Collection) and all(map(_is_text, value))


TAKEN: Final[Mapping[str, tuple[Callable[[Any], bool], str]]] = {
    "fold": (_is_flag, "True or False"),
    "blame": (_is_flag, "True or False"),
    "local": (_is_flag, "True or False"),
    "values": (_is_flag, "True or False"),
    "notes": (_are_notes, "texts by the names of inputs"),
    "lens": (_is_lens, "what `lens()` returns"),
    "title": (_is_text, "a text"),
    "prefix": (_is_text, "a text"),
    "expand": (_are_names, "names of intermediates"),
    "scheme": (_is_scheme, "auto, light or dark"),
    "nary": (_is_flag_or_auto, 'True, False or "auto"'),
    "width": (_is_width, "a number of pixels above 0"),
    "dpi": (_is_resolution, "a number above 0"),
    "png_dpi": (_is_resolution, "a number above 0"),
}
"""For each option, the test of a value, and the words for right values in a message. A default is always right."""


class DrawKeywords(TypedDict, total=False):
    """The keyword arguments of both."""

    passes: Pass
    fold: bool
    local: bool
    values: bool
    notes: Notes | None
    lens: Lens | None
    blame: bool
    title: str | None
    theme: Theme | ThemeName
    scheme: SchemeName
    engine: EngineName | LayoutFunction
    prefix: str
    expand: Collection[str]
    direction: Direction
    nary: bool | Literal["auto"]
    width: float


@public
class PictureKeywords(DrawKeywords, total=False):
    """The keyword arguments of `Backprop.draw` and `render`, for the signature of a function that passes them on.

    `Backprop.draw` says what each is.

    >>> import graphgrad as gg
    >>> from typing import Unpack
    >>> def size(text: str, **options: Unpack[gg.PictureKeywords]) -> int:
    ...     return len(gg.parse(text).backprop().render("svg", **options))
    >>> size("2*3", theme="minimal") < size("2*3", theme="textbook")
    True
    """

    dpi: float


@public
class FrameKeywords(DrawKeywords, total=False):
    """The keyword arguments of `Backprop.frames`, for the signature of a function that passes them on.

    They are those of `PictureKeywords`, but for `dpi`, and `format` and `png_dpi`.

    >>> import graphgrad as gg
    >>> from tempfile import mkdtemp
    >>> from typing import Unpack
    >>> def count(text: str, **options: Unpack[gg.FrameKeywords]) -> int:
    ...     return len(gg.parse(text).backprop().frames(mkdtemp(), **options))
    >>> count("2*3", passes="forward")
    4
    """

    format: FrameFormat
    png_dpi: float


@dataclass(frozen=True, kw_only=True)
class DrawOptions:
    """The options for drawing the passes, as one picture or step by step.

    `passes` is "forward", "backward" or "both"; `fold` draws constants inside their operation ("×5"); `local` adds
    the local derivatives; `values` writes small arrays out instead of their shapes; `notes` are texts to draw beside
    inputs, by name, and under None beside the output; `lens` shades nodes by their share in an error; `blame` lights
    the path from what made a number infinite, 0 or huge; `title` names the picture for those who cannot see it;
    `theme` is "textbook", "record", "minimal" or a `Theme`; `scheme` is "light", "dark", or "auto", which is light but
    for an SVG or a page that a reader sees in the dark; `engine` is "auto", "system", "embedded", or a function from
    DOT to its layout in Graphviz's JSON; `prefix` is put before every id in an SVG. In a large graph, named
    intermediates and repeated structure are closed into boxes; `expand` names boxes to open, "*" opens all.

    `direction` is "right", "down", "rows" (to the right, in several rows), or "auto"; `nary` draws sums and products of
    many operands as one node. Where text of the picture would be less than 8 pixels high in a column of `width` pixels,
    "auto" chooses a direction, and whether sums and products are joined, so that it is not.
    """

    OWNER: ClassVar[str]

    passes: Pass = BOTH
    fold: bool = False
    local: bool = False
    values: bool = False
    notes: Notes | None = None
    lens: Lens | None = None
    blame: bool = True
    title: str | None = None
    theme: Theme | ThemeName = THEME
    scheme: SchemeName = AUTO
    engine: EngineName | LayoutFunction = AUTO
    prefix: str = ""
    expand: Collection[str] = ()
    direction: Direction = AUTO
    nary: bool | Literal["auto"] = AUTO
    width: float = WIDTH

    def __post_init__(self) -> None:
        """Refuse wrong values; turn a single name in `expand` into a tuple."""
        if not chosen(self.passes, PASSES):
            hint = suggestion(str(self.passes), PASSES, f"take one of {', '.join(PASSES)}")
            raise RenderError(f"there is no pass {self.passes!r} to draw", hint=hint)
        if not chosen(self.engine, ENGINE_NAMES) and not callable(self.engine):
            hint = suggestion(str(self.engine), ENGINE_NAMES, f"take one of {', '.join(ENGINE_NAMES)}, or a function")
            raise RenderError(f"there is no engine named {self.engine!r}", hint=hint)
        if not chosen(self.direction, DIRECTIONS):
            hint = suggestion(str(self.direction), DIRECTIONS, f"take one of {', '.join(DIRECTIONS)}")
            raise RenderError(f"there is no direction {self.direction!r} to draw in", hint=hint)
        theme_of(self.theme)
        if isinstance(self.expand, str):
            object.__setattr__(self, "expand", (self.expand,))
        for field in fields(self):
            _refuse_other(field.name, getattr(self, field.name), field.default)
        object.__setattr__(self, "expand", tuple(self.expand))

    @classmethod
    def read(cls, keywords: Mapping[str, object]) -> Self:
        """Return the options that are given by name.

        Raises `RenderError` for an unknown name and for a wrong value.

        >>> PictureOptions.read({"folt": True})
        Traceback (most recent call last):
        graphgrad.RenderError: there is no option 'folt' of a picture
        did you mean 'fold'?
        """
        from graphgrad.base.options import options_from

        return options_from(cls, keywords, error=RenderError, of=cls.OWNER, listed_as="options")

    @property
    def joins(self) -> bool:
        """Whether sums and products of many operands are one node; where that is still to be chosen, they are not."""
        return not chosen(self.nary, (AUTO,)) and bool(self.nary)

    @property
    def style(self) -> Theme:
        """The theme as a `Theme`, also where it is given by name, with the colours of the scheme."""
        theme = theme_of(self.theme)
        palette = {"light": theme.light, "dark": theme.dark}.get(self.scheme)
        return replace(theme, light=palette, dark=palette) if palette else theme


@dataclass(frozen=True, kw_only=True)
class PictureOptions(DrawOptions):
    """The options for one picture: those of `DrawOptions`, and the resolution `dpi` in dots per inch.

    It is that of a PNG, and the highest of a moving picture.

    >>> PictureOptions(theme="minimal", fold=True).dpi
    192.0
    """

    OWNER: ClassVar[str] = "a picture"

    dpi: float = DPI


@dataclass(frozen=True, kw_only=True)
class FrameOptions(DrawOptions):
    """The options for drawing the passes step by step: those of `DrawOptions`, and the format of the steps.

    `format` is "svg" or "png", and `png_dpi` the resolution of a PNG in dots per inch.

    >>> FrameOptions(theme="minimal").format
    'svg'
    """

    OWNER: ClassVar[str] = "frames"

    format: FrameFormat = FORMAT
    png_dpi: float = DPI

    def __post_init__(self) -> None:
        """Refuse wrong values."""
        super().__post_init__()
        if not chosen(self.format, FRAME_FORMATS):
            hint = suggestion(str(self.format), FRAME_FORMATS, f"take one of {', '.join(FRAME_FORMATS)}")
            raise RenderError(f"no steps are drawn as {self.format!r}", hint=hint)


def _refuse_other(name: str, value: Any, default: Any) -> None:
    fits, taken = TAKEN.get(name, (None, ""))
    if fits and value is not default and not fits(value):
        raise RenderError(f"the option '{name}' cannot be {value!r}", hint=f"it takes {taken}")
