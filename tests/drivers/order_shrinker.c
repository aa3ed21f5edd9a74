// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: a shrinker takes the mutex under which memory is asked for with GFP_KERNEL.
 * Finding: lock-order (fs_reclaim), without a refusal, in make_ring() or the shrinker.
 */
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/shrinker.h>
#include <linux/slab.h>

static DEFINE_MUTEX(lock);
static void *ring;
static struct page *taken[64];

static unsigned long count(struct shrinker *s, struct shrink_control *sc)
{
	return 1;
}

static unsigned long scan(struct shrinker *s, struct shrink_control *sc)
{
	if (BUGGY)
		mutex_lock(&lock);
	else if (!mutex_trylock(&lock))
		return SHRINK_STOP;
	mutex_unlock(&lock);
	return 1;
}

static struct shrinker shrinker = {
	.count_objects = count, .scan_objects = scan, .seeks = 1, .batch = 1};

static noinline void make_ring(void)
{
	mutex_lock(&lock);
	ring = kmalloc(512, GFP_KERNEL);
	mutex_unlock(&lock);
}

/* More of zone DMA is asked for than there is: everything that can be given back is. */
static noinline void press(void)
{
	int i, n;

	for (n = 0; n < ARRAY_SIZE(taken); n++) {
		taken[n] = alloc_pages(GFP_KERNEL | GFP_DMA | __GFP_NOWARN, 8);
		if (!taken[n])
			break;
	}
	for (i = 0; i < n; i++)
		__free_pages(taken[i], 8);
}

static int __init order_shrinker_init(void)
{
	int err = register_shrinker(&shrinker, "kfail-order");

	if (err)
		return err;
	make_ring();
	if (ring)
		press();
	return 0;
}

static void __exit order_shrinker_exit(void)
{
	unregister_shrinker(&shrinker);
	kfree(ring);
}

module_init(order_shrinker_init);
module_exit(order_shrinker_exit);
MODULE_LICENSE("GPL");
