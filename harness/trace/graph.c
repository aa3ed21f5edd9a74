// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tree of calls (see graph.h). An event is a call, a return, a remark, or another task; a call's depth is how many told
 * calls are open below it on its stack. Nothing is named while the world runs.
 *
 * Lines, as function_graph of 6.5 with its option funcgraph-retval has them behind the bar:
 *
 *	foo_init() {
 *	  kmalloc_trace(); /+ = 0xffff888004d3a800 +/		a call in which nothing told happens
 *	  make_ring() {
 *	    /+ request 2 is refused +/
 *	  } /+ make_ring = -ENOMEM +/
 *	------ insmod-1 => kworker/u2:0-8 ------
 *
 * (with asterisks for the plus signs). What a function without a result has left in the register is shown as its result too:
 * the code does not say which functions these are. Returns of functions that kfail has put in the place of the kernel's are not told (fentry.h):
 * such a call is closed when the next event shows that it is over.
 */
#include "graph.h"

#include <fnmatch.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "symbols.h"
#include "util.h"

#define RING_EVENTS (1u << 18)
#define STACKS_MAX  64
#define DEPTH_MAX   512
/* Of a long tree the beginning and the end are shown. */
#define LINES_FIRST 60
#define LINES_LAST  240
#define ERRNO_MAX   4095

enum event_kind { EVENT_CALL, EVENT_RETURN, EVENT_REMARK, EVENT_TASK };

struct event {
	enum event_kind kind;
	uint32_t depth;
	union {
		struct {
			uint64_t function, result;
			bool has_result;
		};
		char text[64];
		struct {
			int32_t pid;
			char comm[16];
		};
	};
};

/* Told calls that are open on one stack, by where their return addresses lie. */
struct open_calls {
	uint64_t base;
	unsigned depth;
	struct open_call {
		uint64_t slot, function;
		bool returns; /* that will be told */
	} calls[DEPTH_MAX];
};

static struct {
	const char *filter;
	unsigned depth_max;
	bool wanted, running;
	uint64_t *sites;
	unsigned site_count;
	struct event *ring;
	uint64_t written;
	void (*task)(struct trace_task *out);
	int32_t pid;
	struct open_calls *open; /* STACKS_MAX */
	unsigned stacks;
} graph;

void graph_want(const char *filter, unsigned depth)
{
	graph.wanted = true;
	graph.filter = filter;
	graph.depth_max = depth ? depth : DEPTH_MAX;
	if (graph.ring)
		return;
	graph.ring = mmap(NULL, RING_EVENTS * sizeof(*graph.ring), PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (graph.ring == MAP_FAILED)
		out_of_host_memory(RING_EVENTS * sizeof(*graph.ring));
	graph.open = xcalloc(STACKS_MAX, sizeof(*graph.open));
}

bool graph_wanted(void)
{
	return graph.wanted;
}

const char *graph_filter(void)
{
	return graph.filter;
}

bool graph_matches(const char *function)
{
	char *list = xstrdup(graph.filter), *rest = list, *pattern;
	bool found = false;

	while (!found && (pattern = strtok_r(NULL, ",", &rest)))
		found = !fnmatch(pattern, function, 0);
	free(list);
	return found;
}

void graph_only(const uint64_t *sites, unsigned count)
{
	free(graph.sites);
	graph.sites = xreallocarray(NULL, count, sizeof(*sites));
	memcpy(graph.sites, sites, count * sizeof(*sites));
	graph.site_count = count;
}

/* ---- recording ---- */

static struct event *add(enum event_kind kind, unsigned depth)
{
	struct event *e = &graph.ring[graph.written++ % RING_EVENTS];

	e->kind = kind;
	e->depth = depth;
	return e;
}

static void note_task(void)
{
	struct trace_task task;
	struct event *e;

	graph.task(&task);
	if (task.pid == graph.pid)
		return;
	graph.pid = task.pid;
	e = add(EVENT_TASK, 0);
	e->pid = task.pid;
	memcpy(e->comm, task.comm, sizeof(e->comm));
}

/* A kernel stack and its guard are 32 KiB, aligned to them. */
static struct open_calls *calls_on(uint64_t slot)
{
	uint64_t base = slot & ~(uint64_t)0x7fff;
	unsigned i = 0;

	while (i < graph.stacks && graph.open[i].base != base)
		i++;
	if (i == STACKS_MAX)
		return NULL;
	if (i == graph.stacks) {
		graph.stacks++;
		graph.open[i].base = base;
		graph.open[i].depth = 0;
	}
	return &graph.open[i];
}

static int compare_site(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static bool is_told(const struct fentry_call *call)
{
	return !graph.site_count || bsearch(&call->function, graph.sites, graph.site_count,
					    sizeof(*graph.sites), compare_site);
}

/* A call whose return is not told is over when one is made from where it was, or further out. */
static bool is_over(const struct open_call *call, uint64_t slot)
{
	return call->slot < slot || (call->slot == slot && !call->returns);
}

/* What has been left, told or not. */
static void leave(struct open_calls *open, uint64_t slot)
{
	struct event *e;

	while (open->depth && is_over(&open->calls[open->depth - 1], slot)) {
		open->depth--;
		if (open->calls[open->depth].returns)
			continue;
		e = add(EVENT_RETURN, open->depth);
		e->function = open->calls[open->depth].function;
		e->has_result = false;
	}
}

static bool entered(const struct fentry_call *call)
{
	struct open_calls *open;

	if (!graph.running || !is_told(call))
		return false;
	open = calls_on(call->slot);
	if (!open)
		return false;
	leave(open, call->slot);
	if (open->depth == graph.depth_max)
		return false;
	note_task();
	add(EVENT_CALL, open->depth)->function = call->function;
	open->calls[open->depth++] = (struct open_call){call->slot, call->function, call->returns};
	return true;
}

static void returned(const struct fentry_call *call)
{
	struct open_calls *open = calls_on(call->slot);
	struct event *e;

	if (!graph.running || !open)
		return;
	leave(open, call->slot);
	if (!open->depth)
		return;
	note_task();
	e = add(EVENT_RETURN, --open->depth);
	e->function = call->function;
	e->result = call->result;
	e->has_result = call->has_result;
}

const struct fentry_listener graph_listener = {entered, returned, NULL};

void graph_begin(void (*task)(struct trace_task *out))
{
	if (!graph.wanted)
		return;
	graph.running = true;
	graph.written = 0;
	graph.stacks = 0;
	graph.task = task;
	graph.pid = -1;
}

void graph_end(void)
{
	graph.running = false;
}

uint64_t graph_position(void)
{
	return graph.written;
}

void graph_mark(const char *format, ...)
{
	va_list args;

	if (!graph.running)
		return;
	va_start(args, format);
	vsnprintf(add(EVENT_REMARK, 0)->text, sizeof(((struct event *)0)->text), format, args);
	va_end(args);
}

/* ---- the text ---- */

struct tree {
	FILE *out;
	uint64_t lines, skip_from, skip_to; /* lines that are left out */
	unsigned depth;			    /* of a remark: inside what is open */
	struct event task;		    /* of the newest line */
};

static const struct event *event_at(uint64_t i)
{
	return &graph.ring[i % RING_EVENTS];
}

__attribute__((format(printf, 3, 4))) static void put(struct tree *tree, unsigned depth,
						      const char *format, ...)
{
	uint64_t line = tree->lines++;
	va_list args;

	if (!tree->out)
		return;
	if (line == tree->skip_from && tree->skip_to > line)
		fprintf(tree->out, "... %" PRIu64 " lines left out ...\n",
			tree->skip_to - tree->skip_from);
	if (line >= tree->skip_from && line < tree->skip_to)
		return;
	fprintf(tree->out, "%*s", (int)(2 * depth), "");
	va_start(args, format);
	vfprintf(tree->out, format, args);
	va_end(args);
	fputc('\n', tree->out);
}

/* The site is the function's beginning. */
static const char *name_of(const struct event *e)
{
	struct frame frame;

	symbols_resolve(e->function, true, &frame, 1);
	return frame.function[0] ? frame.function : "?";
}

/* " = -ENOMEM": an errno by its name, as int or long; anything else as a number. "": it is not known. */
static const char *result_text(const struct event *e, char *buf, size_t size)
{
	uint64_t result = e->result;
	int64_t value = (int64_t)result;
	const char *name = NULL;

	buf[0] = '\0';
	if (!e->has_result)
		return buf;

	if (result >> 32 == 0 && (int32_t)result < 0)
		value = (int32_t)result;
	if (value < 0 && value >= -ERRNO_MAX)
		name = strerrorname_np((int)-value);
	if (name)
		snprintf(buf, size, " = -%s", name);
	else
		snprintf(buf, size, " = %#" PRIx64, result);
	return buf;
}

static bool is_leaf(uint64_t i, uint64_t to)
{
	const struct event *call = event_at(i), *next = event_at(i + 1);

	return i + 1 < to && next->kind == EVENT_RETURN && next->depth == call->depth &&
	       next->function == call->function;
}

static void put_task(struct tree *tree, const struct event *e)
{
	if (tree->task.kind == EVENT_TASK)
		put(tree, 0, "------ %.16s-%d => %.16s-%d ------", tree->task.comm, tree->task.pid,
		    e->comm, e->pid);
	tree->task = *e;
}

/* Returns how many events were put. */
static unsigned put_event(struct tree *tree, uint64_t i, uint64_t to)
{
	const struct event *e = event_at(i);
	char result[32];

	switch (e->kind) {
	case EVENT_CALL:
		if (is_leaf(i, to)) {
			result_text(event_at(i + 1), result, sizeof(result));
			put(tree, e->depth, result[0] ? "%s(); /*%s */" : "%s();%s", name_of(e),
			    result);
			return 2;
		}
		put(tree, e->depth, "%s() {", name_of(e));
		tree->depth = e->depth + 1;
		return 1;
	case EVENT_RETURN:
		put(tree, e->depth, "} /* %s%s */", name_of(e),
		    result_text(e, result, sizeof(result)));
		tree->depth = e->depth;
		return 1;
	case EVENT_REMARK:
		put(tree, tree->depth, "/* %s */", e->text);
		return 1;
	case EVENT_TASK:
		put_task(tree, e);
		return 1;
	}
	return 1;
}

/* The calls that were open at `from`, outermost first; and the task. */
static void put_open(struct tree *tree, uint64_t oldest, uint64_t from)
{
	uint64_t open[DEPTH_MAX];
	unsigned depth = DEPTH_MAX;
	uint64_t i = from;

	/* The depth there: inside the newest call, or behind the newest return. */
	for (; i > oldest && event_at(i - 1)->kind == EVENT_REMARK; i--)
		continue;
	if (i > oldest && event_at(i - 1)->kind != EVENT_TASK)
		depth = event_at(i - 1)->depth + (event_at(i - 1)->kind == EVENT_CALL);
	tree->depth = depth < DEPTH_MAX ? depth : 0;
	for (; i > oldest && depth && event_at(i - 1)->kind != EVENT_TASK; i--)
		if (event_at(i - 1)->kind == EVENT_CALL && event_at(i - 1)->depth < depth)
			open[--depth] = i - 1;
	while (i > oldest && event_at(i - 1)->kind != EVENT_TASK)
		i--;
	if (i > oldest)
		tree->task = *event_at(i - 1);
	if (depth >= DEPTH_MAX)
		return;
	for (; depth < tree->depth; depth++)
		put(tree, depth, "%s() {", name_of(event_at(open[depth])));
}

static void put_tree(struct tree *tree, uint64_t from, uint64_t to)
{
	uint64_t oldest = graph.written > RING_EVENTS ? graph.written - RING_EVENTS : 0;

	if (from < oldest) {
		put(tree, 0, "... %" PRIu64 " events left out ...", oldest - from);
		from = oldest;
	}
	put_open(tree, oldest, from);
	while (from < to)
		from += put_event(tree, from, to);
}

char *graph_text(uint64_t from, uint64_t to)
{
	struct tree tree = {0};
	char *text = NULL;
	size_t size;
	uint64_t lines;

	if (!graph.written || from > to || to > graph.written)
		return NULL;
	put_tree(&tree, from, to);
	lines = tree.lines;
	tree = (struct tree){.out = open_memstream(&text, &size)};
	if (!tree.out)
		out_of_host_memory(0);
	if (lines > LINES_FIRST + LINES_LAST) {
		tree.skip_from = LINES_FIRST;
		tree.skip_to = lines - LINES_LAST;
	}
	put_tree(&tree, from, to);
	fclose(tree.out);
	return text;
}
