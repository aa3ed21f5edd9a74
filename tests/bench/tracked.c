// SPDX-License-Identifier: GPL-2.0-only
/*
 * What it costs to track: a churn of LIVE objects of 8 to 512 bytes, each allocated and freed 16 frames deep. The same
 * program for all peers: with KMALLOC it takes kmalloc() of libkfail.a, else malloc(), of the sanitizer that it was linked with or of
 * the tool that runs it.
 *
 *	tracked LIVE ROUNDS
 *
 * Prints the nanoseconds of one free and one allocation, of the processor's time.
 */
#ifdef KMALLOC
#include <linux/slab.h>
#define ALLOCATE(size) kmalloc(size, GFP_KERNEL)
#define RELEASE	       kfree
#endif

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#ifndef KMALLOC
#define ALLOCATE malloc
#define RELEASE	 free
#endif

#define DEPTH 16 /* frames from main() to the allocator's caller, both included */
#define SEED  88172645463325252ul

static void **live;
static unsigned long count, rounds, sum;

static unsigned long next_random(unsigned long x)
{
	x ^= x << 13;
	x ^= x >> 7;
	return x ^ x << 17;
}

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void *born(unsigned long random)
{
	unsigned long *p = ALLOCATE(8 + (random >> 20) % 505);

	if (!p)
		abort();
	*p = random;
	return p;
}

static unsigned long fill(unsigned long x)
{
	for (unsigned long i = 0; i < count; i++) {
		x = next_random(x);
		live[i] = born(x);
	}
	return x;
}

static unsigned long churn(unsigned long n, unsigned long x)
{
	for (unsigned long i = 0; i < n; i++) {
		unsigned long at;

		x = next_random(x);
		at = (x >> 20) % count;
		sum += *(unsigned long *)live[at];
		RELEASE(live[at]);
		x = next_random(x);
		live[at] = born(x);
	}
	return x;
}

static double measure(void)
{
	unsigned long x = churn(rounds / 4 + 5 * count, fill(SEED));
	double start = now_ns();

	churn(rounds, x);
	return (now_ns() - start) / (double)rounds;
}

static __attribute__((__noinline__, __noclone__)) double descend(unsigned depth)
{
	double ns = depth ? descend(depth - 1) : measure();

	__asm__ volatile("" ::: "memory"); /* not a tail call: each frame is on the stack */
	return ns;
}

int main(int argc, char **argv)
{
	double ns;

	count = argc > 2 ? strtoul(argv[1], NULL, 0) : 0;
	rounds = argc > 2 ? strtoul(argv[2], NULL, 0) : 0;
	if (!count || !rounds) {
		fprintf(stderr, "usage: tracked LIVE ROUNDS\n");
		return 2;
	}
	live = mmap(NULL, count * sizeof(*live), PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (live == MAP_FAILED)
		abort();
	ns = descend(DEPTH - 3);
	for (unsigned long i = 0; i < count; i++)
		RELEASE(live[i]);
	printf("%.1f\n", ns);
	return sum == 1; /* so that it is computed */
}
