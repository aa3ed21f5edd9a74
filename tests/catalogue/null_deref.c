// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the result of kmalloc() is not looked at.
 * After: LKDTM; kasan_test null-ptr-deref.
 * Seen: NULL dereference, when the request is refused.
 */
#include "catalogue.h"

struct slot {
	long number, state;
};

static int __init start(void)
{
	struct slot *slot = kmalloc(sizeof(*slot), GFP_KERNEL);

	if (fixed && !slot)
		return -ENOMEM;
	WRITE_ONCE(slot->state, 1); /* @bug */
	kfree(slot);
	return 0;
}

only_init(start);
