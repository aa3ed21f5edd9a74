#!/bin/bash
# What a fuzz target costs beside what AFL++ itself costs: executions a second of the target and of one that does nothing, turn by turn
# in one run, the same input each time; inputs a second in one process without AFL++; and when each is forked.
#
#	tests/bench/fuzz.sh [SECONDS]	wants `make fuzz-targets`, build/tests/inputs and build/tests/same.so
set -u
cd "$(dirname "$0")/../.." || exit 4
seconds=${1:-4}
kfail=build/fuzz/kfail
work=$(mktemp -d "${TMPDIR:-/tmp}/fuzz-bench.XXXXXX") || exit 4
trap 'rm -rf "$work"' EXIT
export AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_NO_UI=1 AFL_NO_AFFINITY=1
export AFL_CUSTOM_MUTATOR_LIBRARY=$PWD/build/tests/same.so AFL_CUSTOM_MUTATOR_ONLY=1 AFL_DISABLE_TRIM=1

# Executions of a target with the input, in so many seconds: a line of a file with its name.
execute() {
	rm -rf "$work/out"
	timeout $((seconds + 60)) afl-fuzz -i "$work/in" -o "$work/out" -V "$seconds" -- $kfail fuzz --target "$1" \
		>"$work/log" 2>&1 || { tail -3 "$work/log" >&2; exit 4; }
	sed -n 's/^execs_done *: //p' "$work/out/default/fuzzer_stats" >>"$work/$1"
}

sum() {
	awk '{ s += $1 } END { print s }' "$work/$1"
}

printf '%-10s %6s %12s %12s %7s %10s %10s %7s\n' input calls 'exec/s' 'nothing/s' share 'inputs/s' 'forked/s' ratio
for name in kmalloc families pages; do
	rm -rf "$work/in" "$work/allocator" "$work/nothing"
	mkdir "$work/in"
	head -17 corpus/allocator/$name.kfuzz >"$work/$name.kfuzz"
	$kfail fuzz --target allocator --assemble -o "$work/in/$name" "$work/$name.kfuzz" || exit 4
	for _ in 1 2 3; do
		execute nothing
		execute allocator
	done
	build/tests/inputs allocator "$seconds" "$work/in/$name" >"$work/alone" || exit 4
	a=$(sum allocator) n=$(sum nothing)
	read -r _ alone <<<"$(grep inputs "$work/alone")"
	read -r _ forked <<<"$(grep forked "$work/alone")"
	printf '%-10s %6d %12d %12d %6d%% %10d %10d %7d\n' $name "$(grep -vc '^#\|^refuse' "$work/$name.kfuzz")" \
		$((a / 3 / seconds)) $((n / 3 / seconds)) $((100 * a / n)) "$alone" "$forked" $((alone / (forked ? forked : 1)))
done
