/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Limits of older kernels, as data: which sizes kmalloc has, what it does with 0 and above its limit, and how
 * large a block of pages may be. A profile changes what new requests get; objects that exist stay valid, and
 * everything else stays 6.1.
 */
#ifndef KFAIL_ALLOCATOR_PROFILE_H
#define KFAIL_ALLOCATOR_PROFILE_H

#include "../core/types.h"

#define KF_PROFILE_ERR 256

enum kf_above {
	KF_ABOVE_PAGES, /* kmalloc above its largest class takes whole pages, up to 4 MiB (SLUB) */
	KF_ABOVE_NULL,	/* it fails, silently and without asking anybody (SLAB) */
};

enum kf_class_names {
	KF_NAMES_SHORT, /* kmalloc-1k, kmalloc-cg-1k, kmalloc-rcl-1k, dma-kmalloc-1k */
	KF_NAMES_LONG,	/* kmalloc-1024, dma-kmalloc-1024 */
	KF_NAMES_SIZE,	/* size-1024, size-1024(DMA) */
};

struct kf_profile {
	const char *name;     /* "6.1", "2.4", "3.4" (SLAB), "3.4-slub" */
	u32 min_size;	      /* smallest class, bytes; a power of two */
	u32 max_cache_size;   /* largest class */
	bool has_96, has_192; /* the classes between powers of two */
	bool zero_is_object; /* kmalloc(0) gives an object of the smallest class; else ZERO_SIZE_PTR */
	enum kf_class_names names;
	enum kf_above above;
	u32 max_order;	  /* orders of pages below this are served */
	bool quiet_order; /* others fail without a WARN */
};

/*
 * Put the limits of this kernel in force for all requests from now on, also after a world was booted under 6.1.
 * Creates the size classes it needs (asks no hook). 0; -EINVAL: no such profile, -ENOMEM; with a sentence in
 * err[KF_PROFILE_ERR]. Not while other threads allocate.
 */
int kf_profile_set(const char *name, char *err);

/* The profile in force. */
const struct kf_profile *kf_profile(void);

/* All profiles by index, or NULL: for help texts. */
const struct kf_profile *kf_profile_get(unsigned index);

#endif
