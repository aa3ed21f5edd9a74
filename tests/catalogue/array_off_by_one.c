// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: a loop over an array of structures writes one element too many.
 * Seen: out of bounds.
 */
#include "catalogue.h"

struct slot {
	int number, state;
	void *owner;
};

static int __init start(void)
{
	struct slot *slots = kcalloc(8, sizeof(*slots), GFP_KERNEL); /* @made */
	int i;

	if (!slots)
		return -ENOMEM;
	for (i = 0; i < (fixed ? 8 : 9); i++)
		WRITE_ONCE(slots[hide(i)].number, i); /* @bug */
	kfree(slots);
	return 0;
}

only_init(start);
