"""Renders docs/reference/outputs.md from the contract file; with --check it only says whether the page is up to
date. A part of scripts/render.py (`make render`).
"""

from __future__ import annotations

import argparse
import difflib
import sys

from common import ROOT, StepError, main, say

sys.path.insert(0, str(ROOT / "plugins" / "module_utils" / "_publishing"))

from contract.model import CONTRACT, Contract, Output
from contract.values import ssm_type
from contract.version import CONTRACT_VERSION

PAGE = ROOT / "docs" / "reference" / "outputs.md"
SOURCE = "plugins/module_utils/_publishing/contract/declarations.py"

INTRODUCTION = f"""\
<!-- Rendered by make render from {SOURCE}; do not edit. -->
# Published outputs

This is version {CONTRACT_VERSION} of the contract between the shared infrastructure and everybody who builds on it.
An output that a deployment does not have is not published. Secrets are never published, only the ARNs of secrets.

- **Path** is below the deployment's prefix: `/connectly-shared/dev/vpc/id`.
- **Type** is what the readers of this collection and Terraform's remote state return. In SSM a list is a
  `StringList`, whose value every client sees joined by commas, so that `split(",", value)` gives the items; a map is
  JSON; numbers and booleans are text.
- **Kept** marks ids and addresses that consumers hold. Publishing refuses to replace them (for a list or a map: to drop
  an item), unless `allow_changes` names the output. No output disappears or changes its type without being named there.
- **Since** is the version of the collection that published the output first.
"""

READING = """\
## Reading them

```shell
aws ssm get-parameters-by-path --path /connectly-shared/dev --recursive
ansible-playbook playbooks/show_outputs.yml -i inventories/dev -e name=vpc_id
```

```hcl
data "aws_ssm_parameter" "private_subnet_ids" {
  name = "/connectly-shared/dev/subnets/private/ids"
}

locals {
  private_subnet_ids = split(",", data.aws_ssm_parameter.private_subnet_ids.value)
}
```

```yaml
vpc_id: "{{ lookup('connectly.shared_infrastructure.output', 'vpc_id', environment='dev', region='ap-northeast-2') }}"
```

`connectly.shared_infrastructure.ssm_outputs_info` returns all of them in one task, and `tasks_from: load` of the role
`connectly.shared_infrastructure.outputs` sets `network_outputs`, `kms_outputs` and so on.

## The manifest

The parameters are written one by one; the parameter `manifest` below the prefix is written after them, in one call,
and holds the whole set with its values. The readers of this collection take the values from it, so that they get a
complete old or a complete new set also while somebody publishes or after a publisher was killed.
`aws ssm get-parameter --name /connectly-shared/dev/manifest` shows it:

| field | meaning |
|---|---|
| `format` | 1 |
| `contract_version`, `collection_version` | what published last; [older versions](../upgrading.md) refuse to write |
| `deployment` | whose outputs these are |
| `published_at`, `source_commit` | when an output changed last (UTC), and from which commit |
| `digest` | `sha256:` and the SHA-256 of the JSON object of texts (as in SSM) by output name, keys sorted, \
no spaces, ASCII |
| `layers` | by layer: `published_at`, `source_commit`, `collection_version`, and `outputs` by name \
with `type` and `value` |
| `parts` | in place of `layers` where the set is larger than 8 KB: `manifest/<generation>/0` to `count - 1`, \
joined, are the JSON of `layers` |
"""


def render(contract: Contract = CONTRACT) -> str:
    """The page as Markdown."""
    sections = [INTRODUCTION]
    for layer in contract.layers:
        rows = "\n".join(_row(output) for output in contract.of_layer(layer))
        sections.append(
            f"## Layer {layer}\n\n"
            f"| output | path | type | kept | since | description |\n|---|---|---|---|---|---|\n{rows}\n"
        )
    return "\n".join([*sections, READING])


def _row(output: Output) -> str:
    description = output.description.replace("|", "\\|")
    if output.deprecated:
        description = f"**Deprecated** since {output.deprecated['since']}, removed in {output.deprecated['removal']}"
        replacement = output.deprecated.get("replacement")
        description += f"; use `{replacement}`. {output.description}" if replacement else f". {output.description}"
    kept = "yes" if output.identity else ""
    kind = f"{output.type} ({ssm_type(output.type)})" if output.type == "list" else output.type
    return f"| `{output.name}` | `{output.path}` | {kind} | {kept} | {output.since} | {description} |"


def body() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail when the page is not what the contract gives")
    arguments = parser.parse_args()
    page = render()
    current = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    name = PAGE.relative_to(ROOT)
    if page == current:
        say(f"{name} is up to date")
        return 0
    if arguments.check:
        difference = "\n".join(
            difflib.unified_diff(current.splitlines(), page.splitlines(), str(name), "the contract", lineterm="")
        )
        raise StepError(f"{name} is not what {SOURCE} gives; run scripts/render_contract.py\n{difference}")
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page, encoding="utf-8")
    say(f"{name} written")
    return 0


if __name__ == "__main__":
    main(body)
