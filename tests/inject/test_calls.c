// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls as points: the table's own rules, what --points and --fail choose, and stubs. Stubs are made in a mapping of the
 * test's own and called as a module would call them; "the kernel" is a few functions here.
 */
#include "suites.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "../../harness/inject/calls.h"
#include "../../harness/inject/inject.h"

static char err[CALLS_ERR];

/* ---- the table ---- */

static void test_no_name_twice(void)
{
	const struct call_entry *a;
	unsigned twice = 0;

	for (unsigned i = 0; (a = calls_table(i)); i++)
		for (unsigned k = 0; k < i; k++)
			twice += !strcmp(a->function, calls_table(k)->function);
	CU_ASSERT_EQUAL(twice, 0);
}

/* A word that is a group, or one of the three big ones, cannot be a function's name too. */
static void test_groups_are_no_functions(void)
{
	const struct call_entry *call;

	for (unsigned i = 0; (call = calls_table(i)); i++)
		CU_ASSERT_PTR_NULL(calls_lookup(call->group));
	CU_ASSERT_PTR_NULL(calls_lookup("alloc"));
	CU_ASSERT_PTR_NULL(calls_lookup("calls"));
	CU_ASSERT_PTR_NULL(calls_lookup("all"));
}

static bool returns_errno(const struct call_entry *call)
{
	return call->how == CALL_ERRNO || call->how == CALL_ERR_PTR || call->how == CALL_GET_USER ||
	       call->how == CALL_PUT_USER;
}

/* Expect an errno that is known by name as each default, and none where none is returned. */
static void test_every_default_is_known(void)
{
	const struct call_entry *call;

	for (unsigned i = 0; (call = calls_table(i)); i++) {
		const struct call_point *point;

		calls_reset();
		CU_ASSERT_EQUAL_FATAL(calls_fail(call->function, err), 0);
		point = calls_find(call->function);
		CU_ASSERT_PTR_NOT_NULL_FATAL(point);
		CU_ASSERT_EQUAL(returns_errno(call), call->errors[0] != '\0');
		if (returns_errno(call))
			CU_ASSERT(point->returns < 0 && point->returns >= -4095);
	}
	calls_reset();
}

/* ---- choosing ---- */

static bool chosen(const char *import)
{
	return calls_find(import) != NULL;
}

static void choose(const char *list, bool expect_allocations)
{
	bool allocations = !expect_allocations;

	calls_reset();
	CU_ASSERT_EQUAL(calls_choose(list, &allocations, err), 0);
	CU_ASSERT_EQUAL(allocations, expect_allocations);
}

static void test_choice(void)
{
	choose("alloc", true);
	CU_ASSERT_FALSE(calls_any());
	choose("calls", false);
	CU_ASSERT(chosen("request_threaded_irq") && chosen("misc_register"));
	CU_ASSERT_FALSE(chosen("kstrtoint")); /* its arguments decide: only by name */
	CU_ASSERT_FALSE(chosen("kmalloc"));
	choose("all", true);
	CU_ASSERT(chosen("request_threaded_irq"));
	choose("alloc,parse", true);
	CU_ASSERT(chosen("kstrtoint"));
	CU_ASSERT_FALSE(chosen("request_threaded_irq"));
	choose("dma_*,cdev_add", false);
	CU_ASSERT(chosen("dma_alloc_attrs") && chosen("cdev_add"));
	CU_ASSERT_FALSE(chosen("cdev_alloc"));
	calls_reset();
	CU_ASSERT_FALSE(calls_any());
	CU_ASSERT_FALSE(chosen("cdev_add"));
}

/* request_irq() is an inline function of the kernel's headers; native mode imports it as it is. */
static void test_names_in_the_source(void)
{
	choose("request_irq", false);
	CU_ASSERT(chosen("request_threaded_irq"));
	CU_ASSERT_STRING_EQUAL(calls_find("request_threaded_irq")->import, "request_threaded_irq");
	CU_ASSERT_STRING_EQUAL(calls_find("request_irq")->import, "request_irq");
	choose("get_user", false);
	CU_ASSERT(chosen("__get_user_1") && chosen("__get_user_8"));
	CU_ASSERT_FALSE(chosen("__get_user_nocheck_4"));
}

static void refused_choice(const char *list, const char *word)
{
	bool allocations;

	calls_reset();
	err[0] = '\0';
	CU_ASSERT_EQUAL(calls_choose(list, &allocations, err), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(err, word));
	CU_ASSERT_PTR_NULL(strchr(err, '\n'));
}

static void test_nonsense_choices(void)
{
	refused_choice("", "separated by commas");
	refused_choice("irq,", "separated by commas");
	refused_choice(",irq", "separated by commas");
	refused_choice("irq,reqest_irq", "request_irq");
	CU_ASSERT_STRING_EQUAL(calls_unknown(), "reqest_irq");
	refused_choice("zzz_*", "zzz_*");
	refused_choice("a_name_that_is_longer_than_any_name_of_a_function_in_the_whole_kernel_is",
		       "separated by commas");
}

static int64_t value_of(const char *text, const char *import)
{
	calls_reset();
	CU_ASSERT_EQUAL(calls_fail(text, err), 0);
	CU_ASSERT_PTR_NOT_NULL_FATAL(calls_find(import));
	return calls_find(import)->returns;
}

static void test_values(void)
{
	CU_ASSERT_EQUAL(value_of("request_irq", "request_threaded_irq"), -EBUSY);
	CU_ASSERT_EQUAL(value_of("request_irq=-EIO", "request_threaded_irq"), -EIO);
	CU_ASSERT_EQUAL(value_of("request_irq=EIO", "request_threaded_irq"), -EIO);
	CU_ASSERT_EQUAL(value_of("request_irq=-5", "request_threaded_irq"), -EIO);
	CU_ASSERT_EQUAL(value_of("clk_get=-EPROBE_DEFER", "clk_get"), -517);
	CU_ASSERT_EQUAL(value_of("clk_get=ERR_PTR(-ENOENT)", "clk_get"), -ENOENT);
	CU_ASSERT_EQUAL(value_of("alloc_workqueue=NULL", "alloc_workqueue"), 0);
	CU_ASSERT_EQUAL(value_of("try_module_get=false", "try_module_get"), 0);
	CU_ASSERT_EQUAL(value_of("down_trylock=1", "down_trylock"), 1);
	CU_ASSERT_EQUAL(value_of("dma_map_page_attrs", "dma_map_page_attrs"), -1);
}

/* --points later does not take the value away. */
static void test_value_stays(void)
{
	bool allocations;

	calls_reset();
	CU_ASSERT_EQUAL(calls_fail("request_irq=-EIO", err), 0);
	CU_ASSERT_EQUAL(calls_choose("calls", &allocations, err), 0);
	CU_ASSERT_EQUAL(calls_find("request_threaded_irq")->returns, -EIO);
}

static void refused_value(const char *text, const char *word)
{
	calls_reset();
	err[0] = '\0';
	CU_ASSERT_EQUAL(calls_fail(text, err), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(err, word));
}

static void test_nonsense_values(void)
{
	refused_value("request_irq=NULL", "-EBUSY");
	CU_ASSERT_STRING_EQUAL(calls_unknown(), "");
	refused_value("request_irq=", "-EBUSY");
	refused_value("request_irq=-ENOSUCH", "-ENOSUCH");
	refused_value("request_irq=0", "-EBUSY");
	refused_value("request_irq=-4096", "-EBUSY");
	refused_value("alloc_workqueue=-ENOMEM", "NULL");
	refused_value("copy_from_user=-EFAULT", "all that was to be done");
	refused_value("kmaloc=NULL", "kmaloc");
	refused_value("", "a function is wanted");
	refused_value("=-EIO", "=-EIO");
}

/* What was named must be there; what only belongs to a group may be missing. */
static void test_unmatched(void)
{
	choose("irq,misc_register", false);
	CU_ASSERT_PTR_NOT_NULL_FATAL(calls_unmatched());
	CU_ASSERT_STRING_EQUAL(calls_unmatched(), "misc_register");
	CU_ASSERT(chosen("misc_register"));
	CU_ASSERT_PTR_NULL(calls_unmatched());
	choose("get_user", false);
	CU_ASSERT(chosen("__get_user_4"));
	CU_ASSERT_PTR_NULL(calls_unmatched());
}

/* ---- stubs ---- */

struct numbers {
	long a[8];
};

static struct numbers last;
static unsigned calls, asked;
static bool refuse, signals;
static const struct call_point *asked_about;

/* Eight arguments: two of them on the stack. */
static long target(long a, long b, long c, long d, long e, long f, long g, long h)
{
	calls++;
	last = (struct numbers){{a, b, c, d, e, f, g, h}};
	return 4711;
}

static bool answer(const struct call_point *point)
{
	asked++;
	asked_about = point;
	return refuse;
}

static char prepared_memory[16];
static unsigned prepared;

static void prepare_object(void *object, long second, long third)
{
	prepared++;
	CU_ASSERT_PTR_EQUAL(object, prepared_memory + 16);
	CU_ASSERT_EQUAL(third, 0);
}

static unsigned finished;

static void finish(void)
{
	finished++;
}

static uint64_t find_function(const char *name)
{
	if (!strcmp(name, "memset"))
		return (uint64_t)memset;
	if (!strcmp(name, "finish_wait"))
		return (uint64_t)finish;
	return strcmp(name, "device_initialize") ? 0 : (uint64_t)prepare_object;
}

static bool takes_signals(void)
{
	return signals;
}

typedef long call_fn(long a, long b, long c, long d, long e, long f, long g, long h);

static void open_stubs(const char *choice)
{
	static const struct calls_world world = {find_function, takes_signals};
	size_t size = CALLS_COMMON_MAX + CALLS_MAX * CALLS_STUB_SIZE;
	static void *memory;

	if (!memory)
		memory = mmap(NULL, size, PROT_READ | PROT_WRITE | PROT_EXEC,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CU_ASSERT_PTR_NOT_EQUAL_FATAL(memory, MAP_FAILED);
	calls_reset();
	CU_ASSERT_EQUAL_FATAL(calls_fail(choice, err), 0);
	calls_stubs_open(memory, (uint64_t)calls_ask, &world);
	calls_should_fail = answer;
	calls = asked = prepared = finished = 0;
	refuse = true;
	signals = true;
}

static call_fn *stub(const char *import)
{
	uint64_t at = calls_stub(import, (uint64_t)target);

	CU_ASSERT_NOT_EQUAL_FATAL(at, 0);
	CU_ASSERT_EQUAL(at, calls_stub(import, (uint64_t)target));
	return (call_fn *)at;
}

/* Expect the function itself, with all eight arguments, and its result. */
static void test_stub_goes_on(void)
{
	call_fn *fn;

	open_stubs("request_irq");
	fn = stub("request_threaded_irq");
	refuse = false;
	CU_ASSERT_EQUAL(fn(1, 2, 3, 4, 5, 6, 7, 8), 4711);
	CU_ASSERT_EQUAL(calls, 1);
	CU_ASSERT_EQUAL(asked, 1);
	for (long i = 0; i < 8; i++)
		CU_ASSERT_EQUAL(last.a[i], i + 1);
	CU_ASSERT_PTR_EQUAL(asked_about, calls_find("request_threaded_irq"));
}

static void test_stub_fails(void)
{
	call_fn *irq, *copy;

	open_stubs("request_irq=-EIO");
	CU_ASSERT_EQUAL(calls_fail("copy_to_user", err), 0);
	irq = stub("request_threaded_irq");
	copy = stub("_copy_to_user");
	CU_ASSERT_PTR_NOT_EQUAL(irq, copy);
	CU_ASSERT_EQUAL(irq(1, 2, 3, 4, 5, 6, 7, 8), -EIO);
	CU_ASSERT_EQUAL(copy(1, 2, 33, 4, 5, 6, 7, 8), 33); /* nothing of it was copied */
	CU_ASSERT_EQUAL(calls, 0);
	CU_ASSERT_EQUAL(asked, 2);
}

/* _copy_from_user(to, from, n): what could not be copied is zero. */
static void test_first_fill(void)
{
	char to[8] = "1234567";

	open_stubs("copy_from_user");
	CU_ASSERT_EQUAL(stub("_copy_from_user")((long)to, 0, 5, 0, 0, 0, 0, 0), 5);
	CU_ASSERT_EQUAL(memcmp(to,
			       "\0\0\0\0\0"
			       "67",
			       8),
			0);
}

/* platform_device_register(): put_device() must be possible although it failed. */
static void test_first_object(void)
{
	open_stubs("platform_device_register");
	CU_ASSERT_EQUAL(
		stub("platform_device_register")((long)prepared_memory, 2, 3, 0, 0, 0, 0, 0),
		-EBUSY);
	CU_ASSERT_EQUAL(prepared, 1);
	refuse = false;
	stub("platform_device_register")((long)prepared_memory, 2, 3, 0, 0, 0, 0, 0);
	CU_ASSERT_EQUAL(prepared, 1);
}

/* Without what must be done first, it is better not to refuse at all. */
static void test_first_is_missing(void)
{
	int before = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY);

	open_stubs("kset_register");
	dup2(null, STDERR_FILENO); /* it says so */
	CU_ASSERT_EQUAL(calls_stub("kset_register", (uint64_t)target), 0);
	dup2(before, STDERR_FILENO);
	close(before);
	close(null);
}

/* A kernel thread is not interrupted, a completion that is done is not waited for. Then nobody is asked: no point. */
static void test_conditions(void)
{
	unsigned done[2] = {0, 0};
	call_fn *wait, *module;

	open_stubs("wait_for_completion_interruptible");
	CU_ASSERT_EQUAL(calls_fail("try_module_get", err), 0);
	wait = stub("wait_for_completion_interruptible");
	module = stub("try_module_get");
	CU_ASSERT_EQUAL(wait((long)done, 0, 0, 0, 0, 0, 0, 0), -512);
	signals = false;
	CU_ASSERT_EQUAL(wait((long)done, 0, 0, 0, 0, 0, 0, 0), 4711);
	signals = true;
	done[0] = 1;
	CU_ASSERT_EQUAL(wait((long)done, 0, 0, 0, 0, 0, 0, 0), 4711);
	CU_ASSERT_EQUAL(wait(0, 0, 0, 0, 0, 0, 0, 0), 4711); /* the function may fault */
	CU_ASSERT_EQUAL(module(0, 0, 0, 0, 0, 0, 0, 0), 4711);
	CU_ASSERT_EQUAL(asked, 1);
	CU_ASSERT_EQUAL(module((long)done, 0, 0, 0, 0, 0, 0, 0), 0);
}

static void test_early_end(void)
{
	call_fn *sleep;

	open_stubs("schedule_timeout_interruptible");
	sleep = stub("schedule_timeout_interruptible");
	CU_ASSERT_EQUAL(sleep(250, 0, 0, 0, 0, 0, 0, 0), 250);
}

/* prepare_to_wait_event(head, entry, state): a state that signals do not end is no point. */
static void test_sleeping_state(void)
{
	call_fn *prepare;

	open_stubs("prepare_to_wait_event");
	prepare = stub("prepare_to_wait_event");
	CU_ASSERT_EQUAL(prepare((long)prepared_memory, 0, 1, 0, 0, 0, 0, 0), -512);
	CU_ASSERT_EQUAL(prepare((long)prepared_memory, 0, 0x102, 0, 0, 0, 0, 0), -512);
	CU_ASSERT_EQUAL(prepare((long)prepared_memory, 0, 2, 0, 0, 0, 0, 0), 4711);
	CU_ASSERT_EQUAL(finished, 2);
}

/* get_user(): pointer in rax, error in rax, value in rdx, nothing else changes. */
static void test_get_user(void)
{
	uint64_t rax = 1, rdx = 2, rcx = 3, rsi = 4, fn;

	open_stubs("__get_user_4");
	fn = (uint64_t)stub("__get_user_4");
	__asm__ volatile("sub $128, %%rsp\n\tcall *%4\n\tadd $128, %%rsp"
			 : "+a"(rax), "+d"(rdx), "+c"(rcx), "+S"(rsi)
			 : "r"(fn)
			 : "memory", "cc");
	CU_ASSERT_EQUAL((int64_t)rax, -EFAULT);
	CU_ASSERT_EQUAL(rdx, 0);
	CU_ASSERT_EQUAL(rcx, 3);
	CU_ASSERT_EQUAL(rsi, 4);
}

/* ---- in the one counter of points ---- */

static struct caller somebody(void)
{
	return (struct caller){.stack = 0, .on_behalf = true};
}

static void test_one_counter(void)
{
	const struct kf_request request = {.kind = KF_SLAB, .size = 96, .gfp = KF_GFP_KERNEL};
	const struct call_point *point;
	struct schedule schedule;
	char text[64];

	calls_reset();
	CU_ASSERT_EQUAL(calls_fail("clk_get", err), 0);
	point = calls_find("clk_get");
	schedule_parse("2,4", &schedule, err);
	inject_begin(&schedule, false);
	CU_ASSERT_FALSE(inject_should_fail(&request, somebody));
	CU_ASSERT(inject_call_should_fail(point, somebody));
	CU_ASSERT_PTR_EQUAL(inject_last()->call, point);
	CU_ASSERT_EQUAL(inject_last()->capability, FAIL_FUNCTION);
	CU_ASSERT_STRING_EQUAL(call_point_text(point, text, sizeof(text)), "ERR_PTR(-ENOENT)");
	CU_ASSERT_FALSE(inject_call_should_fail(point, somebody));
	CU_ASSERT(inject_should_fail(&request, somebody));
	CU_ASSERT_PTR_NULL(inject_last()->call);
	inject_suspend();
	CU_ASSERT_FALSE(inject_call_should_fail(point, somebody));
	CU_ASSERT_EQUAL(inject_points(), 4);
}

static void test_only_calls(void)
{
	const struct kf_request request = {.kind = KF_SLAB, .size = 96, .gfp = KF_GFP_KERNEL};
	struct schedule schedule;

	schedule_parse("1+", &schedule, err);
	inject_allocations(false);
	inject_begin(&schedule, false);
	CU_ASSERT_FALSE(inject_should_fail(&request, somebody));
	CU_ASSERT_EQUAL(inject_points(), 0);
	CU_ASSERT(inject_call_should_fail(calls_find("clk_get"), somebody));
	inject_allocations(true);
	calls_reset();
}

CU_TestInfo calls_tests[] = {
	{"no function is listed twice", test_no_name_twice},
	{"groups are no functions", test_groups_are_no_functions},
	{"every default value is known", test_every_default_is_known},
	{"groups, functions, patterns", test_choice},
	{"names in a driver's source", test_names_in_the_source},
	{"nonsense choices", test_nonsense_choices},
	{"values", test_values},
	{"a value stays", test_value_stays},
	{"nonsense values", test_nonsense_values},
	{"what was named must be imported", test_unmatched},
	{"a stub goes on to the function", test_stub_goes_on},
	{"a stub fails", test_stub_fails},
	{"user memory that could not be copied is zero", test_first_fill},
	{"an object is initialised although it is refused", test_first_object},
	{"nothing is refused without what must be done first", test_first_is_missing},
	{"when a call cannot fail", test_conditions},
	{"waits that end early", test_early_end},
	{"a sleep that signals do not end", test_sleeping_state},
	{"get_user()", test_get_user},
	{"calls and allocations have one counter", test_one_counter},
	{"calls alone", test_only_calls},
	CU_TEST_INFO_NULL,
};
