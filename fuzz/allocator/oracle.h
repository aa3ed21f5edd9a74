/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Private to the allocator target: the world of an input, what the hooks are told in it, and what is expected of them.
 *
 *	arena_open()			once: a small world, and its snapshot
 *	  oracle_begin()		an input starts
 *	    oracle_call()		a call starts: what it may be told is known from here on
 *	       ... the call; hooks count, and compare
 *	  oracle_end()			everything was given back: is the world empty, and whole?
 *	arena_restore()
 *
 * What is wrong goes to wrong(); the first one counts, and the input ends behind that call.
 */
#ifndef KFAIL_FUZZ_ALLOCATOR_ORACLE_H
#define KFAIL_FUZZ_ALLOCATOR_ORACLE_H

#include <setjmp.h>

#include "../../allocator/core/hooks.h"
#include "calls.h"
#include "model.h"

/* ---- the world: arena.c ------------------------------------------------------------------------------------- */

/* 0, or -1 with a sentence in err (FUZZ_ERR bytes). */
int arena_open(const struct kf_settings *settings, char *err);
/* In a forked child. 0 or -errno. */
int arena_adopt(void);
bool arena_fault(uint64_t addr);
/* As it was when it was opened. */
void arena_restore(void);
/* The free pages of all zones; the lists of all CPUs are given back first. */
u64 arena_free_pages(void);
extern u64 arena_free_at_start;

/* frames.c: what lies in frames. From now on it is known which of them an input was given; put these back. */
void frames_open(void);
void frames_restore(void);
/* Has anybody written to a frame that the input was not given? */
bool frames_are_clean(void);

/* ---- what is known of the call that runs: oracle.c ------------------------------------------------------------- */

/* How many of the requests of a call were refused, and what the hooks were told in it. */
struct told {
	unsigned asks, refusals, waits;
	bool checked; /* might_alloc was told of `request`, and nobody has asked about it yet */
	unsigned born, died;
	unsigned bugs; /* of those that were expected */
	u32 expected;  /* kinds of bugs that this call has to bring about, or may: a bit each */
	struct kf_request request; /* the newest */
};
extern struct told told;

/* What the hooks are: on, and guards are kept. Without, less can be expected. */
extern bool oracle_hooks, oracle_guards;
/* KF_TASK_* bits of the task. */
extern u32 task_is;
/* Number of the call, from 0. */
extern unsigned call_number;
/* Something was found: the input is over. */
extern bool oracle_over;
/* Where an input ends that waits for memory which nobody can give back any more. */
extern jmp_buf oracle_starved;

void oracle_begin(const struct schedule *schedule, struct fuzz_outcome *out);
/* A call starts; NULL: what is done at the end of the input. */
void oracle_call(const uint8_t *call, unsigned number);
/* Kinds of bugs that the call may bring about from now on. */
void oracle_expect(u32 kinds);
/* `careful`: all pages, guards and invariants too. */
void oracle_end(bool careful);
/* All invariants, guards and poison, now. */
void oracle_check_all(void);

/* A finding. */
__attribute__((format(printf, 2, 3))) void wrong(enum finding_kind kind, const char *format, ...);
/* The model and the allocators disagree, unless ok. Returns ok. */
bool sound(bool ok, const char *what);

#define BUG(kind) (1u << (kind))

/* ---- things: things.c -------------------------------------------------------------------------------------------- */

struct family {
	const char *name;
	void (*put)(struct thing *t);
	bool unclaimed; /* its memory is none of the model's: device space */
	bool dies;	/* giving it back is the death of one object */
};

/* What a handle holds; family NULL: nothing. */
struct handle {
	struct thing thing;
	bool forgotten; /* nothing points to it */
	bool quiet;	/* kmemleak was told to pass over it */
};
extern struct handle handles[THINGS];

/* The object whose address is in the world's variables, for kmemleak. */
extern void *roots[THINGS];

static inline struct thing *thing_at(u32 handle)
{
	struct handle *h = &handles[handle % THINGS];

	return h->thing.family ? &h->thing : NULL;
}

/* Give back what is there, if anything. */
void things_free(u32 handle);
/* Take it out of its handle, after a look at its content; its memory is nobody's for the model. */
struct thing things_take(u32 handle);
/* The way back, for what was taken out. What the hooks are told in it is looked at here, and not counted for the call. */
void things_give(struct thing *t);
/* A new thing in an empty handle: its memory was free, is zero where it has to be; then it is filled. */
void things_add(u32 handle, const struct thing *t);
/* The thing is about to change: its content is looked at. */
void things_look(const struct thing *t);
void things_fill(struct thing *t);
/* Bytes that live things hold. */
extern u64 things_bytes;

/*
 * Did a call that got something (or nothing) do so rightly? `bytes`: what it asked for; `may_fail`: it may, although there
 * is memory. `parts`: it makes several requests, of which some may be refused.
 */
bool result_is_right(bool got, u64 bytes, u32 gfp, bool may_fail, bool parts);
/* n bytes with this value. */
bool all_bytes(const void *p, u8 value, u64 n);

/* ---- the calls: slab_calls.c, page_calls.c, area_calls.c, pool_calls.c, other_calls.c -------------------------------- */

typedef void call_fn(const uint8_t *call);

call_fn do_kmalloc, do_kmalloc_array, do_krealloc, do_ksize, do_free, do_kfree_bulk,
	do_cache_create, do_cache_destroy, do_cache_shrink, do_cache_alloc, do_cache_alloc_bulk,
	do_cache_free_bulk, do_overflow, do_bad_free;
call_fn do_alloc_pages, do_alloc_pages_exact, do_alloc_pages_bulk, do_split_page,
	do_page_frag_alloc, do_page_frag_drain, do_kmap, do_drain;
call_fn do_vmalloc, do_vfree_atomic, do_vfree_work, do_vmap, do_vm_map_ram, do_vm_unmap_aliases,
	do_ioremap, do_alloc_percpu;
call_fn do_mempool_create, do_mempool_resize, do_mempool_alloc, do_mempool_destroy,
	do_dma_pool_create, do_dma_pool_alloc, do_dma_pool_destroy, do_dma_alloc_coherent;
call_fn do_kmemleak, do_forget, do_scan, do_context, do_cpu, do_check, do_write;

/* What an input leaves is given back: caches; the cache of fragments; deferred frees; pools. In this order, behind the things. */
void pools_end(void);
void pages_end(void);
void areas_end(void);
void caches_end(void);
/* The input was left in its midst: what its calls keep of it is nothing any more. */
void slab_forget(void);
void pages_forget(void);
void areas_forget(void);
void pools_forget(void);

/* leaks.c: kmemleak for this world; what an input said is forgotten. */
void leaks_open(void);
void leaks_end(void);

#endif
