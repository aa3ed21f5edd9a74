// SPDX-License-Identifier: GPL-2.0-only
/*
 * Snapshot and restore on memory of the test's own: whatever is written, through whichever mapping, is as it was
 * afterwards; and what was not written is never copied.
 */
#include "suites.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "../../harness/snapshot/snapshot.h"

#define PAGE  4096ul
#define PAGES 256ul
#define REGION(at, bytes)                                                                \
	{                                                                                \
		.start = (uint64_t)(at), .size = (bytes), .prot = PROT_READ | PROT_WRITE \
	}

static uint8_t *memory; /* PAGES pages, shared with... */
static uint8_t *second; /* ...this mapping of the first 16 */
static uint8_t *before;

static uint64_t home_of(uint64_t page)
{
	return (uint64_t)memory + (page - (uint64_t)second);
}

static bool has_second(uint64_t page)
{
	return page - (uint64_t)memory < 16 * PAGE;
}

static void map_memory(void)
{
	int fd = memfd_create("snapshot-test", 0);

	CU_ASSERT_FATAL(fd >= 0 && !ftruncate(fd, PAGES * PAGE));
	memory = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	second = mmap(NULL, 16 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	before = malloc(PAGES * PAGE);
	CU_ASSERT_FATAL(memory != MAP_FAILED && second != MAP_FAILED && before);
	close(fd);
	for (unsigned long i = 0; i < PAGES * PAGE; i++)
		memory[i] = (uint8_t)rand();
	memcpy(before, memory, PAGES * PAGE);
}

static void unmap_memory(void)
{
	snapshot_drop();
	munmap(memory, PAGES * PAGE);
	munmap(second, 16 * PAGE);
	free(before);
}

static void take(void)
{
	const struct snapshot_region regions[] = {
		{.start = (uint64_t)second,
		 .size = 16 * PAGE,
		 .prot = PROT_READ | PROT_WRITE,
		 .canonical = home_of},
		{.start = (uint64_t)memory,
		 .size = 128 * PAGE,
		 .prot = PROT_READ | PROT_WRITE,
		 .shared = has_second},
		REGION(memory + 128 * PAGE, 128 * PAGE),
	};

	CU_ASSERT_EQUAL_FATAL(snapshot_take(regions, 3), 0);
}

static bool pristine(void)
{
	return !memcmp(memory, before, PAGES * PAGE);
}

static void test_write_and_restore(void)
{
	map_memory();
	take();
	CU_ASSERT_EQUAL(snapshot_hot_pages(), 0);
	memory[5] ^= 1;
	memory[3 * PAGE] ^= 1;
	memory[3 * PAGE + 1] ^= 1;
	CU_ASSERT_EQUAL(snapshot_hot_pages(), 2);
	CU_ASSERT_FALSE(pristine());
	CU_ASSERT_EQUAL(snapshot_restore(), 2);
	CU_ASSERT_TRUE(pristine());
	/* A hot page stays hot: no second fault, and it is still restored. */
	memory[5] ^= 1;
	CU_ASSERT_EQUAL(snapshot_hot_pages(), 2);
	snapshot_restore();
	CU_ASSERT_TRUE(pristine());
	unmap_memory();
}

static void test_faults(void)
{
	map_memory();
	take();
	CU_ASSERT_FALSE(snapshot_fault((uint64_t)memory, false));
	CU_ASSERT_TRUE(snapshot_fault((uint64_t)memory + 17, true));
	/* Writable already: that fault has another cause. */
	CU_ASSERT_FALSE(snapshot_fault((uint64_t)memory + 17, true));
	CU_ASSERT_FALSE(snapshot_fault((uint64_t)memory + PAGES * PAGE, true));
	CU_ASSERT_FALSE(snapshot_fault(0, true));
	CU_ASSERT_FALSE(snapshot_fault(UINT64_MAX, true));
	unmap_memory();
	CU_ASSERT_FALSE(snapshot_fault((uint64_t)memory, true));
}

/* Written through either mapping first, then through the other: one page, one pristine copy. */
static void test_two_mappings(void)
{
	map_memory();
	take();
	second[PAGE] ^= 1;
	memory[PAGE + 1] ^= 1;
	memory[2 * PAGE] ^= 1;
	second[2 * PAGE + 1] ^= 1;
	CU_ASSERT_EQUAL(snapshot_hot_pages(), 2);
	CU_ASSERT_PTR_NOT_NULL(snapshot_pristine((uint64_t)second + PAGE));
	CU_ASSERT_EQUAL(snapshot_pristine((uint64_t)second + PAGE),
			snapshot_pristine((uint64_t)memory + PAGE));
	snapshot_restore();
	CU_ASSERT_TRUE(pristine());
	unmap_memory();
}

static void test_touch(void)
{
	map_memory();
	take();
	snapshot_touch(memory + 10 * PAGE + 100, 2 * PAGE);
	CU_ASSERT_EQUAL(snapshot_hot_pages(), 3);
	snapshot_touch(memory + 10 * PAGE, 1);
	CU_ASSERT_EQUAL(snapshot_hot_pages(), 3);
	snapshot_touch(second, PAGE);
	CU_ASSERT_EQUAL(snapshot_hot_pages(), 4);
	snapshot_touch(memory, 0);
	CU_ASSERT_EQUAL(snapshot_hot_pages(), 4);
	snapshot_restore();
	CU_ASSERT_TRUE(pristine());
	unmap_memory();
}

static void test_restore_range(void)
{
	map_memory();
	take();
	memory[100] ^= 1;
	memory[200] ^= 1;
	memory[PAGE] ^= 1;
	snapshot_restore_range((uint64_t)memory + 150, PAGE - 150);
	CU_ASSERT_EQUAL(memory[100], before[100] ^ 1);
	CU_ASSERT_EQUAL(memory[200], before[200]);
	CU_ASSERT_EQUAL(memory[PAGE], before[PAGE] ^ 1);
	unmap_memory();
}

struct seen {
	unsigned count;
	uint64_t where, value;
};

static void see(uint64_t where, uint64_t value, void *arg)
{
	struct seen *seen = arg;

	seen->count++;
	seen->where = where;
	seen->value = value;
}

static void test_scan(void)
{
	uint64_t *words, low = 0x7fff00000000, high = 0x7fff00001000;
	struct seen seen = {0};

	map_memory();
	words = (uint64_t *)memory;
	words[7] = low + 8; /* there before */
	take();
	words[3] = low;
	words[4] = high;
	words[5] = low - 1;
	words[7] = low + 8;
	snapshot_scan(low, high, see, &seen);
	CU_ASSERT_EQUAL(seen.count, 1);
	CU_ASSERT_EQUAL(seen.where, (uint64_t)&words[3]);
	CU_ASSERT_EQUAL(seen.value, low);
	words[511] = high - 1;
	words[7] = low + 16;
	seen.count = 0;
	snapshot_scan(low, high, see, &seen);
	CU_ASSERT_EQUAL(seen.count, 3);
	unmap_memory();
}

static void test_bad_regions(void)
{
	struct snapshot_region overlapping[2], odd;

	map_memory();
	overlapping[0] = (struct snapshot_region)REGION(memory, 2 * PAGE);
	overlapping[1] = (struct snapshot_region)REGION(memory + PAGE, PAGE);
	odd = (struct snapshot_region)REGION(memory + 1, PAGE);
	CU_ASSERT(snapshot_take(overlapping, 2) < 0);
	CU_ASSERT(snapshot_take(&odd, 1) < 0);
	memory[0] ^= 1; /* nothing is protected */
	CU_ASSERT_EQUAL(snapshot_take(NULL, 0), 0);
	CU_ASSERT_EQUAL(snapshot_restore(), 0);
	unmap_memory();
}

/* A region larger than the host has memory: nothing is scanned. */
static void test_huge(void)
{
	uint64_t size = 64ull << 30;
	uint8_t *huge = mmap(NULL, size, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	const struct snapshot_region region = REGION(huge, size);

	CU_ASSERT_FATAL(huge != MAP_FAILED);
	CU_ASSERT_EQUAL_FATAL(snapshot_take(&region, 1), 0);
	huge[size - 1] = 1;
	huge[size / 2] = 2;
	CU_ASSERT_EQUAL(snapshot_restore(), 2);
	CU_ASSERT_EQUAL(huge[size - 1] | huge[size / 2], 0);
	snapshot_drop();
	munmap(huge, size);
}

static void test_fork(void)
{
	int status;
	pid_t pid;

	map_memory();
	munmap(memory, PAGES * PAGE);
	memory = mmap(memory, PAGES * PAGE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	memset(before, 0, PAGES * PAGE);
	take();
	memory[0] = 1;
	pid = fork();
	if (!pid) {
		memory[0] = 2;
		memory[PAGE] = 2;
		snapshot_restore();
		_exit(!(pristine() && snapshot_hot_pages() == 2));
	}
	waitpid(pid, &status, 0);
	CU_ASSERT_EQUAL(status, 0);
	CU_ASSERT_EQUAL(memory[0], 1);
	CU_ASSERT_EQUAL(snapshot_hot_pages(), 1);
	unmap_memory();
}

/* Random writes of all sizes through both mappings, against a plain copy. */
static void test_property(void)
{
	map_memory();
	srand(7);
	take();
	for (unsigned round = 0; round < 300; round++) {
		for (unsigned i = 0; i < 40; i++) {
			bool alias = rand() % 4 == 0;
			uint64_t size = (alias ? 16 : PAGES) * PAGE,
				 length = (uint64_t)rand() % 9000;
			uint64_t at = (uint64_t)rand() % size;

			if (length > size - at)
				length = size - at;
			memset((alias ? second : memory) + at, rand(), length);
		}
		CU_ASSERT_EQUAL(snapshot_restore(), snapshot_hot_pages());
		CU_ASSERT_TRUE_FATAL(pristine());
	}
	unmap_memory();
}

/*
 * Pages that were written once, in the first run, among pages that are written in each (W) or now and then (n):
 *
 *	| W | 1 | 1 | n | W | 1 |
 *
 * Expect: those written once are cold after 64 restores, what is written now and then is restored all the same, and each
 * page that is written again becomes hot again.
 */
static void test_cooling(void)
{
	map_memory();
	take();
	for (unsigned i = 20; i < 26; i++)
		memory[i * PAGE] ^= 1;
	for (unsigned run = 1; run <= 1000; run++) {
		memory[20 * PAGE + run] ^= 1;
		memory[24 * PAGE + 4095] ^= 1;
		if (run % 50 == 0)
			memory[23 * PAGE + run] ^= 1;
		snapshot_restore();
		CU_ASSERT_TRUE_FATAL(pristine());
		if (run == 64)
			CU_ASSERT_EQUAL(snapshot_hot_pages(), 3);
	}
	memory[21 * PAGE] ^= 1;
	CU_ASSERT_EQUAL(snapshot_hot_pages(), 4);
	CU_ASSERT_PTR_NOT_NULL(snapshot_pristine((uint64_t)memory + 21 * PAGE));
	CU_ASSERT_PTR_NULL(snapshot_pristine((uint64_t)memory + 22 * PAGE));
	snapshot_restore();
	CU_ASSERT_TRUE(pristine());
	unmap_memory();
}

/* What is written through a second mapping has no protection there: it must stay hot, or it would not be put back. */
static void test_shared_stays_hot(void)
{
	map_memory();
	take();
	second[3 * PAGE] ^= 1;
	for (unsigned run = 0; run < 200; run++)
		snapshot_restore();
	second[3 * PAGE] ^= 1;
	snapshot_restore();
	CU_ASSERT_TRUE(pristine());
	unmap_memory();
}

/*
 *	base:    page 0 | page 1 | page 2      all pristine
 *	mark:    a        b                    written before the mark
 *	then:    c                 d           written after it: page 2 is hot only since
 *	return:  a        b        pristine
 */
static void test_mark_and_return(void)
{
	uint8_t *pristine_2;

	map_memory();
	pristine_2 = before + 2 * PAGE;
	take();
	memset(memory, 'a', PAGE);
	memset(memory + PAGE, 'b', PAGE);
	CU_ASSERT_EQUAL(snapshot_mark(), 2);
	for (unsigned round = 0; round < 3; round++) {
		memset(memory, 'c', PAGE);
		memset(memory + 2 * PAGE, 'd', PAGE);
		CU_ASSERT_EQUAL(snapshot_return(), 3);
		CU_ASSERT(memory[0] == 'a' && memory[PAGE - 1] == 'a');
		CU_ASSERT(memory[PAGE] == 'b' && memory[2 * PAGE - 1] == 'b');
		CU_ASSERT_EQUAL(memcmp(memory + 2 * PAGE, pristine_2, PAGE), 0);
	}
	/* A later mark takes the place of the first, and the base is still there. */
	memset(memory + 2 * PAGE, 'e', PAGE);
	CU_ASSERT_EQUAL(snapshot_mark(), 3);
	memset(memory + 2 * PAGE, 'f', PAGE);
	snapshot_return();
	CU_ASSERT_EQUAL(memory[2 * PAGE + 7], 'e');
	snapshot_restore();
	CU_ASSERT_TRUE(pristine());
	unmap_memory();
}

/* Marks, returns and restores in any order, against plain copies. */
static void test_layer_property(void)
{
	uint8_t *marked = malloc(PAGES * PAGE);

	map_memory();
	srand(11);
	take();
	for (unsigned round = 0; round < 100; round++) {
		snapshot_restore();
		CU_ASSERT_TRUE_FATAL(pristine());
		for (unsigned checkpoint = 0; checkpoint < 5; checkpoint++) {
			memset(memory + rand() % (PAGES * PAGE - 5000), rand(), 5000);
			memset(second + rand() % (16 * PAGE - 50), rand(), 50);
			memcpy(marked, memory, PAGES * PAGE);
			snapshot_mark();
			for (unsigned end = 0; end < 3; end++) {
				memset(memory + rand() % (PAGES * PAGE - 9000), rand(), 9000);
				memset(second + rand() % (16 * PAGE - 50), rand(), 50);
				snapshot_return();
				CU_ASSERT_EQUAL_FATAL(memcmp(marked, memory, PAGES * PAGE), 0);
			}
		}
	}
	unmap_memory();
	free(marked);
}

CU_TestInfo snapshot_tests[] = {
	{"write and restore", test_write_and_restore},
	{"faults", test_faults},
	{"two mappings", test_two_mappings},
	{"touch", test_touch},
	{"restore of a range", test_restore_range},
	{"scan", test_scan},
	{"bad regions", test_bad_regions},
	{"huge region", test_huge},
	{"fork", test_fork},
	{"property", test_property},
	{"cooling", test_cooling},
	{"shared pages stay hot", test_shared_stays_hot},
	{"mark and return", test_mark_and_return},
	{"marks, property", test_layer_property},
	CU_TEST_INFO_NULL,
};
