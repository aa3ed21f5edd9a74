/* SPDX-License-Identifier: GPL-2.0-only */
/* Of networking, what is memory. */
#ifndef KFAIL_NET_SOCK_H
#define KFAIL_NET_SOCK_H

#include "../linux/gfp.h"
#include "../linux/mm_types.h"

bool skb_page_frag_refill(unsigned int sz, struct page_frag *pfrag, gfp_t gfp);

#endif
