/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * RCU on one CPU: a grace period ends when nobody is inside a read-side section, so callbacks run
 * when the driver waits for one, or when a run is settled.
 */
#ifndef KFAIL_LINUX_RCUPDATE_H
#define KFAIL_LINUX_RCUPDATE_H

#include "atomic.h"
#include "container_of.h"
#include "preempt.h"
#include "types.h"

void rcu_read_lock(void);
void rcu_read_unlock(void);
bool rcu_read_lock_held(void);
#define rcu_read_lock_bh()	local_bh_disable()
#define rcu_read_unlock_bh()	local_bh_enable()
#define rcu_read_lock_sched()	preempt_disable()
#define rcu_read_unlock_sched() preempt_enable()

void call_rcu(struct rcu_head *head, rcu_callback_t func);
void synchronize_rcu(void);
void rcu_barrier(void);
#define synchronize_rcu_expedited() synchronize_rcu()
#define synchronize_net()	    synchronize_rcu()
#define synchronize_sched()	    synchronize_rcu()

/* The callback of kfree_rcu() is the offset of the head inside its object; the object may be
 * vmalloc()ed. */
void native_kvfree_call_rcu(struct rcu_head *head, unsigned long offset);
void native_kvfree_mightsleep(void *ptr);
#define native_kvfree_rcu_2(ptr, field)                                                         \
	do {                                                                                    \
		__typeof__(ptr) __p = (ptr);                                                    \
		if (__p)                                                                        \
			native_kvfree_call_rcu(&__p->field, offsetof(__typeof__(*__p), field)); \
	} while (0)
#define native_kvfree_rcu_1(ptr)	 native_kvfree_mightsleep(ptr)
#define native_pick_3rd(a, b, name, ...) name
#define kvfree_rcu(...) \
	native_pick_3rd(__VA_ARGS__, native_kvfree_rcu_2, native_kvfree_rcu_1, )(__VA_ARGS__)
#define kfree_rcu(...)		   kvfree_rcu(__VA_ARGS__)
#define kfree_rcu_mightsleep(ptr)  native_kvfree_mightsleep(ptr)
#define kvfree_rcu_mightsleep(ptr) native_kvfree_mightsleep(ptr)

#define rcu_dereference(p)		READ_ONCE(p)
#define rcu_dereference_check(p, c)	READ_ONCE(p)
#define rcu_dereference_raw(p)		READ_ONCE(p)
#define rcu_dereference_protected(p, c) (p)
#define rcu_access_pointer(p)		READ_ONCE(p)
#define rcu_assign_pointer(p, v)	smp_store_release(&(p), v)
#define RCU_INIT_POINTER(p, v)		WRITE_ONCE(p, v)
#define RCU_INITIALIZER(v)		(v)
#define rcu_replace_pointer(rcu_ptr, ptr, c)           \
	({                                             \
		__typeof__(rcu_ptr) __old = (rcu_ptr); \
		rcu_assign_pointer(rcu_ptr, ptr);      \
		__old;                                 \
	})
#define init_rcu_head(head)    ((void)(head))
#define destroy_rcu_head(head) ((void)(head))

#endif
