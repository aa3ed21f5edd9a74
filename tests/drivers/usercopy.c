// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: a whole object is copied to user space, of a cache that lets only `name` be copied.
 * Finding: out-of-bounds, without a refusal; the object is allocated in make_slot(). (The copy itself fails:
 * the address is nobody's. Hardened usercopy asks before.)
 */
#include <linux/compiler.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

struct slot {
	void *secret;
	char name[24];
};

static struct kmem_cache *slots;
static struct slot *slot;

static noinline struct slot *make_slot(void)
{
	return kmem_cache_zalloc(slots, GFP_KERNEL);
}

static void show_slot(void __user *to)
{
	size_t n = BUGGY ? sizeof(*slot) : sizeof(slot->name);

	OPTIMIZER_HIDE_VAR(n);
	if (copy_to_user(to, BUGGY ? (void *)slot : slot->name, n))
		pr_debug("nobody there\n");
}

static int __init usercopy_init(void)
{
	slots = KMEM_CACHE_USERCOPY(slot, 0, name);
	if (!slots)
		return -ENOMEM;
	slot = make_slot();
	if (!slot) {
		kmem_cache_destroy(slots);
		return -ENOMEM;
	}
	show_slot((void __user *)16);
	return 0;
}

static void __exit usercopy_exit(void)
{
	kmem_cache_free(slots, slot);
	kmem_cache_destroy(slots);
}

module_init(usercopy_init);
module_exit(usercopy_exit);
MODULE_LICENSE("GPL");
