#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Injection through whole runs: the demonstration driver (one bug on each of several error paths), in a kernel or without
# one. What is a point, what chance does, what reports say of it, and that a finding's replay line shows it again. Ends with
# "N passed, N failed".
#
#	tests/inject.sh kernel|native
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=tests/lib.sh
. "$root/tests/lib.sh"
mode=$1
passed=0 failed=0
work=$(mktemp -d) || exit
trap 'rm -rf "$work"' EXIT
# What is compiled and kept on the way is nobody else's business.
export TMPDIR="$work" KFAIL_STORE=

case $mode in
kernel) demo=$KFAIL_CACHE/drivers/$KERNEL/demo.ko ;;
native) demo=$root/tests/drivers/demo.c ;;
*) fail "kernel or native?" 2 ;;
esac

# Run kfail; its output is in $work/out, its errors in $work/err, its status in $status.
kfail() {
	timeout 120 "$KFAIL" "$@" >"$work/out" 2>"$work/err"
	status=$?
}

says() {
	grep -qF -- "$1" "$work/out"
}

# The points of the baseline.
points() {
	sed -nE 's/^baseline:.* ([0-9]+) points?$/\1/p' "$work/out"
}

# The schedules of all findings, on a line.
schedules() {
	sed -nE 's/^FINDING .*\(schedule ([^)]*)\).*/\1/p' "$work/out" | paste -sd ' '
}

# ---- the policy ----

kfail sweep "$demo"
all=$(points)
[ "$status" = 1 ] && [ "$(head -n 1 "$work/out")" = "policy:     each request on behalf of demo is refused once; never __GFP_NOFAIL" ]
result $? "the policy heads a report"
found=$(schedules)
kfail sweep --json "$work/json" --scope any --skip kind=call "$demo"
grep -q '"policy": "each request of anybody is refused once; never __GFP_NOFAIL\\nnot kind=call"' "$work/json"
result $? "and stands in JSON"
kfail leaks "$demo"
[ "$status" = 0 ] && [ "$(head -n 1 "$work/out")" = "policy:     nothing is refused" ]
result $? "leaks refuses nothing, and says so"

# ---- scopes and filters ----

kfail sweep --scope any "$demo"
[ "$(points)" -ge "$all" ] && [ "$status" = 1 ]
result $? "scope any has at least the points of scope module"
kfail sweep --scope direct "$demo"
if [ "$mode" = kernel ]; then [ "$(points)" -lt "$all" ]; else [ "$(points)" -le "$all" ]; fi
result $? "scope direct leaves out what other functions of the kernel ask for"
kfail sweep --only size=256 "$demo"
[ "$status" = 1 ] && [ "$(points)" = 2 ] && says "only size=256" && says "2 points"
result $? "--only size="
kfail sweep --skip size=256 "$demo"
[ "$(points)" = $((all - 2)) ]
result $? "--skip is the rest"
kfail sweep --only cache=demo_request "$demo"
[ "$(points)" = 2 ] && says null-dereference
result $? "--only cache="
kfail sweep --only gfp=GFP_ATOMIC "$demo"
[ "$(points)" = 1 ] && says sleep-in-atomic
result $? "--only gfp="
kfail sweep --only function=add_slot "$demo"
inlined=$(points)
kfail sweep --only site=demo.c:71 --only file=demo.c "$demo"
[ "$inlined" = 8 ] && [ "$(points)" = 2 ]
result $? "a function that is inlined, and a line"
kfail sweep --only function=demo_init --skip site=demo.c:71 --skip site=demo.c:74 "$demo"
[ "$(points)" = $((all - 4)) ]
result $? "--only and --skip together"
kfail sweep --only cache=nobody "$demo"
[ "$status" = 3 ] && [ "$(points)" = 0 ] && says "nothing was refused"
result $? "a filter that lets nothing pass: not judged"

# A replay line has what decides about points.
kfail sweep --only function=add_slot "$demo"
line=$(sed -n 's/^ *replay: kfail //p' "$work/out" | head -n 1)
eval "kfail $line"
[ "$status" = 1 ] && says leak && says "only function=add_slot"
result $? "a replay line with a filter shows the finding again"

# ---- benign sites ----

cat >"$work/benign" <<END
# The slots' table may be short.
demo.c:74       a smaller table is a slower table
nobody+0x10     gone since 2.0
demo_exit       never asks
END
kfail sweep --json "$work/json" --benign "$work/benign" "$demo"
[ "$(points)" = $((all - 2)) ] && says "demo.c:74: 2 requests not refused: a smaller table" &&
	says "nobody+0x10: matches no code that is loaded: gone" &&
	says "demo_exit: matches no request: never" && ! schedules | grep -qw 7 &&
	grep -q '"requests": 2' "$work/json" && says "not 3 benign sites"
result $? "benign sites are not refused, counted, and listed with their reasons"
kfail sweep --jobs 2 --benign "$work/benign" "$demo"
says "demo.c:74: 2 requests not refused"
result $? "whatever the number of workers"

# ---- the kernel's ways ----

kfail sweep --compat=kernel "$demo"
[ "$(points)" = 1 ] && says "as the kernel: ignore-gfp-wait" && says sleep-in-atomic
result $? "--compat=kernel: of all requests only GFP_ATOMIC is left"
kfail sweep --compat=kernel --ignore-gfp-wait=N "$demo"
[ "$(points)" -gt 10 ] && [ "$(points)" -lt "$all" ]
result $? "--ignore-gfp-wait=N: slabs come back, caches and per-CPU areas do not"
kfail sweep --set failslab/cache-filter=Y --only kind=slab "$demo"
none=$(points)
kfail sweep --set failslab/cache-filter=Y --only kind=slab --set slub_debug=A,kmalloc-256 "$demo"
[ "$none" = 0 ] && [ "$(points)" = 2 ] && says "failslab: cache-filter Y"
result $? "cache-filter: caches that slub_debug=A marks"
kfail sweep --set fail_page_alloc/min-order=1 --only kind=pages "$demo"
high=$(points)
kfail sweep --only kind=pages "$demo"
[ "$high" -le "$(points)" ]
result $? "min-order"

# ---- chance ----

kfail run --failslab=1,100,0,1 "$demo"
[ "$status" != 2 ] && says "schedule seed=1" && says "failslab: probability 100, times 1" && says "injected 1"
result $? "--failslab refuses by chance"
kfail run --failslab=1,20,0,-1 --runs 20 --seed 3 --jobs 1 --json "$work/one" "$demo"
first=$(schedules)
kfail run --failslab=1,20,0,-1 --runs 20 --seed 3 --jobs 2 --json "$work/two" "$demo"
[ -n "$first" ] && [ "$first" = "$(schedules)" ] && says "seed=3 and 19 more" && says "points:     20, "
result $? "runs of a seed are the same, whatever the number of workers"
case $first in *seed*) false ;; esac
result $? "findings by chance have the points that were refused"
line=$(sed -n 's/^ *replay: kfail //p' "$work/out" | head -n 1)
kind=$(sed -nE 's/^FINDING 1 +([a-z-]+) .*/\1/p' "$work/out")
eval "kfail $line"
[ "$status" = 1 ] && says "$kind"
result $? "and their replay line shows them without chance"
kfail run --schedule 7 --failslab=1,0,0,1 "$demo"
[ "$(schedules)" = 7 ]
result $? "a schedule beside attributes"
FAILCMD_TYPE=fail_page_alloc kfail run --probability 100 --times=-1 "$demo"
says "fail_page_alloc: probability 100, times -1"
result $? "failcmd.sh's options, for \$FAILCMD_TYPE"
kfail run --schedule random=30,seed=4 "$demo"
once=$(schedules)
kfail run --schedule random=30 --seed 4 "$demo"
[ "$once" = "$(schedules)" ] && says "schedule random=30,seed=4"
result $? "random= and --seed"
kfail run --schedule random=0.0001 "$demo"
[ "$status" = 0 ] && says "injected 0"
result $? "nothing refused by chance is no wrong schedule"
kfail run --schedule bytes=100000000 "$demo"
[ "$status" = 0 ] && says "injected 0"
result $? "bytes=: all fits"
kfail run --schedule bytes=0 "$demo"
says "injected 1" && says "schedule bytes=0"
result $? "bytes=: nothing fits"
kfail run --fail-verbose=1 --failslab=1,100,0,1 "$demo"
[ "$(grep -c '^FAULT_INJECTION: forcing a failure.$' "$work/err")" = 1 ] &&
	grep -q '^name failslab, interval 1, probability 100, space 0, times 1$' "$work/err" && ! grep -q 'Call Trace' "$work/err"
result $? "verbose 1 is the message alone"
kfail run --failslab=1,100,0,-1 --require-start=demo --require-end=no_such_function "$demo"
[ "$status" = 2 ] && grep -q no_such_function "$work/err"
result $? "an attribute's function that is not there"
kfail run --failslab=1,100,0,-1 --reject-start=demo --reject-end=demo "$demo"
[ "$status" = 0 ] && says "injected 0"
result $? "reject-start and -end by a module's name"
kfail run --failslab=1,100,0,-1 --require-start=demo --require-end=demo "$demo"
says "injected 1"
result $? "require-start and -end by a module's name"
kfail sweep --schedule 1+,bytes=10 "$demo"
says "schedule 1+,bytes=10"
result $? "a sweep of one schedule"

# ---- what a program asks for itself ----

if [ "$mode" = native ]; then
	cat >"$work/asks.c" <<-END
		#include <linux/module.h>
		#include <linux/slab.h>
		#include <kfail.h>

		static void *kept;

		static int __init asks_init(void)
		{
			unsigned int n;

			for (n = 1;; n++) {
				void *a, *b;

				kfail_fail_nth(n);
				a = kmalloc(10, GFP_KERNEL);
				b = kmalloc(20, GFP_KERNEL);
				kfree(a);
				kfree(b);
				if (kfail_fail_nth_read())
					break;
			}
			kfail_fail_nth(0);
			pr_info("the loop ended at %u\n", n);
			kfail_fail_begin();
			kept = kmalloc(30, GFP_KERNEL);
			kfail_fail_end();
			return kept ? 0 : -ENOMEM;
		}

		static void __exit asks_exit(void)
		{
			kfree(kept);
		}

		module_init(asks_init);
		module_exit(asks_exit);
		MODULE_LICENSE("GPL");
	END
	kfail sweep "$work/asks.c"
	[ "$status" = 0 ] && [ "$(points)" = 1 ] && says "injected 1, absorbed 0, clean 1"
	result $? "a driver's own marks and fail-nth"
	kfail replay --verbose --schedule 1 "$work/asks.c"
	grep -q 'the loop ended at 3' "$work/err"
	result $? "the systematic loop ends behind its two points"
fi
[ -n "$found" ]
result $? "the demonstration has findings at all"
echo "$passed passed, $failed failed"
[ $failed = 0 ]
