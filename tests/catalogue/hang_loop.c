// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: a loop waits for a bit that never comes.
 * After: LKDTM SOFTLOCKUP.
 * Seen: a hang.
 */
#include "catalogue.h"

static unsigned int status;

static int __init start(void)
{
	status = fixed;
	while (!READ_ONCE(status)) /* @bug */
		cpu_relax();
	return 0;
}

only_init(start);
