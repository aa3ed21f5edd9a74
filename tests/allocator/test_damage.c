// SPDX-License-Identifier: GPL-2.0-only
/*
 * One planted bug per test: it is told once, with the right object, and the world is whole afterwards.
 */
#include "test.h"

/*
 * Expect one byte after the *requested* size to be found at kfree.
 *
 *	kmalloc(100) in kmalloc-128   |####...#|x cc cc ..|
 *	                                        ^ 100
 */
static void overflow_by_one(void)
{
	char *p = kf_kmalloc(100, GFP_KERNEL);

	p[100] = 'x';
	kf_kfree(p);
	expect_bug(KF_BUG_REDZONE);
	CHECK(told.bug.addr == p + 100 && told.bug.object.addr == p && told.bug.object.size == 100);
	CHECK(told.bug.expected == 0xcc && told.bug.found == 'x' && told.bug.damaged == 1);
	CHECK_EQ(told.bug.object.alloc_tag, 1001);
}

/* Expect every size to be guarded right behind its last byte and right before its first. */
static void overflow_of_every_size(void)
{
	for (size_t size = 1; size <= 9000; size += size < 300 ? 1 : 111) {
		char *p = kf_kmalloc(size, GFP_KERNEL);

		p[size] = 0;
		kf_kfree(p);
		expect_bug(KF_BUG_REDZONE);
		CHECK(told.bug.addr == p + size);
	}
	for (size_t size = 1; size <= 8192; size += size < 300 ? 1 : 111) {
		char *p = kf_kmalloc(size, GFP_KERNEL);

		p[-1] = 0;
		kf_kfree(p);
		expect_bug(KF_BUG_REDZONE);
		CHECK(told.bug.addr == p - 1);
	}
}

/* Expect the first and the last damaged byte to give the length. */
static void scattered_overflow(void)
{
	struct kf_cache *cache = kf_cache_create("victim", 30, 0, 0, NULL);
	char *p = kf_cache_alloc(cache, GFP_KERNEL);

	p[32] = 1;
	p[41] = 2;
	kf_cache_free(cache, p);
	expect_bug(KF_BUG_REDZONE);
	CHECK(told.bug.addr == p + 32 && told.bug.damaged == 10 && told.bug.cache == cache);
	kf_cache_destroy(cache);
}

/* Expect kf_slab_check to find it in a live object, once, since the guard is put back. */
static void found_by_check(void)
{
	char *p = kf_kmalloc(10, GFP_KERNEL);

	p[10] = 0;
	CHECK_EQ(kf_slab_check_object(p), 1);
	expect_bug(KF_BUG_REDZONE);
	CHECK_EQ(kf_slab_check(), 0);
	p[-1] = 0;
	CHECK_EQ(kf_check_all(), 1);
	expect_bug(KF_BUG_REDZONE);
	kf_kfree(p);
}

/* Expect a write through a stale pointer to be found when the object is handed out again. */
static void write_after_free(void)
{
	struct kf_cache *cache;
	struct kf_cache_stat stat;
	char *p;

	fixture_restart("quarantine=0"); /* else it would rest first */
	cache = kf_cache_create("stale", 300, 0, 0, NULL);
	p = kf_cache_alloc(cache, GFP_KERNEL);
	kf_cache_stat(cache, &stat);
	kf_cache_free(cache, p);
	p[17] = 'w';
	for (unsigned i = 1; i < stat.objects_per_slab; i++)
		kf_cache_free(cache, kf_cache_alloc(cache, GFP_KERNEL));
	CHECK_EQ(told.bugs, 0);
	CHECK(kf_cache_alloc(cache, GFP_KERNEL) == p);
	expect_bug(KF_BUG_WRITE_AFTER_FREE);
	CHECK(told.bug.addr == p + 17 && told.bug.object.addr == p && !told.bug.object.live);
	CHECK(told.bug.object.free_tag == 2001 && told.bug.expected == 0x6b &&
	      told.bug.found == 'w');
	CHECK(all_bytes(p, 0x5a, 300));
	kf_cache_free(cache, p);
	kf_cache_destroy(cache);
}

/* Expect the same to be found by a check, and when the slab's pages go back. */
static void write_after_free_elsewhere(void)
{
	struct kf_cache *cache = kf_cache_create("stale", 300, 0, 0, NULL);
	char *p = kf_cache_alloc(cache, GFP_KERNEL);

	kf_cache_free(cache, p);
	p[0] = 0;
	CHECK_EQ(kf_slab_check(), 1);
	expect_bug(KF_BUG_WRITE_AFTER_FREE);
	p[299] = 0;
	kf_cache_destroy(cache);
	expect_bug(KF_BUG_WRITE_AFTER_FREE);
}

/* Expect the second free to be told and nothing to be freed twice. */
static void double_free(void)
{
	char *p = kf_kmalloc(64, GFP_KERNEL), *large = kf_kmalloc(9000, GFP_KERNEL);

	kf_kfree(p);
	kf_kfree(p);
	expect_bug(KF_BUG_DOUBLE_FREE);
	CHECK(told.bug.object.addr == p && !told.bug.object.live &&
	      told.bug.object.free_tag == 2001);
	kf_kfree(large);
	kf_kfree(large);
	expect_bug(KF_BUG_DOUBLE_FREE);
	CHECK_EQ(told.freed, 2);
	CHECK_VALID();
}

/* Expect an address inside an object, beside all objects, and outside of memory to be no object. */
static void invalid_free(void)
{
	char *p = kf_kmalloc(64, GFP_KERNEL), *large = kf_kmalloc(9000, GFP_KERNEL), local;

	kf_kfree(p + 8);
	expect_bug(KF_BUG_INVALID_FREE);
	CHECK(told.bug.object.addr == p && told.bug.addr == p + 8);
	kf_kfree(p - 16);
	expect_bug(KF_BUG_INVALID_FREE);
	kf_kfree(p + 64 * 1024);
	expect_bug(KF_BUG_INVALID_FREE);
	kf_kfree(&local);
	expect_bug(KF_BUG_INVALID_FREE);
	CU_ASSERT_PTR_NULL(told.bug.object.addr);
	kf_kfree(large + 4096);
	expect_bug(KF_BUG_INVALID_FREE);
	kf_kfree(p);
	kf_kfree(large);
	CHECK_EQ(told.freed, 2);
}

/* Expect each allocator to know another's memory. */
static void wrong_family(void)
{
	struct page *page = kf_alloc_pages(GFP_KERNEL, 0);
	void *object = kf_kmalloc(8, GFP_KERNEL), *area = kf_vmalloc(4096, 1, GFP_KERNEL, false);
	void *large = kf_kmalloc(9000, GFP_KERNEL);
	struct kf_cache *cache = kf_cache_create("some", 8, 0, 0, NULL);

	kf_kfree(kf_page_address(page));
	expect_bug(KF_BUG_WRONG_FAMILY);
	kf_kfree(area);
	expect_bug(KF_BUG_WRONG_FAMILY);
	CHECK_EQ(told.bug.object.kind, KF_VMALLOC);
	kf_vfree(object);
	expect_bug(KF_BUG_WRONG_FAMILY);
	kf_vfree(kf_page_address(page));
	expect_bug(KF_BUG_WRONG_FAMILY);
	kf_free_pages(kf_virt_to_page(large), 2);
	expect_bug(KF_BUG_WRONG_FAMILY);
	kf_free_pages(kf_vmalloc_to_page(area), 0);
	expect_bug(KF_BUG_WRONG_FAMILY);
	kf_cache_free(cache, area);
	expect_bug(KF_BUG_WRONG_FAMILY);
	CHECK_EQ(told.freed, 0);
	kf_free_pages(page, 0);
	kf_kfree(object);
	kf_kfree(large);
	kf_vfree(area);
	kf_cache_destroy(cache);
}

/* Expect the object to go to its real cache, and kfree of a cache's object to be legal. */
static void wrong_cache(void)
{
	struct kf_cache *mine = kf_cache_create("mine", 64, 0, 0, NULL);
	struct kf_cache *other = kf_cache_create("other", 64, 0, 0, NULL);
	void *p = kf_cache_alloc(mine, GFP_KERNEL);

	kf_cache_free(other, p);
	expect_bug(KF_BUG_WRONG_CACHE);
	CHECK(told.bug.cache == other && told.bug.object.cache == mine);
	CHECK_EQ(told.freed, 1);
	kf_kfree(kf_cache_alloc(mine, GFP_KERNEL));
	kf_cache_free(mine, NULL);
	expect_bug(KF_BUG_INVALID_FREE);
	kf_cache_destroy(mine);
	kf_cache_destroy(other);
}

/* Expect each way to free a page badly to be told and to free nothing. */
static void bad_page(void)
{
	struct page *page = kf_alloc_pages(GFP_KERNEL, 2);
	u64 free = free_pages_now();

	kf_free_pages(page, 1);
	expect_bug(KF_BUG_BAD_PAGE);
	kf_free_pages(page + 1, 0);
	expect_bug(KF_BUG_BAD_PAGE);
	page->mapping = page + 1;
	kf_free_pages(page, 2);
	expect_bug(KF_BUG_BAD_PAGE);
	page->mapping = NULL;
	page->refcount = 1;
	page[2].mapcount = 0;
	kf_free_pages(page, 2);
	expect_bug(KF_BUG_BAD_PAGE);
	page[2].mapcount = -1;
	page->refcount = 1;
	page->flags |= 1ull << 12;
	kf_free_pages(page, 2);
	expect_bug(KF_BUG_BAD_PAGE);
	page->flags &= ~(1ull << 12);
	CHECK_EQ(free_pages_now(), free);
	page->refcount = 0;
	kf_free_pages(page, 2);
	expect_bug(KF_BUG_BAD_PAGE);
	page->refcount = 1;
	kf_free_pages(page, 2);
	kf_free_pages(page, 2);
	expect_bug(KF_BUG_DOUBLE_FREE);
	kf_free_pages((struct page *)&told, 0);
	expect_bug(KF_BUG_INVALID_FREE);
}

/* Expect a page of a slab to be refused by the page allocator. */
static void slab_page_freed(void)
{
	void *p = kf_kmalloc(64, GFP_KERNEL);

	kf_free_pages(kf_virt_to_page(p), 0);
	expect_bug(KF_BUG_BAD_PAGE);
	kf_kfree(p);
}

/* Expect a write to a freed page to be found when it is handed out, or by a check. */
static void page_written_after_free(void)
{
	struct page *page = kf_alloc_pages(GFP_KERNEL, 1);
	char *p = kf_page_address(page);

	kf_free_pages(page, 1);
	p[5000] = 1;
	CHECK(kf_alloc_pages(GFP_KERNEL, 1) == page);
	expect_bug(KF_BUG_WRITE_AFTER_FREE);
	CHECK(told.bug.addr == p + 5000 && told.bug.expected == 0xaa && told.bug.damaged == 1);
	CHECK(told.bug.object.addr == p && told.bug.object.free_tag == 2001);
	kf_free_pages(page, 1);
	p[1] = 1;
	CHECK_EQ(kf_check_all(), 1);
	expect_bug(KF_BUG_WRITE_AFTER_FREE);
}

/* Expect the tail of the last page of an area to be guarded. */
static void vmalloc_overflow(void)
{
	char *p = kf_vmalloc(5000, 1, GFP_KERNEL, false);

	CHECK(all_bytes(p + 5000, 0xcc, 3192));
	p[5001] = 1;
	CHECK_EQ(kf_vmalloc_check(), 1);
	expect_bug(KF_BUG_REDZONE);
	p[8191] = 1;
	kf_vfree(p);
	expect_bug(KF_BUG_REDZONE);
	CHECK(told.bug.object.addr == p && told.bug.object.size == 5000);
}

/* Expect ksize to hand the guard bytes over after checking them. */
static void overflow_before_ksize(void)
{
	char *p = kf_kmalloc(100, GFP_KERNEL);

	p[110] = 1;
	kf_ksize(p);
	expect_bug(KF_BUG_REDZONE);
	p[110] = 1;
	p[128] = 1;
	kf_kfree(p);
	expect_bug(KF_BUG_REDZONE);
	CHECK(told.bug.addr == p + 128);
}

static const CU_TestInfo tests[] = {
	{"overflow by one", overflow_by_one},
	{"overflow of every size", overflow_of_every_size},
	{"scattered overflow", scattered_overflow},
	{"found by check", found_by_check},
	{"write after free", write_after_free},
	{"write after free, elsewhere", write_after_free_elsewhere},
	{"double free", double_free},
	{"invalid free", invalid_free},
	{"wrong family", wrong_family},
	{"wrong cache", wrong_cache},
	{"bad page", bad_page},
	{"slab page freed", slab_page_freed},
	{"page written after free", page_written_after_free},
	{"vmalloc overflow", vmalloc_overflow},
	{"overflow before ksize", overflow_before_ksize},
	CU_TEST_INFO_NULL,
};

const struct suite damage_suite = {"damage", fixture_start, fixture_stop, tests};
