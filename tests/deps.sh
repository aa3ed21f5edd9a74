#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Install those of the packages named that are missing. Says nothing when none is.
set -u

command -v dpkg-query >/dev/null || {
	echo "deps: this is not Debian; what is needed here has these names there: $*" >&2
	exit 0
}
missing=
for package in "$@"; do
	state=$(dpkg-query -W -f='${db:Status-Status} ' "$package" 2>/dev/null)
	case $state in
	*"installed "*) [ "${state#*not-installed}" = "$state" ] && continue ;;
	esac
	missing="$missing $package"
done
[ -n "$missing" ] || exit 0

echo "deps: installing$missing" >&2
as_root=
[ "$(id -u)" = 0 ] || as_root="sudo -n"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# shellcheck disable=SC2086 # lists of words
install_missing() {
	DEBIAN_FRONTEND=noninteractive $as_root apt-get -qy install --no-install-recommends $missing
}
install_missing >"$log" 2>&1 && exit 0
{ $as_root apt-get -q update && install_missing; } >"$log" 2>&1 && exit 0
why=$(grep -m 1 '^E:' "$log" || tail -n 1 "$log")
echo "deps: cannot install$missing: $why. As root: apt-get install$missing" >&2
exit 1
