# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: output
version_added: 0.1.0
short_description: Published outputs of the shared infrastructure
description:
  - Reads outputs that M(connectly.shared_infrastructure.ssm_outputs) published, typed as the outputs contract says.
  - The whole set is read at once and kept for the rest of the run, for all lookups of all tasks and hosts.
  - An output that was published masked, with asterisks in place of a secret, is an error.
  - Where there is a manifest the values come from it, so that they belong together also while somebody publishes.
options:
  _terms:
    description: Names of outputs, or V(*) for a dictionary of all.
    required: true
  environment:
    description: The environment, whose outputs stand below O(root). It comes before O(prefix).
    type: str
  prefix:
    description: The path below which the outputs are published, V(/wealist/prod) for example.
    type: str
    vars:
      - name: shared_infrastructure_ssm_prefix
  root:
    description: The path below which each O(environment) has its own.
    type: str
    default: /connectly-shared
  region:
    vars:
      - name: shared_infrastructure_region
  text:
    description: Whether to return the texts as SSM has them (lists joined by commas, maps as JSON) instead of typed
      values.
    type: bool
    default: false
  default:
    description: The value of an output that is not published. Without it that is an error.
    type: raw
  require_manifest:
    description:
      - V(auto) reads the manifest where there is one, and the parameters otherwise.
      - V(true) fails where there is no manifest.
      - V(false) takes the parameters as they stand, which may be a mixture of two sets.
    type: raw
    default: auto
  cache:
    description: Whether a set that this run has read before is good enough. Turn it off to read what the same run has
      just published.
    type: bool
    default: true
extends_documentation_fragment:
  - amazon.aws.boto3
  - amazon.aws.common.plugins
  - amazon.aws.region.plugins
  - amazon.aws.assume_role.plugins
author:
  - Connectly Platform Infrastructure (@connectly)
notes:
  - Needs the permissions C(ssm:GetParameters) and C(ssm:GetParametersByPath).
seealso:
  - module: connectly.shared_infrastructure.ssm_outputs_info
"""

EXAMPLES = r"""
- name: One output
  ansible.builtin.debug:
    msg: "{{ lookup('connectly.shared_infrastructure.output', 'vpc_id', environment='dev', region='ap-northeast-2') }}"

- name: Several, in a list
  ansible.builtin.debug:
    msg: "{{ query('connectly.shared_infrastructure.output', 'vpc_id', 'private_subnet_ids', prefix='/wealist/prod') }}"

- name: All of them, read in another account through a role
  ansible.builtin.set_fact:
    shared: "{{ lookup('connectly.shared_infrastructure.output', '*', environment='prod',
             assume_role_arn=reader_role_arn, region='ap-northeast-2') }}"

- name: One that not every deployment has
  ansible.builtin.debug:
    msg: "{{ lookup('connectly.shared_infrastructure.output', 'database_subnet_ids', environment='dev', default=[]) }}"
"""

RETURN = r"""
_raw:
  description: The value of each term, in their order; a dictionary by output name for V(*).
  type: list
  elements: raw
"""

from ansible.errors import AnsibleLookupError
from ansible_collections.amazon.aws.plugins.plugin_utils.lookup import AWSLookupBase
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._aws.errors import AWS_ERRORS
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._inputs.masking import (
    DAMAGED,
    is_masked,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._publishing.contract.model import (
    CONTRACT,
    closest,
    did_you_mean,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._publishing.contract.values import (
    encode,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._publishing.ssm.checks import (
    prefix_problems,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._publishing.ssm.entries import (
    clean_prefix,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._publishing.ssm.published import (
    PublishedError,
    environments_with,
    read_set,
)
from ansible_collections.connectly.shared_infrastructure.plugins.plugin_utils._run_cache import RunCache

CACHE = RunCache("published-outputs")


class LookupModule(AWSLookupBase):
    contract = CONTRACT

    def run(self, terms, variables=None, **kwargs):
        super().run(terms, variables, **kwargs)
        self.set_option("region", self._rendered("region"))
        prefix = self._prefix()
        outputs, types = self._published(prefix)
        results = []
        for term in terms:
            if term == "*":
                self._warn_deprecated(outputs)
                results.append({name: self._value(name, outputs, types) for name in outputs})
            elif term in outputs:
                self._warn_deprecated([term])
                results.append(self._value(term, outputs, types))
            elif term in self.contract.outputs and self.get_option("default") is not None:
                results.append(self.get_option("default"))
            else:
                raise AnsibleLookupError(self._missing(str(term), prefix, outputs))
        return results

    def _rendered(self, option):
        """An option that comes from a variable arrives as it is written; an inventory's prefix is often a template."""
        value = self.get_option(option)
        return self._templar.template(value) if value and self._templar else value

    def _prefix(self):
        environment, prefix, root = (self._rendered(option) for option in ("environment", "prefix", "root"))
        if environment:
            prefix = f"{clean_prefix(root)}/{environment}"
        if not prefix:
            raise AnsibleLookupError(
                "connectly.shared_infrastructure.output needs to know where: give environment='dev' or "
                "prefix='/connectly-shared/dev'"
            )
        for problem in prefix_problems(prefix):
            raise AnsibleLookupError(problem.text())
        return clean_prefix(prefix)

    def _value(self, name, outputs, types):
        if is_masked(outputs[name]):
            raise AnsibleLookupError(f"output {name} under {self._prefix()} {DAMAGED}")
        return encode(types[name], outputs[name]) if self.get_option("text") else outputs[name]

    def _warn_deprecated(self, names):
        for name in names:
            output = self.contract.outputs.get(name)
            if output and output.deprecation:
                self.warn(output.deprecation)

    def _published(self, prefix):
        """(values, types) by output name, from this run's cache or from SSM."""
        require = str(self.get_option("require_manifest")).lower()
        if require not in ("auto", "true", "false"):
            raise AnsibleLookupError(f"require_manifest is {require!r}; allowed are auto, true and false")
        # Everything that decides what is read: one run may read several accounts, through several roles.
        connection = (
            "region",
            "endpoint_url",
            "profile",
            "assume_role_arn",
            "access_key",
            "secret_key",
            "session_token",
        )
        key = [prefix, require, *(str(self.get_option(name) or "") for name in connection)]
        found = CACHE.get(key) if self.get_option("cache") else None
        if found is None:
            try:
                published = read_set(self._ssm(), prefix, require, contract=self.contract)
            except PublishedError as error:
                raise AnsibleLookupError(str(error)) from error
            except AWS_ERRORS as error:
                self.fail_aws(f"Failed to read the outputs under {prefix}", exception=error)
            found = [published.outputs, published.types]
            if published.outputs:  # an empty set is most likely a mistake that the run goes on to mend
                CACHE.put(key, found)
        return found

    def _ssm(self):
        role = self.get_option("assume_role_arn")
        if not role:
            return self.client("ssm")
        credentials = self.client("sts").assume_role(
            RoleArn=role, RoleSessionName="connectly-shared-infrastructure-output"
        )["Credentials"]
        return self.client(
            "ssm",
            profile_name=None,
            aws_access_key_id=credentials["AccessKeyId"],
            aws_secret_access_key=credentials["SecretAccessKey"],
            aws_session_token=credentials["SessionToken"],
        )

    def _missing(self, name, prefix, outputs):
        """One line: what is missing, what is most like it, and who has it."""
        output = self.contract.outputs.get(name)
        if output is None:
            return f"{name} is no output of the contract; {did_you_mean(name, {*self.contract.outputs, *outputs})}"
        if not outputs:
            text = f"no outputs are published under {prefix}"
        else:
            match = closest(name, outputs)
            text = f"output {name} is not published under {prefix}" + (
                f"; the closest that is published is {match}" if match else ""
            )
        try:
            others = environments_with(self._ssm(), prefix, output.path)
        except AWS_ERRORS:
            return f"{text}; which environments have it cannot be read with these credentials"
        return (
            f"{text}; {name} is published under {', '.join(others)}"
            if others
            else f"{text}; no environment beside it has {name}"
        )
