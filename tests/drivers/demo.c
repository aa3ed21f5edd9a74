// SPDX-License-Identifier: GPL-2.0-only
/*
 * A driver as they are: a board with a few slots, each with a queue and a ring, statistics, a
 * window of pages and a filter. It loads and unloads without a complaint. What it does when
 * memory is short is another story: five bugs are planted in it, marked BUG 1 to BUG 5, each
 * behind another allocation. `kfail sweep` finds all of them.
 */
#include <linux/gfp.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#define NR_SLOTS     2
#define QUEUE_LENGTH 32
#define RING_SIZE    (64 * 1024)
#define FILTER_SIZE  384
#define WINDOW_ORDER 1

struct counters {
	unsigned long packets, bytes;
};

struct request {
	struct slot *slot;
	char payload[80];
};

struct slot {
	struct list_head node;
	char *name;
	struct request **queue;
	unsigned char *ring;
	struct request *idle; /* sent when the queue is empty */
};

struct board {
	struct mutex slots_lock;
	struct list_head slots;
	spinlock_t lock; /* of spare */
	struct request *spare;
	struct counters __percpu *counters;
	struct kmem_cache *requests;
	struct page *window;
	unsigned char *filter, *filter_shadow;
	char *log;
};

static struct board *board;

static void free_slot(struct slot *slot)
{
	if (slot->idle)
		kmem_cache_free(board->requests, slot->idle);
	vfree(slot->ring);
	kfree(slot->queue);
	kfree(slot->name);
	kfree(slot);
}

static int add_slot(const char *name)
{
	struct slot *slot = kzalloc(sizeof(*slot), GFP_KERNEL);

	if (!slot)
		return -ENOMEM;
	slot->name = kstrdup(name, GFP_KERNEL);
	if (!slot->name)
		goto free_slot;
	slot->queue = kmalloc_array(QUEUE_LENGTH, sizeof(*slot->queue), GFP_KERNEL);
	if (!slot->queue)
		goto free_slot; /* BUG 1: the name is lost. */
	slot->ring = vmalloc(RING_SIZE);
	if (!slot->ring)
		goto free_queue;
	memset(slot->ring, 0, RING_SIZE);

	mutex_lock(&board->slots_lock);
	list_add_tail(&slot->node, &board->slots);
	mutex_unlock(&board->slots_lock);
	return 0;

free_queue:
	kfree(slot->queue);
	kfree(slot->name);
free_slot:
	kfree(slot);
	return -ENOMEM;
}

static void prime_slots(void)
{
	struct slot *slot;

	mutex_lock(&board->slots_lock);
	list_for_each_entry(slot, &board->slots, node) {
		slot->idle = kmem_cache_alloc(board->requests, GFP_KERNEL);
		slot->idle->slot = slot; /* BUG 2: there may be none. */
	}
	mutex_unlock(&board->slots_lock);
}

static int load_filter(void)
{
	board->filter = kzalloc(FILTER_SIZE, GFP_KERNEL);
	if (!board->filter)
		return -ENOMEM;
	board->filter_shadow = kmemdup(board->filter, FILTER_SIZE, GFP_KERNEL);
	if (!board->filter_shadow) {
		kfree(board->filter); /* BUG 3: free_board() does it again. */
		return -ENOMEM;
	}
	return 0;
}

static int keep_spare(void)
{
	spin_lock(&board->lock);
	board->spare = kmalloc(sizeof(*board->spare), GFP_ATOMIC);
	if (!board->spare) /* BUG 4: this one may sleep, and we hold a spinlock. */
		board->spare = kmalloc(sizeof(*board->spare), GFP_KERNEL);
	spin_unlock(&board->lock);
	return board->spare ? 0 : -ENOMEM;
}

static void free_board(void)
{
	struct slot *slot, *next;

	if (!board)
		return;
	list_for_each_entry_safe(slot, next, &board->slots, node)
		free_slot(slot);
	kfree(board->log);
	kfree(board->spare);
	kfree(board->filter_shadow);
	kfree(board->filter);
	if (board->window)
		__free_pages(board->window, WINDOW_ORDER);
	kmem_cache_destroy(board->requests);
	free_percpu(board->counters);
	kfree(board);
	board = NULL;
}

static int __init demo_init(void)
{
	static const char *const names[NR_SLOTS] = {"left", "right"};
	int i, err = -ENOMEM;

	board = kzalloc(sizeof(*board), GFP_KERNEL);
	if (!board)
		return -ENOMEM;
	mutex_init(&board->slots_lock);
	INIT_LIST_HEAD(&board->slots);
	spin_lock_init(&board->lock);

	board->counters = alloc_percpu(struct counters);
	if (!board->counters)
		goto fail;
	board->requests = kmem_cache_create("demo_request", sizeof(struct request), 0, 0, NULL);
	if (!board->requests)
		goto fail;
	board->window = alloc_pages(GFP_KERNEL, WINDOW_ORDER);
	if (!board->window)
		goto fail;
	for (i = 0; i < NR_SLOTS; i++) {
		err = add_slot(names[i]);
		if (err)
			goto fail;
	}
	prime_slots();
	err = load_filter();
	if (err)
		goto fail;
	err = keep_spare();
	if (err)
		goto fail;
	board->log = kzalloc(2000, GFP_KERNEL);
	if (!board->log)
		goto fail; /* BUG 5: err is 0 here, and the kernel believes it. */
	pr_info("demo: %d slots\n", NR_SLOTS);
	return 0;

fail:
	free_board();
	return err;
}

static void __exit demo_exit(void)
{
	free_board();
}

module_init(demo_init);
module_exit(demo_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A driver with five bugs on its failure paths");
