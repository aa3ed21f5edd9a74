// SPDX-License-Identifier: GPL-2.0-only
/*
 * The map of coverage, and the blocks that loaded code has: found in the code itself, by its calls.
 *
 *	e8 rel32	call collector		kernel modules
 *	ff 15 rel32	call *slot(%rip)	shared objects compiled with -fno-plt; the slot holds the collector's address
 *
 * Four bytes that lead to the collector by chance are as likely as any other of 2^32 values.
 */
#include "coverage.h"
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#define DIRECT_CALL_SIZE   5
#define INDIRECT_CALL_SIZE 6

static struct kf_coverage map;

int coverage_open(uint64_t start, uint64_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return -errno;
	map = (struct kf_coverage){start, size, p, map.edges};
	return 0;
}

void coverage_count_edges(struct kf_edges *edges)
{
	map.edges = edges;
}

const struct kf_coverage *coverage_map(void)
{
	return &map;
}

bool coverage_ran(uint64_t pc)
{
	return pc - map.start < map.size && map.hit[pc - map.start];
}

void coverage_forget(void)
{
	if (map.size && madvise(map.hit, map.size, MADV_REMOVE))
		memset(map.hit, 0, map.size);
}

static int32_t displacement(const uint8_t *p)
{
	int32_t value;

	memcpy(&value, p, sizeof(value));
	return value;
}

/* The return address of a call of the collector that begins at p; 0: none does. */
static uint64_t call_at(const uint8_t *p, uint64_t end, uint64_t collector)
{
	uint64_t at = (uint64_t)p, slot;

	if (p[0] == 0xe8 && at + DIRECT_CALL_SIZE <= end &&
	    at + DIRECT_CALL_SIZE + (uint64_t)(int64_t)displacement(p + 1) == collector)
		return at + DIRECT_CALL_SIZE;
	if (p[0] != 0xff || at + INDIRECT_CALL_SIZE > end || p[1] != 0x15)
		return 0;
	slot = at + INDIRECT_CALL_SIZE + (uint64_t)(int64_t)displacement(p + 2);
	/* Code of this process that looks like such a call may name any address. */
	if (slot % 8 || slot - map.start >= map.size - 7 || *(uint64_t *)slot != collector)
		return 0;
	return at + INDIRECT_CALL_SIZE;
}

uint64_t coverage_call(uint64_t pc)
{
	return pc - (*(uint8_t *)(pc - DIRECT_CALL_SIZE) == 0xe8 ? DIRECT_CALL_SIZE
								 : INDIRECT_CALL_SIZE);
}

unsigned coverage_each_block(uint64_t start, uint64_t end, uint64_t collector,
			     void (*fn)(uint64_t pc, void *arg), void *arg)
{
	unsigned count = 0;

	for (uint64_t at = start; at + DIRECT_CALL_SIZE <= end; at++) {
		uint64_t pc = call_at((const uint8_t *)at, end, collector);

		if (!pc)
			continue;
		fn(pc, arg);
		count++;
	}
	return count;
}
