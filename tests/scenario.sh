#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Scenarios on whole drivers: a driver that has one bug of many (tests/drivers/board.c) with a program that uses it
# (tests/scenarios/), the programs that are wrong themselves, KUnit suites, and programs for real modules. Ends with
# "N passed, N failed".
#
#	tests/scenario.sh kernel|native
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=tests/lib.sh
. "$root/tests/lib.sh"
mode=$1
passed=0 failed=0
work=$(mktemp -d) || exit
trap 'rm -rf "$work"' EXIT
cd "$root" || exit
# Where nobody else looks for what processes left behind.
export TMPDIR="$work"

case $mode in
kernel) board=$KFAIL_CACHE/drivers/$KERNEL/board.ko ;;
native) board=$root/tests/drivers/board.c ;;
*) fail "kernel or native?" 2 ;;
esac
program=$root/tests/scenarios/board.c

# sweep ARGUMENTS...: what it says goes to $work/out and $work/err.
sweep() {
	timeout 120 "$KFAIL" sweep --no-store "$@" >"$work/out" 2>"$work/err"
}

# "leak open 2": kind, operation and schedule of each finding, in order, each once.
found() {
	sed -nE 's/^FINDING [0-9]+  ([a-z-]+)  \((schedule ([^)]*)|needs no refusal)\)  operation ([a-z_]+).*/\1 \4 \3/p' "$work/out" |
		sed 's/ $//' | sort -u | paste -sd ';'
}

# expect NAME STATUS FINDINGS ARGUMENTS...
expect() {
	name=$1 want_status=$2 want=$3
	shift 3
	sweep "$@"
	status=$?
	is=$(found)
	[ "$status" = "$want_status" ] && [ "$is" = "$want" ]
	good=$?
	[ $good = 0 ] || echo "     status $status, found \"$is\" and not \"$want\": $(tail -n 1 "$work/err")"
	result $good "$name"
}

# bug NAME FINDINGS: the driver with one bug.
bug() {
	expect "board with bug \"$1\"" 1 "$2" "$board" --scenario "$program" -- bug="$1"
}

expect "board without a bug" 0 "" "$board" --scenario "$program"
bug open "leak open 2"
bug ioctl "leak set_up 2"
bug release "leak init"
bug second "leak init"
bug lock "lock-imbalance set_up 1;lock-imbalance set_up 2"
bug preempt "lock-imbalance set_up 1;lock-imbalance set_up 2;lock-imbalance set_up_again 1;lock-imbalance set_up_again 2"
bug errno "check set_up 1;check set_up 2;wrong-return set_up 1;wrong-return set_up 2;wrong-return set_up_again 1;wrong-return set_up_again 2"
bug wild "wrong-return set_up 1;wrong-return set_up 2;wrong-return set_up_again 1;wrong-return set_up_again 2"
bug code "wrong-return set_up 1;wrong-return set_up 2"
bug stuck "retry-failed set_up 1;retry-failed set_up 2;retry-failed set_up_again 1;retry-failed set_up_again 2"
bug lost "leak set_up 2"
bug null "null-dereference set_up 2"
bug hang "hang set_up 1"
bug partial "check set_up 1;check set_up 2"
[ "$mode" = native ] || bug ref "resource-leak set_up 2"

# The same with one operation, as a whole, on one worker and on two, and in a replay.
expect "one operation" 1 "leak set_up 2" "$board" --scenario "$program" --operation set_up -- bug=ioctl
expect "another operation" 0 "" "$board" --scenario "$program" --operation write -- bug=ioctl
sweep "$board" --scenario "$program" --whole -- bug=ioctl
[ $? = 1 ] && grep -q "^FINDING 1  leak" "$work/out" && ! grep -q "^FINDING 2" "$work/out"
result $? "as a whole"
sweep --jobs 1 "$board" --scenario "$program" -- bug=lost
grep -v '^speed' "$work/out" >"$work/one"
sweep --jobs 2 "$board" --scenario "$program" -- bug=lost
grep -v '^speed' "$work/out" | cmp -s - "$work/one"
result $? "one worker and two say the same"
for operations in "" --whole; do
	# shellcheck disable=SC2086 # an option or none
	sweep --fork-at-point=never $operations "$board" --scenario "$program" -- bug=lost
	grep -v '^speed' "$work/out" >"$work/one"
	# shellcheck disable=SC2086
	sweep --fork-at-point=always $operations "$board" --scenario "$program" -- bug=lost
	grep -v '^speed' "$work/out" | cmp -s - "$work/one" && [ -s "$work/one" ]
	result $? "forked at the point ${operations:-by operation}, it is the same"
done
sweep "$board" --scenario "$program" -- bug=lost
line=$(sed -n 's/^    replay: kfail //p' "$work/out" | head -n 1)
# shellcheck disable=SC2086 # words of a command line
timeout 60 "$KFAIL" $line >"$work/replay" 2>/dev/null
[ $? = 1 ] && grep -q '^FINDING 1  leak  (schedule 2)  operation set_up' "$work/replay"
result $? "the replay line shows it again"

# by_chance NAME WANTED ARGUMENTS...: what kfail run finds in all operations, "KIND OPERATION".
by_chance() {
	name=$1 want=$2
	shift 2
	timeout 120 "$KFAIL" run --no-store "$@" "$board" --scenario "$program" -- bug=lost >"$work/out" 2>&1
	[ $? = 1 ] && [ "$(found | sed 's/ [0-9,x]*$//')" = "$want" ]
	good=$?
	[ $good = 0 ] || echo "     found \"$(found)\": $(tail -n 1 "$work/out")"
	result $good "$name"
}

# Chance and budgets hold in each operation, not in init alone.
by_chance "chance comes to every operation" "leak set_up" --schedule random=50 --runs 20
by_chance "and so do fault attributes" "leak set_up" --failslab=1,50,0,-1 --runs 20
timeout 60 "$KFAIL" run --schedule 2 "$board" --scenario "$program" >"$work/out" 2>&1
[ $? = 2 ] && grep -q 'wants --operation' "$work/out"
result $? "the number of a point is one operation's"
timeout 60 "$KFAIL" run --schedule random=50 --trace="$work/trace" "$board" --scenario "$program" >"$work/out" 2>&1
[ $? = 2 ] && grep -q 'a trace is of one run.*--operation' "$work/out"
result $? "and a trace is one operation's"

# An operation that matters to none of the finding is spared; the line that is printed shows it with the rest.
export KFAIL_STORE="$work/store.db"
cp "$program" "$work/use.c"
sed -i "s|\.\./drivers/board.h|$root/tests/drivers/board.h|" "$work/use.c"
timeout 120 "$KFAIL" sweep "$board" --scenario "$work/use.c" -- bug=ioctl >"$work/out" 2>&1
id=$(sed -n 's/^FINDING 1 .*id \([0-9a-f]*\).*/\1/p' "$work/out")
timeout 120 "$KFAIL" minimise "$id" >"$work/out" 2>&1 &&
	grep -q '^smallest schedule: 2 ' "$work/out" &&
	grep -q -- '--operation set_up --without set_up_again,write,read,errors,close ' "$work/out"
result $? "minimise leaves out the operations that can be spared"
line=$(sed -n 's/^replay: kfail //p' "$work/out")
# shellcheck disable=SC2086 # words of a command line
timeout 60 "$KFAIL" $line >"$work/replay" 2>/dev/null
[ $? = 1 ] && grep -q '^FINDING 1  leak  (schedule 2)  operation set_up' "$work/replay"
result $? "and its replay line shows it without them"
echo '/* changed */' >>"$work/use.c"
timeout 60 "$KFAIL" replay "$id" >/dev/null 2>"$work/err"
[ $? = 1 ] && grep -q "use.c has changed since finding $id" "$work/err"
result $? "a scenario that has changed since is told"

# A sweep that was interrupted goes on only with the scenario that it began with.
timeout --preserve-status -s INT 3 "$KFAIL" sweep --repeat 100000 --jobs 1 "$board" --scenario "$work/use.c" >/dev/null 2>&1
[ $? = 130 ]
result $? "interrupted"
echo '/* changed again */' >>"$work/use.c"
timeout 60 "$KFAIL" sweep --resume --repeat 100000 --jobs 1 "$board" --scenario "$work/use.c" >/dev/null 2>"$work/err"
[ $? = 2 ] && grep -q 'has no interrupted sweep of board with these options' "$work/err"
result $? "--resume with a scenario that has changed finds nothing"
export KFAIL_STORE=
expect "operations that are left out" 0 "" "$board" --scenario "$program" --without set_up_again,read -- bug=none
grep -q '^operations: 7$' "$work/out" && ! grep -q '^ *read: ' "$work/out"
result $? "they do not take place"
for wrong in nosuch init exit ","; do
	sweep "$board" --scenario "$program" --without $wrong
	[ $? = 2 ] && grep -q '^kfail: --without' "$work/err"
	result $? "--without $wrong: one sentence"
done
sweep "$board" --scenario "$program" --operation open --without open
[ $? = 2 ] && grep -q 'open is the operation that is swept' "$work/err"
result $? "what is swept is not left out"

# real NAME FINDINGS MODULES...: the program for a real module; FINDINGS are kinds and operations, without schedules.
real() {
	name=$1 want=$2
	shift 2
	sweep "$@" --scenario "$root/tests/real/scenarios/$name.c"
	is=$(found | tr ';' '\n' | cut -d ' ' -f 1,2 | sort -u | paste -sd ';')
	[ "$is" = "$want" ] && grep -q '^verdict: ' "$work/out" && ! grep -q '^not judged:' "$work/out"
	good=$?
	[ $good = 0 ] || echo "     found \"$is\" and not \"$want\": $(tail -n 1 "$work/err")"
	result $good "program for $name"
}

# What is found in init is what a sweep without a program finds, and is explained in tests/real/expected. Beyond it:
# dahdi-base.c:3239: dahdi_open() of /dev/dahdi/pseudo loses the channel when its buffers cannot be had (close_channel()
# frees only what is in the list of channels); and init goes on without device nodes that cannot be made
# (fixed_devfiles_create(), dahdi-sysfs-chan.c:409), so that nobody can open them. In monitor it dies without any refusal: who listens
# to a pseudo channel follows its span, which it has not (dahdi-base.c:1530).
real_programs() {
	real=$KFAIL_CACHE/real/$KERNEL
	kernel=$(find -L "$KFAIL_CACHE/kernel/$KERNEL/lib/modules/$KERNEL" /lib/modules/"$KERNEL" -maxdepth 1 -name kernel 2>/dev/null |
		head -n 1)
	if [ -f "$real/dahdi.ko" ]; then
		real vpoll "" "$real/vpoll.ko"
		real v4l2loopback "null-dereference init;use-after-free init" "$real/v4l2loopback.ko"
		real dahdi "leak pseudo;null-dereference init;resource-leak init;retry-failed init;warning init" \
			"$real/dahdi.ko" --without monitor
	fi
	[ -n "$kernel" ] || return
	real can "" "$kernel/drivers/net/can/vcan.ko" "$kernel/net/can/can-raw.ko"
	real binfmt_misc "" "$kernel/fs/binfmt_misc.ko"
}

# The kernel's own suites, where `make test-kernel` has built them.
suites() {
	live=${board%/*}/suite_live.ko
	expect "KUnit: suites that run when the module is live" 0 "" "$live"
	grep -q '^ *suite: returned 0, 2 points' "$work/out"
	result $? "KUnit: they are an operation"
	expect "KUnit: a leak in one of them" 1 "leak suite 2" "$live" -- bug=leak
	expect "KUnit: a case that fails" 1 "check init" "$live" -- bug=case
	tree=$KFAIL_CACHE/ktest/$KERNEL/tree
	[ -f "$tree/kunit.ko" ] || return
	expect "KUnit: a suite that passes" 0 "" "$tree/kunit.ko" "$tree/lib/list-test.ko" --scenario kunit
	expect "KUnit: suites that skip" 0 "" "$tree/kunit.ko" "$tree/lib/kunit/kunit-example-test.ko" --scenario kunit
}

# A program that is wrong itself accuses nobody.
expect_why() {
	name=$1 words=$2
	shift 2
	sweep "$@"
	[ $? = 3 ] && [ -z "$(found)" ] && tr -s '\n ' ' ' <"$work/out" | grep -q "$words"
	good=$?
	[ $good = 0 ] || tail -n 20 "$work/out" "$work/err"
	result $good "$name"
}
for wrong in crash stack loop abort skip setup failing; do
	case $wrong in
	crash) words="the scenario crashed (a bad pointer) in check of wrong: [a-z_]*() at" ;;
	stack) words="its stack is used up" ;;
	loop) words="its program loops" ;;
	abort) words="calls abort()" ;;
	skip) words="there is no such hardware" ;;
	setup) words="setup of wrong returned -ENXIO" ;;
	failing) words="wrong returned -5 (-EIO) without any refusal" ;;
	esac
	cc -shared -fPIC -g -D_GNU_SOURCE -DWRONG_"$(echo "$wrong" | tr "[:lower:]" "[:upper:]")" -Iharness/program/include \
		-o "$work/$wrong.so" tests/scenarios/wrong.c || exit
	expect_why "a program that is wrong: $wrong" "$words" --timeout 300 "$board" --scenario "$work/$wrong.so"
done

# The process has an mm; what wants its pages is not judged, and by no way the driver's fault.
user_memory() {
	driver=${board%/*}/user_memory.ko
	expect "an mm of the process" 0 "" "$driver" --scenario "$root/tests/scenarios/user_memory.c"
	expect "a bug beside an mm" 1 "leak work 2" "$driver" --scenario "$root/tests/scenarios/user_memory.c" -- bug=1
	for way in PIN PIN_FAST REMOTE AREA; do
		cc -shared -fPIC -g -D_GNU_SOURCE -DWAY=MEMORY_$way -Iharness/program/include \
			-o "$work/way.so" tests/scenarios/user_memory.c || exit
		expect_why "a program's pages, by $way" "needs a real MMU" "$driver" --scenario "$work/way.so"
	done
}

if [ "$mode" = kernel ]; then
	expect "files, directories, sockets, pipes, epoll, time" 0 "" "$board" --scenario "$root/tests/scenarios/calls.c"
	expect_why "mapped memory is not judged" "needs a real MMU" "$board" --scenario "$root/tests/scenarios/mmap.c"
	user_memory
	expect "a name that was looked up in proc" 0 "" "${board%/*}/left_proc_ok.ko" --scenario "$root/tests/scenarios/names.c"
	expect "and a leftover beside it" 1 "resource-leak init 2" "${board%/*}/left_proc_bug.ko" --scenario "$root/tests/scenarios/names.c"
	expect "a name that was looked up in sysfs" 0 "" "${board%/*}/left_sysfs_ok.ko" --scenario "$root/tests/scenarios/names.c"
	expect "and a leftover beside it" 1 "resource-leak init 5" "${board%/*}/left_sysfs_bug.ko" --scenario "$root/tests/scenarios/names.c"
	real_programs
	suites
else
	cc -shared -fPIC -D_GNU_SOURCE -DWRONG_CALL -Iharness/program/include -o "$work/call.so" \
		tests/scenarios/wrong.c || exit
	expect_why "a call that native mode does not have" \
		"makes the system call socket(), which this world does not have" "$board" --scenario "$work/call.so"
fi
echo "$passed passed, $failed failed"
[ $failed = 0 ]
