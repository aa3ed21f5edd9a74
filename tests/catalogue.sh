#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The catalogue of one-bug modules (tests/catalogue): each bug is found as its table says, its corrected twin is clean. Every
# column of the table that this kfail can produce; called by tests/run-kernel.sh with `plain`, which is quick.
#
#	tests/catalogue.sh [COLUMN ...]		plain guard kasan valgrind; without arguments: all
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=tests/lib.sh
. "$root/tests/lib.sh"
table=$root/tests/catalogue/table
passed=0 failed=0

# column NAME DIRECTORY OPTIONS
column() {
	echo "catalogue, $1:"
	log=$(mktemp) || exit
	"${KFAIL%/*}/tests/catalogue" "$KFAIL" "$table" "$1" "$2" -- "$3" >"$log" 2>&1
	line=$(tail -n 1 "$log")
	grep -v '^ok' "$log" | sed '$d'
	rm -f "$log"
	case $line in
	[0-9]*" passed, "[0-9]*" failed")
		good=${line%% passed, *} bad=${line#* passed, }
		passed=$((passed + good)) failed=$((failed + ${bad% failed}))
		;;
	*) result 1 "the catalogue's column $1 ended without a count: $line" ;;
	esac
}

# The same sources, built so that each load and store is checked.
checked_modules() {
	"$KFAIL" build --kasan --output "$KFAIL_CACHE/catalogue/$KERNEL.kasan" "$modules" >"$modules/kasan.log" 2>&1 ||
		return
	dirname "$(tail -n 1 "$modules/kasan.log")"
}

modules=$("$root/tests/catalogue/build.sh") || exit
[ $# -gt 0 ] || set -- plain guard kasan valgrind
for name in "$@"; do
	case $name in
	plain) column plain "$modules" "" ;;
	guard) column guard "$modules" --guard ;;
	valgrind) column valgrind "$modules" --valgrind ;;
	kasan)
		if checked=$(checked_modules) && [ -n "$checked" ]; then
			column kasan "$checked" ""
		else
			result 1 "kfail build --kasan did not build the catalogue (its output: $modules/kasan.log)"
		fi
		;;
	*) fail "no such column: $name (plain, guard, kasan, valgrind)" 2 ;;
	esac
done
echo "$passed passed, $failed failed"
[ $failed = 0 ]
