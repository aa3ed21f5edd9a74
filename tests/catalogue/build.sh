#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Build the modules of the catalogue against kernel headers, all with one call of kbuild. The last line printed is the
# directory they are in. What is up to date is left alone.
#
#	tests/catalogue/build.sh [HEADERS OUTPUT [ARGUMENT OF MAKE ...]]
#
# Without arguments: the headers of kernel $KERNEL, output to $KFAIL_CACHE/catalogue/$KERNEL. $CATALOGUE_FLAGS are the
# compiler's, beside kbuild's own.
set -u
here=$(cd "$(dirname "$0")" && pwd) && root=${here%/*/*}
# shellcheck source=tests/lib.sh
. "$root/tests/lib.sh"

if [ $# -gt 1 ]; then
	headers=$1 out=$2
	shift 2
	[ -f "$headers/Module.symvers" ] ||
		fail "$headers is not a directory of kernel headers: it has no Module.symvers" 2
else
	headers=$(find_headers) || exit
	out=$KFAIL_CACHE/catalogue/$KERNEL
fi
mkdir -p "$out" || fail "cannot write to $out"
out=$(cd "$out" && pwd)
exec 9>"$out/.lock" && flock 9

# kbuild wants its sources where it builds; a report names the file that is included here.
wrappers() {
	for source in "$here"/*.c; do
		name=${source##*/}
		[ "$name" = use_device.c ] && continue
		line="#include \"$source\""
		[ "$(cat "$out/$name" 2>/dev/null)" = "$line" ] || echo "$line" >"$out/$name"
		echo "obj-m += ${name%.c}.o"
	done
}

stamp=$({ cat "$headers/Module.symvers" "$here"/*.[ch] "$here/build.sh"; echo "$* ${CATALOGUE_FLAGS:-}"; } | stamp_of -)
if [ "$(cat "$out/.stamp" 2>/dev/null)" != "$stamp" ]; then
	echo "building the catalogue against $headers" >&2
	# A function that ends in a call would otherwise be no frame of the stack.
	{
		echo "ccflags-y := -fno-optimize-sibling-calls -I$here ${CATALOGUE_FLAGS:-}"
		wrappers
	} >"$out/Kbuild"
	quietly "$out/log" make -k -j "$(nproc)" -C "$headers" M="$out" "$@" modules
	echo "$stamp" >"$out/.stamp"
fi
echo "$out"
