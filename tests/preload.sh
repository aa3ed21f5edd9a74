#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Real programs with libkfail-malloc.so preloaded: their output is the same as without, nothing is said on standard
# error, and the exit status is the same.
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=tests/lib.sh
. "$root/tests/lib.sh"
library=${KFAIL%/*}/libkfail-malloc.so
[ -f "$library" ] || fail "$library is not there: make"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
passed=0 failed=0

# Run a shell command without and with the library.
same() {
	name=$1
	shift
	timeout 120 sh -c "$1" >"$dir/out" 2>"$dir/err"
	status=$?
	LD_PRELOAD=$library timeout 120 sh -c "$1" >"$dir/out2" 2>"$dir/err2"
	status2=$?
	if [ $status = $status2 ] && cmp -s "$dir/out" "$dir/out2" && cmp -s "$dir/err" "$dir/err2"; then
		passed=$((passed + 1))
		return
	fi
	failed=$((failed + 1))
	echo "$name: not the same with $library (status $status, then $status2)"
	diff "$dir/out" "$dir/out2" | head -n 5
	head -n 5 "$dir/err2"
}

command_of() {
	command -v "$1" >/dev/null || {
		echo "SKIPPED: $1 is not installed"
		return 1
	}
}

seq 300000 | awk '{ print ($1 * 7919) % 1000003, "line", $1 }' >"$dir/lines"

same sort "sort -S 64M --parallel=4 -k1,1n '$dir/lines' | cksum"
same awk "awk '{ n[\$1 % 1000] += \$3 } END { for (i = 0; i < 1000; i++) print n[i] }' '$dir/lines'"
same "many processes" "for i in \$(seq 300); do echo \$i | cat; done | cksum"
same grep "grep -c 77 '$dir/lines'"
same ls "ls -lR /usr/include | cksum"
same "an address space of 2 GB" "ulimit -v 2000000; ls / | cksum"
command_of perl && same perl "perl -e 'my %h; \$h{\$_ % 5003} .= \"x\$_\" for 1..400000; my \$s = 0; \$s += length for values %h; print \"\$s\n\"; fork or exit 3; wait; print \$? >> 8, \"\n\"'"
command_of python3 && same python "python3 -c '
import threading, json, hashlib, subprocess
def work(n, out):
    d = {str(i): [i] * (i % 50) for i in range(20000)}
    out[n] = hashlib.sha1(json.dumps(d).encode()).hexdigest()
out = {}
threads = [threading.Thread(target=work, args=(n, out)) for n in range(12)]
[t.start() for t in threads]; [t.join() for t in threads]
print(sorted(out.items()))
print(len(b\"x\" * 50000000), subprocess.run([\"echo\", \"child\"], capture_output=True).stdout)
'"
command_of gcc && same gcc "gcc -O2 -c -o '$dir/o.o' '$root/allocator/slab/guarded.c' && objdump -d '$dir/o.o' | tail -n +4 | cksum"
command_of xz && same xz "xz -T4 --block-size=500KiB -c '$dir/lines' | xz -dc | cksum"
command_of sqlite3 && same sqlite3 "sqlite3 :memory: 'create table t(a); with recursive c(x) as (select 1 union all select x+1 from c where x<200000) insert into t select x from c; select sum(a), count(*) from t;'"

# What the manual says of each function.
cat >"$dir/api.c" <<'END'
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int failures;
#define CHECK(x) ((x) ? 0 : (failures++, fprintf(stderr, "api.c:%d: " #x "\n", __LINE__)))
#define ALIGNED(p, n) (!((uintptr_t)(p) % (n)))

static void aligned(void)
{
	for (size_t align = 8; align <= 16 << 20; align *= 2)
		for (size_t size = 1; size <= 8 << 20; size = size * 3 + 1) {
			void *p;

			CHECK(!posix_memalign(&p, align, size) && ALIGNED(p, align));
			CHECK(malloc_usable_size(p) >= size);
			memset(p, 1, size);
			free(p);
		}
	CHECK(posix_memalign(&(void *){NULL}, 3, 8) == EINVAL);
	CHECK(ALIGNED(valloc(1), 4096) && malloc_usable_size(pvalloc(1)) >= 4096);
	CHECK(ALIGNED(memalign(64, 100), 64) && ALIGNED(aligned_alloc(256, 512), 256));
}

static void sizes(void)
{
	for (size_t size = 0; size < 20 << 20; size = size * 5 / 4 + 1) {
		char *p = malloc(size), *q;

		CHECK(p && (size < 16 || ALIGNED(p, 16)) && malloc_usable_size(p) >= size);
		memset(p, 7, malloc_usable_size(p));
		q = realloc(p, size * 2 + 1);
		CHECK(q && (!size || (q[0] == 7 && q[size - 1] == 7)));
		q = realloc(q, size / 3 + 1);
		CHECK(q && (!size || q[size / 3] == 7));
		free(q);
		q = calloc(3, size / 3);
		for (size_t i = 0; i < size / 3 * 3; i += 97)
			CHECK(!q[i]);
		free(q);
	}
	CHECK(malloc(0) != malloc(0));
	CHECK(!realloc(malloc(8), 0));
}

static void no_memory(void)
{
	volatile size_t huge = SIZE_MAX / 2 + 2, half = SIZE_MAX / 2;
	void *p = malloc(8);

	errno = 0;
	CHECK(!malloc(huge) && errno == ENOMEM);
	errno = 0;
	CHECK(!calloc(half, 4) && errno == ENOMEM);
	errno = 0;
	CHECK(!realloc(p, huge) && errno == ENOMEM);
	errno = 0;
	CHECK(!reallocarray(p, half, 4) && errno == ENOMEM);
	errno = 5;
	free(p);
	free(NULL);
	CHECK(errno == 5);
}

static void *churn(void *arg)
{
	static void *box[64];
	unsigned long x = (uintptr_t)arg * 77777 + 1;

	for (int i = 0; i < 100000; i++) {
		size_t size;

		x ^= x << 13, x ^= x >> 7, x ^= x << 17;
		size = 8 + (x >> 20) % (i % 100 ? 600 : 40000);
		free(__atomic_exchange_n(&box[x % 64], memset(malloc(size), 1, size), __ATOMIC_ACQ_REL));
	}
	return NULL;
}

/* Children are made while other threads allocate; each must be able to. */
static void threads_and_forks(void)
{
	pthread_t t[80];
	int status;

	for (uintptr_t i = 0; i < 80; i++)
		pthread_create(&t[i], NULL, churn, (void *)i);
	for (int i = 0; i < 40; i++) {
		pid_t child = fork();

		if (!child) {
			churn((void *)99ul);
			_exit(failures != 0);
		}
		CHECK(waitpid(child, &status, 0) == child && status == 0);
	}
	for (int i = 0; i < 80; i++)
		pthread_join(t[i], NULL);
}

int main(void)
{
	aligned();
	sizes();
	no_memory();
	threads_and_forks();
	/* More than the world has at first. */
	for (int i = 0; i < 1000; i++)
		memset(malloc(1 << 20), 1, 1 << 20);
	return failures != 0;
}
END
if ${CC:-gcc} -O1 -w -fno-builtin -D_GNU_SOURCE -o "$dir/api" "$dir/api.c" -lpthread; then
	same "the functions of malloc(3)" "'$dir/api'"
else
	failed=$((failed + 1))
fi
echo "$passed passed, $failed failed"
[ $failed = 0 ]
