// SPDX-License-Identifier: GPL-2.0-only
/*
 * No bug: most kinds of allocation, several kinds of registration, contexts and tasks, and every
 * failure is unwound.
 * Finding: none, at any refusal. When this one is blamed, the judge is wrong.
 */
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/list.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/timer.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>

#define SLOTS 3

struct slot {
	struct list_head node;
	char *name;
};

static LIST_HEAD(slots);
static DEFINE_MUTEX(slots_lock);
static DEFINE_SPINLOCK(ring_lock);
static struct kmem_cache *slot_cache;
static u64 __percpu *packets;
static char *journal;
static void *area, *ring;
static unsigned long window;
static struct workqueue_struct *queue;

static void tick(struct timer_list *unused)
{
}

static void work_run(struct work_struct *unused)
{
	this_cpu_inc(*packets);
}

static int show(struct seq_file *file, void *unused)
{
	seq_puts(file, "clean\n");
	return 0;
}

static DEFINE_TIMER(timer, tick);
static DECLARE_WORK(work, work_run);
static const struct file_operations operations = {.owner = THIS_MODULE, .llseek = noop_llseek};
static struct miscdevice misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "kfail_clean",
	.fops = &operations,
};

static void free_slots(void)
{
	struct slot *slot, *next;

	mutex_lock(&slots_lock);
	list_for_each_entry_safe(slot, next, &slots, node) {
		list_del(&slot->node);
		kfree(slot->name);
		kmem_cache_free(slot_cache, slot);
	}
	mutex_unlock(&slots_lock);
}

static int add_slot(int id)
{
	struct slot *slot = kmem_cache_zalloc(slot_cache, GFP_KERNEL);

	if (!slot)
		return -ENOMEM;
	slot->name = kasprintf(GFP_KERNEL, "slot%d", id);
	if (!slot->name) {
		kmem_cache_free(slot_cache, slot);
		return -ENOMEM;
	}
	mutex_lock(&slots_lock);
	list_add(&slot->node, &slots);
	mutex_unlock(&slots_lock);
	return 0;
}

/* A refusal that is absorbed: the larger journal is wished for, not needed. */
static int make_journal(void)
{
	char *larger;

	journal = kstrdup("journal", GFP_KERNEL);
	if (!journal)
		return -ENOMEM;
	larger = krealloc(journal, 1000, GFP_KERNEL | __GFP_NOWARN);
	if (larger)
		journal = larger;
	return 0;
}

static int make_ring(void)
{
	spin_lock(&ring_lock);
	ring = kmalloc(700, GFP_ATOMIC);
	spin_unlock(&ring_lock);
	return ring ? 0 : -ENOMEM;
}

static int make_memory(void)
{
	slot_cache = KMEM_CACHE(slot, SLAB_HWCACHE_ALIGN);
	if (!slot_cache)
		return -ENOMEM;
	packets = alloc_percpu(u64);
	if (!packets)
		goto destroy_cache;
	area = vzalloc(50000);
	if (!area)
		goto free_packets;
	window = __get_free_pages(GFP_KERNEL, 2);
	if (!window)
		goto free_area;
	if (make_journal())
		goto free_window;
	if (make_ring())
		goto free_journal;
	return 0;

free_journal:
	kfree(journal);
free_window:
	free_pages(window, 2);
free_area:
	vfree(area);
free_packets:
	free_percpu(packets);
destroy_cache:
	kmem_cache_destroy(slot_cache);
	return -ENOMEM;
}

static void free_memory(void)
{
	kfree(ring);
	kfree(journal);
	free_pages(window, 2);
	vfree(area);
	free_percpu(packets);
	kmem_cache_destroy(slot_cache);
}

static int __init clean_init(void)
{
	int i, err = make_memory();

	if (err)
		return err;
	for (i = 0; i < SLOTS; i++) {
		err = add_slot(i);
		if (err)
			goto free_slots;
	}
	err = -ENOMEM;
	queue = alloc_workqueue("kfail_clean", 0, 0);
	if (!queue)
		goto free_slots;
	if (!proc_create_single("kfail_clean", 0444, NULL, show))
		goto destroy_queue;
	err = misc_register(&misc);
	if (err)
		goto remove_proc;
	queue_work(queue, &work);
	mod_timer(&timer, jiffies + HZ);
	return 0;

remove_proc:
	remove_proc_entry("kfail_clean", NULL);
destroy_queue:
	destroy_workqueue(queue);
free_slots:
	free_slots();
	free_memory();
	return err;
}

static void __exit clean_exit(void)
{
	del_timer_sync(&timer);
	misc_deregister(&misc);
	remove_proc_entry("kfail_clean", NULL);
	destroy_workqueue(queue);
	free_slots();
	free_memory();
}

module_init(clean_init);
module_exit(clean_exit);
MODULE_LICENSE("GPL");
