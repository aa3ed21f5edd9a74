#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Run the kernel's own tests (tests/kernel/suites) in kernel mode. Each is judged twice: by what it says itself in the
# kernel's log and returns, and by kfail, which must find nothing that the table does not expect. Called by
# `make test-kernel`. The last line is "N passed, N failed"; status 77: only skipped.
#
#	tests/kernel/run.sh [PART-OF-A-NAME]	the log of each test is in $KFAIL_CACHE/ktest/$KERNEL/log/
set -u
here=$(cd "$(dirname "$0")" && pwd) && root=${here%/*/*}
# shellcheck source=tests/lib.sh
. "$root/tests/lib.sh"
wanted=${1:-}
passed=0 failed=0 number=0

# Lines of the entry that begin with word $1, without it.
lines() {
	sed -n "s/^	$1 //p" "$entry"
}

# What is wrong with the run whose output is $1; nothing when nothing is.
complaints() {
	returns=$(lines returns)
	grep -q "^baseline: *returned ${returns:-0}[, ]" "$1" ||
		echo "init should return ${returns:-0}: $(grep -m 1 '^baseline:' "$1" || tail -n 1 "$1")"
	lines says | while read -r pattern; do
		grep -Eq "^\[kernel\].*$pattern" "$1" || echo "the log should say \"$pattern\""
	done
	! lines with | grep -q kunit || grep -q '^\[kernel\] ok ' "$1" || echo "no KUnit suite has passed"
	grep -m 3 '^\[kernel\] *not ok' "$1"
	sed -n 's/^FINDING [0-9]*  \([a-z-]*\)  .*/\1/p' "$1" | sort | uniq -c | awk '{ print $2, $1 }' >"$logs/found"
	lines finds | sort >"$logs/expected"
	cmp -s "$logs/found" "$logs/expected" ||
		echo "kfail should find \"$(paste -sd , "$logs/expected")\", not \"$(paste -sd , "$logs/found")\""
}

# The same for what scans of the last module, $2, find.
scan_complaints() {
	[ -n "$(lines unreferenced)" ] || return
	"${KFAIL%/*}/tests/scans" "$2" >"$1" 2>&1
	grep -E '^(live|gone) ' "$1" | sort >"$logs/found"
	lines unreferenced | sort >"$logs/expected"
	cmp -s "$logs/found" "$logs/expected" ||
		echo "scans should find \"$(paste -sd , "$logs/expected")\", not \"$(paste -sd , "$logs/found")\""
}

# shellcheck disable=SC2046 # lists of words without blanks
run() {
	source=$(head -n 1 "$entry")
	name="$source$(lines set | tr '\n' ' ' | sed 's/^/ (/; s/ $/)/; s/^ ($//')"
	case $name in *"$wanted"*) ;; *) return ;; esac
	number=$((number + 1))
	log=$logs/$number.$(basename "$source" .c)
	set -- $(lines with | sed "s|\.c$||; s|.*|$tree/&.ko|") "$tree/${source%.c}.ko"
	[ -z "$(lines param)" ] || set -- "$@" -- $(lines param)
	timeout 300 "$KFAIL" leaks --verbose --timeout 120000 $(lines set | sed 's/^/--set=/') "$@" >"$log" 2>&1
	complaints "$log" >"$logs/why"
	scan_complaints "$log.scans" "$tree/${source%.c}.ko" >>"$logs/why"
	if [ -s "$logs/why" ]; then
		failed=$((failed + 1))
		echo "FAIL $name ($log)"
		sed 's/^/     /' "$logs/why"
	else
		passed=$((passed + 1))
		echo "ok   $name$(lines because | sed 's/^/: /')"
	fi
}

tree=$("$here/build.sh") || exit
logs=${tree%/tree}/log entry=$logs/entry
rm -rf "$logs"
mkdir -p "$logs" || fail "cannot write to $logs"
# One file for each entry of the table.
awk -v logs="$logs" '/^[a-z]/ { file = sprintf("%s/entry.%03d", logs, ++n); print $1 > file } /^\t/ { print > file }' \
	"$here/suites"
for entry in "$logs"/entry.*; do
	run </dev/null
done
rm -f "$logs"/entry.* "$logs/why" "$logs/found" "$logs/expected"
echo "$passed passed, $failed failed"
[ $failed = 0 ] && [ $passed -gt 0 ]
