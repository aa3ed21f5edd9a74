/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The judges: they watch one run of a scenario through the allocators' hooks and through the events
 * that a world reports, and say afterwards what went wrong.
 *
 *	judge_attach(eyes)			once per process: the hooks are ours now
 *	judge_begin()				a run starts: journal and evidence are empty
 *	   ... operations; hooks and events collect evidence ...
 *	judge_check_memory(), judge_check_leftovers(), judge_check_dangling()	when the run is at
 *rest judge_verdict(&findings)		names everything; the only expensive call judge_end()
 *the hooks rest
 *
 * A run without evidence costs a journal entry per allocation and one look at each entry at the
 *end. The judges know no world: what they must ask (whose stack is this, may we sleep here?) goes
 *through struct judge_eyes. Host memory only, so a restored world changes nothing here.
 */
#ifndef KFAIL_JUDGE_JUDGE_H
#define KFAIL_JUDGE_JUDGE_H

#include <stdbool.h>
#include <stdint.h>
#include "../../allocator/core/hooks.h"
#include "../trace/caller.h"
#include "finding.h"

enum death_kind {
	DEATH_NONE,
	DEATH_NULL_DEREFERENCE, /* fault below 64 KiB */
	DEATH_WILD_ACCESS,
	DEATH_BUG, /* BUG(), panic */
	DEATH_ENDLESS_LOOP,
	DEATH_DEADLOCK,
	DEATH_STACK_OVERFLOW,
	DEATH_OUT_OF_BOUNDS,  /* a guard page was hit */
	DEATH_USE_AFTER_FREE, /* a pointer made of poison was followed */
	DEATH_UNINITIALISED,  /* the same, of what an object holds that nobody has written to */
	DEATH_NOT_JUDGED,     /* the world could not carry it: real hardware, real MMU */
};

struct death {
	enum death_kind kind;
	char what[256]; /* "NULL pointer dereference, write to 0x18", "kernel BUG at mm/slub.c:123"
			 */
	uint64_t address;	 /* of the access; 0 when there is none */
	uint32_t stack;		 /* depot handle */
	bool exact_pc;		 /* the first frame is the faulting instruction itself */
	struct kf_object object; /* whose memory was meant, live or freed; addr NULL: not known */
	struct death_access {
		uint64_t addr, size; /* what the instruction wanted; size 0: not known */
		bool write;
	} access;
};

/* The execution context, as far as it must be the same after an operation as before. */
struct target_context {
	uint32_t preempt_count; /* the kernel's, without the need-resched bit */
	bool irqs_disabled;
	uint32_t rcu_depth;
};

/* Something that the kernel would come back to, inside memory that is being freed. */
struct active_inside {
	const char *type;  /* "timer_list", as CONFIG_DEBUG_OBJECTS calls it; static */
	uint64_t offset;   /* bytes from the start of that memory */
	uint64_t function; /* what would be called; 0: none */
};

/* What the judges ask of the world; each is answered in the context of a hook or event. */
struct judge_eyes {
	const char *module;	       /* the module under test */
	const char *kernel;	       /* "6.1.0-56-amd64", "native" */
	struct caller (*caller)(void); /* walks the stack */
	bool (*in_module)(uint64_t pc);
	const char *(*module_of)(uint64_t pc);
	void (*context)(struct target_context *out);
	/* Of an error that valgrind told (see target.h); NULL: this world does not run under it. */
	uint32_t (*access_stack)(const uint64_t *frames, unsigned count);
	/* Is something active inside this live object? The first one; NULL: nobody can tell. */
	bool (*active)(uint64_t addr, uint64_t size, struct active_inside *out);
};

/* Take the hooks might_alloc, should_fail, allocated, freed and bug, and calls_should_fail(). The strings and functions must
 * stay valid. */
void judge_attach(const struct judge_eyes *eyes);

void judge_begin(void);
void judge_end(void);

/* The run was a preparation: what it allocated and is alive now is looked for at the end of all later runs too, as if they
 * had allocated it. Before judge_end(). */
void judge_keep(void);

/* In the midst of a run: remember what the judges know now; go back to it, as often as wanted, after the run went on to
 * its end. What is marked with RUN_STATE the caller saves, and puts back after judge_return(). */
void judge_checkpoint(void);
void judge_return(void);
/* False: what the checkpoint needs is gone, because the journal was full and had to make room. */
bool judge_can_return(void);

/* Evidence from the one who runs the operations. */
void judge_died(const struct death *death, const char *operation);
/* False, and evidence, when an operation came back in another context than it was called in. */
bool judge_check_context(const struct target_context *before, const struct target_context *after,
			 const char *operation);
/* The same for locks that sleep, which the context does not show: those that the running task still holds. */
bool judge_check_held(const char *operation);
/* Something without a place of its own: a wrong return value, a retry that failed. */
__attribute__((format(printf, 2, 3))) void judge_note(enum finding_kind kind, const char *format,
						      ...);

/*
 * Around each system call of a scenario's program: does it say what happened? Evidence where it reports success although
 * memory of the user could not be copied (reported.c). `where` is "ioctl() of operation start", and stays valid.
 */
void judge_call_begin(const char *where, uint64_t number, const uint64_t args[6]);
void judge_call_end(int64_t result);
/* The operation succeeded: did one of its system calls give everything back, although it reported success? `alive` is
 * judge_alive() of the baseline behind the same operation. */
void judge_check_calls(const uint8_t *alive, unsigned count);

/* Under valgrind: errors of memcheck since the last call become evidence, where they are the driver's. Costs a comparison when
 * there is none. In hooks, and wherever else the allocators' books are still as they were. */
void judge_accesses(void);
/* This process has told such evidence: memcheck will not tell the same again. */
bool judge_told_accesses(void);
/* [addr, addr+size) is about to be copied to user space. Under valgrind: is all of it initialised? */
void judge_shown(const void *addr, size_t size);

/* Guards and poison of the objects that this run touched. */
void judge_check_memory(void);

/* What was allocated in this run and is still there. `when` completes the sentence "... is left":
 * "after the failed init". `refused`: the operation failed because a request was refused, so that
 * what was allocated inside the very call that was refused is the fault of that call. Returns the
 * number of objects left, known ones too. */
unsigned judge_check_leftovers(const char *when, bool refused);

/*
 * An object that nothing points to any more: found by a scan (kmemleak), while the run goes on. It is left over from
 * then on, also when somebody frees it later. `seq`: its number; 0: it is none of the allocators', and `stack` made it.
 * `when` as above, and valid until the verdict.
 */
void judge_unreferenced(uint64_t seq, uint64_t size, uint32_t stack, const char *when);

/*
 * Did an init that reports success give everything back instead? The baseline says which of its allocations, by
 * their number in the run, were alive when init returned (returns how many numbers it filled in). A later run
 * has unwound when it freed one of these although its requests up to then were the same, and holds
 * nothing at all on behalf of the driver.
 */
unsigned judge_alive(uint8_t *alive, unsigned max);
bool judge_unwound(const uint8_t *alive, unsigned count);
/* At the end of the baseline: is any of what it had alive then gone, so that it was in use until exit? */
bool judge_gave_back(const uint8_t *alive, unsigned count);
/* Does the driver hold anything that was allocated on its behalf, but for what the kernel kept in the baseline too? */
bool judge_holds_something(void);

/* A word outside the module that points into it; `place` says where it is. Reported only where no
 * leftover object explains it. */
void judge_dangling(uint64_t where, uint64_t value, const char *place);

/* Is there evidence against anyone but the kernel core? */
bool judge_accuses(void);
/* Why this run cannot be judged (a limit of the judges themselves), or NULL. */
const char *judge_unable(void);

/* All evidence of this run as findings: malloc()ed array in *out, returns its length. schedule,
 * replay and id are for the caller to fill. */
unsigned judge_verdict(struct finding **out);

/* Addresses in modules that naming this run's evidence asked for. To name one of each module again is cheap; in
 * another process it is not, unless that one is forked from a process that has done it. */
unsigned judge_places(uint64_t *pcs, unsigned max);

/*
 * What is known already: evidence with one of these keys is dropped. The baseline's keys are handed
 * to all later runs, so that nothing it showed is repeated for each point.
 */
unsigned judge_keys(uint64_t *keys, unsigned max);	    /* of this run's evidence */
void judge_set_known(const uint64_t *keys, unsigned count); /* copied; count 0: nothing is known */

/*
 * Where a run without refusals gave back what it had allocated: told with what other runs leave behind. While
 * judge_learn_returned() is on, the first free of each allocating stack is noted; judge_returned() tells what was noted, and
 * other processes are given that (copied; count 0: nothing is known).
 */
#define RETURNED_FRAMES 24
struct returned {
	uint64_t key;	/* of the allocating stack */
	uint32_t count; /* of frames */
	uint64_t pcs[RETURNED_FRAMES];
};
void judge_learn_returned(bool on);
unsigned judge_returned(struct returned *out, unsigned max);
void judge_set_returned(const struct returned *returned, unsigned count);

/*
 * A leak of kfail's own, to see whether leaks are found: planted in a run, after init, and looked for among the run's
 * findings. judge_canary(): where it was planted last; NULL: nowhere.
 */
void judge_plant_canary(void);
const void *judge_canary(void);
bool judge_is_canary(const struct finding *finding);

/* Who says how an object that is left can be reached (malloc()ed; NULL: it cannot); NULL, the default: nobody looks. */
void judge_set_reach(char *(*reach)(const void *addr, size_t size));

/* Call fn for the name of each function through which others ask the allocators. */
void judge_for_each_allocator(void (*fn)(const char *function, void *arg), void *arg);

/* Where lines of the kernel's log go; NULL (the default): nowhere. */
void judge_set_log(void (*sink)(const char *line));

/* The same for somebody who reads the log beside that; NULL: nobody. */
void judge_listen(void (*listener)(const char *line));

/* Called at each refusal, and does nothing: a place for a debugger's breakpoint. The variable is the address in
 * the driver that the refused call returns to; 0 when there is none. */
void kfail_refused(uint32_t n);
extern uint64_t kfail_refused_pc;

/* The same when a judge notes that something is wrong: at the very moment for what happens in a hook or a fault, at the end
 * of the run for what is left. Only kind and what are set, and stay valid during the call. */
void kfail_finding(const struct finding *finding);

/* An access of instrumented code to memory that it must not touch. */
struct bad_access {
	enum finding_kind kind;
	const char *type;    /* KASAN's word, as "slab-out-of-bounds"; static */
	uint64_t addr, size; /* size 0: not known */
	bool write;
	uint32_t stack;		 /* depot handle; 0: the caller's, from pc on */
	bool exact;		 /* pc is the instruction itself, not a return address */
	struct kf_object object; /* that it is in or near; addr NULL: none */
	char where
		[256]; /* "4 bytes behind the end of an object of 100 bytes of kmalloc-128"; "": not known */
};

/* Tell of one, in the hook that found it; `pc` is the return address in the code that was checked. Each place is told once
 * in a run. That its write damages the object's guard is no second finding. */
void judge_bad_access(const struct bad_access *access, uint64_t pc);
/* Was this access told of before it was made? For who sees it when it is made; asked once. */
bool judge_told_access(uint64_t addr);

/* Events that a world reports while an operation runs. */

/* might_sleep() was reached in a context where sleeping is forbidden. `what`: "might_sleep",
 * "mutex_lock", ... */
void judge_sleep_in_atomic(const char *what, const struct target_context *context);
/* The same in a task that has set its state already, to wait for something: that will be lost. `state`: task->__state. */
void judge_not_running(const char *what, unsigned state);
/* A WARN was hit; text is "WARNING at drivers/foo.c:12" or the like. */
void judge_warning(const char *what);
/* A context rule was broken: lock released twice, scheduling while atomic, ... */
void judge_context(const char *what);
/* A line of the kernel's log. */
void judge_log(const char *line);

#endif
