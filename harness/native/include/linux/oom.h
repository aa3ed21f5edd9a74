/* SPDX-License-Identifier: GPL-2.0-only */
/* The last who are asked before a request fails. */
#ifndef KFAIL_LINUX_OOM_H
#define KFAIL_LINUX_OOM_H

#include "notifier.h"

/* The callback adds the pages that it freed to *(unsigned long *)data. */
int register_oom_notifier(struct notifier_block *nb);
int unregister_oom_notifier(struct notifier_block *nb);

#endif
