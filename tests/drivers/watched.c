// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: six accesses that nothing stops and nothing shows afterwards, since they only read; one in a function each.
 * Finding: none in a plain run. Under valgrind: out-of-bounds in past_object(), past_area(), past_element() and in the
 * kernel's memcmp() called by compare(); use-after-free in use_freed(); uninitialised-value in branch_on_new().
 */
#include <linux/mempool.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

struct item {
	int number, flags;
	char name[12];
};

static volatile int sink;

static noinline void past_object(void)
{
	char *p = kzalloc(20, GFP_KERNEL);

	if (!p)
		return;
	sink += p[BUGGY ? 20 : 19];
	kfree(p);
}

static noinline void past_area(void)
{
	char *p = vzalloc(5000);

	if (!p)
		return;
	sink += p[BUGGY ? 5003 : 4999];
	vfree(p);
}

static noinline void past_element(void)
{
	mempool_t *pool = mempool_create_kmalloc_pool(1, 40);
	char *p;

	if (!pool)
		return;
	p = mempool_alloc(pool, GFP_KERNEL);
	memset(p, 1, 40);
	sink += p[BUGGY ? 40 : 39];
	mempool_free(p, pool);
	mempool_destroy(pool);
}

/* The size is no constant, or the compiler would say so. */
static noinline int compare(const char *p, size_t size)
{
	static const char zeros[32];

	return memcmp(p, zeros, size);
}

static noinline void compare_past(void)
{
	char *p = kzalloc(24, GFP_KERNEL);

	if (!p)
		return;
	sink += compare(p, BUGGY ? 32 + sink / 1000 : 24);
	kfree(p);
}

static noinline void use_freed(void)
{
	struct item *item = kzalloc(sizeof(*item), GFP_KERNEL);

	if (!item)
		return;
	if (!BUGGY)
		sink += item->flags;
	kfree(item);
	if (BUGGY)
		sink += item->flags;
}

static noinline void branch_on_new(void)
{
	struct item *item = kmalloc(sizeof(*item), GFP_KERNEL);

	if (!item)
		return;
	item->number = 1;
	if (!BUGGY)
		item->flags = 0;
	if (item->flags & 4)
		sink++;
	kfree(item);
}

static int __init watched_init(void)
{
	past_object();
	past_area();
	past_element();
	compare_past();
	use_freed();
	branch_on_new();
	return 0;
}

static void __exit watched_exit(void)
{
}

module_init(watched_init);
module_exit(watched_exit);
MODULE_LICENSE("GPL");
