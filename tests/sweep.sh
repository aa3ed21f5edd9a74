#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What a sweep runs, as the command line has it: modes, shards, budgets, assertions, interruption, and bugs planted on every
# unwind label. In native mode, without a kernel. Ends with "N passed, N failed".
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=tests/lib.sh
. "$root/tests/lib.sh"
passed=0 failed=0
work=$(mktemp -d) || exit
trap 'rm -rf "$work"' EXIT
cd "$work" || exit
# A place of its own: compiled drivers of processes that nobody sees here look as if they were left behind.
export KFAIL_STORE="$work/store.db" TMPDIR="$work"
# Beside the output, so that lines break at the same words wherever the sources are.
cp "$root/tests/drivers/demo.c" .
demo=demo.c

result() {
	if [ "$1" = 0 ]; then
		passed=$((passed + 1))
		echo "ok   $2"
	else
		failed=$((failed + 1))
		echo "FAIL $2"
		tail -n 5 out
	fi
}

# check NAME STATUS WORDS ARGUMENTS...: that exit status, and every line of WORDS in the output.
check() {
	name=$1 status=$2 words=$3
	shift 3
	timeout 120 "$KFAIL" sweep "$@" >out 2>&1
	[ $? = "$status" ] && missing= || missing=status
	echo "$words" >words
	while read -r line; do
		grep -qF -- "$line" out || missing="$missing '$line'"
	done <words
	[ -z "$missing" ]
	result $? "$name${missing:+ (missing: $missing)}"
}

check "every point" 1 "points:     18, injected 18" "$demo"
check "persistent" 1 "mode=persistent
(schedule 7+)" --mode=persistent "$demo"
check "two modes" 1 "mode=single,persistent
points:     18 in 36 runs" --mode=single,persistent "$demo"
check "pairs" 1 "mode=single,pairs
points:     18 in 20 runs" --mode=pairs "$demo"
check "error paths" 1 "depth=3
points:     18 in 19 runs" --depth 3 "$demo"
check "stacks" 1 "stacks=once
left out:" --stacks --stack-depth 1 "$demo"
check "a shallow sweep names its seed" 1 "shallow=4 seed=3
points:     4," --shallow 4 --seed 3 "$demo"
check "what was never refused, and why" 1 "never refused:
(points 6,10)
shallow" --verbose --shallow 4 --seed 3 "$demo"
check "a shard" 1 "shard 2/3
points:     6," --shard 2/3 "$demo"
check "points as expected" 1 "findings:   5" --expect-points init-exit=18 "$demo"
check "growth" 1 "init-exit: 18 points, 17 expected: growth" --expect-points 17 "$demo"

# Every finding of the whole is in one of the shards, and none is in two.
for shard in 1 2 3; do
	"$KFAIL" sweep --shard $shard/3 --json shard.$shard "$demo" >out 2>&1
done
"$KFAIL" sweep --json whole "$demo" >out 2>&1
# Only what is told once in each: schedules of findings, and how many more showed the same.
runs() {
	sed -n 's/^  "injected": \([0-9]*\),/\1/p' "$@" | paste -sd + | bc
}
[ "$(runs shard.1 shard.2 shard.3)" = "$(runs whole)" ]
result $? "shards make the runs of the whole"
kinds() {
	sed -n 's/^ *"kind": //p' "$@" | sort -u
}
[ "$(kinds shard.1 shard.2 shard.3)" = "$(kinds whole)" ]
result $? "shards find what the whole finds"

cat >clean.c <<'END'
#include <linux/module.h>
#include <linux/slab.h>
static int points = 10;
module_param(points, int, 0);
static int __init clean_init(void)
{
	int i;

	for (i = 0; i < points; i++) {
		void *p = kmalloc(64, GFP_KERNEL);

		if (!p)
			return -ENOMEM;
		kfree(p);
	}
	return 0;
}
static void __exit clean_exit(void)
{
}
module_init(clean_init);
module_exit(clean_exit);
MODULE_LICENSE("GPL");
END
check "growth alone is status 1" 1 "growth
verdict: findings" --expect-points 9 clean.c
check "as expected is status 0" 0 "verdict: clean" --expect-points 5-10 clean.c
check "many points: each stack once" 0 "points:     1,
left out:   5999 points" clean.c -- points=6000
check "many points in rows" 0 "points:     600, injected 600, absorbed 0, clean 600" \
	--fork-at-point=always clean.c -- points=600
check "a budget leaves the rest, and says so" 0 "not swept:
because the budget was used up
verdict: clean" --all --budget 1 --seed 5 --jobs 1 clean.c -- points=200000

# Its error paths take longer than anything that the baseline has shown: the budget ends a row, too, in its midst.
sed 's/^static int points.*/&\nstatic volatile unsigned long spun;/; s/return -ENOMEM;/{ while (++spun % 20000000) ; & }/' clean.c >slow.c
check "a budget ends a row of points" 0 "because the budget was used up
verdict: clean" --all --budget 1 --seed 5 --jobs 1 --fork-at-point=always slow.c -- points=20000
[ "$(sed -n 's/^points:.*, injected \([0-9]*\),.*/\1/p' out)" -lt 4096 ]
result $? "and a row is not gone through to its end"

# Operations have points of their own, in every mode; and the number of workers changes nothing.
same_for_all_jobs() {
	name=$1
	shift
	for jobs in 1 2 5; do
		timeout 120 "$KFAIL" sweep --no-store --jobs $jobs --json json "$@" >out 2>&1
		sed 's/"seconds".*//; s/"runs_per_second".*//' json >jobs.$jobs
	done
	[ -s jobs.1 ] && grep -q '"status": "findings"' jobs.1 && cmp jobs.1 jobs.2 && cmp jobs.1 jobs.5
	result $? "one worker, two and five: $name"
}
board=$root/tests/drivers/board.c program=$root/tests/scenarios/board.c
for options in --depth=3 --mode=pairs,persistent --shard=2/3 --shallow=6 --stacks --fork-at-point=always; do
	same_for_all_jobs "$options" $options --seed 5 "$demo"
done
for options in --depth=3 --mode=pairs,persistent --fork-at-point=always; do
	same_for_all_jobs "operations, $options" $options --scenario "$program" "$board" -- bug=ioctl
done
check "points of one operation" 1 "set_up: returned 0, 2 points
set_up: 2 points, 1 expected: growth" --scenario "$program" --expect-points open=3 --expect-points set_up=1 "$board"
check "an operation has to be named" 2 "--expect-points wants OPERATION=N" --scenario "$program" --expect-points 9 "$board"

# Interrupted: as a shell has it, and resumable.
timeout -s INT 2 "$KFAIL" sweep --all --jobs 1 clean.c -- points=200000 >out 2>&1
status=$?
[ $status = 124 ] && grep -q 'interrupted by signal 2' out && grep -q -- '--resume goes on' out
result $? "interrupted"
timeout --preserve-status -s INT 2 "$KFAIL" sweep --resume --all --jobs 1 clean.c -- points=200000 >out 2>&1
[ $? = 130 ]
result $? "interrupted again: status 128 + the signal"

"${KFAIL%/*}/tests/planted" "$root/tests/drivers/eleven.c" 10 3 >out 2>&1
result $? "a bug planted on each unwind label of a driver is found in every sweep"
echo "$passed passed, $failed failed"
[ $failed = 0 ]
