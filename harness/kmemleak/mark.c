// SPDX-License-Identifier: GPL-2.0-only
/*
 * Following pointers from the roots, as scan_block() and scan_gray_list() of mm/kmemleak.c of 6.1 do, in the index of one scan:
 *
 *	roots, grey objects --words--> batch --> entry --> run --> slot: one pointer less is missing
 *	                                                            none is missing any more: to the queue
 *	queue --its words--> batch ...
 *
 * What a word costs is one compare, mostly; what a pointer costs is three cache misses, unless somebody asks for the lines
 * beforehand. So pointers are gathered in a batch, which goes through the three tables one after another; and the
 * queue is read level by level, each sorted by address, since objects in the order in which pointers lead to them
 * would be a page of the CPU's own tables each. Levels are in order, so the first word that reaches an object
 * lies on a shortest way from a root; kml_mark() can keep it.
 *
 * A pointer is an aligned word that leads into an object, not necessarily to its start. In our own rules it must lead to what
 * was asked for, not into the rest of the size class; a cheap test decides nearly always.
 */
#include "internal.h"

#include <string.h>
#include "../../allocator/core/memory.h"
#include "../../allocator/kin/percpu.h"
#include "../../allocator/page/fence.h"
#include "../../allocator/vmalloc/vmalloc.h"

#define NOT_SANITIZED __attribute__((no_sanitize("address", "undefined", "thread")))
#define BATCH	      512
#define AHEAD	      6	   /* objects of the queue */
#define ASKED_MAX     1024 /* bytes: what follows, the CPU asks for by itself */
#define GONE_MAX      8
#define SORT_MIN      64
#define DIGIT_BITS    11 /* two of them for a run's number */
#define DIGITS	      (1u << DIGIT_BITS)

struct pointer {
	uint64_t value, where;
	uint32_t run; /* number + 1 */
	uint32_t slot;
};

struct queued {
	uint32_t run, slot;
};

static struct {
	struct pointer batch[BATCH];
	unsigned count;
	struct queued *queue, *sorted;
	uint32_t head, tail, level; /* level: the end of what is as far from the roots */
	uint64_t *from;
	uint64_t bytes;
	struct kml_root gone[GONE_MAX]; /* roots that are none any more */
	unsigned gone_count;
} mark;

static void scan(uint64_t start, uint64_t end, uint64_t shift);

/* ---- what a pointer does -------------------------------------------------------------------------------------- */

/* Is the byte part of what was requested? Classes are at most twice as large, so the first half always is. */
static bool is_requested(const struct kml_run *run, uint32_t slot, uint64_t offset)
{
	const struct kf_extent extent = {.slab = run->slab};

	return kml_rules == KML_KERNEL || !run->slab || offset * 2 < run->size ||
	       offset < kf_extent_requested(&extent, slot);
}

static void reach(uint64_t where, uint32_t number, uint32_t slot)
{
	const struct kml_run *run = &kml_index.runs[number];
	uint32_t id = run->id + slot;
	uint16_t *state = &kml_index.slots[id];

	*state = (uint16_t)(*state - 1) | SLOT_REACHED;
	if (mark.from && !mark.from[id])
		mark.from[id] = where;
	if (!(*state & SLOT_MISSING) && *state & SLOT_SCAN)
		mark.queue[mark.tail++] = (struct queued){number, slot};
}

/* A surplus pointer counts for another object: the address of a vm_struct for its area. */
static void pass_on(uint64_t where, uint64_t excess_ref)
{
	uint32_t slot;
	const struct kml_run *to = kml_index_find(excess_ref, &slot);

	if (to && kml_index.slots[to->id + slot] & SLOT_MISSING)
		reach(where, (uint32_t)(to - kml_index.runs), slot);
}

/* What is grey passes surplus pointers on, what is black does not. */
static uint64_t excess_ref_of(const struct kml_run *run, uint32_t slot, uint16_t state)
{
	const struct kml_object *record;

	if (run->flags & RUN_VM)
		return run->excess_ref;
	if (!(state & SLOT_SPECIAL))
		return 0;
	record = run->record ?: kml_find(kml_slot_address(run, slot));
	return record && record->min_count != COUNT_BLACK ? record->excess_ref : 0;
}

static void count(const struct pointer *p, const struct kml_run *run)
{
	uint64_t offset = p->value - kml_slot_address(run, p->slot);
	uint16_t state = kml_index.slots[run->id + p->slot];

	if (offset >= run->size)
		return;
	if (state & SLOT_MISSING) {
		if (is_requested(run, p->slot, offset))
			reach(p->where, (uint32_t)(run - kml_index.runs), p->slot);
	} else if (run->flags & RUN_VM || state & SLOT_SPECIAL) {
		uint64_t excess_ref = excess_ref_of(run, p->slot, state);

		if (excess_ref)
			pass_on(p->where, excess_ref);
	}
}

/* ---- batches ----------------------------------------------------------------------------------------------------- */

/* For a page with several runs, and for objects that lie elsewhere. */
static void count_slowly(const struct pointer *p)
{
	struct pointer one = *p;
	const struct kml_run *run = kml_index_find(p->value, &one.slot);

	if (run)
		count(&one, run);
}

static unsigned to_runs(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < mark.count; i++) {
		struct pointer *p = &mark.batch[i];
		uint32_t entry = kml_entry(p->value);

		if (entry & ENTRY_CHAIN || (!entry && kml_elsewhere)) {
			count_slowly(p);
			continue;
		}
		if (!entry)
			continue;
		__builtin_prefetch(&kml_index.runs[entry - 1]);
		mark.batch[n] = *p;
		mark.batch[n++].run = entry;
	}
	return n;
}

static void to_slots(unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct pointer *p = &mark.batch[i];
		const struct kml_run *run = &kml_index.runs[p->run - 1];
		uint64_t offset = p->value - run->first;
		uint64_t slot = run->slots == 1 ? 0 : offset * run->inverse >> 32;

		p->slot = offset < run->slots * (uint64_t)run->stride && slot < run->slots
				  ? (uint32_t)slot
				  : UINT32_MAX;
		if (p->slot != UINT32_MAX)
			__builtin_prefetch(&kml_index.slots[run->id + p->slot], 1);
	}
}

static void flush(void)
{
	unsigned n = to_runs();

	to_slots(n);
	for (unsigned i = 0; i < n; i++)
		if (mark.batch[i].slot != UINT32_MAX)
			count(&mark.batch[i], &kml_index.runs[mark.batch[i].run - 1]);
	mark.count = 0;
}

static inline void add(uint64_t value, uint64_t where)
{
	mark.batch[mark.count].value = value;
	mark.batch[mark.count].where = where;
	if (++mark.count == BATCH)
		flush();
}

/* ---- reading ------------------------------------------------------------------------------------------------------ */

/* Words of [start, end); a reader of the report would find them `shift` bytes further on. */
static NOT_SANITIZED void scan(uint64_t start, uint64_t end, uint64_t shift)
{
	const uint64_t *words = (const uint64_t *)((start + 7) & ~7ull);
	const uint64_t *stop = (const uint64_t *)(end & ~7ull);

	while (words < stop) {
		unsigned n = stop - words < 64 ? (unsigned)(stop - words) : 64;
		uint64_t found = kml_words(words, n, kml_index.min, kml_index.span);

		for (; found; found &= found - 1) {
			const uint64_t *word = words + __builtin_ctzll(found);

			add(*word, (uint64_t)word + shift);
		}
		words += n;
	}
	mark.bytes += end > start ? end - start : 0;
}

/* Page by page through the frames: the mapping itself may never have been touched, and stays so. */
static void scan_mapped(uint64_t start, uint64_t end)
{
	while (start < end) {
		uint64_t next = (start & KF_PAGE_MASK) + KF_PAGE_SIZE;
		uint64_t pfn = kf_mapped_frame((void *)start);
		uint64_t at = (uint64_t)kf_frame_virt(pfn) + (start & ~KF_PAGE_MASK);

		next = next < end ? next : end;
		if (pfn != UINT64_MAX)
			scan(at, at + (next - start), start - at);
		start = next;
	}
}

static bool is_mapped(uint64_t addr)
{
	return kf_is_vmalloc_or_module_addr((void *)addr);
}

/* A fenced object ends where its page does, also where objects of its size are larger. */
static void scan_range(uint64_t start, uint64_t end)
{
	while (start < end && kf_fence_hidden(end - 1))
		end = (end - 1) & KF_PAGE_MASK;
	if (is_mapped(start))
		scan_mapped(start, end);
	else
		scan(start, end, 0);
}

static void scan_areas(const struct kml_object *record)
{
	const struct kml_area *area = kml_area(record->areas);

	for (; area; area = kml_area(area->next))
		scan_range(area->start, area->end);
}

static void scan_object(const struct kml_run *run, uint32_t slot)
{
	uint64_t start = kml_slot_address(run, slot);
	uint16_t state = kml_index.slots[run->id + slot];
	const struct kml_object *record = state & SLOT_SPECIAL ? kml_find(start) : NULL;

	if (record && record->areas && !(record->flags & OBJECT_FULL_SCAN))
		scan_areas(record);
	else
		scan_range(start, start + run->size);
}

static void ask_for(uint32_t at)
{
	const struct queued *q = &mark.queue[at];
	const struct kml_run *run = &kml_index.runs[q->run];
	uint64_t start = kml_slot_address(run, q->slot);
	uint64_t size = run->size < ASKED_MAX ? run->size : ASKED_MAX;

	/* Into the second level: the first has too few places for lines on their way, and what waits for one blocks the rest. */
	for (uint64_t i = 0; i < size; i += 64)
		__builtin_prefetch((const void *)(start + i), 0, 2);
}

/* By one half of the runs' numbers, stably. */
static void sort_by(const struct queued *from, struct queued *to, uint32_t n, unsigned shift)
{
	static uint32_t at[DIGITS];
	uint32_t sum = 0;

	memset(at, 0, sizeof(at));
	for (uint32_t i = 0; i < n; i++)
		at[from[i].run >> shift & (DIGITS - 1)]++;
	for (unsigned d = 0; d < DIGITS; d++) {
		uint32_t count = at[d];

		at[d] = sum;
		sum += count;
	}
	for (uint32_t i = 0; i < n; i++)
		to[at[from[i].run >> shift & (DIGITS - 1)]++] = from[i];
}

/* What is equally far from the roots is read in the order in which it lies in memory, or nearly: page by page. */
static void sort_level(void)
{
	struct queued *level = mark.queue + mark.head;
	uint32_t n = mark.tail - mark.head;

	mark.level = mark.tail;
	if (n < SORT_MIN)
		return;
	sort_by(level, mark.sorted, n, 0);
	sort_by(mark.sorted, level, n, DIGIT_BITS);
}

static bool next_level(void)
{
	flush();
	if (mark.head == mark.tail)
		return false;
	sort_level();
	return true;
}

static void drain(void)
{
	mark.level = mark.head;
	while (mark.head < mark.level || next_level()) {
		if (mark.head + AHEAD < mark.level)
			ask_for(mark.head + AHEAD);
		scan_object(&kml_index.runs[mark.queue[mark.head].run], mark.queue[mark.head].slot);
		mark.head++;
	}
}

/* ---- roots ------------------------------------------------------------------------------------------------------- */

static void scan_root(const struct kml_root *root, void *arg)
{
	uint64_t start = root->start;

	if (root->gone && !mark.from) {
		if (mark.gone_count < GONE_MAX)
			mark.gone[mark.gone_count++] = *root;
		return;
	}
	if (root->kind == KML_STACK && !kml_state.stack_scan)
		return;
	if (root->kind == KML_STACK && kml_rules == KML_OWN && root->sp > start)
		start = root->sp;
	scan_range(start, root->end);
}

/* Of the frames that nobody allocated; and in our own rules pages too, but those that hold objects by hand. */
static void scan_frames(uint64_t pfn, uint64_t frames, enum kf_frame_use use, void *arg)
{
	for (uint64_t i = pfn; i < pfn + frames; i++) {
		uint64_t start = (uint64_t)kf_frame_virt(i);

		if (start - kml_world.covered_start <
		    kml_world.covered_end - kml_world.covered_start)
			continue;
		if (!kml_entry(start) && !kf_fence_hidden(start))
			scan(start, start + KF_PAGE_SIZE, 0);
	}
}

static void scan_used(uint64_t pfn, uint64_t frames, enum kf_frame_use use, void *arg)
{
	uint64_t first = (uint64_t)kf_pfn_to_page(pfn);

	if (use == KF_USE_PAGES)
		scan(first, first + frames * sizeof(struct page), 0);
	if (use == KF_USE_RESERVED || (use == KF_USE_PAGES && kml_rules == KML_OWN))
		scan_frames(pfn, frames, use, arg);
}

static bool is_gone(uint64_t addr)
{
	for (unsigned i = 0; i < mark.gone_count; i++)
		if (addr >= mark.gone[i].start && addr < mark.gone[i].end)
			return true;
	return false;
}

/* An area may be the static variables of a module. */
static void scan_percpu(const struct kf_object *area, void *arg)
{
	for (unsigned cpu = 0; cpu < kf_layout()->nr_cpus; cpu++) {
		uint64_t start = (uint64_t)kf_per_cpu_ptr((uint64_t)area->addr, cpu);

		if (!is_gone(start))
			scan(start, start + area->size, 0);
	}
}

static void scan_vm(const struct kf_object *area, void *arg)
{
	uint64_t vm = (uint64_t)kf_find_vm_area(area->addr);

	if (vm)
		scan(vm, vm + sizeof(struct kf_vm), 0);
}

/* The allocators' own pointer to an area is no way to it. */
static void scan_vms(void)
{
	uint64_t *from = mark.from;

	flush();
	mark.from = NULL;
	kf_vmalloc_for_each(scan_vm, NULL);
	flush();
	mark.from = from;
}

/* Grey from the start: by hand, or because a module said so. */
static void queue_grey(struct kml_object *object, void *arg)
{
	uint32_t slot;
	const struct kml_run *run;

	if (object->min_count != 0 || object->flags & OBJECT_NO_SCAN || object->what == KML_GONE)
		return;
	run = kml_index_find(object->range.start, &slot);
	if (run)
		mark.queue[mark.tail++] = (struct queued){(uint32_t)(run - kml_index.runs), slot};
}

uint64_t kml_mark(uint64_t *from)
{
	if (!mark.queue)
		mark.queue = kml_table((1ull << 28) * sizeof(*mark.queue));
	if (!mark.sorted)
		mark.sorted = kml_table((1ull << 28) * sizeof(*mark.sorted));
	mark.head = mark.tail = 0;
	mark.count = 0;
	mark.bytes = 0;
	mark.gone_count = 0;
	mark.from = from;
	VALGRIND_DISABLE_ERROR_REPORTING;
	if (kml_world.roots)
		kml_world.roots(scan_root, NULL);
	kf_percpu_for_each(scan_percpu, NULL);
	kf_frames_for_each(scan_used, NULL);
	scan_vms();
	kml_for_each(queue_grey, NULL);
	drain();
	VALGRIND_ENABLE_ERROR_REPORTING;
	mark.from = NULL;
	return mark.bytes;
}

uint64_t kml_mark_more(const uint32_t *ids, uint32_t n)
{
	mark.bytes = 0;
	for (uint32_t i = 0; i < n; i++) {
		const struct kml_run *run = kml_index_run_of(ids[i]);

		mark.queue[mark.tail++] =
			(struct queued){(uint32_t)(run - kml_index.runs), ids[i] - run->id};
	}
	VALGRIND_DISABLE_ERROR_REPORTING;
	drain();
	VALGRIND_ENABLE_ERROR_REPORTING;
	return mark.bytes;
}

NOT_SANITIZED void kml_for_each_word(uint64_t start, uint64_t size,
				     void (*fn)(uint64_t where, uint64_t value, void *arg),
				     void *arg)
{
	VALGRIND_DISABLE_ERROR_REPORTING;
	for (uint64_t at = (start + 7) & ~7ull; at + 8 <= start + size; at += 8) {
		uint64_t pfn = is_mapped(at) ? kf_mapped_frame((void *)at) : 0;
		uint64_t real = at;

		if (pfn == UINT64_MAX)
			continue;
		if (pfn)
			real = (uint64_t)kf_frame_virt(pfn) + (at & ~KF_PAGE_MASK);
		fn(at, *(const uint64_t *)real, arg);
	}
	VALGRIND_ENABLE_ERROR_REPORTING;
}
