/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Included first by the files of the runtime that implement what drivers call: the allocators'
 * interface, under names that do not collide with the kernel's. (Kernel u64 is long long, libc's
 * uint64_t is long; both have a struct page.) The driver's headers may be included after it.
 */
#ifndef KFAIL_NATIVE_WORLD_H
#define KFAIL_NATIVE_WORLD_H

#define KFAIL_NATIVE_RUNTIME

#define u64  kf_u64
#define s64  kf_s64
#define page kf_page
#include "../../allocator/core/hooks.h"
#include "../../allocator/core/memory.h"
#include "../../allocator/core/objects.h"
#include "../../allocator/page/page_alloc.h"
#include "../../allocator/kin/dma_pool.h"
#include "../../allocator/kin/kmap.h"
#include "../../allocator/kin/mempool.h"
#include "../../allocator/kin/page_frag.h"
#include "../../allocator/kin/percpu.h"
#include "../../allocator/page/memblock.h"
#include "../../allocator/page/shrinker.h"
#include "../../allocator/slab/slab.h"
#include "../../allocator/vmalloc/vmalloc.h"
#include "../judge/judge.h"
#undef u64
#undef s64
#undef page

#include "runtime.h"
#include "include/linux/fs.h"
#include "include/linux/kernel.h"
#include "include/linux/kobject.h"
#include "include/linux/notifier.h"
#include "include/linux/sched.h"
#include "include/linux/workqueue.h"

/* A page that the driver has mapped with kmap(). */
struct native_kmap {
	const void *page; /* NULL: unused */
	uint64_t caller;
	uint32_t count;
};
#define NATIVE_KMAPS_MAX 64

/* A file that a scenario's program has open. */
struct native_file {
	struct file file;
	struct inode inode;
	bool used;
};
#define NATIVE_FILES_MAX 16

/* The part of the state that is seldom written. */
struct native_seldom {
	struct task_struct task;
	struct kobject kernel_object;
	struct work_struct vfree_work, kswapd_work;
	struct blocking_notifier_head vmap_purge;
	struct native_kmap kmaps[NATIVE_KMAPS_MAX];
	unsigned int kmaps_used; /* of them */
	struct native_file files[NATIVE_FILES_MAX];
} __aligned(4096);
extern struct native_seldom native_seldom;

/* May this context sleep? If not, the judges are told that `what` was called. */
static inline void native_may_sleep(const char *what)
{
	native_enter();
	if (unlikely(native_state.preempt_count | native_state.rcu_depth |
		     native_state.irqs_disabled))
		__might_sleep(what);
}

/* context.c: the same for what sets the task's state: one that waits for something already would lose that. */
void native_may_block(const char *what);

#define native_now_jiffies() (INITIAL_JIFFIES + native_state.now / (NSEC_PER_SEC / HZ))

/* context.c */
void native_preempt_add(uint32_t n);
void native_preempt_sub(uint32_t n, const char *what);

/* wait.c: `what` cannot go on until the flow at `holder` does something. Does not return. */
__noreturn void native_blocked(const char *what, unsigned int holder);
/* Let virtual time pass until `end` (nanoseconds), running what comes due. */
void native_sleep_until(uint64_t end);

/* deferred.c: run one thing that is due; false when there is none. */
bool native_run_due(void);
/* When the next thing comes due, in jiffies; false when nothing is pending. */
bool native_next_due(uint64_t *when);

/* rcu.c: end a grace period, if nobody reads. Returns the number of callbacks that ran. */
unsigned int native_run_rcu(void);

/* devices.c: what opening "/dev/NAME" leads to; false: no such device. */
struct native_device {
	const struct file_operations *ops; /* NULL: nothing is behind its number */
	struct cdev *cdev;		   /* or NULL */
	void *private;			   /* private_data of a file, before open() */
	dev_t number;
};
bool native_find_device(const char *name, struct native_device *out);

/* kmap.c: every kmap() that was not undone, and local mappings that an operation left behind. */
void native_mapped_pages(native_visit *fn, void *arg);
void native_check_kmap(const char *operation);

/* resource.c: something registered with the kernel, allocated on behalf of the driver like
 * everything else, and listed until it is given back. */
struct native_resource {
	struct native_resource *next;
	const char *type; /* "chrdev region" */
	const void *key;
	uint64_t first, last; /* numbers taken, inclusive */
	uint64_t caller;
	char name[64];
};
struct native_resource *native_resource_add(const char *type, const void *key, const char *name,
					    uint64_t caller);
struct native_resource *native_resource_find(const char *type, const void *key);
struct native_resource *native_resource_overlap(const char *type, uint64_t first, uint64_t last);
void native_resource_remove(struct native_resource *res);

#endif
