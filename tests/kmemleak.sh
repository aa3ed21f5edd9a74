#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Scans for unreferenced objects in whole runs: a driver that loses what it allocates and frees it at its exit all the same,
# so that only a scan in the midst of a scenario sees it; the command language, from a scenario's program. Ends with "N
# passed, N failed".
#
#	tests/kmemleak.sh kernel|native
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=tests/lib.sh
. "$root/tests/lib.sh"
mode=$1
passed=0 failed=0
work=$(mktemp -d) || exit
trap 'rm -rf "$work"' EXIT
cd "$root" || exit

case $mode in
kernel)
	drivers=$KFAIL_CACHE/drivers/$KERNEL
	lost=$drivers/lost.ko annotated=$drivers/annotated.ko other=$drivers/eleven_ok.ko
	;;
native)
	drivers=$root/tests/drivers
	lost=$drivers/lost.c annotated=$drivers/annotated.c other=$drivers/eleven.c
	;;
*) fail "kernel or native?" 2 ;;
esac
program=$root/tests/scenarios/lost.c
[ "$mode" = kernel ] || export KFAIL_CFLAGS=-DBUGGY=0

# expect NAME STATUS COUNT WORDS ARGUMENTS...: so many leaks, each of which says the words.
expect() {
	name=$1 want_status=$2 want=$3 words=$4
	shift 4
	timeout 120 "$KFAIL" "$@" >"$work/out" 2>"$work/err"
	status=$?
	tr -s ' \n' '  ' <"$work/out" >"$work/line"
	is=$(grep -o "when operation [a-z]* is over, and no pointer is left to free them by" "$work/line" | wc -l)
	[ "$status" = "$want_status" ] && [ "$is" = "$want" ] && { [ -z "$words" ] || grep -q "$words" "$work/line"; }
	good=$?
	[ $good = 0 ] || echo "     status $status, $is leaks and not $want, \"$words\": $(tail -n 1 "$work/err")"
	result $good "$name"
}

expect "what is lost in an operation is a leak of it" 1 1 "when operation fill is over" \
	leaks --scan-every 1 --scenario "$program" "$lost" -- bug=write
expect "which is clean without a scan" 0 0 "" leaks --scenario "$program" "$lost" -- bug=write
expect "a scan every third operation finds it there" 1 1 "when operation fill is over" \
	leaks --scan-every 3 --scenario "$program" "$lost" -- bug=write
expect "the driver without a bug is clean" 0 0 "" leaks --scan-every 1 --scenario "$program" "$lost"
expect "a scan behind init" 1 1 "when operation init is over" leaks --scan-every 1 "$lost" -- bug=init
expect "the same by a command" 1 1 "when operation init is over" leaks --kmemleak=stack=off,scan "$lost" -- bug=init
expect "the driver without a bug is clean there too" 0 0 "" leaks --scan-every 1 "$lost"
expect "the kernel's rules spare what is young" 0 0 "" leaks --compat=kernel --kmemleak=scan,scan "$lost" -- bug=init
expect "off, and then a scan: not judged" 3 0 "" leaks --kmemleak=off,scan "$lost" -- bug=init
expect "off, and scans all the same: not judged" 3 0 "" leaks --kmemleak=off --scan-every 1 "$lost"
expect "a sweep with scans finds the leak once" 1 1 "when operation init is over" sweep --scan-every 1 "$lost" -- bug=init
expect "a driver that keeps its objects" 0 0 "" sweep --scan-every 1 "$other"
expect "replayed, it is there again" 1 1 "when operation init is over" \
	replay --schedule '' --scan-every 1 "$lost" -- bug=init
expect "what a module says of its objects is heard" 0 0 "" leaks --scan-every 1 "$annotated"
expect "an object in a buffer that is not looked into" 1 1 "when operation init is over" \
	leaks --scan-every 1 "$annotated" -- bug=no_scan
expect "the commands and the file, from a program" 0 0 "" \
	leaks --scenario "$root/tests/scenarios/kmemleak.c" --whole "$lost" -- bug=write

echo "$passed passed, $failed failed"
[ $failed = 0 ]
