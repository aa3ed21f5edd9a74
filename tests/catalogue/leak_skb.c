// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: exit forgets a socket buffer.
 * Seen: leak.
 */
#include <linux/skbuff.h>
#include "catalogue.h"

static struct sk_buff *skb;

static int __init start(void)
{
	skb = alloc_skb(500, GFP_KERNEL); /* @made */
	return skb ? 0 : -ENOMEM;
}

static void __exit stop(void)
{
	if (fixed)
		kfree_skb(skb);
}

module_init(start);
module_exit(stop);
