#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# `make bench`: the figures of the README, measured here and now. Machines are noisy: ratios within one run say more than
# numbers.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/lib.sh
. "$root/tests/lib.sh"
runs=${KFAIL%/*}/tests/runs

figure() {
	printf '%-64s %s\n' "$1" "$2"
}

value() {
	echo "$2" | sed -n "s/^$1=//p"
}

# Median seconds of five runs of a command.
median_s() {
	for _ in 1 2 3 4 5; do
		start=$(date +%s%N)
		"$@" >/dev/null 2>&1
		echo $((($(date +%s%N) - start) / 1000000))
	done | sort -n | sed -n 3p
}

# What build/tests/runs says: one worker, two, and how the time of a run divides.
speed() {
	figure "  runs/s, $1" "$(value runs_per_second "$2")"
	figure "  the same on two workers ($(nproc) CPUs)" "$(value two_workers "$2"), $(value two_over_one "$2") times"
	figure "  time of a run: restore" "$(value restore_percent "$2") %"
	figure "    operation (init, exit, settling, reloading)" "$(value operation_percent "$2") %"
	figure "    judging, beside the hooks' own part of the operation (target 5 us)" \
		"$(value judging_percent "$2") %, $(value judging_us "$2") us"
}

echo "kmalloc, vmalloc and a classic heap on the same requests (tests/bench/teach.c)"
"${KFAIL%/*}/tests/teach" | sed 's/^/  /'
echo "native mode"
out=$(KFAIL_CFLAGS=-DBUGGY=0 "$runs" native "$root/tests/drivers/eleven.c" 20000) || exit
speed "11-allocation module, all judges, restore (target 200,000)" "$out"
figure "  one worker against a fork per run" "$(value in_place_over_fork "$out") times"

drivers=$("$root/tests/drivers/build.sh") || exit
real=$("$root/tests/real/build.sh") || exit
echo "kernel mode"
"$KFAIL" kernel boot --fresh "$KERNEL" >"${KFAIL%/*}/boot.log" 2>&1
sed 's/^/  /' "${KFAIL%/*}/boot.log"
"$KFAIL" kernel boot "$KERNEL" | sed 's/^/  /'
out=$("$runs" kernel "$drivers/eleven_ok.ko" 3000) || exit
eleven=$(value runs_per_second "$out")
speed "11-allocation module, all judges, restore (target 20,000)" "$out"
figure "  one worker against a fork per run" "$(value in_place_over_fork "$out") times"
if [ -n "${UML:-}" ]; then
	"$root/tests/bench/uml.sh" "$eleven"
else
	echo "peer: User Mode Linux is not measured: UML=PATH names its binary (tests/bench/uml.sh says how to build one)"
fi
echo "real modules in kernel mode"
for module in vpoll v4l2loopback dahdi; do
	out=$("$runs" kernel "$real/$module.ko" 5) || exit
	speed "full sweep of $module ($(value points "$out") points)" "$out"
done
figure "  vpoll.ko to its verdict, whole command, warm cache (target 500 ms)" \
	"$(median_s "$KFAIL" sweep "$real/vpoll.ko") ms"
figure "  memory of that command, largest process (KiB)" \
	"$(/usr/bin/time -f %M "$KFAIL" sweep "$real/vpoll.ko" 2>&1 >/dev/null | tail -n 1)"

# A planted bug must be found in every sweep: its label is the last one that the unwind path reaches.
found=0
for _ in $(seq 50); do
	"$KFAIL" sweep "$drivers/eleven_bug.ko" >/dev/null 2>&1
	[ $? = 1 ] && found=$((found + 1))
done
figure "  bug planted on an unwind label of that module, 50 sweeps" "found in $found"

# The same on each of that module's unwind labels, in native mode; and nothing is found when none is planted.
out=$("${KFAIL%/*}/tests/planted" "$root/tests/drivers/eleven.c" 10 200)
figure "  a bug planted on each of its unwind labels, $(value sweeps "$out") sweeps each" \
	"$(value found "$out") of $(value labels "$out") found in every one"

echo "a scan for unreferenced objects (tests/bench/scan.c)"
out=$("${KFAIL%/*}/tests/scan") || exit
figure "  read, against a plain loop over the same heap (target: half)" \
	"$(value gb_per_s "$out") and $(value memory_gb_per_s "$out") GB/s, $(value ratio "$out") times"
figure "  the same where objects lie in no order" "$(value shuffled_ratio "$out") times"
for n in 10000 100000 1000000 10000000; do
	figure "  seconds for $n live objects of 64 bytes" "$(value objects_$n "$out")"
done
figure "  time grows with the number of objects to the power of" "$(value exponent "$out")"

out=$("${KFAIL%/*}/tests/bookkeeping") || exit
figure "  bytes of bookkeeping for a live object of 64 bytes, all (of these slab headers); of 8 to 512 bytes; a page" \
	"$(value small_bytes "$out") ($(value small_headers "$out")); $(value slab_bytes "$out") ($(value slab_headers "$out")); $(value page_bytes "$out")"

# A sweep that is killed a hundred times and resumed comes to the same as one that nobody disturbed.
out=$("$root/tests/kill.sh" 10000 100 1)
status=$?
figure "  a sweep of $(value runs "$out") points, $(value kills "$out") times SIGKILL ($(value killed_workers "$out") of workers), resumed" \
	"$([ $status = 0 ] && echo "the same result" || echo "ANOTHER RESULT")"

# What afl-fuzz itself says, of a few seconds.
afl_speed() {
	command -v afl-fuzz >/dev/null && [ -x "$KFAIL-afl" ] || return
	folder=$(mktemp -d) || return
	"$KFAIL" fuzz --output "$folder/out" --seconds 10 --afl-seed 1 "$1" </dev/null 2>/dev/null |
		sed -n 's/^main: \([0-9]*\) inputs run, \([0-9]*\).*stability \(.*\)/\2 a second, stability \3/p'
	rm -rf "$folder"
}

echo "drivers as fuzz targets: inputs per second of CPU time, all judges, restored after each (target 5,000)"
fuzz=${KFAIL%/*}/tests/fuzz_driver
for driver in vpoll v4l2loopback; do
	input=$(find "$root/corpus/driver/$driver" -name '*.kfuzz' | sort | head -n 1)
	out=$("$fuzz" "$real/$driver.ko" "$input" 5000) || exit
	figure "  $driver: ${input##*/}, and an input without calls" \
		"$(value inputs_per_second "$out"), $(value empty_inputs_per_second "$out")"
	figure "    under AFL++, with its seeds" "$(afl_speed "$real/$driver.ko")"
done
out=$("$fuzz" "$root/tests/fuzz/drivers/resize.c" /dev/null 50000) || exit
figure "  resize.c, native mode: an input without calls" "$(value empty_inputs_per_second "$out")"
