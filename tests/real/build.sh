#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Fetch the packages named in tests/real/packages and build their modules, unmodified, against the headers of
# kernel $KERNEL. The modules come to $KFAIL_CACHE/real/$KERNEL/*.ko; that directory is the last line
# printed. What is built already for the same package and kernel is left alone.
#
#	tests/real/build.sh [PACKAGE ...]	(without a name: all)
set -u
here=$(cd "$(dirname "$0")" && pwd) && root=${here%/*/*}
# shellcheck source=tests/lib.sh
. "$root/tests/lib.sh"

# The modules that the list wants of package $1.
wanted() {
	sed 's/#.*//; s/[[:space:]]--.*//' "$here/packages" | awk -v package="$1" '
		$1 == package { for (i = 2; i <= NF; i++) if (!seen[$i]++) print $i }'
}

# Where in the source tree $1 a module is built, by the package's own dkms.conf.
kbuild_directory() {
	(
		cd "$1" || exit
		# shellcheck disable=SC2034 # read by dkms.conf
		kernelver=$KERNEL kernel_source_dir=$headers dkms_tree=/nonexistent arch=x86_64
		BUILT_MODULE_LOCATION=
		eval "$(grep '^BUILT_MODULE_LOCATION' dkms.conf | head -n 1 | sed 's/\[[0-9]*\]//')"
		echo "$1/$BUILT_MODULE_LOCATION"
	)
}

build() {
	package=$1
	modules=$(wanted "$package")
	[ -n "$modules" ] || fail "$package is not in $here/packages"
	deb=$(fetch_deb "$package") || exit
	stamp=$(stamp_of "$deb" "$headers/Module.symvers" "$here/packages" "$here/build.sh")
	[ "$(cat "$out/.$package" 2>/dev/null)" = "$stamp" ] && return

	tree=$KFAIL_CACHE/real/$package
	rm -rf "$tree"
	dpkg -x "$deb" "$tree" || fail "cannot unpack $deb; remove it and try again"
	source=$(dirname "$tree"/usr/src/*/dkms.conf)
	directory=$(kbuild_directory "$source")
	set --
	if [ "$package" = dahdi-dkms ]; then # its top Makefile makes a header and names its include directory
		quietly "$tree/log" make -C "$source" include/dahdi/version.h KSRC="$headers" KVERS="$KERNEL"
		set -- DAHDI_INCLUDE="$source/include" DAHDI_BUILD_ALL=m
	fi
	echo "building $package for $KERNEL" >&2
	# shellcheck disable=SC2086 # a list of names
	quietly "$tree/log" make -j "$(nproc)" -C "$headers" M="${directory%/}" "$@" $modules
	for module in $modules; do
		cp "$directory/$module" "$out/$module" || fail "the build of $package left no $module"
	done
	echo "$stamp" >"$out/.$package"
}

headers=$(find_headers) || exit
out=$KFAIL_CACHE/real/$KERNEL
mkdir -p "$out" || fail "cannot write to the cache $KFAIL_CACHE"
exec 9>"$KFAIL_CACHE/real/.lock" && flock 9
# shellcheck disable=SC2046 # a list of names
[ $# -gt 0 ] || set -- $(sed 's/#.*//' "$here/packages" | awk 'NF && !seen[$1]++ { print $1 }')
for name in "$@"; do
	build "$name"
done
echo "$out"
