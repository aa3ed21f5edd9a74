// SPDX-License-Identifier: GPL-2.0-only
/*
 * Virtual areas: /proc/vmallocinfo (s_show() of mm/vmalloc.c). What is busy comes first, by address, guard page
 * included, then the address space that waits for a purge. Addresses are not hashed.
 */
#include "../vmalloc/vmalloc.h"
#include "text.h"

static void add_range(struct kf_text *text, const struct kf_area_info *area)
{
	kf_text_add(text, "0x%016lx-0x%016lx %7ld", area->start, area->end,
		    area->end - area->start);
}

static void add_flags(struct kf_text *text, u64 flags)
{
	static const struct {
		u64 flag;
		const char *name;
	} names[] = {
		{KF_VM_IOREMAP, "ioremap"},
		{KF_VM_ALLOC, "vmalloc"},
		{KF_VM_MAP, "vmap"},
		{KF_VM_USERMAP, "user"},
		{KF_VM_DMA_COHERENT, "dma-coherent"},
	};

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (flags & names[i].flag)
			kf_text_add(text, " %s", names[i].name);
}

static void add_caller(const struct kf_view *out, struct kf_text *text,
		       const struct kf_area_info *area)
{
	size_t before = text->used;

	kf_text_add(text, " ");
	if (area->caller)
		kf_text_add_function(out, text, area->caller);
	else if (!kf_text_add_caller(text, area->alloc_tag))
		text->used = before;
}

static void show_area(const struct kf_area_info *area, void *arg)
{
	const struct kf_view *out = arg;
	struct kf_text text = {0};

	add_range(&text, area);
	if (area->line == KF_AREA_MAP_RAM) {
		kf_text_add(&text, " vm_map_ram");
	} else if (area->line == KF_AREA_UNPURGED) {
		kf_text_add(&text, " unpurged vm_area");
	} else {
		add_caller(out, &text, area);
		if (area->nr_pages)
			kf_text_add(&text, " pages=%d", area->nr_pages);
		if (area->phys)
			kf_text_add(&text, " phys=0x%016lx", area->phys);
		add_flags(&text, area->flags);
		if (area->vpages)
			kf_text_add(&text, " vpages");
		if (area->nr_pages && !(area->flags & KF_VM_UNINITIALIZED))
			kf_text_add(&text, " N0=%u", area->nr_pages);
	}
	kf_text_end(out, &text);
}

void kf_view_vmallocinfo(const struct kf_view *out)
{
	kf_vmalloc_for_each_area(show_area, (void *)out);
}
