// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: a reference is dropped that nobody has.
 * After: LKDTM REFCOUNT_DEC_AND_TEST_NEGATIVE.
 * Seen: a warning of the kernel.
 */
#include <linux/refcount.h>
#include "catalogue.h"

static refcount_t users = REFCOUNT_INIT(1);

static int __init start(void)
{
	int zero = refcount_dec_and_test(&users);

	if (!fixed)
		zero += refcount_dec_and_test(&users); /* @bug */
	return zero ? 0 : -EINVAL;
}

only_init(start);
