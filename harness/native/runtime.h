/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the runtime share, in plain C types.
 *
 * The runtime has two sides. The host side (compile.c, load.c, run.c, walk.c, native.c) is written
 * with libc: it compiles and loads the driver, runs it, catches its death. The world side (all
 * others) is what the driver calls: it is written with the driver's own headers, so that the
 * compiler checks each function against the prototype that drivers see, and reaches the allocators
 * through world.h. Kernel and libc types of the same name never meet, except here.
 *
 * All that a run changes lies in struct native_state (one page, restored with the world), in world
 * memory, or in the driver's own data. Host-side variables hold what must survive a restore.
 */
#ifndef KFAIL_NATIVE_RUNTIME_H
#define KFAIL_NATIVE_RUNTIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "../judge/judge.h"

/* A function that drivers call. They all lie in one section, so that a walk through a stack knows
 * them. */
#define NATIVE_API __attribute__((section("native_api"), visibility("default")))

/* ---- state that is restored ---- */

/* A lock that is held, innermost last. */
struct native_held {
	const void *lock;
	const char *name;	/* the driver's expression */
	uint64_t caller;	/* where in the driver it was taken */
	uint32_t preempt_count; /* when it was taken */
	uint8_t kind, flags;	/* of judge/locks.h */
};

enum native_deferred_kind { DEFERRED_NONE, DEFERRED_WORK, DEFERRED_TIMER, DEFERRED_TASKLET };

/* Something that will be called later. The objects themselves lie in the driver's memory, which may
 * be freed or overwritten while they are pending; so the list of them lies here. */
struct native_deferred {
	uint64_t when;	 /* jiffies; 0 for now */
	uint64_t caller; /* where the driver queued it */
	void *object;	 /* work_struct, timer_list, tasklet_struct */
	void *queue;	 /* a work's workqueue */
	uint32_t kind;
};

#define NATIVE_HELD_MAX	    24
#define NATIVE_DEFERRED_MAX 64
#define NATIVE_LINE_MAX	    512

struct native_state {
	uint32_t preempt_count, rcu_depth;
	bool irqs_disabled;
	bool gone; /* init failed or exit is done: the module's code must not be called any more */
	uint16_t depth; /* nesting of deferred calls, below 32 */
	uint32_t
		awaited; /* bit d: the flow at depth d waits for the very call that runs above it */
	uint32_t held_count, deferred_count, line_length;
	uint64_t now;	 /* virtual nanoseconds since boot */
	uint64_t random; /* state of the generator */
	void *rcu_first, *rcu_last;
	uint64_t rcu_count;
	void *resources;		/* struct native_resource, newest first */
	void *reboot_chain, *oom_chain; /* struct notifier_block */
	uint32_t dma_channels;		/* bits: taken */
	struct native_held held[NATIVE_HELD_MAX];
	struct native_deferred deferred[NATIVE_DEFERRED_MAX];
	char line[NATIVE_LINE_MAX]; /* of the log, not yet ended by a newline */
} __attribute__((aligned(4096)));
_Static_assert(sizeof(struct native_state) == 4096, "the state is one page");

extern struct native_state native_state;

/* The same for what is seldom written (struct native_seldom). */
void native_seldom_region(uint64_t *start, uint64_t *size);
/* vmalloc.c: the chain of purge notifiers, for the hook of that name; pages freed. */
uint64_t native_vmap_purge(void);

/* ---- host side ---- */

/* End the run. Does not return to the driver. */
__attribute__((noreturn, cold, format(printf, 2, 3))) void native_die(enum death_kind kind,
								      const char *format, ...);
/* The run's time is up, and the driver is inside the runtime: set by the clock's tick. */
extern volatile bool native_expired;
__attribute__((noreturn, cold)) void native_expire(void);

/* Each API function that a loop may call starts with this. */
static inline void native_enter(void)
{
	if (__builtin_expect(native_expired, 0))
		native_expire();
}

/* Events whose stack shall begin with the driver's frame, not with the API function's. */
extern bool native_bare_stack;

/* Where the driver lies: code and data. */
extern struct native_range {
	uint64_t start, size;
} native_range;

static inline bool native_in_module(uint64_t pc)
{
	return pc - native_range.start < native_range.size;
}

/* MemorySanitizer sees what a program writes and what libc's memcpy() and memset() do, not what the runtime writes byte by byte. */
extern void __msan_unpoison(const volatile void *p, size_t size) __attribute__((weak));
static inline void native_wrote(const void *p, size_t size)
{
	if (__msan_unpoison)
		__msan_unpoison(p, size);
}

/* The caller of an API function, for messages about things that were registered. */
#define NATIVE_CALLER() ((uint64_t)__builtin_return_address(0))

/* uaccess.c: user pointers are good below this. */
extern uint64_t native_user_end;
/* wait.c: waits that a signal would end are no deadlocks (struct target's by_chance). */
extern bool native_kill_waits;

/* Name of a function of the driver ("foo_timer") or "0x..."; for messages, not for speed. */
const char *native_symbol(uint64_t pc, char *buf, size_t size);

/* ---- world side ---- */

/* The hook `wait` of the allocators. */
void native_wait(const char *what, unsigned attempt);

/* TARGET_SETTLE: run what is pending; returns how much stays pending. */
uint64_t native_settle(void);
/* TARGET_IDLE: run what is due now, without letting time pass. */
void native_idle(void);
/* devices.c: as native_each_device() (native.h). */
void native_each_node(void (*fn)(const char *name, void *arg), void *arg);
/* syscall.c: a system call of a scenario's program: what it returns. *missing: there is no such call here. */
int64_t native_do_syscall(uint64_t number, const uint64_t *args, bool *missing);
/* Everything that stands in the runtime's tables and points into the module: works and timers,
 * resources. */
typedef void native_visit(uint64_t where, uint64_t value, const char *place, void *arg);
void native_pending(native_visit *fn, void *arg);
/* target.active: a pending work, timer, tasklet or RCU head inside memory that is freed; the second: RCU heads only. */
bool native_active(uint64_t addr, uint64_t size, struct active_inside *out);
bool native_rcu_inside(uint64_t addr, uint64_t size, struct active_inside *out);
void native_registered(native_visit *fn, void *arg);
/* After an operation: tell the judges which sleeping locks it took and still holds. */
void native_check_held(uint32_t before, const char *operation);
/* The locks that are held, oldest first, for the judge of locks; as locks_held(). */
struct lock_held;
unsigned native_held_locks(struct lock_held *out, unsigned max);
/* Give the last line of the log to the judges, though it has no newline. */
void native_flush_log(void);
/* Parse the value of a parameter into the driver's variable; `record` is its __param_NAME. */
int native_set_param(const void *record, const char *value);

static inline void native_context(struct target_context *out)
{
	out->preempt_count = native_state.preempt_count;
	out->irqs_disabled = native_state.irqs_disabled;
	out->rcu_depth = native_state.rcu_depth;
}

/* rcu.c: run fn(head) after a grace period; `head` is room for a struct rcu_head. */
void native_defer(void (*fn)(void *), void *head);

/* reclaim.c: hooks of the allocators. */
uint32_t native_task_bits(void);
uint64_t native_oom(uint32_t gfp, unsigned int order);
bool native_wake_kswapd(unsigned int zone, unsigned int order);

/* context.c: the task, for traces; and for reports of the allocators (the hook `whence`). */
struct kf_whence;
void native_task(struct trace_task *out);
void native_whence(struct kf_whence *out);

#endif
