// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tables of names: what a kernel function registers, and what a request is called.
 */
#include "suites.h"

#include <string.h>
#include "../../harness/judge/evidence.h"

static void check_noun(const char *function, const char *noun)
{
	const struct resource *resource = resource_find(function);

	CU_ASSERT_PTR_NOT_NULL(resource);
	if (resource)
		CU_ASSERT_STRING_EQUAL(resource->noun, noun);
}

static void test_resources(void)
{
	check_noun("__register_chrdev", "character device region");
	check_noun("__register_chrdev_region", "character device region");
	check_noun("alloc_chrdev_region", "character device region");
	check_noun("device_create_with_groups", "device");
	check_noun("device_create_file", "sysfs file");
	check_noun("proc_create_data", "proc entry");
	check_noun("debugfs_create_dir", "debugfs directory");
	check_noun("debugfs_create_u32", "debugfs entry");
	check_noun("register_reboot_notifier", "notifier");
	check_noun("device_create_with_groups.isra.0", "device");
	check_noun("misc_register.constprop.0", "misc device");
	CU_ASSERT_PTR_NULL(resource_find("kmalloc"));
	CU_ASSERT_PTR_NULL(resource_find("device"));
	CU_ASSERT_PTR_NULL(resource_find("my_device_create"));
	CU_ASSERT_TRUE(resource_find("device_register")->keeps);
	CU_ASSERT_FALSE(resource_find("device_create")->keeps);
}

static const char *name_of(const char *const *functions, const struct kf_request *request)
{
	struct stack stack = {0};

	while (*functions)
		stack.frames[stack.count++].function = (char *)*functions++;
	return api_name(&stack, request);
}

#define NAME(request, ...) name_of((const char *const[]){__VA_ARGS__, NULL}, request)

static void test_apis(void)
{
	const struct kf_request slab = {.kind = KF_SLAB, .gfp = GFP_KERNEL};
	const struct kf_request zeroed = {.kind = KF_SLAB, .gfp = GFP_KERNEL | KF_GFP_ZERO};
	const struct kf_request percpu = {.kind = KF_PERCPU};

	CU_ASSERT_STRING_EQUAL(NAME(&slab, "kmalloc_trace", "foo_init"), "kmalloc");
	CU_ASSERT_STRING_EQUAL(NAME(&zeroed, "kmalloc_trace", "foo_init"), "kzalloc");
	CU_ASSERT_STRING_EQUAL(NAME(&zeroed, "kmalloc_trace", "kmalloc", "kzalloc", "foo_init"),
			       "kzalloc");
	CU_ASSERT_STRING_EQUAL(NAME(&zeroed, "__kmalloc", "kmalloc_array", "kcalloc", "foo_init"),
			       "kcalloc");
	CU_ASSERT_STRING_EQUAL(NAME(&slab, "__kmalloc_node_track_caller", "kstrdup", "foo_init"),
			       "kstrdup");
	CU_ASSERT_STRING_EQUAL(NAME(&slab, "kf_kmalloc", "kmalloc_trace", "foo_init"), "kmalloc");
	CU_ASSERT_STRING_EQUAL(NAME(&zeroed, "__kmalloc", "kcalloc.constprop.0", "foo_init"),
			       "kcalloc");
	CU_ASSERT_STRING_EQUAL(NAME(&slab, "foo_init"), "kmalloc");
	CU_ASSERT_STRING_EQUAL(NAME(&percpu, "foo_init"), "alloc_percpu");
	/* What somebody else's function asked for is that function's request, by its own name. */
	CU_ASSERT_STRING_EQUAL(NAME(&slab, "kmalloc_trace", "class_create", "kmalloc"), "kmalloc");
}

CU_TestInfo table_tests[] = {
	{"resources", test_resources},
	{"apis", test_apis},
	CU_TEST_INFO_NULL,
};
