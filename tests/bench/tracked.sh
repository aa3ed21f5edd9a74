#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What tracking costs: kmalloc() of libkfail.a with both stacks of each object, redzones and poison, beside LeakSanitizer,
# AddressSanitizer, valgrind's memcheck and heaptrack on the same program. One after the other in each round, medians; machines
# are noisy, so the ratio to each peer says more than the nanoseconds.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/lib.sh
. "$root/tests/lib.sh"
rounds=${ROUNDS:-5}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
source=$root/tests/bench/tracked.c
flags="-O2 -g -fno-omit-frame-pointer -Wall -Wextra"

make -s -C "$root" install BUILD="${KFAIL%/*}" DESTDIR="$dir/root" PREFIX=/opt/kfail >"$dir/log" 2>&1 ||
	fail "make install: $(tail -n 1 "$dir/log")"
export PKG_CONFIG_PATH="$dir/root/opt/kfail/lib/pkgconfig" PKG_CONFIG_SYSROOT_DIR="$dir/root"
export ASAN_OPTIONS=detect_leaks=0

# shellcheck disable=SC2086,SC2046 # lists of words
{
	gcc $flags "$source" -o "$dir/glibc" &&
		gcc $flags -fsanitize=leak "$source" -o "$dir/lsan" &&
		gcc $flags -fsanitize=address "$source" -o "$dir/asan" &&
		gcc $flags -Wno-unused-parameter -DKMALLOC "$source" $(pkg-config --cflags --libs kfail) -o "$dir/kfail"
} || fail "tracked.c cannot be built"

# Valgrind and heaptrack take long enough with fewer rounds.
figure() {
	case $1 in
	memcheck) valgrind -q "$dir/glibc" "$2" 200000 ;;
	heaptrack) heaptrack -o "$dir/heap" "$dir/glibc" "$2" 200000 2>/dev/null | grep -E '^[0-9.]+$' ;;
	*) "$dir/$1" "$2" 2000000 ;;
	esac
}

median() {
	sort -n "$1" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

peers="glibc lsan asan memcheck heaptrack kfail"
command -v heaptrack >/dev/null || peers="glibc lsan asan memcheck kfail"
echo "tracking: ns for an allocation and its free, 16 frames deep, median of $rounds; kfail: both stacks, redzones, poison; in"
echo "brackets kfail's time over the peer's (targets: lsan 1.00, asan 0.25, memcheck and heaptrack 0.02)"
for live in 1000 100000; do
	rm -f "$dir"/ns.*
	for _ in $(seq "$rounds"); do
		for peer in $peers; do
			figure "$peer" $live >>"$dir/ns.$peer" || fail "$peer $live"
		done
	done
	printf '  %7d live:' $live
	for peer in $peers; do
		awk -v name="$peer" -v ns="$(median "$dir/ns.$peer")" -v own="$(median "$dir/ns.kfail")" 'BEGIN {
			printf " %s %.0f", name, ns
			printf name == "kfail" ? "\n" : " (%.2f),", own / ns
		}'
	done
done
