// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the hooks are told, and whether that is right: order and number of questions, refusals that count, objects that are born
 * and die, bugs that nobody has planted. And at the end: nothing is left, nothing is damaged, every invariant holds.
 */
#include "oracle.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#define UNW_LOCAL_ONLY
#include <libunwind.h>
#include "../../allocator/core/objects.h"
#include "../../allocator/core/settings.h"
#include "../../allocator/page/page_alloc.h"
#include "../../allocator/slab/slab.h"
#include "../../harness/trace/symbols.h"
#include "../../harness/trace/util.h"

/* Waits of one request after which nothing is refused any more; after which there is no hope. */
#define WAITS_PATIENT 3
#define WAITS_MAX     8

struct told told;
bool oracle_hooks, oracle_guards, oracle_over;
u32 task_is;
unsigned call_number;
jmp_buf oracle_starved;

static struct {
	const struct schedule *schedule;
	struct fuzz_outcome *out;
	const uint8_t *call; /* that runs; NULL: what is done at the end */
	u32 asked;	     /* requests so far */
	s64 live;	     /* objects that were born and have not died */
} input;

/* ---- findings ------------------------------------------------------------------------------------------------ */

static void add_stack(struct finding *finding)
{
	uint64_t pcs[STACK_MAX];
	int n = unw_backtrace((void **)pcs, STACK_MAX);

	symbols_add_self();
	if (n > 0)
		stack_name(&finding->stack, pcs, (unsigned)n, false);
}

static char *operation(void)
{
	char text[256];

	if (!input.call)
		return xstrdup("end of the input");
	return xasprintf("%u: %s", call_number + 1,
			 fuzz_call_text(&allocator_grammar, input.call, text, sizeof(text)));
}

static void vwrong(enum finding_kind kind, bool stack, const char *format, va_list args)
{
	struct finding *finding;
	char what[256];

	if (oracle_over)
		return;
	oracle_over = true;
	vsnprintf(what, sizeof(what), format, args);
	finding = fuzz_found(input.out, kind, "%s", what);
	finding->operation = operation();
	if (input.schedule->count) {
		char text[SCHEDULE_TEXT_MAX];

		free(finding->schedule);
		finding->schedule = xstrdup(schedule_print(input.schedule, text, sizeof(text)));
	}
	if (stack)
		add_stack(finding);
}

void wrong(enum finding_kind kind, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vwrong(kind, false, format, args);
	va_end(args);
}

bool sound(bool ok, const char *what)
{
	if (!ok)
		wrong(FINDING_CHECK, "%s", what);
	return ok;
}

static void disagree(const char *what)
{
	wrong(FINDING_CHECK, "%s", what);
}

/* In a hook: where the allocator is, is of interest. */
__attribute__((format(printf, 2, 3))) static void wrong_here(enum finding_kind kind,
							     const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vwrong(kind, true, format, args);
	va_end(args);
}

/* ---- hooks --------------------------------------------------------------------------------------------------- */

static void on_might_alloc(const struct kf_request *request)
{
	told.checked = true;
	told.request = *request;
}

static bool refuses(void)
{
	return told.waits < WAITS_PATIENT && schedule_refuses(input.schedule, input.asked);
}

static bool on_should_fail(const struct kf_request *request)
{
	told.asks++;
	input.asked++;
	if (!told.checked || request->kind != told.request.kind ||
	    request->size != told.request.size || request->gfp != told.request.gfp)
		wrong_here(FINDING_CHECK,
			   "a request is asked about that might_alloc was not told of");
	if (request->gfp & KF_GFP_NOFAIL)
		wrong_here(FINDING_CHECK, "a request that must not fail is asked about");
	told.checked = false;
	if (!refuses())
		return false;
	told.refusals++;
	return true;
}

static u32 on_allocated(const struct kf_object *object)
{
	told.born++;
	input.live++;
	if (!object->live || object->size > object->usable)
		wrong_here(FINDING_CHECK, "the record of a new object makes no sense");
	return call_number + 1;
}

static u32 on_freed(const struct kf_object *object)
{
	told.died++;
	input.live--;
	return call_number + 1;
}

static enum finding_kind kind_of(enum kf_bug_kind kind)
{
	switch (kind) {
	case KF_BUG_DOUBLE_FREE:
		return FINDING_DOUBLE_FREE;
	case KF_BUG_INVALID_FREE:
	case KF_BUG_WRONG_CACHE:
	case KF_BUG_WRONG_FAMILY:
		return FINDING_INVALID_FREE;
	case KF_BUG_REDZONE:
		return FINDING_OUT_OF_BOUNDS;
	case KF_BUG_WRITE_AFTER_FREE:
		return FINDING_USE_AFTER_FREE;
	case KF_BUG_CONTEXT:
		return FINDING_CONTEXT;
	case KF_BUG_BAD_PAGE:
		return FINDING_CORRUPTION;
	default:
		return FINDING_BUG;
	}
}

static void on_bug(const struct kf_bug *bug)
{
	if (told.expected & BUG(bug->kind))
		told.bugs++;
	else
		wrong_here(kind_of(bug->kind), "told although nothing is wrong: %s", bug->what);
}

static u32 on_task(void)
{
	return task_is;
}

static void on_wait(const char *what, unsigned attempt)
{
	if (++told.waits > WAITS_MAX)
		longjmp(oracle_starved, 1);
}

/* ---- the course of an input ------------------------------------------------------------------------------------- */

void oracle_begin(const struct schedule *schedule, struct fuzz_outcome *out)
{
	input.schedule = schedule;
	input.out = out;
	input.asked = 0;
	input.live = 0;
	oracle_over = false;
	task_is = 0;
	oracle_hooks = kf_settings()->hooks;
	oracle_guards = kf_settings()->guard;
	model_disagrees = disagree;
	kf_hooks.might_alloc = on_might_alloc;
	kf_hooks.should_fail = on_should_fail;
	kf_hooks.allocated = on_allocated;
	kf_hooks.freed = on_freed;
	kf_hooks.bug = on_bug;
	kf_hooks.task = on_task;
	kf_hooks.wait = on_wait;
}

/* A warning is the kernel's word for arguments that make no sense, and calls may have such. */
void oracle_call(const uint8_t *call, unsigned number)
{
	input.call = call;
	call_number = number;
	told = (struct told){.expected = BUG(KF_BUG_WARN)};
}

void oracle_expect(u32 kinds)
{
	told.expected |= kinds;
}

/* ---- the end -------------------------------------------------------------------------------------------------------- */

static void valid(const char *why)
{
	if (why)
		wrong(FINDING_CORRUPTION, "an invariant does not hold: %s", why);
}

void oracle_check_all(void)
{
	valid(kf_validate_all());
	sound(kf_check_all() == 0, "guards or poison are damaged");
}

static void shrink(struct kf_cache *cache, void *arg)
{
	kf_cache_shrink(cache);
}

static void check_empty(void)
{
	u64 free;

	kf_cache_for_each(shrink, NULL);
	free = arena_free_pages();
	if (free != arena_free_at_start)
		wrong(FINDING_LEAK, "pages are %s: %llu are free, and %llu were",
		      free < arena_free_at_start ? "lost" : "free twice", (unsigned long long)free,
		      (unsigned long long)arena_free_at_start);
}

void oracle_end(bool careful)
{
	if (oracle_hooks)
		sound(input.live == 0, "the hooks were told of more births than deaths, or fewer");
	if (!careful || oracle_over)
		return;
	oracle_check_all();
	check_empty();
	oracle_check_all();
	sound(frames_are_clean(), "memory was written that nobody has");
}
