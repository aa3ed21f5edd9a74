// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: two mutexes are taken in one order by init, and in the other by exit.
 * Finding: lock-order, without a refusal, in drop_slots(). In objects, and in one class twice (parent, child): the twin does
 * all that is correct.
 */
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>

struct slot {
	struct mutex lock;
	int uses;
};

static DEFINE_MUTEX(board_lock);
static struct slot *slots[2];

static noinline struct slot *make_slot(void)
{
	struct slot *slot = kzalloc(sizeof(*slot), GFP_KERNEL);

	if (slot)
		mutex_init(&slot->lock);
	return slot;
}

static noinline void use_slots(void)
{
	mutex_lock(&board_lock);
	mutex_lock(&slots[0]->lock);
	mutex_lock_nested(&slots[1]->lock, SINGLE_DEPTH_NESTING);
	slots[1]->uses++;
	mutex_unlock(&slots[1]->lock);
	mutex_unlock(&slots[0]->lock);
	mutex_unlock(&board_lock);
}

static noinline void drop_slots(void)
{
	mutex_lock(&slots[0]->lock);
	if (BUGGY) {
		mutex_lock(&board_lock);
		slots[0]->uses = 0;
		mutex_unlock(&board_lock);
	} else if (mutex_trylock(&board_lock)) {
		slots[0]->uses = 0;
		mutex_unlock(&board_lock);
	}
	mutex_unlock(&slots[0]->lock);
}

static int __init order_two_init(void)
{
	slots[0] = make_slot();
	slots[1] = make_slot();
	if (!slots[0] || !slots[1]) {
		kfree(slots[0]);
		kfree(slots[1]);
		return -ENOMEM;
	}
	use_slots();
	return 0;
}

static void __exit order_two_exit(void)
{
	drop_slots();
	kfree(slots[0]);
	kfree(slots[1]);
}

module_init(order_two_init);
module_exit(order_two_exit);
MODULE_LICENSE("GPL");
