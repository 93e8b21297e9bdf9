"""Reads the account and compares it with the last reading: `created`, `deleted` and `changed` say what must have
happened
since, `holds` what properties must have which value now.

Without `compare` the reading is only kept. It runs in Ansible's worker: a process for each reading would double a
scenario's time.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from ansible.plugins.action import ActionBase

# Ansible reads no pyproject.toml, where pytest finds these.
sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "tests"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "verification"))

import account


class ActionModule(ActionBase):
    _supports_check_mode = True

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        arguments = {
            "compare": True,
            "readers": [],
            "created": [],
            "deleted": [],
            "changed": {},
            "holds": {},
            **self._task.args,
        }
        file = Path(arguments["file"])
        reading = account.read_account(arguments["deployment"], arguments["readers"])
        result["own"] = sorted(name for name, data in reading.items() if account.belongs(data, arguments["deployment"]))
        if arguments["compare"]:
            found = account.changes(json.loads(file.read_text()), reading)
            lines = [*account.complaints(found, arguments), *account.not_held(reading, arguments["holds"])]
            result.update(found, failed=bool(lines), msg=lines or "The account changed as expected")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(reading, default=str))
        return result
