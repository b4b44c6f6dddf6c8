"""Run the command: parse its arguments, compute, check, draw, and print the answer."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from graphgrad.api import text_arguments
from graphgrad.base.errors import DomainError, ExpressionError, FileError, GraphgradError
from graphgrad.base.progress import shown_on
from graphgrad.base.standard_streams import CHECK_FAILED, OK, run_command, status_of
from graphgrad.base.terminal_text import width_of
from graphgrad.cli.answer import answer_json, answer_text, error_json
from graphgrad.cli.options import end_options, option_parser, unknown_option
from graphgrad.cli.table import is_over_table, over_table
from graphgrad.cli.unknown_names import refuse_unknown_names
from graphgrad.cli.workbook import CellsCompared, is_workbook, read_workbook, workbook_text
from graphgrad.draw.formats.tree import tree

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping, Sequence

    from graphgrad.analysis.explain.explanation import Explanation
    from graphgrad.analysis.lens import Lenses
    from graphgrad.api import graph as api
    from graphgrad.api.workbook import WorkbookGraph
    from graphgrad.ops.operations import Operations


__all__ = ["main"]

OWN: Final = "graphgrad"
"""The dialect of expressions where none is named."""

MAX_EXPLAINED: Final = 20
"""The most inputs whose chain rules one run writes out."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status; errors are printed without a traceback."""
    return run_command(OWN, lambda: _main(sys.argv[1:] if argv is None else argv))


def _main(argv: Sequence[str]) -> int:
    parser = option_parser()
    options, unknown = parser.parse_known_args(end_options(argv))
    if unknown:
        parser.error(unknown_option(next((word for word in unknown if word != "--"), unknown[0])))
    if options.expression is None and options.file is None and isinstance(options.open, str):
        options.expression, options.open = options.open, True  # --open took what stands behind it
    try:
        return _run(options, parser)
    except GraphgradError as error:
        return _refuse(error, as_json=options.json)


def _refuse(error: GraphgradError, *, as_json: bool) -> int:
    if as_json:
        print(error_json(error))
    print(f"graphgrad: {error}", file=sys.stderr)
    return status_of(error)


def _run(options: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    if options.version:
        print(_version())
        return OK
    if options.operations is not None:
        from graphgrad.printing.operations_list import operations

        print(operations(options.operations, _operations(options)))
        return OK
    if options.completion:
        from graphgrad.cli.completion import completion

        print(completion(parser, options.completion))
        return OK
    return _over_table(options) if is_over_table(options, parser) else _answer(options)


def _operations(options: argparse.Namespace) -> Operations | None:
    """Return the table of operations that the expression may use; None for the default."""
    if options.plugin is None:
        return None
    from graphgrad.cli.plugin import operations_in

    return operations_in(options.plugin)


def _version() -> str:
    from importlib.metadata import version

    return version("graphgrad")


def _answer(options: argparse.Namespace) -> int:
    _refuse_formats(options)
    graph: api.Graph
    if is_workbook(options):
        graph = workbook = read_workbook(options)
        wrt, text, operations = _wrt(options), "", None
    else:
        wrt, text, operations, workbook = _wrt(options), _text(options), _operations(options), None
        graph = text_arguments.graph(
            text, wrt, share=not options.tree, dialect=options.source_dialect, operations=operations
        )
    refuse_unknown_names(graph, options)
    if options.open:
        graph = graph.opened(None if options.open is True else text_arguments.names(options.open, "--open"))
    values, errors = text_arguments.values_and_errors(",".join(options.at), "--at")
    at = text_arguments.point(values, "--at", exact=options.exact, precision=options.precision, files=True)
    if options.sql:
        print(_query(graph, at, wrt, options, errors), end="")
        return OK
    errors = text_arguments.all_errors(errors, ",".join(options.error))
    result = _backprop(graph, at, wrt, options, [*errors])
    with shown_on(sys.stderr):
        report = result.check(options.check)
    uses = _uses(result, options, errors, workbook) | _dialect_notes(text, options.source_dialect, operations)
    wrote = _drawn(result, options, uses)
    explanations = _explanations(result, options)
    if options.json:
        print(answer_json(graph, result, report, explanations, uses))
    elif explanations and options.explain_as not in (None, "text"):
        print("\n\n".join(map(str, explanations.values())))
    elif workbook is not None:
        print(workbook_text(workbook, result, report, explanations, uses, wrote=wrote, width=width_of(sys.stdout)))
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
                width=width_of(sys.stdout),
            )
        )
    return CHECK_FAILED if report.fault(options.check) else OK


def _refuse_formats(options: argparse.Namespace) -> None:
    """Raise `RenderError` for a file whose suffix names no format that can be drawn, before anything is computed."""
    if options.output:
        from graphgrad.draw.render import refuse_format

        for path in options.output:
            refuse_format(path)
            _refuse_input(path, options.file)


def _drawn(result: api.Backprop[Any], options: argparse.Namespace, uses: Mapping[str, Any]) -> str:
    """Draw the files asked for, and return their paths; what draws is loaded only then."""
    if not options.output and not options.frames:
        return ""
    from graphgrad.cli.pictures import drawn

    notes, lens = getattr(uses.get("error"), "notes", None), getattr(uses.get("lens"), "value", None)
    return drawn(result, options, notes, lens, tornado=uses.get("tornado"))


def _dialect_notes(text: str, dialect: str, operations: Operations | None) -> dict[str, Any]:
    """Return what the answer says of how the text was read, by its key in JSON."""
    if not text or dialect == OWN:
        return {}
    from graphgrad.cli.dialect_notes import dialect_notes

    notes = dialect_notes(text, dialect, operations)
    return {"dialect": notes} if notes else {}


def _wrt(options: argparse.Namespace) -> list[str] | None:
    return None if options.wrt is None else text_arguments.names(options.wrt, "--wrt")


def _query(
    graph: api.Graph, at: dict[str, Any], wrt: list[str] | None, options: argparse.Namespace, errors: Mapping[str, str]
) -> str:
    if errors:
        raise GraphgradError(
            "a query propagates no errors", hint=f"give {next(iter(errors))} a number without an error"
        )
    others = ("error", "output", "frames", "exact", "precision", "explain", "json")
    given = next((name for name in others if getattr(options, name)), None)
    if given:
        raise GraphgradError(f"--sql prints a query and nothing else: --{given} has no place beside it")
    names = _column_names(graph.inputs if wrt is None else wrt, options)
    return graph.to_sql(wrt, table=options.table, dialect=options.dialect, at=at, names=names, columns=options.keep)


def _column_names(wrt: Sequence[str], options: argparse.Namespace) -> dict[str, str]:
    """Return other names of the columns that a query adds, by their usual ones."""
    from graphgrad.compile.rows import VALUE, partial_name

    prefix, value_name = options.partial_prefix, options.value_name
    partials = {} if prefix is None else {partial_name(name): f"{prefix}{name}" for name in wrt}
    return partials if value_name is None else {VALUE: value_name, **partials}


def _over_table(options: argparse.Namespace) -> int:
    wrt, operations = _wrt(options), _operations(options)
    graph = text_arguments.graph(_text(options), wrt, dialect=options.source_dialect, operations=operations)
    refuse_unknown_names(graph, options)
    return OK if over_table(graph, wrt, options) else CHECK_FAILED


def _explanations(result: api.Backprop[Any], options: argparse.Namespace) -> dict[str, Explanation]:
    if not options.explain and options.explain_as is None:
        return {}
    names = list(result.grad)
    if len(names) > MAX_EXPLAINED:
        message = f"{len(names)} inputs are too many to explain: the limit is {MAX_EXPLAINED}"
        raise GraphgradError(message, hint="name those of interest: --wrt a,b")
    return {name: result.explain(name, options.explain_as or "text", options.language) for name in names}


def _uses(
    result: api.Backprop[Any], options: argparse.Namespace, errors: dict[str, str], workbook: WorkbookGraph | None
) -> dict[str, Any]:
    """Return the analyses asked for (sensitivity, error propagation, ulps), by their keys in JSON."""
    changes = text_arguments.amounts(",".join(options.change), "--change")
    uses: dict[str, Any] = {}
    if options.sensitivity or changes:
        uses["sensitivity"] = result.sensitivity(changes)
    if options.picture == "tornado" or (workbook is not None and result.grad):
        uses["tornado"] = result.tornado(changes=changes)
    if workbook is not None:
        uses["workbook"] = CellsCompared(workbook.cell, workbook.comparison, workbook.notes)
    if errors:
        uses["error"] = result.propagate(errors)
    if options.ulps:
        uses["ulps"] = result.ulps()
    if options.lens:
        uses["lens"] = _lenses(result)
    return uses


def _lenses(result: api.Backprop[Any]) -> Lenses:
    from graphgrad.analysis.lens import Lenses

    if len(result.grad) > MAX_EXPLAINED:
        message = f"a lens on {len(result.grad)} derivatives is too much: the limit is {MAX_EXPLAINED}"
        raise GraphgradError(message, hint="name those of interest: --wrt a,b")
    return Lenses(result.lens(), {name: result.lens(name) for name in result.grad})


def _refuse_input(path: str, program: str | None) -> None:
    """Raise `FileError` where an output is the file of the program."""
    from pathlib import Path

    with suppress(OSError, ValueError):  # a file that is not there is another one
        if program is not None and Path(path).samefile(program):
            raise FileError(f"the output {path!r} is the input", hint="give the output another name")


def _text(options: argparse.Namespace) -> str:
    if (options.expression is None) == (options.file is None):
        raise GraphgradError("give an expression, or a file with -f", hint='for example: graphgrad "x**2" --at x=3')
    if options.file is None and options.expression != "-":
        return str(options.expression)
    return _read(options.file or "-")


def _read(path: str) -> str:
    from pathlib import Path

    if path == "-" and sys.stdin is None:
        raise FileError("cannot read -: standard input is closed")
    try:
        data = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
        return data.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise FileError(f"cannot read {path}: {reason}") from None


def _backprop(
    graph: api.Graph, at: dict[str, Any], wrt: list[str] | None, options: argparse.Namespace, inexact: list[str]
) -> api.Backprop[Any]:
    kind_options = {"exact": options.exact, "precision": options.precision}
    run = partial(graph.backprop, at, **kind_options, seed=_seed(options, kind_options))
    try:
        return run(wrt)
    except ExpressionError as error:
        if wrt is None and inexact and isinstance(error, DomainError):
            with suppress(ExpressionError):  # the derivative by an exact input need not exist
                return run(inexact)
        if error.passes is not None and not options.json:
            print(tree(error.passes, colour=_has_colour(), passes="forward"), end="\n\n", flush=True)
        raise


def _seed(options: argparse.Namespace, kind_options: Mapping[str, Any]) -> Any:
    if options.seed is None:
        return None
    return text_arguments.value_of(options.seed, "seed", "--seed", kind_options, files=True)


def _has_colour() -> bool:
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
