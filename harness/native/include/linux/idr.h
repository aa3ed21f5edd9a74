/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers that are handed out once: the IDA. Its bitmaps are allocated 128 bytes at a time, as in the kernel. */
#ifndef KFAIL_LINUX_IDR_H
#define KFAIL_LINUX_IDR_H

#include "gfp.h"
#include "list.h"

#define NATIVE_IDA_BITS 1024u

struct ida {
	struct list_head native_bitmaps;
};

#define IDA_INIT(name) { .native_bitmaps = LIST_HEAD_INIT((name).native_bitmaps) }
#define DEFINE_IDA(name) struct ida name = IDA_INIT(name)

static inline void ida_init(struct ida *ida)
{
	INIT_LIST_HEAD(&ida->native_bitmaps);
}

int ida_alloc_range(struct ida *ida, unsigned int min, unsigned int max, gfp_t gfp);
void ida_free(struct ida *ida, unsigned int id);
void ida_destroy(struct ida *ida);
#define ida_alloc(ida, gfp)		 ida_alloc_range(ida, 0, ~0u, gfp)
#define ida_alloc_min(ida, min, gfp)	 ida_alloc_range(ida, min, ~0u, gfp)
#define ida_alloc_max(ida, max, gfp)	 ida_alloc_range(ida, 0, max, gfp)
#define ida_simple_get(ida, start, end, gfp) ida_alloc_range(ida, start, (end)-1, gfp)
#define ida_simple_remove(ida, id)	 ida_free(ida, id)
#define ida_is_empty(ida)		 list_empty(&(ida)->native_bitmaps)

#endif
