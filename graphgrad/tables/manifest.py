"""Keep, beside the files that are written, which of them are finished, so that a run that was ended can go on.

The folder `_graphgrad` holds `task.json`, which says what is computed, and below `parts` a file for each finished file,
so that no two workers write the same one. Most programs that read folders of tables skip names that begin with `_`;
Polars needs a glob.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields
from functools import cached_property
from hashlib import sha256
from os import fsencode
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Final

from graphgrad.base.errors import FileError, GraphgradError
from graphgrad.tables.storage import Store, open_for_writing, store
from graphgrad.tables.tally import Tally

if TYPE_CHECKING:
    from graphgrad.tables.find_parts import Part
    from graphgrad.tables.task import Task

__all__ = ["Plan"]

FOLDER: Final = "_graphgrad"
FORMAT: Final = 1

LONGEST: Final = 250
"""How many bytes a name has at most that still can get a suffix; systems of files take 255."""


@dataclass(frozen=True, eq=False)
class Plan:
    """What a worker is told once: the task and its key, and the URLs of the folders that are read and written.

    `out` is empty where nothing is written. `run` tells this run from those that began before. Two plans are equal if
    they are of the same task and folders.
    """

    task: Task
    key: str
    version: str
    data: str
    out: str
    run: str = field(default_factory=lambda: token_hex(4))

    def __eq__(self, other: object) -> bool:
        """Compare what identifies them."""
        return isinstance(other, Plan) and self._identity == other._identity

    def __hash__(self) -> int:
        """Hash what identifies it."""
        return hash(self._identity)

    @property
    def _identity(self) -> tuple[str, str, str]:
        return self.key, self.data, self.out

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the places, which each process makes for itself."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @cached_property
    def source(self) -> Store:
        """The folder that is read."""
        return store(self.data)

    @cached_property
    def target(self) -> Store:
        """The folder that is written."""
        return store(self.out)

    @property
    def unfinished(self) -> Store:
        """The folder of files that are being written."""
        return self.target / FOLDER / "unfinished"

    @property
    def _heading(self) -> Store:
        return self.target / FOLDER / "task.json"

    def _entry(self, part: Part) -> Store:
        folder, slash, name = part.name.rpartition("/")
        if len(fsencode(name)) > LONGEST:
            name = sha256(fsencode(name)).hexdigest()
        return self.target / FOLDER / "parts" / f"{folder}{slash}{name}.json"

    def begin(self, *, force: bool) -> bool:
        """Prepare the folder that is written, and return whether a run of the same task and input began before.

        Raises `FileError` where the folder holds the results of another task, unless they are to be replaced.
        """
        if force:
            (self.target / FOLDER).remove()
        written = self._heading.contents()
        if written is not None:
            heading = _parsed(written)
            self._compare(heading)
            self.close()
            return str(heading.get("data")).rstrip("/") == self.data.rstrip("/")
        return False

    def head(self) -> None:
        """Write what is computed into the folder."""
        heading = {
            "format": FORMAT,
            "task": self.key,
            "graphgrad": self.version,
            "expression": self.task.graph.source,
            "wrt": self.task.wrt,
            "constants": dict(self.task.constants),
            "data": self.data,
        }
        self._write(self._heading, heading)

    def _compare(self, heading: dict[str, Any]) -> None:
        if heading.get("task") == self.key:
            return
        expression, version = heading.get("expression"), heading.get("graphgrad")
        of = f"of {expression!r}" if expression != self.task.graph.source else "of the same formula with other options"
        by = f", by graphgrad {version}" if version != self.version else ""
        raise FileError(
            f"the folder {self.out!r} holds the results {of}{by}",
            hint="name another folder; --force, in Python force=True, replaces them",
        )

    def finished(self, part: Part) -> tuple[Tally, bool] | None:
        """Return what was met in a part's rows and whether this run did it, if its file is finished; else None."""
        written = self._entry(part).contents()
        entry = {} if written is None else _parsed(written)
        if (entry.get("task"), entry.get("size"), entry.get("stamp")) != (self.key, part.size, part.stamp):
            return None
        about = (self.target / part.name).description()
        if about is None or about.get("size") != entry.get("output_size"):
            return None
        return Tally.from_dict(entry["tally"]), entry.get("run") == self.run

    def finish(self, part: Part, tally: Tally) -> None:
        """Note that a part's file is finished."""
        about = (self.target / part.name).description() or {}
        entry = {
            "task": self.key,
            "run": self.run,
            "name": part.name,
            "size": part.size,
            "stamp": part.stamp,
            "output_size": about.get("size"),
            "rows": tally.rows,
            "tally": tally.as_dict(),
        }
        self._write(self._entry(part), entry)

    def close(self) -> None:
        """Remove the folder of files that were being written."""
        if not self.target.is_flat:
            self.unfinished.remove()

    def check_version(self) -> None:
        """Raise `GraphgradError` where this process has another version than the one that made the plan."""
        from graphgrad.tables.task_key import version

        if version() != self.version:
            raise GraphgradError(
                f"a worker has graphgrad {version()}, and the client {self.version}",
                hint="install the same version on all machines",
            )

    def _write(self, place: Store, entry: dict[str, Any]) -> None:
        # What a crash of the machine makes of this file, is seen when it is read.
        with open_for_writing(place, self.unfinished, lasting=False) as file:
            file.write(json.dumps(entry, ensure_ascii=False, indent=1).encode())


def _parsed(written: bytes) -> dict[str, Any]:
    """Return a manifest's entry; an empty one where it is none, as after a crash of the machine."""
    try:
        entry = json.loads(written)
    except ValueError:
        return {}
    return entry if isinstance(entry, dict) else {}
