/* SPDX-License-Identifier: GPL-2.0-only */
/* What devres.c (the list) and devm.c (what drivers put on it) share. Included behind world.h. */
#ifndef KFAIL_NATIVE_DEVRES_H
#define KFAIL_NATIVE_DEVRES_H

#include "include/linux/device.h"
#include "include/linux/string.h"

struct devres_node {
	struct list_head entry;
	dr_release_t release;
	const char *name;
	size_t size;
};

struct devres {
	struct devres_node node;
	u8 data[] __aligned(8);
};
_Static_assert(sizeof(struct devres) == 40, "the header has the kernel's size");

static inline struct devres *native_devres_of(const void *res)
{
	return (struct devres *)((char *)res - offsetof(struct devres, data));
}

/* A block with its header, on no list yet. */
static __always_inline struct devres *native_devres_alloc(dr_release_t release, size_t size,
							  gfp_t gfp, const char *name)
{
	struct devres *dr;
	size_t total;

	native_enter();
	if (unlikely(check_add_overflow(sizeof(struct devres), size, &total)))
		return NULL;
	dr = kf_kmalloc(total, gfp);
	if (unlikely(!dr))
		return NULL;
	memset(&dr->node, 0, sizeof(dr->node));
	INIT_LIST_HEAD(&dr->node.entry);
	dr->node.release = release;
	dr->node.name = name;
	dr->node.size = size;
	return dr;
}

/* Where the kernel has WARN_ON(): the resource is not on this device's list, or not any more. */
void native_devres_check(int error, const char *function);

#endif
