/* SPDX-License-Identifier: GPL-2.0-only */
/* Delays pass virtual time only: those that spin, and those that sleep. */
#ifndef KFAIL_LINUX_DELAY_H
#define KFAIL_LINUX_DELAY_H

#include "sched.h"

void udelay(unsigned long usecs);
void ndelay(unsigned long nsecs);
void mdelay(unsigned long msecs);
void msleep(unsigned int msecs);
unsigned long msleep_interruptible(unsigned int msecs);
void usleep_range(unsigned long min, unsigned long max);
void ssleep(unsigned int seconds);
void fsleep(unsigned long usecs);

#endif
