// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path of two functions is the other one, so that they call each other without
 * end.
 * Finding: stack-overflow, refusal 1, in stop_port() or stop_board().
 */
#include <linux/compiler.h>
#include <linux/module.h>
#include <linux/slab.h>

struct board {
	char name[64];
	bool stopping;
};

static struct board board;
static void *ring;

static noinline int stop_board(const struct board *b);

static noinline int stop_port(const struct board *b)
{
	struct board now = *b;

	return stop_board(&now) + now.name[0];
}

static noinline int stop_board(const struct board *b)
{
	struct board now = *b;

	if (READ_ONCE(b->stopping))
		return 0;
	if (!BUGGY)
		now.stopping = true;
	return stop_port(&now) + now.name[0];
}

static int __init stack_overflow_init(void)
{
	ring = kmalloc(512, GFP_KERNEL);
	if (ring)
		return 0;
	stop_board(&board);
	return -ENOMEM;
}

static void __exit stack_overflow_exit(void)
{
	kfree(ring);
}

module_init(stack_overflow_init);
module_exit(stack_overflow_exit);
MODULE_LICENSE("GPL");
