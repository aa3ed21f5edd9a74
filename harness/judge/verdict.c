// SPDX-License-Identifier: GPL-2.0-only
/*
 * From evidence to findings: stacks get names, and each finding its sentence. Called only when
 * there is evidence, after the run and before the world is restored, since names of caches and the
 * allocators' records of objects lie in world memory.
 *
 * A sentence says what went wrong, where in the driver, and when; sizes and addresses come last.
 * The identity of a finding (finding_set_id()) does not depend on them.
 */
#include "evidence.h"
#include "kernel_text.h"
#include "../inject/interrupts.h"
#include "../../allocator/slab/slab.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../allocator/core/objects.h"
#include "../../allocator/page/fence.h"
#include "../trace/depot.h"
#include "../trace/graph.h"
#include "../../allocator/core/gfp.h"
#include "../trace/util.h"

/* A run that forgets thousands of objects is not better told by listing all of them. */
#define OBJECTS_MAX 64

/* The call that a driver made: what it called, and the line. */
struct call {
	const char *callee;		 /* NULL: unknown */
	const struct stack_frame *where; /* NULL: the driver is not on the stack */
};

/* Inline functions of the kernel's headers are the kernel's words, though the code is in the
 * driver. */
static bool is_kernel_header(const struct stack_frame *frame)
{
	const char *file = frame->file;

	return file && (strstr(file, "linux-headers-") || strstr(file, "/include/linux/") ||
			strstr(file, "harness/native/include/") ||
			!strncmp(file, "include/linux/", 14) || !strncmp(file, "./include/", 10));
}

/* A process that puts runs together has no eyes of its own: there, any module's. */
static bool in_driver(const struct stack_frame *frame)
{
	const char *driver = judge.eyes.module;

	return frame->module && (!driver || !strcmp(frame->module, driver));
}

static struct call find_call(const struct stack *stack)
{
	struct call call = {0};

	for (unsigned i = 0; i < stack->count; i++) {
		const struct stack_frame *frame = &stack->frames[i];

		if (in_driver(frame) && !is_kernel_header(frame)) {
			call.where = frame;
			return call;
		}
		if (!frame->module || strcmp(frame->module, "kfail") != 0)
			call.callee = frame->function;
	}
	return call;
}

/* "foo_init at foo.c:12"; the stack has the whole path. */
static char *place_text(const struct stack_frame *where)
{
	const char *slash = where && where->file ? strrchr(where->file, '/') : NULL;

	if (!where)
		return xstrdup("code outside the driver");
	if (!where->file)
		return xasprintf("%s+0x%llx", where->function, (unsigned long long)where->offset);
	return xasprintf("%s at %s:%d", where->function, slash ? slash + 1 : where->file,
			 where->line);
}

char *verdict_place(const struct stack *stack)
{
	return place_text(find_call(stack).where);
}

/* The resource that any function on the way into the kernel registers, nearest to the driver first.
 */
static const struct resource *resource_of(const struct stack *stack,
					  const struct stack_frame *where)
{
	const struct stack_frame *frame = where;

	while (where && frame-- > stack->frames) {
		const struct resource *resource = resource_find(frame->function);

		if (resource)
			return resource;
		/* The function that was called directly is the last chance. */
		if (!is_kernel_header(frame))
			break;
	}
	return NULL;
}

static char *text_or_null(const char *text)
{
	return text && text[0] ? xstrdup(text) : NULL;
}

static void fill_call(struct point *point, const struct call_point *call)
{
	char text[64];

	point->api = xstrdup(call->import);
	point->gfp = xstrdup("");
	point->returns = xstrdup(call_point_text(call, text, sizeof(text)));
}

static void fill_point(struct finding *f, const struct refusal *refusal)
{
	char gfp[GFP_TEXT_MAX];

	if (!refusal->n)
		return;
	f->has_point = true;
	f->point.n = refusal->n;
	stack_name_handle(&f->point.stack, refusal->stack);
	if (refusal->call) {
		fill_call(&f->point, refusal->call);
		return;
	}
	f->point.size = refusal->request.size;
	f->point.gfp = xstrdup(gfp_to_text(refusal->request.gfp, gfp, sizeof(gfp)));
	f->point.cache = text_or_null(refusal->cache);
	f->point.api = xstrdup(api_name(&f->point.stack, &refusal->request));
}

static void fill_interrupt(struct came *to, const struct interrupt *from)
{
	static const char *const kinds[] = {
		[INTERRUPT_LINE] = "irq",
		[INTERRUPT_TIMER] = "timer",
		[INTERRUPT_HRTIMER] = "hrtimer",
		[INTERRUPT_TASKLET] = "tasklet",
	};
	struct stack handler = {0};

	if (!from)
		return;
	to->n = from->n;
	to->what = from->kind == INTERRUPT_LINE ? xasprintf("irq %u \"%s\"", from->irq, from->name)
						: xstrdup(kinds[from->kind]);
	stack_name(&handler, &from->handler, 1, true);
	to->handler = xstrdup(handler.count ? handler.frames[0].function : "?");
	stack_clear(&handler);
	stack_name_handle(&to->stack, from->stack);
}

static void name_place(struct finding *f, const struct evidence *e)
{
	const uint64_t *pcs;
	unsigned n = depot_get(e->stack, &pcs);

	stack_name(&f->stack, pcs, n, e->exact);
	f->moving = e->moving;
}

static struct finding_object *object_new(struct finding *f)
{
	f->objects = xreallocarray(f->objects, f->object_count + 1, sizeof(*f->objects));
	return memset(&f->objects[f->object_count++], 0, sizeof(*f->objects));
}

static const char *owner_of(const struct journal_entry *entry)
{
	const char *owner = blame_owner(entry);

	return owner ? owner : "kernel";
}

/* Bytes of an address that points to plain memory; what has gone since the look at what is left may be out of reach. */
static bool has_content(const struct journal_entry *entry)
{
	return (entry->kind == KF_SLAB || entry->kind == KF_KMALLOC_LARGE ||
		entry->kind == KF_VMALLOC) &&
	       !kf_fence_hidden(entry->addr);
}

static void add_content(struct finding_object *o, const struct journal_entry *entry)
{
	if (!has_content(entry))
		return;
	o->content_size = entry->size < CONTENT_MAX ? (unsigned)entry->size : CONTENT_MAX;
	memcpy(o->content, (const void *)entry->addr, o->content_size);
}

/* What helps to see why it was left: only of what is still there when the verdict is given. Who points to it is a search through
 * all memory, which an issue of the kernel itself is not worth. */
static void add_leftover(struct finding_object *o, const struct journal_entry *entry, bool core)
{
	o->leftover = true;
	o->age = inject_points() - entry->point;
	add_content(o, entry);
	o->searched = judge.reach && !core;
	if (o->searched)
		o->path = judge.reach((const void *)entry->addr, entry->size);
	returned_name(entry->stack, &o->returned);
}

static void add_entry(struct finding *f, const struct journal_entry *entry)
{
	struct finding_object *o = object_new(f);
	struct kf_object now;

	o->type = xstrdup(object_type(entry->kind, entry->cache));
	o->addr = entry->addr;
	o->size = entry->size;
	o->cache = entry->kind == KF_CACHE ? NULL : text_or_null(entry->cache);
	o->owner = xstrdup(owner_of(entry));
	stack_name_handle(&o->allocated, entry->stack);
	/* What a scan found in the midst of the run may be freed by now. */
	if (!journal_object(entry, &now))
		return;
	if (now.live)
		add_leftover(o, entry, f->core);
	else
		stack_name_handle(&o->freed, now.free_tag);
}

static uint64_t add_chain(struct finding *f, const struct evidence *e)
{
	uint64_t bytes = 0;

	for (uint32_t i = e->first; i != NOTHING; i = judge.left[i].next) {
		bytes += judge.left[i].size;
		if (f->object_count < OBJECTS_MAX)
			add_entry(f, &judge.left[i]);
	}
	return bytes;
}

/* ---- leftovers ---- */

static const char *plural(unsigned count)
{
	return count == 1 ? "" : "s";
}

/* What the driver called, as its author wrote it. */
static char *callee_text(const struct call *call, const struct stack *stack, enum kf_kind kind)
{
	const struct kf_request like = {.kind = kind};
	const char *name = call->callee ? call->callee : api_name(stack, &like);

	return xasprintf("%.*s()", (int)name_length(name), name);
}

static char *size_text(const struct evidence *e, uint64_t bytes)
{
	if (e->count == 1)
		return xasprintf("%llu byte%s", (unsigned long long)bytes, bytes == 1 ? "" : "s");
	return xasprintf("%u objects of %llu bytes together", e->count, (unsigned long long)bytes);
}

static void leftover_sentence(struct finding *f, const struct evidence *e, uint64_t bytes)
{
	const struct journal_entry *first = &judge.left[e->first];
	const struct stack *stack = &f->objects[0].allocated;
	struct call call = find_call(stack);
	const struct resource *resource = resource_of(stack, call.where);
	char *place = place_text(call.where), *size = size_text(e, bytes);
	char *callee = callee_text(&call, stack, first->kind);

	if (resource) {
		f->kind = FINDING_RESOURCE_LEAK;
		f->what = xasprintf("%s is left %s: %s was called by %s and nothing undid it; "
				    "%s stay",
				    resource->noun, e->when, callee, place, size);
	} else if (first->kind == KF_CACHE) {
		f->what = xasprintf("kmem_cache \"%s\" is never destroyed %s: %s was called by %s",
				    first->cache ? first->cache : "?", e->when, callee, place);
	} else {
		f->what = xasprintf("%s from %s, called by %s, are not freed %s", size, callee,
				    place, e->when);
	}
	free(callee);
	free(size);
	free(place);
}

/* A record of kmemleak for each object that it would know. */
static char *leftovers_in_kernel_words(const struct evidence *e)
{
	char *all = NULL, *record, *longer;
	unsigned told = 0;

	for (uint32_t i = e->first; i != NOTHING && told < OBJECTS_MAX;
	     i = judge.left[i].next, told++) {
		const struct journal_entry *entry = &judge.left[i];

		if (!has_content(entry))
			continue;
		record = kernel_text_leak((const void *)entry->addr, entry->size, entry->stack);
		longer = all ? xasprintf("%s\n%s", all, record) : xstrdup(record);
		free(record);
		free(all);
		all = longer;
	}
	return all;
}

static void fill_leftover(struct finding *f, const struct evidence *e)
{
	uint64_t bytes = add_chain(f, e);

	f->when = xstrdup(e->when);
	leftover_sentence(f, e, bytes);
	f->kernel_report = leftovers_in_kernel_words(e);
}

/* ---- what the allocators told ---- */

static void add_bug_object(struct finding *f, const struct evidence *e)
{
	const struct kf_object *from = &e->bug.object;
	struct finding_object *o;
	struct journal_entry like = {.stack = from->alloc_tag};

	if (!from->addr)
		return;
	o = object_new(f);
	o->type = xstrdup(object_type(from->kind, e->cache));
	o->addr = (uint64_t)from->addr;
	o->size = from->size;
	o->cache = text_or_null(e->cache);
	o->owner = xstrdup(owner_of(&like));
	stack_name_handle(&o->allocated, from->alloc_tag);
	stack_name_handle(&o->freed, from->free_tag);
}

static char *damage_text(const struct kf_bug *bug, const char *cache)
{
	uint64_t start = (uint64_t)bug->object.addr, at = (uint64_t)bug->addr;
	long long offset = (long long)(at - start);
	const char *relation = "inside";

	if (at < start) {
		relation = "before";
		offset = -offset;
	} else if (at >= start + bug->object.size) {
		relation = "behind the end of";
		offset -= (long long)bug->object.size;
	}
	return xasprintf("%lld byte%s %s an object of %zu bytes%s%s (%zu byte%s changed, the first "
			 "from 0x%02x "
			 "to 0x%02x)",
			 offset, offset == 1 ? "" : "s", relation, bug->object.size,
			 cache[0] ? " of " : "", cache, bug->damaged, bug->damaged == 1 ? "" : "s",
			 bug->expected, bug->found);
}

static char *object_text(const struct kf_bug *bug, const char *cache)
{
	if (!bug->object.addr)
		return xasprintf("0x%llx", (unsigned long long)(uint64_t)bug->addr);
	return xasprintf("an object of %zu bytes%s%s", bug->object.size, cache[0] ? " of " : "",
			 cache);
}

static char *bug_sentence(const struct evidence *e)
{
	const struct kf_bug *bug = &e->bug;
	char *object = object_text(bug, e->cache), *damage = NULL, *text;
	const char *what = bug->what ? bug->what : "the allocator found damage";

	switch (bug->kind) {
	case KF_BUG_DOUBLE_FREE:
		text = bug->object.kind == KF_CACHE ? xasprintf("kmem_cache_destroy() of a cache "
								"that is destroyed already")
						    : xasprintf("%s is freed again", object);
		break;
	case KF_BUG_REDZONE:
		damage = damage_text(bug, e->cache);
		text = xasprintf("written out of bounds: %s", damage);
		break;
	case KF_BUG_WRITE_AFTER_FREE:
		damage = damage_text(bug, e->cache);
		text = xasprintf("written after it was freed: %s", damage);
		break;
	case KF_BUG_CACHE_NOT_EMPTY:
		text = xasprintf(
			"kmem_cache_destroy() of \"%s\" while %u object%s of it %s not freed",
			e->cache, e->count, plural(e->count), e->count == 1 ? "is" : "are");
		break;
	case KF_BUG_WRONG_CACHE:
		text = xasprintf("%s: %s, given to %s", what, object,
				 e->bug.cache ? kf_cache_name(e->bug.cache) : "no cache");
		break;
	case KF_BUG_INVALID_FREE:
	case KF_BUG_WRONG_FAMILY:
		text = xasprintf("%s: %s", what, object);
		break;
	default:
		text = xstrdup(what);
	}
	free(damage);
	free(object);
	return text;
}

static const char *kasan_type(const struct kf_bug *bug)
{
	return bug->kind == KF_BUG_DOUBLE_FREE ? "double-free" : "invalid-free";
}

/* What slub_debug or KASAN would have said; NULL: nothing. */
static char *bug_in_kernel_words(const struct evidence *e)
{
	const struct kf_bug *bug = &e->bug;

	switch (bug->kind) {
	case KF_BUG_REDZONE:
	case KF_BUG_WRITE_AFTER_FREE:
		return kernel_text_slub(bug, e->stack);
	case KF_BUG_DOUBLE_FREE:
	case KF_BUG_INVALID_FREE:
	case KF_BUG_WRONG_CACHE:
	case KF_BUG_WRONG_FAMILY:
		if (bug->object.kind == KF_CACHE)
			return NULL;
		return kernel_text_kasan(&(struct kasan_access){.type = kasan_type(bug),
								.addr = (uint64_t)bug->addr,
								.stack = e->stack,
								.object = &bug->object});
	default:
		return NULL;
	}
}

static void fill_access(struct finding *f, const struct evidence *e)
{
	add_bug_object(f, e);
	f->what = xstrdup(e->what);
	f->access = (struct finding_access){
		.type = xstrdup(e->access.type),
		.addr = e->access.addr,
		.size = e->access.size,
		.write = e->access.write,
	};
	f->kernel_report = kernel_text_kasan(&(struct kasan_access){.type = e->access.type,
								    .addr = e->access.addr,
								    .size = e->access.size,
								    .write = e->access.write,
								    .stack = e->stack,
								    .exact = e->exact,
								    .object = &e->bug.object});
}

/* Of an uninitialised value, or of a death elsewhere than at a fence, there is no access that KASAN would tell. */
static void fill_sentence(struct finding *f, const struct evidence *e)
{
	if (e->access.type) {
		fill_access(f, e);
		return;
	}
	add_bug_object(f, e);
	f->what = xstrdup(e->what);
}

/* In the words of lib/debugobjects.c, behind our own. */
static char *active_sentence(const struct evidence *e)
{
	char *object = object_text(&e->bug, e->cache), *hint, *text;
	struct stack_frame frame = {0};
	struct stack stack = {0};

	if (e->active.function)
		stack_name(&stack, &e->active.function, 1, true);
	if (stack.count)
		frame = stack.frames[stack.count - 1]; /* not what is inlined in it */
	hint = frame.function ? xasprintf("%s+0x%llx/0x%llx%s%s%s", frame.function,
					  (unsigned long long)frame.offset,
					  (unsigned long long)frame.size, frame.module ? " [" : "",
					  frame.module ? frame.module : "", frame.module ? "]" : "")
			      : xstrdup("0x0");
	text = xasprintf("%s is freed while the %s in it, at offset %llu, is active%s%s%s (ODEBUG: "
			 "free active (active state 0) object type: %s hint: %s)",
			 object, e->active.type, (unsigned long long)e->active.offset,
			 frame.function ? " and will call " : "",
			 frame.function ? frame.function : "", frame.function ? "()" : "",
			 e->active.type, hint);
	stack_clear(&stack);
	free(object);
	free(hint);
	return text;
}

static void fill_bug(struct finding *f, const struct evidence *e)
{
	if (e->bug.kind == KF_BUG_CACHE_NOT_EMPTY) {
		if (e->count)
			add_chain(f, e);
	} else {
		add_bug_object(f, e);
	}
	f->what = bug_sentence(e);
	f->kernel_report = bug_in_kernel_words(e);
}

/* ---- all ---- */

static void fill(struct finding *f, const struct evidence *e)
{
	memset(f, 0, sizeof(*f));
	f->kind = e->kind;
	f->core = e->reason != NULL;
	f->reason = text_or_null(e->reason);
	fill_point(f, &e->point);
	fill_interrupt(&f->interrupt, interrupts_last());
	f->trace = graph_text(judge.refused_traced, e->traced);
	name_place(f, e);
	switch (e->form) {
	case EVIDENCE_SENTENCE:
	case EVIDENCE_WATCHED:
		fill_sentence(f, e);
		break;
	case EVIDENCE_BUG:
		fill_bug(f, e);
		break;
	case EVIDENCE_ACCESS:
		fill_access(f, e);
		break;
	case EVIDENCE_ACTIVE:
		add_bug_object(f, e);
		f->what = active_sentence(e);
		break;
	case EVIDENCE_LEFTOVER:
		fill_leftover(f, e);
		break;
	case EVIDENCE_LOCK:
		lock_fill(f, e);
		break;
	case EVIDENCE_ORDER:
		order_fill(f, e);
		break;
	}
	if (e->lock_count)
		locks_fill(f, e);
	if (e->splat)
		splat_fill(f, e);
}

static unsigned add_places(uint32_t stack, uint64_t *places, unsigned n, unsigned max)
{
	const uint64_t *pcs;
	unsigned count = depot_get(stack, &pcs);

	for (unsigned i = 0; i < count && n < max; i++)
		if (judge.eyes.module_of(pcs[i]))
			places[n++] = pcs[i];
	return n;
}

unsigned judge_places(uint64_t *places, unsigned max)
{
	unsigned n = 0;

	for (unsigned i = 0; i < judge.evidence_count; i++) {
		n = add_places(judge.evidence[i].stack, places, n, max);
		if (judge.evidence[i].point.n)
			n = add_places(judge.evidence[i].point.stack, places, n, max);
	}
	return n;
}

unsigned judge_verdict(struct finding **out)
{
	*out = NULL;
	if (!judge.evidence_count)
		return 0;
	*out = xcalloc(judge.evidence_count, sizeof(**out));
	for (unsigned i = 0; i < judge.evidence_count; i++)
		fill(&(*out)[i], &judge.evidence[i]);
	return judge.evidence_count;
}
