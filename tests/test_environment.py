"""tools/environment.sh, with a stand-in for Python that installs nothing."""

import os
import platform
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
INPUTS = ("pyproject.toml", "constraints.txt", "requirements.txt", "requirements-test.txt")

# Says what it is asked to do; `-m venv` copies it to where the new Python would be.
STAND_IN = """#!/bin/sh
echo "$@" >>"$LOG"
case "$*" in
    *version_info*) exit "$TOO_OLD" ;;
    *ensurepip*) exit "$NO_VENV" ;;
    "-m venv .venv") mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
    "-m pip install "*) exit "$BROKEN_PIP" ;;
esac
"""


@pytest.fixture
def book(tmp_path):
    folder = tmp_path / "a book with spaces"
    folder.mkdir()
    for name in INPUTS:
        (folder / name).write_text(name)
    commands = tmp_path / "commands"
    commands.mkdir()
    for name in ("python3", "python3.14", "python3.13", "python3.12", "python3.11"):
        (commands / name).write_text(STAND_IN)
        (commands / name).chmod(0o755)
    return folder


def setup(book, level="book", python="", too_old=0, no_venv=0, broken_pip=0, index=""):
    """Run the script; return its exit status, error text, and what Python was asked to make."""
    log = book.parent / "log"
    log.write_text("")
    numbers = {"TOO_OLD": too_old, "NO_VENV": no_venv, "BROKEN_PIP": broken_pip}
    environ = {
        **{name: str(number) for name, number in numbers.items()},
        "PATH": f"{book.parent / 'commands'}{os.pathsep}/usr/bin{os.pathsep}/bin",
        "LOG": str(log),
        "PYTHON": python,
        "PIP_EXTRA_INDEX_URL": index,
    }
    command = [shutil.which("sh"), str(ROOT / "tools" / "environment.sh"), level]
    done = subprocess.run(command, cwd=book, env=environ, capture_output=True, text=True)
    asked = log.read_text().splitlines()
    return done.returncode, done.stderr, [a for a in asked if a.startswith(("-m venv", "-m pip"))]


def made(asked):
    return "-m venv .venv" in asked


def installed(asked):
    return [word for line in asked for word in line.split() if word.startswith("requirements")]


def test_first_call_makes_and_installs_and_second_does_nothing(book):
    status, _, asked = setup(book)
    assert status == 0 and made(asked) and installed(asked) == ["requirements.txt"]
    assert asked[-1].endswith("--no-deps --editable .")
    assert "--constraint constraints.txt" in asked[1]
    assert setup(book) == (0, "", [])


def test_changed_pins_are_installed_in_place(book):
    setup(book)
    (book / "constraints.txt").write_text("other")
    _, _, asked = setup(book)
    assert not made(asked) and installed(asked) == ["requirements.txt"]
    assert setup(book)[2] == []


def test_the_test_environment_is_also_good_for_the_book(book):
    setup(book)
    assert installed(setup(book, "test")[2]) == ["requirements-test.txt"]
    assert setup(book)[2] == setup(book, "test")[2] == []
    (book / "requirements.txt").write_text("other")
    assert installed(setup(book)[2]) == ["requirements-test.txt"]  # not a step back


def test_interrupted_installation_is_made_anew(book):
    status, _, _ = setup(book, broken_pip=1)
    assert status != 0
    (book / ".venv" / "rest").write_text("half a package")
    status, _, asked = setup(book)
    assert status == 0 and made(asked) and not (book / ".venv" / "rest").exists()


def test_interrupted_upgrade_is_made_anew(book):
    setup(book)
    (book / "constraints.txt").write_text("other")
    assert setup(book, broken_pip=1)[0] != 0
    assert made(setup(book)[2])


def test_environment_without_python_is_made_anew(book):
    setup(book)
    (book / ".venv" / "bin" / "python").unlink()
    assert made(setup(book)[2])


def test_moved_folder_is_made_anew(book):
    setup(book)
    book = book.rename(book.with_name("moved"))
    assert made(setup(book)[2])


def test_python_that_is_too_old_is_named_in_the_error(book):
    status, error, asked = setup(book, too_old=1)
    assert status == 1 and not asked
    assert "needs Python 3.11 or newer" in error


def test_missing_venv_module_is_named_in_the_error(book):
    status, error, asked = setup(book, no_venv=1)
    assert status == 1 and not asked
    assert "apt-get install python3-venv" in error


@pytest.mark.skipif(platform.system() != "Linux", reason="elsewhere, pip knows no other build")
def test_who_does_not_ask_for_the_small_build_of_torch_is_told(book):
    assert "PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu" in setup(book)[1]
    (book / "constraints.txt").write_text("other")
    assert "CUDA" not in setup(book, index="https://example.org")[1]


def test_make_help_lists_every_target():
    makefile = (ROOT / "Makefile").read_text()
    targets = makefile.split(".PHONY:")[1].splitlines()[0].split()
    environ = {"PATH": os.environ["PATH"]}  # not what an outer make sets
    text = subprocess.run(
        ["make", "help"], cwd=ROOT, env=environ, capture_output=True, text=True
    ).stdout
    assert [line.split()[0] for line in text.splitlines()] == targets
