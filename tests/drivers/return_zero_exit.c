// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path returns 0, and exit trusts that it finds what init makes.
 * Finding: null-dereference, refusal 2, in drop_ring(), called by exit.
 */
#include <linux/module.h>
#include <linux/slab.h>

struct ring {
	unsigned int head, tail;
	char *data;
};

static struct ring *ring;
static void *header;

static noinline void drop_ring(void)
{
	kfree(ring->data);
	kfree(ring);
}

static int __init return_zero_exit_init(void)
{
	header = kmalloc(96, GFP_KERNEL);
	if (!header)
		return -ENOMEM;
	ring = kzalloc(sizeof(*ring), GFP_KERNEL);
	if (ring)
		return 0;
	if (BUGGY)
		return 0;
	kfree(header);
	return -ENOMEM;
}

static void __exit return_zero_exit_exit(void)
{
	drop_ring();
	kfree(header);
}

module_init(return_zero_exit_init);
module_exit(return_zero_exit_exit);
MODULE_LICENSE("GPL");
