// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files of traces: what they say of each event, and that trace-cmd reads out of one what went into it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../allocator/core/memory.h"
#include "../../allocator/kin/percpu.h"
#include "../../allocator/page/memblock.h"
#include "../../allocator/slab/slab.h"
#include "../../harness/trace/call_site.h"
#include "../../harness/trace/depot.h"
#include "../../harness/trace/symbols.h"
#include "../../harness/trace/tracing.h"
#include "suites.h"
#include "traced.h"

/* What the kernel's own file says; only the arguments of gfp_flags are numbers here. */
static void test_format(void)
{
	static const char expected[] =
		"name: kmem_cache_free\n"
		"ID: 303\n"
		"format:\n"
		"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
		"\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n"
		"\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;\n"
		"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n"
		"\n"
		"\tfield:unsigned long call_site;\toffset:8;\tsize:8;\tsigned:0;\n"
		"\tfield:const void * ptr;\toffset:16;\tsize:8;\tsigned:0;\n"
		"\tfield:__data_loc char[] name;\toffset:24;\tsize:4;\tsigned:1;\n"
		"\n"
		"print fmt: \"call_site=%pS ptr=%p name=%s\", (void *)REC->call_site, REC->ptr, "
		"__get_str(name)\n";
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	tracepoint_format(out, TRACE_KMEM_CACHE_FREE);
	fclose(out);
	CU_ASSERT_STRING_EQUAL(text, expected);
	free(text);
}

/* Every part of every line shows a field that there is, and one system's events stand together. */
static void test_table(void)
{
	for (unsigned i = 0; i < NR_TRACE_EVENTS; i++) {
		const struct tracepoint *tp = &tracepoints[i];
		unsigned fields = 0, codes = 0;

		CU_ASSERT_PTR_NOT_NULL_FATAL(tp->name);
		while (tp->fields[fields].name)
			fields++;
		for (const struct trace_part *part = tp->parts; part->text; part++) {
			CU_ASSERT(part->field < fields);
			codes += part->show == SHOW_SITE || part->show == SHOW_FUNCTION;
		}
		CU_ASSERT(fields && codes <= 1);
		for (unsigned j = 0; j + 1 < i; j++) {
			CU_ASSERT_STRING_NOT_EQUAL(tracepoints[j].name, tp->name);
			CU_ASSERT(strcmp(tracepoints[j].system, tp->system) ||
				  !strcmp(tracepoints[j + 1].system, tp->system));
		}
	}
}

/* trace-cmd knows neither sizes nor modules: "widget_init+0x34/0x80 [sample]" is widget_init+0x34. */
static size_t size_and_module(const char *text)
{
	size_t n = strcspn(text, " ");

	if (text[0] != '/')
		return 0;
	return text[n] && text[n + 1] == '[' ? n + 1 + strcspn(text + n + 1, " \n") : n;
}

#define HEX "0123456789abcdef"

/* Spaces as one; "00000000000012ab" and "0x12ab" as 12ab, "(nil)" as 0: what trace-cmd and the kernel spell differently. */
static void normalise(char *line)
{
	char *to = line;

	for (const char *from = line; *from && *from != '\n';) {
		bool begins = from == line || strchr(" =", from[-1]);

		from += size_and_module(from);
		if (!*from || *from == '\n')
			break;
		if (*from == ' ' && (to == line || to[-1] == ' '))
			from++;
		else if (begins && !strncmp(from, "0x", 2))
			from += 2;
		else if (begins && strspn(from, HEX) == 16 && *from == '0' &&
			 strspn(from, "0") < 16)
			from += strspn(from, "0");
		else if (begins && strspn(from, "0") == 16)
			from += 15;
		else if (begins && !strncmp(from, "(nil)", 5))
			from += 5, *to++ = '0';
		else
			*to++ = *from++;
	}
	*to = '\0';
}

/* The columns between the CPU and the time are not shown by trace-cmd without -l. */
static void cut_flags(char *line)
{
	char *flags = strchr(line, ']');

	if (flags)
		memmove(flags + 2, flags + 7, strlen(flags + 7) + 1);
}

static void compare_lines(char *ours, FILE *theirs)
{
	char line[1024], *rest = NULL;
	unsigned count = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(fgets(line, sizeof(line), theirs)); /* cpus=1 */
	for (char *own = strtok_r(ours, "\n", &rest); own; own = strtok_r(NULL, "\n", &rest)) {
		bool there = fgets(line, sizeof(line), theirs);

		CU_ASSERT_TRUE_FATAL(there);
		cut_flags(own);
		normalise(own);
		normalise(line);
		if (strcmp(own, line) != 0)
			printf("%s\n%s\n", own, line);
		CU_ASSERT_STRING_EQUAL(own, line);
		count++;
	}
	CU_ASSERT_EQUAL(count, trace_count());
	CU_ASSERT_PTR_NULL(fgets(line, sizeof(line), theirs));
}

static void write_dat(char *path, size_t size)
{
	FILE *file;

	snprintf(path, size, "%s/trace.dat", scratch());
	file = fopen(path, "w");
	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	trace_write_dat(file);
	CU_ASSERT_EQUAL(fclose(file), 0);
}

/* What was traced, read out of a file by trace-cmd. */
static void expect_read_back(void)
{
	char path[4200], command[4300], *text = traced_text();
	FILE *file;

	write_dat(path, sizeof(path));
	snprintf(command, sizeof(command), "trace-cmd report -N -i %s 2>&1", path);
	file = popen(command, "r");
	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	compare_lines(text, file);
	CU_ASSERT_EQUAL(pclose(file), 0);
	free(text);
}

static void test_dat_of_each_event(void)
{
	const struct kf_request request = {.kind = KF_SLAB, .size = 9, .gfp = KF_GFP_NOWAIT};
	struct page *page;
	struct kf_cache *cache;
	uint64_t cookie;

	traced_begin(NULL);
	page = kf_pfn_to_page(0x200);
	cache = kf_cache_create("widgets", 100, 8, 0, NULL);
	for (unsigned kind = 0; kind < KF_NR_EVENTS; kind++) {
		traced_tell((enum kf_event_kind)kind, page);
		if (kind == KF_EVENT_PAGE_ALLOC)
			traced_tell((enum kf_event_kind)kind, NULL);
	}
	traced_allocate(KF_SLAB, kf_kmalloc_cache(KF_KMALLOC_NORMAL, 7), 0x1000, KF_GFP_KERNEL);
	traced_allocate(KF_SLAB, cache, 0xffff888012345678, KF_GFP_KERNEL | KF_GFP_ACCOUNT);
	traced_release(KF_SLAB, cache, 0xffff888012345678);
	traced_allocate(KF_KMALLOC_LARGE, NULL, 0x2000, 0);
	traced_release(KF_KMALLOC_LARGE, NULL, 0x2000);
	cookie = kf_alloc_percpu(100, 8, KF_GFP_KERNEL);
	traced_allocate(KF_PERCPU, NULL, cookie, KF_GFP_ATOMIC | KF_GFP_ZERO);
	traced_release(KF_PERCPU, NULL, cookie);
	kf_free_percpu(cookie);
	traced_allocate(KF_CACHE, NULL, (uint64_t)cache, KF_GFP_KERNEL);
	traced_release(KF_VMALLOC, NULL, 0x6000);
	trace_refused(&request, 7, traced_stack(SITE), "failslab");
	trace_operation("%s", "a text that is as long as the texts of events can be, and longer");
	trace_refused(&request, 8, traced_stack(SITE),
		      "a text that is as long as the texts of events can be, and longer");
	trace_end();
	expect_read_back();
	kf_cache_destroy(cache);
	trace_close();
}

/* Many pages, times that need an extension, a clock that goes back. */
static void test_dat_of_many_pages(void)
{
	traced_begin(NULL);
	traced_task.ns = 0;
	for (unsigned i = 0; i < 2000; i++) {
		trace_operation("%u %.*s", i, (int)(i % 60),
				"a string whose length changes and which fills "
				"the rest of the record up");
		traced_task.ns += i % 7 == 0 ? 40000000000ull : i % 5 == 0 ? 134217728 : i * 1000;
		if (i == 1000)
			traced_task.ns = 7000;
		traced_task.pid = (int32_t)(i % 3);
		snprintf(traced_task.comm, sizeof(traced_task.comm), "task%u", i % 3);
	}
	trace_end();
	expect_read_back();
	trace_close();
}

static void test_dat_of_nothing(void)
{
	traced_begin("kfree");
	trace_end();
	expect_read_back();
	trace_close();
}

/* Flags and depths, where trace-cmd shows them: CPU 0, irqs off, softirq, preempt depth 2. */
static void test_dat_flags(void)
{
	char path[4200];

	traced_begin("kfail");
	traced_task.irqs_disabled = true;
	traced_task.preempt_count = 0x102;
	trace_operation("x");
	trace_end();
	write_dat(path, sizeof(path));
	CU_ASSERT(scratch_run(
		"trace-cmd report -N -l -i trace.dat | "
		"grep -q '^ *insmod-42 *0d\\.s2\\. *12.345679: kfail_operation: *name=x$'"));
	trace_close();
}

CU_TestInfo trace_file_tests[] = {
	{"format", test_format},
	{"table", test_table},
	{"dat: each event", test_dat_of_each_event},
	{"dat: many pages", test_dat_of_many_pages},
	{"dat: nothing", test_dat_of_nothing},
	{"dat: flags", test_dat_flags},
	CU_TEST_INFO_NULL,
};
