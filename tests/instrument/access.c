// SPDX-License-Identifier: GPL-2.0-only
/*
 * One bad access for each value of `bug`, most of them reads, which leave no trace; with fixed=1 the same access stays where
 * it may be. Indices come from parameters, so that neither the compiler nor FORTIFY_SOURCE sees what they are.
 */
#include <linux/bitops.h>
#include <linux/gfp.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

static char *bug = "";
module_param(bug, charp, 0);
static bool fixed;
module_param(fixed, bool, 0);
/* What the compiler does not know. */
static int zero;
module_param(zero, int, 0);

static char table[40] = "table";
static volatile char sink;

static noinline void look(const volatile char *p, long i)
{
	sink = p[i];
}

static noinline void look_wide(const volatile u64 *p)
{
	sink = *p;
}

static noinline void put(volatile char *p, long i)
{
	p[i] = 1;
}

static long index_of(long bad, long good)
{
	return (fixed ? good : bad) + zero;
}

/* So that FORTIFY_SOURCE knows no size. */
static noinline void *hide(void *p)
{
	return (char *)p + zero;
}

static int heap_read(void)
{
	char *p = kmalloc(100, GFP_KERNEL);

	if (!p)
		return -ENOMEM;
	look(p, index_of(104, 99));
	kfree(p);
	return 0;
}

static int heap_read_before(void)
{
	char *p = kmalloc(100, GFP_KERNEL);

	if (!p)
		return -ENOMEM;
	look(p, index_of(-1, 0));
	kfree(p);
	return 0;
}

/* Its write damages the guard, which is no second finding. */
static int heap_write(void)
{
	char *p = kmalloc(100, GFP_KERNEL);

	if (!p)
		return -ENOMEM;
	put(p, index_of(100, 99));
	kfree(p);
	return 0;
}

/* Only its second half is outside. */
static int heap_half(void)
{
	char *p = kmalloc(100, GFP_KERNEL);

	if (!p)
		return -ENOMEM;
	look_wide((void *)(p + index_of(96, 88)));
	kfree(p);
	return 0;
}

static int heap_freed(void)
{
	char *p = kmalloc(100, GFP_KERNEL);

	if (!p)
		return -ENOMEM;
	if (fixed)
		look(p, 8);
	kfree(p);
	if (!fixed)
		look(p, 8);
	return 0;
}

static int heap_large(void)
{
	char *p = kmalloc(10000, GFP_KERNEL);

	if (!p)
		return -ENOMEM;
	look(p, index_of(10000, 9999));
	kfree(p);
	return 0;
}

static int heap_memset(void)
{
	char *p = hide(kmalloc(100, GFP_KERNEL));

	if (!p)
		return -ENOMEM;
	memset(p, 0, index_of(101, 100));
	kfree(p);
	return 0;
}

static int heap_memcpy(void)
{
	char *p = hide(kzalloc(100, GFP_KERNEL)), *q = hide(kmalloc(200, GFP_KERNEL));

	if (p && q)
		memcpy(q, p, index_of(120, 100));
	kfree(p);
	kfree(q);
	return p && q ? 0 : -ENOMEM;
}

static int heap_strlen(void)
{
	char *p = hide(kmalloc(8, GFP_KERNEL));

	if (!p)
		return -ENOMEM;
	memset(p, 'a', 8);
	if (fixed)
		p[7] = '\0';
	sink = strlen(p);
	kfree(p);
	return 0;
}

static int heap_bit(void)
{
	unsigned long *p = kzalloc(104, GFP_KERNEL);

	if (!p)
		return -ENOMEM;
	set_bit(index_of(900, 800), p);
	kfree(p);
	return 0;
}

static int pages_freed(void)
{
	unsigned long p = __get_free_pages(GFP_KERNEL, 1);

	if (!p)
		return -ENOMEM;
	if (fixed)
		look((char *)p, 5000);
	free_pages(p, 1);
	if (!fixed)
		look((char *)p, 5000);
	return 0;
}

static int vmalloc_read(void)
{
	char *p = vmalloc(5000);

	if (!p)
		return -ENOMEM;
	look(p, index_of(5003, 4999));
	vfree(p);
	return 0;
}

static int stack_read(void)
{
	char buffer[13];

	memset(hide(buffer), 0, sizeof(buffer));
	look(buffer, index_of(14, 12));
	return 0;
}

static int alloca_read(void)
{
	int size = 20 + zero;
	char buffer[size];

	memset(hide(buffer), 0, size);
	look(buffer, index_of(22, 19));
	return 0;
}

static int global_read(void)
{
	look(table, index_of(42, 39));
	return 0;
}

/* Objects of such a cache may be looked at after they are freed: never a finding. */
static int typesafe_freed(void)
{
	struct kmem_cache *cache =
		kmem_cache_create("instrument_safe", 64, 0, SLAB_TYPESAFE_BY_RCU, NULL);
	char *p = cache ? kmem_cache_zalloc(cache, GFP_KERNEL) : NULL;

	if (p) {
		kmem_cache_free(cache, p);
		look(p, 8);
		look(p, index_of(64, 63));
	}
	kmem_cache_destroy(cache);
	return p ? 0 : -ENOMEM;
}

/* No bug, but an error path of its own. */
static int error_path(void)
{
	char *p = kmalloc(100, GFP_KERNEL), *q;

	if (!p)
		return -ENOMEM;
	q = kmalloc(200, GFP_KERNEL);
	if (!q) {
		kfree(p); /* only where it is refused */
		return -ENOMEM;
	}
	kfree(q);
	kfree(p);
	return 0;
}

static const struct {
	const char *name;
	int (*fn)(void);
} bugs[] = {
	{"heap_read", heap_read},     {"heap_read_before", heap_read_before},
	{"heap_write", heap_write},   {"heap_half", heap_half},
	{"heap_freed", heap_freed},   {"heap_large", heap_large},
	{"heap_memset", heap_memset}, {"heap_memcpy", heap_memcpy},
	{"heap_strlen", heap_strlen}, {"heap_bit", heap_bit},
	{"pages_freed", pages_freed}, {"vmalloc_read", vmalloc_read},
	{"stack_read", stack_read},   {"alloca_read", alloca_read},
	{"global_read", global_read}, {"typesafe_freed", typesafe_freed},
	{"error_path", error_path},
};

static int __init access_init(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(bugs); i++)
		if (!strcmp(bugs[i].name, bug))
			return bugs[i].fn();
	return -EINVAL;
}

static void __exit access_exit(void)
{
}

module_init(access_init);
module_exit(access_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("one bad access");
