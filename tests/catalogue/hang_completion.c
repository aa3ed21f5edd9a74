// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: a completion is waited for that nobody completes.
 * After: LKDTM HUNG_TASK.
 * Seen: a hang.
 */
#include <linux/completion.h>
#include "catalogue.h"

static DECLARE_COMPLETION(started);

static int __init start(void)
{
	if (fixed)
		complete(&started);
	wait_for_completion(&started); /* @bug */
	return 0;
}

only_init(start);
