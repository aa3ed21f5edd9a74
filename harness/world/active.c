// SPDX-License-Identifier: GPL-2.0-only
/*
 * Is something inside this memory still active, which the kernel would come back to? The question of
 * CONFIG_DEBUG_OBJECTS_FREE (lib/debugobjects.c), asked at every free, without a registry: an active structure can be
 * told by the structures that point back at it.
 *
 *	timer_list	hashed: *entry.pprev == &entry, up a chain of these to a head in a per-CPU area
 *	work_struct	pending, on a list of its pool: entry's neighbours point to it
 *	hrtimer		enqueued: its base is a per-CPU clock's, and its parent in the tree has it as a child
 *	rcu_head	in the override layer's queue (override/rcu.c)
 *
 * The first three hold a function, so only words that point into code are looked at: a free costs one comparison per word.
 * What is read beyond the object is read only where it can be. A work that is running is not active: it may free itself
 * (ODEBUG has the same rule). Only the first 64 KiB of large memory are looked at.
 */
#include <string.h>
#include "../../allocator/core/memory.h"
#include "../../allocator/page/fence.h"
#include "../../allocator/vmalloc/vmalloc.h"
#include "layout.h"
#include "active.h"
#include "world_internal.h"

#define ACTIVE_BYTES (64ul << 10)
#define HEADS_MAX    256  /* RCU heads that a free looks at */
#define CHAIN_MAX    4096 /* timers in one bucket */

/* Words of the structures, in the layout of 6.1 to 6.12 on x86-64 without debugging of theirs. */
enum { TIMER_NEXT, TIMER_PPREV, TIMER_EXPIRES, TIMER_FUNCTION, TIMER_FLAGS, TIMER_WORDS };
enum { WORK_DATA, WORK_NEXT, WORK_PREV, WORK_FUNC, WORK_WORDS };
enum {
	HRTIMER_PARENT,
	HRTIMER_RIGHT,
	HRTIMER_LEFT,
	HRTIMER_EXPIRES,
	HRTIMER_SOFTEXPIRES,
	HRTIMER_FUNCTION,
	HRTIMER_BASE,
	HRTIMER_STATE, /* a byte */
	HRTIMER_WORDS
};
#define WORK_PENDING_PWQ 5   /* WORK_STRUCT_PENDING, WORK_STRUCT_PWQ */
#define TIMER_BUCKETS	 576 /* WHEEL_SIZE */
#define TIMER_ARRAYSHIFT 22

#define KFREE_RCU_OFFSETS 4096 /* below it, a head's function is its offset in the object */

static uint64_t rcu_queue, delayed_work_timer_fn;

static bool is_code(uint64_t word)
{
	return word - IMAGE_BASE < OVERLAY_END - IMAGE_BASE ||
	       word - MODULE_BASE < MODULE_END - MODULE_BASE;
}

static bool is_percpu(uint64_t addr)
{
	return addr - PERCPU_BASE < PERCPU_UNIT;
}

static bool can_read(uint64_t addr)
{
	if (addr % 8)
		return false;
	if (kf_virt_addr_valid((void *)addr))
		return !kf_fence_hidden(addr);
	if (on_kernel_stacks(addr))
		return !in_stack_guard(addr);
	return kf_mapped_frame((void *)addr) != ~0ull;
}

static bool word_at(uint64_t addr, uint64_t *out)
{
	if (!can_read(addr))
		return false;
	*out = *(const uint64_t *)addr;
	return true;
}

static bool points_to(uint64_t addr, uint64_t target)
{
	uint64_t word;

	return word_at(addr, &word) && word == target;
}

/* ---- each structure ---- */

/* Up the chain of hlist nodes to its head: &node->next == node. A list_head looks like that too, and comes back to itself. */
static bool chain_begins_in_percpu(uint64_t node)
{
	const uint64_t first = node;
	uint64_t pprev;

	for (unsigned i = 0; i < CHAIN_MAX && (node != first || !i); i++) {
		if (!word_at(node + 8 * TIMER_PPREV, &pprev) || !points_to(pprev, node))
			return false;
		if (is_percpu(pprev))
			return true;
		node = pprev;
	}
	return false;
}

static bool is_timer(const uint64_t *w)
{
	return w[TIMER_PPREV] && (uint32_t)w[TIMER_FLAGS] >> TIMER_ARRAYSHIFT < TIMER_BUCKETS &&
	       chain_begins_in_percpu((uint64_t)w);
}

static bool is_work(const uint64_t *w)
{
	uint64_t entry = (uint64_t)&w[WORK_NEXT];

	return (w[WORK_DATA] & WORK_PENDING_PWQ) == WORK_PENDING_PWQ && w[WORK_NEXT] != entry &&
	       points_to(w[WORK_NEXT] + 8, entry) && points_to(w[WORK_PREV], entry);
}

static bool is_hrtimer(const uint64_t *w)
{
	uint64_t parent = w[HRTIMER_PARENT] & ~3ul;

	if ((w[HRTIMER_STATE] & 0xff) != 1 || !is_percpu(w[HRTIMER_BASE]))
		return false;
	return !parent || points_to(parent + 8 * HRTIMER_RIGHT, (uint64_t)w) ||
	       points_to(parent + 8 * HRTIMER_LEFT, (uint64_t)w);
}

/* ---- the object ---- */

struct search {
	const uint64_t *words;
	unsigned count;
	struct active_inside *out;
};

static bool found(const struct search *s, unsigned at, const char *type, uint64_t function)
{
	*s->out = (struct active_inside){type, (uint64_t)at * 8, function};
	return true;
}

/* The timer of a delayed work lies behind its work. */
static bool found_timer(const struct search *s, unsigned at)
{
	uint64_t function = s->words[at + TIMER_FUNCTION];

	if (function != delayed_work_timer_fn || at < WORK_WORDS)
		return found(s, at, "timer_list", function);
	at -= WORK_WORDS;
	return found(s, at, "delayed_work", s->words[at + WORK_FUNC]);
}

/* Word i points into code: is it the function of something active? */
static bool look_around(const struct search *s, unsigned i)
{
	unsigned at = i - TIMER_FUNCTION;

	if (i >= TIMER_FUNCTION && at + TIMER_WORDS <= s->count && is_timer(&s->words[at]))
		return found_timer(s, at);
	if (i >= WORK_FUNC && is_work(&s->words[i - WORK_FUNC]))
		return found(s, i - WORK_FUNC, "work_struct", s->words[i]);
	if (i >= HRTIMER_FUNCTION && i - HRTIMER_FUNCTION + HRTIMER_WORDS <= s->count &&
	    is_hrtimer(&s->words[i - HRTIMER_FUNCTION]))
		return found(s, i - HRTIMER_FUNCTION, "hrtimer", s->words[i]);
	return false;
}

/* ---- RCU callbacks: the queue goes through the heads, and one that was freed leads nowhere ---- */

struct head {
	uint64_t next, func;
};

static const struct head *head_at(uint64_t addr)
{
	return addr && can_read(addr) ? (const struct head *)addr : NULL;
}

static const struct head *first_head(void)
{
	return head_at(*(const uint64_t *)rcu_queue);
}

/* Where thousands wait for a grace period, only the first of them are looked at: each free goes through them. */
static bool rcu_head_inside(uint64_t addr, uint64_t size, struct active_inside *out)
{
	unsigned looked_at = 0;

	for (const struct head *h = first_head(); h && looked_at < HEADS_MAX;
	     h = head_at(h->next), looked_at++) {
		uint64_t offset = (uint64_t)h - addr;

		if (offset >= size)
			continue;
		*out = (struct active_inside){"rcu_head", offset,
					      h->func < KFREE_RCU_OFFSETS ? 0 : h->func};
		return true;
	}
	return false;
}

uint64_t world_pending_callback(uint64_t low, uint64_t high)
{
	for (const struct head *h = first_head(); h; h = head_at(h->next))
		if (h->func >= low && h->func < high)
			return h->func;
	return 0;
}

bool world_active_inside(uint64_t addr, uint64_t size, struct active_inside *out)
{
	struct search s = {(const uint64_t *)addr, 0, out};

	/* What nobody has touched since it was mapped holds nothing; to look would cost a system call. */
	if (addr % 8 || !can_read(addr) || kf_mapping_is_untouched(addr))
		return false;
	s.count = (unsigned)((size < ACTIVE_BYTES ? size : ACTIVE_BYTES) / 8);
	for (unsigned i = WORK_FUNC; i < s.count; i++)
		if (is_code(s.words[i]) && look_around(&s, i))
			return true;
	return rcu_head_inside(addr, size, out);
}

void active_world_ready(void)
{
	rcu_queue = overlay_symbol("kf_rcu_queue");
	delayed_work_timer_fn = image_symbol("delayed_work_timer_fn");
}
