#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Calls as points, at the command line: what is listed, what a report says of a refused call, what stands on the replay
# line, and that nothing changes where no call is a point. Ends with "N passed, N failed".
#
#	tests/calls.sh DRIVERS		the directory with the built drivers of tests/drivers
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=tests/lib.sh
. "$root/tests/lib.sh"
drivers=$1
passed=0 failed=0
work=$(mktemp -d) || exit
trap 'rm -rf "$work"' EXIT

# says NAME PATTERN FILE: a line of FILE matches.
says() {
	grep -Eq -- "$2" "$3"
	result $? "$1"
}

"$KFAIL" symbols --points "$drivers/call_irq_bug.ko" >"$work/list"
says "symbols --points: name, group, values, name in the source" \
	'^request_threaded_irq +irq +-EBUSY, -ENOMEM, -EINVAL +\(request_irq\)$' "$work/list"
says "symbols --points counts" '^call_irq_bug: [0-9]+ imports, 1 of them' "$work/list"
! grep -q '^kfree' "$work/list"
result $? "symbols --points names only points"
"$KFAIL" symbols --points --verbose "$drivers/call_irq_bug.ko" >"$work/list"
says "symbols --points --verbose names the others" '^kfree +-$' "$work/list"

"$KFAIL" sweep --fail request_irq=-EIO --points=request_irq --json "$work/json" \
	"$drivers/call_irq_bug.ko" >"$work/report" 2>&1
[ $? = 1 ]
result $? "a refused request_irq() shows the leak"
says "the report says what was refused" 'request #1  request_threaded_irq\(\) returns -EIO$' "$work/report"
says "the stack begins with the call" '^ +request_threaded_irq\+0x[0-9a-f]+/0x' "$work/report"
says "the replay line has the options" 'replay: kfail replay --schedule 1 .*--fail request_irq=-EIO' "$work/report"
says "JSON: what it returns" '"returns": "-EIO"' "$work/json"
says "JSON: its name" '"api": "request_threaded_irq"' "$work/json"

"$KFAIL" replay --schedule 1 --points=calls --verbose "$drivers/call_irq_bug.ko" >"$work/replay" 2>&1
says "a refusal in the kernel's words" '^name fail_function, interval 1' "$work/replay"
"$KFAIL" replay --schedule 1 --points=calls --verbose "$drivers/call_usercopy_bug.ko" >"$work/replay" 2>&1
says "user memory has a capability of its own" '^name fail_usercopy, interval 1' "$work/replay"

# points NAME WANTED OPTIONS...: how many points the baseline has.
points() {
	name=$1 wanted=$2
	shift 2
	"$KFAIL" run "$@" "$drivers/call_irq_ok.ko" >"$work/points" 2>&1
	says "$name" "^baseline: +returned 0, $wanted point" "$work/points"
}
"$KFAIL" run "$drivers/call_irq_ok.ko" >"$work/points" 2>&1
allocations=$(sed -n 's/^baseline: *returned 0, \([0-9]*\) point.*/\1/p' "$work/points")
points "--points=alloc is the default" "$allocations" --points=alloc
points "calls alone" 1 --points=calls
points "all are both" $((allocations + 1)) --points=all
points "a call beside the allocations" $((allocations + 1)) --fail request_irq
points "a group that the driver does not use" 0 --points=usb

# User memory from a program's call to the driver's copy: MODULE OPTIONS..., with the kernel and without.
program=$root/tests/scenarios/copies.c
user_memory() {
	world=$1 copies=$2
	"$KFAIL" sweep --points=usercopy --scenario "$program" "$copies" >"$work/report" 2>&1
	result $? "$world: a driver that looks at each copy is clean"
	says "$world: a copy that a function ends in is a point" ' read: returned 7, 1 point, injected 1, ' "$work/report"
	says "$world: both copies of an ioctl are" ' square_it: returned 0, 2 points, injected 2, ' "$work/report"
	"$KFAIL" sweep --points=usercopy --scope=direct --scenario "$program" "$copies" >"$work/report" 2>&1
	says "$world: all of them are the driver's own" '^points: +4, injected 4, ' "$work/report"
	"$KFAIL" run --points=usercopy --fail-usercopy=1,100,0,-1 --scenario "$program" "$copies" >"$work/report" 2>&1
	says "$world: fail_usercopy refuses the first of each operation" '^points: +7, injected 3, ' "$work/report"
	"$KFAIL" run --points=usercopy --fail-usercopy=2,100,0,-1 --scenario "$program" "$copies" -- bug=leak >"$work/report" 2>&1
	says "$world: its interval counts copies, and the bug behind the second is found" \
		'^FINDING 1  leak  .schedule 2.  operation square_it ' "$work/report"
}
user_memory kernel "$drivers/copies.ko"
user_memory native "$root/tests/drivers/copies.c"

# What a driver tells the user of copies and requests that failed: MODULE, with the kernel and without.
found() {
	sed -n 's/^FINDING [0-9]*  \([a-z-]*\)  (schedule \([0-9+]*\))  operation \([a-z_]*\) .*/\1 \3 \2/p' "$1" | paste -sd ';'
}
told() {
	world=$1 driver=$2
	# BUG FINDINGS WORDS...
	while read -r bug want words; do
		"$KFAIL" sweep --points=all --no-confirm --scenario "$root/tests/scenarios/told.c" "$driver" -- bug="$bug" >"$work/report" 2>&1
		[ "$(found "$work/report")" = "$(echo "$want" | tr _, ' ;')" ] &&
			{ [ -z "$words" ] || tr -s '\n ' ' ' <"$work/report" | grep -qF "$words"; }
		good=$?
		[ $good = 0 ] || grep -A 12 '^FINDING' "$work/report"
		result $good "$world: what the user is told, with the bug \"$bug\""
	done <<END
none
get wrong-return_get_1 ioctl() of operation get returned 0, although copy_to_user() of 16 bytes had failed (request 1)
set wrong-return_set_1 ioctl() of operation set returned 0, although copy_from_user() of 8 bytes had failed (request 1)
start wrong-return_start_2 ioctl() of operation start returned 0, but it had given everything back that it had allocated: request 2
count wrong-return_read_1,wrong-return_read_2 read() of operation read returned 16, although copy_to_user() of 8 bytes had failed (request 2)
end wrong-return_read_1 read() of operation read returned 0, although copy_to_user() of 8 bytes had failed (request 1)
END
}
told kernel "$drivers/told.ko"
told native "$root/tests/drivers/told.c"

for jobs in 1 2; do
	"$KFAIL" sweep --points=all --jobs $jobs --json "$work/$jobs.json" "$drivers/clean.ko" >/dev/null 2>&1
	sed 's/"seconds".*//; s/"runs_per_second": [0-9.e+]*//' "$work/$jobs.json" >"$work/$jobs"
done
[ -s "$work/1" ] && cmp "$work/1" "$work/2"
result $? "one worker and two give the same"
echo "$passed passed, $failed failed"
[ $failed = 0 ]
