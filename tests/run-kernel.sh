#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The tests that need a kernel: the cut is complete (poisoned boot), every driver with a planted bug has exactly the verdict
# that is expected, every corrected twin and every real module too, the canary leak is found. Called by tests/run.sh with
# $KERNEL at hand. The last line is "N passed, N failed"; status 77: only skipped.
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=tests/lib.sh
. "$root/tests/lib.sh"
build=${KFAIL%/*}
passed=0 failed=0

# A program that prints a line per check and ends with "N passed, N failed".
counted() {
	"$@" >"$build/verdicts.log" 2>&1
	line=$(tail -n 1 "$build/verdicts.log")
	grep -v '^ok' "$build/verdicts.log" | sed '$d'
	case $line in
	[0-9]*" passed, "[0-9]*" failed")
		good=${line%% passed, *} bad=${line#* passed, }
		passed=$((passed + good)) failed=$((failed + ${bad% failed}))
		;;
	*) result 1 "$* ended without a count: $line" ;;
	esac
}

drivers=$("$root/tests/drivers/build.sh") || exit
echo "drivers with planted bugs, and their corrected twins:"
counted "$build/tests/verdicts" "$KFAIL" "$root/tests/drivers/expected" "$drivers"/*.ko
echo "  $passed passed, $failed failed"

# All that is deterministic; what headers native mode lacks is known.
echo "fork at the point, compared with a run for each point:"
# shellcheck disable=SC2046 # names of ours, without blanks
counted "$build/tests/passes" kernel $(find "$drivers" -name '*.ko' ! -name nondeterminism_bug.ko)
# shellcheck disable=SC2046
counted env KFAIL_CFLAGS=-DBUGGY=1 "$build/tests/passes" native \
	$(grep -LE '<linux/(hrtimer|kthread|netdevice|platform_device)\.h>|[^_a-z]device_register\(|register_module_notifier|pin_user_pages|__asan_' "$root"/tests/drivers/*.c)
counted "$build/tests/passes" paranoid kernel "$drivers/demo.ko" "$drivers/leak_vmalloc_bug.ko"
counted "$build/tests/passes" paranoid native "$root/tests/drivers/demo.c"

echo "kfail inspect:"
counted "$root/tests/kernel/inspect.sh" "$drivers"

# The gate that cannot fail is none: a planted leak must be found, with status 1.
"$KFAIL" sweep "$drivers/leak_exit_bug.ko" >"$build/canary.log" 2>&1
[ $? = 1 ] && grep -q 'leak' "$build/canary.log"
result $? "canary: the planted leak is found"

counted "$root/tests/catalogue.sh" plain

# The same bytes in every run, whatever the number of workers.
for jobs in 1 2; do
	"$KFAIL" sweep --jobs $jobs --json "$build/demo.$jobs.json" "$drivers/demo.ko" >/dev/null 2>&1
done
sed 's/"seconds".*//; s/"runs_per_second": [0-9.e+]*//' "$build/demo.1.json" >"$build/demo.1"
sed 's/"seconds".*//; s/"runs_per_second": [0-9.e+]*//' "$build/demo.2.json" >"$build/demo.2"
[ -s "$build/demo.1" ] && cmp "$build/demo.1" "$build/demo.2"
result $? "one worker and two give the same findings"

counted "$root/tests/trace.sh" kernel
counted "$root/tests/inject.sh" kernel
counted "$root/tests/leaks.sh" kernel
counted "$root/tests/gate.sh" kernel
counted "$root/tests/kmemleak.sh" kernel
counted "$root/tests/replay.sh" kernel

counted "$root/tests/fuzz-driver.sh" kernel

echo "interrupts:"
counted "$root/tests/interrupts.sh" "$drivers"

echo "calls that can fail:"
counted "$build/tests/calls" "$KERNEL"
counted "$root/tests/calls.sh" "$drivers"

real=$("$root/tests/real/build.sh") || {
	status=$?
	[ $status = $SKIP ] || result 1 "real modules did not build"
	echo "$passed passed, $failed failed"
	exit
}
for module in vpoll v4l2loopback dahdi rapiddisk dahdi_echocan_mg2; do
	"$build/tests/poison" "$real/$module.ko" >"$build/poison.log" 2>&1
	status=$?
	[ $status = 0 ] || cat "$build/poison.log"
	result $status "$module runs with everything that is replaced poisoned"
done
echo "instrumented code:"
counted "$root/tests/instrument.sh" kernel
echo "scenarios:"
counted "$root/tests/scenario.sh" kernel
counted "$build/tests/passes" kernel "$real/vpoll.ko" "$real/v4l2loopback.ko" "$real/dahdi.ko"
"$KFAIL" sweep --paranoid=20 "$real/vpoll.ko" >"$build/paranoid.log" 2>&1
result $? "vpoll is clean, and each 20th restore brings everything back"
counted "$root/tests/valgrind.sh" kernel
if [ -x "$build/tests/mutation" ]; then # where libclang is installed
	echo "mutation score:"
	counted "$root/tests/mutation.sh"
fi
echo "real modules:"
counted "$build/tests/verdicts" "$KFAIL" "$root/tests/real/expected" "$real"/*.ko
counted "$build/tests/verdicts" "$KFAIL" "$root/tests/real/expected-calls" "$real"/*.ko -- --points=calls
"$root/tests/bad-input.sh" >"$build/bad-input.log" 2>&1
line=$(tail -n 1 "$build/bad-input.log")
grep '^FAIL' "$build/bad-input.log"
good=${line%% passed, *} bad=${line#* passed, }
passed=$((passed + good)) failed=$((failed + ${bad% failed}))
echo "$passed passed, $failed failed"
[ $failed = 0 ]
