// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path leaves a shrinker registered.
 * Finding: resource-leak (shrinker), made in add_shrinker().
 */
#include <linux/module.h>
#include <linux/shrinker.h>
#include <linux/slab.h>

static void *ring;

static unsigned long count(struct shrinker *shrinker, struct shrink_control *sc)
{
	return 0;
}

static unsigned long scan(struct shrinker *shrinker, struct shrink_control *sc)
{
	return SHRINK_STOP;
}

static struct shrinker shrinker = {
	.count_objects = count, .scan_objects = scan, .seeks = DEFAULT_SEEKS};

static noinline int add_shrinker(void)
{
	return register_shrinker(&shrinker, "kfail-left");
}

static int __init left_shrinker_init(void)
{
	int err = add_shrinker();

	if (err)
		return err;
	ring = kmalloc(512, GFP_KERNEL);
	if (ring)
		return 0;
	if (!BUGGY)
		unregister_shrinker(&shrinker);
	return -ENOMEM;
}

static void __exit left_shrinker_exit(void)
{
	unregister_shrinker(&shrinker);
	kfree(ring);
}

module_init(left_shrinker_init);
module_exit(left_shrinker_exit);
MODULE_LICENSE("GPL");
