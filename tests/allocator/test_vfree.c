// SPDX-License-Identifier: GPL-2.0-only
/*
 * Freeing, now and later; failure in the middle of an allocation; huge blocks; settings.
 */
#include <stdio.h>
#include <sys/resource.h>
#include <valgrind/valgrind.h>

#include "../../allocator/core/settings.h"
#include "test.h"

#define HUGE (2 * MIB)

/* Expect a deferred area to be live and usable until the work, and its link in its first word. */
static void deferred(void)
{
	char *a = kf_vmalloc(8192, 1, GFP_KERNEL, false),
	     *b = kf_vmalloc(4096, 1, GFP_KERNEL, false);
	struct kf_object obj;

	memset(a, 'a', 8192);
	CHECK(kf_vfree_deferred(a)); /* the work has to be started */
	CHECK(!kf_vfree_deferred(b));
	CHECK_EQ(told.freed, 0);
	CHECK(*(void **)a == NULL && *(char **)b == a);
	CHECK(a[8191] == 'a' && kf_object_at(a, &obj) && obj.live);
	kf_vfree_work();
	CHECK_EQ(told.freed, 2);
	CHECK(!mapped(a) && !mapped(b));
	CHECK(!kf_vfree_deferred(NULL));
	kf_vfree_work(); /* nothing to do */
	CHECK_VALID();
}

/* Expect a second free of what is on the list to be told at once, and the list to stay whole. */
static void deferred_twice(void)
{
	char *a = kf_vmalloc(4096, 1, GFP_KERNEL, false),
	     *b = kf_vmalloc(4096, 1, GFP_KERNEL, false);

	kf_vfree_deferred(a);
	kf_vfree_deferred(b);
	CHECK(!kf_vfree_deferred(a));
	expect_bug(KF_BUG_DOUBLE_FREE);
	kf_vfree(a);
	expect_bug(KF_BUG_DOUBLE_FREE);
	kf_vfree_work();
	CHECK_EQ(told.freed, 2);
}

/* Expect a write into memory that waits to be freed to be told, and the work to go on. */
static void deferred_and_written(void)
{
	char *a = kf_vmalloc(4096, 1, GFP_KERNEL, false),
	     *b = kf_vmalloc(4096, 1, GFP_KERNEL, false);

	kf_vfree_deferred(a);
	kf_vfree_deferred(b);
	memset(b, 'x', 16);
	kf_vfree_work();
	expect_bug(KF_BUG_WRITE_AFTER_FREE);
	CHECK(told.bug.object.addr == b);
	CHECK_EQ(told.freed, 2);
}

/* Expect no link in an area that is smaller than one: it would lie in our own guard. */
static void deferred_and_small(void)
{
	char *p = kf_vmalloc(4, 1, GFP_KERNEL, false);

	CHECK(kf_vfree_deferred(p));
	CHECK_EQ(kf_check_all(), 0);
	kf_vfree_work();
	CHECK_EQ(told.bugs, 0);
}

/* Expect the kernel's sentences for what cannot be freed, now and later. */
static void texts(void)
{
	char *p = kf_vmalloc(8192, 1, GFP_KERNEL, false);
	char text[96];

	kf_vfree(p + 8);
	expect_bug(KF_BUG_INVALID_FREE);
	snprintf(text, sizeof(text), "Trying to vfree() bad address (%016llx)",
		 (unsigned long long)(uintptr_t)p + 8);
	CU_ASSERT_STRING_EQUAL(last_line(), text);
	kf_vfree(p + 4096);
	expect_bug(KF_BUG_INVALID_FREE);
	snprintf(text, sizeof(text), "Trying to vfree() nonexistent vm area (%016llx)",
		 (unsigned long long)(uintptr_t)p + 4096);
	CU_ASSERT_STRING_EQUAL(last_line(), text);
	CHECK(!kf_vfree_deferred(p + 4096));
	expect_bug(KF_BUG_INVALID_FREE);
	CHECK(!kf_vfree_deferred(p + 8));
	expect_bug(KF_BUG_INVALID_FREE);
	kf_vfree(p);
	CU_ASSERT_PTR_NULL(kf_vmalloc(64 * MIB, 1, GFP_KERNEL, false)); /* a line, and no WARN() */
	CHECK(!strncmp(last_line(), "vmalloc error: size 67108864, exceeds total pages", 49));
}

/* Expect all frames back, counts right, and one sentence for __GFP_NOFAIL, when memory ends in the middle. */
static void no_frames(void)
{
	struct kf_vmalloc_stat stat;
	u64 free;
	void *p = kf_vmalloc(20 * MIB, 1, GFP_KERNEL, false);

	REQUIRE(p != NULL);
	free = free_pages_now();
	told.log[0] = 0;
	CU_ASSERT_PTR_NULL(kf_vmalloc(30 * MIB, 1, GFP_KERNEL | KF_GFP_NOWARN, false));
	CHECK_EQ(told.log[0], 0);
	CHECK_EQ(free_pages_now(), free);
	kf_vmalloc_stat(&stat);
	CHECK(stat.nr_pages == 20 * MIB / 4096 && stat.busy == 1);
	CHECK_VALID();
	kf_vfree(p);
}

/* Expect all frames back when they cannot be mapped. (Valgrind itself could not go on.) */
static void no_mapping(void)
{
	u64 free = free_pages_now();
	struct rlimit old, none;
	void *p, *q;

	if (RUNNING_ON_VALGRIND)
		return;
	REQUIRE(getrlimit(RLIMIT_AS, &old) == 0);
	none = (struct rlimit){4096, old.rlim_max};
	setrlimit(RLIMIT_AS, &none);
	p = kf_vmalloc(MIB, 1, GFP_KERNEL, false);
	q = kf_ioremap(0xfeb00000, 8192);
	setrlimit(RLIMIT_AS, &old);
	CHECK(!p && !q);
	CHECK_EQ(told.allocated, 0);
	CHECK_EQ(free_pages_now(), free);
	CHECK_VALID();
	p = kf_vmalloc(MIB, 1, GFP_KERNEL, false);
	CU_ASSERT_PTR_NOT_NULL(p);
	kf_vfree(p);
}

/* Expect blocks of 2 MiB at an address to match, which can be freed page by page; single frames where there are none. */
static void huge(void)
{
	struct kf_vmalloc_args args = {.size = HUGE + 5000,
				       .align = 1,
				       .gfp = GFP_KERNEL,
				       .prot = KF_PROT_KERNEL,
				       .flags = KF_VM_ALLOW_HUGE_VMAP};
	char *p = kf_vmalloc_range(&args);
	struct kf_vm *vm = kf_find_vm_area(p);
	u64 pfn = kf_page_to_pfn(vm->pages[0]);

	CHECK((u64)(uintptr_t)p % HUGE == 0 && vm->page_order == 9 && vm->nr_pages == 1024);
	CHECK(pfn % 512 == 0 && vm->pages[511] == vm->pages[0] + 511);
	CHECK(told.born.size == HUGE + 5000 && told.born.usable == 2 * HUGE);
	CHECK_VALID();
	vm->pages[5]->refcount++; /* somebody keeps one of them */
	kf_vfree(p);
	CHECK_EQ(told.freed, 1);
	kf_pfn_to_page(pfn + 5)->refcount--;
	kf_release_page(kf_pfn_to_page(pfn + 5));
	args.size = HUGE - 1; /* too small to be worth it */
	p = kf_vmalloc_range(&args);
	CHECK_EQ(kf_find_vm_area(p)->page_order, 0);
	kf_vfree(p);
}

/* Expect single frames where no block of 2 MiB is free. */
static void huge_falls_back(void)
{
	struct kf_vmalloc_args args = {.size = HUGE,
				       .align = 1,
				       .gfp = GFP_KERNEL,
				       .prot = KF_PROT_KERNEL,
				       .flags = KF_VM_ALLOW_HUGE_VMAP};
	const u32 all = GFP_KERNEL | KF_GFP_NOWARN | KF_GFP_MEMALLOC; /* reserves too */
	struct page *blocks[32] = {0};
	unsigned n = 0;
	char *p;

	/* One page of each 2 MiB: plenty of frames, no block. */
	while (n < 32 && (blocks[n] = kf_alloc_pages(all, 9)))
		n++;
	CHECK(n > 8);
	for (unsigned i = 0; i < n; i++) {
		kf_split_page(blocks[i], 9);
		for (unsigned page = 1; page < 512; page++)
			kf_free_pages(blocks[i] + page, 0);
	}
	p = kf_vmalloc_range(&args);
	CHECK(p && kf_find_vm_area(p)->page_order == 0 && kf_find_vm_area(p)->nr_pages == 512);
	kf_vfree(p);
	for (unsigned i = 0; i < n; i++)
		kf_free_pages(blocks[i], 0);
}

/* Expect one request for one call, however it is served, and its order of questions. */
static void one_request(void)
{
	struct kf_vmalloc_args args = {.size = 3 * MIB,
				       .align = 1,
				       .gfp = GFP_KERNEL,
				       .prot = KF_PROT_KERNEL,
				       .flags = KF_VM_ALLOW_HUGE_VMAP};
	char *p = kf_vmalloc_range(&args);

	CU_ASSERT_STRING_EQUAL(told.order, "msa");
	kf_vfree(p);
	CU_ASSERT_STRING_EQUAL(told.order, "msaf");
}

/* ---- settings ----------------------------------------------------------------------------------------- */

static void start_with_settings(void)
{
	struct kf_settings settings;

	kf_settings_default(&settings);
	settings.guard = false;
	settings.init_on_alloc = true;
	settings.nohugevmalloc = true;
	fixture_start_with(&settings);
}

/* Expect no guard behind the requested size, zeros without being asked, and no blocks. */
static void settings(void)
{
	struct kf_vmalloc_args args = {.size = HUGE,
				       .align = 1,
				       .gfp = GFP_KERNEL,
				       .prot = KF_PROT_KERNEL,
				       .flags = KF_VM_ALLOW_HUGE_VMAP};
	char *p = kf_vmalloc(100, 1, GFP_KERNEL, false), *q = kf_vmalloc_range(&args);

	CHECK(all_bytes(p, 0, 4096));
	p[200] = 1;
	CHECK_EQ(kf_find_vm_area(q)->page_order, 0);
	kf_vfree(p);
	kf_vfree(q);
}

static const CU_TestInfo tests[] = {
	{"deferred", deferred},
	{"deferred twice", deferred_twice},
	{"deferred and written", deferred_and_written},
	{"deferred and small", deferred_and_small},
	{"texts", texts},
	{"no frames", no_frames},
	{"no mapping", no_mapping},
	{"huge", huge},
	{"huge falls back", huge_falls_back},
	{"one request", one_request},
	CU_TEST_INFO_NULL,
};

const struct suite vfree_suite = {"vfree", fixture_start, fixture_stop, tests};

static const CU_TestInfo settings_tests[] = {
	{"settings", settings},
	CU_TEST_INFO_NULL,
};

const struct suite vfree_settings_suite = {"vfree settings", start_with_settings, fixture_stop,
					   settings_tests};
