// SPDX-License-Identifier: GPL-2.0-only
/*
 * Traces: which events are taken, how their lines read, and that trace-cmd reads out of a file what went into it.
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

/* The last line of a trace's header. */
#define HEADER_END "#              | |         |   |||||     |         |\n"

/* Return addresses: one in a function with a name, one in none. */
#define SITE	0x71001234u
#define NO_NAME 0x71005678u

static struct trace_task now;

static void tell_task(struct trace_task *out)
{
	*out = now;
}

static bool nowhere(void)
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

static void open_world(void)
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

static void begin(const char *events)
{
	char err[TRACE_ERR_MAX];

	open_world();
	now = (struct trace_task){.pid = 42, .comm = "insmod", .ns = 12345678901};
	CU_ASSERT_EQUAL_FATAL(trace_open(events, nowhere, err), 0);
	trace_begin(tell_task);
}

/* Without its header; malloc()ed. */
static char *text_of_trace(void)
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

static void expect_text(const char *expected)
{
	char *text = text_of_trace();

	if (strcmp(text, expected) != 0)
		printf("is:\n%sshould be:\n%s", text, expected);
	CU_ASSERT_STRING_EQUAL(text, expected);
	free(text);
}

static uint32_t stack_of(uint64_t pc)
{
	return depot_save(&pc, 1);
}

static void allocate(enum kf_kind kind, const struct kf_cache *cache, uint64_t addr, u32 gfp)
{
	const struct kf_object object = {.kind = kind,
					 .addr = (void *)addr,
					 .size = 100,
					 .usable = 128,
					 .align = 8,
					 .gfp = gfp,
					 .cache = cache};

	trace_allocated(&object, stack_of(SITE));
}

static void release(enum kf_kind kind, const struct kf_cache *cache, uint64_t addr)
{
	const struct kf_object object = {.kind = kind, .addr = (void *)addr, .cache = cache};

	trace_freed(&object, stack_of(NO_NAME));
}

static void tell(enum kf_event_kind kind, const struct page *page)
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

/* ---- lines ---- */

#define CONTEXT "          insmod-42      [000] .....    12.345679: "

static void test_slab_lines(void)
{
	const struct kf_cache *class;
	struct kf_cache *cache, *accounted;

	begin(NULL);
	class = kf_kmalloc_cache(KF_KMALLOC_NORMAL, 7);
	cache = kf_cache_create("widgets", 100, 8, 0, NULL);
	allocate(KF_SLAB, class, 0x1000, KF_GFP_KERNEL | KF_GFP_ZERO);
	allocate(KF_KMALLOC_LARGE, NULL, 0x2000, KF_GFP_ATOMIC);
	allocate(KF_SLAB, cache, 0x3000, KF_GFP_KERNEL | KF_GFP_ACCOUNT);
	accounted = kf_cache_create("accounts", 100, 8, KF_SLAB_ACCOUNT, NULL);
	allocate(KF_SLAB, accounted, 0x4000, KF_GFP_KERNEL);
	release(KF_SLAB, cache, 0x3000);
	release(KF_SLAB, class, 0x1000);
	trace_end();
	expect_text(
		CONTEXT
		"kmalloc: call_site=widget_init+0x34/0x80 [sample] ptr=0000000000001000 "
		"bytes_req=100 "
		"bytes_alloc=128 gfp_flags=GFP_KERNEL|__GFP_ZERO node=-1 "
		"accounted=false\n" CONTEXT "kmalloc: call_site=widget_init+0x34/0x80 [sample] "
		"ptr=0000000000002000 bytes_req=100 "
		"bytes_alloc=128 gfp_flags=GFP_ATOMIC node=-1 accounted=false\n" CONTEXT
		"kmem_cache_alloc: call_site=widget_init+0x34/0x80 [sample] "
		"ptr=0000000000003000 bytes_req=100 "
		"bytes_alloc=128 gfp_flags=GFP_KERNEL_ACCOUNT node=-1 "
		"accounted=true\n" CONTEXT
		"kmem_cache_alloc: call_site=widget_init+0x34/0x80 [sample] "
		"ptr=0000000000004000 bytes_req=100 bytes_alloc=128 gfp_flags=GFP_KERNEL node=-1 "
		"accounted=true\n" CONTEXT
		"kmem_cache_free: call_site=0x71005678 ptr=0000000000003000 "
		"name=widgets\n" CONTEXT "kfree: call_site=0x71005678 ptr=0000000000001000\n");
	kf_cache_destroy(cache);
	kf_cache_destroy(accounted);
	trace_close();
}

static void test_page_lines(void)
{
	char expected[4096];
	unsigned long page;

	begin("kmem");
	page = (unsigned long)kf_pfn_to_page(0x200);
	tell(KF_EVENT_PAGE_ALLOC, (void *)page);
	tell(KF_EVENT_PAGE_ALLOC, NULL);
	tell(KF_EVENT_PAGE_FREE, (void *)page);
	tell(KF_EVENT_PAGE_FREE_BATCHED, (void *)page);
	tell(KF_EVENT_PAGE_ALLOC_ZONE_LOCKED, (void *)page);
	tell(KF_EVENT_PAGE_PCPU_DRAIN, (void *)page);
	tell(KF_EVENT_PAGE_ALLOC_EXTFRAG, (void *)page);
	trace_end();
	snprintf(expected, sizeof(expected),
		 CONTEXT "mm_page_alloc: page=%016lx pfn=0x200 order=3 migratetype=1 "
			 "gfp_flags=GFP_KERNEL|__GFP_COMP\n" CONTEXT
			 "mm_page_alloc: page=0000000000000000 pfn=0x0 order=3 migratetype=1 "
			 "gfp_flags=GFP_KERNEL|__GFP_COMP\n" CONTEXT
			 "mm_page_free: page=%016lx pfn=0x200 order=3\n" CONTEXT
			 "mm_page_free_batched: page=%016lx pfn=0x200 order=0\n" CONTEXT
			 "mm_page_alloc_zone_locked: page=%016lx pfn=0x200 order=3 migratetype=1 "
			 "percpu_refill=1\n" CONTEXT
			 "mm_page_pcpu_drain: page=%016lx pfn=0x200 order=3 migratetype=1\n" CONTEXT
			 "mm_page_alloc_extfrag: page=%016lx pfn=0x200 alloc_order=3 "
			 "fallback_order=9 pageblock_order=9 alloc_migratetype=1 "
			 "fallback_migratetype=2 fragmenting=0 change_ownership=1\n",
		 page, page, page, page, page, page);
	expect_text(expected);
	trace_close();
}

static void test_reclaim_lines(void)
{
	begin("vmscan");
	tell(KF_EVENT_SHRINK_SLAB_START, NULL);
	tell(KF_EVENT_SHRINK_SLAB_END, NULL);
	tell(KF_EVENT_KSWAPD_WAKE, NULL);
	trace_end();
	expect_text(CONTEXT
		    "mm_shrink_slab_start: widget_init+0x0/0x80 [sample] 0000000000008000: nid: 0 "
		    "objects to shrink 1 gfp_flags GFP_KERNEL|__GFP_COMP cache items 1000 "
		    "delta 2 total_scan 3 priority 12\n" CONTEXT
		    "mm_shrink_slab_end: widget_init+0x0/0x80 [sample] 0000000000008000: nid: 0 "
		    "unused scan count 1 new scan count 4 total_scan 3 last shrinker return "
		    "val 9\n" CONTEXT "mm_vmscan_kswapd_wake: nid=0 order=3\n");
	trace_close();
}

static void test_other_lines(void)
{
	const struct kf_request request = {.kind = KF_SLAB, .size = 9, .gfp = KF_GFP_NOWAIT};
	char expected[4096];

	uint64_t cookie, chunk;
	unsigned long base;

	begin("percpu kfail");
	cookie = kf_alloc_percpu(100, 8, KF_GFP_KERNEL);
	chunk = kf_percpu_chunk(cookie);
	base = kf_layout()->percpu + chunk;
	CU_ASSERT(cookie > 0 && chunk <= cookie && chunk % KF_PAGE_SIZE == 0);
	allocate(KF_PERCPU, NULL, cookie, KF_GFP_NOWAIT);
	release(KF_PERCPU, NULL, cookie);
	allocate(KF_VMALLOC, NULL, 0x6000, KF_GFP_KERNEL);
	release(KF_VMAP, NULL, 0x7000);
	trace_refused(&request, 7, stack_of(SITE), "failslab");
	trace_operation("%s returned %s", "init", "-ENOMEM");
	trace_end();
	snprintf(expected, sizeof(expected),
		 CONTEXT
		 "percpu_alloc_percpu: call_site=widget_init+0x34/0x80 [sample] reserved=0 "
		 "is_atomic=1 size=100 "
		 "align=8 base_addr=%016lx off=%lu ptr=%016lx bytes_alloc=%lu "
		 "gfp_flags=GFP_NOWAIT\n" CONTEXT "percpu_free_percpu: base_addr=%016lx off=%lu "
		 "ptr=%016lx\n" CONTEXT "kfail_alloc: call_site=widget_init+0x34/0x80 "
		 "[sample] ptr=0000000000006000 bytes_req=100 "
		 "bytes_alloc=128 gfp_flags=GFP_KERNEL name=vmalloc\n" CONTEXT
		 "kfail_free: call_site=0x71005678 ptr=0000000000007000 name=vmap\n" CONTEXT
		 "kfail_refused: call_site=widget_init+0x34/0x80 [sample] point=7 bytes_req=9 "
		 "gfp_flags=GFP_NOWAIT "
		 "name=failslab\n" CONTEXT "kfail_operation: name=init returned -ENOMEM\n",
		 base, cookie - chunk, cookie, 128ul * kf_layout()->nr_cpus, base, cookie - chunk,
		 cookie);
	expect_text(expected);
	kf_free_percpu(cookie);
	trace_close();
}

/* Columns of trace_print_lat_fmt() of 6.1. */
static void test_context_columns(void)
{
	static const struct {
		uint32_t preempt_count, migrate_disabled;
		bool irqs_disabled;
		const char *columns;
	} contexts[] = {
		{0, 0, false, "....."},	      {0, 0, true, "d...."},
		{1, 0, false, "...1."},	      {0x12, 3, false, "...f3"},
		{0x200, 0, false, "b...."},   {0x200, 0, true, "D...."},
		{0x100, 0, false, "..s.."},   {0x10000, 0, true, "d.h.."},
		{0x10100, 0, true, "d.H.."},  {0x100000, 0, true, "d.z.."},
		{0x110001, 0, true, "d.Z1."},
	};
	char expected[128];

	for (size_t i = 0; i < sizeof(contexts) / sizeof(contexts[0]); i++) {
		begin("kfail");
		now.preempt_count = contexts[i].preempt_count;
		now.migrate_disabled = contexts[i].migrate_disabled;
		now.irqs_disabled = contexts[i].irqs_disabled;
		trace_operation("x");
		trace_end();
		snprintf(
			expected, sizeof(expected),
			"          insmod-42      [000] %s    12.345679: kfail_operation: name=x\n",
			contexts[i].columns);
		expect_text(expected);
		trace_close();
	}
}

/* Pid 0 is idle, whatever its name; a long name is cut; hours need room. */
static void test_task_columns(void)
{
	begin("kfail");
	now = (struct trace_task){.pid = 0, .comm = "swapper/0"};
	trace_operation("x");
	now = (struct trace_task){.pid = 1234567, .comm = "a_long_name_123", .ns = 123456789012345};
	trace_operation("y");
	trace_end();
	expect_text(
		"          <idle>-0       [000] .....     0.000000: kfail_operation: name=x\n"
		" a_long_name_123-1234567 [000] ..... 123456.789012: kfail_operation: name=y\n");
	trace_close();
}

static uint64_t site_of(uint64_t a, uint64_t b, uint64_t c)
{
	const uint64_t pcs[TRACE_SITES_MAX] = {a, b, c};

	return call_site(pcs, TRACE_SITES_MAX);
}

/* Who asked, where the kernel's own functions hand their caller's address on, or are no frames there. */
static void test_call_site(void)
{
	const uint64_t kmalloc = 0x71002010, kstrdup = 0x71002110, kvmalloc = 0x71002210;

	open_world();
	CU_ASSERT_EQUAL(site_of(SITE, NO_NAME, 0), SITE);
	CU_ASSERT_EQUAL(site_of(kmalloc, SITE, NO_NAME), SITE);
	CU_ASSERT_EQUAL(site_of(kmalloc, kstrdup, SITE), SITE);
	CU_ASSERT_EQUAL(site_of(kstrdup, SITE, 0), SITE);
	CU_ASSERT_EQUAL(site_of(kmalloc, kvmalloc, SITE), kvmalloc);
	CU_ASSERT_EQUAL(site_of(NO_NAME, kmalloc, SITE), NO_NAME);
	CU_ASSERT_EQUAL(site_of(kmalloc, 0, 0), kmalloc);
}

/* ---- which events ---- */

/* How many of three different events a choice takes. */
static unsigned taken(const char *events)
{
	uint64_t count;

	begin(events);
	allocate(KF_KMALLOC_LARGE, NULL, 0x2000, 0);
	tell(KF_EVENT_PAGE_ALLOC, NULL);
	trace_operation("x");
	trace_end();
	count = trace_count();
	trace_close();
	return (unsigned)count;
}

static void test_choice(void)
{
	CU_ASSERT_EQUAL(taken(NULL), 3);
	CU_ASSERT_EQUAL(taken("*:*"), 3);
	CU_ASSERT_EQUAL(taken("kmem:"), 2);
	CU_ASSERT_EQUAL(taken("kmem"), 2);
	CU_ASSERT_EQUAL(taken("kmem:*"), 2);
	CU_ASSERT_EQUAL(taken("kmalloc"), 1);
	CU_ASSERT_EQUAL(taken("kmem:kmalloc"), 1);
	CU_ASSERT_EQUAL(taken("mm_page_*,kfail"), 2);
	CU_ASSERT_EQUAL(taken("  kmalloc , mm_page_alloc "), 2);
	CU_ASSERT_EQUAL(taken("!kfail"), 2);
	CU_ASSERT_EQUAL(taken("kmem,!mm_page_*"), 1);
	CU_ASSERT_EQUAL(taken("kfree"), 0);
	CU_ASSERT_EQUAL(taken("k[m]alloc"), 1);
}

static void expect_unknown(const char *events, const char *word)
{
	char err[TRACE_ERR_MAX];

	CU_ASSERT_EQUAL(trace_open(events, nowhere, err), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(err, word));
	CU_ASSERT_PTR_NULL(strchr(err, '\n'));
	trace_close();
}

static void test_unknown_events(void)
{
	expect_unknown("kmem:nothing", "\"kmem:nothing\"");
	expect_unknown("kmalloc,kmalloc_node", "\"kmalloc_node\"");
	expect_unknown("nothing:", "kfail:kfail_operation");
	expect_unknown("net:kmalloc", "kmem:kmalloc,");
	expect_unknown("!", "\"\"");
	expect_unknown("", "empty");
	expect_unknown(" ,", "empty");
}

/* Nothing is taken, and nothing falls over, without a trace. */
static void test_closed(void)
{
	open_world();
	trace_begin(tell_task);
	CU_ASSERT_FALSE(kf_tracing);
	trace_operation("x");
	trace_end();
	trace_rescue();
	CU_ASSERT_FALSE(trace_failed());
}

/* The oldest go; the header says how many. */
static void test_full_buffer(void)
{
	const unsigned room = 1u << 20, more = 5;

	begin("kfail");
	for (unsigned i = 0; i < room + more; i++)
		trace_operation("%u", i);
	trace_end();
	CU_ASSERT_EQUAL(trace_count(), room);
	CU_ASSERT_EQUAL(trace_lost(), more);
	CU_ASSERT_STRING_EQUAL(trace_record(0)->text, "5");
	CU_ASSERT_STRING_EQUAL(trace_record(room - 1)->text, "1048580");
	trace_close();
}

static unsigned deliveries;

static bool fail_to_deliver(void)
{
	deliveries++;
	return false;
}

/* Once, by who ended the run; or by who opened, when nobody did. */
static void test_delivery(void)
{
	char err[TRACE_ERR_MAX];

	open_world();
	deliveries = 0;
	CU_ASSERT_EQUAL_FATAL(trace_open("kfail", fail_to_deliver, err), 0);
	trace_begin(tell_task);
	trace_end();
	trace_end();
	trace_rescue();
	CU_ASSERT_EQUAL(deliveries, 1);
	CU_ASSERT_TRUE(trace_failed());
	trace_begin(tell_task);
	kf_tracing = false; /* the run's process is no more */
	trace_rescue();
	CU_ASSERT_EQUAL(deliveries, 2);
	trace_close();
}

/* ---- files ---- */

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
	char path[4200], command[4300], *text = text_of_trace();
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

	begin(NULL);
	page = kf_pfn_to_page(0x200);
	cache = kf_cache_create("widgets", 100, 8, 0, NULL);
	for (unsigned kind = 0; kind < KF_NR_EVENTS; kind++) {
		tell((enum kf_event_kind)kind, page);
		if (kind == KF_EVENT_PAGE_ALLOC)
			tell((enum kf_event_kind)kind, NULL);
	}
	allocate(KF_SLAB, kf_kmalloc_cache(KF_KMALLOC_NORMAL, 7), 0x1000, KF_GFP_KERNEL);
	allocate(KF_SLAB, cache, 0xffff888012345678, KF_GFP_KERNEL | KF_GFP_ACCOUNT);
	release(KF_SLAB, cache, 0xffff888012345678);
	allocate(KF_KMALLOC_LARGE, NULL, 0x2000, 0);
	release(KF_KMALLOC_LARGE, NULL, 0x2000);
	cookie = kf_alloc_percpu(100, 8, KF_GFP_KERNEL);
	allocate(KF_PERCPU, NULL, cookie, KF_GFP_ATOMIC | KF_GFP_ZERO);
	release(KF_PERCPU, NULL, cookie);
	kf_free_percpu(cookie);
	allocate(KF_CACHE, NULL, (uint64_t)cache, KF_GFP_KERNEL);
	release(KF_VMALLOC, NULL, 0x6000);
	trace_refused(&request, 7, stack_of(SITE), "failslab");
	trace_operation("%s", "a text that is as long as the texts of events can be, and longer");
	trace_refused(&request, 8, stack_of(SITE),
		      "a text that is as long as the texts of events can be, and longer");
	trace_end();
	expect_read_back();
	kf_cache_destroy(cache);
	trace_close();
}

/* Many pages, times that need an extension, a clock that goes back. */
static void test_dat_of_many_pages(void)
{
	begin(NULL);
	now.ns = 0;
	for (unsigned i = 0; i < 2000; i++) {
		trace_operation("%u %.*s", i, (int)(i % 60),
				"a string whose length changes and which fills "
				"the rest of the record up");
		now.ns += i % 7 == 0 ? 40000000000ull : i % 5 == 0 ? 134217728 : i * 1000;
		if (i == 1000)
			now.ns = 7000;
		now.pid = (int32_t)(i % 3);
		snprintf(now.comm, sizeof(now.comm), "task%u", i % 3);
	}
	trace_end();
	expect_read_back();
	trace_close();
}

static void test_dat_of_nothing(void)
{
	begin("kfree");
	trace_end();
	expect_read_back();
	trace_close();
}

/* Flags and depths, where trace-cmd shows them: CPU 0, irqs off, softirq, preempt depth 2. */
static void test_dat_flags(void)
{
	char path[4200];

	begin("kfail");
	now.irqs_disabled = true;
	now.preempt_count = 0x102;
	trace_operation("x");
	trace_end();
	write_dat(path, sizeof(path));
	CU_ASSERT(scratch_run(
		"trace-cmd report -N -l -i trace.dat | "
		"grep -q '^ *insmod-42 *0d\\.s2\\. *12.345679: kfail_operation: *name=x$'"));
	trace_close();
}

CU_TestInfo tracing_tests[] = {
	{"slab lines", test_slab_lines},
	{"page lines", test_page_lines},
	{"reclaim lines", test_reclaim_lines},
	{"other lines", test_other_lines},
	{"context columns", test_context_columns},
	{"task columns", test_task_columns},
	{"call site", test_call_site},
	{"choice", test_choice},
	{"unknown events", test_unknown_events},
	{"closed", test_closed},
	{"full buffer", test_full_buffer},
	{"delivery", test_delivery},
	{"format", test_format},
	{"table", test_table},
	{"dat: each event", test_dat_of_each_event},
	{"dat: many pages", test_dat_of_many_pages},
	{"dat: nothing", test_dat_of_nothing},
	{"dat: flags", test_dat_flags},
	CU_TEST_INFO_NULL,
};
