#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The line under a finding shows it again: sweeps (and gates) with each option that changes what is judged, and the replay
# line of every finding of theirs run as printed. Ends with "N passed, N failed".
#
#	tests/replay.sh kernel|native
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=tests/lib.sh
. "$root/tests/lib.sh"
mode=$1
passed=0 failed=0
work=$(mktemp -d) || exit
trap 'rm -rf "$work"' EXIT
KFAIL_CFLAGS=-DBUGGY=1 && export KFAIL_CFLAGS

# Each finding's id, kind and replay line, one finding a line.
findings() {
	awk '/^FINDING/ {
			kind = $3
			for (i = 4; i < NF; i++)
				if ($i == "id")
					id = $(i + 1)
		}
		/^    replay: kfail / { sub(/^    replay: kfail /, ""); print id, kind, $0 }' "$1"
}

# told STATUS TEXT: the check's result, behind what kfail said when it failed.
told() {
	[ "$1" = 0 ] || tail -n 20 "$work/out"
	result "$1" "$2"
}

# again NAME COMMAND OPTION...: the driver NAME has findings, and each is seen when its line is run. $params: for the module.
params=
again() {
	name=$1 driver=$root/tests/drivers/$1.c
	shift
	if [ "$mode" = kernel ]; then
		driver=$KFAIL_CACHE/drivers/$KERNEL/${name}_bug.ko
		[ -f "$driver" ] || driver=$KFAIL_CACHE/drivers/$KERNEL/$name.ko
	fi
	# shellcheck disable=SC2086 # words
	timeout 120 "$KFAIL" "$@" "$driver" $params >"$work/out" 2>&1
	status=$?
	findings "$work/out" >"$work/findings"
	[ $status = 1 ] && [ -s "$work/findings" ]
	told $? "$name: $* has findings with a line that replays them"
	while read -r id kind line; do
		eval "timeout 120 \"\$KFAIL\" $line" >"$work/out" 2>&1 </dev/null
		status=$?
		[ $status = 1 ] && grep -q "^FINDING .* id $id" "$work/out"
		told $? "$name: $kind: kfail ${line%"$driver"}"
	done <"$work/findings"
}

# What both modes have.
again leak_kmalloc sweep
again leak_exit leaks
again sleep_kmalloc sweep
again order_error sweep
again order_runs sweep
timeout 120 "$KFAIL" sweep --store "$work/store" "$driver" >"$work/out" 2>&1
id=$(findings "$work/out" | sed 's/ .*//;q')
timeout 120 "$KFAIL" replay --store "$work/store" "$id" >"$work/out" 2>&1
[ $? = 2 ] && grep -q 'what several runs show together' "$work/out"
told $? "by its id alone one run does not show it: status 2, and why"
again lock_freed sweep
again active_timer sweep --no-confirm
again guard_read sweep --guard
again guard_read_left sweep --guard --guard-edge=left
again guard_read_freed sweep --guard=2 --guard-seed=2
params='-- bug=init'
again lost leaks --scan-every 1
again lost leaks --kmemleak=stack=off,scan
params=
if [ "$mode" = kernel ]; then
	again order_two sweep
	again order_two run
	again order_timer leaks
	again irq_lock sweep --irq-everywhere
	again irq_late sweep --irq-everywhere --guard
	again irq_timer run --irq-everywhere
	again call_irq sweep --points=calls
	params='-- bug=1'
	again user_pointer sweep --scenario "$root/tests/scenarios/user_pointer.c"
	again user_pointer sweep --guard --hide-user --scenario "$root/tests/scenarios/user_pointer.c"
fi

echo "$passed passed, $failed failed"
[ $failed = 0 ]
