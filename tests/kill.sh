#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The kill test: kill.sh POINTS ROUNDS SEED. A sweep of so many points in native mode is ended by SIGKILL so often, supervisor or
# worker, and resumed each time; tests/bench/kill.c says how. Prints what it counted; status 0: the final result is
# that of an undisturbed sweep.
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=tests/lib.sh
. "$root/tests/lib.sh"
work=$(mktemp -d) || exit
"${KFAIL%/*}/tests/kill" "$KFAIL" "$work" "$2" "$3" -- --all "$root/tests/kill/points.c" -- "points=$1"
status=$?
[ $status = 0 ] || diff "$work/undisturbed.txt" "$work/killed.txt" | head -n 20
rm -rf "$work"
exit $status
