#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The mutation score's own test: a toy driver in which each operator has something to break, and every mutant on a reached
# line must be killed. Ends with "N passed, N failed"; 77 where the tool is not built (it wants libclang) or no headers are.
#
#	tests/mutation.sh
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=tests/lib.sh
. "$root/tests/lib.sh"
passed=0 failed=0
tool=${KFAIL%/*}/tests/mutation
[ -x "$tool" ] || fail "$tool is not built: make mutation, which installs libclang" $SKIP
find_headers >/dev/null || exit
work=$(mktemp -d) || exit
trap 'rm -rf "$work"' EXIT
toy=$root/tests/mutation/toy/toy.c

# mutation ARGUMENTS...: what it says goes to $work/out and $work/err.
mutation() {
	timeout 300 "$tool" --work "$work/work" "$@" >"$work/out" 2>"$work/err"
}

mutation --dry-run "$toy" && sed -n 's/^toy.c \(toy.c:.*\), in .*/\1/p' "$work/out" | cut -d : -f 4 | sort | uniq -c |
	awk '{ print $2, $1 }' | diff - "$root/tests/mutation/toy/expected"
result $? "each operator finds its lines"

mutation --dry-run --operator goto-later "$toy"
[ "$(grep -c '^-	*goto' "$work/out")" = 2 ] && grep -q '^+		goto no_name;' "$work/out"
result $? "a mutant is a diff of the source as it is written"

# Every second one first; the rest later takes what is done from the log.
mutation --jobs 2 --every 2 --json "$work/half.json" "$toy"
result $? "a sample: all on reached lines are killed"
mutation --jobs 2 --json "$work/all.json" "$toy"
result $? "all: so are the others"
[ "$(grep -c ': killed' "$work/err")" = 13 ]
result $? "what the sample has done is not done again"
grep -q '^toy.c .* 2 *26 *26 *0 *0 *0  *100.0 %$' "$work/out"
result $? "the table counts killed and not reached"
grep -q '"score": 100.0' "$work/all.json" && [ "$(grep -c '"verdict": "not reached"' "$work/all.json")" = 2 ] &&
	[ "$(grep -c '"diff": "---' "$work/all.json")" = 28 ]
result $? "the JSON object has each mutant with its diff"
mutation "$toy" && ! grep -q ': killed' "$work/err"
result $? "an interrupted run goes on where it was: here there is nothing left"

# The score of a driver without a judge that could see it: nothing is refused, so nothing is reached.
mutation --fresh --operator goto-later "$toy" -- --points=usercopy
[ $? = 1 ] && grep -q '^all .* 2 *0 *0 *0 *0 *0 *-$' "$work/out"
result $? "what a sweep does not reach is not held against it, and is no success either"

# What is explained is not held against the judges; an explanation of something that is killed is told.
mutation --dry-run --operator gfp "$toy"
sed -n 's/^\(toy.c\) \(toy.c:[0-9:]*:gfp\), in .*/\1 \2 not so/p' "$work/out" >"$work/wrong"
mutation --operator gfp --equivalent "$work/wrong" "$toy" && grep -q 'is not equivalent: sleep-in-atomic' "$work/err"
result $? "an explanation that is wrong is told"

# What an unchanged driver shows must be explained, where there is somebody to explain it.
mkdir "$work/leaky" && cat >"$work/leaky/leaky.c" <<'END'
#include <linux/module.h>
#include <linux/slab.h>
static int __init leaky_init(void)
{
	void *kept = kmalloc(96, GFP_KERNEL);
	if (!kept)
		return -ENOMEM;
	return 0;
}
static void __exit leaky_exit(void)
{
}
module_init(leaky_init);
module_exit(leaky_exit);
MODULE_LICENSE("GPL");
END
echo 'leaky.c double-free init leaky_init another kind' >"$work/originals"
mutation --target 0 --originals "$work/originals" "$work/leaky/leaky.c"
[ $? = 3 ] && grep -q "the original of leaky.c has a finding that $work/originals does not explain: leak" "$work/err"
result $? "a finding on the original that nobody explains is an error"
echo 'leaky.c leak init, exit leaky_init it frees nothing' >>"$work/originals"
mutation --fresh --target 0 --originals "$work/originals" "$work/leaky/leaky.c"
result $? "and what is explained is none"

# wrong SENTENCE ARGUMENTS...: status 2 and one sentence.
wrong() {
	sentence=$1
	shift
	mutation "$@"
	[ $? = 2 ] && grep -q "$sentence" "$work/err"
	good=$?
	[ $good = 0 ] || cat "$work/err"
	result $good "bad input: $sentence"
}
wrong 'nosuch is neither in .* nor a directory or source' nosuch
wrong 'wants a number from 1 on, not "0"' --every 0 "$toy"
wrong 'there is no operator "frobnicate"' --operator frobnicate "$toy"
wrong 'are for a directory or a source' vpoll -- --points=all
echo 'vpoll vpoll-dkms *' >"$work/list"
wrong 'a line is a name, a package, sources' --list "$work/list" vpoll
echo 'toy.c toy.c:1' >"$work/short"
mutation --equivalent "$work/short" "$toy"
[ $? = 3 ] && grep -q 'short:1: a line is a driver, a mutant and the reason' "$work/err"
result $? "bad input: an explanation without a reason"
mkdir "$work/broken" && echo 'int f(void) { return nothing; }' >"$work/broken/broken.c"
mutation "$work/broken/broken.c"
[ $? = 3 ] && grep -q 'this failed' "$work/err"
result $? "a driver that does not compile is not judged"

echo "$passed passed, $failed failed"
[ $failed = 0 ]
