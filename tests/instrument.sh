#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Instrumented code: kfail build, the checks of every access, and coverage. Ends with "N passed, N failed".
#
#	tests/instrument.sh kernel
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=tests/lib.sh
. "$root/tests/lib.sh"
mode=$1
passed=0 failed=0
work=$(mktemp -d) || exit
trap 'rm -rf "$work"' EXIT
here=$root/tests/instrument

# findings MODULE ARGUMENTS...: status, then a line for each finding: kind, sentence.
findings() {
	"$KFAIL" sweep --json "$work/json" "$@" >"$work/out" 2>"$work/err"
	echo "status $?"
	python3 -c 'import json, sys
for f in json.load(open(sys.argv[1]))["findings"]:
    if not f["core"]:
        print(f["kind"], f["what"], sep="\t")' "$work/json"
}

build() {
	"$KFAIL" build --kernel "$KERNEL" "$@" 2>"$work/err"
}

# ---- the checks ----

access=$(build --kasan --coverage --output "$work/access" "$here/access.c")
[ "$access" = "$work/access/access.ko" ]
result $? "a source is built into a directory of its own, and the module's path is printed"

grep -v '^#' "$here/expected" >"$work/expected"
while read -r bug kind sentence; do
	printf 'status 1\n%s\t%s\n' "$kind" "$sentence" >"$work/wanted"
	findings "$access" -- "bug=$bug" >"$work/found"
	diff "$work/wanted" "$work/found"
	result $? "$bug: told at the access, and nothing else"
	[ "$(findings "$access" -- "bug=$bug" fixed=1)" = "status 0" ]
	result $? "$bug, corrected: clean"
done <"$work/expected"

"$KFAIL" sweep --json "$work/json" "$access" -- bug=heap_freed >/dev/null 2>&1
python3 -c 'import json, sys
f = json.load(open(sys.argv[1]))["findings"][0]
assert f["access"]["type"] == "use-after-free" and f["access"]["size"] == 1 and not f["access"]["write"], f["access"]
assert [s["function"] for s in f["stack"]][:2] == ["look", "heap_freed"], f["stack"]
assert f["stack"][0]["file"].endswith("tests/instrument/access.c"), f["stack"][0]
o, = f["objects"]
assert o["size"] == 100 and o["cache"] == "kmalloc-128", o
for stack in ("allocated", "freed"):
    assert "heap_freed" in [s["function"] for s in o[stack]], o[stack]' "$work/json"
result $? "the access, its stack and the object's two are in the report, with the user's own file"

# ---- real drivers ----

mkdir "$work/real"
for package in vpoll v4l2loopback rapiddisk; do
	source=$(dirname "$KFAIL_CACHE/real/$package-dkms"/usr/src/*/dkms.conf)
	for module in $(build --kasan --output "$work/$package" "$source"); do
		cp "$module" "$work/real"
	done
	[ -f "$work/real/$package.ko" ]
	result $? "$package, a package of dkms, is built"
done
source=$(dirname "$KFAIL_CACHE/real/dahdi-dkms"/usr/src/*/dkms.conf)
# shellcheck disable=SC2016 # make's variable
for module in $(build --kasan --output "$work/dahdi" --subdir drivers/dahdi "$source" -- \
	'DAHDI_INCLUDE=$(M)/../../include' DAHDI_BUILD_ALL=m dahdi.ko dahdi_echocan_mg2.ko); do
	cp "$module" "$work/real"
done
[ -f "$work/real/dahdi_echocan_mg2.ko" ]
result $? "dahdi is built by a Makefile below its directory, with words for make"
"${KFAIL%/*}/tests/verdicts" "$KFAIL" "$root/tests/real/expected" "$work"/real/*.ko >"$work/out" 2>&1
status=$?
[ $status = 0 ] || cat "$work/out"
result $status "instrumented, real drivers show what they show without it"

# ---- coverage ----

line=$(grep -n 'only where it is refused' "$here/access.c" | cut -d : -f 1)
"$KFAIL" sweep --coverage "$work/info" "$access" -- bug=error_path >"$work/out" 2>&1
grep -qx "SF:$here/access.c" "$work/info" && grep -qx "DA:$line,1" "$work/info" &&
	grep -qx 'FNDA:1,error_path' "$work/info" && grep -qx 'FNDA:0,heap_write' "$work/info"
result $? "lines and functions that ran, error handling too, in lcov's form"
grep -q '^    heap_write() at access.c:' "$work/out"
result $? "functions that never ran are told"
"$KFAIL" run --coverage "$work/info" "$access" -- bug=error_path >"$work/out" 2>&1
grep -qx "DA:$line,0" "$work/info" && grep -q "^    access.c:$line.* in error_path()" "$work/out"
result $? "error handling that no refusal led to is told"
if command -v lcov >/dev/null; then
	lcov --summary "$work/info" >"$work/out" 2>&1
	result $? "lcov reads it"
fi

# ---- user pointers, in modules as they are ----

# pointers DRIVER OPTIONS ...: "FUNCTION ACCESS" for each finding, after the status.
pointers() {
	driver=$1
	shift
	"$KFAIL" sweep --json "$work/json" --scenario "$root/tests/scenarios/user_pointer.c" "$driver" "$@" >"$work/out" 2>&1
	echo "status $?"
	python3 -c 'import json, sys
found = set()
for f in json.load(open(sys.argv[1]))["findings"]:
    what = f["what"].split(":")[0]
    driver = [s["function"] for s in f["stack"] if s["module"] == "user_pointer" and "include/" not in s.get("file", "")]
    found.add(f["kind"] + " " + driver[0] + " " + what)
print("\n".join(sorted(found)))' "$work/json" | sed '/^$/d'
}

module=$KFAIL_CACHE/drivers/$KERNEL/user_pointer.ko
kind="wild-access"
for driver in "$module" "$root/tests/drivers/user_pointer.c"; do
	[ "$(pointers "$driver")" = "status 0" ]
	result $? "${driver##*/}: a driver that copies is clean, however much it copies"
	[ "$(pointers "$driver" --hide-user)" = "status 0" ]
	result $? "${driver##*/}: in every run"
	{
		echo "status 1"
		echo "$kind answer user-memory-access, write"
		# In native mode strlen() is the host's.
		[ "$driver" != "$module" ] || echo "$kind length_of user-memory-access, read"
		echo "$kind sum user-memory-access, read"
	} >"$work/wanted"
	pointers "$driver" -- bug=1 >"$work/found"
	diff "$work/wanted" "$work/found"
	result $? "${driver##*/}: pointers that are followed are told, reads and writes, and the sweep goes on"
	[ "$(pointers "$driver" -- late=1)" = "status 0" ]
	result $? "${driver##*/}: error handling is not watched unless it is asked for"
	printf 'status 1\n%s copy_much user-memory-access, read\n' "$kind" >"$work/wanted"
	pointers "$driver" --hide-user -- late=1 >"$work/found"
	diff "$work/wanted" "$work/found"
	result $? "${driver##*/}: with --hide-user it is"
done
module=$(build --kasan --output "$work/pointer" "$root/tests/drivers/user_pointer.c")
pointers "$module" -- bug=1 >"$work/found"
grep -q 'sum user-memory-access, read of 4 bytes$' "$work/found"
result $? "instrumented, the access is told with its size"

# ---- native mode ----

for bug in heap_read heap_half heap_freed heap_large heap_memcpy heap_strlen pages_freed vmalloc_read stack_read alloca_read \
	global_read typesafe_freed; do
	printf 'status 1\n%s\n' "$(sed -nE "s/^${bug}[[:blank:]]+([a-z-]+)[[:blank:]]+/\1\t/p" "$here/expected")" >"$work/wanted"
	findings "$here/access.c" --kasan -- "bug=$bug" >"$work/found"
	diff "$work/wanted" "$work/found"
	result $? "native: $bug"
	[ "$(findings "$here/access.c" --kasan -- "bug=$bug" fixed=1)" = "status 0" ]
	result $? "native: $bug, corrected: clean"
done
"$KFAIL" sweep --coverage "$work/info" "$here/access.c" -- bug=error_path >"$work/out" 2>&1
grep -qx "SF:$here/access.c" "$work/info" && grep -qx "DA:$line,1" "$work/info" && grep -qx 'FNDA:0,heap_write' "$work/info"
result $? "native: coverage"

# ---- what a user may do wrong ----

# wrong STATUS WORDS COMMAND ...
wrong() {
	status=$1 words=$2
	shift 2
	"$@" >"$work/out" 2>&1
	[ $? = "$status" ] && grep -qF -e "$words" "$work/out"
	result $? "told: $words"
}
mkdir "$work/empty" "$work/full" "$work/nothing"
echo keep >"$work/full/file"
echo 'obj-y :=' >"$work/nothing/Kbuild"
printf '#include <linux/module.h>\nint init_module(void) { return oops; }\n' >"$work/broken.c"
wrong 2 "wants a directory or sources" "$KFAIL" build
wrong 2 "No such file" "$KFAIL" build "$work/none.c"
wrong 2 "no Kbuild, Makefile or dkms.conf" "$KFAIL" build --kernel "$KERNEL" "$work/empty"
wrong 2 "neither a directory nor a source" "$KFAIL" build --kernel "$KERNEL" "$work/full/file"
wrong 2 "a directory is built alone" "$KFAIL" build --kernel "$KERNEL" "$work/empty" "$work/broken.c"
wrong 2 "there is something in it" "$KFAIL" build --kernel "$KERNEL" --output "$work/full" "$work/broken.c"
[ "$(cat "$work/full/file")" = keep ]
result $? "what was there is still there"
wrong 2 "oops" "$KFAIL" build --kernel "$KERNEL" --output "$work/o1" "$work/broken.c"
wrong 2 "does not build for kernel" "$KFAIL" build --kernel "$KERNEL" --output "$work/o1" "$work/broken.c"
wrong 2 "no module came out of it" "$KFAIL" build --kernel "$KERNEL" --output "$work/o2" "$work/nothing"
wrong 2 "there is no such directory" "$KFAIL" build --kernel "$KERNEL" --subdir x "$work/nothing"
wrong 2 "kbuild cannot build in a directory" "$KFAIL" build --kernel "$KERNEL" --output "$work/a b" "$work/broken.c"
wrong 2 "does not say where it is" "$KFAIL" sweep --coverage "$work/info" "$KFAIL_CACHE/drivers/$KERNEL/demo.ko"
wrong 2 "a module is built with" "$KFAIL" sweep --kasan "$access"
wrong 2 "cannot be written" "$KFAIL" sweep --coverage "$work/none/info" "$access" -- bug=heap_read
echo "$passed passed, $failed failed"
[ $failed = 0 ]
