// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: exit frees the first entry of a list only.
 * After: kmemleak-test.
 * Seen: leak.
 */
#include <linux/list.h>
#include "catalogue.h"

struct entry {
	struct list_head list;
	long number[20];
};
static LIST_HEAD(entries);

static void drop(unsigned int count)
{
	while (!list_empty(&entries) && count--) {
		struct entry *entry = list_first_entry(&entries, struct entry, list);

		list_del(&entry->list);
		kfree(entry);
	}
}

static int __init start(void)
{
	int i;

	for (i = 0; i < 3; i++) {
		struct entry *entry = kzalloc(sizeof(*entry), GFP_KERNEL); /* @made */

		if (!entry) {
			drop(3);
			return -ENOMEM;
		}
		list_add(&entry->list, &entries);
	}
	return 0;
}

static void __exit stop(void)
{
	drop(fixed ? 3 : 1);
}

module_init(start);
module_exit(stop);
