// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: an object is freed while it is on a list, which is written through it later.
 * Seen: use after free, a list that is corrupted.
 */
#include <linux/list.h>
#include "catalogue.h"

struct entry {
	struct list_head list;
	long number[6];
};
static LIST_HEAD(entries);

static int __init start(void)
{
	struct entry *first = kzalloc(sizeof(*first), GFP_KERNEL), *second; /* @made */

	if (!first)
		return -ENOMEM;
	list_add(&first->list, &entries);
	second = kzalloc(sizeof(*second), GFP_KERNEL);
	if (fixed || !second)
		list_del(&first->list);
	kfree(first); /* @freed */
	if (!second)
		return -ENOMEM;
	list_add(&second->list, &entries); /* @bug */
	list_del(&second->list);
	kfree(second);
	return 0;
}

only_init(start);
