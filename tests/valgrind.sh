#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# --valgrind: each planted access is found, with its kind, its function and the line that shows it again; the corrected
# twin is clean. Ends with "N passed, N failed".
#
#	tests/valgrind.sh kernel|native
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=tests/lib.sh
. "$root/tests/lib.sh"
mode=$1
passed=0 failed=0
work=$(mktemp -d) || exit
trap 'rm -rf "$work"' EXIT

case $mode in
kernel)
	bug=$KFAIL_CACHE/drivers/$KERNEL/watched_bug.ko
	ok=$KFAIL_CACHE/drivers/$KERNEL/watched_ok.ko
	;;
native)
	bug=$root/tests/drivers/watched.c
	ok=$bug
	;;
*) fail "kernel or native?" 2 ;;
esac

KFAIL_CFLAGS=-DBUGGY=1 timeout 300 "$KFAIL" replay --valgrind --schedule '' "$bug" >"$work/bug" 2>&1
status=$?
[ $status = 1 ] || cat "$work/bug"
result $((status != 1)) "accesses that only read end with status 1"

# finding KIND FUNCTION: exactly one, whose innermost frame of the driver that is no inline function is in that function.
finding() {
	awk -v kind="$1" -v want="$2" '
		/^FINDING/ { this = $3; looking = 0 }
		/^    where:/ { looking = 1 }
		looking && /\[watched/ && !/inlined/ {
			sub(/\+.*/, "", $1)
			found += this == kind && $1 == want
			looking = 0
		}
		END { exit found != 1 }' "$work/bug"
	result $? "$1 in $2()"
}
finding out-of-bounds past_object
finding out-of-bounds past_area
finding out-of-bounds past_element
finding out-of-bounds compare
finding use-after-free use_freed
finding uninitialised-value branch_on_new
[ "$(grep -c '^FINDING' "$work/bug")" = 6 ]
result $? "and nothing else"
[ "$(grep -c '^    replay: .* --valgrind' "$work/bug")" = 6 ]
result $? "each has a replay line with --valgrind"
grep -A 20 'use-after-free' "$work/bug" | grep -q 'freed at'
result $? "a use after free says who freed"

KFAIL_CFLAGS=-DBUGGY=0 timeout 300 "$KFAIL" sweep --valgrind --jobs 1 "$ok" >"$work/ok" 2>&1
status=$?
[ $status = 0 ] || cat "$work/ok"
result $status "the corrected twin is clean, whatever is refused"

if [ "$mode" = kernel ]; then
	timeout 300 "$KFAIL" run --valgrind "$KFAIL_CACHE/real/$KERNEL/v4l2loopback.ko" >"$work/real" 2>&1
	status=$?
	[ $status = 0 ] || cat "$work/real"
	result $status "v4l2loopback is clean"
fi

echo "$passed passed, $failed failed"
[ $failed = 0 ]
