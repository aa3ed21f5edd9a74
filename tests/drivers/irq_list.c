// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the handler and the process take entries from one list, without a lock.
 * Finding: a warning or a BUG of list debugging, or a double free, in take(), with --irq-everywhere.
 */
#include <linux/interrupt.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#define IRQ 5

struct entry {
	struct list_head list;
};

static LIST_HEAD(entries);
static DEFINE_SPINLOCK(lock);

static noinline struct entry *take(void)
{
	struct entry *entry;
	unsigned long flags = 0;

	if (!BUGGY)
		spin_lock_irqsave(&lock, flags);
	entry = list_first_entry_or_null(&entries, struct entry, list);
	if (entry)
		list_del(&entry->list);
	if (!BUGGY)
		spin_unlock_irqrestore(&lock, flags);
	return entry;
}

static irqreturn_t handle(int irq, void *data)
{
	kfree(take());
	return IRQ_HANDLED;
}

static int __init irq_list_init(void)
{
	struct entry *entry = kmalloc(sizeof(*entry), GFP_KERNEL);
	int err;

	if (!entry)
		return -ENOMEM;
	list_add(&entry->list, &entries);
	err = request_irq(IRQ, handle, 0, "kfail_list", &entries);
	if (err)
		kfree(entry);
	return err;
}

static void __exit irq_list_exit(void)
{
	struct entry *entry = take();

	free_irq(IRQ, &entries);
	kfree(entry);
}

module_init(irq_list_init);
module_exit(irq_list_exit);
MODULE_LICENSE("GPL");
