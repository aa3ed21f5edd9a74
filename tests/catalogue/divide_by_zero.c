// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: a division by a number that may be zero.
 * After: LKDTM ARITH_OVERFLOW.
 * Seen: the processor's divide error.
 */
#include "catalogue.h"

static unsigned int rate;

static int __init start(void)
{
	rate = fixed;
	return hide(1000u) / hide(rate) > 2000; /* @bug */
}

only_init(start);
