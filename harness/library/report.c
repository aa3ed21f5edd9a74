// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a program learns: a bug that the allocators tell of, or an event of the kernel's interface (a WARN, a BUG, sleeping
 * where it is forbidden), is printed on standard error with its stack and those of the object. A bug then aborts the program,
 * so that a debugger or a core dump shows it; a warning does not.
 *
 * This file answers in the place of the judges (judge.h) and of the runs of native mode (runtime.h): there is no schedule,
 * no restore, nothing to judge later.
 *
 * Hooks come from many threads: a report as a whole is under a lock.
 */
#include "library.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "../../allocator/slab/slab.h"
#include "../judge/judge.h"
#include "../native/runtime.h"
#include "../trace/depot.h"
#include "../trace/symbols.h"

static struct {
	bool go_on;
	bool at_exit; /* whoever caused it is gone */
	pthread_mutex_t printing;
} report = {.printing = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP};

/* ---- stacks ---- */

static void print_frame(const struct frame *frame)
{
	if (!frame->function[0])
		report_line("        %#lx", (unsigned long)frame->pc);
	else if (frame->file)
		report_line("        %s  %s:%d", frame->function, frame->file, frame->line);
	else
		report_line("        %s+%#lx", frame->function, (unsigned long)frame->offset);
}

/* What called main() is of no interest. */
static bool is_main(const struct frame *frame)
{
	return !__builtin_strcmp(frame->function, "main");
}

void report_print_stack(uint32_t stack)
{
	static bool names;
	const uint64_t *pcs;
	unsigned n = depot_get(stack, &pcs);
	bool done = false;

	sanitizer_enter();
	if (!names)
		symbols_add_self();
	names = true;
	for (unsigned i = 0; i < n && !done; i++) {
		struct frame frames[8];
		unsigned count = symbols_resolve(pcs[i], false, frames, 8);

		for (unsigned k = 0; k < count; k++) {
			print_frame(&frames[k]);
			done |= is_main(&frames[k]);
		}
	}
	sanitizer_leave();
}

/* ---- printing ---- */

void report_line(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

static void begin(void)
{
	pthread_mutex_lock(&report.printing);
	fflush(stdout);
}

static void end(bool fatal)
{
	pthread_mutex_unlock(&report.printing);
	if (fatal && !report.go_on)
		abort();
}

static void print_place(void)
{
	if (report.at_exit) {
		report_line("    found at exit");
		return;
	}
	report_line("    where:");
	report_print_stack(report_stack());
}

void report_at_exit(void)
{
	report.at_exit = true;
}

static void tell(bool fatal, const char *kind, const char *what)
{
	begin();
	report_line("kfail: %s: %s", kind, what);
	print_place();
	end(fatal);
}

/* ---- bugs of memory ---- */

static const char *const bug_names[] = {
	[KF_BUG_DOUBLE_FREE] = "double-free",  [KF_BUG_INVALID_FREE] = "invalid-free",
	[KF_BUG_WRONG_CACHE] = "invalid-free", [KF_BUG_WRONG_FAMILY] = "invalid-free",
	[KF_BUG_REDZONE] = "out-of-bounds",    [KF_BUG_WRITE_AFTER_FREE] = "use-after-free",
	[KF_BUG_CACHE_NOT_EMPTY] = "leak",     [KF_BUG_BAD_PAGE] = "invalid-free",
	[KF_BUG_CONTEXT] = "context",	       [KF_BUG_WARN] = "warning",
};
#define BUG_NAMES (sizeof(bug_names) / sizeof(bug_names[0]))

static const char *bug_name(enum kf_bug_kind kind)
{
	return kind < BUG_NAMES && bug_names[kind] ? bug_names[kind] : "bug";
}

static void print_object(const struct kf_object *object)
{
	if (!object->addr)
		return;
	report_line("    object: %zu bytes%s%s at %p", object->size, object->cache ? " of " : "",
		    object->cache ? kf_cache_name(object->cache) : "", object->addr);
	if (object->alloc_tag) {
		report_line("    allocated:");
		report_print_stack(object->alloc_tag);
	}
	if (object->free_tag) {
		report_line("    freed:");
		report_print_stack(object->free_tag);
	}
}

static void on_bug(const struct kf_bug *bug)
{
	begin();
	report_line("kfail: %s: %s (%p)", bug_name(bug->kind), bug->what, bug->addr);
	if (bug->kind == KF_BUG_REDZONE || bug->kind == KF_BUG_WRITE_AFTER_FREE)
		report_line("    %zu byte%s changed, the first from 0x%02x to 0x%02x", bug->damaged,
			    bug->damaged == 1 ? "" : "s", bug->expected, bug->found);
	print_place();
	print_object(&bug->object);
	end(bug->kind != KF_BUG_WARN);
}

static u32 on_allocated(const struct kf_object *object)
{
	sanitizer_allocated(object);
	return report_stack();
}

static u32 on_freed(const struct kf_object *object)
{
	sanitizer_freed(object);
	return report_stack();
}

static void on_might_alloc(const struct kf_request *request)
{
	struct target_context context;

	native_context(&context);
	if (request->gfp & KF_GFP_DIRECT_RECLAIM &&
	    (context.preempt_count || context.irqs_disabled || context.rcu_depth))
		judge_sleep_in_atomic("an allocation with __GFP_DIRECT_RECLAIM", &context);
}

static void on_log(int level, const char *line)
{
	report_line("%s", line);
}

void report_start(bool go_on)
{
	report.go_on = go_on;
	kf_hooks.might_alloc = on_might_alloc;
	kf_hooks.allocated = on_allocated;
	kf_hooks.freed = on_freed;
	kf_hooks.bug = on_bug;
	kf_hooks.log = on_log;
}

/* ---- in the place of the judges ---- */

void judge_sleep_in_atomic(const char *what, const struct target_context *context)
{
	char text[256];

	snprintf(text, sizeof(text),
		 "%s may sleep, but the context is atomic (preempt_count 0x%x, interrupts %s, RCU "
		 "depth %u)",
		 what, context->preempt_count, context->irqs_disabled ? "off" : "on",
		 context->rcu_depth);
	tell(true, "sleep-in-atomic", text);
}

void judge_not_running(const char *what, unsigned state)
{
	char text[256];

	snprintf(text, sizeof(text),
		 "do not call blocking ops when !TASK_RUNNING: %s may sleep, and the task waits "
		 "for something else already (state=%x)",
		 what, state);
	tell(true, "context", text);
}

void judge_context(const char *what)
{
	tell(true, "context", what);
}

void judge_warning(const char *what)
{
	tell(false, "warning", what);
}

void judge_note(enum finding_kind kind, const char *format, ...)
{
	char text[320];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	tell(true, finding_kind_name(kind), text);
}

void judge_log(const char *line)
{
	report_line("%s", line);
}

/* ---- in the place of a run ---- */

volatile bool native_expired;
bool native_bare_stack;
struct native_range native_range; /* the program is no module */

/* There is no time limit, so nobody sets native_expired. */
void native_expire(void)
{
	abort();
}

/* BUG(), panic(), a deadlock: the program cannot go on, whatever was asked for. */
void native_die(enum death_kind kind, const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	tell(false, kind == DEATH_DEADLOCK ? "hang" : "bug", text);
	abort();
}

const char *native_symbol(uint64_t pc, char *buf, size_t size)
{
	struct frame frame;

	symbols_resolve(pc, true, &frame, 1);
	if (frame.function[0])
		snprintf(buf, size, "%s", frame.function);
	else
		snprintf(buf, size, "0x%llx", (unsigned long long)pc);
	return buf;
}
