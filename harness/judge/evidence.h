/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of this room share: the journal of allocations and the list of evidence of the
 * run that is being judged. Raw facts only (handles, addresses, static strings); verdict.c turns
 * them into findings when the run is over.
 */
#ifndef KFAIL_JUDGE_EVIDENCE_H
#define KFAIL_JUDGE_EVIDENCE_H

#include "../inject/inject.h"
#include "../trace/run_state.h"
#include "journal.h"
#include "judge.h"
#include "lock_order.h"
#include "locks.h"
#include "splat.h"

#define EVIDENCE_MAX 64 /* different things wrong in one run */
#define LOCKS_TOLD   12 /* locks that one piece of evidence speaks of */

#define NOTHING UINT32_MAX /* end of a chain of leftovers */

/* What this evidence is about; says which of the fields below count. */
enum evidence_form {
	EVIDENCE_SENTENCE, /* what, stack */
	EVIDENCE_BUG,	   /* the allocators told of `bug` */
	EVIDENCE_ACCESS,   /* what, stack, access; bug.object is the object */
	EVIDENCE_ACTIVE,   /* bug.object was freed with `active` inside */
	EVIDENCE_WATCHED, /* what, stack, and the object of `bug`, if there is one: valgrind told */
	EVIDENCE_LEFTOVER, /* the chain of judge.left[] from `first` */
	EVIDENCE_LOCK,	   /* `what` with %N, %K, %T in it, of `locks` */
	EVIDENCE_ORDER,	   /* `cycle` */
};

/* A lock that evidence speaks of, as it was then. */
struct lock_told {
	struct lock_held lock;
	struct lock_class class;
	enum lock_role {
		LOCK_ROLE_WANTED, /* asked for, released, ... where it went wrong */
		LOCK_ROLE_HOLDER, /* the same, as it was taken before */
		LOCK_ROLE_HELD,	  /* held at that moment */
	} role;
};

struct evidence {
	enum evidence_form form;
	enum finding_kind kind;
	uint64_t key;	      /* the same for the same thing in another run of this sweep */
	uint32_t stack;	      /* depot handle; 0: no place of its own */
	bool exact;	      /* the first frame is the faulting instruction */
	bool moving;	      /* an endless loop: the stack is where the clock found it */
	struct refusal point; /* the newest refusal when it happened; n 0: none */
	char what[384];
	struct evidence_access {
		uint64_t pc, addr, size;
		const char *type;
		bool write;
	} access;
	struct kf_bug bug; /* of a sentence: only its object, if there is one */
	char cache[32];	   /* of the bug's object or cache: the name, while there is one */
	struct active_inside active;
	uint32_t first, last, count; /* chain of judge.left[] */
	const char *when;	     /* "after the failed init" */
	const char *reason;	     /* not NULL: the kernel core's own issue */
	char reason_text[192];	     /* storage for reasons that are composed */
	uint64_t traced;	     /* graph_position() when it happened */
	/* Of the context, where that matters: */
	uint8_t splat; /* enum splat; what the kernel would print */
	uint8_t lock_count, held_count;
	uint8_t cycle_length;
	struct lock_told locks[LOCKS_TOLD];
	const struct lock_edge *cycle[LOCK_CYCLE_MAX];
	struct target_context context;
	int32_t pid;
	char comm[16];
	uint64_t freed_addr, freed_size; /* SPLAT_FREED */
};

struct judge {
	bool attached, running;
	struct judge_eyes eyes;
	uint32_t journal_count;
	uint64_t base_seq;	 /* newest object before the run */
	uint32_t live;		 /* journal entries not freed yet */
	uint32_t refused_at;	 /* entries in the journal when the newest request was refused */
	uint64_t refused_traced; /* graph_position() then */
	struct journal_entry
		*left; /* entries that were told, in the order in which that happened */
	uint32_t left_count;
	unsigned compactions;	   /* of the journal, in this run */
	struct evidence *evidence; /* EVIDENCE_MAX */
	unsigned evidence_count;
	/* Caches that could not be destroyed, which is known already: what is left of them is explained. */
	const struct kf_cache *known_stuck[8];
	unsigned known_stuck_count;
	/* Objects, by seq, that a write which was told has damaged. */
	uint64_t hurt[EVIDENCE_MAX];
	unsigned hurt_count;
	uint64_t lost_stacks; /* depot_lost() when the run began */
	struct evidence_access
		announced; /* the newest access that was told before it was made; size 0: none */
	const char *unable;
	bool planting; /* the request in flight is the canary's */
	/* judge_set_reach() */
	char *(*reach)(const void *addr, size_t size);
};

extern struct judge judge;

/* evidence.c: */
/* New evidence with kind, form and stack set, or NULL: it is known already, or there is too much of
 * it. `salt` is what else tells it apart from other evidence of the same kind with the same stack.
 */
struct evidence *evidence_add(enum evidence_form form, enum finding_kind kind, uint32_t stack,
			      uint64_t salt);
/* When all of it is known: tell the debugger. */
void evidence_noted(const struct evidence *e);
/* The same, with its sentence. */
__attribute__((format(printf, 4, 5))) struct evidence *
evidence_sentence(enum finding_kind kind, uint32_t stack, uint64_t salt, const char *format, ...);
uint64_t evidence_key(enum finding_kind kind, uint32_t stack, uint64_t salt);
bool evidence_is_known(uint64_t key);
/* The key of one leftover, whatever group it falls into. */
uint64_t entry_key(const struct journal_entry *entry);

/* access.c: is the damage of this object explained by a write that was told? */
bool access_explains(const struct kf_object *object);

/* memory.c: the hook `bug`. */
void memory_bug(const struct kf_bug *bug);
/* The hook `freed`: is something active inside the object, which is still as it was? */
void memory_freed(const struct kf_object *object, uint32_t stack);

/* locks.c: */
void locks_begin(void);
/* The task and its context go into evidence; and the locks that it holds. */
void locks_tell_task(struct evidence *e);
void locks_tell_held(struct evidence *e);
/* A death is told: was it for a lock? */
void locks_explain_death(struct evidence *e);
/* An object is freed while there are locks that are held. */
void locks_freed(const struct kf_object *obj, uint32_t stack);
/* A request may wait for memory while there are locks that are held. */
void locks_allocates(void);

/* lock_verdict.c: the sentences of evidence about locks, and every finding's locks. */
void lock_fill(struct finding *f, const struct evidence *e);
void order_fill(struct finding *f, const struct evidence *e);
void locks_fill(struct finding *f, const struct evidence *e);

/* verdict.c: "foo_init at foo.c:12": where in the driver a stack is; malloc()ed. */
char *verdict_place(const struct stack *stack);

/* blame.c: whose allocation is this? The module under test, another module, or NULL: the kernel
 * core. */
const char *blame_owner(const struct journal_entry *entry);
/* Index of the innermost frame of the module under test; n when there is none. */
unsigned blame_driver_frame(const uint64_t *pcs, unsigned n);
/* Name of the function that was called at pcs[i + 1]; NULL when unknown. */
const char *blame_function(uint64_t pc);
/* Why a leftover is not the driver's fault, or NULL; may compose into `text`. `refused` as in
 * judge_check_leftovers(). */
const char *blame_excuse(const struct journal_entry *entry, bool refused, char *text, size_t size);

/* canary.c: whose request it is. */
struct caller canary_caller(void);

/* returned.c: a free, while it is learned where what is allocated is given back; and the name of that place. */
void returned_note(uint32_t allocated, uint32_t freed);
void returned_name(uint32_t allocated, struct stack *stack);

/* reported.c: */
void reported_begin(void);
/* A call that is a point was refused, or goes on; in calls_should_fail(). */
void reported_refused(const struct call_point *point);
void reported_passed(const struct call_point *point);

/* resources.c: what a kernel function registers. */
struct resource {
	const char *function; /* one '*' stands for any text */
	const char *noun;     /* "character device region" */
	bool keeps; /* after it failed, the caller must still drop it: device_register() */
};
/* The entry for a function, or NULL: it only allocates. */
const struct resource *resource_find(const char *function);

/* apis.c: names of requests as a driver's author knows them. */
bool api_is_allocator(const char *function);
/* Length of a function's name without what the compiler put behind it (".constprop.0", ".isra.0"). */
size_t name_length(const char *function);
/* The call that asked: the outermost allocator function at the inner end of a stack, by its public
 * name. */
const char *api_name(const struct stack *stack, const struct kf_request *request);
const char *object_type(enum kf_kind kind, const char *cache);

/* known_core.c: why a leftover with this allocating stack is the kernel's own issue, or NULL. */
const char *known_core_reason(const char *kernel, uint32_t stack);

#endif
