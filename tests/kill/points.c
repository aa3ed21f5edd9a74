// SPDX-License-Identifier: GPL-2.0-only
/*
 * A driver with as many points as one likes, for the kill test: points=N. Each is an allocation that is freed again at once, so
 * a run costs no more than its requests. A refusal ends init properly, except that request 97k forgets a
 * buffer, request 499k is followed by a NULL pointer, and request 1000k by a positive number.
 */
#include <linux/module.h>
#include <linux/slab.h>

static unsigned points = 1000;
module_param(points, uint, 0444);

static void *forgotten;

static int refused(unsigned n)
{
	if (n % 499 == 0)
		*(volatile int *)forgotten = 1;
	if (n % 1000 == 0)
		return 1;
	return -ENOMEM;
}

static int __init points_init(void)
{
	void *kept = NULL;
	unsigned n;

	for (n = 1; n <= points; n++) {
		void *p = kmalloc(32, GFP_KERNEL);

		if (!p) {
			if (n % 97)
				kfree(kept);
			return refused(n);
		}
		kfree(kept);
		kept = p;
	}
	kfree(kept);
	return 0;
}

static void __exit points_exit(void)
{
}

module_init(points_init);
module_exit(points_exit);
MODULE_LICENSE("GPL");
