#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# SARIF files against the standard's own schema: those of the report tests, which hold every kind of finding and odd
# characters, and one of a real sweep. The schema is part of a package of npm and is fetched once into the cache. Ends
# with "N passed, N failed"; status 77: there is no schema, or no validator.
#
#	tests/sarif.sh PROGRAM-OF-THE-REPORT-TESTS
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=tests/lib.sh
. "$root/tests/lib.sh"
package=@microsoft/jest-sarif@1.0.0-beta.0
inside=package/lib/schemas/sarif-2.1.0-rtm.5.json
sum=2d99159ae54a3eea97f81781cff48780548657c35949f4b7f25e99a2ba4de4f8
schema=$KFAIL_CACHE/sarif/sarif-2.1.0.json
passed=0 failed=0
work=$(mktemp -d) || exit
trap 'rm -rf "$work"' EXIT

skip() {
	echo "$1"
	echo "0 passed, 0 failed"
	exit $SKIP
}

fetch() {
	[ -f "$schema" ] && return
	command -v npm >/dev/null || skip "no npm to fetch the schema of SARIF with"
	(cd "$work" && timeout 120 npm pack --silent "$package") >"$work/log" 2>&1 ||
		skip "the schema of SARIF cannot be fetched: $(tail -n 1 "$work/log")"
	tar -C "$work" -xzf "$work"/*.tgz "$inside" || fail "$package does not hold $inside"
	echo "$sum  $work/$inside" | sha256sum --check --status || fail "the schema of $package is not the expected one"
	mkdir -p "$KFAIL_CACHE/sarif" && mv "$work/$inside" "$schema"
}

cat >"$work/validate.py" <<'PYTHON'
import json, sys
try:
    import jsonschema
except ImportError:
    sys.exit(77)
errors = list(jsonschema.Draft4Validator(json.load(open(sys.argv[1]))).iter_errors(json.load(open(sys.argv[2]))))
for error in errors[:10]:
    print(list(error.path), error.message[:200])
sys.exit(1 if errors else 0)
PYTHON
python=/usr/bin/python3
[ -x $python ] || python=python3

# valid STATUS FILE: whether it is valid is what is expected.
valid() {
	$python "$work/validate.py" "$schema" "$2" >"$work/errors"
	status=$?
	[ $status != $SKIP ] || skip "python3-jsonschema is not installed"
	if [ $status = "$1" ]; then
		passed=$((passed + 1))
		echo "ok   ${2##*/}: $([ "$1" = 0 ] && echo valid || echo refused)"
	else
		failed=$((failed + 1))
		cat "$work/errors"
		echo "FAIL ${2##*/}: $([ "$1" = 0 ] && echo valid || echo refused)"
	fi
}

fetch
mkdir "$work/kept"
KFAIL_KEEP=$work/kept "$1" >"$work/log" || fail "$1 failed: $(tail -n 1 "$work/log")"
"$KFAIL" sweep --sarif "$work/kept/sweep.sarif" "$root/tests/drivers/demo.c" >/dev/null 2>&1
for file in sample clean wild groups sweep; do
	valid 0 "$work/kept/$file.sarif"
done
# The validator can say no.
sed 's/"ruleIndex": [0-9]*/"ruleIndex": "no"/' "$work/kept/sample.sarif" >"$work/kept/damaged.sarif"
valid 1 "$work/kept/damaged.sarif"
echo "$passed passed, $failed failed"
[ $failed = 0 ]
