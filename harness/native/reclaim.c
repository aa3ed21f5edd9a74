// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory is short: mm/vmscan.c, mm/oom_kill.c. The driver's shrinkers stand in the allocators' list (shrinker.h there),
 * which the allocators run themselves in direct reclaim; here are the driver's side of that list, the OOM
 * notifiers, and kswapd, which does its work when the driver waits.
 *
 * The room for nr_deferred is the shrinker's record (resource.c), so it is one request that can be refused,
 * and a shrinker left behind is a leak that was made in register_shrinker().
 *
 * The list is walked as the kernel does: a shrinker in memory that was freed is found by the walk, or by the write that
 * takes its neighbour off. Functions of a module that is gone are not called, but reported (deferred.c).
 */
#include "world.h"

#include "include/linux/bug.h"
#include "include/linux/shrinker.h"
#include "include/linux/oom.h"

_Static_assert(sizeof(struct shrinker) == 64, "struct shrinker of 6.1");
_Static_assert(offsetof(struct shrinker, nr_deferred) ==
			       offsetof(struct kf_shrinker, nr_deferred) &&
		       offsetof(struct shrinker, list) == offsetof(struct kf_shrinker, list) &&
		       offsetof(struct shrinker, flags) == offsetof(struct kf_shrinker, flags),
	       "the allocators' view of a shrinker");
_Static_assert(sizeof(struct shrink_control) == sizeof(struct kf_shrink_control) &&
		       offsetof(struct shrink_control, nr_scanned) ==
			       offsetof(struct kf_shrink_control, nr_scanned),
	       "the allocators' view of what a shrinker is asked");

/* ---- shrinkers ---- */

static const char shrinker_type[] = "shrinker";

static inline struct kf_shrinker *inner(struct shrinker *shrinker)
{
	return (struct kf_shrinker *)shrinker;
}

/* Shrinkers run with the list held for reading. */
static noinline void list_for_writing(const char *what)
{
	native_may_sleep(what);
	if (kf_shrinkers_busy())
		native_blocked(what, 0);
}

static noinline int prepare(struct shrinker *shrinker, uint64_t caller, const char *fmt,
			    va_list args)
{
	struct native_resource *res;
	char name[64];

	native_vsnprintf(name, sizeof(name), fmt, args);
	res = native_resource_add(shrinker_type, shrinker, name, caller);
	if (!res)
		return -ENOMEM;
	shrinker->flags &= ~SHRINKER_MEMCG_AWARE; /* as without CONFIG_MEMCG */
	shrinker->nr_deferred = (atomic_long_t *)&res->first;
	return 0;
}

static void release(struct shrinker *shrinker)
{
	struct native_resource *res = native_resource_find(shrinker_type, shrinker);

	if (res)
		native_resource_remove(res);
	shrinker->nr_deferred = NULL;
}

NATIVE_API int prealloc_shrinker(struct shrinker *shrinker, const char *fmt, ...)
{
	va_list args;
	int err;

	native_may_sleep("prealloc_shrinker");
	va_start(args, fmt);
	err = prepare(shrinker, NATIVE_CALLER(), fmt, args);
	va_end(args);
	return err;
}

NATIVE_API void free_prealloced_shrinker(struct shrinker *shrinker)
{
	native_enter();
	release(shrinker);
}

static noinline void put_on_list(struct shrinker *shrinker, const char *what)
{
	list_for_writing(what);
	if (shrinker->flags & SHRINKER_REGISTERED)
		native_list_add_bug(&shrinker->list, &shrinker->list, shrinker->list.next);
	kf_shrinker_add(inner(shrinker));
	shrinker->flags |= SHRINKER_REGISTERED;
}

NATIVE_API void register_shrinker_prepared(struct shrinker *shrinker)
{
	put_on_list(shrinker, "register_shrinker_prepared");
}

NATIVE_API int register_shrinker(struct shrinker *shrinker, const char *fmt, ...)
{
	va_list args;
	int err;

	native_may_sleep("register_shrinker");
	va_start(args, fmt);
	err = prepare(shrinker, NATIVE_CALLER(), fmt, args);
	va_end(args);
	if (!err)
		put_on_list(shrinker, "register_shrinker");
	return err;
}

NATIVE_API void unregister_shrinker(struct shrinker *shrinker)
{
	native_enter();
	if (!(shrinker->flags & SHRINKER_REGISTERED))
		return;
	list_for_writing("unregister_shrinker");
	kf_shrinker_del(inner(shrinker));
	shrinker->flags &= ~SHRINKER_REGISTERED;
	release(shrinker);
}

NATIVE_API void synchronize_shrinkers(void)
{
	list_for_writing("synchronize_shrinkers");
}

/* ---- OOM notifiers ---- */

NATIVE_API int register_oom_notifier(struct notifier_block *nb)
{
	native_may_sleep("register_oom_notifier");
	return native_chain_register((struct notifier_block **)&native_state.oom_chain, nb);
}

NATIVE_API int unregister_oom_notifier(struct notifier_block *nb)
{
	native_may_sleep("unregister_oom_notifier");
	return native_chain_unregister((struct notifier_block **)&native_state.oom_chain, nb);
}

uint64_t native_oom(uint32_t gfp, unsigned int order)
{
	unsigned long freed = 0;

	if (!native_state.gone)
		native_chain_call((struct notifier_block **)&native_state.oom_chain, 0, &freed);
	return freed;
}

/* ---- the task ---- */

uint32_t native_task_bits(void)
{
	static const struct {
		uint32_t flag, bit;
	} flags[] = {{PF_MEMALLOC, KF_TASK_MEMALLOC},
		     {PF_MEMALLOC_NOIO, KF_TASK_NOIO},
		     {PF_MEMALLOC_NOFS, KF_TASK_NOFS},
		     {PF_MEMALLOC_PIN, KF_TASK_PIN},
		     {PF_KSWAPD, KF_TASK_KSWAPD}};
	uint32_t bits = 0;

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		bits |= native_seldom.task.flags & flags[i].flag ? flags[i].bit : 0;
	bits |= native_state.preempt_count & SOFTIRQ_MASK ? KF_TASK_SOFTIRQ : 0;
	if (native_state.preempt_count || native_state.irqs_disabled || native_state.rcu_depth)
		bits |= KF_TASK_ATOMIC;
	return bits;
}

/* ---- kswapd: a work that plays the task ---- */

static void balance(void)
{
	struct kf_kswapd work;

	kf_kswapd_begin(&work);
	for (int priority = 12; priority && !kf_kswapd_balanced(&work); priority--)
		kf_shrink_slab(KF_GFP_KERNEL, priority);
	kf_kswapd_end(&work);
}

static void kswapd(struct work_struct *unused)
{
	struct task_struct *task = &native_seldom.task, interrupted = *task;

	if (native_state.gone)
		return;
	*task = (struct task_struct){.flags = PF_KTHREAD | PF_MEMALLOC | PF_KSWAPD,
				     .pid = 50,
				     .tgid = 50,
				     .comm = "kswapd0"};
	balance();
	*task = interrupted;
}

bool native_wake_kswapd(unsigned int zone, unsigned int order)
{
	struct work_struct *work = &native_seldom.kswapd_work;

	if (!work->func)
		INIT_WORK(work, kswapd);
	schedule_work(work);
	return true;
}
