// SPDX-License-Identifier: GPL-2.0-only
/*
 * How to find the pages that a run has written, measured: the ways that a host kernel offers, on a world of PAGES pages of
 * which each run writes RUN_PAGES, most of them the same in every run.
 *
 *	mprotect   a fault per page that is written for the first time, handled by SIGSEGV; hot from then on, and copied
 *		   back after every run (what harness/sweep/snapshot.c does)
 *	async-wp   userfaultfd's asynchronous write protection, and the ioctl PAGEMAP_SCAN, which tells what was written
 *		   and protects it again (Linux 6.7): a fault in the kernel per page and run, no signal
 *	soft-dirty /proc/self/clear_refs and a bit in /proc/self/pagemap: all of the process's page tables, for every run
 *
 * Prints NAME=VALUE lines: microseconds per run for the two loops, nanoseconds for a first touch; or "none" for what this
 * host has not.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define PAGE	 4096ul
#define PAGES	 10000ul
#define RUNS	 2000u
#define SOFT_BIT (1ull << 55)
#define REGION	 (PAGES * PAGE)

/* include/uapi/linux/userfaultfd.h and fs.h of 6.7, which older headers do not have. */
#define WP_UNPOPULATED (1u << 13)
#define WP_ASYNC       (1u << 15)
#define USER_MODE_ONLY 1
struct scan {
	uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages;
	uint64_t category_inverted, category_mask, category_anyof_mask, return_mask;
};
struct scanned {
	uint64_t start, end, categories;
};
#define SCAN_IOCTL	 _IOWR('f', 16, struct scan)
#define SCAN_WP_MATCHING 1u
#define SCAN_CHECK_ASYNC 2u
#define SCAN_IS_WRITTEN	 2u

static uint8_t *world, *pristine;
static uint64_t hot[PAGES];
static unsigned hot_count;

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1e9 + ts.tv_nsec;
}

static void new_world(void)
{
	if (world)
		munmap(world, REGION);
	world = mmap(NULL, REGION, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pristine = pristine ? pristine : malloc(REGION);
	madvise(world, REGION, MADV_NOHUGEPAGE);
	memset(world, 1, REGION);
	memcpy(pristine, world, REGION);
	hot_count = 0;
}

/* All runs write the same pages, scattered, but for one in sixteen, which is another one each time. */
static void run(unsigned number, unsigned pages)
{
	for (unsigned i = 0; i < pages; i++)
		world[(i % 16 ? i * 37ul : i * 37ul + number * 11ul) % PAGES * PAGE + 8] = 2;
}

static void put_back(uint64_t page)
{
	memcpy(world + page * PAGE, pristine + page * PAGE, PAGE);
}

/* ---- mprotect ---- */

static void on_fault(int signal, siginfo_t *info, void *context)
{
	uint64_t page = ((uint64_t)info->si_addr - (uint64_t)world) / PAGE;

	if (page >= PAGES)
		_exit(1);
	hot[hot_count++] = page;
	memcpy(pristine + page * PAGE, world + page * PAGE, PAGE);
	mprotect(world + page * PAGE, PAGE, PROT_READ | PROT_WRITE);
}

static void protect(void)
{
	struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};

	sigaction(SIGSEGV, &action, NULL);
	mprotect(world, REGION, PROT_READ);
}

static double mprotect_first_touch_ns(unsigned pages)
{
	double start;

	new_world();
	protect();
	start = now();
	for (unsigned i = 0; i < pages; i++)
		world[i * 2ul * PAGE] = 3;
	return (now() - start) / pages;
}

static double mprotect_run_us(unsigned pages)
{
	double start;

	new_world();
	protect();
	run(0, pages);
	start = now();
	for (unsigned n = 0; n < RUNS; n++) {
		run(n % 8, pages);
		for (unsigned i = 0; i < hot_count; i++)
			put_back(hot[i]);
	}
	return (now() - start) / RUNS / 1e3;
}

/* ---- asynchronous write protection ---- */

static int pagemap = -1;

/* False: this host has none, or not for us. */
static bool async_protect(void)
{
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK | USER_MODE_ONLY);
	struct uffdio_api api = {.api = UFFD_API, .features = WP_ASYNC | WP_UNPOPULATED};
	struct uffdio_register range = {.range = {(uint64_t)world, REGION},
					.mode = UFFDIO_REGISTER_MODE_WP};
	struct uffdio_writeprotect wp = {.range = range.range, .mode = UFFDIO_WRITEPROTECT_MODE_WP};

	pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	return fd >= 0 && pagemap >= 0 && !ioctl(fd, UFFDIO_API, &api) &&
	       !ioctl(fd, UFFDIO_REGISTER, &range) && !ioctl(fd, UFFDIO_WRITEPROTECT, &wp);
}

/* The ranges that were written; they are protected again. */
static long scan(struct scanned *out, unsigned max)
{
	struct scan arg = {.size = sizeof(arg),
			   .flags = SCAN_WP_MATCHING | SCAN_CHECK_ASYNC,
			   .start = (uint64_t)world,
			   .end = (uint64_t)world + REGION,
			   .vec = (uint64_t)out,
			   .vec_len = max,
			   .category_mask = SCAN_IS_WRITTEN,
			   .return_mask = SCAN_IS_WRITTEN};

	return ioctl(pagemap, SCAN_IOCTL, &arg);
}

static double async_first_touch_ns(unsigned pages)
{
	double start = now();

	for (unsigned i = 0; i < pages; i++)
		world[i * 2ul * PAGE] = 3;
	return (now() - start) / pages;
}

/* The copies are writes too: they are protected again by a second scan, which also tells what it costs. */
static double async_run_us(unsigned pages)
{
	static struct scanned written[PAGES];
	double start = now();

	for (unsigned n = 0; n < RUNS; n++) {
		long ranges;

		run(n % 8, pages);
		ranges = scan(written, PAGES);
		for (long i = 0; i < ranges; i++)
			for (uint64_t at = written[i].start; at < written[i].end; at += PAGE)
				put_back((at - (uint64_t)world) / PAGE);
		scan(written, PAGES);
	}
	return (now() - start) / RUNS / 1e3;
}

static double empty_scan_us(void)
{
	static struct scanned written[PAGES];
	double start;

	scan(written, PAGES);
	start = now();
	for (unsigned i = 0; i < 100; i++)
		scan(written, PAGES);
	return (now() - start) / 100 / 1e3;
}

/* ---- soft-dirty ---- */

static bool soft_dirty_works(void)
{
	int refs = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);
	uint64_t entry = 0;
	bool cleared;

	new_world();
	cleared = refs >= 0 && write(refs, "4", 1) == 1;
	world[0] = 5;
	if (pread(pagemap, &entry, 8, (off_t)((uint64_t)world / PAGE * 8)) != 8)
		return false;
	return cleared && entry & SOFT_BIT;
}

static double soft_dirty_run_us(unsigned pages)
{
	static uint64_t entries[PAGES];
	int refs = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);
	double start = now();

	for (unsigned n = 0; n < RUNS / 10; n++) {
		run(n % 8, pages);
		if (pread(pagemap, entries, sizeof(entries), (off_t)((uint64_t)world / PAGE * 8)) !=
		    sizeof(entries))
			return 0;
		for (uint64_t i = 0; i < PAGES; i++)
			if (entries[i] & SOFT_BIT)
				put_back(i);
		if (write(refs, "4", 1) != 1)
			return 0;
	}
	return (now() - start) / (RUNS / 10) / 1e3;
}

int main(void)
{
	static const unsigned sizes[] = {20, 100, 500, 2000};

	printf("first_touch_ns mprotect=%.0f\n", mprotect_first_touch_ns(2000));
	for (unsigned i = 0; i < 4; i++)
		printf("run_us pages=%u mprotect=%.1f\n", sizes[i], mprotect_run_us(sizes[i]));
	signal(SIGSEGV, SIG_DFL);
	new_world();
	if (!async_protect()) {
		printf("async-wp none\n");
	} else {
		printf("first_touch_ns async-wp=%.0f\n", async_first_touch_ns(2000));
		printf("empty_scan_us async-wp=%.1f\n", empty_scan_us());
		for (unsigned i = 0; i < 4; i++)
			printf("run_us pages=%u async-wp=%.1f\n", sizes[i], async_run_us(sizes[i]));
	}
	if (!soft_dirty_works()) {
		printf("soft-dirty none\n");
		return 0;
	}
	for (unsigned i = 0; i < 4; i++)
		printf("run_us pages=%u soft-dirty=%.1f\n", sizes[i], soft_dirty_run_us(sizes[i]));
	return 0;
}
