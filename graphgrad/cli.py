"""The command: argv and files in, values, gradient, check and picture out."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from graphgrad import ask
from graphgrad.draw.terminal import tree
from graphgrad.draw.theme import THEMES
from graphgrad.errors import ExpressionError, GraphgradError
from graphgrad.picture import DPI, note, refuse_format
from graphgrad.tell import answer_json, answer_text, error_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphgrad import api
    from graphgrad.explain import Explanation

__all__ = ["main"]

OK, CHECK_FAILED, WRONG_INPUT, INTERRUPTED = 0, 1, 2, 130

MAX_DPI: Final = 2_400
"""The finest PNG: a page of it takes some hundred megabytes."""

EXAMPLES: Final = """\
examples:
  graphgrad "100*5*1.08" --wrt apple -o apple.svg
      name the first literal apple, differentiate by it, check, draw
  graphgrad "(apple*n + orange*m)*tax" --at apple=100,n=2,orange=150,m=3,tax=1.1
  graphgrad "x=100; y=5; t=800; v=1.08; s = x*y; u = s + t; E = u*v" --wrt x --json
  graphgrad -f program.txt --exact --check off
  graphgrad "(x*y + t)*v" --at x=100,y=5,t=800,v=1.08 --wrt x --explain
  echo "x**2" | graphgrad - --at x=3

exit status: 0 all well, 1 the check failed, 2 the input was wrong
"""


def _dpi(text: str) -> float:
    """Return a resolution; an argument that is none is told by argparse."""
    dpi = float(text)
    if not 1 <= dpi <= MAX_DPI:
        raise argparse.ArgumentTypeError(f"{text} is not between 1 and {MAX_DPI}")
    return dpi


MAX_EXPLAINED: Final = 20
"""The most inputs whose chain rules one run writes out."""

OPTIONS: Final[dict[tuple[str, ...], dict[str, Any]]] = {
    ("--wrt",): {
        "metavar": "NAMES",
        "help": "differentiate by these inputs, separated by commas (default: all); where the expression holds no "
        "variables, they name its literals from left to right",
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
        "help": "draw into FILE.svg, .png, .pdf, .dot, .mmd (Mermaid), .tex (TikZ) or .html (a page that plays both "
        "passes); write the graph and its numbers into FILE.json or .graphml",
    },
    ("--frames",): {
        "metavar": "DIR",
        "help": "draw each step of both passes into a folder: step-0.svg and so on, and animated.svg, which plays them",
    },
    ("--expand",): {
        "metavar": "NAMES",
        "help": "open these boxes in the picture of a large graph; * opens all",
    },
    ("--theme",): {
        "choices": tuple(THEMES),
        "default": "textbook",
        "help": "how pictures look: as in a textbook (the default), one record per value, or minimal",
    },
    ("--dpi",): {"type": _dpi, "default": DPI, "help": f"the dots per inch of a PNG (default: {DPI:g})"},
    ("--pass",): {
        "dest": "passes",
        "choices": ("forward", "backward", "both"),
        "default": "both",
        "help": "which passes to draw (default: both)",
    },
    ("--fold",): {"action": "store_true", "help": "draw constants inside the operation they belong to: ×5"},
    ("--local",): {"action": "store_true", "help": "draw the local derivatives, as formula and as number"},
    ("--values",): {"action": "store_true", "help": "write small arrays out instead of their shapes"},
    ("--open",): {
        "action": "store_true",
        "help": "open composite nodes: affine into × and +, softmax with loss into softmax and cross-entropy",
    },
    ("--tree",): {"action": "store_true", "help": "keep equal subexpressions apart instead of sharing them"},
    ("--check",): {
        "choices": ("full", "local", "off"),
        "default": "full",
        "help": "hold the numbers against sympy: rules, local derivatives and whole gradient (full, the default), all "
        "but the whole gradient (local), or not at all (off)",
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
        "input's share in its variance, in the picture too",
    },
    ("--exact",): {"action": "store_true", "help": "compute with fractions instead of floats"},
    ("--precision",): {"type": int, "metavar": "DIGITS", "help": "compute with so many digits instead of floats"},
    ("--ulps",): {
        "action": "store_true",
        "help": "say how far the floats are from 50 digits, in ulps (units in the last place)",
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
    ("--json",): {"action": "store_true", "help": "print one JSON object and nothing else"},
    ("-f", "--file"): {"metavar": "PROGRAM", "help": "read the expression or program from a file; - is standard input"},
    ("--operations",): {"action": "store_true", "help": "list all operations with their derivatives, and stop"},
    ("--version",): {"action": "store_true", "help": "print the version, and stop"},
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status; no traceback reaches the user."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    options = _parser().parse_args(_protected(sys.argv[1:] if argv is None else argv))
    try:
        status = _run(options)
        sys.stdout.flush()
    except GraphgradError as error:
        return _refuse(error, as_json=options.json)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except KeyboardInterrupt:
        return INTERRUPTED
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="graphgrad",
        usage="graphgrad EXPR [--wrt NAMES] [--at NAME=VALUE,…] [-o FILE.{svg,png,pdf,mmd,tex,html,json,…}] [options]",
        description="Turn an arithmetic expression into a computational graph, run it forward and backward, check the "
        "gradient against sympy, and draw both passes.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("expression", metavar="EXPR", nargs="?", help="an expression or program; - is standard input")
    for flags, settings in OPTIONS.items():
        parser.add_argument(*flags, **settings)
    return parser


def _protected(argv: Sequence[str]) -> list[str]:
    """Mark an expression that begins with a minus sign as no option."""
    flags = [flag for names in OPTIONS for flag in names]
    for i, argument in enumerate(argv):
        option = argument.split("=")[0] in (*flags, "-h", "--help", "-", "--") or argument[:2] in flags
        if argument.startswith("-") and not option and (i == 0 or argv[i - 1] not in flags):
            return [*argv[:i], *argv[i + 1 :], "--", argument]
    return list(argv)


def _refuse(error: GraphgradError, *, as_json: bool) -> int:
    if as_json:
        print(error_json(error))
    print(f"graphgrad: {error}", file=sys.stderr)
    return WRONG_INPUT


def _run(options: argparse.Namespace) -> int:
    if options.version:
        print(_version())
        return OK
    if options.operations:
        from graphgrad.table import operations  # noqa: PLC0415  only where it is asked for

        print(operations())
        return OK
    return _answer(options)


def _version() -> str:
    from importlib.metadata import version  # noqa: PLC0415  only where it is asked for

    return version("graphgrad")


def _answer(options: argparse.Namespace) -> int:
    if options.output:
        refuse_format(options.output)
    text = _text(options)
    wrt = None if options.wrt is None else ask.names(options.wrt, "--wrt")
    graph = ask.graph(text, wrt, share=not options.tree)
    graph = graph.opened() if options.open else graph
    values, errors = ask.values_and_errors(",".join(options.at), "--at")
    at = ask.point(values, "--at", exact=options.exact, precision=options.precision, files=True)
    result = _backprop(graph, at, wrt, options)
    report = result.check(options.check)
    uses = _uses(result, options, errors)
    wrote = _drawn(result, options, getattr(uses.get("error"), "notes", None))
    explanations = _explanations(result, options)
    if options.json:
        print(answer_json(graph, result, report, explanations, uses))
    elif explanations and options.explain_as not in (None, "text"):
        print("\n\n".join(map(str, explanations.values())))
    else:
        print(
            answer_text(
                graph,
                result,
                report,
                explanations,
                uses,
                colour=_has_colour(),
                wrote=wrote,
                values=options.values,
            )
        )
    return CHECK_FAILED if report.failures else OK


def _drawn(result: api.Backprop, options: argparse.Namespace, notes: dict[str, str] | None) -> str:
    """Draw what is asked for, and return what was written and what is closed in it."""
    expand = () if options.expand is None else tuple(part.strip() for part in options.expand.split(","))
    look = {"passes": options.passes, "fold": options.fold, "local": options.local, "theme": options.theme}
    look["values"] = options.values
    written = []
    if options.output:
        result.draw(options.output, notes=notes, dpi=options.dpi, expand=expand, **look)
        written.append(options.output)
    if options.frames:
        paths = result.frames(options.frames, notes=notes, expand=expand, **look)
        written.append(f"{paths[0]} to {paths[-2].name} and {paths[-1].name}")
    closed = note(result.dag, expand) if written else ""
    return "\nwrote ".join(written) + (f"\n{closed}" if closed else "")


def _explanations(result: api.Backprop, options: argparse.Namespace) -> dict[str, Explanation]:
    if not options.explain and options.explain_as is None:
        return {}
    names = list(result.grad)
    if len(names) > MAX_EXPLAINED:
        message = f"{len(names)} inputs are too many to explain: the limit is {MAX_EXPLAINED}"
        raise GraphgradError(message, hint="name those of interest: --wrt a,b")
    return {name: result.explain(name, options.explain_as or "text", options.language) for name in names}


def _uses(result: api.Backprop, options: argparse.Namespace, errors: dict[str, str]) -> dict[str, Any]:
    """Return what the gradient is used for, by its key in JSON."""
    changes = ask.amounts(",".join(options.change), "--change")
    stated = ask.amounts(",".join(options.error), "--error")
    twice = next((name for name in stated if name in errors), None)
    if twice is not None:
        raise GraphgradError(f"{twice} has an error in --at and in --error")
    uses: dict[str, Any] = {}
    if options.sensitivity or changes:
        uses["sensitivity"] = result.sensitivity(changes)
    if errors or stated:
        uses["error"] = result.propagate(errors | stated)
    if options.ulps:
        uses["ulps"] = result.ulps()
    return uses


def _text(options: argparse.Namespace) -> str:
    if (options.expression is None) == (options.file is None):
        raise GraphgradError("give an expression, or a file with -f", hint='for example: graphgrad "x**2" --at x=3')
    if options.file is None and options.expression != "-":
        return str(options.expression)
    return _read(options.file or "-")


def _read(path: str) -> str:
    try:
        data = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
        return data.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise GraphgradError(f"cannot read {path}: {reason}") from None


def _backprop(graph: api.Graph, at: dict[str, Any], wrt: list[str] | None, options: argparse.Namespace) -> api.Backprop:
    try:
        how = {"exact": options.exact, "precision": options.precision}
        return graph.backprop(at, wrt, **how, seed=_seed(options, how))
    except ExpressionError as error:
        if error.passes is not None and not options.json:
            print(tree(graph.data, error.passes, colour=_has_colour(), passes="forward"), end="\n\n", flush=True)
        raise


def _seed(options: argparse.Namespace, how: Mapping[str, Any]) -> Any:  # noqa: ANN401
    if options.seed is None:
        return None
    return ask.value_of(options.seed, "seed", "--seed", how, files=True)


def _has_colour() -> bool:
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
