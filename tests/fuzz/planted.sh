#!/bin/bash
# Are bugs of the allocators found? Each patch of planted/ is applied to a copy of the tree, the target `allocator` is built and fuzzed
# from the committed seeds, for at most SECONDS (300). Prints a table; fails when one was not found.
#
#	tests/fuzz/planted.sh [NAME...]
set -u
cd "$(dirname "$0")/../.." || exit 4
limit=${SECONDS_MAX:-300}
jobs=${JOBS:-2}
work=$(mktemp -d "${TMPDIR:-/tmp}/planted.XXXXXX") || exit 4
trap 'rm -rf "$work"' EXIT
export AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_NO_UI=1 AFL_NO_AFFINITY=1 AFL_BENCH_UNTIL_CRASH=1
export AFL_QUIET=1 AFL_LLVM_DENYLIST=$work/tree/fuzz/uninstrumented.list
export AFL_CUSTOM_MUTATOR_LIBRARY=$work/tree/build/libkfail-mutator.so

make_quietly() {
	make -C "$work/tree" --no-print-directory -s -j"$jobs" "$@" >"$work/make.log" 2>&1 || {
		tail -5 "$work/make.log" >&2
		exit 4
	}
}

build() {
	make_quietly BUILD=build/fuzz CC=afl-clang-fast build/fuzz/kfail
}

# A finding of a run without AFL++, of this input: its sentence. A bug may be so bad that not even the world can be opened.
sentence() {
	local told status
	told=$(timeout 60 "$kfail" fuzz --target allocator --run "$1" 2>/dev/null)
	status=$?
	sed -n 's/^ *what: //p' <<<"$told" | head -1
	[ $status -lt 124 ] || echo "opening the target ended with status $status"
}

mkdir "$work/tree" "$work/seeds" || exit 4
git ls-files -z | xargs -0 cp --parents -t "$work/tree" || exit 4
kfail=$work/tree/build/fuzz/kfail
make_quietly build/libkfail-mutator.so
build
"$kfail" fuzz --target allocator --assemble -o "$work/seeds" "$work"/tree/corpus/allocator/*.kfuzz || exit 4
missed=0
printf '%-24s %8s %10s  %s\n' bug seconds inputs 'found by'
for patch in tests/fuzz/planted/*.patch; do
	name=$(basename "$patch" .patch)
	[ $# -gt 0 ] && [[ " $* " != *" $name "* ]] && continue
	patch -s -d "$work/tree" -p0 <"$patch" || exit 4
	build
	rm -rf "$work/out"
	begin=$(date +%s)
	# Seeds that crash are findings too, and AFL++ would only pass over them.
	found=
	for seed in "$work"/seeds/*; do
		found=$(sentence "$seed")
		[ -n "$found" ] && break
	done
	inputs=seeds
	if [ -z "$found" ]; then
		timeout $((limit + 30)) afl-fuzz -i "$work/seeds" -o "$work/out" -V "$limit" -- \
			"$kfail" fuzz --target allocator >"$work/afl.log" 2>&1
		for crash in "$work"/out/default/crashes/id*; do
			[ -e "$crash" ] && found=$(sentence "$crash") && break
		done
		inputs=$(sed -n 's/^execs_done *: //p' "$work/out/default/fuzzer_stats")
	fi
	printf '%-24s %8s %10s  %s\n' "$name" $(($(date +%s) - begin)) "$inputs" "${found:-NOT FOUND}"
	[ -n "$found" ] || missed=$((missed + 1))
	patch -s -R -d "$work/tree" -p0 <"$patch" || exit 4
done
[ $missed = 0 ]
