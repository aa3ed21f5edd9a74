// SPDX-License-Identifier: GPL-2.0-only
/*
 * Virtual time: jiffies is the clock, and advances when somebody asks (delays, reads of the clock)
 * or when nothing can run (sched.c): then straight to the next timer. msleep(1000) costs one jump.
 * After kernel/time/tick-sched.c.
 */
#include <linux/jiffies.h>
#include <linux/interrupt.h>
#include <linux/hrtimer.h>
#include <linux/clocksource.h>
#include <linux/delay.h>
#include <linux/timekeeping.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include "host.h"

extern u64 jiffies_64;
extern void update_wall_time(void);
extern void hrtimer_run_queues(void);
extern void __do_softirq(void);
extern u64 get_next_timer_interrupt(unsigned long basej, u64 basem);
extern void timer_clear_idle(void);
extern u64 hrtimer_get_next_event(void);

static u64 fraction_ns; /* time passed since the last whole tick */

/* Busy waiting and clock reads let time pass, so that a loop on either ends. Timers fire only at
 * the next tick.
 */
void kf_advance_ns(u64 ns)
{
	fraction_ns += ns;
	jiffies_64 += fraction_ns / TICK_NSEC;
	fraction_ns %= TICK_NSEC;
}

static void run_softirqs(void)
{
	int count = raw_cpu_read_4(__preempt_count);

	if (!local_softirq_pending())
		return;
	raw_cpu_write_4(__preempt_count, PREEMPT_ENABLED);
	__do_softirq();
	raw_cpu_write_4(__preempt_count, count);
}

/* The timer interrupt, after `ticks` have passed. */
void kf_tick(u64 ticks)
{
	unsigned long flags = kf_irq_flags, boundary = kf_boundary;

	kf_boundary = (unsigned long)__builtin_frame_address(0);
	kf_irq_flags = 0;
	jiffies_64 += ticks;
	preempt_count_add(HARDIRQ_OFFSET);
	update_wall_time();
	hrtimer_run_queues();
	raise_softirq_irqoff(TIMER_SOFTIRQ);
	preempt_count_sub(HARDIRQ_OFFSET);
	kf_irq_flags = X86_EFLAGS_IF;
	run_softirqs();
	kf_irq_flags = flags;
	kf_boundary = boundary;
}

/* The kernel has the moment; what is late already is due now. */
static u64 next_hrtimer_ns(void)
{
	u64 expires = hrtimer_get_next_event(), now = ktime_get_coarse();

	if (expires == KTIME_MAX)
		return KTIME_MAX;
	return expires > now ? expires - now : 0;
}

/* Nanoseconds until the next timer of either kind, from now; KTIME_MAX when none is pending. */
static u64 next_timer_ns(void)
{
	u64 wheel = get_next_timer_interrupt((unsigned long)jiffies_64, 0);
	u64 precise = next_hrtimer_ns();

	timer_clear_idle();
	return min(wheel, precise);
}

/* Jump to the next timer and fire it; *ns is how long that took. False: no timer is pending. */
bool kf_advance_to_next_timer(u64 *ns)
{
	u64 next = next_timer_ns(), ticks;

	if (next == KTIME_MAX)
		return false;
	ticks = max_t(u64, 1, DIV_ROUND_UP_ULL(next, TICK_NSEC));
	kf_tick(ticks);
	*ns = ticks * TICK_NSEC;
	return true;
}

/* From the context of a task: what runs is nobody's request. It comes back with interrupts off. */
static void softirqs_of_task(void)
{
	unsigned long flags = kf_irq_flags, boundary = kf_boundary;

	if (in_interrupt() || !local_softirq_pending())
		return;
	kf_boundary = (unsigned long)__builtin_frame_address(0);
	kf_irq_flags = 0;
	__do_softirq();
	kf_irq_flags = flags;
	kf_boundary = boundary;
}

void do_softirq(void)
{
	softirqs_of_task();
}

/* The kernel's own goes to a stack for interrupts, which no CPU of ours has. */
void __local_bh_enable_ip(unsigned long ip, unsigned int count)
{
	preempt_count_sub(count - 1);
	softirqs_of_task();
	preempt_count_dec();
}

void ct_irq_enter(void)
{
}

void ct_irq_exit(void)
{
}

void ct_irq_enter_irqson(void)
{
}

void ct_irq_exit_irqson(void)
{
}

/* xloops is microseconds * 2^32 / 10^6 * HZ * loops per jiffy / ...: arch/x86/lib/delay.c; taken
 * back apart.
 */
void __const_udelay(unsigned long xloops)
{
	kf_advance_ns((xloops * 1000) / 0x10c7);
}

void __udelay(unsigned long usecs)
{
	kf_advance_ns(usecs * NSEC_PER_USEC);
}

void __ndelay(unsigned long nsecs)
{
	kf_advance_ns(nsecs);
}

void __delay(unsigned long loops)
{
	kf_advance_ns(loops);
}

/* Reading the clock takes 10 us. */
u64 jiffies_read(struct clocksource *cs)
{
	kf_advance_ns(10 * NSEC_PER_USEC);
	return jiffies_64;
}

u64 sched_clock(void)
{
	return jiffies_64 * TICK_NSEC + fraction_ns;
}

/* Every world is booted at the same moment. */
void read_persistent_clock64(struct timespec64 *ts)
{
	ts->tv_sec = 1700000000;
	ts->tv_nsec = 0;
}

void read_persistent_wall_and_boot_offset(struct timespec64 *wall, struct timespec64 *boot)
{
	read_persistent_clock64(wall);
	*boot = (struct timespec64){0};
}
