// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hooks of a run (see judge.h for the course of one); its journal is in journal.c, its evidence in evidence.c.
 *
 * A free does not look in the journal, it only counts. The allocating stack is the object's alloc_tag, the freeing stack its free_tag: the
 * allocators keep both with the object, and hand them back with every bug they tell.
 *
 * Hooks run on the kernel's stacks in the midst of an allocation. They allocate nothing from the
 * host, except the journal's pages on first use.
 */
#include "evidence.h"
#include "kernel_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <xxhash.h>
#include "../../allocator/core/hooks.h"
#include "../../allocator/core/objects.h"
#include "../../allocator/core/settings.h"
#include "../../allocator/slab/slab.h"
#include "../inject/passed.h"
#include "../memcheck/memcheck.h"
#include "../trace/depot.h"
#include "../trace/graph.h"
#include "../trace/tracing.h"
#include "../trace/util.h"

/* preempt_count, include/linux/preempt.h of 6.1: softirq, hardirq and NMI fields. */
#define INTERRUPT_MASK 0x00ffff00u
#define NMI_MASK       0x00f00000u

static struct evidence evidence_list[EVIDENCE_MAX];
RUN_STATE struct judge judge = {.evidence = evidence_list};

/*
 * The request in flight, from might_alloc to allocated, and who made it, as soon as somebody has asked: one walk of the
 * stack serves them all. Other hooks and events (a free, damage found on the way) belong to no request.
 */
static RUN_STATE struct {
	bool open, walked;
	enum kf_kind kind;
	size_t size;
	struct caller caller;
} in_flight;

/* Of judge_keep(). */
static struct {
	struct journal_entry *entries;
	uint32_t count;
	uint64_t base_seq; /* 0: nothing was prepared */
} kept;

static void (*log_sink)(const char *line);
static RUN_STATE void (*log_listener)(const char *line);

static uint64_t text_salt(const char *text)
{
	return XXH64(text, strlen(text), 0);
}

const char *judge_unable(void)
{
	/* Whose an object is that nobody knows the stack of, nobody knows either. */
	if (!judge.unable && depot_lost() != judge.lost_stacks)
		return "the depot of stacks is full: who asked for what is not known any more";
	return judge.unable;
}

/* ---- who asks ---- */

/* In the hooks of a request only: one that failed is in flight until the next one. */
static struct caller request_caller(void)
{
	if (!in_flight.walked)
		in_flight.caller = judge.planting ? canary_caller() : judge.eyes.caller();
	in_flight.walked = true;
	return in_flight.caller;
}

static void request_begin(const struct kf_request *req)
{
	in_flight.open = true;
	in_flight.walked = false;
	in_flight.kind = req->kind;
	in_flight.size = req->size;
}

/* An object is born: by the request in flight, or by something that is no request (a block that is split). */
static struct caller request_end(const struct kf_object *obj)
{
	bool ours = in_flight.open && in_flight.kind == obj->kind && in_flight.size == obj->size;

	in_flight.open = false;
	return ours ? request_caller() : judge.eyes.caller();
}

/* ---- context ---- */

static bool is_atomic(const struct target_context *c)
{
	return c->preempt_count || c->irqs_disabled || c->rcu_depth;
}

static bool in_interrupt(const struct target_context *c)
{
	return c->preempt_count & INTERRUPT_MASK;
}

static const char *describe(const struct target_context *c, char *buf, size_t size)
{
	snprintf(buf, size, "preempt_count 0x%x, interrupts %s, RCU depth %u", c->preempt_count,
		 c->irqs_disabled ? "off" : "on", c->rcu_depth);
	return buf;
}

/* The task, its locks, and what the kernel would print go with it. */
static void add_circumstances(struct evidence *e, enum splat splat)
{
	if (!e)
		return;
	e->splat = splat;
	locks_tell_task(e);
	locks_tell_held(e);
}

static void sleeps_while_atomic(const char *what, const struct target_context *c, uint32_t stack)
{
	char buf[96];

	add_circumstances(evidence_sentence(FINDING_SLEEP_IN_ATOMIC, stack, 0,
					    "%s may sleep, but the context is atomic (%s)", what,
					    describe(c, buf, sizeof(buf))),
			  strcmp(what, "schedule") ? SPLAT_SLEEP : SPLAT_SCHEDULE);
}

static const char *request_name(const struct kf_request *req)
{
	switch (req->kind) {
	case KF_VMALLOC:
		return "vmalloc";
	case KF_VMAP:
		return "vmap";
	case KF_PERCPU:
		return "alloc_percpu";
	case KF_CACHE:
		return "kmem_cache_create";
	case KF_PAGES:
		return "a page allocation with __GFP_DIRECT_RECLAIM";
	default:
		return "a slab allocation with __GFP_DIRECT_RECLAIM";
	}
}

static bool maps_memory(enum kf_kind kind)
{
	return kind == KF_VMALLOC || kind == KF_VMAP;
}

static void forbidden_in_interrupt(const char *what, uint32_t stack)
{
	add_circumstances(
		evidence_sentence(FINDING_CONTEXT, stack, 0, "%s is called in an interrupt", what),
		SPLAT_SLEEP);
}

/* An NMI may have interrupted the allocators themselves: none may be used, GFP_ATOMIC or not. */
static void forbidden_in_nmi(const char *what, uint32_t stack)
{
	add_circumstances(evidence_sentence(FINDING_CONTEXT, stack, 0,
					    "%s in an NMI, which may have interrupted the "
					    "allocators themselves",
					    what),
			  SPLAT_NONE);
}

static void forbidden_while_atomic(const char *what, const struct target_context *c, uint32_t stack)
{
	char buf[96];

	add_circumstances(
		evidence_sentence(FINDING_CONTEXT, stack, 0,
				  "%s is called in atomic context (%s), where it may sleep", what,
				  describe(c, buf, sizeof(buf))),
		SPLAT_SLEEP);
}

/* ---- hooks ---- */

__attribute__((noinline)) void kfail_finding(const struct finding *finding)
{
	__asm__ volatile("" : : "r"(finding) : "memory");
}

/* Whoever may wait for memory waits for shrinkers and filesystems; whoever must not fail has to be able to wait. */
static void check_blocking(const struct kf_request *req)
{
	if (req->gfp & KF_GFP_DIRECT_RECLAIM) {
		if (req->gfp & KF_GFP_FS && *locks_eyes.count)
			locks_allocates();
	} else if (req->gfp & KF_GFP_NOFAIL && request_caller().on_behalf) {
		evidence_sentence(FINDING_CONTEXT, request_caller().stack, 1,
				  "%s with __GFP_NOFAIL, but without __GFP_DIRECT_RECLAIM: it must "
				  "not fail, and may not wait for memory",
				  maps_memory(req->kind) ? request_name(req) : "a request");
	}
}

static void hook_might_alloc(const struct kf_request *req)
{
	struct target_context c;

	if (!judge.running)
		return;
	if (memcheck_on)
		judge_accesses();
	request_begin(req);
	if (req->gfp & KF_GFP_NOFAIL)
		inject_never_asked(req, request_caller);
	check_blocking(req);
	judge.eyes.context(&c);
	if (!is_atomic(&c))
		return;
	if (c.preempt_count & NMI_MASK)
		forbidden_in_nmi("memory is allocated", request_caller().stack);
	else if (maps_memory(req->kind) && in_interrupt(&c))
		forbidden_in_interrupt(request_name(req), request_caller().stack);
	else if (maps_memory(req->kind) || req->gfp & KF_GFP_DIRECT_RECLAIM)
		sleeps_while_atomic(request_name(req), &c, request_caller().stack);
}

uint64_t kfail_refused_pc;

/* Not empty for the compiler, so that every call of it is made. */
__attribute__((noinline)) void kfail_refused(uint32_t n)
{
	__asm__ volatile("" : : "r"(n) : "memory");
}

static void note_refusal(const struct refusal *refusal)
{
	const uint64_t *pcs;
	unsigned n = depot_get(refusal->stack, &pcs);
	unsigned driver = blame_driver_frame(pcs, n);

	judge.refused_at = judge.journal_count;
	judge.refused_traced = graph_position();
	graph_mark("request %u is refused", refusal->n);
	kfail_refused_pc = driver < n ? pcs[driver] : 0;
	if (kf_tracing)
		trace_refused(&refusal->request, refusal->n, refusal->stack,
			      capability_name(refusal->capability));
	kfail_refused(refusal->n);
}

static bool hook_should_fail(const struct kf_request *req)
{
	if (!judge.running || judge.planting)
		return false;
	if (!inject_should_fail(req, request_caller))
		return false;
	note_refusal(inject_last());
	return true;
}

/* calls_should_fail(): a call that is a point. It is no request for memory, nor in the midst of one. */
static bool call_should_fail(const struct call_point *point)
{
	if (!judge.running)
		return false;
	if (!inject_call_should_fail(point, judge.eyes.caller)) {
		reported_passed(point);
		return false;
	}
	note_refusal(inject_last());
	reported_refused(point);
	return true;
}

static u32 hook_allocated(const struct kf_object *obj)
{
	struct journal_entry entry = {
		.addr = (uint64_t)obj->addr, .seq = obj->seq, .kind = (uint8_t)obj->kind};
	struct caller caller;
	const char *unable;

	if (!judge.running)
		return 0;
	caller = request_end(obj);
	if (kf_tracing)
		trace_allocated(obj, caller.stack);
	entry.stack = caller.stack;
	entry.on_behalf = caller.on_behalf;
	entry.point = inject_points();
	unable = journal_add(&entry);
	if (unable)
		judge.unable = unable;
	else
		judge.live++;
	return caller.stack;
}

/* vfree() may sleep unless an interrupt calls it, when it is put off; the others that are listed
 * take a mutex. */
static void check_free_context(const struct kf_object *obj, uint32_t stack)
{
	struct target_context c;

	judge.eyes.context(&c);
	if (c.preempt_count & NMI_MASK)
		forbidden_in_nmi("memory is freed", stack);
	if (!is_atomic(&c) || c.preempt_count & NMI_MASK ||
	    (!maps_memory(obj->kind) && obj->kind != KF_CACHE))
		return;
	if (obj->kind == KF_CACHE)
		sleeps_while_atomic("kmem_cache_destroy", &c, stack);
	else if (obj->kind == KF_VMAP && in_interrupt(&c))
		forbidden_in_interrupt("vunmap", stack);
	else if (!in_interrupt(&c))
		forbidden_while_atomic(obj->kind == KF_VMAP ? "vunmap" : "vfree", &c, stack);
}

static u32 hook_freed(const struct kf_object *obj)
{
	u32 stack;

	if (!judge.running)
		return 0;
	if (memcheck_on)
		judge_accesses();
	in_flight.open = false;
	stack = judge.eyes.caller().stack;
	returned_note(obj->alloc_tag, stack);
	check_free_context(obj, stack);
	if (*locks_eyes.count)
		locks_freed(obj, stack);
	memory_freed(obj, stack);
	if (kf_tracing)
		trace_freed(obj, stack);
	if (obj->seq > judge.base_seq && judge.live)
		judge.live--;
	return stack;
}

static void hook_bug(const struct kf_bug *bug)
{
	if (judge.running)
		memory_bug(bug);
}

/* As %pS: function+offset/size [module]. */
static void describe_frame(const struct stack_frame *frame,
			   void (*fn)(const char *frame, void *arg), void *arg)
{
	char text[256];

	snprintf(text, sizeof(text), "%s+0x%llx/0x%llx%s%s%s", frame->function,
		 (unsigned long long)frame->offset, (unsigned long long)frame->size,
		 frame->module ? " [" : "", frame->module ? frame->module : "",
		 frame->module ? "]" : "");
	fn(text, arg);
}

static void hook_describe(u32 tag, void (*fn)(const char *frame, void *arg), void *arg)
{
	struct stack stack;

	stack_name_from_hook(&stack, tag == KF_TAG_HERE ? judge.eyes.caller().stack : tag);
	for (unsigned i = 0; i < stack.count; i++)
		if (!stack.frames[i].inlined)
			describe_frame(&stack.frames[i], fn, arg);
	stack_clear(&stack);
}

/* ---- course of a run ---- */

void judge_set_reach(char *(*reach)(const void *addr, size_t size))
{
	judge.reach = reach;
}

void judge_attach(const struct judge_eyes *eyes)
{
	judge.eyes = *eyes;
	journal_open();
	judge.attached = true;
	kf_hooks.might_alloc = hook_might_alloc;
	kf_hooks.should_fail = hook_should_fail;
	kf_hooks.allocated = hook_allocated;
	kf_hooks.freed = hook_freed;
	kf_hooks.bug = hook_bug;
	kf_hooks.describe = hook_describe;
	kf_hooks.shown = judge_shown;
	calls_should_fail = call_should_fail;
}

void judge_keep(void)
{
	kept.entries = xreallocarray(kept.entries, judge.live, sizeof(*kept.entries));
	kept.count = journal_alive(kept.entries, judge.live);
	kept.base_seq = judge.base_seq;
}

/* What a preparation made comes first. */
static void begin_journal(void)
{
	journal_reset();
	for (uint32_t i = 0; i < kept.count; i++)
		journal_add(&kept.entries[i]);
	judge.live = kept.count;
	judge.base_seq = kept.base_seq ? kept.base_seq : kf_sequence();
}

void judge_begin(void)
{
	begin_journal();
	judge.known_stuck_count = 0;
	judge.evidence_count = 0;
	judge.hurt_count = 0;
	judge.announced.size = 0;
	judge.refused_at = 0;
	judge.refused_traced = 0;
	judge.compactions = 0;
	judge.lost_stacks = depot_lost();
	judge.unable = kf_settings()->hooks ? NULL : "the allocators ask and tell nobody (hooks=0)";
	in_flight.open = false;
	locks_begin();
	reported_begin();
	judge.running = judge.attached;
}

void judge_end(void)
{
	judge.running = false;
}

static const struct {
	enum finding_kind kind;
} death_kinds[] = {
	[DEATH_NULL_DEREFERENCE] = {FINDING_NULL_DEREFERENCE},
	[DEATH_WILD_ACCESS] = {FINDING_WILD_ACCESS},
	[DEATH_BUG] = {FINDING_BUG},
	[DEATH_ENDLESS_LOOP] = {FINDING_HANG},
	[DEATH_DEADLOCK] = {FINDING_HANG},
	[DEATH_STACK_OVERFLOW] = {FINDING_STACK_OVERFLOW},
	[DEATH_OUT_OF_BOUNDS] = {FINDING_OUT_OF_BOUNDS},
	[DEATH_USE_AFTER_FREE] = {FINDING_USE_AFTER_FREE},
	[DEATH_UNINITIALISED] = {FINDING_UNINITIALISED_VALUE},
};

/* The instruction that hit a fence or a guard page: what KASAN would have said of it before. */
static void note_access(struct evidence *e, const struct death *death)
{
	const struct kf_object *object = &death->object;

	e->bug.object = *object;
	if (object->cache)
		snprintf(e->cache, sizeof(e->cache), "%s", kf_cache_name(object->cache));
	if (!object->addr || !death->access.size)
		return;
	e->access = (struct evidence_access){
		.addr = death->access.addr,
		.size = death->access.size,
		.write = death->access.write,
		.type = kernel_text_access_type(object, !object->live),
	};
}

void judge_died(const struct death *death, const char *operation)
{
	struct evidence *e;

	if (death->kind == DEATH_NONE || death->kind == DEATH_NOT_JUDGED)
		return;
	/* Instrumented code told of the access that it died of. */
	if (death->address && judge_told_access(death->address))
		return;
	e = evidence_sentence(death_kinds[death->kind].kind, death->stack, 0, "%s, in %s",
			      death->what, operation);
	if (!e)
		return;
	e->exact = death->exact_pc;
	note_access(e, death);
	e->moving = death->kind == DEATH_ENDLESS_LOOP;
	locks_explain_death(e);
}

bool judge_check_context(const struct target_context *before, const struct target_context *after,
			 const char *operation)
{
	char was[96], is[96];
	struct evidence *e;

	if (before->preempt_count == after->preempt_count &&
	    before->irqs_disabled == after->irqs_disabled && before->rcu_depth == after->rcu_depth)
		return true;
	e = evidence_sentence(
		FINDING_LOCK_IMBALANCE, 0, text_salt(operation),
		"%s left the context unbalanced: %s before, %s after (a lock, RCU section or "
		"disabled interrupts were not given back)",
		operation, describe(before, was, sizeof(was)), describe(after, is, sizeof(is)));
	add_circumstances(e, SPLAT_AT_END);
	return false;
}

void judge_note(enum finding_kind kind, const char *format, ...)
{
	struct evidence *e;
	va_list args;
	char text[sizeof(e->what)];

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	e = evidence_add(EVIDENCE_SENTENCE, kind, 0, text_salt(text));
	if (!e)
		return;
	memcpy(e->what, text, sizeof(text));
	evidence_noted(e);
}

/* ---- events ---- */

void judge_sleep_in_atomic(const char *what, const struct target_context *context)
{
	if (judge.running)
		sleeps_while_atomic(what, context, judge.eyes.caller().stack);
}

void judge_warning(const char *what)
{
	if (judge.running)
		evidence_sentence(FINDING_WARNING, judge.eyes.caller().stack, 0, "%s", what);
}

void judge_context(const char *what)
{
	if (judge.running)
		add_circumstances(evidence_sentence(FINDING_CONTEXT, judge.eyes.caller().stack, 0,
						    "%s", what),
				  SPLAT_NONE);
}

void judge_not_running(const char *what, unsigned state)
{
	if (judge.running && judge.eyes.caller().on_behalf)
		add_circumstances(
			evidence_sentence(FINDING_CONTEXT, judge.eyes.caller().stack, 2,
					  "do not call blocking ops when !TASK_RUNNING: %s may "
					  "sleep, and the task waits for something else already "
					  "(state=%x)",
					  what, state),
			SPLAT_NOT_RUNNING);
}

/* What the allocators print, the kernel would have printed. Texts are made only for those who read them. */
static void hook_log(int level, const char *line)
{
	judge_log(line);
}

void judge_set_log(void (*sink)(const char *line))
{
	log_sink = sink;
	kf_hooks.log = sink ? hook_log : kf_log_nowhere;
}

void judge_listen(void (*listener)(const char *line))
{
	log_listener = listener;
}

void judge_log(const char *line)
{
	if (log_listener)
		log_listener(line);
	if (log_sink)
		log_sink(line);
}
