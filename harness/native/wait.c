// SPDX-License-Identifier: GPL-2.0-only
/*
 * Waiting, and virtual time. A waiter runs what is pending (works, timers, RCU callbacks) on top of
 * its own stack until its condition holds; time jumps to the next timer when nothing is due. When
 * nothing is left to run, nobody will ever wake it: the run ends as a deadlock.
 *
 * Time stands still while the driver computes. It advances by a microsecond at each look at a
 * clock, so that polling loops end, and by what the driver sleeps or delays.
 */
#include "world.h"

#include "include/linux/completion.h"
#include "include/linux/delay.h"
#include "include/linux/ktime.h"
#include "include/linux/wait.h"

#define TICK (NSEC_PER_SEC / HZ)

/* ---- being blocked ---- */

bool native_kill_waits;

/* There is no signal in native mode that could end such a wait. */
static bool a_signal_would_end(const char *what)
{
	return strstr(what, "interruptible") || strstr(what, "killable") || !strcmp(what, "poll");
}

/* A deadlock, if every flow from the holder up to us waits for the one above it. */
void native_blocked(const char *what, unsigned int holder)
{
	uint32_t between = ((1u << native_state.depth) - 1) & ~((1u << holder) - 1);

	if (native_kill_waits && a_signal_would_end(what))
		native_die(DEATH_NOT_JUDGED,
			   "%s waits for what does not come: native mode has no signals", what);
	if ((native_state.awaited & between) == between)
		native_die(DEATH_DEADLOCK, "deadlock: %s waits for ever", what);
	native_die(DEATH_NOT_JUDGED,
		   "%s waits for a flow that it interrupted: native mode has one stack", what);
}

static uint64_t jiffies_to_now(uint64_t when)
{
	return (when - INITIAL_JIFFIES) * TICK;
}

static void jump_to(uint64_t when)
{
	uint64_t then = jiffies_to_now(when);

	if (native_state.now < then)
		native_state.now = then;
}

NATIVE_API void native_wait_step(const char *what)
{
	uint64_t when;

	native_enter();
	if (native_run_due() || native_run_rcu())
		return;
	if (!native_next_due(&when))
		native_blocked(what, 0);
	jump_to(when);
}

/* How often somebody waits for memory, with nothing else going on, before that is for ever. */
#define IDLE_WAITS 8

/* A request that never fails tries again when something has happened, or after five seconds (mm/mempool.c). */
void native_wait(const char *what, unsigned attempt)
{
	uint64_t when, timeout = native_now_jiffies() + 5 * HZ;

	native_enter();
	if (native_run_due() || native_run_rcu())
		return;
	if (native_next_due(&when)) {
		jump_to(time_after(when, timeout) ? timeout : when);
		return;
	}
	if (attempt >= IDLE_WAITS)
		native_blocked(what, 0);
	jump_to(timeout);
}

NATIVE_API bool native_wait_step_until(const char *what, unsigned long deadline)
{
	uint64_t when;

	native_enter();
	if (native_run_due() || native_run_rcu())
		return true;
	if (time_after_eq(native_now_jiffies(), deadline))
		return false;
	if (!native_next_due(&when) || time_after(when, deadline))
		when = deadline;
	jump_to(when);
	return true;
}

NATIVE_API unsigned long native_deadline(long timeout)
{
	if (timeout > MAX_JIFFY_OFFSET)
		timeout = MAX_JIFFY_OFFSET;
	return native_now_jiffies() + (timeout > 0 ? timeout : 0);
}

/* ---- clocks and delays ---- */

NATIVE_API u64 ktime_get_ns(void)
{
	native_enter();
	native_state.now += NSEC_PER_USEC;
	return native_state.now;
}

NATIVE_API unsigned long native_jiffies(void)
{
	ktime_get_ns();
	return native_now_jiffies();
}

/* A work that queues itself again and again must not keep the sleeper from waking. */
#define CALLS_PER_SLEEP 2000

void native_sleep_until(uint64_t end)
{
	uint64_t when;

	for (unsigned int calls = 0; calls < CALLS_PER_SLEEP; calls++) {
		if (native_run_due())
			continue;
		if (!native_next_due(&when) || jiffies_to_now(when) > end)
			break;
		jump_to(when);
	}
	if (native_state.now < end)
		native_state.now = end;
}

static void sleep_ns(const char *what, uint64_t ns)
{
	native_may_sleep(what);
	native_sleep_until(native_state.now + ns);
	native_run_rcu();
}

NATIVE_API void udelay(unsigned long usecs)
{
	native_enter();
	native_state.now += usecs * NSEC_PER_USEC;
}

NATIVE_API void ndelay(unsigned long nsecs)
{
	native_enter();
	native_state.now += nsecs;
}

NATIVE_API void mdelay(unsigned long msecs)
{
	native_enter();
	native_state.now += msecs * NSEC_PER_MSEC;
}

NATIVE_API void msleep(unsigned int msecs)
{
	sleep_ns("msleep", (uint64_t)msecs * NSEC_PER_MSEC);
}

NATIVE_API unsigned long msleep_interruptible(unsigned int msecs)
{
	sleep_ns("msleep_interruptible", (uint64_t)msecs * NSEC_PER_MSEC);
	return 0;
}

NATIVE_API void usleep_range(unsigned long min, unsigned long max)
{
	sleep_ns("usleep_range", min * NSEC_PER_USEC);
}

NATIVE_API void ssleep(unsigned int seconds)
{
	sleep_ns("ssleep", (uint64_t)seconds * NSEC_PER_SEC);
}

NATIVE_API void fsleep(unsigned long usecs)
{
	sleep_ns("fsleep", usecs * NSEC_PER_USEC);
}

/* ---- schedule() ---- */

/* Somebody who made the task not running expects to be woken; a wake-up that has come already is
 * lost here, since no one keeps waiters. So one step, then the task runs again. */
NATIVE_API void schedule(void)
{
	native_may_sleep("schedule");
	if (READ_ONCE(current->__state) != TASK_RUNNING)
		native_wait_step("schedule");
	current->__state = TASK_RUNNING;
}

NATIVE_API long schedule_timeout(long timeout)
{
	if (timeout == MAX_SCHEDULE_TIMEOUT) {
		schedule();
		return timeout;
	}
	sleep_ns("schedule_timeout", timeout > 0 ? (uint64_t)timeout * TICK : 0);
	current->__state = TASK_RUNNING;
	return 0;
}

NATIVE_API long schedule_timeout_interruptible(long timeout)
{
	return schedule_timeout(timeout);
}

NATIVE_API long schedule_timeout_uninterruptible(long timeout)
{
	return schedule_timeout(timeout);
}

/* ---- wait queues and completions ---- */

NATIVE_API void init_waitqueue_head(struct wait_queue_head *wq_head)
{
	wq_head->lock.native_word = 0;
	INIT_LIST_HEAD(&wq_head->head);
}

/* Walks the list as the kernel does: a head that was never initialised faults there. */
NATIVE_API void(wake_up)(struct wait_queue_head *wq_head)
{
	native_enter();
	for (struct list_head *pos = wq_head->head.next; pos != &wq_head->head;)
		pos = READ_ONCE(pos->next);
}

NATIVE_API void complete(struct completion *x)
{
	if (x->done != UINT_MAX)
		x->done++;
	wake_up(&x->wait);
}

NATIVE_API void complete_all(struct completion *x)
{
	x->done = UINT_MAX;
	wake_up(&x->wait);
}

static void take_one(struct completion *x)
{
	if (x->done != UINT_MAX)
		x->done--;
}

static void wait_common(struct completion *x, const char *what)
{
	native_may_sleep(what);
	while (!x->done)
		native_wait_step(what);
	take_one(x);
}

static unsigned long wait_timeout(struct completion *x, unsigned long timeout, const char *what)
{
	unsigned long end = native_deadline((long)min(timeout, (unsigned long)MAX_JIFFY_OFFSET));
	unsigned long now;

	native_may_sleep(what);
	while (!x->done)
		if (!native_wait_step_until(what, end))
			return 0;
	take_one(x);
	now = native_now_jiffies();
	return time_before(now, end) ? end - now : 1;
}

NATIVE_API void wait_for_completion(struct completion *x)
{
	wait_common(x, "wait_for_completion");
}

NATIVE_API int wait_for_completion_interruptible(struct completion *x)
{
	wait_common(x, "wait_for_completion_interruptible");
	return 0;
}

NATIVE_API int wait_for_completion_killable(struct completion *x)
{
	wait_common(x, "wait_for_completion_killable");
	return 0;
}

NATIVE_API unsigned long wait_for_completion_timeout(struct completion *x, unsigned long timeout)
{
	return wait_timeout(x, timeout, "wait_for_completion_timeout");
}

NATIVE_API long wait_for_completion_interruptible_timeout(struct completion *x,
							  unsigned long timeout)
{
	return (long)wait_timeout(x, timeout, "wait_for_completion_interruptible_timeout");
}

NATIVE_API bool try_wait_for_completion(struct completion *x)
{
	native_enter();
	if (!x->done)
		return false;
	take_one(x);
	return true;
}

NATIVE_API bool completion_done(struct completion *x)
{
	return x->done != 0;
}
