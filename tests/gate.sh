#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# reports/ci/kfail-gate.sh: each colour that it can have is provoked, and above all each way in which a gate could be green
# although nothing was judged. Ends with "N passed, N failed".
#
#	tests/gate.sh native|kernel
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=tests/lib.sh
. "$root/tests/lib.sh"
mode=$1
passed=0 failed=0
work=$(mktemp -d) || exit
trap 'rm -rf "$work"' EXIT
cd "$work" || exit
real=$KFAIL
unset GITHUB_ACTIONS KFAIL_MODULES KFAIL_ACCEPTED KFAIL_CANARY KFAIL_CANARY_OPTIONS KDIR
export KFAIL_ARTIFACTS="$work/artifacts"

# gate STATUS NAME WORDS ARGUMENTS...: the status, and each line of WORDS is in the output.
gate() {
	expected=$1 name=$2 words=$3
	shift 3
	timeout 120 "$root/reports/ci/kfail-gate.sh" "$@" >out 2>&1
	status=$?
	[ $status = "$expected" ] || name="$name: status $status, not $expected: $(tail -n 1 out)"
	[ $status = "$expected" ] && printf '%s\n' "$words" | while read -r word; do
		grep -qF -- "$word" out || exit 1
	done
	result $? "$name"
}

# A program in the place of kfail that runs $2 for all but the control.
impostor() {
	printf '#!/bin/sh\ncase $* in *canary*) exec "%s" "$@" ;; esac\n%s\n' "$real" "$2" >"$1"
	chmod +x "$1"
}

if [ "$mode" = kernel ]; then
	drivers=$KFAIL_CACHE/drivers/$KERNEL
	gate 0 "a clean module; the control is built for its kernel" "canary.ko leaks
clean.ko: clean" "$drivers/clean.ko"
	gate 1 "a module with bugs" "demo.ko: findings" "$drivers/clean.ko" "$drivers/demo.ko"
	# A file of the cache that kfail has no part in: headers given by hand.
	KDIR=$(find_headers) gate 0 "headers by KDIR" "clean.ko: clean" "$drivers/clean.ko"
	echo "$passed passed, $failed failed"
	[ $failed = 0 ]
	exit
fi

cp "$root/reports/ci/canary.c" bad.c
sed 's/return -ENOMEM; .*/{ kfree(first); return -ENOMEM; }/' bad.c >good.c
sed 's/first = kmalloc.*/return -ENODEV;/' good.c >absent.c
echo 'this is no C' >nonsense.c

gate 0 "a clean module" "the control is found
good.c: clean" good.c
[ -s artifacts/good.xml ] && [ -s artifacts/good.sarif ] && [ -s artifacts/good.json ] && [ -s artifacts/good.txt ]
result $? "its reports are there"
gate 1 "a module with a bug" "bad.c: findings" good.c bad.c
grep -q '<failure type="leak"' artifacts/bad.xml && grep -q '"uri": "bad.c"' artifacts/bad.sarif
result $? "the finding is in the reports"
gate 3 "a module that was not judged" "absent.c: not judged" absent.c good.c
grep -q '<error type="not-judged"' artifacts/absent.xml
result $? "what was not judged is an error of its report"
gate 1 "findings are told before what was not judged" "absent.c: not judged
bad.c: findings" absent.c bad.c good.c
gate 2 "a module that is none is worse than findings" "nonsense.c: wrong usage" bad.c nonsense.c
gate 1 "options for kfail" "bad.c: findings" bad.c -- --jobs 1 --set init_on_alloc=1
[ ! -e artifacts/good.xml ]
result $? "reports of an earlier run are gone"
KFAIL_MODULES="good.c bad.c" gate 1 "modules by a variable" "good.c: clean
bad.c: findings"
mkdir sub && cp bad.c sub/good.c
gate 1 "two modules of one name" "good.c: clean
sub/good.c: findings" good.c sub/good.c
[ -s artifacts/good-2.xml ] && ! grep -q '<failure' artifacts/good.xml
result $? "they have reports of their own"
GITHUB_ACTIONS=true gate 1 "annotations for GitHub" "::error file=bad.c,line=
title=bad%3A leak::
::error title=kfail gate::bad.c: findings" bad.c

# Findings that are accepted.
id=$(sed -n 's/.*"id": "\(.*\)".*/\1/p' artifacts/bad.json | head -n 1)
echo "bad $id 9999-12-31 we live with it" >accepted
KFAIL_ACCEPTED=accepted gate 0 "an accepted finding" "accepted:   leak
bad.c: clean" bad.c
grep -q '<skipped message="accepted until 9999-12-31: we live with it"/>' artifacts/bad.xml &&
	grep -q '"justification": "until 9999-12-31: we live with it"' artifacts/bad.sarif
result $? "it is told in the reports"
KFAIL_ACCEPTED=accepted gate 0 "another module is not asked for it" "good.c: clean" good.c
echo "bad $id 2020-01-01 we live with it" >accepted
KFAIL_ACCEPTED=accepted gate 1 "an acceptance that has expired" "line 1: finding $id was accepted until 2020-01-01" bad.c
echo "good $id 9999-12-31 we live with it" >accepted
KFAIL_ACCEPTED=accepted gate 0 "an acceptance that matches nothing" "was not found any more" good.c
echo "bad $id" >accepted
KFAIL_ACCEPTED=accepted gate 2 "a damaged file of accepted findings" "accepted, line 1" bad.c

# Wrong usage.
gate 2 "no module" "no module to judge"
gate 2 "no such module" "there is no module gone.c" good.c gone.c
gate 2 "an option in the wrong place" "--jobs" --jobs 1 good.c
gate 2 "an option that kfail does not have" "kfail did not take the control
--frobnicate" good.c -- --frobnicate
mkdir mine && echo text >mine/text.txt
KFAIL_ARTIFACTS=mine gate 2 "a directory of somebody else" "mine holds other files" good.c
[ -s mine/text.txt ]
result $? "whose files stay"

# A gate that could not be red.
KFAIL=$work/nowhere gate 4 "no kfail" "there is no $work/nowhere" good.c
KFAIL=true gate 4 "a kfail that says nothing" "the control is not found" good.c
KFAIL_CANARY=good.c gate 4 "a control that does not leak" "the control is not found" good.c
gate 4 "options that make kfail blind" "the control is not found" good.c -- --schedule 1
KFAIL_CANARY_OPTIONS='' gate 0 "options that the control does without" "good.c: clean" good.c -- --schedule 1
impostor silent 'exit 0'
KFAIL=$work/silent gate 4 "success without reports" "reports in $KFAIL_ARTIFACTS do not say so" good.c
impostor killed 'kill -9 $$'
KFAIL=$work/killed gate 4 "kfail is killed" "kfail failed (status 137)" good.c bad.c
impostor broken "\"$real\" \"\$@\"; status=\$?; for f in \"$KFAIL_ARTIFACTS\"/*.xml; do head -c 100 \"\$f\" >x; cp x \"\$f\"; done; exit \$status"
KFAIL=$work/broken gate 4 "half a report" "do not say so" good.c
impostor wrong "\"$real\" \"\$@\"; exit 0"
KFAIL=$work/wrong gate 4 "a status that is not the verdict's" "do not say so" bad.c
echo "$passed passed, $failed failed"
[ $failed = 0 ]
