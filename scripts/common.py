"""What the scripts share. Standard library only: these run before any virtual environment exists."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache"
VENV = ROOT / ".venv"
HEARTBEAT_SECONDS = 10
TAIL_LINES = 30


class StepError(Exception):
    """A step failed; the text is all that the user needs to read."""


def say(text: str) -> None:
    print(text, flush=True)


def main(body: Callable[[], int | None]) -> None:
    """Run a script's body: a StepError becomes one readable message and exit code 1."""
    try:
        sys.exit(body() or 0)
    except StepError as error:
        print(f"ERROR: {error}", file=sys.stderr, flush=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def copy_checkout(target: Path, wanted: Callable[[str], bool] = lambda path: True) -> Path:
    """Copy what a clone would have, as it stands: files that git knows, and new ones that it would not ignore.

    Links stay links.
    """
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0"):
        if name and wanted(name) and (ROOT / name).exists():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name, follow_symlinks=False)
    return target


def tail(path: Path, lines: int = TAIL_LINES) -> str:
    if not path.exists():
        return ""
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])


def run_logged(label: str, command: list[str], log: Path, *, env: Mapping[str, str] | None = None) -> None:
    """Run a long command with its output in a log; show that it lives, and on failure the log's end."""
    log.parent.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    say(f"  {label} ...")
    with log.open("w") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=output, stderr=subprocess.STDOUT)
        finished = threading.Event()

        def heartbeat() -> None:
            while not finished.wait(HEARTBEAT_SECONDS):
                last_line = tail(log, 1).strip()[:80]
                say(f"    {time.monotonic() - started:4.0f} s  {last_line}")

        thread = threading.Thread(target=heartbeat, daemon=True)
        thread.start()
        try:
            returncode = process.wait()
        except BaseException:
            process.terminate()
            process.wait()
            raise
        finally:
            finished.set()
            thread.join()
    if returncode:
        raise StepError(f"{label}: exit code {returncode}; the end of {log.relative_to(ROOT)}:\n{tail(log)}")
    say(f"    done in {time.monotonic() - started:.0f} s")


@contextmanager
def exclusive(name: str) -> Iterator[None]:
    """Keep two runs from changing the same thing at once."""
    CACHE.mkdir(exist_ok=True)
    with (CACHE / f"{name}.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"  waiting for another run that holds {name} ...")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def python_version(executable: str) -> tuple[int, int] | None:
    """The interpreter's version, or None if it does not really run (a pyenv shim may exist and fail)."""
    probe = "import sys; print(sys.version_info[0], sys.version_info[1])"
    try:
        result = subprocess.run([executable, "-c", probe], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    if result.returncode:
        return None
    major, minor = result.stdout.split()
    return int(major), int(minor)


def find_python(versions: list[tuple[int, int]]) -> str | None:
    """The first of these Python versions that is found on the PATH or among pyenv's, and that runs."""
    pyenv_versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    for major, minor in versions:
        candidates = [shutil.which(f"python{major}.{minor}"), shutil.which("python3"), sys.executable]
        candidates += sorted(map(str, pyenv_versions.glob(f"{major}.{minor}.*/bin/python")), reverse=True)
        for candidate in candidates:
            if candidate and python_version(candidate) == (major, minor):
                return candidate
    return None
