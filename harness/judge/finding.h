/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a run of a scenario came to. Plain data, filled by the judges, sent by a worker to the supervisor
 * as JSON text (so that a dying worker can leave it in shared memory), printed by reports/.
 */
#ifndef KFAIL_JUDGE_FINDING_H
#define KFAIL_JUDGE_FINDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The names, as they appear in JSON and text, are those of finding_kind_name(): never renamed. */
enum finding_kind {
	FINDING_NULL_DEREFERENCE,    /* null-dereference */
	FINDING_WILD_ACCESS,	     /* wild-access */
	FINDING_BUG,		     /* bug */
	FINDING_HANG,		     /* hang */
	FINDING_LEAK,		     /* leak */
	FINDING_RESOURCE_LEAK,	     /* resource-leak */
	FINDING_DOUBLE_FREE,	     /* double-free */
	FINDING_INVALID_FREE,	     /* invalid-free */
	FINDING_USE_AFTER_FREE,	     /* use-after-free */
	FINDING_OUT_OF_BOUNDS,	     /* out-of-bounds */
	FINDING_CORRUPTION,	     /* corruption */
	FINDING_SLEEP_IN_ATOMIC,     /* sleep-in-atomic */
	FINDING_LOCK_IMBALANCE,	     /* lock-imbalance */
	FINDING_CONTEXT,	     /* context */
	FINDING_WRONG_RETURN,	     /* wrong-return */
	FINDING_RETRY_FAILED,	     /* retry-failed */
	FINDING_NONDETERMINISM,	     /* nondeterminism */
	FINDING_WARNING,	     /* warning */
	FINDING_STACK_OVERFLOW,	     /* stack-overflow */
	FINDING_CHECK,		     /* check: a scenario's own expect() */
	FINDING_LOCK_ORDER,	     /* lock-order: a deadlock that may happen */
	FINDING_UNINITIALISED_VALUE, /* uninitialised-value */
	FINDING_NR_KINDS
};

const char *finding_kind_name(enum finding_kind kind);
/* -1 for an unknown name. */
int finding_kind_parse(const char *name);

#define STACK_MAX   48
#define CONTENT_MAX 32 /* bytes of an object that a report shows, as kmemleak does */

struct stack {
	unsigned count;
	struct stack_frame {
		char *function; /* never NULL; "0x..." when there is no name */
		uint64_t offset;
		uint64_t size; /* of the function; 0 when unknown */
		char *file;    /* NULL when unknown */
		int line;
		char *module; /* NULL: the kernel itself */
		bool inlined;
	} frames[STACK_MAX];
};

/* Name program counters, innermost first: the first is a faulting address when `exact`, all others are return
 * addresses. Inlined functions take frames of their own; what does not fit is left out. */
void stack_name(struct stack *stack, const uint64_t *pcs, unsigned count, bool exact);
/* The same for a handle of the stack depot. */
void stack_name_handle(struct stack *stack, uint32_t handle);
/* The same from inside a hook, where the stack is a driver's and too small for reading debug information. */
void stack_name_from_hook(struct stack *stack, uint32_t handle);
/* Call fn(arg) on a stack of its own (1 MiB), from inside a hook. Does not nest. */
void stack_away(void (*fn)(void *arg), void *arg);
void stack_clear(struct stack *stack);
/* The driver's own code: in a module, and not in kfail's override layer. */
bool stack_frame_is_driver(const struct stack_frame *frame);

/* The refused request. */
struct point {
	unsigned n; /* 0: no refusal */
	char *api;  /* "kzalloc" */
	uint64_t size;
	char *gfp;   /* "GFP_KERNEL|__GFP_ZERO" */
	char *cache; /* NULL when none */
	struct stack stack;
	char *returns; /* of a call that was refused: "-EBUSY"; it has no size, gfp or cache. NULL: memory */
};

struct finding_object {
	char *type; /* "kmalloc", "pages", "vmalloc", "percpu", "kmem_cache", "cdev region" ... */
	uint64_t addr, size;
	char *cache; /* or NULL */
	char *owner; /* module name, or "kernel" */
	struct stack allocated, freed;
	bool leftover; /* the run left it behind; all below is known of such objects only */
	uint8_t content[CONTENT_MAX]; /* its first bytes, as the run left them */
	unsigned content_size;
	unsigned age;  /* points that the run came to after it was allocated */
	bool searched; /* somebody looked for pointers to it */
	char *path; /* the way to it from a root, "foo:dev -> +0x18 -> this"; NULL: there is none */
	struct stack
		returned; /* where the run without refusals gave it back; count 0: it did not */
};

/* Was it seen again when its schedule was run once more, in a fresh process? */
enum confirmation { CONFIRM_NOT_TRIED, CONFIRM_YES, CONFIRM_NO };

struct finding {
	enum finding_kind kind;
	char id[17]; /* 16 hex digits of a hash of kind, refused site and place; NUL-terminated */
	char *schedule; /* "7"; "" when no refusal is needed */
	bool has_point;
	struct point point; /* the last point refused before it went wrong */
	char *what;	    /* one sentence */
	struct stack stack; /* where it went wrong; count 0 when it has no place of its own */
	struct finding_object *objects;
	unsigned object_count;
	char *replay; /* the command line that shows it again */
	bool core;    /* the kernel's own issue, not the driver's; `reason` says which */
	char *reason;
	unsigned also;	 /* how many other schedules gave the same finding (same id) */
	char *operation; /* of the scenario; NULL: the default scenario, which has no names */
	bool moving; /* an endless loop: `stack` is where the clock found it, elsewhere each time */
	char *when;  /* of leftovers: "after the failed init"; NULL otherwise */
	char group[17]; /* the same for findings of one bug (group.h); "" while it is not known */
	enum confirmation confirmed;
	char *minimised; /* a smaller schedule that shows the same; NULL: none is known */
	/* Not held against the driver for now: "until DATE: reason" (accepted.h); NULL: it is. */
	char *accepted;
	/* The same in the kernel's words, lines joined by newlines (kernel_text.h); NULL: it has none for this. */
	char *kernel_report;
	/* Other runs that it needs as well, in one sweep: their schedules, with blanks between; NULL: none. */
	char *together;
	/* Of instrumented code, before it was made. type NULL: it is not about one. */
	struct finding_access {
		char *type; /* KASAN's word: "slab-out-of-bounds" */
		uint64_t addr, size;
		bool write;
	} access;
	/* The interrupt that the schedule made come. */
	struct came {
		unsigned n; /* its interrupt point; 0: none came */
		char *what; /* "irq 9 \"demo\"", "timer", "hrtimer", "tasklet" */
		char *handler;
		struct stack stack; /* where it came */
	} interrupt;
	char *trace; /* the tree of calls up to here (trace/graph.h), in lines; NULL: not traced */
	/* Locks that have to do with it: those that are held, or whose order is broken. */
	struct finding_lock {
		char *name; /* of its class: "demo:list_lock" */
		char *kind; /* "mutex" */
		char *role; /* "held", "wanted", "taken first", ... */
		uint64_t addr;
		struct stack taken;
	} * locks;
	unsigned lock_count;
};

struct not_judged {
	char *schedule;
	char *why;
	struct stack stack;
	char *operation; /* as in a finding */
};

/* What one operation of the scenario came to. */
struct operation_result {
	char *name;
	int64_t result; /* of the baseline */
	unsigned points;
	unsigned injected, absorbed, clean;
	unsigned
		same_stack; /* points left out, because one with the same stack of the driver stands for them */
};

/* An operation has another number of points than was expected. */
struct unexpected_points {
	char *operation;
	unsigned points, low, high; /* as they are; as they were to be */
};

/* Requests of a baseline that no run refused. */
struct never_refused {
	char *operation; /* NULL: there is only one */
	char *site;	 /* "kmalloc(96) at foo_init+0x12 [foo] foo.c:33" */
	char *points;	 /* as a schedule: "7x3,12"; "": they are no points */
	char *why;
	unsigned count;
};

/* A leak of kfail's own (judge_plant_canary()): was it found? */
enum canary { CANARY_NONE, CANARY_FOUND, CANARY_MISSED };

enum sweep_status { SWEEP_CLEAN, SWEEP_FINDINGS, SWEEP_NOT_JUDGED };

struct sweep_result {
	char *kernel;	/* "6.1.0-56-amd64" or "native" */
	char *module;	/* "vpoll" */
	char *scenario; /* "init-exit" */
	char *settings; /* of the allocators, those not at their default: "init_on_alloc=1 seed=7"; or "" */
	enum sweep_status status;
	struct {
		int result; /* what init returned */
		unsigned points;
		unsigned interrupts; /* interrupt points; 0 where nobody asked for them */
	} baseline;
	unsigned points;   /* to be swept */
	unsigned injected; /* runs in which the refusal was consumed */
	unsigned
		absorbed; /* of those: the operation succeeded all the same, and nothing was wrong */
	unsigned clean;	  /* of those: failed properly, and nothing was wrong */
	double seconds, runs_per_second;
	struct finding *findings;
	unsigned finding_count;
	struct not_judged *not_judged;
	unsigned not_judged_count;
	char *policy; /* who was refused, in lines; NULL: not known */
	struct benign_site {
		char *site, *reason; /* as in the file of benign sites */
		bool known;	     /* there is such code */
		unsigned requests;   /* that were not refused there, in the run that had most */
	} * benign;
	unsigned benign_count;
	char *plan; /* what of it is not as by default: "mode=single,pairs shallow=25 seed=20778"; or "" */
	char *shard;	    /* "2/4"; NULL: all of it */
	unsigned runs;	    /* made; the baselines and their repetitions are not among them */
	unsigned not_swept; /* planned, but not run: the time was up, or somebody interrupted it */
	int interrupted;    /* the signal that ended the sweep; 0: none */
	struct operation_result *operations;
	unsigned operation_count;
	struct unexpected_points *unexpected;
	unsigned unexpected_count;
	struct never_refused *never_refused;
	unsigned never_refused_count;
	/* Entries of the file of accepted findings that no longer hold, a sentence each (accepted.h). */
	char **stale;
	unsigned stale_count;
	enum canary canary;
};

/* Release everything inside (not the struct itself); all strings and arrays are malloc()ed. */
void finding_clear(struct finding *finding);
void not_judged_clear(struct not_judged *entry);
void sweep_result_clear(struct sweep_result *result);

/* Fill finding->id from kind, refused site and place (driver frames; addresses and numbers do not count). */
void finding_set_id(struct finding *finding);
/* Fill finding->group from kind and failure site: the same for all findings of one bug. */
void finding_set_group(struct finding *finding);

/* A finding or a not-judged entry as one line of JSON (malloc()ed), and back (0, or -1 when it is not one). */
char *finding_to_json(const struct finding *finding);
int finding_from_json(const char *text, struct finding *finding);
char *not_judged_to_json(const struct not_judged *entry);
int not_judged_from_json(const char *text, struct not_judged *entry);

#endif
