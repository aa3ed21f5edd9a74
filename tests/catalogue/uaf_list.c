// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: list_for_each_entry() frees the entries that it stands on.
 * Seen: use after free: the next pointer is made of poison.
 */
#include <linux/list.h>
#include "catalogue.h"

struct entry {
	long number[2];
	struct list_head list;
};
static LIST_HEAD(entries);

static void drop_all(bool safely)
{
	struct entry *entry, *next;

	if (safely)
		list_for_each_entry_safe(entry, next, &entries, list)
			kfree(entry);
	else
		list_for_each_entry(entry, &entries, list) /* @bug */
			kfree(entry);			   /* @freed */
	INIT_LIST_HEAD(&entries);
}

static int __init start(void)
{
	int i;

	for (i = 0; i < 3; i++) {
		struct entry *entry = kzalloc(sizeof(*entry), GFP_KERNEL); /* @made */

		if (!entry)
			break;
		list_add(&entry->list, &entries);
	}
	drop_all(fixed || i < 3);
	return i == 3 ? 0 : -ENOMEM;
}

only_init(start);
