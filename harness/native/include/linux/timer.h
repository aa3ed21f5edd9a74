/* SPDX-License-Identifier: GPL-2.0-only */
/* Timers, 40 bytes as in the kernel. They run in softirq context when virtual time reaches them. */
#ifndef KFAIL_LINUX_TIMER_H
#define KFAIL_LINUX_TIMER_H

#include "jiffies.h"
#include "container_of.h"
#include "types.h"

struct timer_list {
	struct hlist_node entry; /* pprev is not NULL while the timer is pending */
	unsigned long expires;
	void (*function)(struct timer_list *timer);
	u32 flags;
};

#define TIMER_DEFERRABLE 0x00080000
#define TIMER_PINNED	 0x00100000
#define TIMER_IRQSAFE	 0x00200000

#define __TIMER_INITIALIZER(function_, flags_)             \
	{                                                  \
		.function = (function_), .flags = (flags_) \
	}
#define DEFINE_TIMER(name, function_) struct timer_list name = __TIMER_INITIALIZER(function_, 0)

void timer_setup(struct timer_list *timer, void (*function)(struct timer_list *),
		 unsigned int flags);
#define timer_setup_on_stack(timer, callback, flags) timer_setup(timer, callback, flags)
#define destroy_timer_on_stack(timer)		     ((void)(timer))
#define from_timer(var, callback_timer, field)	     container_of(callback_timer, __typeof__(*var), field)

void add_timer(struct timer_list *timer);
int mod_timer(struct timer_list *timer, unsigned long expires);
int del_timer(struct timer_list *timer);
int del_timer_sync(struct timer_list *timer);
#define try_to_del_timer_sync(timer) del_timer(timer)
#define timer_delete(timer)	     del_timer(timer)
#define timer_delete_sync(timer)     del_timer_sync(timer)
#define timer_shutdown_sync(timer)   del_timer_sync(timer)
#define timer_reduce(timer, expires) mod_timer(timer, expires)

static inline int timer_pending(const struct timer_list *timer)
{
	return timer->entry.pprev != NULL;
}

#endif
