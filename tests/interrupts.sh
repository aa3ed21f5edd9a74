#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Interrupts at every point where they can come: what is found, how it is replayed, and what is said when nothing can come.
# The drivers' verdicts themselves are in tests/drivers/expected. Ends with "N passed, N failed".
#
#	tests/interrupts.sh DRIVERS
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=tests/lib.sh
. "$root/tests/lib.sh"
drivers=$1
passed=0 failed=0
work=$(mktemp -d) || exit
trap 'rm -rf "$work"' EXIT

sweep() {
	"$KFAIL" sweep --irq-everywhere "$@" >"$work/out" 2>"$work/err"
}

sweep "$drivers/irq_lock_bug.ko"
[ $? = 1 ] && grep -q '^FINDING [0-9]*  hang  (schedule irq=[0-9]*) .* confirmed$' "$work/out" &&
	grep -q 'interrupt: point [0-9]*  irq 5 "kfail_lock"  handle() is run' "$work/out" &&
	grep -q 'add_sample+.*irq_lock.c:37' "$work/out"
result $? "a finding says which interrupt came, and where"

replay=$(sed -n '/  hang  /,$s/^ *replay: kfail //p' "$work/out" | head -n 1)
# shellcheck disable=SC2086 # words
"$KFAIL" $replay >"$work/replayed" 2>&1
[ $? = 1 ] && grep -q 'spinlock taken while it is held' "$work/replayed"
result $? "its replay line shows it again"

for jobs in 1 2; do
	sweep --jobs $jobs --no-confirm "$drivers/irq_list_bug.ko"
	sed '/^speed:/d' "$work/out" >"$work/$jobs"
done
cmp "$work/1" "$work/2"
result $? "one worker and two find the same"

sweep "$drivers/leak_exit_ok.ko"
[ $? = 3 ] && grep -q 'no interrupt could come' "$work/out"
result $? "a driver without interrupts is not judged"

"$KFAIL" replay --schedule irq=999 "$drivers/irq_lock_ok.ko" >"$work/out" 2>"$work/err"
[ $? = 2 ] && grep -q 'no interrupt came; the run has [0-9]* interrupt points$' "$work/err"
result $? "replay of a point that there is not: status 2, and how many there are"
"$KFAIL" run --schedule irq=999 "$drivers/irq_lock_ok.ko" >"$work/out" 2>"$work/err"
[ $? = 2 ] && grep -q 'no interrupt came' "$work/err"
result $? "run of one, too"

"$KFAIL" run --irq-everywhere "$drivers/contexts.ko" >"$work/out" 2>"$work/err" && grep -q '^verdict: clean' "$work/out"
result $? "all interrupts in one run"
"$KFAIL" run --irq-everywhere "$drivers/irq_sleep_bug.ko" >"$work/out" 2>"$work/err"
[ $? = 1 ] && grep -q 'sleep-in-atomic  (schedule irq=every)' "$work/out"
result $? "all interrupts in one run find a handler that sleeps"

sweep --schedule 2 "$drivers/irq_early_bug.ko"
[ $? = 1 ] && grep -q 'null-dereference  (schedule 2,irq=1)' "$work/out"
result $? "interrupts of a run with a refusal"

sweep --shallow 2 --seed 1 "$drivers/irq_lock_ok.ko" && grep -q '^points: *2, injected 2' "$work/out"
result $? "--shallow takes some of the points"

# Everything that a result is kept for: interrupted, resumed, replayed by an id.
export KFAIL_STORE="$work/store.db"
sweep "$drivers/irq_late_bug.ko"
id=$(sed -n 's/^FINDING 1 .*  id \([0-9a-f]*\) .*/\1/p' "$work/out")
"$KFAIL" replay "$id" >"$work/out" 2>"$work/err"
[ $? = 1 ] && grep -q 'use-after-free  (schedule irq=' "$work/out"
result $? "replay by a finding's id"
"$KFAIL" report "$id" --json - >"$work/json" 2>/dev/null || "$KFAIL" report --json - >"$work/json" 2>/dev/null
grep -q '"interrupt": {' "$work/json" && grep -q '"handler": "handle"' "$work/json"
result $? "what is stored has the interrupt"
export KFAIL_STORE=

"$KFAIL" replay --schedule irq=7 --trace-depth 20 "$drivers/irq_lock_bug.ko" >"$work/out" 2>&1
grep -A1 'interrupt point 7: an interrupt comes' "$work/out" | grep -q ' handle() {$'
result $? "the way there goes through the interrupt"

# Sites that are not armed are as the kernel has them.
"$KFAIL" sweep "$drivers/irq_lock_bug.ko" >"$work/out" 2>&1 && grep -q '^baseline: *returned 0, 3 points$' "$work/out"
result $? "without the option no interrupt comes"
echo "$passed passed, $failed failed"
[ $failed = 0 ]
