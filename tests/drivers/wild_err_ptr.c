// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: a function returns ERR_PTR() on failure, its caller looks for NULL and goes on.
 * Finding: wild-access, refusal 1, in use_slot().
 */
#include <linux/err.h>
#include <linux/module.h>
#include <linux/slab.h>

struct slot {
	int users;
	char name[24];
};

static struct slot *slot;

static noinline struct slot *make_slot(void)
{
	struct slot *new = kzalloc(sizeof(*new), GFP_KERNEL);

	return new ? new : ERR_PTR(-ENOMEM);
}

static noinline int use_slot(struct slot *s)
{
	return ++s->users;
}

static int __init wild_err_ptr_init(void)
{
	slot = make_slot();
	if (!slot)
		return -ENOMEM;
	if (!BUGGY && IS_ERR(slot))
		return PTR_ERR(slot);
	use_slot(slot);
	return 0;
}

static void __exit wild_err_ptr_exit(void)
{
	kfree(slot);
}

module_init(wild_err_ptr_init);
module_exit(wild_err_ptr_exit);
MODULE_LICENSE("GPL");
