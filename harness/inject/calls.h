/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Calls as points: kernel functions that a module imports and that may fail, each with the way in which it does. After
 * kernel/fail_function.c and lib/fault-inject-usercopy.c, for every function of the table (calls-6.1.def) instead of those
 * that the kernel marks.
 *
 *	calls_choose("irq,dma_*"), calls_fail("request_irq=-EIO")	which functions are points: once, before a world is prepared
 *	calls_find("request_threaded_irq")				the world resolves an import: is it one of them?
 *	calls_stubs_open(), calls_stub()				then the import leads to a stub (calls_stub.c)
 *	   ... the module calls the stub: calls_ask() -> calls_should_fail() -> fails, or goes on to the function ...
 *
 * All of this is host memory, filled before processes are forked. Nothing is chosen by default: no stub is made then, and
 * no call costs anything.
 */
#ifndef KFAIL_INJECT_CALLS_H
#define KFAIL_INJECT_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "attr.h"

#define CALLS_ERR 1024 /* bytes in the caller's buffer for a sentence */

/* How a function tells that it failed. */
enum call_failure {
	CALL_ERRNO,    /* a negative errno */
	CALL_ERR_PTR,  /* a negative errno as a pointer: ERR_PTR() */
	CALL_NULL,     /* NULL */
	CALL_FALSE,    /* false */
	CALL_TRUE,     /* true, or 1: a lock that is taken already */
	CALL_ZERO,     /* 0: no time left, nothing transferred, no vector */
	CALL_REST,     /* what it was given to do, since nothing is done: argument call.rest */
	CALL_ONES,     /* all bits set: DMA_MAPPING_ERROR */
	CALL_GET_USER, /* get_user()'s own convention: rax -errno, rdx 0 */
	CALL_PUT_USER, /* put_user()'s: rcx -errno */
	CALL_NR_FAILURES
};

/* When it can fail at all, and what that means. Bits. */
enum {
	/* It fails because of a signal: only in tasks that get any, which kernel threads do not. */
	CALL_BY_SIGNAL = 1,
	/* Argument 0 is a struct completion: it waits only while that is not done. */
	CALL_IF_UNDONE = 2,
	/* Argument 2 is the state to sleep in: TASK_INTERRUPTIBLE or killable. */
	CALL_IF_INTERRUPTIBLE = 4,
	/* Argument 0 is not NULL. */
	CALL_IF_GIVEN = 8,
	/* A driver is right to go on as if nothing had happened: debugfs. */
	CALL_ABSORBED = 16,
	/* Whether it fails is decided by its arguments, or by a lock that may be nobody else's: a driver may know that it
	 * cannot. Not among "calls" and "all". */
	CALL_ON_REQUEST = 32,
	/* There is another way to the same end: who could not pin pages may copy. */
	CALL_OR_ELSE = 64,
};

struct call_entry {
	const char *group;    /* "irq" */
	const char *function; /* the symbol that a module imports: "request_threaded_irq" */
	const char *
		source; /* what a driver's author writes, where that differs: "request_irq"; NULL */
	enum call_failure how;
	const char *errors; /* names of errnos, the default first: "EBUSY ENOMEM"; "" */
	/* What has to be done all the same before it fails: a kernel function and its arguments, each the number of
	 * one of this call's, maybe with an offset ("device_initialize 0+16"), or a constant ("memset 0 =0 2"). NULL */
	const char *first;
	uint8_t only; /* CALL_BY_SIGNAL, ... */
	uint8_t rest; /* CALL_REST: the argument that is returned */
	uint8_t user; /* CALL_REST: the argument that is the user's address */
	bool module;  /* it is a module's function, not the kernel image's own */
	bool native;  /* only native mode has a function of this name */
};

/* The table, sorted by nothing: entry i, NULL behind the last. */
const struct call_entry *calls_table(unsigned i);
/* The entry of a symbol, or of a name in a driver's source; NULL: none. */
const struct call_entry *calls_lookup(const char *name);
/* The capability of the kernel that refuses it: FAIL_USERCOPY or FAIL_FUNCTION. */
enum capability call_capability(const struct call_entry *call);
/* How it fails, for people: "-EBUSY, -ENOMEM", "NULL", "ERR_PTR(-ENOMEM)"; into buf, returned. */
const char *call_failure_text(const struct call_entry *call, char *buf, size_t size);

/* A function that is a point, and what it returns when it is refused: an errno as a negative number; else as
 * `how` says. */
struct call_point {
	const struct call_entry *call;
	const char *
		import; /* as the module has it: the function's symbol, or the name in a driver's source */
	int64_t returns;
};

/* What a refused call returns, as a report says it: "-EBUSY", "ERR_PTR(-ENOMEM)", "NULL"; into buf, returned. */
const char *call_point_text(const struct call_point *point, char *buf, size_t size);

/* --points=LIST: "alloc", "calls", "all", groups, functions, patterns of functions with * ? [ ], separated by commas.
 * *allocations: are allocations points too? 0, or -1 (err, CALLS_ERR bytes: an empty word, or nothing is called that). */
int calls_choose(const char *list, bool *allocations, char *err);
/* --fail FUNCTION=VALUE, or FUNCTION alone for its default. 0, or -1 (err): no such function, or it does not fail so.
 * What calls_choose() says later does not change the value. */
int calls_fail(const char *text, char *err);
/* Nothing is a point any more. */
void calls_reset(void);
/* Is any function a point? */
bool calls_any(void);
/* Is any function a point that this capability refuses? */
bool calls_any_of(enum capability capability);
/* The point that an import is, by its symbol; NULL: none. Stays valid. The point counts as imported from now on. */
const struct call_point *calls_find(const char *import);
/* How many points are imports of what was prepared. */
unsigned calls_imported(void);
/* A function that was asked for by its very name, and is no import of what was prepared; NULL: none is. */
const char *calls_unmatched(void);
/* After one of the two failed: the word that nothing is called; "" when that was not the reason. */
const char *calls_unknown(void);
/* Names like this one, "a, b or c": for sentences about a name that nothing has. "" when nothing is alike. Into buf. */
const char *calls_similar(const char *name, char *buf, size_t size);

/* ---- stubs ---- */

/* What the world answers for stubs. */
struct calls_world {
	/* Address of a function for call.first; 0: there is none. */
	uint64_t (*function)(const char *name);
	/* Does a signal end the wait of the task that runs? */
	bool (*takes_signals)(void);
};

#define CALLS_MAX	 1024 /* stubs in one world */
#define CALLS_STUB_SIZE	 16   /* bytes of each */
#define CALLS_COMMON_MAX 256  /* bytes of what they share, before the first */

/* Addresses and lengths inside what stubs share, for unwind tables. */
struct calls_code {
	uint64_t start;	 /* of the shared part */
	uint64_t stubs;	 /* the first stub */
	unsigned count;	 /* stubs so far */
	unsigned framed; /* from this offset on, the shared part has its frame in rbp */
};

/* Make stubs at `at`, CALLS_COMMON_MAX + CALLS_MAX * CALLS_STUB_SIZE bytes that can be written and executed; `ask` is the
 * address of calls_ask() as seen from there. */
void calls_stubs_open(void *at, uint64_t ask, const struct calls_world *world);
/* The stub for an import whose function is at `target`: made, or found if there is one. 0: it is no point, or there is no
 * room (said on standard error). */
uint64_t calls_stub(const char *import, uint64_t target);
/* The stubs made so far. */
const struct calls_code *calls_code(void);
/* Is this in what stubs share? That says nothing about who calls. */
static inline bool calls_is_common(uint64_t pc)
{
	const struct calls_code *code = calls_code();

	return pc - code->start < code->stubs - code->start;
}
/* Is this in a stub? Then who calls is the driver: nobody else reaches one. */
static inline bool calls_is_stub(uint64_t pc)
{
	const struct calls_code *code = calls_code();

	return pc - code->stubs < code->count * CALLS_STUB_SIZE;
}
/* Let stubs bear the names of their imports in stacks: after the last one is made. */
void calls_name_stubs(void);

/* What a stub has saved, as it lies on the caller's stack. */
struct call_frame {
	uint64_t rax, rcx, rdx, rsi, rdi, r8, r9, r10, r11, unused;
	uint64_t inner_rbp, stub_return; /* of the stub's own frame */
	uint64_t rbp;			 /* the caller's */
	uint64_t caller;		 /* return address into the module */
	uint64_t stack[];		 /* arguments from the seventh on */
};

/* Called by every stub: leads it to the function itself, or lets it fail. */
void calls_ask(struct call_frame *frame);

/* The question whether this call fails now; the judges answer it (judge_attach()). The default: no. */
extern bool (*calls_should_fail)(const struct call_point *point);

/* Which memory of the user's the call copies that is being asked about: called in calls_should_fail(), of `point`. False: none,
 * or its arguments do not say it (an iov_iter). */
bool calls_user_memory(const struct call_point *point, uint64_t *addr, uint64_t *size);

#endif
