# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# Sourced by the scripts under tests/, with $root set to the top of the repository: where things are
# cached, and how packages and kernel headers get there. Nothing is installed on the host.
#
# Exit status of every script: 0 done, 1 failed, 77 cannot be done here (no network and nothing
# cached): the caller skips, and repeats the sentence on standard error.

KFAIL_CACHE=${KFAIL_CACHE:-${root:?}/.cache}
case $KFAIL_CACHE in
/*) ;;
*) KFAIL_CACHE=$PWD/$KFAIL_CACHE ;;
esac
KERNEL=${KERNEL:-6.1.0-56-amd64}
KFAIL=${KFAIL:-$root/build/kfail}
# Nothing is kept in the home of whoever runs the tests.
KFAIL_STORE=${KFAIL_STORE-}
export KFAIL_CACHE KERNEL KFAIL KFAIL_STORE
SKIP=77

# Called from a Makefile or not: its options are not those of a kernel build.
unset MAKEFLAGS MFLAGS MAKELEVEL

fail() {
	echo "${0##*/}: $1" >&2
	exit "${2:-1}"
}

# Run a long command quietly: its output goes to a file, of which the end is shown when it fails.
quietly() {
	log=$1
	shift
	"$@" >"$log" 2>&1 && return
	tail -n 30 "$log" >&2
	fail "this failed: $* (all of its output: $log)"
}

apt_download() {
	apt-get -q -o APT::Sandbox::User=root -o Acquire::Retries=0 -o Acquire::http::Timeout=15 "$@"
}

# Download a package into the current directory. A host without package lists gets private ones in the cache.
download_here() {
	apt_download download "$1" && return
	set -- "$1" -o "Dir::State::Lists=$KFAIL_CACHE/apt/lists" -o "Dir::Cache=$KFAIL_CACHE/apt/cache"
	mkdir -p "$KFAIL_CACHE/apt/lists/partial" "$KFAIL_CACHE/apt/cache/archives/partial"
	package=$1
	shift
	apt_download "$@" update && apt_download "$@" download "$package"
}

cached_deb() {
	find "$KFAIL_CACHE/deb/" -maxdepth 1 -name "$1_*.deb" | sort -V | tail -n 1
}

# Print the path of a package's .deb, downloaded when it is not in the cache yet.
fetch_deb() {
	mkdir -p "$KFAIL_CACHE/deb" || fail "cannot write to the cache $KFAIL_CACHE"
	deb=$(cached_deb "$1")
	if [ -z "$deb" ]; then
		new=$(mktemp -d "$KFAIL_CACHE/deb/.new.XXXXXX") || fail "cannot write to the cache $KFAIL_CACHE"
		(cd "$new" && download_here "$1") >"$new/log" 2>&1
		find "$new" -name '*.deb' -exec mv {} "$KFAIL_CACHE/deb/" \;
		why=$(grep -m 1 '^E:' "$new/log")
		rm -rf "$new"
		deb=$(cached_deb "$1")
	fi
	[ -n "$deb" ] || fail "package $1 is not in the cache and cannot be downloaded: ${why:-no answer from apt-get}" $SKIP
	echo "$deb"
}

# Print the kbuild directory of kernel $KERNEL: installed, or unpacked in the cache, or fetched there.
find_headers() {
	name=linux-headers-$KERNEL
	if [ -f "/usr/src/$name/Module.symvers" ]; then
		echo "/usr/src/$name"
		return
	fi
	headers=$KFAIL_CACHE/kernel/$KERNEL/usr/src/$name
	if [ ! -f "$headers/Module.symvers" ] && [ -x "$KFAIL" ]; then
		KFAIL_CACHE=$KFAIL_CACHE "$KFAIL" kernel fetch "$KERNEL" >&2
	fi
	[ -f "$headers/Module.symvers" ] ||
		fail "no headers of kernel $KERNEL: neither installed, nor in the cache $KFAIL_CACHE, nor to be fetched (kfail kernel fetch $KERNEL)" $SKIP
	unpacked_headers_usable "$headers"
	echo "$headers"
}

# Debian's headers include their common half by an absolute path, which is wrong where they are only unpacked.
unpacked_headers_usable() {
	common=$(sed -n 's|^include .*/\(linux-headers-[^/]*/Makefile\)$|\1|p' "$1/Makefile")
	[ -n "$common" ] || return 0
	line="include ${1%/*}/$common"
	grep -qxF "$line" "$1/Makefile" || echo "$line" >"$1/Makefile"
}

# What a module build depends on: the kernel's ABI, the recipe, and the files named. One word.
stamp_of() {
	cat "$@" | sha256sum | cut -c 1-16
}

# result STATUS NAME: one check, told and counted in $passed and $failed, which the script begins with 0. $mode, where a
# script has one, stands before the name.
result() {
	if [ "$1" = 0 ]; then
		passed=$((passed + 1))
		echo "ok   ${mode:+$mode: }$2"
	else
		failed=$((failed + 1))
		echo "FAIL ${mode:+$mode: }$2"
	fi
}
