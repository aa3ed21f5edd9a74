// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who gives memory back when it is short, by the kernel's names: shrinkers (mm/vmscan.c of 6.1) and OOM notifiers
 * (mm/oom_kill.c); and what the task may, which the allocators ask when it is (the hooks `oom` and `task`).
 *
 * The list of shrinkers is the allocators'; a shrinker's memory of work that it put off is allocated in the
 * driver's name, as in the kernel, so that one that stays behind is a leak with its stack.
 */
#include "world.h"

#include "../../allocator/page/shrinker.h"
#include "include/linux/bug.h"
#include "include/linux/errno.h"
#include "include/linux/oom.h"
#include "include/linux/shrinker.h"

_Static_assert(sizeof(struct shrinker) == sizeof(struct kf_shrinker) &&
		       offsetof(struct shrinker, nr_deferred) ==
			       offsetof(struct kf_shrinker, nr_deferred),
	       "the allocators see the driver's struct shrinker");
_Static_assert(sizeof(struct shrink_control) == sizeof(struct kf_shrink_control),
	       "and hand theirs to the driver");

static struct kf_shrinker *inner(struct shrinker *shrinker)
{
	return (struct kf_shrinker *)shrinker;
}

/* ---- shrinkers ---- */

static __always_inline int prepare(struct shrinker *shrinker)
{
	native_may_sleep("register_shrinker");
	shrinker->nr_deferred = kf_kmalloc(sizeof(*shrinker->nr_deferred), GFP_KERNEL | __GFP_ZERO);
	return shrinker->nr_deferred ? 0 : -ENOMEM;
}

/* The name is for debugfs, which is not there. */
NATIVE_API int prealloc_shrinker(struct shrinker *shrinker, const char *fmt, ...)
{
	return prepare(shrinker);
}

NATIVE_API void register_shrinker_prepared(struct shrinker *shrinker)
{
	native_may_sleep("register_shrinker_prepared");
	kf_shrinker_add(inner(shrinker));
	shrinker->flags |= SHRINKER_REGISTERED;
}

NATIVE_API void free_prealloced_shrinker(struct shrinker *shrinker)
{
	native_enter();
	kf_kfree(shrinker->nr_deferred);
	shrinker->nr_deferred = NULL;
}

NATIVE_API int register_shrinker(struct shrinker *shrinker, const char *fmt, ...)
{
	int error = prepare(shrinker);

	if (!error)
		register_shrinker_prepared(shrinker);
	return error;
}

NATIVE_API void unregister_shrinker(struct shrinker *shrinker)
{
	native_may_sleep("unregister_shrinker");
	if (!(shrinker->flags & SHRINKER_REGISTERED))
		return;
	kf_shrinker_del(inner(shrinker));
	shrinker->flags &= ~(unsigned int)SHRINKER_REGISTERED;
	kf_kfree(shrinker->nr_deferred);
	shrinker->nr_deferred = NULL;
}

/* No shrinker runs beside its driver: there is one CPU. */
NATIVE_API void synchronize_shrinkers(void)
{
	native_may_sleep("synchronize_shrinkers");
}

/* ---- OOM notifiers ---- */

NATIVE_API int register_oom_notifier(struct notifier_block *nb)
{
	native_may_sleep("register_oom_notifier");
	return native_chain_register(&native_seldom.oom.head, nb);
}

NATIVE_API int unregister_oom_notifier(struct notifier_block *nb)
{
	native_may_sleep("unregister_oom_notifier");
	return native_chain_unregister(&native_seldom.oom.head, nb);
}

uint64_t native_oom(gfp_t gfp, unsigned int order)
{
	unsigned long freed = 0;

	native_chain_call(&native_seldom.oom.head, 0, &freed);
	return freed;
}

/* ---- the task ---- */

uint32_t native_task_bits(void)
{
	const unsigned int flags = native_seldom.task.flags;
	const uint32_t count = native_state.preempt_count;
	uint32_t bits = 0;

	bits |= flags & PF_MEMALLOC ? KF_TASK_MEMALLOC : 0;
	bits |= flags & PF_MEMALLOC_NOIO ? KF_TASK_NOIO : 0;
	bits |= flags & PF_MEMALLOC_NOFS ? KF_TASK_NOFS : 0;
	bits |= flags & PF_MEMALLOC_PIN ? KF_TASK_PIN : 0;
	bits |= count & HARDIRQ_MASK ? KF_TASK_HARDIRQ : 0;
	bits |= count & SOFTIRQ_MASK ? KF_TASK_SOFTIRQ : 0;
	if (count || native_state.irqs_disabled || native_state.rcu_depth)
		bits |= KF_TASK_ATOMIC;
	return bits;
}
