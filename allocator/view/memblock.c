// SPDX-License-Identifier: GPL-2.0-only
/*
 * Early memory: /sys/kernel/debug/memblock/memory and reserved (memblock_debug_show() of mm/memblock.c).
 */
#include "../page/memblock.h"
#include "view.h"

void kf_view_memblock_memory(const struct kf_view *out)
{
	kf_memblock_show(false, out->line, out->arg);
}

void kf_view_memblock_reserved(const struct kf_view *out)
{
	kf_memblock_show(true, out->line, out->arg);
}
