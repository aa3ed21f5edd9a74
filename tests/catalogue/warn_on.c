// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: WARN_ON() of what can happen.
 * After: LKDTM WARNING.
 * Seen: a warning.
 */
#include "catalogue.h"

static int __init start(void)
{
	WARN_ON(!fixed); /* @bug */
	return 0;
}

only_init(start);
