/* SPDX-License-Identifier: GPL-2.0-only */
/* Rate limits never bite here: time is virtual. */
#ifndef KFAIL_LINUX_RATELIMIT_H
#define KFAIL_LINUX_RATELIMIT_H

#include "printk.h"

struct ratelimit_state {
	int interval, burst;
};
#define DEFAULT_RATELIMIT_INTERVAL (5 * HZ)
#define DEFAULT_RATELIMIT_BURST	   10
#define DEFINE_RATELIMIT_STATE(name, interval_, burst_) \
	struct ratelimit_state name = {.interval = (interval_), .burst = (burst_)}
#define __ratelimit(state) ((void)(state), 1)

#endif
