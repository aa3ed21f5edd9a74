#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# All of corpus/, without AFL++: the seeds of each target are clean, and each regression comes to what its list says. Ends with
# "N passed, N failed".
#
#	corpus/TARGET/*			clean
#	corpus/TARGET/regress/list	lines "FILE EXPECTED # what it was": clean, or the kind of a finding that is not mended yet
#
# What is in a folder of another name than a target's (driver) is for other scripts.
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=tests/lib.sh
. "$root/tests/lib.sh"
passed=0 failed=0
work=$(mktemp -d) || exit
trap 'rm -rf "$work"' EXIT

is_target() {
	"$KFAIL" fuzz | grep -q "^  $1  *"
}

# A line for each input.
run() {
	timeout 300 "$KFAIL" fuzz --verbose --target "$@" >"$work/out" 2>&1
}

seeds() {
	files=$(find "$2" -maxdepth 1 -type f ! -name README.md ! -name list | sort)
	[ -n "$files" ] || return
	# shellcheck disable=SC2086 # names without blanks
	run "$1" --run $files
	status=$?
	[ $status = 0 ] || cat "$work/out"
	result $status "$(tail -n 1 "$work/out")"
}

regression() {
	run "$1" --run "$2/$3"
	status=$?
	case $4 in
	clean) [ $status = 0 ] ;;
	*) [ $status = 1 ] && grep -q "^FINDING 1  $4  " "$work/out" ;;
	esac
	result $? "$1: $3: $4"
}

regressions() {
	while read -r file expected rest; do
		case $file in
		'#'* | '') continue ;;
		esac
		regression "$1" "$2" "$file" "$expected"
	done <"$2/list"
	# A file that no line names is a regression that nobody looks at.
	for path in "$2"/*; do
		name=${path##*/}
		[ "$name" = list ] || grep -q "^$name " "$2/list" || result 1 "$path is not in $2/list"
	done
}

for folder in "$root"/corpus/*/ "$root"/corpus/*/*/; do
	folder=${folder%/}
	target=${folder##*/}
	is_target "$target" || continue
	seeds "$target" "$folder"
	[ ! -f "$folder/regress/list" ] || regressions "$target" "$folder/regress"
done
echo "$passed passed, $failed failed"
[ $failed = 0 ]
