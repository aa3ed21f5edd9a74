// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: kfree() of a static default value.
 * Seen: invalid free.
 */
#include "catalogue.h"

static char default_name[16] = "none";

static int __init start(void)
{
	char *name = hide(&default_name[0]);

	if (!fixed)
		kfree(name); /* @bug */
	return 0;
}

only_init(start);
