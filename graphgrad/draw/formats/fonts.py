"""Name the fonts of a picture that is drawn without a browser: the shipped ones, and the system's for other scripts."""

from __future__ import annotations

import json
import re
import unicodedata
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from graphgrad.base.errors import RenderError
from graphgrad.draw.formats.svg_style import families
from graphgrad.draw.theme import Theme

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FOLDER", "Lettered", "lettered", "refuse_undrawn"]

FOLDER: Final = Path(str(files("graphgrad.typeset") / "fonts"))
"""Where the shipped fonts lie."""

SANS: Final = "Graphgrad Sans"
SYMBOLS: Final = "Graphgrad Symbols"

CJK: Final = "Noto Sans CJK JP, Hiragino Sans, Yu Gothic, Noto Sans JP, Noto Sans CJK SC, PingFang SC, Microsoft YaHei"
KOREAN: Final = f"Noto Sans CJK KR, Apple SD Gothic Neo, Malgun Gothic, {CJK}"
"""The families for scripts whose fonts are not named after them, in the order of preference."""

OF_MANY_SCRIPTS: Final = "Noto Sans, DejaVu Sans, Arial"
"""Families that systems have. Where none is named, resvg draws with any font, even with a bold one."""

NAMED: Final = {
    "cjk": CJK,
    "hiragana": CJK,
    "katakana": CJK,
    "bopomofo": CJK,
    "fullwidth": CJK,
    "halfwidth": CJK,
    "ideographic": CJK,
    "hangul": KOREAN,
}

AFTER_SCRIPT: Final = re.compile(
    r"-.*| (?:small|capital|letter|character|syllable|unified|compatibility|ideograph|vowel|digit|sign|mark)\b.*"
)
"""What follows the script in the Unicode name of a character."""

TEXT: Final = re.compile(r"(?<=>)[^<>]*[^\x00-\x7f<>][^<>]*(?=<)")
"""The characters between two tags, if some are not ASCII."""

NO_CHARACTER: Final = "\U0010fffd"
"""A character that no font draws; the sign for a missing character is drawn in its place."""


class Lettered(NamedTuple):
    """An SVG whose texts in other scripts name their fonts, whether it needs the system's, and for which characters."""

    picture: str
    by_system: bool
    foreign: str


def lettered(picture: str) -> Lettered:
    """Return a picture for a program that has no fonts of its own: the shipped fonts come first.

    A theme's own families stay before them.

    >>> lettered('<svg font-family="Courier"><text>x = 3</text></svg>')
    Lettered(picture='<svg font-family="Courier, Graphgrad Sans"><text>x = 3</text></svg>', by_system=True, foreign='')
    """
    head, text, body = picture.partition("<text")
    usual = f'font-family="{families(Theme())}"'
    own = re.sub('font-family="([^"]*)"', rf'font-family="\1, {SANS}"', head)
    named = head.replace(usual, f'font-family="{SANS}"') if usual in head else own
    foreign = "".join(dict.fromkeys(c for run in TEXT.findall(body) for c in run if _is_foreign(c)))
    return Lettered(f"{named}{text}{TEXT.sub(_in_one_font, body)}", usual not in head or bool(foreign), foreign)


def refuse_undrawn(foreign: str, draw: Callable[[list[str]], list[bytes]]) -> None:
    """Raise `RenderError` for a character that no font of this machine has; `draw` draws some small SVGs.

    A character without a font looks as every other without one.
    """
    if missing := _undrawn(foreign, draw) if foreign else "":
        hint = (
            f"on Debian and Ubuntu apt install {_package(missing)}, elsewhere a font from https://fonts.google.com/noto"
        )
        kind = "" if unicodedata.category(missing) == "So" else f", of the script {_script(missing)!r}"
        message = f"no font on this machine draws {missing!r}{kind}"
        raise RenderError(message, hint=f"install one: {hint}")


@cache
def _undrawn(foreign: str, draw: Callable[[list[str]], list[bytes]]) -> str:
    """Return the first character that no font has, or an empty text."""
    families = [_family(character) for character in foreign]
    drawn = draw(list(map(_alone, foreign, families)))
    blank = draw(list(map(_alone, NO_CHARACTER * len(foreign), families)))
    return next((c for c, image, other in zip(foreign, drawn, blank, strict=True) if image == other), "")


def _alone(character: str, family: str) -> str:
    text = _run(character, family)
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40" font-size="20"><text x="9" y="28">'
    return f"{svg}{text}</text></svg>"


def _package(character: str) -> str:
    """Return the Debian package with a font for a character."""
    if _script(character).split()[0] in NAMED:
        return "fonts-noto-cjk"
    return "fonts-noto-color-emoji" if unicodedata.category(character) == "So" else "fonts-noto-core"


def _in_one_font(text: re.Match[str]) -> str:
    """Return a text whose first foreign character names the fonts of all of it.

    In a text of several fonts, resvg draws all with whatever font has all of its characters.
    """
    foreign = next(filter(_is_foreign, text[0]), None)
    return _run(text[0], _family(foreign)) if foreign else text[0]


def _is_mark(character: str) -> bool:
    """Tell whether a character only changes others: an accent, or one for formatting."""
    return unicodedata.category(character) in {"Mn", "Me", "Cf"}


def _run(characters: str, family: str) -> str:
    return f'<tspan font-family="{family}">{characters}</tspan>' if family else characters


def _family(character: str) -> str:
    """Return the families that draw a character, as SVG lists them; empty for the picture's own."""
    if character in _shipped("regular"):
        return ""
    if character in _shipped("symbols"):
        return SYMBOLS
    script = _script(character)
    return NAMED.get(script.split()[0], f"Noto Sans {script.title()}, {OF_MANY_SCRIPTS}, {SANS}")


def _is_foreign(character: str) -> bool:
    return not _is_mark(character) and _family(character) not in {"", SYMBOLS}


def _script(character: str) -> str:
    """Return the script of a character, as far as its Unicode name tells.

    >>> _script("ع"), _script("林")
    ('arabic', 'cjk')
    """
    return AFTER_SCRIPT.sub("", unicodedata.name(character, "unknown").lower())


@cache
def _shipped(style: str) -> frozenset[str]:
    """Return the characters of a shipped font."""
    return frozenset(json.loads((FOLDER / "widths.json").read_text(encoding="utf-8"))[style])
