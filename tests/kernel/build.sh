#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Fetch Debian's linux-source-6.1 and build the kernel's own tests that are listed in tests/kernel/suites, unmodified, as
# modules for kernel $KERNEL. They come to $KFAIL_CACHE/ktest/$KERNEL/tree; that directory is the last line
# printed. What is up to date is left alone.
set -u
here=$(cd "$(dirname "$0")" && pwd) && root=${here%/*/*}
# shellcheck source=tests/lib.sh
. "$root/tests/lib.sh"
package=linux-source-6.1

# What the list needs of the source tree: directories of the tests, whole, since tests include their neighbours. tar
# wants none twice, so not those inside of another either.
needed() {
	{
		awk '/^[a-z]/ { print $1 } $1 == "with" && $2 != "kunit" { print $2 }' "$here/suites" |
			sed 's|/[^/]*$||'
		printf '%s\n' lib/kunit include/kunit tools/testing/selftests/kselftest_module.h mm/slab.h
	} | sort -u | awk '!last || index($0, last "/") != 1 { last = $0; print }'
}

unpack() {
	rm -rf "$out/new"
	mkdir -p "$out/new" || fail "cannot write to $out"
	echo "unpacking $package" >&2
	needed | sed "s|^|$package/|" >"$out/members"
	dpkg --fsys-tarfile "$1" | tar -xO "./usr/src/$package.tar.xz" | xz -dT0 |
		tar -x -C "$out/new" --strip-components=1 -T "$out/members" ||
		fail "cannot unpack $1; remove it and try again"
}

# kbuild's lines for one module of one source: line SOURCE [HEADER [FLAGS]].
module() {
	echo "obj-m += ${1%.c}.o"
	[ -z "${2:-}" ] || echo "CFLAGS_${1%.c}.o := -include $here/$2"
}

kunit_module() {
	echo "obj-m += kunit.o"
	for part in test resource string-stream assert try-catch; do
		echo "kunit-y += lib/kunit/$part.o"
		echo "CFLAGS_lib/kunit/$part.o := -include $here/kunit.h -DKFAIL_KUNIT_ITSELF"
	done
}

kbuild() {
	echo "ccflags-y := -I$out/tree/include"
	kunit_module
	awk '/^[a-z]/ { source = $1; header[source] = header[source] }
		$1 == "first" { header[source] = $2 }
		$1 == "with" && $2 == "kunit" && !header[source] { header[source] = "kunit.h" }
		$1 == "with" && $2 != "kunit" { header[$2] = "" }
		END { for (source in header) print source, header[source] }' "$here/suites" | sort |
		while read -r source header; do
			module "$source" "$header"
		done
}

headers=$(find_headers) || exit
deb=$(fetch_deb "$package") || exit
out=$KFAIL_CACHE/ktest/$KERNEL
mkdir -p "$out" || fail "cannot write to the cache $KFAIL_CACHE"
exec 9>"$out/.lock" && flock 9
# The package is large, and known by its name; of the table only what is built matters.
stamp=$({ echo "${deb##*/}" && kbuild && cat "$headers/Module.symvers" "$here"/*.h "$here/build.sh"; } | stamp_of -)
if [ "$(cat "$out/.stamp" 2>/dev/null)" != "$stamp" ]; then
	unpack "$deb"
	rm -rf "$out/tree"
	mv "$out/new" "$out/tree" || fail "cannot write to $out"
	kbuild >"$out/tree/Kbuild"
	echo "building the kernel's tests for $KERNEL" >&2
	# What kfail exports is in no Module.symvers.
	quietly "$out/build.log" make -j "$(nproc)" -C "$headers" M="$out/tree" KBUILD_MODPOST_WARN=1 modules
	echo "$stamp" >"$out/.stamp"
fi
echo "$out/tree"
