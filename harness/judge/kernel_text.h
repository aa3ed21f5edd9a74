/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reports in the kernel's own words, for those who know them, and for parsers of kernel logs: what slub_debug, KASAN and
 * kmemleak of 6.1 would have printed of a finding. Each returns malloc()ed lines, joined by newlines, without one at
 * the end; to be called when a verdict is made, before the world is restored: they read objects.
 *
 * Addresses are not hashed, as with no_hash_pointers.
 */
#ifndef KFAIL_JUDGE_KERNEL_TEXT_H
#define KFAIL_JUDGE_KERNEL_TEXT_H

#include <stdbool.h>
#include <stdint.h>
#include "../../allocator/core/hooks.h"

/* An access, or a free, that KASAN would have seen. */
struct kasan_access {
	const char *type; /* "slab-out-of-bounds", "double-free", ... */
	uint64_t addr;
	uint64_t size; /* bytes; 0: `addr` was to be freed */
	bool write;
	uint32_t
		stack; /* depot handle: where; the first frame is that of the report's first line */
	bool exact;    /* the first frame is the instruction itself, not a return address */
	/* The nearest object, with both tags as depot handles; addr NULL: there is none. */
	const struct kf_object *object;
};

/* mm/kasan/report.c and report_generic.c: print_address_description(), print_memory_metadata(). */
char *kernel_text_kasan(const struct kasan_access *access);

/* mm/slub.c: slab_bug(), print_trailer(). Of the kinds REDZONE, WRITE_AFTER_FREE; NULL for others, and where the object is
 * in no slab. */
char *kernel_text_slub(const struct kf_bug *bug, uint32_t stack);

/* mm/kmemleak.c: print_unreferenced(). `stack`: a depot handle. */
char *kernel_text_leak(const void *addr, uint64_t size, uint32_t stack);

/* The name that KASAN of Linux 6.1 has for an access outside this object, or into it after it was freed: "slab-out-of-bounds",
 * "use-after-free", ...; a vmalloc area has one for both. */
const char *kernel_text_access_type(const struct kf_object *object, bool freed);

#endif
