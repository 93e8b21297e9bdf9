#!/usr/bin/env bash
# The old name and flags of the generator for consumer projects; playbooks/new_project.yml does the work.
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: create-project-infrastructure.sh --project NAME --team NAME --org NAME --environments "dev,prod" [options]

Writes NAME-infrastructure/ into the current folder. Files that somebody changed are never overwritten.

  --project NAME         2 to 32 lowercase letters, digits and single hyphens
  --team NAME            the team that owns the project
  --org NAME             connectly or wealist
  --environments LIST    separated by commas
  --destination FOLDER   write NAME-infrastructure/ there
  --data-source SOURCE   remote_state (default) or ssm
  --check                only show what would be written, with differences
  --help                 this text
TEXT
}

die() {
  echo "ERROR: $*" >&2
  exit 2
}

# A text as a JSON string, so that Ansible takes every character of it as it is.
json() {
  local text=${1//\\/\\\\}
  text=${text//\"/\\\"}
  [[ $text != *[[:cntrl:]]* ]] || die "$1 holds a control character"
  printf '"%s"' "$text"
}

here=$(cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")" && pwd)
arguments=()
given=" "
while (($#)); do
  flag=${1%%=*}
  case $flag in
    --project | --team | --org | --environments | --destination | --data-source)
      if [[ $1 == *=* ]]; then
        value=${1#*=}
        shift
      else
        (($# > 1)) || die "$flag needs a value"
        value=$2
        shift 2
      fi
      name=${flag#--}
      arguments+=(--extra-vars "{\"${name//-/_}\": $(json "$value")}")
      given+="$flag "
      ;;
    --check)
      arguments+=(--check --diff)
      shift
      ;;
    -h | --help)
      usage
      exit 0
      ;;
    *) die "$1 is no flag of this script; --help lists them" ;;
  esac
done
for flag in --project --team --org --environments; do
  [[ $given == *" $flag "* ]] || die "$flag is missing; --help shows an example"
done

ansible_playbook=$here/.venv/bin/ansible-playbook
[[ -x $ansible_playbook ]] || ansible_playbook=$(command -v ansible-playbook) || die "there is no ansible-playbook: run 'make venv' in $here, or install ansible-core"

# Ansible finds a collection only in such a tree, and it must be the one that this script belongs to.
tree=$(mktemp -d)
trap 'rm -rf -- "$tree"' EXIT
mkdir -p "$tree/ansible_collections/connectly"
ln -s "$here" "$tree/ansible_collections/connectly/shared_infrastructure"

ANSIBLE_COLLECTIONS_PATH=$tree ANSIBLE_CONFIG=$here/ansible.cfg \
  "$ansible_playbook" connectly.shared_infrastructure.new_project --inventory localhost, "${arguments[@]}"
