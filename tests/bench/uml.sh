#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The peer of `make bench`: the same eleven allocations in User Mode Linux, refused one by one with /proc/self/fail-nth
# (uml/init.c), once with slub_debug and kmemleak, once with every check off. In contrast to kfail, nothing is put back
# between two runs, nothing is tried again, and no run has a verdict: that takes a scan of kmemleak, which is the third figure.
#
#	UML=.../linux tests/bench/uml.sh [RUNS_PER_SECOND]
#
# RUNS_PER_SECOND: of kfail in kernel mode, for the ratios. The binary must lie in the tree that it was built in, for the module is
# built there too. With Debian's sources:
#
#	apt-get install linux-source-6.1 flex bison bc libelf-dev
#	tar xf /usr/src/linux-source-6.1.tar.xz && cd linux-source-6.1
#	make ARCH=um tinyconfig
#	scripts/kconfig/merge_config.sh -m .config .../tests/bench/uml/uml.config
#	make ARCH=um olddefconfig && make -j"$(nproc)" ARCH=um linux modules
#
# With another compiler than gcc: UML_MAKE='CC=gcc-12 HOSTCC=gcc-12' for this script, too.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/lib.sh
. "$root/tests/lib.sh"
here=$root/tests/bench/uml
ours=${1:-}

[ -x "${UML:-}" ] || fail "UML=${UML:-} is no program: give the path of the file linux that \`make ARCH=um\` built" 2
tree=$(cd "$(dirname "$UML")" && pwd)
[ -f "$tree/Module.symvers" ] || fail "$tree has no Module.symvers: UML must lie in the tree where it was built, with modules" 2

work=$(mktemp -d) || exit
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/module" "$work/root/proc" "$work/root/debug" "$work/root/dev"
cp "$here/eleven_uml.c" "$root/tests/drivers/eleven.c" "$work/module"
echo 'obj-m := eleven_uml.o' >"$work/module/Kbuild"
# shellcheck disable=SC2086 # several assignments
quietly "$work/module.log" make -C "$tree" ARCH=um ${UML_MAKE:-} M="$work/module" modules
cp "$work/module/eleven_uml.ko" "$work/root"
quietly "$work/init.log" "${CC:-cc}" -O2 -static -o "$work/root/init" "$here/init.c"

# The NAME=VALUE lines of one boot. UML leaves its console's terminal as it likes: it gets none.
boot() {
	timeout 120 "$UML" mem=192M rootfstype=hostfs root=/dev/root "rootflags=$work/root" rw init=/init \
		quiet con=null con0=fd:0,fd:1 "$@" </dev/null 2>/dev/null | tr -d '\r' | grep '^[a-z]*='
}

value() {
	echo "$2" | sed -n "s/^$1=//p"
}

figure() {
	ratio=
	[ -n "$ours" ] && [ -n "$2" ] && ratio=" (kfail: $(awk "BEGIN { printf \"%.1f\", $ours / $2 }") times)"
	printf '%-64s %s\n' "  $1" "${2:-did not come to an end}$ratio"
}

checked=$(boot)
error=$(value error "$checked")
[ -z "$error" ] || fail "User Mode Linux: $error"
unchecked=$(boot slub_debug=- slab_nomerge kmemleak=off)
echo "peer: fail-nth in User Mode Linux ($(value points "$checked") points, the kernel's own among them)"
figure "runs/s, slub_debug and kmemleak, no verdict" "$(value loop "$checked")"
figure "runs/s, every check off, no verdict" "$(value loop "$unchecked")"
figure "runs/s, with a verdict on leaks (a scan after each run)" "$(value scan "$checked")"
