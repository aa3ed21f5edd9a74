// SPDX-License-Identifier: GPL-2.0-only
/*
 * As many allocations as wanted, of which only the newest few are alive: what grows with them is the way to a point, not
 * what has to be undone behind it. No bug; the module that the growth of a sweep is measured with.
 */
#include <linux/module.h>
#include <linux/slab.h>

#define ALIVE 16

static unsigned int allocations = 100;
module_param(allocations, uint, 0444);
MODULE_PARM_DESC(allocations, "how many objects init allocates, one after another");

static void *ring[ALIVE];

static void empty_ring(void)
{
	unsigned int i;

	for (i = 0; i < ALIVE; i++) {
		kfree(ring[i]);
		ring[i] = NULL;
	}
}

static int __init many_init(void)
{
	unsigned int i;

	for (i = 0; i < allocations; i++) {
		void *object = kmalloc(32 + i % 7 * 24, GFP_KERNEL);

		if (!object) {
			empty_ring();
			return -ENOMEM;
		}
		kfree(ring[i % ALIVE]);
		ring[i % ALIVE] = object;
	}
	return 0;
}

static void __exit many_exit(void)
{
	empty_ring();
}

module_init(many_init);
module_exit(many_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("many allocations, few of them alive");
