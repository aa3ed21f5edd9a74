// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: an entry is deleted from its list twice.
 * After: LKDTM CORRUPT_LIST_DEL.
 * Seen: BUG of CONFIG_DEBUG_LIST.
 */
#include <linux/list.h>
#include "catalogue.h"

static LIST_HEAD(entries);
static LIST_HEAD(entry);

static int __init start(void)
{
	list_add(&entry, &entries);
	list_del(&entry);
	if (!fixed)
		list_del(&entry); /* @bug */
	return 0;
}

only_init(start);
