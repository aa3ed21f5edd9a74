// SPDX-License-Identifier: GPL-2.0-only
/*
 * Coherent DMA memory and pools of it.
 */
#include "test.h"

#include "../../allocator/kin/dma_pool.h"

static const struct kf_dma_device dev = {
	.owner = &dev, .coherent_mask = 0xffffffff, .driver = "snd", .name = "0000:00:01.0"};
static const struct kf_dma_device other = {.owner = &other, .coherent_mask = ~0ull};
static const struct kf_dma_device isa = {.owner = &isa, .coherent_mask = (1 << 24) - 1};

/* ---- coherent memory ------------------------------------------------------------------------------------------ */

/* Expect whole zeroed pages whose bus address is the physical one, below the mask. */
static void coherent(void)
{
	u64 handle = 1, low;
	char *p = kf_dma_alloc_coherent(&dev, 5000, &handle, GFP_KERNEL), *q;

	CHECK(p && handle == kf_virt_to_phys(p) && all_bytes(p, 0, 8192));
	CHECK(told.born.kind == KF_PAGES && told.born.order == 1);
	q = kf_dma_alloc_coherent(&isa, 100, &low, GFP_KERNEL);
	CHECK(q && low < 2 * MIB); /* ZONE_DMA of this world */
	kf_dma_free_coherent(&dev, 5000, p, handle);
	kf_dma_free_coherent(&isa, 100, q, low);
	kf_dma_free_coherent(&isa, 100, NULL, 0);
	CHECK_EQ(told.freed, 2);
}

/* Expect a block that lies too high to go back and the next lower zone to be tried; at the end NULL, handle untouched. */
static void masks(void)
{
	struct kf_dma_device narrow = {.owner = &narrow, .coherent_mask = 8 * MIB - 1};
	struct kf_dma_device impossible = {.owner = &narrow, .coherent_mask = 4095};
	struct kf_dma_device none = {.owner = &none};
	u64 handle = 77;
	void *p = kf_dma_alloc_coherent(&narrow, 4096, &handle, GFP_KERNEL);

	CHECK(p && handle < 8 * MIB);
	kf_dma_free_coherent(&narrow, 4096, p, handle);
	handle = 77;
	CU_ASSERT_PTR_NULL(kf_dma_alloc_coherent(&impossible, 8192, &handle, GFP_KERNEL));
	refuse = 1;
	CU_ASSERT_PTR_NULL(kf_dma_alloc_coherent(&dev, 4096, &handle, GFP_KERNEL));
	CU_ASSERT_PTR_NULL(kf_dma_alloc_coherent(&dev, 64 * MIB, &handle, GFP_KERNEL));
	CU_ASSERT_PTR_NULL(kf_dma_alloc_coherent(&none, 4096, &handle, GFP_KERNEL));
	expect_bug(KF_BUG_WARN);
	CHECK_EQ(handle, 77);
}

/* Expect every wrong free to be told with dma-debug's words, and to free nothing. */
static void wrong_frees(void)
{
	u64 handle;
	char *p = kf_dma_alloc_coherent(&dev, 4096, &handle, GFP_KERNEL);

	kf_dma_free_coherent(&dev, 8192, p, handle);
	expect_bug(KF_BUG_INVALID_FREE);
	CU_ASSERT_PTR_NOT_NULL(strstr(told.log, "<4>DMA-API: snd 0000:00:01.0: device driver frees "
						"DMA memory with different size"));
	kf_dma_free_coherent(&dev, 4096, p + 8, handle);
	expect_bug(KF_BUG_INVALID_FREE);
	kf_dma_free_coherent(&other, 4096, p, handle);
	expect_bug(KF_BUG_INVALID_FREE);
	CHECK_EQ(told.freed, 0);
	kf_dma_free_coherent(&dev, 4096, p, handle);
	kf_dma_free_coherent(&dev, 4096, p, handle);
	expect_bug(KF_BUG_DOUBLE_FREE);
	CHECK_EQ(told.freed, 1);
}

/* Expect what is left when the driver lets go of the device to be counted and told. */
static void released(void)
{
	u64 a, b;
	void *p = kf_dma_alloc_coherent(&dev, 4096, &a, GFP_KERNEL);
	void *q = kf_dma_alloc_coherent(&dev, 100, &b, GFP_KERNEL);

	CHECK_EQ(kf_dma_released(&other), 0);
	CHECK_EQ(kf_dma_released(&dev), 2);
	expect_bug(KF_BUG_POOL_BUSY);
	CU_ASSERT_PTR_NOT_NULL(strstr(told.log, "device driver has pending DMA allocations while "
						"released from device [count=2]\n"));
	kf_dma_free_coherent(&dev, 4096, p, a);
	kf_dma_free_coherent(&dev, 100, q, b);
}

/* Expect freed blocks to be forgotten after a while, and nothing else. */
static void many(void)
{
	u64 handle, kept;
	void *keep = kf_dma_alloc_coherent(&dev, 4096, &kept, GFP_KERNEL);

	for (int i = 0; i < 300; i++) {
		void *p = kf_dma_alloc_coherent(&dev, 4096, &handle, GFP_KERNEL);

		kf_dma_free_coherent(&dev, 4096, p, handle);
	}
	CHECK_EQ(kf_dma_released(&dev), 1);
	expect_bug(KF_BUG_POOL_BUSY);
	kf_dma_free_coherent(&dev, 4096, keep, kept);
}

/* ---- pools ------------------------------------------------------------------------------------------------------- */

/* Expect NULL for nonsense and no request then. */
static void nonsense(void)
{
	CU_ASSERT_PTR_NULL(kf_dma_pool_create("p", &dev, 0, 8, 0));
	CU_ASSERT_PTR_NULL(kf_dma_pool_create("p", &dev, 8, 3, 0));
	CU_ASSERT_PTR_NULL(kf_dma_pool_create("p", &dev, 64, 8, 32));
	CU_ASSERT_PTR_NULL(kf_dma_pool_create("p", &dev, 64, 8, 100));
	CHECK_EQ(told.should_fail, 0);
	kf_dma_pool_destroy(NULL);
}

/*
 * Expect aligned blocks, none across the boundary, objects of their own with the size that was asked for, aligned; three requests for
 * the first (pool, page record, page), as many blocks to a page as lie in one of the kernel's.
 *
 *	boundary 256, blocks of 96 in the pool's page:  |0|96|...|256|352|...|512|
 */
static void boundary(void)
{
	struct kf_dma_pool *pool = kf_dma_pool_create("ring", &dev, 90, 32, 256);
	u64 handles[32 + 1];
	void *blocks[32 + 1];

	for (int i = 0; i < 33; i++) {
		blocks[i] = kf_dma_pool_alloc(pool, GFP_KERNEL, &handles[i]);
		CHECK_EQ(handles[i], kf_virt_to_phys(blocks[i]));
		CHECK_EQ(handles[i] % 32, 0);
		CHECK(handles[i] / 256 == (handles[i] + 95) / 256);
		CHECK(all_bytes(blocks[i], 0xa9, 96));
		CHECK(told.born.addr == blocks[i] && told.born.size == 96);
	}
	CHECK_EQ(told.should_fail, 1 + 2 * 2); /* the 33rd wanted a second page */
	for (int i = 0; i < 33; i++)
		kf_dma_pool_free(pool, blocks[i], handles[i]);
	CHECK_EQ(told.freed, 33);
	kf_dma_pool_destroy(pool);
}

/* Expect the pool's own blocks where the guards are off: in a row, in one page, none across the boundary. */
static void unguarded(void)
{
	struct kf_dma_pool *pool;
	u64 handles[3];
	void *blocks[3];

	fixture_restart("guard=0");
	pool = kf_dma_pool_create("ring", &dev, 90, 32, 256);
	for (int i = 0; i < 3; i++) {
		blocks[i] = kf_dma_pool_alloc(pool, GFP_KERNEL | KF_GFP_ZERO, &handles[i]);
		CHECK_EQ(handles[i], kf_virt_to_phys(blocks[i]));
		CHECK(all_bytes(blocks[i], 0, 96));
	}
	CHECK_EQ(handles[1] - handles[0], 96);
	CHECK_EQ(handles[2] - handles[0], 256);
	for (int i = 0; i < 3; i++)
		kf_dma_pool_free(pool, blocks[i], handles[i]);
	kf_dma_pool_free(pool, blocks[0], handles[0]);
	expect_bug(KF_BUG_DOUBLE_FREE);
	kf_dma_pool_free(pool, blocks[0], handles[0] + 4);
	expect_bug(KF_BUG_INVALID_FREE);
	kf_dma_pool_free(pool, blocks[0], handles[0] + MIB);
	expect_bug(KF_BUG_INVALID_FREE);
	kf_dma_pool_destroy(pool);
}

/* Expect a size that is no power of two above a page to work without a boundary. */
static void large_blocks(void)
{
	struct kf_dma_pool *pool = kf_dma_pool_create("large", &dev, 5000, 8, 0);
	u64 handle;
	char *p = kf_dma_pool_alloc(pool, GFP_KERNEL | KF_GFP_ZERO, &handle);

	CHECK(p && all_bytes(p, 0, 5000));
	kf_dma_pool_free(pool, p, handle);
	kf_dma_pool_destroy(pool);
}

/* Expect refusals to leave nothing behind and the handle alone. */
static void refusals(void)
{
	struct kf_dma_pool *pool;
	u64 handle = 5;

	refuse = 1;
	CU_ASSERT_PTR_NULL(kf_dma_pool_create("p", &dev, 64, 64, 0));
	pool = kf_dma_pool_create("p", &dev, 64, 64, 0);
	for (unsigned n = 1; n <= 2; n++) {
		refuse_at = n;
		CU_ASSERT_PTR_NULL(kf_dma_pool_alloc(pool, KF_GFP_ATOMIC, &handle));
	}
	CHECK_EQ(handle, 5);
	kf_dma_pool_destroy(pool);
}

/* Expect the kernel's lines for every wrong free. */
static void wrong_use(void)
{
	struct kf_dma_pool *pool = kf_dma_pool_create("ring", &dev, 64, 64, 0);
	struct kf_dma_pool *second = kf_dma_pool_create("other", &dev, 64, 64, 0);
	u64 handle;
	char *p = kf_dma_pool_alloc(pool, GFP_KERNEL, &handle);

	kf_dma_pool_free(pool, p, handle + MIB);
	expect_bug(KF_BUG_INVALID_FREE);
	CU_ASSERT_PTR_NOT_NULL(strstr(told.log, "<3>snd 0000:00:01.0: dma_pool_free ring, 0x"));
	CU_ASSERT_PTR_NOT_NULL(strstr(told.log, "(bad dma)"));
	kf_dma_pool_free(second, p, handle);
	expect_bug(KF_BUG_INVALID_FREE);
	kf_dma_pool_free(pool, p + 64, handle);
	expect_bug(KF_BUG_INVALID_FREE);
	CU_ASSERT_PTR_NOT_NULL(strstr(told.log, "(bad vaddr)"));
	kf_dma_pool_free(pool, p + 8, handle + 8);
	expect_bug(KF_BUG_INVALID_FREE);
	CHECK_EQ(told.freed, 0);
	kf_dma_pool_free(pool, p, handle);
	CHECK_EQ(told.freed, 1);
	kf_dma_pool_free(pool, p, handle);
	expect_bug(KF_BUG_DOUBLE_FREE);
	CU_ASSERT_PTR_NOT_NULL(strstr(told.log, "already free"));
	CHECK(told.bug.object.addr == p && told.bug.object.size == 64);
	kf_dma_pool_destroy(pool);
	kf_dma_pool_destroy(second);
}

/* Expect nobody but the pool to free its blocks: told, and nothing freed. */
static void other_families(void)
{
	struct kf_dma_pool *pool = kf_dma_pool_create("ring", &dev, 64, 64, 0);
	struct kf_cache *cache = kf_cache_create("cache", 64, 64, 0, NULL);
	u64 handle;
	char *p = kf_dma_pool_alloc(pool, GFP_KERNEL, &handle);
	struct kf_object obj;

	kf_kfree(p);
	expect_bug(KF_BUG_WRONG_FAMILY);
	kf_cache_free(cache, p);
	expect_bug(KF_BUG_WRONG_CACHE);
	CHECK(kf_object_at(p, &obj) && obj.live);
	kf_dma_pool_free(pool, p, handle);
	kf_dma_pool_destroy(pool);
	kf_cache_destroy(cache);
}

/* Expect what is written behind a block to be told when it is freed, at its first bad byte; and before it. */
static void guards(void)
{
	struct kf_dma_pool *pool = kf_dma_pool_create("ring", &dev, 60, 4, 0);
	u64 handle;
	char *p = kf_dma_pool_alloc(pool, GFP_KERNEL, &handle);

	p[60] = 1;
	kf_dma_pool_free(pool, p, handle);
	expect_bug(KF_BUG_REDZONE);
	CHECK(told.bug.addr == p + 60 && told.bug.object.addr == p && told.bug.object.size == 60);
	p = kf_dma_pool_alloc(pool, GFP_KERNEL, &handle);
	p[-1] = 1;
	CHECK_EQ(kf_check_all(), 1);
	expect_bug(KF_BUG_REDZONE);
	kf_dma_pool_free(pool, p, handle);
	kf_dma_pool_destroy(pool);
}

/* Expect a block that is written to while it is free to be told. */
static void freed_block(void)
{
	struct kf_dma_pool *pool = kf_dma_pool_create("ring", &dev, 60, 4, 0);
	struct kf_object obj;
	u64 handle;
	char *p = kf_dma_pool_alloc(pool, GFP_KERNEL, &handle);

	kf_dma_pool_free(pool, p, handle);
	CHECK(kf_object_at(p, &obj) && !obj.live);
	p[40] = 1;
	CHECK_EQ(kf_check_object(&obj), 1);
	expect_bug(KF_BUG_WRITE_AFTER_FREE);
	CHECK(told.bug.addr == p + 40);
	kf_dma_pool_destroy(pool);
}

/* Expect large blocks that must not cross a boundary to be the pool's own, with the kernel's own poison. */
static void large_with_boundary(void)
{
	struct kf_dma_pool *pool = kf_dma_pool_create("large", &dev, 5000, 8, 8192);
	u64 handle, next;
	char *p = kf_dma_pool_alloc(pool, GFP_KERNEL, &handle);

	CHECK(all_bytes(p, 0xa9, 5000));
	kf_dma_pool_free(pool, p, handle);
	kf_dma_pool_free(pool, p, handle);
	expect_bug(KF_BUG_DOUBLE_FREE);
	p[10] = 1;
	CHECK(kf_dma_pool_alloc(pool, GFP_KERNEL, &next) == p);
	expect_bug(KF_BUG_WRITE_AFTER_FREE);
	CU_ASSERT_PTR_NOT_NULL(strstr(told.log, "(corrupted)"));
	kf_dma_pool_free(pool, p, next);
	kf_dma_pool_destroy(pool);
}

static void keep_line(const char *text, void *arg)
{
	strcat(strcat(arg, text), "\n");
}

/* Expect a busy page to be told and left to the device for good, and the sysfs text before that. */
static void busy(void)
{
	struct kf_dma_pool *pool = kf_dma_pool_create("ring", &dev, 64, 64, 0);
	char text[256] = "";
	u64 handle;
	char *p = kf_dma_pool_alloc(pool, GFP_KERNEL, &handle);
	struct kf_object obj;
	void *page;

	kf_dma_pools_show(&dev, keep_line, text);
	CU_ASSERT_STRING_EQUAL(text, "poolinfo - 0.1\nring                1   64   64  1\n");
	kf_dma_pool_destroy(pool);
	expect_bug(KF_BUG_POOL_BUSY);
	CHECK(told.bug.object.addr == p && told.bug.object.live);
	CU_ASSERT_PTR_NOT_NULL(strstr(told.log, "dma_pool_destroy ring, 0x"));
	CHECK_EQ(told.freed, 2); /* the pool and the record; page and block stay */
	REQUIRE(kf_object_at(p, &obj) && obj.live);
	kf_cache_free((struct kf_cache *)obj.cache, p);
	REQUIRE(sscanf(strstr(told.log, "ring, 0x"), "ring, %p busy", &page) == 1);
	kf_dma_free_coherent(&dev, 4096, page, kf_virt_to_phys(page));
}

/* Expect an end where a free block's link, written to by its driver, leads back to itself. */
static void ring(void)
{
	struct kf_dma_pool *pool;
	u64 handle, next;
	char *p, *q;

	fixture_restart("guard=0");
	pool = kf_dma_pool_create("ring", &dev, 64, 64, 0);
	p = kf_dma_pool_alloc(pool, GFP_KERNEL, &handle);
	q = kf_dma_pool_alloc(pool, GFP_KERNEL, &next);

	REQUIRE(!(handle & ~KF_PAGE_MASK) && q == p + 64);
	kf_dma_pool_free(pool, p, handle);
	memset(p, 0, 4);
	kf_dma_pool_free(pool, q, next);
	kf_dma_pool_destroy(pool);
	CHECK_EQ(told.bugs, 0);
}

static const CU_TestInfo tests[] = {
	{"coherent", coherent},
	{"masks", masks},
	{"wrong frees", wrong_frees},
	{"released", released},
	{"many", many},
	{"nonsense", nonsense},
	{"boundary", boundary},
	{"large blocks", large_blocks},
	{"refusals", refusals},
	{"unguarded", unguarded},
	{"wrong use", wrong_use},
	{"other families", other_families},
	{"guards", guards},
	{"freed block", freed_block},
	{"large with boundary", large_with_boundary},
	{"ring of links", ring},
	{"busy", busy},
	CU_TEST_INFO_NULL,
};

const struct suite dma_pool_suite = {"dma_pool", fixture_start, fixture_stop, tests};
