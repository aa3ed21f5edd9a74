/* SPDX-License-Identifier: GPL-2.0-only */
/* A cycle is a nanosecond of virtual time. */
#ifndef KFAIL_LINUX_TIMEX_H
#define KFAIL_LINUX_TIMEX_H

#include "ktime.h"

typedef unsigned long long cycles_t;
#define get_cycles() ((cycles_t)ktime_get_ns())

#endif
