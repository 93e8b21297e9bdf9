"""The documentation of every module, lookup, callback and role, as ansible-doc gives it, is complete and its
references lead somewhere.
"""

from __future__ import annotations

import subprocess
import sysconfig

from support.playbook import ROOT, program, run_environment


def test_documentation_is_complete():
    arguments = (
        "lint-collection-docs",
        "--plugin-docs",
        "--skip-rstcheck",
        "--validate-collection-refs",
        "dependent",
        str(ROOT),
    )
    # antsibull-docs copies amazon.aws by `git ls-files` where git knows of a repository above, and .venv is ignored in
    # ours.
    environment = run_environment(
        {"ANSIBLE_CALLBACK_PLUGINS": None, "GIT_CEILING_DIRECTORIES": sysconfig.get_path("purelib")}
    )
    done = subprocess.run(
        [program("antsibull-docs"), *arguments], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
