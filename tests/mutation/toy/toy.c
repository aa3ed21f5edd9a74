// SPDX-License-Identifier: GPL-2.0-only
/*
 * A driver without a bug, in which each operator of the mutation score finds something to break, and a sweep must see it. Only
 * one line is never reached: toy_show() is called by nobody.
 */
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

struct toy {
	struct list_head entries;
	spinlock_t lock;
	char *name;
	struct entry *first; /* of the entries */
};

struct entry {
	struct list_head list;
	bool used;
};

static struct toy *toy;

static int toy_open(struct inode *inode, struct file *file)
{
	return 0;
}

static const struct proc_ops toy_operations = {.proc_open = toy_open};

static int add_entry(void)
{
	struct entry *entry;
	int err = 0;

	spin_lock(&toy->lock);
	entry = kmalloc(sizeof(*entry), GFP_ATOMIC);
	if (entry)
		list_add(&entry->list, &toy->entries);
	else
		err = -ENOMEM;
	toy->first = entry;
	spin_unlock(&toy->lock);
	return err;
}

static void free_entries(void)
{
	toy->first->used = false;
	while (!list_empty(&toy->entries)) {
		struct entry *entry = list_first_entry(&toy->entries, struct entry, list);

		list_del(&entry->list);
		kfree(entry);
	}
}

static void free_name(void)
{
	toy->name[0] = 0;
	kfree(toy->name);
}

static int __init toy_init(void)
{
	int err = -ENOMEM;

	toy = kzalloc(sizeof(*toy), GFP_KERNEL);
	if (!toy)
		return err;
	INIT_LIST_HEAD(&toy->entries);
	spin_lock_init(&toy->lock);
	toy->name = kstrdup("toy", GFP_KERNEL);
	if (!toy->name) {
		pr_err("toy: no name\n");
		goto no_name;
	}
	toy->name[0] = 'T';
	err = add_entry();
	if (err)
		goto no_entry;
	if (!proc_create("toy", 0444, NULL, &toy_operations)) {
		err = -ENOMEM;
		goto no_proc;
	}
	return 0;

no_proc:
	free_entries();
no_entry:
	free_name();
no_name:
	kfree(toy);
	return err;
}

static int __used toy_show(struct entry *entry)
{
	if (!entry)
		return -EINVAL;
	return 0;
}

static void __exit toy_exit(void)
{
	remove_proc_entry("toy", NULL);
	free_entries();
	free_name();
	kfree(toy);
}

module_init(toy_init);
module_exit(toy_exit);
MODULE_LICENSE("GPL");
