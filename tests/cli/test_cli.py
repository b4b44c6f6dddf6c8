"""The command: what it prints where, its exit status, and that no traceback reaches anyone."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from planting import plant

import graphgrad as gg
from graphgrad.cli import OPTIONS, main
from graphgrad.cli import command as cli
from graphgrad.ops import FAMILIES as TITLED
from graphgrad.ops import OPS

if TYPE_CHECKING:
    from pathlib import Path

BOOK = ["(apple*n + orange*m)*tax", "--at", "apple=100,n=2,orange=150,m=3,tax=1.1"]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Any:
    """Return what runs the command and gives its status, its output and its messages."""

    def command(*argv: str) -> tuple[int, str, str]:
        status = cli.main(argv)
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return command


def test_the_main_job(run: Any, tmp_path: Path) -> None:
    """It names the literal, prints value and derivative, says that sympy agrees, and draws the picture."""
    status, out, err = run("100*5*1.08", "--wrt", "apple", "-o", str(tmp_path / "apple.svg"))
    assert (status, err) == (0, "")
    assert "apple = 100, the literal at column 1" in out
    assert "value = 540\n∂/∂apple = 5.4\n\nchecked against sympy: " in out
    assert (tmp_path / "apple.svg").read_text(encoding="utf-8").startswith("<svg")


def test_json_is_one_object_and_nothing_else(run: Any) -> None:
    """Numbers are in their shortest exact form, and the check's verdict is a boolean."""
    status, out, err = run(*BOOK, "--json")
    answer = json.loads(out)
    assert (status, err) == (0, "")
    assert answer["value"] == 715.0000000000001
    assert answer["grad"] == {"apple": 2.2, "n": 110.00000000000001, "orange": 3.3000000000000003, "m": 165, "tax": 650}
    assert answer["check"]["ok"] is True


def test_json_of_fractions_loses_nothing(run: Any) -> None:
    """A fraction is text, a whole number a number."""
    _, out, _ = run("x/3", "--at", "x=2", "--exact", "--json")
    assert json.loads(out)["value"] == "2/3"
    _, out, _ = run(*BOOK, "--exact", "--json")
    assert json.loads(out)["value"] == 715


FAMILIES = {
    "mul": "x*y",
    "sqrt": "sqrt(x)",
    "log": "log(x)",
    "cos": "cos(x)",
    "atan2": "atan2(x, y)",
    "sinh": "sinh(x)",
    "erf": "erf(x)",
    "lgamma": "lgamma(x)",
    "abs": "abs(x)",
    "max": "max(x, y)",
    "sigmoid": "sigmoid(x)",
}


@pytest.mark.parametrize("name", FAMILIES)
def test_a_wrong_rule_ends_in_status_1(name: str, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a rule that is off by a factor of 1.001, the check fails and says so, in every family of operations."""
    right = OPS[name].d[0]
    assert right is not None
    wrong = lambda *x: right(*x) * 1.001
    plant(monkeypatch, replace(OPS[name], d=(wrong, *OPS[name].d[1:]), stable_d=None))
    status, out, _ = run(FAMILIES[name], "--at", "x=1.5,y=0.5" if "y" in FAMILIES[name] else "x=1.5")
    assert status == 1
    assert "check FAILED" in out


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["100*sine(x)", "--at", "x=1"], "did you mean 'sin'?"),
        (["apple*n", "--at", "aple=1,n=2"], "did you mean 'apple'?"),
        (["X*apple", "--wrt", "x", "--at", "X=1,apple=2"], "did you mean 'X'?"),
        (["=A1*B1", "--from", "excel", "--at", "a1=1,B1=2"], "did you mean 'A1'?"),
        (["apple*n", "--wrt", "aple", "--at", "apple=1,n=2"], "did you mean 'apple'?"),
        (["100*5", "--wrt", "a,b,c"], "3 names for 2 literals: nothing is left for 'c'"),
        (["x*y", "--at", "x=1"], "give y=…"),
        (["log(x)", "--at", "x=-1"], "log(-1) is not defined"),
        (["1/2x"], "(1/2)*x"),
        ([], "give an expression"),
        (["x", "-f", "program.txt"], "give an expression, or a file"),
        (["x", "--at", "x"], "not NAME=VALUE"),
        (["x", "--at", "x=1,x=2"], "--at gives x twice"),
        (["x", "--at", "x=y"], "the value is no number"),
        (["x", "--at", "x=1", "--wrt", "x,,y"], "a name is missing"),
        (["x", "--at", "x=1", "-o", "picture.bmp"], "its suffix names no format"),
    ],
)
def test_wrong_input_ends_in_status_2(argv: list[str], message: str, run: Any) -> None:
    """What is wrong is said on standard error, with what to write instead, and without a traceback."""
    status, _, err = run(*argv)
    assert status == 2
    assert err.startswith("graphgrad: ")
    assert message in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["-f", "no/such/file"], "cannot read no/such/file"),
        (["x", "--at", "x=@no/such.npy"], "cannot read no/such.npy"),
        (["x", "--at", "x=1", "-o", "no/such/folder/x.svg"], "cannot write"),
        (["x", "--at", "x=1", "--frames", "/dev/null/x"], "cannot make the folder"),
        (["x", "--data", "no/such.csv", "--summary"], "cannot read"),
        (["x", "--data", "no/such.xlsx", "--summary"], "names no format"),
    ],
)
def test_a_file_that_cannot_be_read_or_written_ends_in_status_3(argv: list[str], message: str, run: Any) -> None:
    """So a script can tell a wrong path from a wrong expression."""
    status, _, err = run(*argv)
    assert (status, message in err, "Traceback" in err) == (3, True, False)


def test_a_failure_in_json_is_json(run: Any) -> None:
    """Another program reads the kind of error and the span."""
    status, out, _ = run("2*sine(x)", "--json")
    assert status == 2
    assert json.loads(out)["error"] == {
        "kind": "name_error",
        "message": "unknown function 'sine'",
        "hint": "did you mean 'sin'?",
        "span": [2, 6],
    }


def test_the_forward_pass_up_to_a_domain_error_is_shown(run: Any) -> None:
    """The tree has the values computed before the error."""
    _, out, err = run("(x + 1)*log(x)", "--at", "x=-3")
    assert "├─ +" in out
    assert "-2" in out
    assert "here x = -3" in err


def test_a_program_from_a_file_and_from_standard_input(
    run: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`-f FILE` and `-` read programs, with comments, in UTF-8."""
    program = "りんご = 100  # 円\nn = 5\nりんご*n*1.08\n".encode()
    (tmp_path / "bill.txt").write_bytes(program)
    _, from_file, _ = run("-f", str(tmp_path / "bill.txt"))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(program), encoding="utf-8"))
    _, from_stdin, _ = run("-")
    assert from_file == from_stdin
    assert "∂/∂りんご = 5.4" in from_file


@pytest.mark.parametrize("argv", [["-x**2", "--at", "x=3"], ["--at", "x=3", "-x**2"], ["--at=x=3", "-x**2"]])
def test_an_expression_may_begin_with_a_minus_sign(argv: list[str], run: Any) -> None:
    """It is no option."""
    assert "value = -9" in run(*argv)[1]


def test_a_value_may_be_an_expression(run: Any) -> None:
    """pi/2 and 8% are values."""
    assert "value = 1.08" in run("sin(x) + tax", "--at", "x=pi/2,tax=8%")[1]


def test_check_off_does_not_claim_a_check(run: Any) -> None:
    """It says that nothing was checked."""
    status, out, _ = run("x*x", "--at", "x=3", "--check", "off")
    assert status == 0
    assert "not checked" in out
    assert "sympy" not in out


def test_the_tree_keeps_equal_subexpressions_apart(run: Any) -> None:
    """`--tree` draws each use on its own."""
    assert run("sin(x)*sin(x)", "--at", "x=1")[1].count("sin") == 1
    assert run("sin(x)*sin(x)", "--at", "x=1", "--tree", "--check", "off")[1].count("sin") == 2


def test_the_operations_are_listed_with_their_derivatives(run: Any) -> None:
    """Every row is there, below the title of its family, but none that derivatives alone are written in."""
    _, out, _ = run("--operations")
    titles = [line for line in out.splitlines() if line and not line.startswith(" ")]
    assert titles == list(TITLED)
    assert [op.name for op in OPS.values() if bool(op.helper) == (op.about in out)] == []
    assert not any(name in out for name, op in OPS.items() if op.helper)


def test_the_version(run: Any) -> None:
    """It is the package's."""
    assert run("--version")[1].strip() == gg.__version__


def test_help_has_examples_that_run(capsys: pytest.CaptureFixture[str]) -> None:
    """`--help` ends well, names every option and shows how it is used."""
    with pytest.raises(SystemExit) as ended:
        cli.main(["--help"])
    text = capsys.readouterr().out
    assert ended.value.code == 0
    assert all(flags[-1] in text for flags in OPTIONS)
    assert 'graphgrad "100*5*1.08" --wrt apple -o apple.svg' in text


def test_colour_only_on_a_terminal(run: Any) -> None:
    """Captured output has no escape sequences."""
    assert "\x1b" not in run("x*x", "--at", "x=3")[1]


def test_as_a_module_in_a_process_of_its_own() -> None:
    """`python -m graphgrad` is the same command, and its status reaches the shell."""
    command = [sys.executable, "-m", "graphgrad", "log(x)", "--at", "x=-1"]
    done = subprocess.run(command, capture_output=True, check=False, encoding="utf-8", env={"PYTHONUTF8": "1"})
    assert done.returncode == 2
    assert "log(-1) is not defined" in done.stderr


def test_a_closed_pipe_is_no_error() -> None:
    """`graphgrad … | head -1` ends quietly."""
    text = " + ".join(f"x{i}" for i in range(3_000))
    at = ",".join(f"x{i}=1" for i in range(3_000))
    command = [sys.executable, "-m", "graphgrad", text, "--at", at, "--check", "off"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={"PYTHONUTF8": "1"}) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.read(1)
        process.stdout.close()
        assert process.stderr.read() == b""


def test_what_a_run_does_not_need_is_not_loaded() -> None:
    """Without a check and a picture, none of the large libraries is waited for."""
    program = (
        "import sys, graphgrad; from graphgrad.cli.command import main; graphgrad.parse('x*y').compile()(2.0, 3.0); "
        "main(['x*y', '--at', 'x=2,y=3', '--check', 'off']); "
        "print({'networkx', 'numpy', 'sympy'} & {*sys.modules})"
    )
    run = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert run.stdout.splitlines()[-1] == "set()"


@pytest.mark.parametrize(
    ("more", "unloaded"),
    [
        ([], ("typeset", "printing.latex", "draw.layout", "draw.formats.svg", "backprop.textbook")),
        ([], ("draw.options", "draw.theme", "draw.render", "draw.scene.outline", "cli.pictures")),
        (["-o", "picture.svg"], ("draw.layout.rows", "draw.layout.travel", "draw.formats.tikz", "typeset.typst_math")),
    ],
    ids=["numbers", "no picture", "picture"],
)
def test_what_a_run_does_not_need_of_the_package_is_not_loaded(
    more: list[str], unloaded: tuple[str, ...], tmp_path: Path
) -> None:
    """The typesetter and its fonts are for pictures, and a picture loads no other format, no rows and no animation."""
    program = (
        "import sys; from graphgrad.cli.command import main; "
        f"main(['100*5*1.08', '--wrt', 'apple', '--check', 'off', *{more!r}]); print(*sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, cwd=tmp_path)
    assert {f"graphgrad.{module}" for module in unloaded} & {*run.stdout.splitlines()[-1].split()} == set()


def test_a_check_of_products_loads_sympy_and_not_its_tensors() -> None:
    """Equal derivatives are not subtracted: for a difference, sympy imports twice as much."""
    program = (
        "import sys; from graphgrad.cli.command import main; "
        "main(['100*5*1.08', '--wrt', 'apple']); print({'sympy', 'sympy.tensor.tensor'} & {*sys.modules})"
    )
    run = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert "2 rules proven" in run.stdout
    assert run.stdout.splitlines()[-1] == "{'sympy'}"


@pytest.mark.parametrize(
    ("module", "arguments", "frozen"), [("__main__", "", True), ("cli.command", "sys.argv[1:]", False)]
)
def test_only_the_process_of_the_command_leaves_its_objects_to_the_system(
    module: str, arguments: str, frozen: bool
) -> None:
    """At its end they are not collected first; a program that calls `main` ends as it would."""
    program = (
        "import atexit, gc, sys; atexit.register(lambda: print(gc.get_freeze_count() > 0)); "
        f"from graphgrad.{module} import main; main({arguments})"
    )
    command = [sys.executable, "-c", program, "2*3", "--check", "off"]
    run = subprocess.run(command, check=True, capture_output=True, text=True)
    assert run.stdout.splitlines()[-1] == str(frozen)


def test_sql_prints_a_query_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    """The query is that of the library; numbers given are literals, and no values are needed."""
    assert main(["a*b*c", "--wrt", "a", "--sql", "--table", "shop.t", "--dialect", "sqlite", "--at", "c=1.08"]) == 0
    query = gg.parse("a*b*c").to_sql("a", table="shop.t", dialect="sqlite", at={"c": 1.08})
    assert capsys.readouterr().out == query


def test_a_query_names_its_columns_as_a_table_does(capsys: pytest.CaptureFixture[str]) -> None:
    """The options of a table say which columns are kept and what the new ones are called."""
    assert main(["value*x", "--sql", "--keep", "id, `a, b`", "--value-name", "total", "--partial-prefix", "d "]) == 0
    names = {"value": "total", "∂value": "d value", "∂x": "d x"}
    assert capsys.readouterr().out == gg.parse("value*x").to_sql(names=names, columns=["id", "a, b"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["x @ y"], "DuckDB has no operation @ on arrays"),
        (["erf(x)", "--dialect", "sqlite"], "SQLite has no function for erf"),
        (["x", "--at", "x=3±1"], "a query propagates no errors"),
        (["x", "--at", "x=[1,2]"], "a query is for numbers, and 'x' is an array"),
        (["x", "-o", "x.svg"], "--sql prints a query and nothing else: --output has no place beside it"),
        (["x", "--json"], "--sql prints a query and nothing else: --json has no place beside it"),
        (["x", "--error", "x=1"], "--sql prints a query and nothing else: --error has no place beside it"),
        (["x", "--where", "x > 1"], "--where is for a table"),
        (["value*x"], "--value-name, in Python names={'value': '…'}"),
    ],
)
def test_a_query_that_cannot_be_is_refused(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The status is 2, and the error says why."""
    assert main([*arguments, "--sql"]) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ((), b"from left to right"),
        (("--direction", "down"), b"from top to bottom"),
        (("--width", "150"), b"from top to bottom"),
        (("--width", "150", "--direction", "right"), b"from left to right"),
        (("--nary", "yes"), b"minus"),
    ],
)
def test_a_wide_picture_is_drawn_as_asked(run: Any, tmp_path: Path, options: tuple[str, ...], found: bytes) -> None:
    """The column's width, a direction, and whether sums and products are joined are options."""
    path = tmp_path / "sum.svg"
    assert run("a + b*exp(c) - d", "--at", "a=1,b=2,c=3,d=4", "--check", "off", "-o", str(path), *options)[0] == 0
    assert found in path.read_bytes()


@pytest.mark.parametrize(
    ("options", "line", "carets"),
    [
        (["--at", "a=1", "--at", "c=2"], "--at c=2", "c"),
        (["--at", "a=1,b=2", "--wrt", "a, c"], "--wrt a, c", "c"),
        (["--at", "a=1,b=2", "--change", "cc=+1"], "--change cc=+1", "cc"),
        (["--at", "a=1,b=2", "--error", "aa=±1"], "--error aa=±1", "aa"),
        (["--at", "ba=1, a=2, `a b`=3"], "--at ba=1, a=2, `a b`=3", "ba"),
        (["--at", "a=1, `a, c`=3"], "--at a=1, `a, c`=3", "`a, c`"),
    ],
)
def test_a_misspelt_name_is_pointed_at_in_its_option(run: Any, options: list[str], line: str, carets: str) -> None:
    """The message shows the option and not the expression, in which the name does not occur."""
    status, _, err = run("a*b", *options)
    assert (status, err.split("\n")[1:3]) == (2, [f"  {line}", "  " + " " * line.rindex(carets) + "^" * len(carets)])


def test_an_unknown_option_suggests_the_nearest(run: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """As a misspelt name does."""
    with pytest.raises(SystemExit, match="2"):
        run("a*b", "--opne")
    assert "unrecognized arguments: --opne; did you mean '--open'?" in capsys.readouterr().err


def test_an_unknown_option_behind_values_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """The message names the option, wherever it stands."""
    with pytest.raises(SystemExit):
        main(["x", "--at", "x=2", "--opne"])
    assert "unrecognized arguments: --opne; did you mean '--open'?" in capsys.readouterr().err


def test_several_files_are_drawn(run: Any, tmp_path: Path) -> None:
    """-o can be given again, and the answer names each file."""
    _, out, _ = run("a*3", "--at", "a=1", "-o", str(tmp_path / "a.svg"), "-o", str(tmp_path / "b.dot"))
    assert f"wrote {tmp_path / 'a.svg'}\nwrote {tmp_path / 'b.dot'}\n" in out
    assert {path.name for path in tmp_path.iterdir()} == {"a.svg", "b.dot"}


def test_a_file_without_a_format_stops_the_others(run: Any, tmp_path: Path) -> None:
    """Nothing is written where one of several files cannot be."""
    status, _, _ = run("a*3", "--at", "a=1", "-o", str(tmp_path / "a.svg"), "-o", str(tmp_path / "b"))
    assert (status, [*tmp_path.iterdir()]) == (2, [])


def test_no_names_evaluate_without_derivatives(run: Any) -> None:
    """--wrt "" gives the value, and the check of it."""
    _, out, _ = run("a*b", "--at", "a=2,b=3", "--wrt", "", "--json")
    answer = json.loads(out)
    assert (answer["value"], answer["grad"], answer["check"]["ok"]) == (6, {}, True)


def test_the_operations_that_match_a_word_are_listed(run: Any) -> None:
    """By name, alias or description."""
    _, out, _ = run("--operations", "arctan2")
    assert out.split() == ["Trigonometric", "functions", *out.split()[2:]]
    assert "atan2(x, y)" in out
    assert "atan(x)" not in out


def test_a_word_that_matches_no_operation_is_refused(run: Any) -> None:
    """With the most similar name."""
    assert run("--operations", "arctanh2")[::2] == (
        2,
        "graphgrad: no operation matches 'arctanh2'\ndid you mean 'arctanh'?\n",
    )


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_completion_of_a_shell_has_every_option(run: Any, shell: str) -> None:
    """The script is made from the declared options."""
    status, out, _ = run("--completion", shell)
    flags = [flag.lstrip("-") for flags in OPTIONS for flag in flags]
    assert (status, [flag for flag in flags if flag not in out]) == (0, [])


@pytest.mark.skipif(not shutil.which("bash"), reason="no bash is here")
def test_bash_completes_an_option(run: Any, tmp_path: Path) -> None:
    """In a real shell, the beginning of an option is completed."""
    script = tmp_path / "completion"
    script.write_text(run("--completion", "bash")[1], encoding="utf-8")
    ask = f"source {script}; COMP_WORDS=(graphgrad --expl); COMP_CWORD=1; _shtab_graphgrad; echo ${{COMPREPLY[@]}}"
    done = subprocess.run(["bash", "-c", ask], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["--explain", "--explain-as"]


def test_completion_without_shtab_says_how_to_install_it(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra is named."""
    monkeypatch.setitem(sys.modules, "shtab", None)
    status, _, err = run("--completion", "bash")
    assert status == 2
    assert "needs shtab" in err
    assert "[completion]" in err


def test_the_option_of_a_name_is_in_json(run: Any) -> None:
    """So that a program does not mark the span in the expression."""
    _, out, _ = run("a*b", "--at", "a=1,c=2", "--json")
    error = json.loads(out)["error"]
    assert (error["option"], error["span"]) == ("--at", [9, 10])


TEXT_WITH_FUNCTION = "f(x) = x**2; f(a)*3"


@pytest.mark.parametrize("arguments", [[TEXT_WITH_FUNCTION, "--open"], ["--open", TEXT_WITH_FUNCTION]])
def test_functions_of_the_text_are_opened(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """By the option alone; with names, those."""
    assert main([TEXT_WITH_FUNCTION, "--at", "a=2"]) == 0
    assert "├─ f " in capsys.readouterr().out
    assert main([*arguments, "--at", "a=2"]) == 0
    assert "├─ f " not in capsys.readouterr().out
    assert main([TEXT_WITH_FUNCTION, "--open", "f", "--at", "a=2"]) == 0
    assert "├─ f " not in capsys.readouterr().out
    assert main([TEXT_WITH_FUNCTION, "--open", "g", "--at", "a=2"]) == 2
    assert "no function or composite operation 'g'" in capsys.readouterr().err
