"""The tests of the site scenarios (molecule/site_dev), on an account that an integration test has built."""

from __future__ import annotations

import subprocess

from support.playbook import ROOT, program, run_environment

from helpers.site import Site

TESTS = ROOT / "molecule" / "site_dev" / "test_site.py"


def assert_holds_what_it_must(site: Site, deployment: str) -> None:
    """Every test of the scenario passes for the deployment; none is skipped."""
    environment = {**site.emulator.environment(), "SCENARIO_DEPLOYMENT": deployment}
    done = subprocess.run(
        [program("pytest"), "-q", "--no-header", "--tb=short", "-p", "no:cacheprovider", "-n", "0", str(TESTS)],
        cwd=ROOT,
        env=run_environment(environment),
        capture_output=True,
        text=True,
        check=False,
    )
    summary = (done.stdout.splitlines() or [""])[-1]
    assert done.returncode == 0 and "skipped" not in summary, done.stdout + done.stderr
