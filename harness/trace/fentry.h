/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Function entry sites: the five bytes at the beginning of nearly every kernel and module function, a call of
 * __fentry__ that a no-op stands for. Armed, such a site calls a trampoline, and who listens is told of the call, and, if it
 * wants, of the return. After kernel/trace/ftrace.c, kernel/trace/fgraph.c and arch/x86/kernel/ftrace_64.S.
 *
 *	fentry_open()		where the trampolines go; once, in a world that has sites
 *	fentry_add_sites()	of the image, of the override layer, of each module
 *	fentry_listen()		who wants to know
 *	fentry_arm(wanted)	sites are patched: before a snapshot is taken, so that a restore keeps them
 *	fentry_run(true)	from here on calls are told
 *	fentry_disarm()		as they were
 *
 * Disarmed, nothing of this costs anything: no byte of code is another one. Armed, a call whose function and caller both
 * lie outside the filter's range costs some instructions.
 *
 * A return is told by putting another address in the place of the caller's on the stack. The true ones are kept here, one
 * stack of them for each kernel stack, and orc_walk() asks for them, so that every stack in a report is as it would be
 * without. Functions that read their own return address (__builtin_return_address()) would see the trampoline: those of
 * fentry_keep_returns() keep it, and their returns are not told.
 */
#ifndef KFAIL_TRACE_FENTRY_H
#define KFAIL_TRACE_FENTRY_H

#include <stdbool.h>
#include <stdint.h>

#define FENTRY_CODE_SIZE 768 /* bytes that the trampolines take */
#define FENTRY_SITE_SIZE 5   /* bytes of a site */

/* One call, as a listener sees it. */
struct fentry_call {
	uint64_t function; /* the site: at the function's beginning */
	uint64_t caller;   /* address that it returns to */
	uint64_t slot;	   /* where that lies on the stack: nested calls have lower ones */
	bool returns;	   /* its return can be told */
	bool has_result;   /* on return, where it is known: */
	uint64_t result;   /* rax */
};

/* All run in the midst of kernel code, on the host's hook stack: they neither allocate nor lock. */
struct fentry_listener {
	/* True: tell the return, too. */
	bool (*entered)(const struct fentry_call *call);
	void (*returned)(const struct fentry_call *call);
	/* Asked behind each of these: the address of a function of the world (void, no arguments) that is called there, on
	 * the stack of the task, as an interrupt would be; then asked once more. 0: none. NULL: never. */
	uint64_t (*interrupt)(const struct fentry_call *call, bool on_return, bool once_more);
};

/* Offsets in the code at which its frame is in rbp, for unwind tables. */
struct fentry_code {
	uint64_t entry, entry_framed, exit, exit_framed, interrupt, interrupt_framed, cover,
		cover_framed, end;
};

/* Write the trampolines at `at`: FENTRY_CODE_SIZE bytes that can be written and executed, within 2 GiB of all sites.
 * `entered` and `returned`: addresses of fentry_entered() and fentry_returned() as seen from there. */
void fentry_open(void *at, uint64_t entered, uint64_t returned);
const struct fentry_code *fentry_code(void);
/*
 * An interrupt at an instruction: who has stopped the world there pushes the instruction's address onto its stack and lets it
 * go on at fentry_code()->interrupt, which calls this function of the world and goes back to the instruction, with all
 * registers and flags as they were.
 */
void fentry_set_interrupt(uint64_t function);
/* Addresses of sites; what is no call of __fentry__ (nor the no-op in its place) when it is to be armed, is passed over. */
void fentry_add_sites(const uint64_t *sites, unsigned count);
/* Room for two; must stay valid. */
void fentry_listen(const struct fentry_listener *listener);
/* Does anybody listen? */
bool fentry_wanted(void);

/* Calls are told whose function or caller lies in [low, low + size). */
void fentry_filter(uint64_t low, uint64_t size);
/* Functions in [low, low + size) keep their return addresses. */
void fentry_keep_returns(uint64_t low, uint64_t size);
/* Patch the sites that `wanted` says (NULL: all). Returns how many. */
unsigned fentry_arm(bool (*wanted)(uint64_t site));
/* Put them back; `touch`, when not NULL, is told of the bytes that change. */
void fentry_disarm(void (*touch)(void *addr, uint64_t size));
bool fentry_armed(void);
/* Tell calls from now on, or no longer. true also forgets returns that are still to come: a run begins, on stacks on
 * which none of them is. */
void fentry_run(bool on);

struct kf_edges;

/*
 * Coverage without a listener: each call that the filter lets through is a place in `edges` (world/override/coverage.h),
 * counted by a trampoline of its own that calls nobody. Before fentry_arm(). Where somebody listens as well, each call is
 * told first, and then counted. NULL: no longer; sites stay armed.
 */
void fentry_count(struct kf_edges *edges);
bool fentry_counts(void);

/* For the trampolines. `frame` NULL: once more, for the same call. The function to call; 0: go on. */
uint64_t fentry_entered(uint64_t *frame);
uint64_t fentry_returned(uint64_t *frame);

#endif
