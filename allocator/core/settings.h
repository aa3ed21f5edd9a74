/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a world is told before its first allocation, as a kernel is told by boot parameters; under the
 * kernel's names where the kernel has them (Documentation/admin-guide/kernel-parameters.txt of 6.1).
 * Settings are part of the world: saved, restored, and the same for every CPU.
 */
#ifndef KFAIL_ALLOCATOR_SETTINGS_H
#define KFAIL_ALLOCATOR_SETTINGS_H

#include "types.h"

struct kf_settings {
	/* kfail's own */
	bool hooks;	/* ask and tell the hooks; without, only speed counts */
	bool guard;	/* guards from the requested size, records apart from objects */
	u32 quarantine; /* bytes that are freed before a freed object is handed out again; 0: at once */
	char profile[16];   /* limits of which kernel: "2.4", "3.4", "3.4-slub", "6.1" */
	u64 seed;	    /* of everything that the kernel does at random */
	bool slub_stats;    /* CONFIG_SLUB_STATS: count what each cache does */
	bool slub_hardened; /* CONFIG_SLAB_FREELIST_HARDENED */
	bool slub_random;   /* CONFIG_SLAB_FREELIST_RANDOM */
	bool kmap_force; /* CONFIG_DEBUG_KMAP_LOCAL_FORCE_MAP: kmap maps pages with an address too */
	bool slub_merge; /* CONFIG_SLAB_MERGE_DEFAULT, slub_merge, slub_nomerge */

	/* the kernel's */
	char slub_debug
		[192]; /* "" off; else what follows "slub_debug=", "FZPU" when nothing does */
	u32 slub_min_order, slub_max_order, slub_min_objects;
	bool init_on_alloc, init_on_free, page_poison, page_owner;
	bool nohugevmalloc;  /* vmalloc_huge() takes single frames */
	u32 min_free_kbytes; /* 0: the kernel's formula */
	bool highmem;	     /* 32-bit machines' zone HighMem, where the layout has room for it */
};

/* The defaults of kfail: hooks, guard and page_poison on, the rest off; profile 6.1. */
void kf_settings_default(struct kf_settings *settings);

/*
 * Take one setting, "name=value" or "name" or "slub_nomerge". `checks=off` is hooks=0 guard=0 page_poison=0.
 * 0, or -EINVAL with a sentence that names what was wrong, and what comes near it, in err[KF_SETTINGS_ERR]; the
 * settings are unchanged then.
 */
#define KF_SETTINGS_ERR 256
int kf_settings_parse(struct kf_settings *settings, const char *text, char *err);

/* What the kernel passes over with a word in its log, a user wants to be told: letters of slub_debug that mean nothing.
 * 0, or -EINVAL with a sentence in err[KF_SETTINGS_ERR]. */
int kf_settings_strict(const struct kf_settings *settings, char *err);

/* Settings for the next kf_memory_init(); NULL: the defaults again. Copied. */
void kf_settings_next(const struct kf_settings *settings);
/* The settings of the world in force. */
const struct kf_settings *kf_settings(void);

/* Call fn for every setting, in one order, with its value as kf_settings_parse() reads it back: to key saved worlds. */
void kf_settings_for_each(const struct kf_settings *settings,
			  void (*fn)(const char *name, const char *value, void *arg), void *arg);
/* The same for those that are not as kf_settings_default() has them: for reports. */
void kf_settings_for_each_changed(const struct kf_settings *settings,
				  void (*fn)(const char *name, const char *value, void *arg),
				  void *arg);

#endif
