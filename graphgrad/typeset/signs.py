r"""The characters of LaTeX's macros that our printer writes."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from graphgrad.ops.table import OPS
from graphgrad.text.greek import GREEK

__all__ = ["CHARACTERS", "ENVIRONMENTS", "FENCES", "MACROS", "OPERATORS", "ROOTS", "TEXT_SIGNS"]

OPERATORS: Final = frozenset(op.tex for op in OPS.values() if re.fullmatch(r"\\[a-z]+", op.tex)) - {
    f"\\{name}" for name in GREEK
}
"""The macros that are functions' names."""


def _greek(name: str) -> str:
    case = "SMALL" if name.islower() else "CAPITAL"
    return unicodedata.lookup(f"GREEK {case} LETTER {name.upper().replace('LAMBDA', 'LAMDA')}")


OTHER_LETTERS: Final = {
    "varphi": "φ", "varepsilon": "ε", "vartheta": "ϑ", "varrho": "ϱ", "varsigma": "ς", "varpi": "ϖ", "varkappa": "ϰ",
    "ell": "ℓ", "hbar": "ℏ", "wp": "℘", "Re": "ℜ", "Im": "ℑ", "aleph": "ℵ", "prime": "′", "dagger": "†", "ddagger": "‡",
}  # fmt: skip
OTHER_OPERATORS: Final = {
    "oplus": "⊕", "ominus": "⊖", "otimes": "⊗", "oslash": "⊘", "boxplus": "⊞", "boxtimes": "⊠", "circ": "∘",
    "bullet": "∙", "ast": "∗", "star": "⋆", "diamond": "⋄", "mp": "∓", "cap": "∩", "cup": "∪", "sqcap": "⊓",
    "sqcup": "⊔", "uplus": "⊎", "wr": "≀", "amalg": "⨿", "triangleleft": "◁", "triangleright": "▷", "setminus": "∖",
    "bigtriangleup": "△", "land": "∧", "lor": "∨", "rtimes": "⋊", "ltimes": "⋉",
}  # fmt: skip
OTHER_RELATIONS: Final = {
    "sim": "∼", "simeq": "≃", "cong": "≅", "equiv": "≡", "propto": "∝", "ll": "≪", "gg": "≫", "prec": "≺", "succ": "≻",
    "preceq": "⪯", "succeq": "⪰", "subset": "⊂", "supset": "⊃", "in": "∈", "ni": "∋", "perp": "⊥", "parallel": "∥",
    "mid": "∣", "models": "⊨", "vdash": "⊢", "mapsto": "↦", "Rightarrow": "⇒", "leftarrow": "←", "rightarrow": "→",
}  # fmt: skip
"""Signs that a row of a user's own may be written with, beside those that the package writes."""

MACROS: Final[dict[str, tuple[str, str]]] = {
    **{f"\\{name}": ("letter", character) for name, character in OTHER_LETTERS.items()},
    **{f"\\{name}": ("binary", character) for name, character in OTHER_OPERATORS.items()},
    **{f"\\{name}": ("relation", character) for name, character in OTHER_RELATIONS.items()},
    **{f"\\{name}": ("letter" if name.islower() else "word", _greek(name)) for name in GREEK},
    r"\partial": ("word", "∂"),
    r"\nabla": ("word", "∇"),
    r"\infty": ("word", "∞"),
    r"\top": ("word", "⊤"),
    r"\ldots": ("word", "…"),
    r"\dots": ("word", "…"),
    r"\surd": ("word", "√"),
    r"\cdot": ("binary", "·"),
    r"\times": ("binary", "×"),
    r"\div": ("binary", "÷"),
    r"\odot": ("binary", "⊙"),
    r"\pm": ("binary", "±"),
    r"\bmod": ("binary", "mod"),
    r"\le": ("relation", "≤"),
    r"\ge": ("relation", "≥"),
    r"\ne": ("relation", "≠"),
    r"\land": ("binary", "∧"),
    r"\lor": ("binary", "∨"),
    r"\veebar": ("binary", "⊻"),
    r"\lnot": ("word", "¬"),
    r"\geq": ("relation", "≥"),
    r"\leq": ("relation", "≤"),
    r"\neq": ("relation", "≠"),
    r"\wedge": ("binary", "∧"),
    r"\vee": ("binary", "∨"),
    r"\approx": ("relation", "≈"),
    r"\to": ("relation", "→"),
    r"\gets": ("relation", "←"),
    r"\lfloor": ("open", "⌊"),
    r"\rfloor": ("close", "⌋"),
    r"\lceil": ("open", "⌈"),
    r"\rceil": ("close", "⌉"),
    r"\{": ("open", "{"),
    r"\}": ("close", "}"),
    r"\vert": ("word", "|"),
    r"\|": ("word", "‖"),
    r"\cdots": ("word", "⋯"),
    r"\vdots": ("word", "⋮"),
    r"\,": ("space", " "),
    r"\mathbin{}": ("space", " "),
    r"\ ": ("space", " "),
    r"\:": ("space", " "),
    r"\;": ("space", " "),
    r"\quad": ("space", " "),
}
"""The kind and the character of a macro, by its name; sympy's printer, too, writes some of them."""

CHARACTERS: Final[dict[str, tuple[str, str]]] = {
    "+": ("binary", "+"),
    "-": ("binary", "−"),
    "−": ("binary", "−"),
    "*": ("binary", "∗"),
    "/": ("binary", "/"),
    "=": ("relation", "="),
    "<": ("relation", "<"),
    ">": ("relation", ">"),
    ":": ("relation", ":"),
    ",": ("punctuation", ","),
    ";": ("punctuation", ";"),
    "(": ("open", "("),
    ")": ("close", ")"),
    "[": ("open", "["),
    "]": ("close", "]"),
}
"""The kind and the character of a character that is no letter or digit."""

TEXT_SIGNS: Final = {
    r"\textbackslash": "\\",
    r"\textasciicircum": "^",
    r"\textasciitilde": "~",
    r"\textasciigrave": "`",
    r"\textquotesingle": "'",
    r"\ ": " ",
    **{f"\\{character}": character for character in "{}$&#_%"},
}
"""The characters of macros within text."""

FENCES: Final = {
    **{character: character for character in "()[]|/<>"},
    ".": " ",
    "\\{": "{",
    "\\}": "}",
    "\\|": "‖",
    "\\vert": "|",
    "\\Vert": "‖",
    "\\lfloor": "⌊",
    "\\rfloor": "⌋",
    "\\lceil": "⌈",
    "\\rceil": "⌉",
}
r"""The characters after \left and \right."""

ENVIRONMENTS: Final = ("cases", "aligned", "bmatrix")
r"""The environments after \begin."""

ROOTS: Final = {"": "√", "3": "∛", "4": "∜"}
"""The sign of a root by its degree."""
