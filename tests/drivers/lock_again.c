// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the reader of an rw_semaphore takes it for reading again: a writer in between stops both.
 * Finding: lock-order, without a refusal, in count_slots().
 */
#include <linux/module.h>
#include <linux/rwsem.h>

static DECLARE_RWSEM(lock);
static int slots, seen;

static noinline int count_slots(bool locked)
{
	int n;

	if (!locked)
		down_read(&lock);
	n = slots;
	if (!locked)
		up_read(&lock);
	return n;
}

static int __init lock_again_init(void)
{
	down_read(&lock);
	seen = count_slots(!BUGGY);
	up_read(&lock);
	return 0;
}

static void __exit lock_again_exit(void)
{
}

module_init(lock_again_init);
module_exit(lock_again_exit);
MODULE_LICENSE("GPL");
