// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the links of a list entry are overwritten.
 * After: LKDTM CORRUPT_LIST_DEL.
 * Seen: BUG of CONFIG_DEBUG_LIST, when the entry is deleted.
 */
#include <linux/list.h>
#include <linux/string.h>
#include "catalogue.h"

struct entry {
	char name[16];
	struct list_head list;
};
static LIST_HEAD(entries);
static struct entry one, two;

static int __init start(void)
{
	list_add(&one.list, &entries);
	list_add(&two.list, &entries);
	memset(hide(&one.name[0]), 'x', fixed ? 16 : 24); /* @write */
	list_del(&one.list);				  /* @bug */
	return 0;
}

only_init(start);
