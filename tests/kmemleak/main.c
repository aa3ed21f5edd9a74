// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of harness/kmemleak/ on the real allocators.
 */
#include "leak_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../allocator/core/memory.h"
#include "../../allocator/page/memblock.h"
#include "../../allocator/slab/slab.h"
#include "../../harness/trace/depot.h"

#define MODULE_PC 0x1000ul
#define KERNEL_PC 0x2000ul

void *variables[VARIABLES];
u64 clock_jiffies;
char last_log[512];

static uint32_t stack_now;

static uint32_t stack_of(uint64_t pc)
{
	return depot_save(&pc, 1);
}

void as_module(void)
{
	stack_now = stack_of(MODULE_PC);
}

void as_kernel(void)
{
	stack_now = stack_of(KERNEL_PC);
}

static uint32_t hook_allocated(const struct kf_object *object)
{
	return stack_now;
}

static void hook_whence(struct kf_whence *out)
{
	*out = (struct kf_whence){.jiffies = clock_jiffies, .pid = 42, .comm = "insmod"};
}

static void hook_log(int level, const char *line)
{
	size_t used = strlen(last_log);

	snprintf(last_log + used, sizeof(last_log) - used, "%s\n", line);
}

static const char *module_of(uint64_t pc)
{
	return pc == MODULE_PC ? "foo" : NULL;
}

static uint32_t running_stack(void)
{
	return stack_now;
}

static void roots(void (*fn)(const struct kml_root *root, void *arg), void *arg)
{
	fn(&(struct kml_root){.kind = KML_DATA,
			      .start = (uint64_t)variables,
			      .end = (uint64_t)(variables + VARIABLES),
			      .name = "foo"},
	   arg);
}

int begin_test(void)
{
	const struct kml_world world = {
		.roots = roots, .module_of = module_of, .stack = running_stack, .hz = 250};

	if (kf_memory_init(&kf_layout_native))
		return -1;
	kf_memblock_free_all();
	if (kf_slab_init())
		return -1;
	kf_hooks.allocated = hook_allocated;
	kf_hooks.whence = hook_whence;
	kf_hooks.log = hook_log;
	kml_attach(&world);
	kml_set_rules(KML_OWN);
	kml_report_all(false);
	kml_begin();
	kml_record_tasks();
	memset(variables, 0, sizeof(variables));
	last_log[0] = '\0';
	clock_jiffies = 1000;
	as_module();
	return 0;
}

int end_test(void)
{
	kml_forget();
	kf_hooks_reset();
	kf_memory_exit();
	return 0;
}

void *get(size_t size)
{
	return kf_kmalloc(size, KF_GFP_KERNEL | KF_GFP_ZERO);
}

void put(void *object)
{
	kf_kfree(object);
}

struct kml_scan scan_all(void)
{
	struct kml_scan result = {0};

	CU_ASSERT_TRUE(kml_scan(&result, NULL, NULL));
	if (kml_unable())
		printf("  not judged: %s\n", kml_unable());
	return result;
}

unsigned scan(void)
{
	return scan_all().new_leaks;
}

bool is_listed(const void *object)
{
	char wanted[64];
	char *text;
	size_t size;
	bool listed;

	snprintf(wanted, sizeof(wanted), "unreferenced object 0x%08lx (", (unsigned long)object);
	text = kml_text(&size);
	listed = strstr(text, wanted);
	free(text);
	return listed;
}

bool log_says(const char *text)
{
	if (strstr(last_log, text))
		return true;
	printf("  the log does not say \"%s\":\n%s", text, last_log);
	return false;
}

#define SUITE(name, tests)                               \
	{                                                \
		name, NULL, NULL, setup, teardown, tests \
	}

static void setup(void)
{
	CU_ASSERT_EQUAL_FATAL(begin_test(), 0);
}

static void teardown(void)
{
	end_test();
}

int main(void)
{
	CU_SuiteInfo suites[] = {
		SUITE("scan", scan_tests),
		SUITE("what modules say", api_tests),
		SUITE("commands", command_tests),
		SUITE("texts", text_tests),
		SUITE("ways", reach_tests),
		SUITE("words", word_tests),
		CU_SUITE_INFO_NULL,
	};
	unsigned failures;

	if (CU_initialize_registry() || CU_register_suites(suites))
		return 2;
	CU_basic_set_mode(CU_BRM_NORMAL);
	CU_basic_run_tests();
	failures = CU_get_number_of_failures();
	CU_cleanup_registry();
	return failures ? 1 : 0;
}
