// SPDX-License-Identifier: GPL-2.0-only
/*
 * The size classes of kmalloc: caches for sizes, by type of memory. Follows create_kmalloc_caches() and
 * kmalloc_slab() of mm/slab_common.c 6.1.
 *
 * A class has the kernel's index: 1 is 96, 2 is 192, else log2 of the size. Which sizes are had is data
 * (profile.h): a size that the profile lacks is served from the next larger one, so that one table
 * answers for all kernels. Each profile's caches are made once, when it is first put in force, and stay.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../core/state.h"
#include "plain.h"

#define FIRST_CLASS 1u

typedef struct kf_cache *class_table[KF_NR_CLASSES];

static size_t class_size(unsigned index)
{
	return index == 1 ? 96 : index == 2 ? 192 : (size_t)1 << index;
}

static bool is_odd(unsigned index)
{
	return index < 3;
}

/* ---- names ------------------------------------------------------------------------------------------- */

static void short_size(char *out, size_t n, size_t size)
{
	if (size < 1024)
		snprintf(out, n, "%zu", size);
	else if (size < 1 << 20)
		snprintf(out, n, "%zuk", size >> 10);
	else
		snprintf(out, n, "%zuM", size >> 20);
}

static void name_class(char *out, size_t n, enum kf_class_names names, enum kf_kmalloc_type type,
		       size_t size)
{
	static const char *const prefixes[KF_NR_KMALLOC_TYPES] = {
		[KF_KMALLOC_NORMAL] = "kmalloc-",
		[KF_KMALLOC_CGROUP] = "kmalloc-cg-",
		[KF_KMALLOC_RECLAIM] = "kmalloc-rcl-",
		[KF_KMALLOC_DMA] = "dma-kmalloc-",
	};
	char number[16];

	short_size(number, sizeof(number), size);
	if (names == KF_NAMES_SIZE)
		snprintf(out, n, "size-%zu%s", size, type == KF_KMALLOC_DMA ? "(DMA)" : "");
	else if (names == KF_NAMES_LONG)
		snprintf(out, n, "%s%zu", prefixes[type], size);
	else
		snprintf(out, n, "%s%s", prefixes[type], number);
}

/* ---- making ------------------------------------------------------------------------------------------- */

/* Powers of two are aligned to their size; above a page, where classes of SLAB go on, to pages. */
static size_t class_alignment(unsigned index, size_t size)
{
	if (is_odd(index))
		return 8;
	return size > KF_KMALLOC_MAX_CACHE_SIZE ? KF_PAGE_SIZE : size;
}

static struct kf_cache *make_class(const struct kf_profile *profile, enum kf_kmalloc_type type,
				   unsigned index)
{
	static const u32 type_flags[KF_NR_KMALLOC_TYPES] = {
		[KF_KMALLOC_CGROUP] = KF_SLAB_ACCOUNT,
		[KF_KMALLOC_RECLAIM] = KF_SLAB_RECLAIM_ACCOUNT,
		[KF_KMALLOC_DMA] = KF_SLAB_CACHE_DMA,
	};
	size_t size = class_size(index);
	char name[32];
	struct kf_cache_request req = {
		.name = name,
		.size = size,
		.align = class_alignment(index, size),
		.flags = KF_SLAB_KMALLOC | type_flags[type],
		.usersize = size,
	};
	int err;

	name_class(name, sizeof(name), profile->names, type, size);
	return kf_cache_make(&req, &err);
}

/* The class that serves requests of this class's size. */
static unsigned serving_class(const struct kf_profile *profile, unsigned index)
{
	if (class_size(index) < profile->min_size)
		return (unsigned)__builtin_ctz(profile->min_size);
	if (index == 1 && !profile->has_96)
		return 7;
	if (index == 2 && !profile->has_192)
		return 8;
	return index;
}

/* SLAB, and SLUB of old, know two types: normal memory and DMA. */
static enum kf_kmalloc_type serving_type(const struct kf_profile *profile,
					 enum kf_kmalloc_type type)
{
	return profile->names == KF_NAMES_SHORT || type == KF_KMALLOC_DMA ? type
									  : KF_KMALLOC_NORMAL;
}

static int fill_table(const struct kf_profile *profile, class_table *tables)
{
	for (int type = 0; type < KF_NR_KMALLOC_TYPES; type++)
		for (unsigned i = FIRST_CLASS; i < KF_NR_CLASSES; i++) {
			enum kf_kmalloc_type from = serving_type(profile, type);
			unsigned serving = serving_class(profile, i);
			struct kf_cache **slot = &tables[from][serving];

			if (class_size(i) > profile->max_cache_size)
				continue;
			if (!*slot)
				*slot = make_class(profile, from, serving);
			if (!*slot)
				return -ENOMEM;
			tables[type][i] = *slot;
		}
	return 0;
}

int kf_size_classes_use(unsigned profile)
{
	struct kf_slab_state *st = &kf_state()->slab;
	const struct kf_profile *limits = kf_profile_get(profile);

	if (fill_table(limits, st->classes[profile]))
		return -ENOMEM;
	memcpy(st->kmalloc, st->classes[profile], sizeof(st->kmalloc));
	for (unsigned i = FIRST_CLASS; i < KF_KMALLOC_SLOTS && !profile; i++)
		if (st->kmalloc[KF_KMALLOC_NORMAL][i])
			st->kmalloc[KF_KMALLOC_NORMAL][i]->kmalloc_index = i;
	st->max_cache_size = limits->max_cache_size;
	st->profile = profile;
	return 0;
}

int kf_slab_init(void)
{
	char err[KF_PROFILE_ERR];

	kf_slub_debug_complain();
	return kf_profile_set(kf_settings()->profile, err);
}

/* ---- asking ------------------------------------------------------------------------------------------- */

struct kf_cache *kf_kmalloc_cache(enum kf_kmalloc_type type, unsigned index)
{
	if (type >= KF_NR_KMALLOC_TYPES || index < FIRST_CLASS || index >= KF_NR_CLASSES)
		return NULL;
	return kf_state()->slab.kmalloc[type][index];
}

size_t kf_kmalloc_size_roundup(size_t size)
{
	const struct kf_slab_state *st = &kf_state()->slab;

	if (!size)
		return kf_profile()->zero_is_object ? kf_profile()->min_size : 0;
	if (size <= st->max_cache_size)
		return st->kmalloc[KF_KMALLOC_NORMAL][kf_class_index(size)]->object_size;
	if (kf_profile()->above == KF_ABOVE_NULL || size > KF_KMALLOC_MAX_SIZE)
		return size;
	return KF_PAGE_SIZE << kf_order_of(size);
}
