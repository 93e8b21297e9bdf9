"""A Terraform project in a folder, run by the real binary against an emulator."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import ClassVar

from support.playbook import run_environment

FLAGS = """
    use_path_style              = true
    skip_credentials_validation = true
    skip_requesting_account_id  = true
    skip_metadata_api_check     = true
    skip_region_validation      = true
"""


class Project:
    """A Terraform project in a folder."""

    started: ClassVar[list[subprocess.Popen]] = []

    def __init__(self, folder: Path, account, text: str):
        self.folder = folder
        folder.mkdir()
        (folder / "main.tf").write_text(text, encoding="utf-8")
        url = account.endpoint_url
        self.environment = {
            **run_environment({**account.environment(), "AWS_ENDPOINT_URL_S3": url, "AWS_ENDPOINT_URL_DYNAMODB": url}),
            "TF_IN_AUTOMATION": "1",
            "CHECKPOINT_DISABLE": "1",
            # A developer's own settings must play no part.
            "TF_CLI_CONFIG_FILE": os.devnull,
        }

    def start(self, *arguments):
        command = ["terraform", *arguments]
        process = subprocess.Popen(
            command, cwd=self.folder, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.started.append(process)
        return process

    def run(self, *arguments, rc=0):
        process = self.start(*arguments)
        output = process.communicate(timeout=120)[0]
        assert process.returncode == rc, f"terraform {' '.join(arguments)}: rc {process.returncode}\n{output}"
        return output

    def init(self):
        self.run("init", "-no-color", "-input=false")
        return self

    def apply(self, rc=0):
        return self.run("apply", "-no-color", "-input=false", "-auto-approve", rc=rc)

    def is_clean(self):
        """Whether a second plan has no changes."""
        self.run("plan", "-no-color", "-input=false", "-detailed-exitcode", rc=0)
        return True

    def outputs(self):
        """terraform output -json, without warnings on the same stream."""
        process = subprocess.run(
            ["terraform", "output", "-json"],
            cwd=self.folder,
            env=self.environment,
            check=True,
            capture_output=True,
            text=True,
        )
        return {name: output["value"] for name, output in json.loads(process.stdout).items()}

    @classmethod
    def end_all(cls):
        """Ends what a failed test left running."""
        while cls.started:
            process = cls.started.pop()
            process.kill()
            process.wait()
