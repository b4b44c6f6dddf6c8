"""Declare the command's options with their help."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, Final

from graphgrad.base.suggestion import suggestion
from graphgrad.base.terminal_text import PAGE
from graphgrad.check.levels import LEVELS
from graphgrad.cli.table_options import TABLE_EXAMPLES, TABLE_OPTIONS
from graphgrad.draw.words import (
    AUTO,
    BOTH,
    DIRECTIONS,
    DPI,
    FORMAT,
    FRAME_FORMATS,
    NARY,
    PASSES,
    SCHEMES,
    THEME,
    THEME_NAMES,
    WIDTH,
)
from graphgrad.text.dialects.named import DIALECTS

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["OPTIONS", "end_options", "option_parser", "unknown_option"]

MAX_DPI: Final = 2_400
"""The highest resolution of a PNG: a page of it takes some hundred megabytes."""

SHELLS: Final = ("bash", "zsh", "fish")
"""The shells that `--completion` knows."""

EXAMPLES: Final = f"""\
examples:
  graphgrad "100*5*1.08" --wrt apple -o apple.svg
      name the first literal apple, differentiate by it, check, draw
  graphgrad "(apple*n + orange*m)*tax" --at apple=100,n=2,orange=150,m=3,tax=1.1
  graphgrad "x=100; y=5; t=800; v=1.08; s = x*y; u = s + t; E = u*v" --wrt x --json
  graphgrad -f program.txt --exact --check off
  graphgrad "(x*y + t)*v" --at x=100,y=5,t=800,v=1.08 --wrt x --explain
  echo "x**2" | graphgrad - --at x=3
  graphgrad "=SUM(B1:B3)*C1" --from excel --at B1=1,B2=2,B3=3,C1=1.08
  graphgrad model.xlsx --cell 'Summary!B10' -o tornado.svg
      which inputs drive a cell of a workbook
  graphgrad '\\frac{{a}}{{b}}' --from latex --at a=3,b=4
  graphgrad '`unit price`*n' --at 'unit price=3,n=2'
      a name with blanks or signs in it stands in backquotes
{TABLE_EXAMPLES}
exit status: 0 all well, 1 the check failed or, with --check strict, is not complete, 2 the input was wrong,
3 a file could not be read or written, 130 interrupted
"""


def _dpi(text: str) -> float:
    """Return a resolution; argparse reports the error where it is none."""
    dpi = float(text)
    if not 1 <= dpi <= MAX_DPI:
        raise argparse.ArgumentTypeError(f"{text} is not between 1 and {MAX_DPI}")
    return dpi


def _width(text: str) -> float:
    """Return a column's width; argparse reports the error where it is none."""
    width = float(text)
    if not width > 0:
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return width


OPTIONS: Final[dict[tuple[str, ...], dict[str, Any]]] = {
    ("--wrt",): {
        "metavar": "NAMES",
        "help": 'differentiate by these inputs, separated by commas (default: all; "": none); where the expression has '
        "no variables, they name its literals from left to right",
    },
    ("--at",): {
        "metavar": "NAME=VALUE,…",
        "action": "append",
        "default": [],
        "help": "the inputs' values; a value may be an expression, such as pi/2 or 8%%, an array, such as "
        "[[1,2],[3,4]], or an array in a file: @w.npy, @data.npz:member; and have an error: 100±2",
    },
    ("--seed",): {
        "metavar": "VALUE",
        "help": "the adjoint of the output (default: 1); an output that is an array must be given one",
    },
    ("-o", "--output"): {
        "metavar": "FILE",
        "action": "append",
        "default": [],
        "help": "draw into FILE.svg, .png, .pdf, .dot, .mmd (Mermaid), .tex (TikZ), .typ (Typst) or .html (a page that "
        "plays both passes); let them play in FILE.gif, .apng or .mp4; write the graph and its numbers into FILE.json "
        "or .graphml; may be given several times",
    },
    ("--frames",): {
        "metavar": "DIR",
        "help": "draw each step of both passes into a folder: step-0.svg and so on, and animated.svg, which plays them",
    },
    ("--steps",): {
        "choices": FRAME_FORMATS,
        "default": FORMAT,
        "help": "the format of the steps that --frames draws (default: svg)",
    },
    ("--expand",): {
        "metavar": "NAMES",
        "help": "open these boxes in the picture of a large graph; * opens all",
    },
    ("--theme",): {
        "choices": THEME_NAMES,
        "default": THEME,
        "help": "how pictures look: as in a textbook (the default), one record per value, or minimal",
    },
    ("--scheme",): {
        "choices": SCHEMES,
        "default": AUTO,
        "help": "draw for light or for dark pages (default: auto, light but for an SVG or a page seen in the dark)",
    },
    ("--dpi",): {
        "type": _dpi,
        "default": DPI,
        "help": f"the dots per inch of a PNG, and the most of a moving picture (default: {DPI:g})",
    },
    ("--pass",): {
        "dest": "passes",
        "choices": tuple(PASSES),
        "default": BOTH,
        "help": "which passes to draw (default: both)",
    },
    ("--direction",): {
        "choices": DIRECTIONS,
        "default": AUTO,
        "help": "where values flow: right, down, in rows to the right, or as the width needs (auto, the default)",
    },
    ("--nary",): {
        "choices": tuple(NARY),
        "default": AUTO,
        "help": "draw sums and products of many operands as one node: yes, no, or where the picture would be too wide "
        "(auto, the default)",
    },
    ("--width",): {
        "type": _width,
        "default": WIDTH,
        "help": "the width in pixels of the column that the picture is for, in which its text stays at least 8 pixels "
        f"high (default: {WIDTH:g})",
    },
    ("--fold",): {"action": "store_true", "help": "draw constants inside the operation they belong to: ×5"},
    ("--local",): {"action": "store_true", "help": "draw the local derivatives, as formula and as number"},
    ("--values",): {"action": "store_true", "help": "write small arrays out instead of their shapes"},
    ("--open",): {
        "nargs": "?",
        "const": True,
        "metavar": "NAMES",
        "help": "open composite nodes: affine into × and +, softmax with loss into softmax and cross-entropy, and the "
        "functions that the text defines; those named, or all",
    },
    ("--tree",): {"action": "store_true", "help": "keep equal subexpressions apart instead of sharing them"},
    ("--from",): {
        "dest": "source_dialect",
        "choices": tuple(DIALECTS),
        "default": "graphgrad",
        "help": "how the expression is written: as that of another program (default: graphgrad); 'excel;' has "
        "semicolons between operands, and a decimal comma",
    },
    ("--cell",): {
        "metavar": "ADDRESS",
        "help": "of a workbook that is given as EXPR, model.xlsx: the cell to differentiate, such as Summary!B10, or "
        "one of the workbook's names",
    },
    ("--picture",): {
        "choices": ("graph", "tornado"),
        "help": "what -o draws: the graph (the default), or which inputs drive the output, a tornado chart (the "
        "default of a workbook for .svg, .png and .pdf)",
    },
    ("--check",): {
        "choices": LEVELS,
        "default": "full",
        "help": "hold the numbers against sympy: rules, local derivatives and whole gradient (full, the default); the "
        "same, and fail where anything was left out (strict); all but the whole gradient (local); nothing (off)",
    },
    ("--sensitivity",): {
        "action": "store_true",
        "help": "for each input the derivative, and by how many percent the output moves per percent of it",
    },
    ("--change",): {
        "metavar": "NAME=CHANGE,…",
        "action": "append",
        "default": [],
        "help": "what changes such as +1 or -10%% do to the output: predicted by the gradient, and recomputed",
    },
    ("--error",): {
        "metavar": "NAME=±ERROR,…",
        "action": "append",
        "default": [],
        "help": "the inputs' standard deviations, such as ±2 or ±5%%: that of the output, to first order, and each "
        "input's share in its variance, in the picture too; with a table also a column, or a formula of columns",
    },
    ("--exact",): {"action": "store_true", "help": "compute with fractions instead of floats"},
    ("--precision",): {"type": int, "metavar": "DIGITS", "help": "compute so many right digits instead of floats"},
    ("--ulps",): {
        "action": "store_true",
        "help": "say how far the floats are from 50 digits, in ulps (units in the last place)",
    },
    ("--lens",): {
        "action": "store_true",
        "help": "show where digits are lost: for the value and each derivative, what the rounding at each node "
        "contributes to its error, and which node is to blame",
    },
    ("--explain",): {
        "action": "store_true",
        "help": "write out the chain rule for each input that is differentiated by: named steps, local derivatives, "
        "products along the paths, their sum, and sympy's derivative beside it",
    },
    ("--explain-as",): {
        "choices": ("text", "markdown", "latex"),
        "help": "how to explain: in text within the answer (the default), or in Markdown or LaTeX, for a document, "
        "instead of the answer",
    },
    ("--language",): {
        "choices": ("en", "ja"),
        "default": "en",
        "help": "explain in English (the default) or Japanese",
    },
    ("--sql",): {
        "action": "store_true",
        "help": "print a query for the columns of a table with the value and the derivatives added, and nothing else; "
        "inputs are columns, but for those that --at or the text gives a number",
    },
    ("--table",): {
        "metavar": "NAME",
        "default": "t",
        "help": "the table that the query reads, such as shop.orders (default: t)",
    },
    ("--dialect",): {
        "metavar": "NAME",
        "default": "duckdb",
        "help": "the query's dialect: duckdb (the default), sqlite, postgres, or another one that sqlglot knows",
    },
    **TABLE_OPTIONS,
    ("--json",): {"action": "store_true", "help": "print one JSON object and nothing else"},
    ("-f", "--file"): {"metavar": "PROGRAM", "help": "read the expression or program from a file; - is standard input"},
    ("--operations",): {
        "metavar": "WORD",
        "nargs": "?",
        "const": "",
        "help": "list all operations with their derivatives, or those that match a word, and stop",
    },
    ("--plugin",): {
        "metavar": "FILE.py",
        "help": "run a file of Python that defines operations of your own, operations = gg.OPERATIONS.with_(gg.Op(…)); "
        "it is a program, which may do whatever you may",
    },
    ("--completion",): {
        "metavar": "SHELL",
        "choices": SHELLS,
        "help": "print the completion of this command for bash, zsh or fish, and stop",
    },
    ("--version",): {"action": "store_true", "help": "print the version, and stop"},
}


class _Help(argparse.Action):
    """Prints the help; the action of argparse would hide that it cannot be written."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        """Print it, and exit."""
        print(parser.format_help(), end="")
        parser.exit()


class _FormatterOfKnownWidth(argparse.RawDescriptionHelpFormatter):
    """The formatter while options are added: argparse makes one for each, which would ask for the terminal's width."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=PAGE)


def option_parser() -> argparse.ArgumentParser:
    """Return the parser of the command's options."""
    parser = argparse.ArgumentParser(
        prog="graphgrad",
        usage="graphgrad EXPR [--wrt NAMES] [--at NAME=VALUE,…] [-o FILE.{svg,png,pdf,mmd,tex,html,json,…}] [options]",
        description="Turn an arithmetic expression into a computational graph, run it forward and backward, check the "
        "gradient against sympy, and draw both passes.",
        epilog=EXAMPLES,
        formatter_class=_FormatterOfKnownWidth,
        allow_abbrev=False,
        add_help=False,
    )
    parser.add_argument("-h", "--help", action=_Help, nargs=0, help="show this help message and exit")
    parser.add_argument("expression", metavar="EXPR", nargs="?", help="an expression or program; - is standard input")
    for flags, settings in OPTIONS.items():
        parser.add_argument(*flags, **settings)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    return parser


def unknown_option(argument: str) -> str:
    """Return the message for an argument that is left over, with the option that is most similar.

    >>> unknown_option("--opn"), unknown_option("y")
    ("unrecognized arguments: --opn; did you mean '--open'?", 'unrecognized arguments: y')
    """
    flag = argument.split("=", maxsplit=1)[0]
    hint = suggestion(flag, [each for names in OPTIONS for each in names]) if flag.startswith("-") else ""
    return f"unrecognized arguments: {argument}{hint and f'; {hint}'}"


def end_options(argv: Sequence[str]) -> list[str]:
    """Return the arguments with an expression that begins with a minus sign moved behind "--", so that it is no option.

    >>> end_options(["-x**2", "--at", "x=3"])
    ['--at', 'x=3', '--', '-x**2']
    """
    flags = [flag for names in OPTIONS for flag in names]
    for i, argument in enumerate(argv):
        option = argument.split("=")[0] in (*flags, "-h", "--help", "-", "--") or argument[:2] in flags
        if argument.startswith("-") and not option and (i == 0 or argv[i - 1] not in flags):
            return [*argv[:i], *argv[i + 1 :], "--", argument]
    return list(argv)
