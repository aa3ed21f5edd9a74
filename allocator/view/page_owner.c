// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who allocated each block of pages: /sys/kernel/debug/page_owner (print_page_owner() of mm/page_owner.c), in
 * the order of frames. The allocators' own pages (slabs, the frames of vmalloc areas) are listed too, as in the
 * kernel, but without a stack: nobody asked for them, and the hooks were not told.
 *
 * Process and time are not recorded: pid and tgid are 0, `ts` is the number of the allocation, which sorts in the
 * same way, and free_ts is 0. No page ever migrates.
 */
#include "../core/gfp.h"
#include "../core/memory.h"
#include "../page/page_alloc.h"
#include "text.h"

/* include/trace/events/mmflags.h, in the order of bits of 6.1 on x86-64. */
static const char *const flag_names[] = {
	"locked",     "referenced", "uptodate",	   "dirty",	"lru",		"active",
	"workingset", "waiters",    "error",	   "slab",	"owner_priv_1", "arch_1",
	"reserved",   "private",    "private_2",   "writeback", "head",		"mappedtodisk",
	"reclaim",    "swapbacked", "unevictable", "mlocked",	"uncached",	"hwpoison",
};

static void add_page_flags(struct kf_text *text, u64 flags)
{
	const char *separator = "";

	kf_text_add(text, "0x%lx(", flags);
	for (unsigned bit = 0; bit < sizeof(flag_names) / sizeof(flag_names[0]); bit++) {
		if (!(flags >> bit & 1))
			continue;
		kf_text_add(text, "%s%s", separator, flag_names[bit]);
		separator = "|";
	}
	kf_text_add(text, "%snode=0|zone=%lu)", separator, flags >> kf_layout()->zone_shift & 7);
}

static void show_block(const struct kf_page_owner *owner, void *arg)
{
	const struct kf_view *out = arg;
	struct kf_text text = {0};
	char gfp[GFP_TEXT_MAX];

	kf_text_line(out,
		     "Page allocated via order %u, mask %#x(%s), pid %d, tgid %d (%s), "
		     "ts %lu ns, free_ts %lu ns",
		     owner->order, owner->gfp, gfp_to_text(owner->gfp, gfp, sizeof(gfp)), 0, 0,
		     "swapper", owner->seq, 0ul);
	kf_text_add(&text, "PFN %lu type %s Block %lu type %s Flags ", owner->pfn,
		    kf_migrate_type_name(owner->type), owner->pfn >> KF_PAGEBLOCK_ORDER,
		    kf_migrate_type_name(owner->block_type));
	add_page_flags(&text, owner->page->flags);
	kf_text_end(out, &text);
	kf_text_stack(out, " ", owner->alloc_tag);
	kf_text_end(out, &text);
}

void kf_view_page_owner(const struct kf_view *out)
{
	kf_page_owner_for_each(show_block, (void *)out);
}
