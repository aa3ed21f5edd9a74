/* SPDX-License-Identifier: GPL-2.0-only */
/* Who gives memory back before a request fails: adds the pages to *(unsigned long *)data. */
#ifndef KFAIL_LINUX_OOM_H
#define KFAIL_LINUX_OOM_H

#include "notifier.h"

int register_oom_notifier(struct notifier_block *nb);
int unregister_oom_notifier(struct notifier_block *nb);

#endif
