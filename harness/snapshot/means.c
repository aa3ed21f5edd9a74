// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which means a host has for finding written pages, and which of them is used. It is the same everywhere: mprotect() for the
 * first write of a page, and copies of the pages that have ever been written. Newer kernels offer better ways to be told,
 * but any way has to tell, and a page that is copied anyway needs none. Measured (tests/bench/dirty.c, a part of
 * `make bench`; world of 10,000 pages, microseconds per run, on one machine in one run):
 *
 *	pages written by a run              20    100    500   2000
 *	mprotect once, then copies           2     10     60    301
 *	asynchronous write protection       59    204    939   3999
 *
 *	first write of a page: 8.9 us by mprotect and SIGSEGV, 0.7 us by asynchronous write protection; once in a process's
 *	life
 *
 * Asynchronous write protection (userfaultfd and PAGEMAP_SCAN, Linux 6.7) would also want pristine copies of all pages,
 * since nobody is told before a page is written. Soft-dirty bits (CONFIG_MEM_SOFT_DIRTY) are cleared for the
 * whole process at once, and found by reading all of its pagemap.
 */
#include "means.h"

#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGE_BYTES     4096ul
#define SOFT_DIRTY     (1ull << 55)
#define WP_ASYNC       (1ull << 15) /* UFFD_FEATURE_WP_ASYNC, which older headers do not have */
#define USER_MODE_ONLY 1

static bool has_async_protection(void)
{
	struct uffdio_api api = {.api = UFFD_API, .features = WP_ASYNC};
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK | USER_MODE_ONLY);
	bool has = fd >= 0 && !ioctl(fd, UFFDIO_API, &api);

	if (fd >= 0)
		close(fd);
	return has;
}

static bool is_soft_dirty(int pagemap, const volatile char *page)
{
	uint64_t entry = 0;

	return pread(pagemap, &entry, sizeof(entry),
		     (off_t)((uint64_t)page / PAGE_BYTES * sizeof(entry))) == sizeof(entry) &&
	       entry & SOFT_DIRTY;
}

/* Does a new page, which was written, say so? */
static bool has_soft_dirty(void)
{
	volatile char *page =
		mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	bool has = false;

	if (page != MAP_FAILED && pagemap >= 0) {
		page[0] = 1;
		has = is_soft_dirty(pagemap, page);
	}
	if (page != MAP_FAILED)
		munmap((void *)page, PAGE_BYTES);
	if (pagemap >= 0)
		close(pagemap);
	return has;
}

const char *means_describe(char *text, size_t size)
{
	bool async = has_async_protection(), soft = has_soft_dirty();

	snprintf(text, size,
		 "mprotect() for a page's first write, copies of hot pages after that; %s%s%s%s",
		 async ? "asynchronous write protection" : "", async && soft ? " and " : "",
		 soft ? "soft-dirty bits" : "",
		 async || soft ? " of this host would be slower" : "this host has nothing else");
	return text;
}
