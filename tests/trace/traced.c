// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the tests of traces share (traced.h).
 */
#include "traced.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../allocator/core/memory.h"
#include "../../allocator/page/memblock.h"
#include "../../allocator/slab/slab.h"
#include "../../harness/trace/depot.h"
#include "../../harness/trace/symbols.h"
#include "suites.h"

struct trace_task traced_task;

void traced_tell_task(struct trace_task *out)
{
	*out = traced_task;
}

bool traced_nowhere(void)
{
	return true;
}

static void name_code(void)
{
	static const struct ksym syms[] = {{0x71001200, 1, 'T'},  {0x71001280, 13, 'T'},
					   {0x71002000, 24, 'T'}, {0x71002100, 32, 'T'},
					   {0x71002200, 40, 'T'}, {0x71002300, 55, 'T'}};
	static const struct ksym_table table = {
		.syms = syms,
		.count = 6,
		.strings = "\0widget_init\0widget_end\0kmalloc\0kstrdup\0kvmalloc_node\0kend",
		.start = 0x71001200,
		.end = 0x71002400};

	symbols_add_table("sample", &table);
}

void traced_open_world(void)
{
	static bool open;

	if (open)
		return;
	CU_ASSERT_EQUAL_FATAL(kf_memory_init(&kf_layout_native), 0);
	kf_memblock_free_all();
	CU_ASSERT_EQUAL_FATAL(kf_slab_init(), 0);
	name_code();
	open = true;
}

void traced_begin(const char *events)
{
	char err[TRACE_ERR_MAX];

	traced_open_world();
	traced_task = (struct trace_task){.pid = 42, .comm = "insmod", .ns = 12345678901};
	CU_ASSERT_EQUAL_FATAL(trace_open(events, traced_nowhere, err), 0);
	trace_begin(traced_tell_task);
}

/* Without its header; malloc()ed. */
char *traced_text(void)
{
	char *text = NULL, *body;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	trace_write_text(out);
	fclose(out);
	body = strstr(text, HEADER_END);
	CU_ASSERT_PTR_NOT_NULL_FATAL(body);
	body = strdup(body + strlen(HEADER_END));
	free(text);
	return body;
}

void traced_expect(const char *expected)
{
	char *text = traced_text();

	if (strcmp(text, expected) != 0)
		printf("is:\n%sshould be:\n%s", text, expected);
	CU_ASSERT_STRING_EQUAL(text, expected);
	free(text);
}

uint32_t traced_stack(uint64_t pc)
{
	return depot_save(&pc, 1);
}

void traced_allocate(enum kf_kind kind, const struct kf_cache *cache, uint64_t addr, u32 gfp)
{
	const struct kf_object object = {.kind = kind,
					 .addr = (void *)addr,
					 .size = 100,
					 .usable = 128,
					 .align = 8,
					 .gfp = gfp,
					 .cache = cache};

	trace_allocated(&object, traced_stack(SITE));
}

void traced_release(enum kf_kind kind, const struct kf_cache *cache, uint64_t addr)
{
	const struct kf_object object = {.kind = kind, .addr = (void *)addr, .cache = cache};

	trace_freed(&object, traced_stack(NO_NAME));
}

void traced_tell(enum kf_event_kind kind, const struct page *page)
{
	const struct kf_shrink_event shrink = {.shrinker = (void *)0x8000,
					       .scan_objects = (void (*)(void))0x71001200,
					       .priority = 12,
					       .deferred = 1,
					       .freeable = 1000,
					       .delta = 2,
					       .total = 3,
					       .next_deferred = 4};
	const struct kf_event event = {.kind = kind,
				       .shrink = &shrink,
				       .page = page,
				       .order = 3,
				       .gfp = KF_GFP_KERNEL | KF_GFP_COMP,
				       .migratetype = 1,
				       .fallback_migratetype = 2,
				       .change_ownership = true,
				       .value = 9};

	kf_hooks.event(&event);
}
