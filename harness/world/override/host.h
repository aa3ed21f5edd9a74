/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the override layer asks of the host program, and what its files share.
 *
 * The override layer is compiled by kbuild with the headers of the very kernel that it goes into,
 * and linked into the image by kfail. Every global function in it that bears the name of a kernel
 * function takes that function's place: the original's entry becomes a jump. All other globals
 * start with kf_. Undefined symbols are resolved to the kernel's own (static ones too, through
 * kallsyms), and those of imports.def to the host. The layer's variables are world memory: saved,
 * snapshot and restored with it.
 */
#ifndef KFAIL_OVERRIDE_HOST_H
#define KFAIL_OVERRIDE_HOST_H

#include <linux/types.h>
#include <linux/mm_types.h>
#include <linux/sched.h>
#include "held.h"
#include "loader.h"

struct kmem_cache;

/* allocator/ */
void *kf_kmalloc(size_t size, u32 gfp);
void *kf_kmalloc_trace(struct kmem_cache *cache, u32 gfp, size_t size);
void kf_kfree(const void *object);
void *kf_krealloc(const void *object, size_t size, u32 gfp);
size_t kf_ksize(const void *object);
size_t kf_kmalloc_size_roundup(size_t size);
struct kmem_cache *kf_kmalloc_cache(unsigned int type, unsigned int index);
struct kf_cache_request {
	const char *name;
	size_t size, align;
	u32 flags;
	size_t useroffset, usersize;
	void (*ctor)(void *);
};
struct kmem_cache *kf_cache_create_usercopy(const struct kf_cache_request *req, int *err);
int kf_cache_validate(struct kmem_cache *cache);
struct kf_cache_layout {
	u32 size, object_size, offset, inuse, align, red_left_pad;
};
enum { KF_CACHE_SHOWN = 128 }; /* bytes of a cache that are the layer's: allocator/slab/slab.h */
void kf_cache_get_layout(const struct kmem_cache *cache, struct kf_cache_layout *out);
u64 kf_slab_errors(void);
bool kf_check_usercopy(const void *ptr, size_t n, bool to_user);
void kf_tell_shown(const void *ptr, size_t n);
bool kf_slab_dump(const void *object, char *text, size_t n);
void kf_slab_after_grace_period(void *head);
void kf_cache_destroy(struct kmem_cache *cache);
int kf_cache_shrink(struct kmem_cache *cache);
size_t kf_cache_object_size(const struct kmem_cache *cache);
void *kf_cache_alloc(struct kmem_cache *cache, u32 gfp);
void kf_cache_free(struct kmem_cache *cache, void *object);
size_t kf_cache_alloc_bulk(struct kmem_cache *cache, u32 gfp, size_t n, void **objects);
void kf_cache_free_bulk(struct kmem_cache *cache, size_t n, void **objects);
struct page *kf_alloc_pages(u32 gfp, unsigned int order);
void kf_free_pages(struct page *page, unsigned int order);
void kf_release_page(struct page *page);
void kf_release_page_batched(struct page *page);
unsigned int kf_alloc_pages_bulk(u32 gfp, unsigned int n, struct page **pages);
unsigned int kf_alloc_pages_bulk_list(u32 gfp, unsigned int n, struct list_head *list);
void kf_split_page(struct page *page, unsigned int order);
void kf_drain_all_pages(void);
void kf_drain_local_pages(void);
bool kf_gfp_pfmemalloc_allowed(u32 gfp);
void *kf_alloc_pages_exact(size_t size, u32 gfp);
void kf_free_pages_exact(void *addr, size_t size);
void *kf_memblock_alloc(u64 size, u64 align, u64 min, u64 max, bool raw);
void *kf_vmalloc(size_t size, size_t align, u32 gfp, bool exec);

/* As in allocator/vmalloc/vmalloc.h. */
struct kf_vmalloc_args {
	u64 size, align;
	u64 start, end;
	u32 gfp, prot;
	u64 flags;
	const void *caller;
};
enum { KF_PROT_READ = 1, KF_PROT_WRITE = 2, KF_PROT_EXEC = 4 };
void *kf_vmalloc_range(const struct kf_vmalloc_args *args);
u64 kf_vmalloc_nr_pages(void);
void kf_module_range(u64 *start, u64 *end);
void kf_vfree(const void *addr);
bool kf_vfree_deferred(const void *addr);
void kf_vfree_work(void);
void *kf_vmap_prot(struct page **pages, unsigned int n, u64 flags, u32 prot, const void *caller);
void *kf_vmap_pfn(const u64 *pfns, unsigned int n, u32 prot, const void *caller);
void kf_vunmap(const void *addr);
void *kf_vm_map_ram(struct page **pages, unsigned int n);
void kf_vm_unmap_ram(const void *addr, unsigned int n);
void kf_vm_unmap_aliases(void);
struct vm_struct *kf_get_vm_area(u64 size, u64 flags, u64 start, u64 end, const void *caller);
struct vm_struct *kf_find_vm_area(const void *addr);
bool kf_find_vmap_area(const void *addr, u64 *start, u64 *end, struct vm_struct **vm);
struct vm_struct *kf_remove_vm_area(const void *addr);
void kf_free_vm_area(struct vm_struct *vm);
void kf_vunmap_range(u64 start, u64 end);
int kf_ioremap_page_range(u64 va, u64 end, u64 phys, u32 prot);
void *kf_ioremap_caller(u64 phys, size_t size, const void *caller);
void kf_iounmap(const void *addr);
struct page *kf_vmalloc_to_page(const void *addr);
bool kf_is_vmalloc_or_module_addr(const void *addr);
size_t kf_vread(void *to, const void *addr, size_t size);

u64 kf_alloc_percpu(size_t size, size_t align, u32 gfp);
void kf_free_percpu(u64 cookie);

/* As in allocator/kin/dma_guard.h. */
struct kf_dma_guard_request {
	const void *pool;
	const char *name;
	struct {
		const void *owner;
		u64 coherent_mask;
		const char *driver, *name;
	} dev;
	size_t size, align, boundary;
};
struct kf_dma_backing {
	void *addr;
	u64 handle;
};
void kf_dma_guard_open(const struct kf_dma_guard_request *req);
bool kf_dma_guarded(const void *pool);
void *kf_dma_guard_alloc(const void *pool, u32 gfp, const struct kf_dma_backing *own, u64 *handle);
bool kf_dma_guard_free(const void *pool, void *addr, u64 handle, struct kf_dma_backing *own);
bool kf_dma_guard_close(const void *pool);

/* As in allocator/page/page_alloc.h. */
struct kf_kswapd {
	u32 order, highest;
};
void kf_kswapd_begin(struct kf_kswapd *out);
bool kf_kswapd_balanced(const struct kf_kswapd *work);
void kf_kswapd_end(const struct kf_kswapd *work);

/* What a task is and may: as in allocator/core/hooks.h. */
enum {
	KF_TASK_HARDIRQ = 1,
	KF_TASK_SOFTIRQ = 2,
	KF_TASK_ATOMIC = 4,
	KF_TASK_MEMALLOC = 8,
	KF_TASK_NOIO = 0x10,
	KF_TASK_NOFS = 0x20,
	KF_TASK_OOM_VICTIM = 0x40,
	KF_TASK_REALTIME = 0x80,
	KF_TASK_KSWAPD = 0x100,
	KF_TASK_KILLED = 0x200,
	KF_TASK_PIN = 0x400,
};

/* harness/world/: services.c */

/* One line (or part) of the kernel's log; level 0..7 or -1 for a continuation. */
void host_log(int level, const char *text, size_t length);
/* The world cannot go on; does not return (end_world() below says so to the compiler). */
void host_end(int kind, const char *what);
/* Told to the judges; the world goes on. */
void host_sleep_in_atomic(const char *what);
void host_not_running(const char *what, unsigned int state);
void host_context(const char *what);
void host_warning(const char *what);
/* A name is added that is there already. After a refusal it may be the rest of the call that was refused: nothing is told. */
void host_name_taken(const char *what);
/* request_module(): path of the i-th module file to load, in order; false after the last. */
bool host_request_module(const char *alias, unsigned int i, char *path, size_t size);
/* A module file in memory that kf_vfree() frees; its size in *size. NULL: cannot be read. */
void *host_read_module(const char *path, size_t *size);
/* One call of a shrinker: as in allocator/core/hooks.h. */
struct kf_shrink_event {
	const void *shrinker;
	void (*scan_objects)(void);
	int priority;
	s64 deferred, freeable, delta, total, next_deferred;
};
void host_shrink_starts(const struct kf_shrink_event *event, u32 gfp);
void host_shrink_ends(const struct kf_shrink_event *event, u64 freed);
/* Locks, for the judges (harness/world/locks.c). Taken, by the driver or under a lock of its: the depot's handle of where. */
u32 host_lock_taken(const struct kf_held *held);
/* The driver releases a spinning lock, and interrupts: the rules about the flag. The lock that takes over what `held` saved, or 0. */
unsigned long host_lock_releases(const struct kf_held *held, unsigned int how);
/* Something is wrong (enum kf_lock_wrong) with the lock that `caller` asks for; `held`: whose it is, or NULL. */
void host_lock_wrong(unsigned int what, unsigned long lock, unsigned int kind, unsigned long caller,
		     const struct kf_held *held);
/* A task waits until nobody is in a read-side section of this srcu_struct. */
void host_srcu_waits(unsigned long srcu, unsigned long caller);
/* Some of what kf_look() reads. */
void host_look(const char *bytes, size_t size);
/* A command written to /sys/kernel/debug/kmemleak: 0 or -errno. */
int host_kmemleak_write(const char *command);
/* What reading that file shows from `pos` on: bytes copied, at most `size`. The text is made when a read does not go on
 * where the last one ended. */
size_t host_kmemleak_read(char *to, size_t size, u64 pos);
/* The module under test is loaded: give control to the sweep engine; returns the next operation. */
int host_agent(s64 result);
/* Instrumented code is about to touch memory, as instrument/access.h says. */
bool access_check(u64 addr, u64 size, bool write, u64 pc);
u64 access_first_bad(u64 addr, u64 size);
/* Module memory or a stack that somebody else had is used anew: no redzone is left in it (instrument.c). */
void kf_shadow_forget(unsigned long addr, unsigned long size);
/* Where a function of exports.def is; 0: there is none of this name. */
u64 host_export(const char *name);
/* Where an import of the module under test leads instead of to `target`; 0: there. */
u64 host_call_stub(const char *import, u64 target);

/* State that several files of the layer share. */

/* X86_EFLAGS_IF or 0: what pushf would say on a machine of ours. */
extern unsigned long kf_irq_flags;
/* Above 0 while the world boots: context is not checked. */
extern int kf_booting;
/* Above 0 while settling: what runs then is not on behalf of anyone, and may do as it likes. */
extern int kf_settling;
/* Above 0 while shrinkers or OOM notifiers run inside an allocation: nothing may wait. */
extern int kf_reclaiming;
/* Start of the newest interrupt-like activity on this stack (a tick, RCU callbacks): frames beyond it did not
 * ask for what happens inside. 0: none. */
extern unsigned long kf_boundary;

/* Report if sleeping is forbidden here. */
void kf_check_sleep(const char *what);
bool kf_atomic_context(void);

extern struct rcu_head *kf_rcu_queue;
void kf_run_rcu(void);
u64 kf_rcu_pending(void);
void kf_advance_ns(u64 ns);
void kf_tick(u64 ticks);
/* Run fn as an interrupt of the task that runs: hardirq context, interrupts off; softirqs behind it. */
void kf_in_interrupt(void (*fn)(void *arg), void *arg);
void kf_run_irq_works(void);
u64 kf_settle(void);
s64 kf_syscall(void);
void kf_forget_names(void);
int kf_begin_program(void);
void kf_mount_views(void);
void kf_add_kmemleak_file(void);
pid_t kf_spawn(int (*fn)(void *), void *arg);
void *kf_boot_alloc(size_t size);
void kf_show_init(void);

static inline void __noreturn end_world(enum kf_end kind, const char *what)
{
	host_end(kind, what);
	for (;;)
		cpu_relax();
}

#endif
