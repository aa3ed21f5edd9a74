// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: skb_put() of more than the socket buffer has room for.
 * Seen: BUG in skb_over_panic().
 */
#include <linux/skbuff.h>
#include "catalogue.h"

static int __init start(void)
{
	struct sk_buff *skb = alloc_skb(100, GFP_KERNEL); /* @made */

	if (!skb)
		return -ENOMEM;
	skb_put(skb, fixed ? 100 : 2000); /* @bug */
	kfree_skb(skb);
	return 0;
}

only_init(start);
