#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Fuzzing a driver: what is found in it, inputs from files in both modes, the text form there and back, wild pointers, waits that
# a signal ends, and, where AFL++ is installed, a short campaign. Ends with "N passed, N failed".
#
#	tests/fuzz-driver.sh kernel|native
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=tests/lib.sh
. "$root/tests/lib.sh"
mode=$1
passed=0 failed=0
work=$(mktemp -d) || exit
trap 'rm -rf "$work"' EXIT
source=$root/tests/fuzz/drivers
corpus=$root/corpus/driver

case $mode in
kernel)
	quietly "$work/build.log" "$KFAIL" build --output "$work/modules" "$source/resize.c" "$source/waits.c"
	resize=$work/modules/resize.ko
	waits=$work/modules/waits.ko
	;;
native)
	resize=$source/resize.c
	waits=$source/waits.c
	;;
*) fail "kernel or native?" 2 ;;
esac

good() {
	passed=$((passed + 1))
}

bad() {
	failed=$((failed + 1))
	echo "fuzz-driver.sh: $1" >&2
}

# ensure WHAT COMMAND...: the command succeeds.
ensure() {
	what=$1
	shift
	if "$@"; then good; else bad "$mode: $what: $(tail -n 2 "$work/out")"; fi
}

# check WHAT STATUS WORDS -- ARGUMENTS: kfail fuzz exits so, and says these words.
check() {
	what=$1 wanted=$2
	shift 2
	words=
	while [ "$1" != -- ]; do
		words="$words $1"
		shift
	done
	shift
	timeout 120 "$KFAIL" fuzz "$@" >"$work/out" 2>&1
	status=$?
	[ $status = "$wanted" ] || bad "$mode, $what: status $status instead of $wanted: $(tail -n 3 "$work/out")"
	[ $status = "$wanted" ] || return
	for word in $words; do
		grep -q -e "$word" "$work/out" && continue
		bad "$mode, $what: \"$word\" is not in: $(tail -n 5 "$work/out")"
		return
	done
	good
}

# What the driver can be asked is found in it.
check "describe" 0 'node ioctl.*0x00007201 0x40087202' -- --describe "$resize"
"$KFAIL" fuzz --describe "$resize" >"$work/description" 2>/dev/null
check "describe what is described" 0 /dev/resize -- --describe --description "$work/description" "$resize"

# The bug: found, with its replay line, the same again and in JSON.
check "the bug" 1 double-free 'refused:' 'replay:' 'driver:.1.inputs' -- --run "$corpus/resize/dangling.kfuzz" "$resize" --json "$work/json"
first=$(sed -n 's/.* id \([0-9a-f]*\)$/\1/p' "$work/out")
ensure "no double-free in the JSON" grep -q '"kind": *"double-free"' "$work/json"
line=$(sed -n 's/.*replay: kfail fuzz //p' "$work/out")
# shellcheck disable=SC2086 # words
check "its replay line" 1 "$first" -- $line
# One that is known is no finding.
name=$(basename "$resize" | sed 's/\..*//')
echo "$name $first 2099-01-01 known" >"$work/accepted"
check "accepted" 0 '1.clean' -- --run "$corpus/resize/dangling.kfuzz" --accepted "$work/accepted" "$resize"
# Without the refusal nothing is wrong.
grep -v refuse "$corpus/resize/dangling.kfuzz" >"$work/served.kfuzz"
check "served" 0 '1.clean' -- --run "$work/served.kfuzz" "$resize"
# What dies takes nothing with it: the next input is judged.
check "one after the other" 1 '3.inputs:.2.clean,.1.with' -- --run "$work/served.kfuzz" "$corpus/resize/dangling.kfuzz" "$work/served.kfuzz" "$resize"

# Text to bytes to text.
for text in "$corpus/resize/"*.kfuzz "$work/all.kfuzz"; do
	[ "$text" = "$work/all.kfuzz" ] && cat >"$text" <<-'END'
		open handle=1 node=/dev/resize flags=0x802
		ioctl handle=1 command=0x7201 value=0xffffffffffffffff
		ioctl handle=1 command=0x12345678 value=0x7
		ioctl handle=1 command=0x40087202 argument=null
		ioctl handle=1 command=0x40087202 argument=unmapped
		ioctl handle=1 command=0x40087202 argument=kernel
		ioctl handle=1 command=0x40087202 value=0x8 edge=01
		ioctl handle=1 command=0x40087202 at=0x8 nested="some text"
		read handle=1 size=0x40 memory=""
		write handle=1 size=0x3 memory="abc"
		pread handle=1 size=0x10 offset=0x20 argument=null
		lseek handle=1 whence=0x1 offset=0x5
		poll handle=1 events=0x5 ms=0xa
		dup handle=1 to=2
		setfl handle=2 flags=0x800
		sleep handle=0 ms=0x64
		close handle=1
		refuse 2,5x3,90+
	END
	"$KFAIL" fuzz --assemble -o "$work/bytes" "$text" "$resize" 2>/dev/null
	"$KFAIL" fuzz --print "$work/bytes" "$resize" >"$work/again" 2>/dev/null
	grep -v '^#' "$text" >"$work/plain"
	ensure "$text is not the same again" cmp "$work/plain" "$work/again"
done
check "every call" 0 '1.clean' -- --run "$work/all.kfuzz" "$resize"

# Any bytes are an input.
head -c 3000 "$KFAIL" >"$work/any"
: >"$work/empty"
timeout 120 "$KFAIL" fuzz --run "$work/any" "$work/empty" "$resize" >"$work/out" 2>&1
status=$?
ensure "bytes are an input" grep -q '2 inputs: ' "$work/out"
ensure "bytes are an input, with status $status" [ $status -lt 2 ]

# A call that waits for ever where a signal ends it is no hang; one that no signal ends is.
printf 'open handle=0 node=/dev/waits flags=0x2\nread handle=0 size=1 memory=""\n' >"$work/read.kfuzz"
printf 'open handle=0 node=/dev/waits flags=0x2\nwrite handle=0 size=1 memory="x"\n' >"$work/write.kfuzz"
case $mode in
kernel) check "a wait that a signal ends" 0 '1.clean' -- --run "$work/read.kfuzz" "$waits" ;;
native) check "a wait that a signal ends" 3 'no.signals' -- --run "$work/read.kfuzz" "$waits" ;;
esac
check "a wait that nothing ends" 1 'hang' -- --run "$work/write.kfuzz" "$waits"
# Followed without a copy function: seen only when everything is looked at.
printf 'open handle=0 node=/dev/waits flags=0x2\nioctl handle=0 command=0x7701 memory="abc"\n' >"$work/follow.kfuzz"
check "a pointer that is followed" 1 'wild-access' 'user.space' -- --run "$work/follow.kfuzz" "$waits"
# A pointer to anywhere gets -EFAULT: also to where this process or its world have memory.
for address in 0x0 0x3f000000 0x41000000 0x45000100 0x48000000 0x60001000 0x80000000 0xb8000000 0xc0000000 0x180000000000 \
	0x200000000000 0x200100000000 0x555555555000 0x7ffff7000000 0xffff888000000000 0xffffffffffffffff; do
	printf 'ioctl handle=0 command=0x7702 value=%s\n' $address
	printf 'ioctl handle=0 command=0x7703 value=%s\n' $address
done >"$work/calls"
for part in 1 17; do
	{
		echo 'open handle=0 node=/dev/waits flags=0x2'
		tail -n +$part "$work/calls" | head -n 32
	} >"$work/wild.kfuzz"
	check "wild pointers" 0 '1.clean' -- --run --verbose "$work/wild.kfuzz" "$waits"
	grep '^ioctl' "$work/out" | grep -q -v -e '-EFAULT$' && bad "$mode: a wild pointer was good: $(grep '^ioctl' "$work/out" | grep -v -e '-EFAULT$' | head -n 1)"
done

# AFL++: what it finds is told, and the folder is gone on with.
if ! command -v afl-fuzz >/dev/null || [ ! -x "$KFAIL-afl" ]; then
	echo "fuzz-driver.sh: AFL++ is not installed: its part is left out" >&2
else
	# All that is missing is the refusal.
	mkdir "$work/seeds" && cp "$work/served.kfuzz" "$work/seeds"
	# It ends with the first crash, however busy the machine is.
	export AFL_BENCH_UNTIL_CRASH=1
	check "a campaign" 1 double-free 'stability' 'findings/.*/minimised' -- --output "$work/campaign" --seconds 90 --afl-seed 1 --input "$work/seeds" "$resize"
	stability=$(sed -n 's/.*stability \([0-9]*\).*/\1/p' "$work/out")
	ensure "stability is ${stability:-nothing} %" [ "${stability:-0}" -ge 99 ]
	unset AFL_BENCH_UNTIL_CRASH
	# Freed again by the next ioctl, or when the file is closed.
	for input in "$work/campaign/findings/"*/minimised.kfuzz; do
		ensure "the smallest input has one refusal" grep -qx 'refuse [0-9]' "$input"
		ensure "the smallest input has few calls" [ "$(grep -c handle= "$input")" -le 4 ]
	done
	check "the same folder again" 1 'inputs.run' -- --output "$work/campaign" --seconds 2 "$resize"
	# With seeds of its own it may come to the bug, or not yet.
	timeout 60 "$KFAIL" fuzz --output "$work/own" --seconds 2 --afl-seed 1 "$resize" >"$work/out" 2>&1
	status=$?
	ensure "seeds of its own, with status $status" [ $status -le 1 ]
	ensure "seeds of its own" grep -q 'inputs run' "$work/out"
fi
echo "$passed passed, $failed failed"
[ $failed = 0 ]
