// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where the kernel asks whether sleeping is allowed. Debian's kernels are built without
 * DEBUG_ATOMIC_SLEEP: might_sleep() is the static call might_resched(), which arrives here
 * (switch.S), and so does cond_resched(); might_fault() is nothing at all, so the copies to and
 * from user space ask here, at their entries, and get_user() and put_user() of the module under
 * test before them (switch.S). __get_user(), __put_user() and the copies of atomic context have no
 * might_fault() in the kernel either.
 *
 * might_sleep() also wants the task to be TASK_RUNNING: one that has set its state already waits
 * for something, and what it calls now would set it back. cond_resched() does not care.
 */
#include <linux/sched.h>
#include <linux/uaccess.h>
#include "host.h"

bool kf_atomic_context(void)
{
	return preempt_count() || !kf_irq_flags;
}

void kf_check_sleep(const char *what)
{
	if (unlikely(kf_atomic_context() || current->rcu_read_lock_nesting) && !kf_booting &&
	    !kf_settling)
		host_sleep_in_atomic(what);
}

/* Here might_sleep() arrives, through its static call. */
__visible int kf_might_resched_check(void)
{
	unsigned int state = READ_ONCE(current->__state);

	if (unlikely(state != TASK_RUNNING) && !kf_booting && !kf_settling)
		host_not_running("might_sleep", state);
	kf_check_sleep("might_sleep");
	return 0;
}

__visible int kf_cond_resched_check(void)
{
	kf_check_sleep("cond_resched");
	return 0;
}

static void check_fault(const char *what)
{
	if (!pagefault_disabled())
		kf_check_sleep(what);
}

__visible void kf_get_user_check(void)
{
	check_fault("get_user");
}

__visible void kf_put_user_check(void)
{
	check_fault("put_user");
}

/* lib/usercopy.c */

unsigned long _copy_from_user(void *to, const void __user *from, unsigned long n)
{
	unsigned long left = n;

	check_fault("copy_from_user");
	if (likely(access_ok(from, n)))
		left = raw_copy_from_user(to, from, n);
	if (unlikely(left))
		memset(to + (n - left), 0, left);
	return left;
}

unsigned long _copy_to_user(void __user *to, const void *from, unsigned long n)
{
	check_fault("copy_to_user");
	kf_tell_shown(from, n);
	return likely(access_ok(to, n)) ? raw_copy_to_user(to, from, n) : n;
}
