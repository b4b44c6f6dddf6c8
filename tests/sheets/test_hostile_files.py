"""Files that are no workbook, that unpack to too much, or that hold macros and links."""

from __future__ import annotations

import random
import zipfile
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("openpyxl", reason="openpyxl is not installed")

from workbooks import F, write_workbook

import graphgrad as gg
from graphgrad.sheets import zip_limits

if TYPE_CHECKING:
    from pathlib import Path

SHEETS = {"S": {"A1": 2, "B1": F("A1*3", 6)}}


def refused(path: Path, error: type[gg.GraphgradError], message: str) -> None:
    """Expect an error for a file."""
    with pytest.raises(error, match=message):
        gg.from_workbook(path, "S!B1")


def test_a_part_that_grows_too_much_is_refused(tmp_path: Path) -> None:
    """A zip bomb is seen in the directory, before anything is unpacked."""
    bomb = tmp_path / "bomb.xlsx"
    write_workbook(bomb, SHEETS, extra={"xl/media/bomb.xml": b"0" * 50_000_000})
    assert bomb.stat().st_size < 100_000
    refused(bomb, gg.LimitError, "bomb.xml would grow from .* to 50000000 bytes")


def test_many_parts_and_large_sums_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The parts together, and their number, have limits."""
    noise = random.Random(1).randbytes(20_000)
    path = write_workbook(tmp_path / "many.xlsx", SHEETS, extra={f"xl/media/{i}.bin": noise for i in range(60)})
    assert gg.from_workbook(path, "S!B1").backprop().value == 6
    monkeypatch.setattr(zip_limits, "MAX_PARTS", 50)
    refused(path, gg.LimitError, "in 65 parts")
    monkeypatch.undo()
    monkeypatch.setattr(zip_limits, "MAX_UNPACKED", 1_000_000)
    refused(path, gg.LimitError, "unpacks to more")
    monkeypatch.undo()
    monkeypatch.setattr(zip_limits, "MAX_FILE", 1_000)
    refused(path, gg.LimitError, "at most 1000 are read")


def test_parts_that_overlap_are_refused(tmp_path: Path) -> None:
    """A bomb whose entries share their data claims more than the file holds."""
    path = write_workbook(tmp_path / "overlap.xlsx", SHEETS, extra={"xl/a.bin": random.Random(2).randbytes(3_000_000)})
    data = bytearray(path.read_bytes())
    directory = data.rindex(b"xl/a.bin") - 46
    entry = data[directory : directory + 46 + len("xl/a.bin")]
    end = data.rindex(b"PK\x05\x06")
    copies = b"".join(bytes(entry).replace(b"xl/a.bin", f"xl/{i}.bin".encode()) for i in range(3))
    tail = bytearray(data[end:])
    count = int.from_bytes(tail[10:12], "little") + 3
    tail[8:10] = tail[10:12] = count.to_bytes(2, "little")
    tail[12:16] = (int.from_bytes(tail[12:16], "little") + len(copies)).to_bytes(4, "little")
    path.write_bytes(bytes(data[:end]) + copies + bytes(tail))
    refused(path, gg.GraphgradError, "unpacks to more|overlap")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_declared_entities_are_refused(tmp_path: Path, encoding: str) -> None:
    """XML that expands without end begins with a declaration."""
    text = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'
    path = write_workbook(tmp_path / "entities.xlsx", SHEETS, extra={"xl/styles2.xml": text.encode(encoding)})
    refused(path, gg.FileError, "declares entities")


def test_macros_are_not_looked_at(tmp_path: Path) -> None:
    """A workbook with macros is read as one without."""
    path = write_workbook(tmp_path / "macros.xlsm", SHEETS, extra={"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0" * 100})
    assert gg.from_workbook(path, "S!B1").backprop().value == 6


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        (
            "a.xlsx",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
            "encrypted, or in the format of Excel before 2007",
        ),
        ("a.xlsx", b"A,B\n1,2\n", "is no workbook"),
        ("a.xlsx", b"", "is no workbook"),
        ("a.xlsx", b"PK\x03\x04 not really", "is no workbook"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, name: str, data: bytes, message: str) -> None:
    """The error says what the file is."""
    path = tmp_path / name
    path.write_bytes(data)
    refused(path, gg.FileError, message)


def test_other_archives_are_refused(tmp_path: Path) -> None:
    """A binary workbook, and one of LibreOffice, must be saved otherwise."""
    for part, message in {"xl/workbook.bin": "a binary workbook", "content.xml": "no workbook of Excel"}.items():
        path = tmp_path / "other.xlsx"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(part, "x")
        refused(path, gg.FileError, message)
    refused(tmp_path / "missing.xlsx", gg.FileError, "No such file")
    refused(tmp_path, gg.FileError, "Is a directory|Permission")


@pytest.mark.parametrize("seed", range(40))
def test_damaged_files_are_an_error_of_ours(tmp_path: Path, seed: int) -> None:
    """Whatever bytes are changed or cut off, there is a value or a `GraphgradError`."""
    source = random.Random(seed)
    data = bytearray(write_workbook(tmp_path / "whole.xlsx", SHEETS, {"n": "S!$A$1"}).read_bytes())
    for _ in range(source.randrange(1, 6)):
        data[source.randrange(len(data))] = source.randrange(256)
    path = tmp_path / "damaged.xlsx"
    path.write_bytes(bytes(data[: source.choice([len(data), source.randrange(len(data))])]))
    with suppress(gg.GraphgradError):
        _ = gg.from_workbook(path, "S!B1").comparison


@pytest.mark.parametrize(
    "sheet",
    [
        "<worksheet><sheetData><row><c r='A1' t='s'><v>7</v></c></row></sheetData></worksheet>",
        "<worksheet><sheetData><row><c r='??'><v>7</v></c></row></sheetData></worksheet>",
        "<worksheet><sheetData><row><c r='B1'><f>A1*2</f><v>seven</v></c></row></sheetData></worksheet>",
        "<worksheet><sheetData><row>",
        "<html/>",
        "",
    ],
)
def test_sheets_that_make_no_sense_are_an_error_of_ours(tmp_path: Path, sheet: str) -> None:
    """A sheet whose XML is wrong is a file that cannot be read."""
    path = write_workbook(tmp_path / "wrong.xlsx", SHEETS)
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/worksheets/sheet1.xml"] = sheet.replace("<worksheet>", f"<worksheet {main}>").encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    with pytest.raises(gg.GraphgradError):
        _ = gg.from_workbook(path, "S!B1").comparison


WHOLE = "A1:XFD1048576"
LARGE_PARTS = {
    "merged": (f'<mergeCells><mergeCell ref="{WHOLE}"/></mergeCells>', 6),
    "linked": (f'<hyperlinks><hyperlink ref="{WHOLE}" location="S!A1"/></hyperlinks>', 6),
    "validated": (f'<dataValidations><dataValidation type="list" sqref="{WHOLE}"/></dataValidations>', 6),
    "formatted": (
        f'<conditionalFormatting sqref="{WHOLE}"><cfRule type="expression" priority="1"/></conditionalFormatting>',
        6,
    ),
    "nested": ("<extLst>" * 20_000 + "</extLst>" * 20_000, 6),
}


@pytest.mark.parametrize("name", LARGE_PARTS)
def test_what_is_said_of_a_whole_sheet_takes_no_cell_each(tmp_path: Path, name: str) -> None:
    """No cell is made for the places of a merged area, a link or a format."""
    text, value = LARGE_PARTS[name]
    path = write_workbook(tmp_path / "large.xlsx", SHEETS)
    with zipfile.ZipFile(path) as archive:
        parts = {part: archive.read(part) for part in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = parts[sheet].replace(b"</sheetData>", b"</sheetData>" + text.encode())
    with zipfile.ZipFile(path, "w") as archive:
        for part, data in parts.items():
            archive.writestr(part, data)
    graph = gg.from_workbook(path, "S!B1")
    assert graph.backprop().value == value
    assert not graph.comparison.differences


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("SUM(A1:XFC1048576)*2", None),
        ("INDEX(A1:XFC1048576,A1,1)", "more than 200000 cells"),
        ("SUMPRODUCT(A1:XFC1048576,A1:XFC1048576)", "more than 200000 cells"),
        ("COUNTIF(A1:XFC1048576,1)", "more than 200000 cells"),
        ("VLOOKUP(A1,A1:XFC1048576,2)", "more than 200000 cells"),
        ("MATCH(A1,A1:A1048576,0)", "more than 200000 cells"),
        ("looped*2", "the name 'looped' means back"),
        ("SUM(A:XFD)", "these formulas need each other"),
    ],
)
def test_ranges_over_a_whole_sheet_and_names_in_a_circle(tmp_path: Path, formula: str, message: str | None) -> None:
    """What is filled is summed, and a formula that would visit each place is refused."""
    cells = {"A1": 2, "A1048575": 3, "XFC1048575": 5, "XFD1048576": F(formula, 1)}
    path = write_workbook(tmp_path / "whole.xlsx", {"S": cells}, {"looped": "back", "back": "looped"})
    if message:
        with pytest.raises(gg.GraphgradError, match=message):
            gg.from_workbook(path, "S!XFD1048576")
    else:
        graph = gg.from_workbook(path, "S!XFD1048576")
        assert graph.backprop().value == 20
        assert [each.cell for each in graph.comparison.differences] == ["S!XFD1048576"]
