#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Which lines and branches of allocator/ and harness/ the tests reach: the suites and, where $KERNEL is at hand, the scripts of
# kernel mode, all with programs that count (make COVERAGE=1).
#
#	tests/coverage.sh BUILD OUTPUT		BUILD: the directory of that build; OUTPUT/index.html, OUTPUT/coverage.info
#
# Status 1: a test failed, or the allocators' share is below $LINES_WANTED or $BRANCHES_WANTED percent. A process that is
# killed loses its counts.
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
build=$(cd "$1" && pwd) out=$2
: "${LINES_WANTED:=95}" "${BRANCHES_WANTED:=85}"
export KFAIL="$build/kfail" KFAIL_STORE=
status=0
mkdir -p "$out"
find "$build" -name '*.gcda' -delete

for room in "$root"/tests/*/main.c; do
	name=$(basename "$(dirname "$room")")
	[ "$name" = mutation ] && continue
	printf '%s\n' "$name"
	"$build/tests/$name" >"$out/$name.log" 2>&1 || {
		echo "  failed: $out/$name.log"
		status=1
	}
done
if [ -r "/boot/vmlinuz-$KERNEL" ] || "$KFAIL" kernel fetch "$KERNEL" >/dev/null 2>&1; then
	echo "kernel mode"
	"$root/tests/run-kernel.sh" >"$out/kernel.log" 2>&1 || {
		echo "  failed: $out/kernel.log"
		status=1
	}
fi

# A line of a macro that another file expands, and what no input can reach, is no branch of a test's.
report() {
	gcovr --root "$root" --object-directory "$build/obj" --exclude-unreachable-branches "$@"
}
report --filter allocator/ --filter harness/ --html-details "$out/index.html" --html-title kfail >/dev/null
report --filter harness/ | tail -n 2 | head -n 1 | sed 's/TOTAL/harness  /'
report --filter allocator/ --fail-under-line "$LINES_WANTED" | tail -n 3 || status=1
report --filter allocator/ --branches --fail-under-branch "$BRANCHES_WANTED" | tail -n 3 || status=1
exit $status
