// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: how many allocations init makes depends on the time stamp counter of the processor, which
 * no simulation controls.
 * Finding: nondeterminism, without a refusal: run again, it makes another number of requests.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/timex.h>

#define MOST 64

static void *blocks[MOST];
static unsigned int count;

static unsigned int wanted(void)
{
	u64 now = BUGGY ? get_cycles() : 1;

	return 1 + (now * 0x9e3779b97f4a7c15ULL >> 58) % (MOST - 1);
}

static void free_blocks(void)
{
	while (count)
		kfree(blocks[--count]);
}

static int __init nondeterminism_init(void)
{
	unsigned int target = wanted();

	while (count < target) {
		blocks[count] = kmalloc(64, GFP_KERNEL);
		if (!blocks[count]) {
			free_blocks();
			return -ENOMEM;
		}
		count++;
	}
	return 0;
}

static void __exit nondeterminism_exit(void)
{
	free_blocks();
}

module_init(nondeterminism_init);
module_exit(nondeterminism_exit);
MODULE_LICENSE("GPL");
