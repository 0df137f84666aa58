#!/usr/bin/env bash
#
# The test network of a community on this machine, as plain processes: for trying things apart from `npm start`.
#
# Usage: network.sh up|down|status|deploy|logs|peer-env|add-household|remove-household|renew|renew-seat|set-powers [--home DIR] [--community FILE]
#
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
readonly here
root="$(dirname "$here")"
readonly root

# The gateway client needs it.
readonly oldest_node=22

main() {
  local node
  node="$(find_node)"
  [[ -f "$root/network/dist/topology/command.js" ]] || die "not built yet; run in $root: npm ci && npm run build"
  exec "$node" "$root/network/dist/topology/command.js" "$@"
}

# The one that npm installed, whatever the machine has.
find_node() {
  local node="$root/node_modules/.bin/node" version
  [[ -x "$node" ]] || node="$(command -v node)" || die "node is missing; run in $root: npm ci"
  version="$("$node" --version)" || die "$node does not run"
  version="${version#v}"
  ((${version%%.*} >= oldest_node)) || die "$node is $version, and at least $oldest_node is needed; run in $root: npm ci"
  printf '%s\n' "$node"
}

die() {
  printf 'network.sh: %s\n' "$1" >&2
  exit 1
}

main "$@"
