// SPDX-License-Identifier: GPL-2.0-only
/* The kmalloc family to its quirks, caches with flags and windows, cleanup, kfree_rcu, copies from user space. */
#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include "check.h"

struct thing {
	long value;
	char name[16];
	struct rcu_head rcu;
};

static void reallocation(void)
{
	long *p = kmalloc_array(4, sizeof(*p), GFP_KERNEL), *q;
	char *v, *w;

	CHECK(p && ksize(p) == 32);
	p[3] = 7;
	CHECK(!krealloc_array(p, SIZE_MAX / 4, 8, GFP_KERNEL) && p[3] == 7);
	q = krealloc_array(p, 100, sizeof(*p), GFP_KERNEL);
	CHECK(q && q != p && q[3] == 7);
	kfree(q);
	v = kvmalloc(6000, GFP_KERNEL);
	CHECK(v && !is_vmalloc_addr(v));
	v[5999] = 3;
	CHECK(kvrealloc(v, 6000, 5000, GFP_KERNEL) == v);
	w = kvrealloc(v, 6000, 9000, GFP_KERNEL);
	CHECK(w && w[5999] == 3);
	kvfree_sensitive(w, 9000);
	kvfree(NULL);
	kvfree_sensitive(NULL, 0);
	CHECK(!kvmalloc_array(SIZE_MAX / 2, 3, GFP_KERNEL));
	CHECK(!kvmalloc(8u << 20, GFP_ATOMIC)); /* no way to vmalloc */
	CHECK(!kvmalloc((size_t)INT_MAX + 1, GFP_KERNEL | __GFP_NOWARN));
	CHECK(kvcalloc(2, 0, GFP_KERNEL) == ZERO_SIZE_PTR);
}

static void sizes(void)
{
	CHECK(kmalloc_size_roundup(0) == 0 && kmalloc_size_roundup(1) == 8);
	CHECK(kmalloc_size_roundup(8193) == 16384 && kmalloc_size_roundup(SIZE_MAX) == SIZE_MAX);
	CHECK(ksize(NULL) == 0 && ksize(ZERO_SIZE_PTR) == 0);
	CHECK(!kmalloc(KMALLOC_MAX_SIZE + 1, GFP_KERNEL | __GFP_NOWARN));
}

static void many(void)
{
	struct kmem_cache *cache = KMEM_CACHE(thing, SLAB_ACCOUNT | SLAB_MEM_SPREAD);
	void *p[4];

	CHECK(cache);
	p[0] = kmalloc(8, GFP_KERNEL);
	p[1] = kmalloc(20000, GFP_KERNEL);
	p[2] = kmem_cache_alloc_lru(cache, NULL, GFP_KERNEL);
	p[3] = kmem_cache_alloc_node(cache, GFP_KERNEL, 0);
	kfree_bulk(4, p);
	CHECK(kmem_cache_alloc_bulk(cache, GFP_KERNEL, 4, p) == 4);
	kmem_cache_free_bulk(cache, 4, p);
	CHECK(kmem_cache_shrink(cache) == 0);
	kmem_cache_destroy(cache);
	CHECK(!kmem_cache_create("bad", 8, 0, SLAB_FAILSLAB, NULL));
}

static void strings(void)
{
	char *a = kmemdup_nul("abcdef", 3, GFP_KERNEL), *b = kasprintf(GFP_KERNEL, "%d-%s", 7, "x");
	const char *c = kstrdup_const("const", GFP_KERNEL);
	char *d = kstrndup("truncated", 5, GFP_KERNEL);

	CHECK(a && !strcmp(a, "abc"));
	CHECK(b && !strcmp(b, "7-x"));
	CHECK(c && !strcmp(c, "const"));
	CHECK(d && !strcmp(d, "trunc"));
	CHECK(!kstrdup(NULL, GFP_KERNEL));
	kfree(a);
	kfree_sensitive(b);
	kfree_const(c);
	kfree(d);
}

static int fail_halfway(bool fail, char **out)
{
	char *p __free(kfree) = kmalloc(10, GFP_KERNEL);
	char *unused __free(kfree) = ERR_PTR(-EINVAL);

	if (!p || fail)
		return -ENOMEM;
	(void)unused;
	*out = no_free_ptr(p);
	return 0;
}

static void cleanup(void)
{
	char *p = NULL;

	CHECK(fail_halfway(true, &p) == -ENOMEM && !p);
	CHECK(fail_halfway(false, &p) == 0 && p);
	kfree(p);
}

static void after_grace_period(void)
{
	struct kmem_cache *cache =
		kmem_cache_create("rcu", sizeof(struct thing), 0, SLAB_TYPESAFE_BY_RCU, NULL);
	struct thing *t = kzalloc(sizeof(*t), GFP_KERNEL), *s;

	CHECK(t && cache);
	kfree_rcu(t, rcu);
	kfree_rcu_mightsleep(kmalloc(10, GFP_KERNEL));
	kvfree_rcu_mightsleep(kvmalloc(100000, GFP_KERNEL));
	s = kmem_cache_alloc(cache, GFP_KERNEL);
	s->value = 5;
	rcu_read_lock();
	kmem_cache_free(cache, s);
	CHECK(s->value == 5);
	rcu_read_unlock();
	kmem_cache_destroy(cache);
	rcu_barrier();
}

static void from_user(void)
{
	void __user *nobody = (void __user *)16;

	CHECK(PTR_ERR(memdup_user(nobody, 8)) == -EFAULT);
	CHECK(PTR_ERR(memdup_user_nul(nobody, 8)) == -EFAULT);
	CHECK(PTR_ERR(vmemdup_user(nobody, 100000)) == -EFAULT);
	CHECK(PTR_ERR(strndup_user(nobody, 8)) == -EFAULT);
	CHECK(PTR_ERR(memdup_array_user(nobody, SIZE_MAX, 2)) == -EOVERFLOW);
	CHECK(PTR_ERR(memdup_user(nobody, 64ul << 20)) == -ENOMEM);
}

static void window(void)
{
	struct kmem_cache *cache = KMEM_CACHE_USERCOPY(thing, 0, name);
	struct thing *t = kmem_cache_zalloc(cache, GFP_KERNEL);
	size_t n = sizeof(t->name);

	OPTIMIZER_HIDE_VAR(n);
	CHECK(copy_to_user((void __user *)16, t->name, n) == n);
	/* The compiler knows this size: not looked at. */
	CHECK(copy_to_user((void __user *)16, t, sizeof(*t)) == sizeof(*t));
	kmem_cache_free(cache, t);
	kmem_cache_destroy(cache);
}

static void provenance(void)
{
	char *p = kmalloc(50, GFP_KERNEL), *v = vmalloc(5000);

	CHECK(slab_is_available());
	pr_info("p:");
	mem_dump_obj(p + 4);
	pr_info("v:");
	mem_dump_obj(v + 1);
	pr_info("none:");
	mem_dump_obj(NULL);
	kfree(p);
	vfree(v);
}

static void all(void)
{
	reallocation();
	sizes();
	many();
	strings();
	cleanup();
	after_grace_period();
	from_user();
	window();
	provenance();
}

CHECKED_DRIVER(all);
