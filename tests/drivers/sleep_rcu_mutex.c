// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: a mutex is taken inside an RCU read-side critical section.
 * Finding: sleep-in-atomic, without a refusal, in use_board(), with where the section began.
 */
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>

static DEFINE_MUTEX(lock);
static int uses;

static noinline void use_board(void)
{
	mutex_lock(&lock);
	uses++;
	mutex_unlock(&lock);
}

static int __init sleep_rcu_mutex_init(void)
{
	rcu_read_lock();
	if (BUGGY)
		use_board();
	rcu_read_unlock();
	if (!BUGGY)
		use_board();
	return 0;
}

static void __exit sleep_rcu_mutex_exit(void)
{
}

module_init(sleep_rcu_mutex_init);
module_exit(sleep_rcu_mutex_exit);
MODULE_LICENSE("GPL");
