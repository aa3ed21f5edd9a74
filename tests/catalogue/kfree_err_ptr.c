// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: kfree() of an error pointer.
 * Seen: invalid free, or a wild access in kfree().
 */
#include <linux/err.h>
#include <linux/string.h>
#include "catalogue.h"

static int __init start(void)
{
	char *name = memdup_user(NULL, SIZE_MAX / 2); /* an error: nobody has so much */

	if (fixed && IS_ERR(name))
		return 0;
	kfree(name); /* @bug */
	return 0;
}

only_init(start);
