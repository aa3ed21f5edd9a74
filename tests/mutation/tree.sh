#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# A driver's tree for the mutation score: copied or unpacked into a directory of its own and built once by kbuild, with debug
# information. kbuild leaves the commands that it used beside the objects (.foo.o.cmd); a mutant is built with them.
#
#	tests/mutation/tree.sh FROM DIRECTORY [MODULE.ko ...]
#
# FROM is a Debian package with a dkms.conf, a directory with a kbuild Makefile, or one source. Prints two lines: where the
# modules are built, and where the kernel's headers are. Status 77: it cannot be fetched here.
#
# fixes/PACKAGE.patch mends bugs of the driver itself that would hide mutants: where every run through an error path dies by the
# driver's own fault, nothing that a mutant does there can be seen.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/lib.sh
. "$root/tests/lib.sh"

from=$1 tree=$2
shift 2
modules=${*:-modules}
headers=$(find_headers) || exit
mkdir -p "$tree" || fail "cannot write to $tree"
tree=$(cd "$tree" && pwd)

# What is built already of the same things is left alone.
finish() {
	printf '%s\n%s\n' "$directory" "$headers" >"$tree/built"
	cat "$tree/built"
	exit 0
}

unpack() {
	deb=$(fetch_deb "$from") || exit
	fix=$root/tests/mutation/fixes/$from.patch
	[ -f "$fix" ] || fix=/dev/null
	stamp=$(stamp_of "$deb" "$headers/Module.symvers" "$0" "$fix")-$(echo "$modules" | cksum | cut -d " " -f 1)
	known
	dpkg -x "$deb" "$tree/package" || fail "cannot unpack $deb; remove it and try again"
	source=$(dirname "$tree"/package/usr/src/*/dkms.conf)
	# shellcheck disable=SC2034 # read by dkms.conf
	directory=$(
		kernelver=$KERNEL kernel_source_dir=$headers dkms_tree=/nonexistent arch=x86_64
		BUILT_MODULE_LOCATION=
		eval "$(grep '^BUILT_MODULE_LOCATION' "$source/dkms.conf" | head -n 1 | sed 's/\[[0-9]*\]//')"
		cd "$source/$BUILT_MODULE_LOCATION" && pwd
	)
	[ "$fix" = /dev/null ] || quietly "$tree/log" patch -d "$directory" -p 1 -i "$fix"
}

known() {
	[ "$(cat "$tree/stamp" 2>/dev/null)" = "$stamp" ] && [ -s "$tree/built" ] && {
		cat "$tree/built"
		exit 0
	}
	rm -rf "$tree"
	mkdir -p "$tree"
}

if [ -d "$from" ]; then
	# shellcheck disable=SC2046 # a list of sources
	stamp=$(stamp_of "$headers/Module.symvers" "$0" $(find "$from" -name '*.[ch]' -o -name Makefile -o -name Kbuild | sort))
	known
	cp -a "$from/." "$tree/source"
	directory=$tree/source
elif [ -f "$from" ]; then
	stamp=$(stamp_of "$headers/Module.symvers" "$0" "$from")
	known
	mkdir -p "$tree/source"
	cp "$from" "$tree/source/"
	name=${from##*/}
	echo "obj-m := ${name%.c}.o" >"$tree/source/Kbuild"
	directory=$tree/source
else
	unpack
fi

# Packages that want more than kbuild, or other files of theirs first.
set --
case $from in
dahdi-dkms)
	quietly "$tree/log" make -C "$source" include/dahdi/version.h KSRC="$headers" KVERS="$KERNEL"
	set -- DAHDI_INCLUDE="$source/include" DAHDI_BUILD_ALL=m
	;;
esac
echo "building $from for $KERNEL" >&2
# shellcheck disable=SC2086 # a list of names
quietly "$tree/log" make -j 2 -C "$headers" M="$directory" "$@" $modules
echo "$stamp" >"$tree/stamp"
finish
