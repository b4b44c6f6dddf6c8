"""Add a formula's value and partial derivatives to the rows of many files, here or on a cluster."""

from __future__ import annotations

from dataclasses import replace
from os import fspath
from pathlib import Path
from typing import TYPE_CHECKING

from graphgrad.base.errors import FileError, GraphgradError
from graphgrad.tables.failures import Failures
from graphgrad.tables.find_parts import Parts, find_parts, is_many
from graphgrad.tables.formats import FORMATS, STANDARD
from graphgrad.tables.manifest import Plan
from graphgrad.tables.one_file import map_file, refuse_pointless
from graphgrad.tables.part import Outcome, merged, run_part
from graphgrad.tables.progress import counting_files
from graphgrad.tables.storage import is_url, store
from graphgrad.tables.task_key import task_key, version
from graphgrad.tables.tree import Tree

if TYPE_CHECKING:
    from typing import TextIO

    from graphgrad.tables.storage import Store
    from graphgrad.tables.task import Task

__all__ = ["map_data", "map_files"]


def map_data(  # noqa: PLR0913  options of one command, by name
    task: Task,
    data: str | Path,
    out: str | Path | None = None,
    *,
    dask: str | None = None,
    force: bool = False,
    progress: TextIO | None = None,
) -> Outcome:
    """Do as `map_file` for one table, and as `map_files` for a folder or a glob of them.

    `~/` begins a path in the user's home folder, which shells put there only where it begins a word.

    Raises what they raise: `FileError` and `GraphgradError`.
    """
    data, out = _from_home(data), None if out is None else _from_home(out)
    if is_many(data):
        return map_files(task, data, out, dask=dask, force=force, progress=progress)
    if dask is not None:
        message = f"Dask computes the tables of a folder or of a glob, and {fspath(data)!r} is one file"
        raise GraphgradError(message, hint="leave out --dask, in Python dask=; or write its folder, or a glob")
    _refuse_missing(data, out)
    return Outcome(map_file(task, data, out, force=force, progress=progress), files=1)


def _from_home(name: str | Path) -> str | Path:
    text = fspath(name)
    return f"{Path.home()}{text[1:]}" if text.startswith("~/") else name


def _refuse_missing(data: str | Path, out: str | Path | None) -> None:
    """Raise `FileError` for a folder that is not there, before its output is refused, which is called as a folder."""
    name = fspath(data)
    if STANDARD in (name, out) or out is None or fspath(out).lower().endswith(tuple(FORMATS)):
        return
    if not (store(name).description() if is_url(name) else Path(name).exists()):
        raise FileError(f"cannot read {name!r}: no such file or folder")


def map_files(  # noqa: PLR0913  options of one command, by name
    task: Task,
    data: str | Path,
    out: str | Path | None = None,
    *,
    dask: str | None = None,
    force: bool = False,
    progress: TextIO | None = None,
) -> Outcome:
    """Write each table below a folder, or that a glob matches, with new columns to the same name below another folder.

    `dask` is the address of a scheduler, or "local" for workers on this machine; None computes here, file by file. A
    file is there once it is whole. Without `out`, for a summary, and for a formula with sums over the rows, nothing is
    written. What was finished when a run ended is kept by the next run of the same task, unless
    `force` says to begin anew. `progress` is a stream on which the files are counted where it is a terminal.

    Raises `FileError` where files cannot be read or written; the others are then written. Raises `GraphgradError` for
    what else a user can cause.
    """
    refuse_pointless(task, out)
    if out is None and not task.is_aggregate:
        task = replace(task, keep=())
    found = find_parts(data)
    target = None if out is None else store(out)
    plan = Plan(task, task_key(task), version(), found.folder.url, target.url if target else "")
    if dask is not None and "memory" in found.folder.protocols | (target.protocols if target else frozenset()):
        raise FileError(
            "what is in this process's memory, workers do not see", hint="leave out --dask, in Python dask="
        )
    if target is not None:
        _refuse_folders(found, target, fspath(out or ""))
        _begin(plan, found, target, force=force)
    with counting_files(progress, len(found.parts)) as count:
        failures = Failures(len(found.parts), count)
        if dask is None:
            outcome = _run_here(plan, found, failures)
        else:
            from graphgrad.tables.cluster import run_on_cluster

            outcome = run_on_cluster(dask, plan, found.parts, failures)
    if failures.count:
        raise failures.error(outcome)
    if target is not None:
        plan.close()
    return outcome


def _begin(plan: Plan, found: Parts, target: Store, *, force: bool) -> None:
    """Prepare the folder that is written, or find it prepared by a run of the same task for the same folder."""
    if not plan.begin(force=force):
        if not force:
            _refuse_existing(plan, found, target)
        plan.head()


def _run_here(plan: Plan, found: Parts, failures: Failures) -> Outcome:
    tree = Tree(len(found.parts), lambda _level, _group, outcomes: merged(*outcomes))
    for index, part in enumerate(found.parts):
        outcome = None
        if not failures.are_hopeless:
            try:
                outcome = run_part(plan, part)
            except GraphgradError as error:
                failures.add(part.name, error)
            else:
                failures.succeed()
        tree.put(index, outcome)
    return tree.root or Outcome()


def _refuse_folders(found: Parts, target: Store, out: str) -> None:
    """Refuse to write where it is read, and to take the name of one file for that of a folder."""
    if target.is_within(found.folder) and (not found.pattern or "**" in found.pattern):
        raise FileError(
            f"the output {target.url!r} lies in the folder that is read, {found.folder.url!r}",
            hint="name a folder outside it",
        )
    if target.is_same(found.folder):
        raise FileError(f"the output {target.url!r} is the folder that is read", hint="name another folder")
    if out == STANDARD:
        raise FileError("many files are written, and standard output is one", hint="name a folder")
    kind = (target.description() or {}).get("type")
    if kind == "file":
        raise FileError(f"the output {target.url!r} is a file, and many are written", hint="name a folder")
    if kind is None and out.lower().endswith(tuple(FORMATS)):
        raise FileError(
            f"many files are written, and {out!r} is called as one", hint=f"name a folder; for one of this name: {out}/"
        )


def _refuse_existing(plan: Plan, found: Parts, target: Store) -> None:
    """Refuse to replace files that no run wrote, or that a run wrote for tables of the same names elsewhere."""
    there = target.names()
    clashes = [part.name for part in found.parts if part.name in there and plan.finished(part) is None]
    if clashes:
        more = f" and {len(clashes) - 1} more" if len(clashes) > 1 else ""
        raise FileError(
            f"the file {(target / clashes[0]).url!r}{more} exists",
            hint="--force, in Python force=True, replaces " + ("them" if more else "it"),
        )
