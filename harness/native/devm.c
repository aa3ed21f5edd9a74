// SPDX-License-Identifier: GPL-2.0-only
/*
 * What drivers let a device manage: memory, pages, per-CPU areas and actions, by the kernel's names (devm_*; of 6.1:
 * drivers/base/devres.c). devres.c is the list on which all of that lies.
 *
 *	memory			| header, 40 bytes | the bytes themselves |
 *	pages, per-CPU areas	| header | where they are |	two requests; the first is undone if the second fails
 *	actions			| header | function, argument |
 *
 * To free early what is not on this device's list is a warning, as there.
 */
#include "world.h"

#include "include/linux/percpu.h"
#include "devres.h"

/* ---- memory ---------------------------------------------------------------------------------------------------------- */

static void devm_kmalloc_release(struct device *dev, void *res)
{
}

static int devm_kmalloc_match(struct device *dev, void *res, void *data)
{
	return res == data;
}

static __always_inline void *managed(struct device *dev, size_t size, gfp_t gfp)
{
	struct devres *dr;

	if (unlikely(!size))
		return ZERO_SIZE_PTR;
	dr = native_devres_alloc(devm_kmalloc_release, size, gfp, "devm_kzalloc_release");
	if (unlikely(!dr))
		return NULL;
	devres_add(dev, dr->data);
	return dr->data;
}

NATIVE_API void *devm_kmalloc(struct device *dev, size_t size, gfp_t gfp)
{
	return managed(dev, size, gfp);
}

NATIVE_API void *devm_kzalloc(struct device *dev, size_t size, gfp_t gfp)
{
	return managed(dev, size, gfp | __GFP_ZERO);
}

NATIVE_API void *devm_kmalloc_array(struct device *dev, size_t n, size_t size, gfp_t flags)
{
	size_t bytes;

	if (unlikely(check_mul_overflow(n, size, &bytes)))
		return NULL;
	return managed(dev, bytes, flags);
}

NATIVE_API void *devm_kcalloc(struct device *dev, size_t n, size_t size, gfp_t flags)
{
	size_t bytes;

	if (unlikely(check_mul_overflow(n, size, &bytes)))
		return NULL;
	return managed(dev, bytes, flags | __GFP_ZERO);
}

NATIVE_API void devm_kfree(struct device *dev, const void *p)
{
	native_enter();
	if (unlikely(ZERO_OR_NULL_PTR(p)))
		return;
	native_devres_check(
		devres_destroy(dev, devm_kmalloc_release, devm_kmalloc_match, (void *)p), __func__);
}

/* In place while the block's size class has room, else a new block takes its place on the list. */
NATIVE_API void *devm_krealloc(struct device *dev, void *ptr, size_t size, gfp_t gfp)
{
	struct devres *old, *new;
	size_t total, had;

	if (unlikely(!size)) {
		devm_kfree(dev, ptr);
		return ZERO_SIZE_PTR;
	}
	if (unlikely(ZERO_OR_NULL_PTR(ptr)))
		return managed(dev, size, gfp);
	if (unlikely(check_add_overflow(sizeof(struct devres), size, &total)))
		return NULL;
	if (!devres_find(dev, devm_kmalloc_release, devm_kmalloc_match, ptr)) {
		judge_warning("Memory chunk not managed or managed by a different device.");
		return NULL;
	}
	old = native_devres_of(ptr);
	had = kf_ksize(old);
	if (total <= had)
		return ptr;
	new = native_devres_alloc(devm_kmalloc_release, size, gfp, "devm_krealloc_release");
	if (!new)
		return NULL;
	list_replace(&old->node.entry, &new->node.entry);
	memcpy(new->data, old->data, had - offsetof(struct devres, data));
	kf_kfree(old);
	return new->data;
}

NATIVE_API void *devm_kmemdup(struct device *dev, const void *src, size_t len, gfp_t gfp)
{
	void *p = managed(dev, len, gfp);

	if (p && len)
		memcpy(p, src, len);
	return p;
}

NATIVE_API char *devm_kstrdup(struct device *dev, const char *s, gfp_t gfp)
{
	return s ? devm_kmemdup(dev, s, strlen(s) + 1, gfp) : NULL;
}

NATIVE_API const char *devm_kstrdup_const(struct device *dev, const char *s, gfp_t gfp)
{
	return devm_kstrdup(dev, s, gfp);
}

NATIVE_API char *devm_kvasprintf(struct device *dev, gfp_t gfp, const char *fmt, va_list ap)
{
	size_t len = (size_t)native_vsnprintf(NULL, 0, fmt, ap);
	char *p = managed(dev, len + 1, gfp);

	if (p)
		native_vsnprintf(p, len + 1, fmt, ap);
	return p;
}

NATIVE_API char *devm_kasprintf(struct device *dev, gfp_t gfp, const char *fmt, ...)
{
	va_list args;
	char *p;

	va_start(args, fmt);
	p = devm_kvasprintf(dev, gfp, fmt, args);
	va_end(args);
	return p;
}

/* ---- pages ----------------------------------------------------------------------------------------------------------- */

struct pages_devres {
	unsigned long addr;
	unsigned int order;
};

static void devm_pages_release(struct device *dev, void *res)
{
	struct pages_devres *pages = res;

	free_pages(pages->addr, pages->order);
}

static int devm_pages_match(struct device *dev, void *res, void *data)
{
	return ((struct pages_devres *)res)->addr == *(unsigned long *)data;
}

NATIVE_API unsigned long devm_get_free_pages(struct device *dev, gfp_t gfp_mask, unsigned int order)
{
	unsigned long addr = __get_free_pages(gfp_mask, order);
	struct pages_devres *pages;

	if (unlikely(!addr))
		return 0;
	pages = devres_alloc(devm_pages_release, sizeof(*pages), GFP_KERNEL);
	if (unlikely(!pages)) {
		free_pages(addr, order);
		return 0;
	}
	pages->addr = addr;
	pages->order = order;
	devres_add(dev, pages);
	return addr;
}

NATIVE_API void devm_free_pages(struct device *dev, unsigned long addr)
{
	native_devres_check(devres_release(dev, devm_pages_release, devm_pages_match, &addr),
			    __func__);
}

/* ---- per-CPU areas --------------------------------------------------------------------------------------------------- */

static void devm_percpu_release(struct device *dev, void *res)
{
	free_percpu(*(void __percpu **)res);
}

static int devm_percpu_match(struct device *dev, void *res, void *data)
{
	return *(void **)res == data;
}

NATIVE_API void __percpu *__devm_alloc_percpu(struct device *dev, size_t size, size_t align)
{
	void __percpu *pcpu = __alloc_percpu(size, align);
	void **p;

	if (!pcpu)
		return NULL;
	p = devres_alloc(devm_percpu_release, sizeof(*p), GFP_KERNEL);
	if (!p) {
		free_percpu(pcpu);
		return NULL;
	}
	*p = pcpu;
	devres_add(dev, p);
	return pcpu;
}

NATIVE_API void devm_free_percpu(struct device *dev, void __percpu *pdata)
{
	native_devres_check(devres_release(dev, devm_percpu_release, devm_percpu_match, pdata),
			    __func__);
}

/* ---- actions --------------------------------------------------------------------------------------------------------- */

struct action_devres {
	void *data;
	void (*action)(void *);
};

static void devm_action_release(struct device *dev, void *res)
{
	struct action_devres *devres = res;

	devres->action(devres->data);
}

static int devm_action_match(struct device *dev, void *res, void *p)
{
	struct action_devres *devres = res, *target = p;

	return devres->action == target->action && devres->data == target->data;
}

NATIVE_API int devm_add_action(struct device *dev, void (*action)(void *), void *data)
{
	struct action_devres *devres =
		devres_alloc(devm_action_release, sizeof(*devres), GFP_KERNEL);

	if (!devres)
		return -ENOMEM;
	devres->data = data;
	devres->action = action;
	devres_add(dev, devres);
	return 0;
}

NATIVE_API int devm_add_action_or_reset(struct device *dev, void (*action)(void *), void *data)
{
	int ret = devm_add_action(dev, action, data);

	if (ret)
		action(data);
	return ret;
}

NATIVE_API void devm_remove_action(struct device *dev, void (*action)(void *), void *data)
{
	struct action_devres devres = {.data = data, .action = action};

	native_devres_check(devres_destroy(dev, devm_action_release, devm_action_match, &devres),
			    __func__);
}

NATIVE_API void devm_release_action(struct device *dev, void (*action)(void *), void *data)
{
	struct action_devres devres = {.data = data, .action = action};

	native_devres_check(devres_release(dev, devm_action_release, devm_action_match, &devres),
			    __func__);
}
