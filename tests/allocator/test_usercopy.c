// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hardened usercopy: windows of caches, whole buckets of kmalloc, blocks, areas; and flags of caches.
 */
#include <errno.h>

#include "slub_debug.h"

static void start(void)
{
	start_with(NULL);
}

static void refused(const void *p, size_t n, bool to_user, const char *text)
{
	forget_log();
	CHECK(!kf_check_usercopy(p, n, to_user));
	CHECK_LINE("usercopy: Kernel memory %s", text);
	expect_bug(KF_BUG_USERCOPY);
}

/* Expect the window, and nothing outside of it. */
static void window(void)
{
	struct kf_cache *cache = create("task", 100, 0, 0, 16, 32, NULL, NULL);
	char *p = kf_cache_alloc(cache, GFP_KERNEL);

	CHECK(kf_check_usercopy(p + 16, 32, true));
	CHECK(kf_check_usercopy(p + 47, 1, false));
	CHECK(kf_check_usercopy(p, 0, true));
	refused(p, 4, true,
		"exposure attempt detected from SLUB object 'task' (offset 0, size 4)!");
	refused(p + 16, 33, true,
		"exposure attempt detected from SLUB object 'task' (offset 16, size 33)!");
	refused(p + 48, 1, false,
		"overwrite attempt detected to SLUB object 'task' (offset 48, size 1)!");
	CHECK(told.bug.object.addr == p);
	kf_cache_free(cache, p);
	kf_cache_destroy(cache);
}

/* Expect a cache without a window to allow nothing, and kmalloc its whole bucket. */
static void kmalloc_bucket(void)
{
	struct kf_cache *cache = kf_cache_create("bare", 64, 0, 0, NULL);
	char *p = kf_cache_alloc(cache, GFP_KERNEL), *q = kf_kmalloc(50, GFP_KERNEL);
	char *large = kf_kmalloc(10000, GFP_KERNEL);

	refused(p, 64, false,
		"overwrite attempt detected to SLUB object 'bare' (offset 0, size 64)!");
	CHECK(kf_check_usercopy(q, 64, true));
	refused(q + 60, 5, true,
		"exposure attempt detected from SLUB object 'kmalloc-64' (offset 60, size 5)!");
	CHECK(kf_check_usercopy(large, 16384, true));
	refused(large + 1, 16384, false,
		"overwrite attempt detected to page alloc (offset 1, size 16384)!");
	kf_cache_free(cache, p);
	kf_cache_destroy(cache);
	kf_kfree(q);
	kf_kfree(large);
}

/* Expect the red zone of slub_debug to be named for every object of a slab, not only for the first. */
static void red_zone(void)
{
	struct kf_cache *cache;
	char *p, *q;

	fixture_stop();
	start_with("slub_debug=Z");
	cache = create("zoned", 64, 0, 0, 0, 64, NULL, NULL);
	p = kf_cache_alloc(cache, GFP_KERNEL);
	q = kf_cache_alloc(cache, GFP_KERNEL);
	REQUIRE(q > p);
	refused(q - 4, 8, true,
		"exposure attempt detected from SLUB object in left red zone 'zoned' (offset 4, "
		"size 8)!");
	CHECK(kf_check_usercopy(q, 64, true));
	kf_cache_free(cache, p);
	kf_cache_free(cache, q);
	kf_cache_destroy(cache);
}

/* Expect addresses that are none to be refused, and memory that nobody describes to pass. */
static void addresses(void)
{
	struct page *page = kf_alloc_pages(GFP_KERNEL, 1);
	char *area = kf_vmalloc(5000, 1, GFP_KERNEL, false), local;

	refused(NULL, 1, true, "exposure attempt detected from null address (offset 0, size 1)!");
	refused((void *)-8, 16, true,
		"exposure attempt detected from wrapped address (offset 0, size 16)!");
	CHECK(kf_check_usercopy(kf_page_address(page), 8192, true));
	CHECK(kf_check_usercopy(kf_page_address(page), 9000, true)); /* not compound: no end */
	CHECK(kf_check_usercopy(&local, 1, true));
	CHECK(kf_check_usercopy(area, 8192, true));
	refused(area + 100, 3 * 4096, true,
		"exposure attempt detected from vmalloc (offset 100, size 12288)!");
	kf_free_pages(page, 1);
	kf_vfree(area);
	refused(area, 1, true,
		"exposure attempt detected from vmalloc 'no area' (offset 0, size 1)!");
}

/* Expect a window that is not inside the object to be told and to become empty. */
static void insane_windows(void)
{
	static const struct {
		size_t offset, size;
	} windows[] = {{0, 65}, {1, 64}, {8, 0}, {100, 1}};

	for (size_t i = 0; i < sizeof(windows) / sizeof(*windows); i++) {
		struct kf_cache *cache =
			create("x", 64, 0, 0, windows[i].offset, windows[i].size, NULL, NULL);
		struct kf_cache_stat stat;

		expect_bug(KF_BUG_WARN);
		kf_cache_stat(cache, &stat);
		CHECK(stat.useroffset == 0 && stat.usersize == 0);
		kf_cache_destroy(cache);
	}
}

/* Expect the permitted flags, and -EINVAL with the kernel's warning for every other one. */
static void flags(void)
{
	const u32 permitted = 0x2000 | 0x4000 | 0x8000 | 0x40000 | 0x80000 | 0x400000 | 0x400 |
			      0x800 | 0x10000 | 0x200000 | 0x100 | 0x100000 | 0x800000 | 0x20000 |
			      0x4000000 | 0x10000000;

	for (unsigned bit = 0; bit < 32; bit++) {
		int err = 1;
		struct kf_cache *cache = create("flags", 64, 0, 1u << bit, 0, 0, NULL, &err);

		CHECK_EQ(cache != NULL, permitted >> bit & 1);
		CHECK_EQ(err, cache ? 0 : -EINVAL);
		kf_cache_destroy(cache);
	}
	CHECK_LINE("kmem_cache_create_usercopy(flags) failed with error -22");
}

/* Expect the warning for a refused cache, and none when the caller panics itself. */
static void failure_text(void)
{
	int err = 0;

	refuse = 2;
	CU_ASSERT_PTR_NULL(kf_cache_create("mine", 64, 0, 0, NULL));
	CHECK_LINE("kmem_cache_create_usercopy(mine) failed with error -12");
	forget_log();
	CU_ASSERT_PTR_NULL(create("mine", 64, 0, KF_SLAB_PANIC, 0, 0, NULL, &err));
	CHECK(err == -ENOMEM && log_count == 0);
}

static const CU_TestInfo tests[] = {
	{"window", window},
	{"red zone", red_zone},
	{"whole bucket", kmalloc_bucket},
	{"addresses", addresses},
	{"insane windows", insane_windows},
	{"flags of caches", flags},
	{"failure text", failure_text},
	CU_TEST_INFO_NULL,
};

const struct suite usercopy_suite = {"usercopy", start, fixture_stop, tests};
