#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# `make run`: boot the kernel, sweep the bundled driver with its planted bugs, then third-party modules as Debian ships them. Ends
# with status 0 when the verdicts are the expected ones. Without a kernel (no network, nothing cached) the bundled driver is swept in
# native mode.
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=tests/lib.sh
. "$root/tests/lib.sh"
bad=0
log=$(mktemp) || exit
trap 'rm -f "$log"' EXIT

heading() {
	printf '\n=== %s\n\n' "$*"
}

# $1: the status that is expected; the rest: a sweep.
sweep() {
	expected=$1
	shift
	"$KFAIL" sweep "$@"
	status=$?
	[ $status = "$expected" ] && return
	echo "run-demo: this sweep ended with status $status; expected was $expected: $*" >&2
	bad=$((bad + 1))
}

# The same in short: of each finding the headline and what is wrong, and of many only the first.
brief() {
	expected=$1
	shift
	"$KFAIL" sweep "$@" >"$log"
	status=$?
	awk -v most=4 '
		/^module:/ { summary = 1 }
		/^FINDING/ { n++ }
		summary || (n <= most && /^FINDING/) { print; next }
		/^    [a-z]+:/ { what = /^    what:/ }
		what && n <= most { print }
		/^$/ && n > 0 && n <= most { print }
		END { if (n > most) printf "(and %d more findings, in full: kfail sweep '"$*"')\n", n - most }' "$log"
	[ $status = "$expected" ] && return
	echo "run-demo: this sweep ended with status $status; expected was $expected: $*" >&2
	bad=$((bad + 1))
}

native() {
	heading "A driver with planted failure-path bugs, in native mode (no kernel image)"
	sweep 1 "$root/tests/drivers/demo.c"
	heading "Not shown: $1"
	[ $bad = 0 ]
	exit
}

(find_headers >/dev/null) || native "real drivers on the real kernel; for these, the packages of kernel $KERNEL must be reachable with apt-get or be in $KFAIL_CACHE"

heading "Kernel $KERNEL, booted in this process on kfail's allocators"
"$KFAIL" kernel boot "$KERNEL" || bad=$((bad + 1))

drivers=$("$root/tests/drivers/build.sh") || exit
heading "A driver with planted failure-path bugs: tests/drivers/demo.c"
sweep 1 "$drivers/demo.ko"

real=$("$root/tests/real/build.sh") || {
	heading "Not shown: third-party modules, since their packages cannot be fetched"
	[ $bad = 0 ]
	exit
}
# What is found in each is explained, line by line of its source, in tests/real/expected.
for line in vpoll:0 v4l2loopback:1 rapiddisk:1 dahdi:1 dahdi_echocan_jpah:0 dahdi_echocan_kb1:0 \
	dahdi_echocan_mg2:0 dahdi_echocan_sec:0 dahdi_echocan_sec2:0; do
	heading "${line%:*}.ko, unmodified, from Debian's packages"
	brief "${line#*:}" "$real/${line%:*}.ko"
done
heading "All sweeps done"
if [ $bad = 0 ]; then
	echo "Every verdict is the expected one. Real bugs were found in v4l2loopback, rapiddisk and dahdi;"
	echo "tests/real/expected names the source line of each."
else
	echo "$bad of the verdicts are not the expected ones."
fi
[ $bad = 0 ]
