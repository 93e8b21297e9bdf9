"""The local AWS: `emulator.py start|stop|status|env --kind moto|localstack|auto --port 4566`.

make, molecule, the tests and CI all start their emulator here. It listens on 127.0.0.1 only and outlives this script;
`<state-dir>/<port>.json` remembers which process it is, and `stop` ends that process and no other.
docs/emulators.md tells what each emulator gets wrong.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from common import CACHE, ROOT, VENV, StepError, find_python, main, say, tail
from setup_venv import LOCALSTACK_PYTHONS, NO_LOCALSTACK_PYTHON, set_up_localstack

KINDS = ("moto", "localstack")
HEALTH_PATHS = {"moto": "/moto-api/config", "localstack": "/_localstack/health"}
START_SECONDS = 90
STOP_SECONDS = 15
REGION = "ap-northeast-2"
SECRET_KEY = "fake0SecretOfTheLocalEmulator0kT7vQ2mZx9"
"""Part of no name:

Ansible masks a secret in everything that a module returns. LocalStack takes the account from the other key.
"""


def endpoint(port: int) -> str:
    return f"http://127.0.0.1:{port}"


def client_settings(port: int) -> dict[str, str]:
    """What a client needs to talk to the emulator, and to nothing else."""
    return {
        "AWS_ENDPOINT_URL": endpoint(port),
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_PAGER": "",
        # The user's own profiles could name other endpoints and roles.
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
    }


def client_environment(port: int) -> dict[str, str]:
    """This process's environment with every AWS setting replaced by the emulator's."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return inherited | client_settings(port)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def choose_kind(kind: str) -> str:
    """`auto` is LocalStack where a Python for it exists, and moto elsewhere."""
    if kind != "auto":
        return kind
    if find_python(LOCALSTACK_PYTHONS):
        return "localstack"
    say(f"  {NO_LOCALSTACK_PYTHON}: using moto instead.")
    return "moto"


def answering_kind(port: int) -> str | None:
    """Which emulator answers on the port, if any."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for kind, path in HEALTH_PATHS.items():
        try:
            with opener.open(endpoint(port) + path, timeout=5) as response:
                json.load(response)
                return kind
        except (OSError, ValueError):
            continue
    return None


def port_is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(2)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def process_start_time(pid: int) -> str | None:
    """When the (living) process began: together with the pid it names one process, even after the pid was reused."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return None if fields[0] == "Z" else fields[19]
    except OSError:
        if Path("/proc/self").exists():
            return None
    result = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return result.stdout.strip() or None


def moto_command(port: int) -> tuple[list[str], dict[str, str]]:
    python = VENV / "bin" / "python"
    if not python.exists():
        raise StepError("there is no .venv yet: run `make venv`")
    # Without this, moto has none of AWS's own policies to attach to a role.
    return [str(python), str(ROOT / "emulators" / "moto_fixes.py"), "-H", "127.0.0.1", "-p", str(port)], {
        "MOTO_IAM_LOAD_MANAGED_POLICIES": "true"
    }


def localstack_command(port: int, files: Path) -> tuple[list[str], dict[str, str]]:
    python = set_up_localstack()
    shutil.rmtree(files, ignore_errors=True)
    (files / "tmp").mkdir(parents=True)
    return [str(python), "-m", "localstack.runtime.main"], {
        # Where the bridge finds moto_extensions.
        "PYTHONPATH": str(ROOT / "emulators"),
        # Otherwise it takes itself for the Docker image and writes to system folders.
        "OVERRIDE_IN_DOCKER": "0",
        # The default server listens on 0.0.0.0 whatever GATEWAY_LISTEN says.
        "GATEWAY_SERVER": "hypercorn",
        "GATEWAY_LISTEN": f"127.0.0.1:{port}",
        "LOCALSTACK_HOST": f"127.0.0.1:{port}",
        "SQS_ENDPOINT_STRATEGY": "path",
        "DNS_ADDRESS": "0",
        "DISABLE_EVENTS": "1",
        "SKIP_SSL_CERT_DOWNLOAD": "1",
        # LocalStack's own DynamoDB downloads a Java program.
        "PROVIDER_OVERRIDE_DYNAMODB": "moto",
        "FILESYSTEM_ROOT": str(files),
        "TMPDIR": str(files / "tmp"),
        "XDG_CACHE_HOME": str(files / "xdg"),
    }


def start(kind: str, port: int, state_dir: Path) -> None:
    running = answering_kind(port)
    kind = running if running and kind == "auto" else choose_kind(kind)
    if running == kind:
        say(f"  {kind} already answers on {endpoint(port)}.")
        return
    if running or port_is_taken(port):
        owner = running or "another program"
        raise StepError(f"port {port} is taken by {owner}, {kind} is wanted: stop it, or choose another EMULATOR_PORT")

    state_dir.mkdir(parents=True, exist_ok=True)
    files = state_dir / f"{port}-files"
    command, settings = moto_command(port) if kind == "moto" else localstack_command(port, files)
    log = state_dir / f"{port}.log"
    say(f"  Starting {kind} on {endpoint(port)} (log: {log}) ...")
    # An emulator must not read settings that point its own AWS clients elsewhere.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MOTO_"))}
    with log.open("w") as output:
        process = subprocess.Popen(
            command, cwd=state_dir, env=environment | settings, stdout=output, stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
    state = {"kind": kind, "pid": process.pid, "started": process_start_time(process.pid)}
    (state_dir / f"{port}.json").write_text(json.dumps(state))
    deadline = time.monotonic() + START_SECONDS
    while answering_kind(port) != kind:
        if process.poll() is not None or time.monotonic() > deadline:
            stop(port, state_dir)
            why = f"did not answer within {START_SECONDS} s" if process.poll() is None else "ended at once"
            raise StepError(f"{kind} on port {port} {why}; the end of {log}:\n{tail(log)}")
        time.sleep(0.2)
    say(f"  {kind} is ready.")


def read_state(port: int, state_dir: Path) -> dict | None:
    """What we started on this port, if that process still lives."""
    state_file = state_dir / f"{port}.json"
    if not state_file.exists():
        return None
    state = json.loads(state_file.read_text())
    return state if state["started"] and process_start_time(state["pid"]) == state["started"] else None


def stop(port: int, state_dir: Path) -> None:
    state = read_state(port, state_dir)
    if state:
        for sent_signal in (signal.SIGTERM, signal.SIGKILL):
            if read_state(port, state_dir):
                os.kill(state["pid"], sent_signal)
            deadline = time.monotonic() + STOP_SECONDS
            while read_state(port, state_dir) and time.monotonic() < deadline:
                time.sleep(0.1)
        say(f"  Stopped {state['kind']} on port {port}.")
    else:
        found = answering_kind(port)
        say(f"  {found} on port {port} was not started from here: left alone." if found
            else f"  No emulator runs on port {port}.")  # fmt: skip
    (state_dir / f"{port}.json").unlink(missing_ok=True)
    shutil.rmtree(state_dir / f"{port}-files", ignore_errors=True)


def status(port: int, state_dir: Path) -> int:
    found = answering_kind(port)
    owner = "started from here" if read_state(port, state_dir) else "not started from here"
    say(f"{found} answers on {endpoint(port)} ({owner})" if found else f"no emulator answers on {endpoint(port)}")
    return 0 if found else 1


def print_environment(port: int) -> None:
    """Shell lines for `eval "$(... env)"`."""
    print("unset AWS_PROFILE AWS_DEFAULT_PROFILE AWS_SESSION_TOKEN")
    for name, value in client_settings(port).items():
        print(f"export {name}={shlex.quote(value)}")


def body() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("action", choices=("start", "stop", "status", "env"))
    parser.add_argument("--kind", choices=(*KINDS, "auto"), default="moto")
    parser.add_argument("--port", type=int, default=4566)
    parser.add_argument("--state-dir", type=lambda text: Path(text).resolve(), default=CACHE / "emulator")
    options = parser.parse_args()
    if options.action == "status":
        return status(options.port, options.state_dir)
    if options.action == "start":
        start(options.kind, options.port, options.state_dir)
    elif options.action == "stop":
        stop(options.port, options.state_dir)
    else:
        print_environment(options.port)
    return 0


if __name__ == "__main__":
    main(body)
