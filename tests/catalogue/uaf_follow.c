// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: a pointer is read out of a freed object and followed.
 * Seen: use after free: the pointer is made of poison.
 */
#include "catalogue.h"

struct link {
	long before[4];
	struct link *next;
	int number;
};

static int __init start(void)
{
	struct link *link = kzalloc(sizeof(*link), GFP_KERNEL); /* @made */
	struct link *next;

	if (!link)
		return -ENOMEM;
	link->next = link;
	next = READ_ONCE(link->next);
	kfree(link); /* @freed */
	if (!fixed)
		next = READ_ONCE(hide(link)->next)->next; /* @bug */
	return hide(next) ? 0 : -EINVAL;
}

only_init(start);
