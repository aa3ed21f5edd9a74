// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counted objects: refcount_t, kobject, the module's own references; and the IDA. After
 * lib/refcount.c, lib/kobject.c and lib/idr.c of 6.1: what the kernel warns about is told as a
 * warning.
 */
#include "world.h"

#include "include/linux/idr.h"
#include "include/linux/kobject.h"
#include "include/linux/module.h"
#include "include/linux/refcount.h"
#include "include/linux/slab.h"

/* ---- refcount_t ---- */

static void saturate(refcount_t *r, const char *what)
{
	refcount_set(r, REFCOUNT_SATURATED);
	judge_warning(what);
}

NATIVE_API void refcount_add(int i, refcount_t *r)
{
	int old = atomic_fetch_add(i, &r->refs);

	if (unlikely(!old))
		saturate(r, "refcount_t: addition on 0; use-after-free");
	else if (unlikely(old < 0 || old + i < 0))
		saturate(r, "refcount_t: saturated; leaking memory");
}

NATIVE_API bool refcount_add_not_zero(int i, refcount_t *r)
{
	int old = atomic_read(&r->refs);

	if (!old)
		return false;
	refcount_add(i, r);
	return true;
}

NATIVE_API bool refcount_sub_and_test(int i, refcount_t *r)
{
	int old = atomic_fetch_sub(i, &r->refs);

	if (old == i)
		return true;
	if (unlikely(old < 0 || old - i < 0))
		saturate(r, "refcount_t: underflow; use-after-free");
	return false;
}

/* ---- kobject ---- */

static const char kobject_type[] = "kobject";

NATIVE_API void kobject_init(struct kobject *kobj, const struct kobj_type *ktype)
{
	native_enter();
	if (kobj->state_initialized)
		judge_warning("kobject_init() of an object that is initialised already");
	kref_init(&kobj->kref);
	INIT_LIST_HEAD(&kobj->entry);
	kobj->state_in_sysfs = 0;
	kobj->state_initialized = 1;
	kobj->ktype = ktype;
}

static int set_name(struct kobject *kobj, const char *fmt, va_list args)
{
	char *name = kvasprintf(GFP_KERNEL, fmt, args);

	if (!name)
		return -ENOMEM;
	kf_kfree(kobj->name);
	kobj->name = name;
	return 0;
}

NATIVE_API int kobject_set_name(struct kobject *kobj, const char *fmt, ...)
{
	va_list args;
	int error;

	va_start(args, fmt);
	error = set_name(kobj, fmt, args);
	va_end(args);
	return error;
}

static int add(struct kobject *kobj, struct kobject *parent, const char *fmt, va_list args,
	       uint64_t caller)
{
	int error = set_name(kobj, fmt, args);

	if (error)
		return error;
	if (!native_resource_add(kobject_type, kobj, kobj->name, caller))
		return -ENOMEM;
	kobj->parent = kobject_get(parent);
	kobj->state_in_sysfs = 1;
	return 0;
}

NATIVE_API int kobject_add(struct kobject *kobj, struct kobject *parent, const char *fmt, ...)
{
	va_list args;
	int error;

	native_may_sleep("kobject_add");
	if (!kobj)
		return -EINVAL;
	if (!kobj->state_initialized) {
		judge_warning("kobject_add() of an object that is not initialised");
		return -EINVAL;
	}
	va_start(args, fmt);
	error = add(kobj, parent, fmt, args, NATIVE_CALLER());
	va_end(args);
	return error;
}

NATIVE_API int kobject_init_and_add(struct kobject *kobj, const struct kobj_type *ktype,
				    struct kobject *parent, const char *fmt, ...)
{
	va_list args;
	int error;

	native_may_sleep("kobject_init_and_add");
	kobject_init(kobj, ktype);
	va_start(args, fmt);
	error = add(kobj, parent, fmt, args, NATIVE_CALLER());
	va_end(args);
	return error;
}

NATIVE_API void kobject_del(struct kobject *kobj)
{
	struct native_resource *res;

	if (!kobj)
		return;
	res = native_resource_find(kobject_type, kobj);
	if (res)
		native_resource_remove(res);
	kobj->state_in_sysfs = 0;
	kobject_put(kobj->parent);
	kobj->parent = NULL;
}

NATIVE_API struct kobject *kobject_get(struct kobject *kobj)
{
	if (kobj) {
		if (!kobj->state_initialized)
			judge_warning("kobject_get() of an object that is not initialised");
		kref_get(&kobj->kref);
	}
	return kobj;
}

static void cleanup(struct kref *kref)
{
	struct kobject *kobj = container_of(kref, struct kobject, kref);
	const char *name = kobj->name;

	if (kobj->state_in_sysfs)
		kobject_del(kobj);
	if (kobj->ktype && kobj->ktype->release)
		kobj->ktype->release(kobj);
	kf_kfree(name);
}

NATIVE_API void kobject_put(struct kobject *kobj)
{
	native_enter();
	if (kobj) {
		if (!kobj->state_initialized)
			judge_warning("kobject_put() of an object that is not initialised");
		kref_put(&kobj->kref, cleanup);
	}
}

static void dynamic_release(struct kobject *kobj)
{
	kf_kfree(kobj);
}

static const struct kobj_type dynamic_ktype = {.release = dynamic_release};

NATIVE_API struct kobject *kobject_create_and_add(const char *name, struct kobject *parent)
{
	struct kobject *kobj;

	native_may_sleep("kobject_create_and_add");
	kobj = kf_kmalloc(sizeof(*kobj), KF_GFP_KERNEL | KF_GFP_ZERO);
	if (!kobj)
		return NULL;
	kobject_init(kobj, &dynamic_ktype);
	if (!kobject_add(kobj, parent, "%s", name))
		return kobj;
	kobject_put(kobj);
	return NULL;
}

/* ---- references to the module ---- */

NATIVE_API bool try_module_get(struct module *module)
{
	if (module && !native_state.gone)
		atomic_inc(&module->refcnt);
	return !module || !native_state.gone;
}

NATIVE_API void __module_get(struct module *module)
{
	if (module)
		atomic_inc(&module->refcnt);
}

NATIVE_API void module_put(struct module *module)
{
	if (module && atomic_dec_if_positive(&module->refcnt) < 0)
		judge_warning("module_put() without a reference");
}

NATIVE_API int __request_module(bool wait, const char *name, ...)
{
	if (wait)
		native_may_sleep("request_module");
	return -ENOENT;
}

/* ---- IDA ---- */

#define LOW_BITS   62
#define CHUNK_BITS 1024

struct chunk {
	struct chunk *next;
	unsigned int base;
	unsigned int used;
	unsigned long bits[CHUNK_BITS / BITS_PER_LONG];
};

static struct chunk *chunk_find(const struct ida *ida, unsigned int base)
{
	struct chunk *c = ida->native_chunks;

	while (c && c->base != base)
		c = c->next;
	return c;
}

static struct chunk *chunk_add(struct ida *ida, unsigned int base, gfp_t gfp)
{
	struct chunk *c = kf_kmalloc(sizeof(*c), gfp | KF_GFP_ZERO);

	if (!c)
		return NULL;
	c->base = base;
	c->next = ida->native_chunks;
	ida->native_chunks = c;
	return c;
}

static int take_low(struct ida *ida, unsigned int min, unsigned int max)
{
	unsigned long bit = find_next_zero_bit(&ida->native_low, LOW_BITS, min);

	if (min >= LOW_BITS || bit >= LOW_BITS || bit > max)
		return -ENOSPC;
	ida->native_low |= BIT(bit);
	return (int)bit;
}

static int take_high(struct ida *ida, unsigned int min, unsigned int max, gfp_t gfp)
{
	while (min <= max) {
		unsigned int base = round_down(min, (unsigned int)CHUNK_BITS);
		struct chunk *c = chunk_find(ida, base);
		unsigned long bit;

		if (!c && !(c = chunk_add(ida, base, gfp)))
			return -ENOMEM;
		bit = find_next_zero_bit(c->bits, CHUNK_BITS, min - base);
		if (bit < CHUNK_BITS) {
			if (base + bit > max)
				return -ENOSPC;
			c->bits[BIT_WORD(bit)] |= BIT_MASK(bit);
			c->used++;
			return (int)(base + bit);
		}
		min = base + CHUNK_BITS;
	}
	return -ENOSPC;
}

NATIVE_API int ida_alloc_range(struct ida *ida, unsigned int min, unsigned int max, gfp_t gfp)
{
	int id;

	native_enter();
	if ((int)min < 0)
		return -ENOSPC;
	max = min_t(unsigned int, max, INT_MAX);
	id = take_low(ida, min, max);
	return id >= 0 ? id : take_high(ida, max_t(unsigned int, min, LOW_BITS), max, gfp);
}

static void chunk_remove(struct ida *ida, struct chunk *c)
{
	struct chunk **link = (struct chunk **)&ida->native_chunks;

	while (*link != c)
		link = &(*link)->next;
	*link = c->next;
	kf_kfree(c);
}

NATIVE_API void ida_free(struct ida *ida, unsigned int id)
{
	unsigned long *word = &ida->native_low;
	struct chunk *c = NULL;
	unsigned int bit = id;

	native_enter();
	if (id >= LOW_BITS) {
		c = chunk_find(ida, round_down(id, (unsigned int)CHUNK_BITS));
		bit = id % CHUNK_BITS;
		word = c ? &c->bits[BIT_WORD(bit)] : NULL;
	}
	if (!word || !(*word & BIT_MASK(bit))) {
		judge_warning("ida_free() of a number that is not allocated");
		return;
	}
	*word &= ~BIT_MASK(bit);
	if (c && !--c->used)
		chunk_remove(ida, c);
}

NATIVE_API void ida_destroy(struct ida *ida)
{
	native_enter();
	ida->native_low = 0;
	while (ida->native_chunks)
		chunk_remove(ida, ida->native_chunks);
}
