#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# kfail leaks as a gate: its statuses, what it takes back (accepted findings, suppressions), what it says of entries that no
# longer hold, its canary, and what it tells of a leak. Ends with "N passed, N failed".
#
#	tests/leaks.sh native|kernel
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=tests/lib.sh
. "$root/tests/lib.sh"
mode=$1
passed=0 failed=0
work=$(mktemp -d) || exit
trap 'rm -rf "$work"' EXIT
cd "$work" || exit

# leaks STATUS NAME WORDS ARGUMENTS...: the status, and each line of WORDS is in the output.
leaks() {
	expected=$1 name=$2 words=$3
	shift 3
	timeout 120 "$KFAIL" leaks "$@" >out 2>&1
	status=$?
	[ $status = "$expected" ] || name="$name: status $status, not $expected: $(tail -n 1 out)"
	[ $status = "$expected" ] && printf '%s\n' "$words" | while read -r word; do
		grep -qF -- "$word" out || { echo "  no \"$word\"" && exit 1; }
	done
	result $? "$name"
}

if [ "$mode" = kernel ]; then
	clean=$KFAIL_CACHE/drivers/$KERNEL/clean.ko leaking=$KFAIL_CACHE/drivers/$KERNEL/leak_exit_bug.ko
else
	cat >leak_exit_bug.c <<-END
		#define BUGGY 1
		#include "$root/tests/drivers/leak_exit.c"
	END
	cp "$root/tests/drivers/clean.c" clean.c
	clean=clean.c leaking=leak_exit_bug.c
	sed -e 's/BUGGY/0/' -e 's/header = make_header();/return -ENODEV;/' "$root/tests/drivers/leak_exit.c" >absent.c
fi

leaks 0 "a clean module" "canary:     found
verdict: clean" "$clean"
leaks 1 "a leak, with all that is known of it" "FINDING 1  leak  (needs no refusal)
96 bytes from kmalloc(), called by make_header
 old; allocated at
content (first 32 bytes)
5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a  ZZZZZZZZZZZZZZZZ
unreferenced object 0x
(size 96):
hex dump (first 32 bytes):
  backtrace:
canary:     found" --json result.json "$leaking"
grep -q '"canary": "found"' result.json && grep -q '"content": "5a5a' result.json && grep -q '"kernel_report": "unref' result.json
result $? "the same as JSON"
id=$(sed -n 's/^FINDING 1 .*id \([0-9a-f]*\).*/\1/p' out)

echo "leak_exit $id 2999-12-31 known since the beginning" >accepted
sed "s/leak_exit /leak_exit_bug /" accepted >accepted.bug
cat accepted.bug >>accepted
leaks 0 "an accepted leak" "accepted:   leak  (needs no refusal)  id $id, until 2999-12-31: known since" \
	--accepted accepted "$leaking"
sed 's/2999-12-31/2020-02-29/' accepted >expired
leaks 1 "an entry whose day has passed" "stale:      expired, line" --accepted expired "$leaking"
leaks 0 "an entry that matches nothing" "stale:      unmatched, line 1: finding 0123456789abcdef is accepted, but was not found any more" \
	--accepted "$(echo "clean 0123456789abcdef 2999-12-31 gone" >unmatched && echo unmatched)" "$clean"

printf '# known\nleak:^make_header$\nleak:no_such_function\n' >suppressions
leaks 0 "a suppressed leak, and an entry that suppresses nothing" "suppressed by leak:^make_header$
stale:      suppressions, line 3: leak:no_such_function suppresses nothing" --suppressions suppressions "$leaking"
echo 'double-free:make_header' >suppressions
leaks 1 "another kind is not suppressed" "verdict: findings" --suppressions suppressions "$leaking"
echo 'make_header' >suppressions
leaks 2 "a suppression without a type" 'suppressions, line 1: "make_header" has no type' --suppressions suppressions "$leaking"
leaks 2 "no such file of suppressions" "nowhere cannot be read" --suppressions nowhere "$leaking"
[ "$mode" = kernel ] || leaks 3 "an init that fails is not judged" "canary:     found
verdict: not judged" absent.c

echo "$passed passed, $failed failed"
[ $failed = 0 ]
