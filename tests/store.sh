#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Results that are kept: the report out of the store is the one of the sweep, a finding is replayed and minimised by its id alone, shards
# merge to what one sweep says, and a sweep that is killed again and again comes to the same. Without a kernel. Ends with
# "N passed, N failed".
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=tests/lib.sh
. "$root/tests/lib.sh"
passed=0 failed=0
work=$(mktemp -d) || exit
trap 'rm -rf "$work"' EXIT
export KFAIL_STORE="$work/store.db"
mkdir "$work/elsewhere" && cp "$root/tests/drivers/demo.c" "$work/demo.c" && cd "$work" || exit

# expect STATUS NAME COMMAND...: the output is in `out` and `err`.
expect() {
	expected=$1 name=$2
	shift 2
	"$@" >out 2>err
	status=$?
	[ $status = "$expected" ] || { echo "  status $status: $(head -n 1 err)"; }
	result $((status != expected)) "$name"
}

# What is measured differs from run to run.
same_result() {
	grep -vE '"(seconds|runs_per_second)"' "$1" >one
	grep -vE '"(seconds|runs_per_second)"' "$2" >two
	[ -s one ] && cmp -s one two
}

expect 1 "a sweep with findings" "$KFAIL" sweep --json swept.json demo.c
id=$(sed -n 's/^FINDING 2 .*id \([0-9a-f]*\).*/\1/p' out)
[ ${#id} = 16 ] && grep -q 'FINDING 2 .* confirmed$' out
result $? "findings have an id, and are confirmed"
expect 1 "its report, with the same status" "$KFAIL" report --json again.json
same_result swept.json again.json
result $? "the report is the sweep's, to the letter"
"$KFAIL" report --list | grep -q 'demo .* native .* findings .* 18 .* 5'
result $? "it is listed"

cd elsewhere || exit
expect 1 "replay by the beginning of an id, in another directory" "$KFAIL" replay "$(echo "$id" | cut -c 1-6)"
grep -q "^FINDING 1 .*id $id" out
result $? "it is the same finding"
cd .. || exit
echo '/* changed */' >>demo.c
expect 1 "replay when the file has changed" "$KFAIL" replay "$id"
grep -q "demo.c has changed since finding $id" err
result $? "that is said"
mv demo.c gone.c
expect 2 "replay when the file is gone" "$KFAIL" replay "$id"
grep -q "demo.c: No such file" err
result $? "that is said, too"
mv gone.c demo.c

expect 1 "a schedule with refusals that do not matter" "$KFAIL" sweep --schedule 3000,7,13+ demo.c
id=$(sed -n 's/^FINDING 1 .*id \([0-9a-f]*\).*/\1/p' out)
expect 0 "minimise" "$KFAIL" minimise "$id"
grep -q '^smallest schedule: 7 ' out
result $? "one refusal is enough"
expect 1 "replay takes the smaller schedule" "$KFAIL" replay "$id"
grep -q '1 refused under schedule 7$' out
result $? "and no other"

expect 1 "without --store, \$KFAIL_STORE or a home: nothing is kept" \
	env -u KFAIL_STORE -u HOME -u XDG_STATE_HOME "$KFAIL" sweep demo.c
HOME=/proc/nowhere expect 1 "a default store that cannot be made is one line, and no obstacle" \
	env -u KFAIL_STORE -u XDG_STATE_HOME "$KFAIL" sweep demo.c
[ "$(grep -c 'results are not kept: ' err)" = 1 ]
result $? "the line says so"
XDG_STATE_HOME=$work/state expect 1 "the default store" env -u KFAIL_STORE "$KFAIL" sweep demo.c
[ -s state/kfail/results.db ]
result $? "it is where it belongs"

for shard in 1 2 3; do
	"$KFAIL" sweep --store "$shard.db" --shard "$shard/3" demo.c >/dev/null 2>&1
done
"$KFAIL" sweep --store whole.db --json whole.json demo.c >/dev/null 2>&1
expect 1 "merge, with a shard missing" "$KFAIL" merge out.db 1.db 3.db
grep -q 'missing or not finished: 2 of 3' out
result $? "it is named"
expect 1 "merge what was missing" "$KFAIL" merge out.db 2.db
expect 1 "report of the whole" "$KFAIL" report --store out.db --json merged.json
same_result whole.json merged.json
result $? "the whole is what one sweep says, to the letter"
KFAIL_CFLAGS=-DBUGGY=0
export KFAIL_CFLAGS
"$KFAIL" sweep --store clean.db --shard 1/2 "$root/tests/drivers/eleven.c" >/dev/null 2>&1
expect 3 "one clean shard of two: not judged" "$KFAIL" merge half.db clean.db
unset KFAIL_CFLAGS

out=$("$root/tests/kill.sh" 3000 8 7)
result $? "killed and resumed, the same result: $(echo "$out" | paste -sd ' ')"
echo "$passed passed, $failed failed"
[ $failed = 0 ]
