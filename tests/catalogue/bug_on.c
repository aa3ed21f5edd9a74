// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: BUG_ON() of what can happen.
 * After: LKDTM BUG.
 * Seen: bug.
 */
#include "catalogue.h"

static int __init start(void)
{
	BUG_ON(!fixed); /* @bug */
	return 0;
}

only_init(start);
