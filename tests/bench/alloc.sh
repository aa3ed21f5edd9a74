#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# kmalloc with checks off beside the allocators of the distribution: the same program for all, one after the other
# in each of five rounds, medians. Machines are noisy: the ratio to the best peer says more than the nanoseconds.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/lib.sh
. "$root/tests/lib.sh"
program=${KFAIL%/*}/tests/alloc
library=${KFAIL%/*}/libkfail-malloc.so
rounds=${ROUNDS:-5}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

preloaded() {
	find /usr/lib /usr/local/lib -name "$1" 2>/dev/null | head -n 1
}
mimalloc=$(preloaded 'libmimalloc.so.2')
jemalloc=$(preloaded 'libjemalloc.so.2')
if [ -z "$mimalloc" ] || [ -z "$jemalloc" ]; then
	fail "libmimalloc2.0 and libjemalloc2 are needed to compare with" $SKIP
fi

# One figure: allocator, then workload and number.
figure() {
	who=$1
	shift
	case $who in
	glibc) "$program" malloc "$@" ;;
	mimalloc) LD_PRELOAD=$mimalloc "$program" malloc "$@" ;;
	jemalloc) LD_PRELOAD=$jemalloc "$program" malloc "$@" ;;
	preload) LD_PRELOAD=$library "$program" malloc "$@" ;;
	*) "$program" "$who" "$@" ;;
	esac
}

median() {
	sort -n "$1" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

# A row: name, workload and number, then who takes part ("-": an empty column); kmalloc's ratio to the best of the three peers at the end.
row() {
	name=$1 workload=$2
	shift 2
	rm -f "$dir"/*
	for _ in $(seq "$rounds"); do
		for who in "$@"; do
			[ "$who" != - ] || continue
			# shellcheck disable=SC2086 # workload and number
			figure "$who" $workload >>"$dir/$who" || fail "$who $workload"
		done
	done
	printf '  %-38s' "$name"
	best=
	for who in "$@"; do
		value=-
		[ "$who" = - ] || value=$(median "$dir/$who")
		printf ' %9s' "$value"
		case $who in
		glibc | mimalloc | jemalloc | mmap)
			best=$(printf '%s\n%s\n' "${best:-$value}" "$value" | sort -n | head -n 1)
			;;
		esac
	done
	awk -v mine="$(median "$dir/kmalloc")" -v best="$best" 'BEGIN { printf " %9.2f\n", mine / best }'
}

all="glibc mimalloc jemalloc kmalloc preload guarded"
# shellcheck disable=SC2086 # a list of words
{
	echo "allocators: ns for an allocation and its free, median of $rounds; kmalloc: checks off; preload:"
	echo "libkfail-malloc.so; guarded: as in sweeps; ratio: kmalloc to the best of the first three (target 1.00)"
	printf '  %-38s %9s %9s %9s %9s %9s %9s %9s\n' "" $all ratio
	for size in 16 64 256 1024; do
		row "pair of $size bytes" "pair $size" $all
	done
	row "churn of 8..512 bytes, 1,000 live" "churn 1000" $all
	row "churn of 8..512 bytes, 100,000 live" "churn 100000" $all
	row "two threads, remote frees" remote $all
	for live in 1000 100000 10000000; do
		[ $live = 10000000 ] && [ "$(awk '/MemAvailable/ { print $2 }' /proc/meminfo)" -lt 4000000 ] && continue
		row "growth: while $live live" "growth $live" glibc mimalloc jemalloc kmalloc preload -
	done
	row "bytes beside an object of 64" "object 64" glibc mimalloc jemalloc kmalloc preload -
	row "memory over live bytes, 100,000 live" "blowup 100000" glibc mimalloc jemalloc kmalloc preload -
	echo "pages: ns to take, touch and give back; ratio to mmap of the same size"
	printf '  %-38s %9s %9s %9s\n' "" mmap kmalloc ratio
	for order in 0 1 2 3 5 8 10; do
		row "alloc_pages, order $order" "pages $order" mmap kmalloc
	done
	for pages in 1 4 16 64 256; do
		row "vmalloc, $pages pages" "vmalloc $pages" mmap kmalloc
	done
}
