#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What `kfail inspect` shows: each view of the allocators and the file of the rehosted kernel are the same text, for the same
# world; stacks lead to the module; a module that is unloaded is gone. Called by tests/run-kernel.sh with the directory of built
# drivers. Ends with "N passed, N failed".
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/lib.sh
. "$root/tests/lib.sh"
drivers=${1:-$KFAIL_CACHE/drivers/$KERNEL}
module=$drivers/eleven_ok.ko
work=$(mktemp -d) || exit
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

inspect() {
	"$KFAIL" inspect "$@"
}

# same NAME VIEW PATH [OPTION...]: both are there, and the same.
same() {
	name=$1 view=$2 path=$3
	shift 3
	inspect "$@" "$view" "$module" >"$work/view" 2>&1 &&
		inspect "$@" "$path" "$module" >"$work/file" 2>&1 && [ -s "$work/view" ] &&
		cmp "$work/view" "$work/file"
	result $? "$name"
}

for view in slabinfo buddyinfo pagetypeinfo zoneinfo; do
	same "/proc/$view is the allocators' truth" $view /proc/$view
done

# Init is freed when it has run, so the kernel has no name for its addresses any more: kfail has.
nameless() {
	sed 's/ eleven_init+[^ ]* \[eleven_ok\]/ INIT/; s/ 0x[0-9a-f]\{8\} / INIT /'
}
inspect vmallocinfo "$module" | nameless >"$work/view"
inspect /proc/vmallocinfo "$module" | nameless >"$work/file"
grep -q INIT "$work/view" && cmp "$work/view" "$work/file"
result $? "/proc/vmallocinfo is the allocators' truth"

# The kernel's file has lines of what lies above the allocators too, and its VmallocTotal is a constant.
inspect meminfo "$module" | grep -v VmallocTotal >"$work/view"
inspect /proc/meminfo "$module" >"$work/file"
[ -s "$work/view" ] && ! grep -vxFf "$work/file" "$work/view"
result $? "every line of meminfo is in /proc/meminfo"

for cache in kmalloc-96 radix_tree_node; do
	same=0
	for attribute in $(inspect /sys/kernel/slab/$cache "$module"); do
		inspect slab/$cache/"$attribute" "$module" >"$work/view" 2>&1 &&
			inspect /sys/kernel/slab/$cache/"$attribute" "$module" >"$work/file" 2>&1 &&
			cmp "$work/view" "$work/file" || same=1
	done
	[ $same = 0 ] && [ -n "${attribute:-}" ]
	result $? "every file of /sys/kernel/slab/$cache is the allocators' truth"
done

for cache in kmalloc-4k kmalloc-cg-1k; do
	for which in alloc_traces free_traces; do
		same "$which of $cache, with slub_debug=U" slab/$cache/$which \
			/sys/kernel/debug/slab/$cache/$which --set slub_debug=U
	done
done

inspect slab/kmalloc-4k/alloc_traces "$module" | grep -q ' 1 eleven_init+.*\[eleven_ok\] waste='
result $? "alloc_traces lead to the module"
inspect page_owner "$module" | grep -q '^ eleven_init+.*\[eleven_ok\]$'
result $? "page_owner leads to the module"
inspect vmallocinfo "$module" | grep -q ' eleven_init+.*\[eleven_ok\] pages='
result $? "vmallocinfo names the module's function"
inspect --after=exit page_owner "$module" >"$work/view" && [ -s "$work/view" ] && ! grep eleven "$work/view"
result $? "nothing of the module is left after its exit"
inspect /proc/modules "$module" | grep -q '^eleven_ok .* Live '
result $? "the kernel's own /proc/modules"
[ -z "$(inspect --after=exit /proc/modules "$module")" ]
result $? "and it is unloaded with --after=exit"
inspect /sys/kernel/slab "$module" | sed 's|/$||' | sort >"$work/file"
inspect slab "$module" | sort -u | cmp - "$work/file"
result $? "a directory per cache"
inspect /proc/slabinfo | grep -q '^kmalloc-8 '
result $? "without a module: the kernel as it booted"
inspect slab/kmalloc-512/alloc_traces "$root/tests/drivers/demo.c" | grep -q " demo_init+.*\[demo\]"
result $? "the same in native mode"
# A driver whose init fails: what it left is shown, and the status says so.
cat >"$work/fails.c" <<'EOF'
#include <linux/module.h>
#include <linux/slab.h>

static int __init fails_init(void)
{
	return kmalloc(100, GFP_KERNEL) ? -ENODEV : -ENOMEM;
}
module_init(fails_init);
MODULE_LICENSE("GPL");
EOF
inspect slab/kmalloc-128/alloc_traces "$work/fails.c" >"$work/view" 2>"$work/said"
[ $? = 3 ] && grep -q 'failed with -19' "$work/said" && grep -q ' 1 fails_init+' "$work/view"
result $? "an init that fails: status 3, and what it left"
inspect --native buddyinfo | grep -q '^Node 0, zone   Normal '
result $? "a native world without a driver"

echo "$passed passed, $failed failed"
[ $failed = 0 ]
