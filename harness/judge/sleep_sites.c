// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where the kernel asks might_sleep(): file and line of 6.1, for the first line of its report (splat.c). Images carry no line
 * numbers, so this is data; a function that is not listed is shown by its own name.
 */
#include "splat.h"

#include <string.h>

static const struct {
	const char *function, *place;
} sites[] = {
	{"alloc_percpu", "include/linux/sched/mm.h:274"},
	{"cancel_delayed_work_sync", "kernel/workqueue.c:3017"},
	{"cancel_work_sync", "kernel/workqueue.c:3017"},
	{"console_lock", "kernel/printk/printk.c:2623"},
	{"copy_from_user", "include/linux/uaccess.h:143"},
	{"copy_to_user", "include/linux/uaccess.h:124"},
	{"dma_pool_alloc", "include/linux/sched/mm.h:274"},
	{"down", "kernel/locking/semaphore.c:59"},
	{"down_interruptible", "kernel/locking/semaphore.c:83"},
	{"down_killable", "kernel/locking/semaphore.c:110"},
	{"down_read", "kernel/locking/rwsem.c:1519"},
	{"down_read_interruptible", "kernel/locking/rwsem.c:1528"},
	{"down_read_killable", "kernel/locking/rwsem.c:1542"},
	{"down_timeout", "kernel/locking/semaphore.c:165"},
	{"down_write", "kernel/locking/rwsem.c:1572"},
	{"down_write_killable", "kernel/locking/rwsem.c:1583"},
	{"flush_delayed_work", "kernel/workqueue.c:3017"},
	{"flush_work", "kernel/workqueue.c:3017"},
	{"irq_work_sync", "kernel/irq_work.c:279"},
	{"kthread_stop", "kernel/sched/completion.c:101"},
	{"mempool_alloc", "include/linux/sched/mm.h:274"},
	{"mempool_resize", "mm/mempool.c:325"},
	{"mutex_lock", "kernel/locking/mutex.c:283"},
	{"mutex_lock_interruptible", "kernel/locking/mutex.c:979"},
	{"mutex_lock_killable", "kernel/locking/mutex.c:1003"},
	{"percpu_down_write", "kernel/locking/percpu-rwsem.c:226"},
	{"rt_mutex_lock", "kernel/locking/rtmutex_api.c:29"},
	{"synchronize_srcu", "kernel/rcu/srcutree.c:1238"},
	{"vfree", "mm/vmalloc.c:2858"},
	{"vm_unmap_ram", "mm/vmalloc.c:2280"},
	{"vmap", "mm/vmalloc.c:2907"},
	{"vunmap", "mm/vmalloc.c:2879"},
	{"wait_for_completion", "kernel/sched/completion.c:101"},
	{"wait_for_completion_interruptible", "kernel/sched/completion.c:101"},
	{"wait_for_completion_killable", "kernel/sched/completion.c:101"},
	{"wait_for_completion_timeout", "kernel/sched/completion.c:101"},
};

const char *sleep_site(const char *function)
{
	for (unsigned i = 0; i < sizeof(sites) / sizeof(sites[0]); i++)
		if (!strcmp(function, sites[i].function))
			return sites[i].place;
	return NULL;
}
