#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# `make bench`: how a full sweep of single points grows with their number, each in a run of its own and in passes (fork at the
# point); and what finding the written pages costs by the means that this host has. Numbers are of one worker, all
# judges on, restore included.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/lib.sh
. "$root/tests/lib.sh"
build=${KFAIL%/*}

value() {
	echo "$2" | sed -n "s/^$1=//p"
}

# b = a^x * c over one decade: the growth exponent x.
exponent() {
	awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", log(b / a) / log(10) }'
}

# scale MODE MODULE POINTS... [noretry]
scale() {
	mode=$1 module=$2 retry=$3 before=
	shift 3
	printf '  %8s %14s %14s %12s %14s %8s %10s %8s\n' points 'in place, s' 'in passes, s' 'us a point' \
		'fork, us/point' 'passes' 'fork' growth
	for points; do
		# shellcheck disable=SC2086 # a word or none
		out=$("$build/tests/scale" "$mode" "$module" "$points" $retry) || {
			echo "  $points points: a run was not as it should be"
			exit 1
		}
		now=$(value pass_s "$out")
		printf '  %8s %14s %14s %12s %14s %7sx %9sx %8s\n' "$points" "$(value in_place_s "$out")" "$now" \
			"$(value pass_us_per_point "$out")" "$(value fork_us_per_point "$out")" \
			"$(value in_place_over_pass "$out")" "$(value fork_over_pass "$out")" \
			"${before:+$(exponent "$before" "$now")}"
		before=$now
	done
	echo "  a checkpoint alone: $(value checkpoint_us "$out") us; restore, error path and verdict alone:" \
		"$(value error_path_us "$out") us; pages that runs write: $(value hot_pages "$out")"
}

drivers=$("$root/tests/drivers/build.sh") || exit
echo "full sweep of single points, 16 objects alive; target at 100,000: 200 us a point plus the error path"
echo "(in place from 10,000 points on: 50 points spread evenly, extrapolated; ratios: against passes)"
echo "native mode, the error path alone (no second init)"
scale native "$root/tests/drivers/many.c" noretry 1000 10000 100000
echo "kernel mode, the error path alone"
scale kernel "$drivers/many.ko" noretry 1000 10000 100000
echo "native mode, with the second init after each failed one, which makes all allocations again"
scale native "$root/tests/drivers/many.c" "" 1000 10000
echo "kernel mode, with the second init"
scale kernel "$drivers/many.ko" "" 1000 10000
echo "three ways back to the start of a run (us a run, restore and judging included)"
for way in "native $root/tests/drivers/clean.c" "kernel $drivers/eleven_ok.ko"; do
	# shellcheck disable=SC2086 # mode and module
	out=$("$build/tests/restore" $way) || exit
	echo "  ${way%% *} mode: in place $(value in_place_us "$out"), re-mapping $(value remap_us "$out")" \
		"($(value remap_over_in_place "$out") times), fork $(value fork_us "$out")" \
		"($(value fork_over_in_place "$out") times)"
done
echo "finding the pages that a run has written (world of 10,000 pages; us per run, ns per first touch)"
"$build/tests/dirty" | sed 's/^/  /'
