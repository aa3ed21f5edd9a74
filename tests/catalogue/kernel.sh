#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What the kernel's own facilities see of the catalogue (`make catalogue-kernel`; no part of `make test`). Debian's
# linux-source-6.1 becomes two User Mode Linux kernels, one with KASAN, one with SLUB's checks, kmemleak, lockdep and the rest
# (tests/catalogue/kernel/*.config). Each module is loaded in three boots of its own, its corrected twin first:
#
#	slub_debug	slub_debug=FZPU page_poison=1 and all that the debug kernel has but kmemleak
#	kasan		the kernel with KASAN
#	kmemleak	kmemleak alone, with a scan while the module is loaded and another when it is gone
#
# and what the kernel said goes to tests/catalogue/seen, of which readme.sh makes the columns of the README.
#
#	tests/catalogue/kernel.sh [NAME ...]	only these modules; the lines of others are kept
#	tests/catalogue/kernel.sh --logs	no boots: the logs of earlier ones are read again
#
# Needs flex, bison, bc, libelf-dev and gcc-12, and 3 GB under $KFAIL_CACHE/uml. The logs of the boots are in
# $KFAIL_CACHE/uml/log.
set -u
here=$(cd "$(dirname "$0")" && pwd) && root=${here%/*/*}
# shellcheck source=tests/lib.sh
. "$root/tests/lib.sh"
uml=$KFAIL_CACHE/uml
make="make ARCH=um CC=gcc-12 HOSTCC=gcc-12"

configure() {
	$make tinyconfig
	scripts/kconfig/merge_config.sh -m .config "$here/kernel/common.config" "$here/kernel/$1.config"
	$make olddefconfig
}

# One kernel, in a tree of its own: UML's module builds want it where it was built. It calls itself one that cannot be preempted,
# which only keeps DEBUG_ATOMIC_SLEEP from being asked for.
build_kernel() {
	tree=$uml/$1
	stamp=$(stamp_of "$here/kernel/common.config" "$here/kernel/$1.config")
	[ "$(cat "$tree/.kfail" 2>/dev/null)" = "$stamp" ] && return
	echo "building User Mode Linux ($1)" >&2
	deb=$(fetch_deb linux-source-6.1) || exit
	rm -rf "$tree"
	mkdir -p "$tree" || fail "cannot write to the cache $KFAIL_CACHE"
	dpkg --fsys-tarfile "$deb" | tar -xO ./usr/src/linux-source-6.1.tar.xz | xz -dT0 |
		tar -x -C "$tree" --strip-components=1 || fail "cannot unpack $deb; remove it and try again"
	sed -i '/select ARCH_NO_PREEMPT/d' "$tree/arch/um/Kconfig"
	(cd "$tree" && quietly "$uml/$1.log" configure "$1") || exit
	# shellcheck disable=SC2086 # words
	quietly "$uml/$1.log" nice -n 10 $make -C "$tree" -j "$(nproc)" linux modules
	echo "$stamp" >"$tree/.kfail"
}

# boot LOG KERNEL MODULES NAME WORD...: everything that the kernel said.
boot() {
	log=$1 kernel=$2 modules=$3 name=$4
	shift 4
	cp "$modules/$name.ko" "$uml/root/"
	grep -q '"device.h"' "$here/$name.c" && set -- "$@" device=1
	sed -n '2,/\*\//p' "$here/$name.c" | grep -q 'is refused' && set -- "$@" refuse=1
	timeout -s KILL 15 nice -n 10 "$uml/$kernel/linux" mem=256M rootfstype=hostfs root=/dev/root "rootflags=$uml/root" rw \
		init=/init con=null con0=fd:0,fd:1 time-travel=inf-cpu loglevel=8 "module=$name" "$@" </dev/null 2>/dev/null |
		tr -d '\r' >"$log"
	rm -f "$uml/root/$name.ko"
}

# The first thing that the kernel said in part $2 (twin, bug) of the log $3 of column $1; `-` when it said nothing.
verdict() {
	awk -v column="$1" -v part="$2" -f "$here/kernel/verdict.awk" "$3"
}

# see MODULE COLUMN LOG: one line of the table.
see() {
	twin=$(verdict "$2" twin "$3")
	[ "$twin" = - ] || echo "$1: the twin is not clean under $2: $twin" >&2
	printf '%s\t%s\t%s\n' "$1" "$2" "$(verdict "$2" bug "$3")"
}

read_logs() {
	for column in slub_debug kasan kmemleak; do
		[ ! -f "$uml/log/$1.$column" ] || see "$1" "$column" "$uml/log/$1.$column"
	done
}

look_at() {
	boot "$uml/log/$1.slub_debug" debug "$debug" "$1" slub_debug=FZPU page_poison=1 kmemleak=off
	boot "$uml/log/$1.kasan" kasan "$kasan" "$1"
	boot "$uml/log/$1.kmemleak" debug "$debug" "$1" slub_debug=- slab_nomerge kmemleak=on leaks=on
	read_logs "$1"
}

all_names() {
	awk '!/^#/ && NF && $1 != "name" { print $1 }' "$here/table"
}

if [ "${1:-}" = --logs ]; then
	for name in $(all_names); do
		read_logs "$name"
	done | sort >"$here/seen"
	"$here/readme.sh"
	exit
fi

mkdir -p "$uml/log" "$uml/root/proc" "$uml/root/sys" "$uml/root/dev" || fail "cannot write to the cache $KFAIL_CACHE"
exec 8>"$uml/.lock" && flock 8
build_kernel debug
build_kernel kasan
# shellcheck disable=SC2086 # several words
debug=$("$here/build.sh" "$uml/debug" "$uml/modules-debug" ${make#make }) || exit
# shellcheck disable=SC2086
kasan=$("$here/build.sh" "$uml/kasan" "$uml/modules-kasan" ${make#make }) || exit
quietly "$uml/init.log" "${CC:-cc}" -O2 -static -o "$uml/root/init" "$here/kernel/init.c"

# shellcheck disable=SC2046 # words
[ $# -gt 0 ] || set -- $(all_names)
for name in "$@"; do
	new=$(look_at "$name")
	{
		grep -v "^$name	" "$here/seen" 2>/dev/null
		echo "$new"
	} | sort >"$here/seen.new"
	mv "$here/seen.new" "$here/seen"
done
"$here/readme.sh"
