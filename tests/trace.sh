#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Traces of whole runs: the known events of a known driver, in order; lines of the kernel's form; and a file out of which
# trace-cmd reads the same. Ends with "N passed, N failed".
#
#	tests/trace.sh kernel|native
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=tests/lib.sh
. "$root/tests/lib.sh"
mode=$1
passed=0 failed=0
work=$(mktemp -d) || exit
trap 'rm -rf "$work"' EXIT

# Drivers by name: NAME is correct, NAME_bug is not.
case $mode in
kernel)
	drivers=$KFAIL_CACHE/drivers/$KERNEL
	module=eleven_ok
	eleven=$drivers/eleven_ok.ko
	bug=$drivers/eleven_bug.ko
	pressure=$drivers/pressure.ko
	;;
native)
	module=eleven
	eleven=$root/tests/drivers/eleven.c
	bug=$eleven
	pressure=$root/tests/drivers/pressure.c
	export KFAIL_CFLAGS=-DBUGGY=0
	;;
*) fail "kernel or native?" 2 ;;
esac

# The run's events without header and without what stands behind the trace.
trace() {
	"$KFAIL" run --trace="$work/text" "$@" >"$work/out" 2>"$work/err"
	status=$?
	grep -v '^#' "$work/text" 2>/dev/null
	return $status
}

# "kmalloc eleven_init 80": event, function that asked, bytes.
brief() {
	sed -E 's/^.{16}-[^:]*: //; s/^(k[a-z_]*): call_site=([a-z_]*)\+0x[0-9a-f]+\/0x[0-9a-f]+ \['$module'\]/\1 \2/
		s/ ptr=[0-9a-f]{16}//; s/ bytes_alloc=.*//; s/bytes_req=//; s/kfail_operation: name=/- /'
}

# What trace-cmd spells otherwise: no sizes and modules, no leading zeros, columns.
plain() {
	sed -E 's|(\+0x[0-9a-f]+)/0x[0-9a-f]+( \[[a-z_0-9]*\])?|\1|g; s/(\[[0-9]{3}\]) [^ ]{5} /\1 /; s/\b0x//g; s/\(nil\)/0/g
		s/=0+([0-9a-f])/=\1/g; s/  +/ /g; s/^ //'
}

# Memory is short: kswapd first, then the request itself.
cat >"$work/expected" <<END
init
kswapd0 mm_vmscan_kswapd_wake order=8
kswapd0 mm_shrink_slab_end
request mm_shrink_slab_start GFP_NOFS|GFP_DMA|__GFP_NOWARN|__GFP_RETRY_MAYFAIL
request mm_shrink_slab_end
init returned 0
END
trace "$pressure" | sed -nE '/mm_shrink_slab_end.* return val 0$/d
	/mm_shrink_slab_start.* (kswapd0-|delta 0 )/d
	s/^ *kswapd0-.*(mm_vmscan_kswapd_wake): nid=0 (.*)/kswapd0 \1 \2/p
	s/^ *kswapd0-.*(mm_shrink_slab_end): .*/kswapd0 \1/p
	s/^ .*(mm_shrink_slab_start): .* gfp_flags ([^ ]*) .* delta [1-9].*/request \1 \2/p
	s/^ .*(mm_shrink_slab_end): .*/request \1/p
	s/.*kfail_operation: name=(init)/\1/p; /kfail_operation: name=exit/q' | grep -v 'GFP_KERNEL$' | uniq >"$work/found"
diff "$work/expected" "$work/found"
result $? "kswapd and direct reclaim ask a driver's shrinker"

cat >"$work/expected" <<END
- init
kmalloc eleven_init 80
kmalloc eleven_init 200
kmalloc eleven_init 48
kmalloc eleven_init 7
kmem_cache_alloc eleven_init 120
kmem_cache_alloc eleven_init 120
kmalloc make_table 256
kmalloc eleven_init 3000
- init returned 0
- exit
kfree eleven_exit
kfree eleven_exit
kmem_cache_free eleven_exit name=eleven_requests
kmem_cache_free eleven_exit name=eleven_requests
kfree eleven_exit
kfree eleven_exit
kfree eleven_exit
kfree eleven_exit
- settling
END
trace --trace-events='kmem,!mm_page_*,kfail_operation' "$eleven" | brief >"$work/brief"
diff "$work/expected" "$work/brief"
result $? "the events of a known driver, in order"

trace --trace-dat "$work/first.dat" "$eleven" >"$work/first"
result $? "all events: status 0"
! grep -vE '^ *[^ ]+-[0-9]+ +\[000\] [.dDb]\.[.hsHzZ][.0-9a-f][.0-9a-f] +[0-9]+\.[0-9]{6}: [a-z_]+: [^ ].*[^ ]$' "$work/first"
result $? "every line has the form of the kernel's"
n=$(wc -l <"$work/first")
grep -q "^# entries-in-buffer/entries-written: $n/$n   #P:1\$" "$work/text"
result $? "the header counts the lines"
plain <"$work/first" >"$work/ours"
trace-cmd report -N -i "$work/first.dat" 2>"$work/err" | sed 1d | plain >"$work/theirs"
[ -s "$work/ours" ] && cmp "$work/ours" "$work/theirs" && [ ! -s "$work/err" ]
result $? "trace-cmd reads the same events out of the file"
trace --trace-dat "$work/second.dat" "$eleven" >"$work/second"
# A native driver is loaded wherever there is room, so its code has no fixed addresses, but names have.
cmp "$work/first" "$work/second" && { [ "$mode" = native ] || cmp "$work/first.dat" "$work/second.dat"; }
result $? "the same run gives the same trace"

# Pages that others take for themselves are seen too: three of vmalloc(10000), and the driver's own two.
trace --trace-events='mm_page_alloc,mm_page_free,kfail_alloc' "$eleven" >"$work/pages"
[ "$(sed '/name=vmalloc/q' "$work/pages" | tail -n 4 | grep -c 'mm_page_alloc: .* order=0 .* gfp_flags=GFP_KERNEL')" = 3 ] &&
	[ "$(grep -c 'mm_page_alloc: .* order=1 .* gfp_flags=GFP_KERNEL$' "$work/pages")" = 1 ] &&
	[ "$(grep -c 'mm_page_free: .* order=1$' "$work/pages")" = 1 ]
result $? "pages of the driver, of vmalloc and of slabs"

cat >"$work/expected" <<END
- init
kfail_refused eleven_init point=7 120
- init returned -ENOMEM
- settling
- loading the module again
END
trace --schedule 7 --trace-events='kfail_refused kfail_operation' "$eleven" | brief |
	sed 's/ gfp_flags=.*//; /loading/q' >"$work/brief"
diff "$work/expected" "$work/brief"
result $? "a refusal is an event"

[ "$mode" = kernel ] || KFAIL_CFLAGS=-DBUGGY=1
trace --schedule 11 "$bug" >"$work/bug"
[ $? = 1 ] && grep -q 'kfail_refused.* point=11 ' "$work/bug" && grep -q leak "$work/out"
result $? "findings are told as without a trace"
[ "$mode" = kernel ] || KFAIL_CFLAGS=-DBUGGY=0

"$KFAIL" run --trace --json - "$eleven" >"$work/out" 2>"$work/err" &&
	head -c 1 "$work/out" | grep -q '{' && ! grep -q kmalloc: "$work/out" && grep -q kmalloc: "$work/err"
result $? "a trace keeps away from JSON on standard output"
"$KFAIL" replay --schedule 7 --trace-events=kmalloc "$eleven" >"$work/out" 2>"$work/err" &&
	[ "$(sed '/init returned/q' "$work/out" | grep -c ': kmalloc: ')" -ge 4 ] && ! grep -q kfail_ "$work/out"
result $? "replay has it too, and a choice alone is a trace on the terminal"
cat >"$work/shallow.c" <<END
#include <linux/module.h>
#include <linux/slab.h>
static void *p;
static int __init shallow(void)
{
	p = kmalloc(200 << 10, GFP_KERNEL);
	pr_info("p is %s\\n", p ? "there" : "NULL");
	return 0;
}
static void __exit gone(void)
{
	kfree(p);
}
module_init(shallow);
module_exit(gone);
MODULE_LICENSE("GPL");
END
"$KFAIL" replay --schedule 1 "$work/shallow.c" >"$work/out" 2>"$work/err" && grep -q ' shallow+0x' "$work/err"
result $? "a refusal is told where the driver has hardly used its stack"
"$KFAIL" run --verbose --schedule 1 "$work/shallow.c" 2>&1 >"$work/out" | grep -q '^\[kernel\] p is NULL$'
result $? "--verbose shows the log of a native run"
"$KFAIL" run --trace=- "$eleven" >"$work/out" 2>/dev/null && grep -q '^# tracer: nop$' "$work/out"
result $? "a file called - is the terminal"
"$KFAIL" run --trace-dat /dev/full "$eleven" >"$work/out" 2>"$work/err"
[ $? = 4 ] && grep -q '/dev/full' "$work/err"
result $? "a full disk is told, with status 4"

if [ "$mode" = kernel ]; then
	trace --schedule 1 "$drivers/null_deref_bug.ko" >"$work/died"
	[ $? = 1 ] && tail -n 1 "$work/died" | grep -q 'kfail_operation: name=init died: NULL pointer'
	result $? "the trace of a run that dies reaches up to its death"
	cat >"$work/expected" <<END
    the way there:
        leak_kmalloc_init() {
          kmalloc_trace() {
            /* request 2 is refused */
          } /* kmalloc_trace */
        } /* leak_kmalloc_init = -ENOMEM */
END
	"$KFAIL" replay --trace="$work/events" --schedule 2 "$drivers/leak_kmalloc_bug.ko" >"$work/out" 2>&1
	[ $? = 1 ] && sed -n '/way there:/,/^    replay:/p' "$work/out" | sed '$d' | diff "$work/expected" - &&
		grep -q 'kfail_refused' "$work/events"
	result $? "a finding shows the way there"
	"$KFAIL" run --trace-depth 9 --json - --schedule 2 "$drivers/leak_kmalloc_bug.ko" 2>"$work/err" |
		sed -n '/"trace": \[/,/\]/p' | grep -q '"} /\* leak_kmalloc_init = -ENOMEM \*/"'
	result $? "so does JSON"
	"$KFAIL" replay --trace-filter='kfree,drop_*' --schedule 2 "$drivers/double_free_bug.ko" >"$work/out" 2>&1
	sed -n '/way there:/,/^    replay:/p' "$work/out" | grep -q '^  *drop_header() {$' &&
		! sed -n '/way there:/,/^    replay:/p' "$work/out" | grep -q 'kmalloc'
	result $? "--trace-filter chooses functions of kernel and module"
	"$KFAIL" replay --trace-depth 1 --schedule 2 "$drivers/leak_kmalloc_bug.ko" >"$work/out" 2>&1
	sed -n '/way there:/,/^    replay:/p' "$work/out" | grep -q '^        leak_kmalloc_init() {$' &&
		! sed -n '/way there:/,/^    replay:/p' "$work/out" | grep -q 'kmalloc_trace()'
	result $? "--trace-depth leaves out what lies deeper"
	trace --trace-events=kmalloc "$drivers/demo.ko" | grep -q 'call_site=demo_init+0x[0-9a-f]*/0x[0-9a-f]* \[demo\]'
	result $? "kstrdup() and its kin hand their caller on"
fi
echo "$passed passed, $failed failed"
[ $failed = 0 ]
