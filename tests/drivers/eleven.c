// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module that speed is measured with: eleven allocations in init, undone by labels, and by
 * exit.
 *
 * Bug: the last label, reached only when the last of the eleven is refused, forgets the table. (tests/bench/planted.c plants
 * it on each of the ten labels in turn.)
 * Finding: leak of 256 bytes, after the refusal of the kmalloc(3000), allocated in make_table().
 */
#include <linux/gfp.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

/* The allocation whose label forgets it; 0: none. */
#ifndef PLANTED
#define PLANTED (BUGGY ? 10 : 0)
#endif
#define forgotten(n) (PLANTED == (n))

struct board {
	char *name;
	void *header, *state;
	struct kmem_cache *requests;
	void *first, *second;
	void *area;
	struct page *window;
	u64 *table;
	void *ring;
};

static struct board *board;

static noinline u64 *make_table(void)
{
	return kcalloc(32, sizeof(u64), GFP_KERNEL);
}

static int __init eleven_init(void)
{
	board = kzalloc(sizeof(*board), GFP_KERNEL); /* 1 */
	if (!board)
		return -ENOMEM;
	board->header = kmalloc(200, GFP_KERNEL); /* 2 */
	if (!board->header)
		goto free_board;
	board->state = kzalloc(48, GFP_KERNEL); /* 3 */
	if (!board->state)
		goto free_header;
	board->name = kstrdup("eleven", GFP_KERNEL); /* 4 */
	if (!board->name)
		goto free_state;
	board->requests =
		kmem_cache_create("eleven_requests", 120, 0, SLAB_HWCACHE_ALIGN, NULL); /* 5 */
	if (!board->requests)
		goto free_name;
	board->first = kmem_cache_alloc(board->requests, GFP_KERNEL); /* 6 */
	if (!board->first)
		goto destroy_requests;
	board->second = kmem_cache_alloc(board->requests, GFP_KERNEL); /* 7 */
	if (!board->second)
		goto free_first;
	board->area = vmalloc(10000); /* 8 */
	if (!board->area)
		goto free_second;
	board->window = alloc_pages(GFP_KERNEL, 1); /* 9 */
	if (!board->window)
		goto free_area;
	board->table = make_table(); /* 10 */
	if (!board->table)
		goto free_window;
	board->ring = kmalloc(3000, GFP_KERNEL); /* 11 */
	if (!board->ring)
		goto free_table;
	return 0;

free_table:
	if (!forgotten(10))
		kfree(board->table);
free_window:
	if (!forgotten(9))
		__free_pages(board->window, 1);
free_area:
	if (!forgotten(8))
		vfree(board->area);
free_second:
	if (!forgotten(7))
		kmem_cache_free(board->requests, board->second);
free_first:
	if (!forgotten(6))
		kmem_cache_free(board->requests, board->first);
destroy_requests:
	if (!forgotten(5))
		kmem_cache_destroy(board->requests);
free_name:
	if (!forgotten(4))
		kfree(board->name);
free_state:
	if (!forgotten(3))
		kfree(board->state);
free_header:
	if (!forgotten(2))
		kfree(board->header);
free_board:
	if (!forgotten(1))
		kfree(board);
	return -ENOMEM;
}

static void __exit eleven_exit(void)
{
	kfree(board->ring);
	kfree(board->table);
	__free_pages(board->window, 1);
	vfree(board->area);
	kmem_cache_free(board->requests, board->second);
	kmem_cache_free(board->requests, board->first);
	kmem_cache_destroy(board->requests);
	kfree(board->name);
	kfree(board->state);
	kfree(board->header);
	kfree(board);
}

module_init(eleven_init);
module_exit(eleven_exit);
MODULE_LICENSE("GPL");
