// SPDX-License-Identifier: GPL-2.0-only
/*
 * The map of coverage, and the blocks that code has: code of the tests' own bytes, in memory that
 * the map is about.
 *
 *	code:	| ... | call collector | ... | call *slot(%rip) | ... | slot: collector |
 */
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "../../harness/trace/coverage.h"
#include "suites.h"

static _Alignas(8) uint8_t code[256];
static uint64_t found[8];
static unsigned found_count;

#define COLLECTOR ((uint64_t)code + 0x12340)

static void open_map(void)
{
	static bool open;

	if (!open)
		CU_ASSERT_EQUAL_FATAL(coverage_open((uint64_t)code, sizeof(code)), 0);
	open = true;
	coverage_forget();
	memset(code, 0x90, sizeof(code));
}

static void put32(unsigned at, int64_t value)
{
	int32_t v = (int32_t)value;

	memcpy(code + at, &v, sizeof(v));
}

/* call to: e8 rel32 */
static void put_direct(unsigned at, uint64_t to)
{
	code[at] = 0xe8;
	put32(at + 1, (int64_t)(to - ((uint64_t)code + at + 5)));
}

/* call *slot(%rip): ff 15 rel32 */
static void put_indirect(unsigned at, unsigned slot)
{
	code[at] = 0xff;
	code[at + 1] = 0x15;
	put32(at + 2, (int64_t)slot - (at + 6));
}

static void keep(uint64_t pc, void *arg)
{
	if (found_count < 8)
		found[found_count] = pc - (uint64_t)code;
	found_count++;
}

static unsigned look(unsigned from, unsigned to)
{
	found_count = 0;
	return coverage_each_block((uint64_t)code + from, (uint64_t)code + to, COLLECTOR, keep,
				   NULL);
}

/* Expect calls of the collector, by both ways, named by their return addresses; no others. */
static void test_blocks(void)
{
	uint64_t collector = COLLECTOR, other = COLLECTOR + 1;

	open_map();
	put_direct(8, collector);
	put_direct(20, other);
	put_indirect(40, 128);
	memcpy(code + 128, &collector, 8);
	put_indirect(60, 136);
	memcpy(code + 136, &other, 8);
	put_indirect(70, 129); /* no slot: not aligned */
	CU_ASSERT_EQUAL(look(0, 128), 2);
	CU_ASSERT_EQUAL(found[0], 13);
	CU_ASSERT_EQUAL(found[1], 46);
	CU_ASSERT_EQUAL(coverage_call((uint64_t)code + 13), (uint64_t)code + 8);
	CU_ASSERT_EQUAL(coverage_call((uint64_t)code + 46), (uint64_t)code + 40);
}

/* Expect a call that the end of the code cuts off to be none, and its displacement not to be read. */
static void test_ends(void)
{
	open_map();
	put_direct(8, COLLECTOR);
	CU_ASSERT_EQUAL(look(0, 13), 1);
	CU_ASSERT_EQUAL(look(0, 12), 0);
	CU_ASSERT_EQUAL(look(9, 64), 0);
	CU_ASSERT_EQUAL(look(0, 3), 0);
}

/* Expect what a child has run to be known here, nothing outside of the code, and nothing after it
 * is forgotten. */
static void test_map(void)
{
	const struct kf_coverage *map;
	uint64_t pc = (uint64_t)code + 13;
	pid_t child;
	int status;

	open_map();
	map = coverage_map();
	CU_ASSERT_EQUAL_FATAL(map->size, sizeof(code));
	CU_ASSERT_EQUAL(map->start, (uint64_t)code);
	CU_ASSERT_FALSE(coverage_ran(pc));
	child = fork();
	if (!child) {
		map->hit[pc - map->start] = 1;
		_exit(0);
	}
	CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
	CU_ASSERT_TRUE(coverage_ran(pc));
	CU_ASSERT_FALSE(coverage_ran(pc + 1));
	CU_ASSERT_FALSE(coverage_ran((uint64_t)code - 1));
	CU_ASSERT_FALSE(coverage_ran((uint64_t)code + sizeof(code)));
	coverage_forget();
	CU_ASSERT_FALSE(coverage_ran(pc));
}

CU_TestInfo coverage_tests[] = {
	{"blocks", test_blocks},
	{"ends", test_ends},
	{"map", test_map},
	CU_TEST_INFO_NULL,
};
