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

/* Can a frame be there? The main thread's stack may have grown since; what lies below what was asked is not walked. */
static bool in_stack(uint64_t frame)
{
	return !(frame & 7) && frame - stack.low < stack.size - 16;
}

static unsigned walk_frames(uint64_t frame, uint64_t *pcs)
{
	unsigned n = 0;

	while (n < WALK_MAX && in_stack(frame)) {
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

/*
 * Whoever calls from the same frame as before mostly has the same stack. What the walk read then is remembered; when all of it
 * is still there, the walk would come to the same. To follow frame pointers is to wait for each before the next; to look
 * whether they are as they were is not.
 *
 *	report_stack, hook, allocator, ...	walked: a few frames
 *	kmalloc <- entry			from here on the frames are compared
 *	the program's frames
 */
#define GUESSES	  64u
#define READS_MAX 24u /* frames of a stack that is remembered */

/* What a frame begins with, as one value of the processor's. */
typedef uint64_t pair __attribute__((vector_size(16), aligned(8), may_alias));

static __thread struct guess {
	uint64_t
		entry; /* frame of the function that the program called; frames lie one above the other */
	uint32_t handle; /* 0: none */
	uint32_t count;
	uint64_t reads[READS_MAX][2]; /* next frame, return address: compared in one piece */
} guesses[GUESSES] __attribute__((tls_model("initial-exec")));

/* The frame that returns into the function that the program called; 0: there is none. */
static uint64_t find_entry(uint64_t frame)
{
	for (unsigned i = 0; i < OWN_FRAMES && in_stack(frame); i++) {
		const uint64_t *at = (const uint64_t *)frame;

		if (in_api(at[1]))
			return frame;
		if (at[0] <= frame)
			return 0;
		frame = at[0];
	}
	return 0;
}

/* By the frame, and by where in the program the call is. */
static struct guess *guess_of(uint64_t entry)
{
	uint64_t next = *(const uint64_t *)entry;
	uint64_t pc = in_stack(next) ? ((const uint64_t *)next)[1] : 0;

	return &guesses[((pc >> 2) ^ (pc >> 8) ^ (entry >> 4) ^ (entry >> 10)) % GUESSES];
}

/* No read depends on the one before, and all are of this thread's stack, above its end. */
static bool is_guess(const struct guess *guess, uint64_t entry)
{
	uint64_t frame = entry;
	pair differs = {0, 0};

	if (!guess->handle || guess->entry != entry)
		return false;
	for (unsigned i = 0; i < guess->count; i++) {
		differs |= *(const pair *)frame ^ *(const pair *)guess->reads[i];
		frame = guess->reads[i][0];
	}
	return !(differs[0] | differs[1]);
}

/* All that walk_frames() looks at, the last frame too, which may be where it stops. */
static void remember(struct guess *guess, uint64_t entry, uint32_t handle)
{
	uint64_t frame = entry;
	unsigned n = 0;
	bool goes_on = in_stack(frame);

	while (n < READS_MAX && goes_on) {
		const uint64_t *at = (const uint64_t *)frame;

		guess->reads[n][0] = at[0];
		guess->reads[n++][1] = at[1];
		goes_on = at[0] > frame && at[1] && in_stack(at[0]);
		frame = at[0];
	}
	guess->entry = entry;
	guess->count = n;
	guess->handle = goes_on ? 0 : handle;
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
	uint64_t entry;
	struct guess *guess;
	uint32_t handle;

	if (!stack.size)
		find_stack();
	entry = stack.low ? find_entry(frame) : 0;
	guess = entry ? guess_of(entry) : NULL;
	if (guess && is_guess(guess, entry))
		return guess->handle;
	trim(walk, walk_frames(frame, walk->pcs));
	handle = depot_find(walk->pcs + walk->first, walk->count);
	if (!handle)
		handle = look_closer(walk);
	if (guess)
		remember(guess, entry, handle);
	return handle;
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
