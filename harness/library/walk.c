// SPDX-License-Identifier: GPL-2.0-only
/*
 * The stack of whoever calls an allocator.
 *
 * Frame pointers are followed: two loads a frame. A program may lack them, or have them in parts only, and nothing on the
 * stack says so. Therefore each stack that is seen for the first time is walked by libunwind as well; as long as both
 * agree, frame pointers are trusted, and with the first stack where they do not, never again:
 *
 *	walk by frame pointers --- the depot has it --- done
 *			       --- new: libunwind says the same --- kept
 *						      another stack --- that is kept, and libunwind walks from now on
 *
 * A program that is compiled without them costs 100 ns more for each call, and loses nothing.
 */
#include "library.h"

#include <pthread.h>
#include <string.h>
#define UNW_LOCAL_ONLY
#include <libunwind.h>
#include "../trace/depot.h"

#define OWN_FRAMES 16 /* between a hook and the function that the program called, at most */
#define WALK_MAX   (DEPOT_FRAMES_MAX + OWN_FRAMES)

struct walk {
	uint64_t pcs[WALK_MAX];
	unsigned first, count; /* what is kept of them */
};

static pthread_mutex_t depot_lock = PTHREAD_MUTEX_INITIALIZER;
static bool distrusted; /* frame pointers; set once, under the lock */

extern const char __start_native_api[], __stop_native_api[];

static bool in_api(uint64_t pc)
{
	return pc >= (uint64_t)__start_native_api && pc < (uint64_t)__stop_native_api;
}

/* Frames inside of the library are nobody's business: the first one shown is the function that the program called. */
static void trim(struct walk *walk, unsigned n)
{
	unsigned first = 0;

	while (first < n && !in_api(walk->pcs[first]))
		first++;
	if (first == n)
		first = 0;
	walk->first = first;
	walk->count = n - first < DEPOT_FRAMES_MAX ? n - first : DEPOT_FRAMES_MAX;
}

/* ---- by frame pointers ---- */

static __thread struct {
	uint64_t low, size; /* size 0: not asked yet; low 0 then: cannot be known */
} stack __attribute__((tls_model("initial-exec")));

static void find_stack(void)
{
	pthread_attr_t attr;
	void *low = NULL;
	size_t size = 0;

	stack.size = 1;
	if (pthread_getattr_np(pthread_self(), &attr))
		return;
	if (!pthread_attr_getstack(&attr, &low, &size)) {
		stack.low = (uint64_t)low;
		stack.size = size;
	}
	pthread_attr_destroy(&attr);
}

/* The main thread's stack may have grown since; what lies below what was asked is not walked. */
static unsigned walk_frames(uint64_t frame, uint64_t *pcs)
{
	unsigned n = 0;

	if (!stack.size)
		find_stack();
	while (n < WALK_MAX && !(frame & 7) && frame - stack.low < stack.size - 16) {
		const uint64_t *at = (const uint64_t *)frame;

		if (!at[0] || !at[1])
			break;
		pcs[n++] = at[1];
		if (at[0] <= frame)
			break;
		frame = at[0];
	}
	return n;
}

/* ---- by libunwind ---- */

/*
 * libunwind's quick walk keeps a cache for each thread and frees it at the thread's end, under a lock, when
 * ThreadSanitizer has forgotten the thread already, and dies of it. Under it the stack is walked step by step.
 */
static unsigned walk_slowly(uint64_t *pcs)
{
	unw_context_t context;
	unw_cursor_t cursor;
	unw_word_t pc;
	unsigned n = 0;

	unw_set_caching_policy(unw_local_addr_space, UNW_CACHE_GLOBAL);
	unw_getcontext(&context);
	unw_init_local(&cursor, &context);
	do {
		unw_get_reg(&cursor, UNW_REG_IP, &pc);
		pcs[n++] = pc;
	} while (n < WALK_MAX && unw_step(&cursor) > 0);
	return n;
}

static unsigned walk_unwind(uint64_t *pcs)
{
	int n;

	if (sanitizer_watches_threads())
		return walk_slowly(pcs);
	n = unw_backtrace((void **)pcs, WALK_MAX);
	return n > 0 ? (unsigned)n : 0;
}

/* ---- the same stack again ---- */

/* A caller that comes with the same frame mostly has the same stack: then one compare spares the depot's hash. */
#define GUESSES 256u

static __thread struct guess {
	uint64_t frame;
	uint32_t handle;
} guesses[GUESSES] __attribute__((tls_model("initial-exec")));

static struct guess *guess_of(const struct walk *walk, uint64_t frame)
{
	uint64_t pc = walk->pcs[walk->first];

	return &guesses[((pc >> 2) ^ (pc >> 12) ^ (frame >> 4) ^ (frame >> 12)) % GUESSES];
}

static bool guessed(const struct guess *guess, const struct walk *walk, uint64_t frame)
{
	uint64_t differs = guess->frame ^ frame;
	const uint64_t *pcs;

	if (!guess->handle || depot_get(guess->handle, &pcs) != walk->count)
		return false;
	for (unsigned i = 0; i < walk->count; i++)
		differs |= walk->pcs[walk->first + i] ^ pcs[i];
	return !differs;
}

/* ---- */

static uint32_t save(const struct walk *walk)
{
	uint32_t handle;

	pthread_mutex_lock(&depot_lock);
	handle = depot_save(walk->pcs + walk->first, walk->count);
	pthread_mutex_unlock(&depot_lock);
	return handle;
}

/* Frame pointers end at main()'s caller, libunwind one or two frames behind it: what one of them has more is no difference
 * there. */
static bool agree(const struct walk *a, const struct walk *b)
{
	unsigned n = a->count < b->count ? a->count : b->count;

	return n && b->count - n <= 2 && a->count == n &&
	       !memcmp(a->pcs + a->first, b->pcs + b->first, n * sizeof(a->pcs[0]));
}

static uint32_t look_closer(const struct walk *quick)
{
	struct walk sure;

	trim(&sure, walk_unwind(sure.pcs));
	if (agree(quick, &sure))
		return save(quick);
	__atomic_store_n(&distrusted, true, __ATOMIC_RELAXED);
	return save(&sure);
}

static uint32_t stack_by_frames(struct walk *walk, uint64_t frame)
{
	struct guess *guess;

	trim(walk, walk_frames(frame, walk->pcs));
	guess = guess_of(walk, frame);
	if (guessed(guess, walk, frame))
		return guess->handle;
	guess->frame = frame;
	guess->handle = depot_find(walk->pcs + walk->first, walk->count);
	if (!guess->handle)
		guess->handle = look_closer(walk);
	return guess->handle;
}

uint32_t report_stack(void)
{
	struct walk walk;
	uint32_t handle;

	sanitizer_enter();
	if (__atomic_load_n(&distrusted, __ATOMIC_RELAXED)) {
		trim(&walk, walk_unwind(walk.pcs));
		handle = depot_find(walk.pcs + walk.first, walk.count);
		handle = handle ? handle : save(&walk);
	} else {
		handle = stack_by_frames(&walk, (uint64_t)__builtin_frame_address(0));
	}
	sanitizer_leave();
	return handle;
}
