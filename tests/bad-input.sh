#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Bad input by hand: each is one clear sentence on standard error, status 2, nothing on standard output, no core dump, no half-written
# file. Ends with "N passed, N failed".
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=tests/lib.sh
. "$root/tests/lib.sh"
passed=0 failed=0
good=$(find "$KFAIL_CACHE/drivers/$KERNEL" -name clean.ko 2>/dev/null | head -n 1)
[ -n "$good" ] || fail "build the drivers first: tests/drivers/build.sh"
work=$(mktemp -d) || exit
trap 'rm -rf "$work"' EXIT
cd "$work" || exit

# check NAME WORDS ARGUMENTS...: every word of WORDS must be in the sentence.
check() {
	name=$1 words=$2
	shift 2
	find . -type f | sort >../before.$$
	"$KFAIL" "$@" >out 2>err
	status=$?
	rm -f why
	[ $status = 2 ] || echo "status $status" >>why
	[ ! -s out ] || echo "standard output is not empty" >>why
	# Usage errors may be followed by "Try `kfail ... --help'".
	[ "$(grep -vc '^Try ' err)" = 1 ] || echo "$(wc -l <err) lines on standard error" >>why
	for word in $words; do
		grep -qF -- "$word" err || echo "the sentence does not say '$word'" >>why
	done
	[ -z "$(find . -name 'core*')" ] || echo "a core dump" >>why
	sentence=$(head -n 1 err)
	rm -f out err
	find . -type f ! -name why | sort | cmp -s - ../before.$$ || echo "files were left behind" >>why
	rm -f ../before.$$
	if [ -s why ]; then
		failed=$((failed + 1))
		echo "FAIL $name: $(paste -sd ';' why): $sentence"
		rm -f why
	else
		passed=$((passed + 1))
		echo "ok   $name: $sentence"
	fi
}

echo 'not a module' >text.ko
cp "$good" arm.ko && printf '\267\000' | dd of=arm.ko bs=1 seek=18 conv=notrunc 2>/dev/null
head -c 5000 "$good" >short.ko
head -c 40 "$good" >tiny.ko
: >empty.ko
sed "s/vermagic=6\.1\.0-[0-9]*-amd64/vermagic=6.1.0-99-amd64/" "$good" >other.ko
mkdir directory.ko
printf 'int main(void) { return 0; }\n' >program.c && gcc -o program.ko program.c && rm program.c
cp "$good" named.ko
head -c 3000000 /dev/urandom >noise.img

check "no such file" "gone.ko" sweep gone.ko
check "a text file" "text.ko ELF" sweep text.ko
check "an empty file" "empty.ko" sweep empty.ko
check "a directory" "directory.ko" sweep directory.ko
check "a program" "program.ko" sweep program.ko
check "another architecture" "arm.ko" sweep arm.ko
check "a truncated module" "short.ko" sweep short.ko
check "only a part of the header" "tiny.ko" sweep tiny.ko
check "another kernel version" "other.ko 6.1.0-99-amd64 fetch" sweep other.ko
check "an unknown parameter" "nonsense" sweep named.ko -- nonsense=1
check "a parameter without a value's name" "=1" sweep named.ko -- =1
check "an empty list of points" "alloc calls" sweep --points= named.ko
check "an unknown group" "irg irq" sweep --points=irg named.ko
check "an unknown call" "reqest_irq request_irq import" sweep --fail reqest_irq=-EIO named.ko
check "an import that is not known to fail" "mutex_lock known" run --fail mutex_lock=-EIO named.ko
check "a call that the module does not import" "bus_register import" sweep --points=bus_register named.ko
check "no call" "--fail request_irq=-EIO" sweep --fail= named.ko
check "a value that a call does not return" "alloc_workqueue NULL -EIO" sweep --fail alloc_workqueue=-EIO named.ko
check "an errno that there is none of" "EBUSSY -EBUSY" leaks --fail request_irq=-EBUSSY named.ko
check "points of what is no module" "text.ko ELF" symbols --points text.ko
check "an unwritable result path" "/nonexistent/result.json" sweep --json /nonexistent/result.json named.ko
check "a result path that is a directory" "directory.ko" sweep --json directory.ko named.ko
check "an unwritable JUnit path" "/nonexistent/result.xml" sweep --junit /nonexistent/result.xml named.ko
check "a SARIF path that is a directory" "directory.ko" sweep --sarif directory.ko named.ko
check "two reports into one file" "both one.xml" sweep --junit one.xml --sarif one.xml named.ko
check "two reports on standard output" "both -" leaks --json - --sarif - named.ko
check "a trace and JUnit on standard output" "both junit" run --trace-dat=- --junit - named.ko
check "no such file of accepted findings" "gone.accepted" sweep --accepted gone.accepted named.ko
check "a file of accepted findings that is none" "text.ko line 1 MODULE" sweep --accepted text.ko named.ko
check "two files of accepted findings" "accepted twice" sweep --accepted /dev/null --accepted /dev/null named.ko
check "a source root that is not there" "source-root gone" sweep --source-root gone named.ko
check "a nonsense schedule" "7-" sweep --schedule 7- named.ko
check "schedule 0" "0" sweep --schedule 0 named.ko
check "a nonsense budget" "bytes=many bytes" sweep --schedule bytes=many named.ko
check "a chance of nothing" "random=0 0.0001" run --schedule random=0 named.ko
check "two seeds" "seed=1,seed=2 second" run --schedule random=1,seed=1,seed=2 named.ko
check "a seed without chance" "--seed chance" run --seed 3 named.ko
check "runs without chance" "--runs chance" run --runs 3 named.ko
check "a schedule of a seed without chance" "seed=3 probability" run --schedule seed=3 named.ko
check "a nonsense seed" "--seed 1,5" run --seed 1,5 named.ko
check "chance in a sweep" "sweep probability run" sweep --failslab=1,10,0,-1 named.ko
check "three numbers instead of four" "failslab <interval>,<probability>,<space>,<times> 1,10,0" run --failslab=1,10,0 named.ko
check "no such capability" "failslob fail_page_alloc" run --set failslob/times=1 named.ko
check "no such attribute" "failslab min-order cache-filter" run --set failslab/min-order=1 named.ko
check "an attribute without a value" "failslab/times capability/attribute=value" run --set failslab/times named.ko
check "an attribute's value" "times 0.5 number" run --set failslab/times=0.5 named.ko
check "an attribute that another capability has" "fail_usercopy ignore-gfp-wait" run --fail-type=fail_usercopy --ignore-gfp-wait named.ko
check "a probability of calls that are no points" "fail_usercopy probability --points=usercopy" run --fail-usercopy=1,100,0,-1 named.ko
check "an attribute's name as an option" "--fail-page-alloc fail_page_alloc/interval" run --fail-page-alloc=x,1,0,1 named.ko
check "an attribute's flag" "task-filter Y N maybe" run --task-filter=maybe named.ko
check "no such --fail-type" "fail_slab failslab" run --fail-type=fail_slab --probability=1 named.ko
check "another kernel than kernel" "--compat linux" sweep --compat=linux named.ko
check "no such scope" "--scope driver module direct any" sweep --scope=driver named.ko
check "no such filter" "colour=red function" sweep --only colour=red named.ko
check "a nonsense size" "size= 2-1" sweep --only size=2-1 named.ko
check "no such flags" "gfp= GFP_KERNAL GFP_KERNEL" sweep --skip gfp=GFP_KERNAL named.ko
check "no such kind" "kind= heap vmalloc" sweep --only kind=heap named.ko
check "a nonsense site" "site= function+0x1c" sweep --only site=+0x10 named.ko
check "a function that is not there" "--only nobody" sweep --only function=nobody named.ko
check "a file that is not there" "--skip nobody.c" sweep --skip file=nobody.c named.ko
check "no benign file" "gone.txt" sweep --benign gone.txt named.ko
check "a directory as benign file" "directory.ko" sweep --benign directory.ko named.ko
printf '# ok\nclean_init a reason\nclean_init+0x10\n' >benign.txt
check "a benign site without a reason" "benign.txt:3 reason" sweep --benign benign.txt named.ko
printf 'clean init\n!clean_init why\n' >benign.txt
check "a benign line that is no site" "benign.txt:2 site" sweep --benign benign.txt named.ko
objcopy --strip-debug named.ko stripped.ko 2>/dev/null
check "lines without debug information" "clean.c:10 debug" sweep --only site=clean.c:10 stripped.ko
check "a file without debug information" "clean.c debug" sweep --only file=clean.c stripped.ko
check "a trace of several runs" "trace --runs" run --trace --schedule random=5 --runs 2 named.ko
check "an unknown option" "frobnicate" sweep --frobnicate named.ko
check "an unknown command" "frobnicate" frobnicate
check "no module" "module" sweep
check "nonsense jobs" "many" sweep --jobs many named.ko
check "a nonsense mode" "twice persistent" sweep --mode single,twice named.ko
check "depth 0" "depth 0" sweep --depth 0 named.ko
check "a depth that is too large" "depth 16" sweep --depth 17 named.ko
check "a shard beyond the last" "shard 4/3" sweep --shard 4/3 named.ko
check "a shard without a number of them" "shard I/N" sweep --shard 2 named.ko
check "nonsense seed" "seed tuesday" sweep --seed tuesday named.ko
check "a budget of nothing" "budget 0" sweep --budget 0 named.ko
check "a shallow sweep of none" "shallow 0" sweep --shallow 0 named.ko
check "contradicting stacks" "--stacks --all" sweep --stacks --all named.ko
check "points that are no number" "expect-points many" sweep --expect-points many named.ko
check "a range the wrong way round" "expect-points 5-3" sweep --expect-points 5-3 named.ko
check "points of an unknown operation" "open init-exit" sweep --expect-points open=5 named.ko
check "a way to fork that is none" "fork-at-point sometimes" sweep --fork-at-point=sometimes named.ko
check "a depth beside a schedule" "--depth --schedule" sweep --depth 2 --schedule 7 named.ko
check "no such setting" "slub_debgu near slub_debug" sweep --set slub_debgu=F named.ko
check "a setting's value" "init_on_alloc maybe" leaks --set init_on_alloc=maybe named.ko
check "letters of slub_debug" "slub_debug FQ" run --set slub_debug=FQ named.ko
check "no such profile" "2.6 2.4" replay --schedule 1 --profile 2.6 named.ko
check "nonsense timeout" "soon" sweep --timeout soon named.ko
check "an unknown trace event" "kmem:nothing kmem:kmalloc" run --trace-events=kmem:nothing named.ko
check "an empty list of trace events" "empty" run --trace-events= named.ko
check "a trace into a directory that is not there" "nowhere/text" run --trace=nowhere/text named.ko
check "a trace into a directory" "directory.ko" run --trace-dat directory.ko named.ko
check "two traces into one file" "both one" run --trace=one --trace-dat=one named.ko
check "a trace and JSON on standard output" "both json" run --trace-dat=- --json - named.ko
check "a trace without a name" "trace" run --trace= named.ko
check "a trace of a sweep" "--trace" sweep --trace named.ko
check "a kernel that is no image" "noise.img" sweep --kernel "$work/noise.img" named.ko
check "a kernel image that is not there" "gone.img" sweep --kernel "$work/gone.img" named.ko
check "an unknown view" "slabinf slabinfo slab/CACHE" inspect slabinf named.ko
check "a module before the view" "named.ko VIEW" inspect named.ko slabinfo
check "a module without a view" "named.ko VIEW" inspect "$work/named.ko"
check "an unknown cache" "kmalloc-65 kmalloc-64" inspect slab/kmalloc-65 named.ko
check "an unknown attribute of a cache" "nonsense objects_partial" inspect slab/kmalloc-64/nonsense named.ko
check "a file that the world does not have" "/proc/nonsense No such file" inspect /proc/nonsense named.ko
check "a module to inspect that is not there" "gone.ko" inspect slabinfo gone.ko
check "a text file to inspect" "text.ko ELF" inspect slabinfo text.ko
check "nonsense --after" "never init exit" inspect --after=never slabinfo named.ko
check "--after=exit without a module" "module" inspect --after=exit slabinfo
check "a module in native mode" "named.ko --native" inspect --native slabinfo named.ko
check "a path in native mode" "/proc/slabinfo" inspect --native /proc/slabinfo
check "a kernel in native mode" "--kernel" inspect --native --kernel 6.1.0 slabinfo
check "a version that is not at hand" "5.10.0-1-amd64" sweep --kernel 5.10.0-1-amd64 named.ko
check "fetching a version that does not exist" "6.1.0-9999-amd64" kernel fetch 6.1.0-9999-amd64
check "no restore to be checked" "--paranoid 0 1" sweep --paranoid=0 named.ko
check "no object to be fenced" "--guard 0 1" sweep --guard=0 named.ko
check "nonsense --guard" "--guard every" sweep --guard=every named.ko
check "an edge that there is not" "--guard-edge right left both top" sweep --guard --guard-edge=top named.ko
check "an edge of nothing" "--guard-edge --guard" sweep --guard-edge=left named.ko
check "a guard of caches that kfail does not guard" "--guard slub_debug" sweep --guard --set slub_debug=FZ named.ko
check "nonsense --paranoid" "--paranoid often" sweep --paranoid=often named.ko
check "doctor of no image" "text.ko" kernel doctor text.ko
echo 'int x;' >empty.c
gcc -shared -fPIC -o nothing.so empty.c
printf '#include <pthread.h>\n#include <kfail/scenario.h>\nstatic void *f(void *p) { return p; }\nOPERATION(a) { pthread_t t; return pthread_create(&t, 0, f, 0); }\n' >thread.c
printf '#include <stdio.h>\n#include <kfail/scenario.h>\nOPERATION(a) { return !fopen("/dev/null", "r"); }\n' >host.c
printf '#include <kfail/scenario.h>\nOPERATION(a) { return 0; }\n' >good.c
printf '#include <kfail/scenario.h>\n' >none.c
check "no such scenario" "gone.c" sweep named.ko --scenario gone.c
check "a scenario that is no program" "text.ko" sweep named.ko --scenario text.ko
check "a scenario without the header" "nothing.so kfail/scenario.h" sweep named.ko --scenario nothing.so
check "a scenario without operations" "none.c OPERATION" sweep named.ko --scenario none.c
check "a scenario with threads" "thread.c pthread_create threads" sweep named.ko --scenario thread.c
check "a scenario that opens host files" "host.c fopen" sweep named.ko --scenario host.c
check "an operation that the scenario does not have" "nonsense init a exit" sweep named.ko --scenario good.c --operation nonsense
check "an operation without a scenario" "--operation --scenario" sweep named.ko --operation a
check "--whole without a scenario" "--whole --scenario" sweep named.ko --whole
check "an operation of a whole" "--operation --whole" sweep named.ko --scenario good.c --operation a --whole
check "a scan every zero operations" "--scan-every 1" leaks named.ko --scan-every 0
check "a scan every half operation" "--scan-every half" leaks named.ko --scan-every half
check "what is no command of kmemleak" "--kmemleak rubbish dump=ADDR" leaks named.ko --kmemleak=scan,rubbish
check "a command of kmemleak without its number" "--kmemleak scan=soon" leaks named.ko --kmemleak=scan=soon
check "no command of kmemleak" "--kmemleak" leaks named.ko --kmemleak=
check "a schedule without its operation" "--schedule --operation" run named.ko --scenario good.c --schedule 3
check "a module without KUnit suites" "kunit clean no KUnit suite" sweep named.ko --scenario kunit
# Stores: one that is whole, one of another version, one that is damaged behind its header.
KFAIL_CFLAGS=-DBUGGY=0 "$KFAIL" sweep --store good.db "$root/tests/drivers/eleven.c" >/dev/null 2>&1
cp good.db other.db && printf '\143' | dd of=other.db bs=1 seek=63 conv=notrunc 2>/dev/null
cp good.db damaged.db && dd if=noise.img of=damaged.db bs=100 seek=1 count=38 conv=notrunc 2>/dev/null
check "a store that is a text file" "text.ko SQLite" sweep --store text.ko named.ko
check "a store that is a directory" "directory.ko directory" sweep --store directory.ko named.ko
check "a store in a directory that is not there" "/nonexistent/a.db" sweep --store /nonexistent/a.db named.ko
check "a store of another version" "other.db 99" sweep --store other.db named.ko
check "a damaged store" "damaged.db damaged" sweep --store damaged.db named.ko
check "a store without a name" "--store" sweep --store "" named.ko
check "a store and none" "--store --no-store" sweep --store good.db --no-store named.ko
check "resuming what is not kept" "--resume --no-store" sweep --resume --no-store named.ko
check "resuming without a store" "--resume" sweep --resume named.ko
check "resuming from a store that is not there" "gone.db" sweep --resume --store gone.db named.ko
check "nothing to resume" "good.db interrupted" sweep --resume --store good.db named.ko
check "a report of no store" "gone.db" report --store gone.db
check "a report of a text file" "text.ko" report --store text.ko
check "a report of an unknown sweep" "99 --list" report --store good.db 99
check "a report of nonsense" "newest --list" report --store good.db newest
check "an unknown finding" "0123abcd good.db" replay --store good.db 0123abcd
check "a finding of no store" "gone.db" replay --store gone.db 0123abcd
check "minimising a file" "named.ko id" minimise named.ko
check "minimising an unknown finding" "0123abcd" minimise --store good.db 0123abcd
check "merging what is not there" "gone.db" merge out.db gone.db
check "merging into itself" "good.db" merge good.db good.db
check "merging a text file" "text.ko" merge out.db text.ko
check "merging an empty file" "empty.ko" merge out.db empty.ko
check "a report of an empty file" "empty.ko" report --store empty.ko
[ ! -s empty.ko ] || { echo "FAIL readers write into an empty file" && failed=$((failed + 1)); }
check "merging another version" "other.db 99" merge out.db good.db other.db
check "merging nothing" "merge" merge out.db
# shellcheck disable=SC2016 # for the script that is made
printf '#!/bin/sh\nPATH=/nonexistent exec "%s" "$@"\n' "$KFAIL" >../bare.$$ && chmod +x ../bare.$$
whole=$KFAIL KFAIL=$work/../bare.$$
check "valgrind is not there" "package valgrind" replay --valgrind --schedule 1 named.ko
KFAIL=$whole
rm -f ../bare.$$
check "two tools at once" "--valgrind --gdb" replay --valgrind --gdb --schedule 1 named.ko
printf 'int x;\n' >source.c
check "interrupts in native mode" "source.c native module" sweep --irq-everywhere source.c
check "an interrupt point 0" "irq= from 1" replay --schedule irq=0 "$good"
check "an interrupt twice" "--irq-everywhere irq=3" sweep --irq-everywhere --schedule irq=3 "$good"
check "refusals and interrupts" "--mode --irq-everywhere" sweep --irq-everywhere --mode=pairs "$good"
check "a depth of nothing" "--trace-depth 1" replay --schedule 1 --trace-depth 0 "$good"
printf 'read handle=9\n' >handle.kfuzz
printf 'open handle=0 node=/dev/nothing\n' >node.kfuzz
printf 'refuse random=5\n' >chance.kfuzz
printf 'ioctl command=0x5e01 memory=abc\n' >digits.kfuzz
printf 'gadget /dev/foo\n' >description
printf 'node /dev/clean\n' >named
check "an input for nobody" "input --run" fuzz --describe named.ko handle.kfuzz
check "a driver without files" "demo no file description" fuzz --describe "$(dirname "$good")/demo.ko"
check "a word in a description" "description line 1 node" fuzz --description description --describe named.ko
check "no description" "nowhere" fuzz --description nowhere --describe named.ko
check "nothing to do" "--output --run --describe" fuzz --description named named.ko
check "a handle too many" "handle.kfuzz 1 7" fuzz --assemble -o bytes --description named handle.kfuzz named.ko
check "an unknown file" "node.kfuzz /dev/nothing" fuzz --assemble -o bytes --description named node.kfuzz named.ko
check "chance in an input" "chance.kfuzz numbers" fuzz --assemble -o bytes --description named chance.kfuzz named.ko
check "half a byte" "digits.kfuzz two hex digits" fuzz --assemble -o bytes --description named digits.kfuzz named.ko
check "seconds of nothing" "--output" fuzz --seconds 5 named.ko
check "no folder of a campaign" "subcommand folder" campaign start
check "a campaign that is not there" "gone.d campaign" campaign status gone.d
check "a campaign of nothing" "target" campaign start new.d
check "no such subcommand" "nonsense start" campaign nonsense new.d
check "a name for a node" "--node letters" campaign start new.d --node a/b -- --target canary
check "no seconds" "--seconds 0" campaign start new.d --seconds 0 -- --target canary
check "how to run what is looked at" "start" campaign report new.d --jobs 3
check "a corpus of a report" "--corpus minimise" campaign report new.d --corpus x
check "triage of nothing" "input" fuzz --target canary --triage new.d
check "a smaller input without a build for it" "AFL++ coverage" fuzz --target canary --shrink new.d named.ko
check "seeds of what is no driver" "driver corpus" fuzz --target canary --seeds new.d
check "two actions of fuzz" "--describe" fuzz --describe --run named.ko
check "a filter that matches nothing" "--trace-filter no_such_function" replay --schedule 1 --trace-filter no_such_function "$good"
check "an empty filter" "--trace-filter" replay --schedule 1 --trace-filter= "$good"
printf 'kmalloc to=0\nkfreee of=0\n' >call.kfuzz
printf 'kmalloc to=0 size=many\n' >size.kfuzz
check "no such target" "allocatr kfail" fuzz --target allocatr --run call.kfuzz
check "a target, and nothing to do" "allocator --run --print" fuzz --target allocator
check "an input that is not there" "none.kfuzz No such file" fuzz --target allocator --run none.kfuzz
check "an unknown call" "call.kfuzz:2:1 kfreee" fuzz --target allocator --run call.kfuzz
check "a size that is none" "size.kfuzz:1:19 number" fuzz --target allocator --assemble -o o.bin size.kfuzz
check "inputs without a place to go" "--assemble --out" fuzz --target allocator --assemble call.kfuzz
check "two actions" "--run --print" fuzz --target allocator --run --print call.kfuzz
check "no text form" "schedule text" fuzz --target schedule --print call.kfuzz
check "another profile" "profile 2.4" fuzz --target allocator --profile 2.4 --run call.kfuzz
real=$KFAIL_CACHE/real/$KERNEL
if [ -f "$real/dahdi_echocan_kb1.ko" ]; then
	cp "$real/dahdi_echocan_kb1.ko" .
	check "a missing dependency" "dahdi" sweep dahdi_echocan_kb1.ko
fi
# A vmlinux without relocations, and a kernel without headers.
image=$KFAIL_CACHE/kernel/$KERNEL/boot/vmlinuz-$KERNEL
if [ -f "$image" ]; then
	cp "$image" alone && env KFAIL_CACHE="$work/cache" true
	mkdir cache && KFAIL_CACHE_SAVED=$KFAIL_CACHE && KFAIL_CACHE=$work/cache && export KFAIL_CACHE
	"$KFAIL" sweep --kernel "$work/alone" named.ko >/dev/null 2>&1
	find cache -mindepth 1 -delete 2>/dev/null
	mkdir -p cache/override cache/world
	check "headers missing" "headers" sweep --kernel "$work/alone" named.ko
	KFAIL_CACHE=$KFAIL_CACHE_SAVED
fi
echo "$passed passed, $failed failed"
[ $failed = 0 ]
