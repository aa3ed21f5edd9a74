// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: an entry is added to a list that it is on already.
 * After: LKDTM CORRUPT_LIST_ADD.
 * Seen: BUG of CONFIG_DEBUG_LIST.
 */
#include <linux/list.h>
#include "catalogue.h"

static LIST_HEAD(entries);
static LIST_HEAD(entry);

static int __init start(void)
{
	list_add(&entry, &entries);
	if (fixed)
		list_del(&entry);
	list_add(&entry, &entries); /* @bug */
	return 0;
}

only_init(start);
