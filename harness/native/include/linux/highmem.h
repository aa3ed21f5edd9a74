/* SPDX-License-Identifier: GPL-2.0-only */
/* All memory is in the direct map, so mapping a page is asking for its address. */
#ifndef KFAIL_LINUX_HIGHMEM_H
#define KFAIL_LINUX_HIGHMEM_H

#include "mm.h"
#include "uaccess.h"

#define kmap(page)	      (might_sleep(), page_address(page))
#define kunmap(page)	      ((void)(page))
#define kmap_local_page(page) page_address(page)
#define kunmap_local(addr)    ((void)(addr))
#define kmap_atomic(page)     (preempt_disable(), page_address(page))
#define kunmap_atomic(addr)   ((void)(addr), preempt_enable())

static inline void clear_highpage(struct page *page)
{
	clear_page(page_address(page));
}

static inline void copy_highpage(struct page *to, struct page *from)
{
	copy_page(page_address(to), page_address(from));
}

#endif
