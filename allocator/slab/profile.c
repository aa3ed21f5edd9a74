// SPDX-License-Identifier: GPL-2.0-only
/*
 * Limits of older kernels: data only. Sources: mm/slab.c (cache_sizes, malloc_sizes), mm/slub.c and
 * include/linux/{slab,slub_def,mmzone}.h of the kernels that are named. "2.4" is SLAB with 13 sizes and blocks
 * of at most 512 pages; 3.4 came with either allocator.
 */
#include "profile.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../core/state.h"

static const struct kf_profile profiles[KF_NR_PROFILES] = {
	{
		.name = "6.1",
		.min_size = 8,
		.max_cache_size = 8192,
		.has_96 = true,
		.has_192 = true,
		.names = KF_NAMES_SHORT,
		.above = KF_ABOVE_PAGES,
		.max_order = 11,
	},
	{
		.name = "2.4",
		.min_size = 32,
		.max_cache_size = 131072,
		.zero_is_object = true,
		.names = KF_NAMES_SIZE,
		.above = KF_ABOVE_NULL,
		.max_order = 10,
		.quiet_order = true,
	},
	{
		.name = "3.4",
		.min_size = 32,
		.max_cache_size = 4 << 20,
		.has_192 = true, /* 96 only where a cache line is shorter than 64 bytes */
		.names = KF_NAMES_SIZE,
		.above = KF_ABOVE_NULL,
		.max_order = 11,
	},
	{
		.name = "3.4-slub",
		.min_size = 8,
		.max_cache_size = 8192,
		.has_96 = true,
		.has_192 = true,
		.names = KF_NAMES_LONG,
		.above = KF_ABOVE_PAGES,
		.max_order = 11,
	},
};

const struct kf_profile *kf_profile_get(unsigned index)
{
	return index < KF_NR_PROFILES ? &profiles[index] : NULL;
}

const struct kf_profile *kf_profile(void)
{
	return &profiles[kf_state()->slab.profile];
}

static unsigned find_profile(const char *name)
{
	unsigned i = 0;

	while (i < KF_NR_PROFILES && strcmp(name, profiles[i].name))
		i++;
	return i;
}

static int complain(char *err, int code, const char *form, const char *name)
{
	int n = snprintf(err, KF_PROFILE_ERR, form, name);

	if (code == -EINVAL)
		for (unsigned i = 0; i < KF_NR_PROFILES && n > 0 && n < KF_PROFILE_ERR; i++)
			n += snprintf(err + n, (size_t)(KF_PROFILE_ERR - n), "%s %s", i ? "," : "",
				      profiles[i].name);
	return code;
}

int kf_profile_set(const char *name, char *err)
{
	struct kf_settings *settings = &kf_state()->settings;
	unsigned index = find_profile(name);

	if (index == KF_NR_PROFILES)
		return complain(err, -EINVAL, "no profile \"%.100s\"; there are", name);
	if (kf_size_classes_use(index))
		return complain(err, -ENOMEM, "no memory for the size classes of profile %s", name);
	snprintf(settings->profile, sizeof(settings->profile), "%s", profiles[index].name);
	return 0;
}
