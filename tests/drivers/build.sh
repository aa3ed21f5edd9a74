#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Build the drivers of this directory against kernel headers, all with one call of kbuild. A source
# that asks `if (BUGGY)` becomes two modules, NAME_bug.ko and NAME_ok.ko; another one becomes NAME.ko.
# The last line printed is the directory they are in. What is up to date is left alone.
#
#	tests/drivers/build.sh [HEADERS [OUTPUT]]
#
# Without arguments: the headers of kernel $KERNEL, output to $KFAIL_CACHE/drivers/$KERNEL.
set -u
here=$(cd "$(dirname "$0")" && pwd) && root=${here%/*/*}
# shellcheck source=tests/lib.sh
. "$root/tests/lib.sh"

# Write standard input to a file, unless that says the same already: make goes by times.
update() {
	cat >"$1.new"
	if cmp -s "$1.new" "$1"; then rm "$1.new"; else mv "$1.new" "$1"; fi
}

# kbuild wants a source for each module: wrap MODULE NAME [LINE]. Prints the module's name.
wrap() {
	printf '%s\n#include "%s"\n' "${3:-}" "$here/$2.c" | update "$out/$1.c"
	echo "$1"
}

modules_of() {
	for source in "$here"/*.c; do
		name=${source##*/} name=${name%.c}
		if grep -q BUGGY "$source"; then
			wrap "${name}_bug" "$name" "#define BUGGY 1"
			wrap "${name}_ok" "$name" "#define BUGGY 0"
		else
			wrap "$name" "$name"
		fi
	done
}

if [ $# -gt 0 ]; then
	headers=$1
	[ -f "$headers/Module.symvers" ] ||
		fail "$headers is not a directory of kernel headers: it has no Module.symvers"
	KERNEL=$(cat "$headers/include/config/kernel.release")
else
	headers=$(find_headers) || exit
fi
out=${2:-$KFAIL_CACHE/drivers/$KERNEL}
mkdir -p "$out" || fail "cannot write to $out"
out=$(cd "$out" && pwd)
exec 9>"$out/.lock" && flock 9

# Objects of another kernel are of no use; for the rest, make knows what is old.
kernel=$(stamp_of "$headers/Module.symvers")
if [ "$(cat "$out/.kernel" 2>/dev/null)" != "$kernel" ]; then
	find "$out" -mindepth 1 ! -name .lock -delete
	echo "$kernel" >"$out/.kernel"
fi

exports=$root/harness/world/exports.def
stamp=$(stamp_of "$here"/*.c "$here/build.sh" "$exports")
if [ "$(cat "$out/.stamp" 2>/dev/null)" != "$stamp" ]; then
	echo "building the drivers of tests/drivers for $KERNEL" >&2
	# A function that ends in a call would otherwise be no frame of the stack.
	{
		echo 'ccflags-y := -fno-optimize-sibling-calls'
		modules_of | sed 's/.*/obj-m += &.o/'
		# These are about just that.
		echo 'CFLAGS_tail_call_bug.o := -foptimize-sibling-calls'
		echo 'CFLAGS_tail_call_ok.o := -foptimize-sibling-calls'
		echo 'CFLAGS_call_tail_bug.o := -foptimize-sibling-calls'
		echo 'CFLAGS_call_tail_ok.o := -foptimize-sibling-calls'
	} | update "$out/Kbuild"
	# What kfail exports beside the kernel, for modpost.
	sed -n 's/^EXPORT(\(.*\))$/0x00000000\t\1\tvmlinux\tEXPORT_SYMBOL\t/p' "$exports" >"$out/exports.symvers"
	quietly "$out/log" make -j "$(nproc)" -C "$headers" M="$out" \
		KBUILD_EXTRA_SYMBOLS="$out/exports.symvers" modules
	echo "$stamp" >"$out/.stamp"
fi
echo "$out"
