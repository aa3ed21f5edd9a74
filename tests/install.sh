#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What `make install` gives is complete: programs are built with nothing but pkg-config's words, by each compiler and with each
# sanitizer, and do what they should; the installed command sweeps a driver. The last line is "N passed, N failed".
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=tests/lib.sh
. "$root/tests/lib.sh"
passed=0 failed=0
work=$(mktemp -d) || exit
trap 'rm -rf "$work"' EXIT

# check NAME STATUS PATTERN COMMAND...: exit status (or "bad": any but 0), and a line of the output.
check() {
	name=$1 wanted=$2 pattern=$3
	shift 3
	{ timeout 120 "$@"; } >"$work/out" 2>&1
	status=$?
	[ "$wanted" != bad ] || [ $status = 0 ] || wanted=$status
	if [ "$status" = "$wanted" ] && grep -Eq "$pattern" "$work/out"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL $name: status $status, wanted $wanted and a line \"$pattern\" in:"
		sed 's/^/     /' "$work/out" | head -n 20
	fi
} 2>/dev/null # not the shell's own word about a program that aborted

# build CC OPTIONS PROGRAM: the program's path is $program.
build() {
	program=$work/$3
	# shellcheck disable=SC2086,SC2046 # lists of words
	$1 -g -O1 -Wall -Wextra -Werror -Wno-unused-parameter $2 "$root/tests/library/$3.c" \
		$(pkg-config --cflags --libs kfail) -o "$program" >"$work/log" 2>&1 && return
	failed=$((failed + 1))
	echo "FAIL $1 $2 cannot build $3.c:"
	head -n 10 "$work/log"
	return 1
}

programs() {
	build "$1" "$2" example && check "$1 $2 example" 0 '^\(0, 0\): 7 bytes were asked for, 8 given' "$program"
	build "$1" "$2" bugs || return
	check "$1 $2 correct" 0 '^end' "$program"
	check "$1 $2 threads" 0 '^end' "$program" threads
	check "$1 $2 leak" 1 'kfail: leak: 100 bytes of kmalloc-128 at' env KFAIL_LEAKS=1 "$program" leak
	check "$1 $2 double-free" 134 'kfail: double-free' "$program" double-free
}

# What does not depend on the compiler.
words() {
	build gcc "" bugs || return
	check "leak is silent" 0 '^end' "$program" leak
	check "leak of vmalloc" 1 'kfail: leak: 5000 bytes of vmalloc at' env KFAIL_LEAKS=1 "$program" leak
	check "its stack" 1 ' leak  .*bugs.c:' env KFAIL_LEAKS=1 "$program" leak
	build gcc -fno-omit-frame-pointer bugs || return
	check "its stack, by frame pointers" 1 ' leak  .*bugs.c:' env KFAIL_LEAKS=1 "$program" leak
	check "its outermost frame" 1 ' main  .*bugs.c:' env KFAIL_LEAKS=1 "$program" leak
	check "nothing left" 0 '^end' env KFAIL_LEAKS=1 "$program" threads
	check "overflow" 134 'kfail: out-of-bounds' "$program" overflow
	check "overflow, going on" 0 '^end' env KFAIL_BUGS=print "$program" overflow
	check "late write" 134 'kfail: use-after-free' "$program" late-write
	check "wrong family" 134 'kfail: invalid-free' "$program" wrong-family
	check "sleep in atomic context" 134 'kfail: sleep-in-atomic' "$program" atomic-sleep
	check "settings" 0 '^end' env KFAIL_SET='init_on_alloc=1 seed=7' "$program"
	check "settings that are none" 4 'near it is init_on_alloc' env KFAIL_SET=init_on_aloc=1 "$program"
}

make -s -C "$root" install BUILD="${KFAIL%/*}" DESTDIR="$work/root" PREFIX=/opt/kfail >"$work/log" 2>&1 ||
	fail "make install: $(tail -n 1 "$work/log")"
command -v pkg-config >/dev/null || fail "pkg-config is not installed" $SKIP
export PKG_CONFIG_PATH="$work/root/opt/kfail/lib/pkgconfig" PKG_CONFIG_SYSROOT_DIR="$work/root"
# The addresses of a process under ThreadSanitizer must not be too random.
export ASAN_OPTIONS=detect_leaks=1 MSAN_OPTIONS='' TSAN_OPTIONS=''

words
for cc in gcc clang; do
	command -v $cc >/dev/null || {
		echo "$cc is not installed: not tried"
		continue
	}
	for sanitizer in "" address undefined thread memory; do
		# gcc has no MemorySanitizer.
		[ $cc$sanitizer != gccmemory ] || continue
		programs $cc "${sanitizer:+-fsanitize=$sanitizer}"
		[ "$sanitizer" != thread ] || check "$cc race" 66 'data race .*in touch' "$program" race
		[ "$sanitizer" != memory ] || {
			check "$cc uninitialised" bad 'use-of-uninitialized-value.*in uninitialised' "$program" uninitialised
			check "$cc initialised" 0 '^end' "$program" initialised
		}
	done
done
check "the installed command" 1 'verdict: findings' "$work/root/opt/kfail/bin/kfail" sweep "$root/tests/drivers/demo.c"
echo "$passed passed, $failed failed"
[ $failed = 0 ]
