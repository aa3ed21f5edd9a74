#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Run test programs one after the other, then the tests that need a kernel, and count.
#
#	tests/run.sh LOG-DIRECTORY [valgrind:]PROGRAM[=SUITE] ...
#
# A program is quiet when it passes; otherwise the end of its output is shown. The last line printed is
# "N passed, N failed". What is installed is tried by tests/install.sh, malloc() for any program by
# tests/preload.sh; what needs a kernel is tests/run-kernel.sh, and the kernel's own tests are
# tests/kernel/run.sh: they print what they like, their last line is of the same form, and they leave with 77
# when they can only skip.
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=tests/lib.sh
. "$root/tests/lib.sh"
logs=$1.log
shift
mkdir -p "$logs" || fail "cannot write to $logs"
passed=0 failed=0

# The row "tests" of CUnit's Run Summary: column 1 total, 2 ran, 3 passed, 4 failed.
summary() {
	awk -v column="$2" '/^Run Summary/ { there = 1 } there && $1 == "tests" { print $(1 + column); exit }' "$1"
}

count() {
	passed=$((passed + $1)) failed=$((failed + $2))
}

suite() {
	program=${1#valgrind:} only=
	name=${program#"$root/"} name=${name#build/} tool=
	case $program in
	*=*) only=${program#*=} ;;
	esac
	if [ "$program" != "$1" ]; then
		name="$name (valgrind)"
		# libdw keeps its trees by pointers with marks in them, which valgrind calls possibly lost.
		tool="env KFAIL_OPS=${KFAIL_OPS:-2000} valgrind -q --errors-for-leak-kinds=definite --show-leak-kinds=definite"
		tool="$tool --vex-iropt-register-updates=allregs-at-mem-access --error-exitcode=9 --leak-check=full"
	fi
	# Sanitizers are slow, and look for other things than long sequences do.
	[ "${name#asan/}" = "$name" ] || tool="env KFAIL_OPS=${KFAIL_OPS:-100000}"
	log=$logs/$(echo "$name" | tr -c 'a-z0-9\n' _)
	# shellcheck disable=SC2086 # a command and its options
	timeout 900 $tool "${program%%=*}" $only >"$log" 2>&1
	status=$?
	good=$(summary "$log" 3) bad=$(summary "$log" 4)
	# Dead before the summary, or a complaint that is not CUnit's (sanitizers, valgrind).
	[ $status = 0 ] || [ "${bad:-0}" -gt 0 ] || bad=1
	[ -n "$good" ] || bad=1
	count "${good:-0}" "${bad:-0}"
	if [ "${bad:-0}" = 0 ]; then
		printf '%-40s %4d passed\n' "$name" "$good"
	else
		tail -n 60 "$log"
		printf '%-40s %4d passed, %d FAILED (status %d, output: %s)\n' "$name" "${good:-0}" "$bad" $status "$log"
	fi
}

# A correct driver, swept in native mode under valgrind, which must have nothing to say in any process.
native_valgrind() {
	log=$logs/native_valgrind
	KFAIL_CFLAGS=-DBUGGY=0 timeout 300 valgrind -q --vex-iropt-register-updates=allregs-at-mem-access \
		"$KFAIL" sweep --jobs 1 --timeout 60000 "$root/tests/drivers/eleven.c" >"$log" 2>&1
	status=$?
	if [ $status = 0 ] && ! grep -q '^==' "$log"; then
		count 1 0
		printf '%-40s %4d passed\n' "native sweep (valgrind)" 1
	else
		count 0 1
		tail -n 20 "$log"
		echo "native sweep (valgrind): FAILED (status $status, output: $log)"
	fi
}

# Status 0: the image and headers of $KERNEL are at hand.
have_kernel() {
	[ -r "/boot/vmlinuz-$KERNEL" ] && [ -f "/usr/src/linux-headers-$KERNEL/Module.symvers" ] && return
	[ -f "$KFAIL_CACHE/kernel/$KERNEL/boot/vmlinuz-$KERNEL" ] &&
		[ -f "$KFAIL_CACHE/kernel/$KERNEL/usr/src/linux-headers-$KERNEL/Module.symvers" ] && return
	"$KFAIL" kernel fetch "$KERNEL"
}

# Run a script that counts by itself: SCRIPT ARGUMENTS...
script() {
	{
		"$@"
		echo $? >"$logs/status"
	} | tee "$logs/script"
	line=$(tail -n 1 "$logs/script") status=$(cat "$logs/status")
	if [ "$status" = $SKIP ]; then
		echo "SKIPPED: ${1#"$root/"}"
		return
	fi
	good=${line%% passed, *} bad=${line#* passed, } bad=${bad%% failed*}
	case $line in
	[0-9]*" passed, "[0-9]*" failed"*) count "$good" "$bad" ;;
	*)
		echo "${1#"$root/"} ended without a count, with status $status"
		count 0 1
		;;
	esac
}

for program in "$@"; do
	suite "$program"
done
native_valgrind
script "$root/tests/install.sh"
script "$root/tests/preload.sh"
script "$root/tests/trace.sh" native
script "$root/tests/valgrind.sh" native
script "$root/tests/scenario.sh" native
script "$root/tests/inject.sh" native
script "$root/tests/fuzz-driver.sh" native
script "$root/tests/kmemleak.sh" native
script "$root/tests/sweep.sh"
script "$root/tests/leaks.sh" native
script "$root/tests/replay.sh" native
script "$root/tests/gate.sh" native
script "$root/tests/sarif.sh" "${logs%.log}/reports"
script "$root/tests/corpus.sh"
script "$root/tests/campaign.sh"
script "$root/tests/slurm.sh"
script "$root/tests/store.sh"
if have_kernel; then
	script "$root/tests/run-kernel.sh"
	script "$root/tests/kernel/run.sh"
else
	echo "SKIPPED: all tests that need a kernel: $KERNEL is neither installed nor cached, and cannot be fetched"
fi
echo "$passed passed, $failed failed"
[ $failed = 0 ]
