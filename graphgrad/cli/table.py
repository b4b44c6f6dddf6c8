"""Run the command over a table: read the options, compute, check, and print the report."""

from __future__ import annotations

import sys
from shlex import quote
from typing import TYPE_CHECKING, Final

from graphgrad.api import text_arguments
from graphgrad.base.errors import GraphgradError
from graphgrad.base.signals import signals_raise
from graphgrad.base.terminal_text import folded, width_of
from graphgrad.cli.answer import printed, table_json
from graphgrad.cli.table_options import OF_PICTURES, TABLE_OPTIONS, WITH_A_QUERY, WITH_A_TABLE

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from graphgrad.api.graph import Graph
    from graphgrad.tables.options import TableOptions
    from graphgrad.tables.task import Task

__all__ = ["is_over_table", "over_table"]

STANDARD: Final = "-"

LEFT_OUT: Final = "local"
"""The level of checking that a table does not have: rows are checked as a whole."""


def is_over_table(options: argparse.Namespace, parser: argparse.ArgumentParser) -> bool:
    """Whether the command is given a table; refuses options that do not go together.

    Raises `GraphgradError` for an option of tables without one, and for an option that does not go with one.
    """
    given = {
        action.dest: action.option_strings[-1] if action.option_strings else action.dest
        for action in parser._actions  # noqa: SLF001  argparse lists them nowhere else
        if getattr(options, action.dest, action.default) not in (action.default, [])
    }
    own = {flags[-1].lstrip("-").replace("-", "_") for flags in TABLE_OPTIONS}
    if options.data is None:
        own -= WITH_A_QUERY if options.sql else set()
        alone = next((flag for dest, flag in given.items() if dest in own), None)
        if alone is not None:
            raise GraphgradError(f"{alone} is for a table", hint=f"give one: --data orders.csv {alone} …")
        return False
    _refuse_other_options({dest: flag for dest, flag in given.items() if dest not in own}, with_summary=options.summary)
    if options.check == LEFT_OUT:
        raise GraphgradError("--check local is for a single point", hint="for a table take full, strict or off")
    if options.data == STANDARD and STANDARD in (options.expression, options.file):
        raise GraphgradError("the expression and the table cannot both come from standard input")
    return True


def _refuse_other_options(given: Mapping[str, str], *, with_summary: bool) -> None:
    """Raise `GraphgradError` for an option that does not go with a table; a picture goes with a summary."""
    has_picture = with_summary and not {"output", "frames"}.isdisjoint(given)
    for dest, flag in given.items():
        if dest in OF_PICTURES and not has_picture:
            hint = "add --summary and -o FILE to draw the means, or leave it out"
            raise GraphgradError(f"{flag} is for a picture, and there is none", hint=hint)
        if dest not in WITH_A_TABLE | OF_PICTURES:
            raise GraphgradError(f"{flag} does not go with --data", hint="leave one of them out")


def over_table(graph: Graph, wrt: list[str] | None, options: argparse.Namespace) -> bool:
    """Compute for each row of the table, print the report, and return whether the check found no fault.

    Raises `FileError` for a file that cannot be read or written, and `GraphgradError` for what else a user can cause.
    """
    from graphgrad.tables.installed import refuse_without_pyarrow

    refuse_without_pyarrow()
    from graphgrad.tables.map_files import map_data
    from graphgrad.tables.options import task_of
    from graphgrad.tables.reporting import report_of

    task = task_of(graph.data, _options(wrt, options))
    _refuse_picture(graph, task, options)
    with signals_raise():
        outcome = map_data(task, options.data, options.out, dask=options.dask, force=options.force, progress=sys.stderr)
        report = report_of(task, outcome.tally, outcome.notes)
    pictures = []
    if report.summary and (options.output or options.frames):
        from graphgrad.cli.pictures import drawn

        pictures.append(drawn(graph.backprop(report.summary.means), options, report.summary.notes))
    stream = sys.stderr if options.out == STANDARD else sys.stdout
    if options.json:
        answer = {"data": options.data, "out": options.out} | outcome.counts | report.as_dict()
        print(table_json(answer, report.check), file=stream)
    else:
        tables = [f"{options.out}{outcome.files_told}"] if options.out not in (None, STANDARD) else []
        wrote = "\n".join(f"wrote {files}" for files in (*tables, *pictures) if files)
        told = "\n".join(folded(line, width_of(stream)) for line in str(report).split("\n"))
        print(printed("\n\n".join(filter(None, [told, wrote]))), file=stream)
    return not report.check.fault(options.check)


def _refuse_picture(graph: Graph, task: Task, options: argparse.Namespace) -> None:
    """Raise `GraphgradError` for a picture of the means that cannot be drawn, before any work is done."""
    if options.output:
        from graphgrad.draw.render import refuse_format

        for path in options.output:
            refuse_format(path)
    if (options.output or options.frames) and task.wrt is not None and {*task.wrt} < {*graph.inputs}:
        hint = "leave --wrt out; the summary then has the means of all"
        raise GraphgradError("a picture of the means needs those of all inputs", hint=hint)


def _condition(conditions: list[str] | None) -> str | None:
    if conditions is not None and len(conditions) > 1:
        product = "*".join(f"({condition})" for condition in conditions)
        raise GraphgradError("--where is given twice", hint=f"for both conditions write --where {quote(product)}")
    return None if conditions is None else conditions[0]


def _options(wrt: list[str] | None, options: argparse.Namespace) -> TableOptions:
    """Return the options as those of `Graph.map_file`."""
    from graphgrad.tables.options import ROWS_CHECKED, TableOptions

    values, errors = text_arguments.values_and_errors(",".join(options.at), "--at")
    if options.check_rows is not None and options.check_rows < 1:
        raise GraphgradError(f"--check-rows {options.check_rows}: that is none", hint="--check off checks nothing")
    names = {key: getattr(options, key) for key in ("value_name", "error_name", "partial_prefix")}
    return TableOptions(
        at=text_arguments.point(values, "--at", files=True),  # type: ignore[arg-type]  # arrays are refused
        wrt=wrt,
        where=_condition(options.where),
        keep=options.keep,
        error=text_arguments.all_errors(errors, ",".join(options.error)),
        strict=options.strict,
        summary=options.summary,
        check=0 if options.check == "off" else options.check_rows or ROWS_CHECKED,
        **{key: name for key, name in names.items() if name is not None},
    )
