/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Numbers that are handed out once: the IDA. As in the kernel, the first 62 numbers lie in the
 * struct itself, and further ones in bitmaps of 128 bytes, which are allocated.
 */
#ifndef KFAIL_LINUX_IDR_H
#define KFAIL_LINUX_IDR_H

#include "gfp.h"

struct ida {
	unsigned long native_low;
	void *native_chunks;
};

#define IDA_INIT(name)          \
	{                       \
		.native_low = 0 \
	}
#define DEFINE_IDA(name) struct ida name = IDA_INIT(name)

static inline void ida_init(struct ida *ida)
{
	ida->native_low = 0;
	ida->native_chunks = NULL;
}

int ida_alloc_range(struct ida *ida, unsigned int min, unsigned int max, gfp_t gfp);
void ida_free(struct ida *ida, unsigned int id);
void ida_destroy(struct ida *ida);
#define ida_alloc(ida, gfp)		     ida_alloc_range(ida, 0, ~0u, gfp)
#define ida_alloc_min(ida, min, gfp)	     ida_alloc_range(ida, min, ~0u, gfp)
#define ida_alloc_max(ida, max, gfp)	     ida_alloc_range(ida, 0, max, gfp)
#define ida_simple_get(ida, start, end, gfp) ida_alloc_range(ida, start, (end)-1, gfp)
#define ida_simple_remove(ida, id)	     ida_free(ida, id)
#define ida_is_empty(ida)		     (!(ida)->native_low && !(ida)->native_chunks)

#endif
