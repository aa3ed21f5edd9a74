// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory pools: the reserve, its order of tries, waiting, resizing, and what is told.
 */
#include "test.h"

#include "../../allocator/kin/mempool.h"

#define POOL_KMALLOC(bytes)                                      \
	(&(struct kf_mempool_source){.kind = KF_MEMPOOL_KMALLOC, \
				     .pool_data = (void *)(uintptr_t)(bytes)})

static struct kf_mempool *pool;

/* Expect min_nr + 2 requests, and each of them to give everything back when it is refused. */
static void requests(void)
{
	forget_calls();
	pool = kf_mempool_create(3, POOL_KMALLOC(64), GFP_KERNEL);
	CHECK_EQ(told.should_fail, 5);
	kf_mempool_destroy(pool);
	CHECK_EQ(told.freed, 5);
	for (unsigned n = 0; n < 5; n++) {
		forget_calls();
		refuse_at = n + 1;
		CU_ASSERT_PTR_NULL(kf_mempool_create(3, POOL_KMALLOC(64), GFP_KERNEL));
		CHECK(told.allocated == n && told.freed == n);
	}
	kf_mempool_destroy(NULL);
}

/*
 * Expect the source first, without reclaim; the reserve when that is refused; then the source with everything; then,
 * where sleeping is forbidden, NULL.
 */
static void order_of_tries(void)
{
	void *a, *b;

	pool = kf_mempool_create(1, POOL_KMALLOC(64), GFP_KERNEL);
	a = kf_mempool_alloc(pool, GFP_KERNEL);
	CHECK_EQ(told.request.gfp & (KF_GFP_DIRECT_RECLAIM | KF_GFP_IO), 0);
	CHECK((told.request.gfp & (KF_GFP_NOMEMALLOC | KF_GFP_NORETRY | KF_GFP_NOWARN)) ==
	      (KF_GFP_NOMEMALLOC | KF_GFP_NORETRY | KF_GFP_NOWARN));
	CHECK_EQ(pool->curr_nr, 1);
	refuse = 1;
	b = kf_mempool_alloc(pool, GFP_KERNEL);
	CHECK(b && pool->curr_nr == 0);
	refuse = 2;
	CU_ASSERT_PTR_NULL(kf_mempool_alloc(pool, KF_GFP_ATOMIC));
	CHECK_EQ(refuse, 1); /* nothing more to ask for */
	refuse = 2;
	CU_ASSERT_PTR_NULL(kf_mempool_alloc(pool, KF_GFP_ATOMIC | KF_GFP_IO));
	CHECK_EQ(refuse, 0);
	kf_mempool_free(b, pool);
	CHECK_EQ(pool->curr_nr, 1);
	kf_mempool_free(a, pool);
	kf_mempool_free(NULL, pool);
	CHECK_EQ(pool->curr_nr, 1);
	kf_mempool_destroy(pool);
}

static void *held;

/* Memory stays short while one waits; at the third look somebody gives an element back. */
static void give_back(unsigned attempt)
{
	refuse = 1;
	if (attempt == 2)
		kf_mempool_free(held, pool);
}

/* Expect one who may sleep never to see NULL: he waits until there is an element. */
static void waits(void)
{
	pool = kf_mempool_create(1, POOL_KMALLOC(64), GFP_KERNEL);
	refuse = 1;
	held = kf_mempool_alloc(pool, GFP_KERNEL);
	while_waiting = give_back;
	refuse = 2;
	CHECK(kf_mempool_alloc(pool, GFP_KERNEL) == held);
	CHECK_EQ(told.waits, 3);
	kf_mempool_free(held, pool);
	kf_mempool_destroy(pool);
}

/* Expect a longer reserve to fill as far as memory goes, and a shorter one to be freed. */
static void resizes(void)
{
	pool = kf_mempool_create(2, POOL_KMALLOC(64), GFP_KERNEL);
	CHECK_EQ(kf_mempool_resize(pool, 5), 0);
	CHECK(pool->min_nr == 5 && pool->curr_nr == 5);
	refuse_at = 3; /* the array, one element, then no more */
	CHECK_EQ(kf_mempool_resize(pool, 9), 0);
	CHECK(pool->min_nr == 9 && pool->curr_nr == 6);
	CHECK_EQ(kf_mempool_resize(pool, 1), 0);
	CHECK(pool->min_nr == 1 && pool->curr_nr == 1);
	refuse = 1;
	CHECK_EQ(kf_mempool_resize(pool, 4), -12);
	CHECK_EQ(pool->min_nr, 1);
	CHECK_EQ(kf_mempool_resize(pool, 0), -22);
	expect_bug(KF_BUG_WARN);
	kf_mempool_destroy(pool);
}

/* Expect a write into the reserve to be told with the kernel's lines when the element is handed out. */
static void poison(void)
{
	u8 *p;

	pool = kf_mempool_create(1, POOL_KMALLOC(32), GFP_KERNEL);
	p = pool->elements[0];
	CHECK(all_bytes(p, 0x6b, 31) && p[31] == 0xa5);
	p[20] = 7;
	refuse = 1;
	CHECK(kf_mempool_alloc(pool, GFP_KERNEL) == p);
	expect_bug(KF_BUG_WRITE_AFTER_FREE);
	CHECK(told.bug.addr == p + 20 && told.bug.found == 7 && told.bug.object.addr == p);
	CU_ASSERT_PTR_NOT_NULL(
		strstr(told.log, "<3>BUG: mempool element poison mismatch\n<3>Mempool 0x"));
	CU_ASSERT_PTR_NOT_NULL(strstr(told.log, " size 32\n"));
	CU_ASSERT_PTR_NOT_NULL(
		strstr(told.log, ": ... 0x6b 6b 6b 6b 6b 6b 6b 6b 7 6b 6b 6b 6b 6b 6b 6b ..."));
	kf_mempool_free(p, pool);
	kf_mempool_destroy(pool);
}

/* Expect a second free into the reserve, elements that are out at the end, and __GFP_ZERO to be told. */
static void wrong_use(void)
{
	void *a, *b;

	pool = kf_mempool_create(2, POOL_KMALLOC(64), GFP_KERNEL);
	refuse = 1;
	a = kf_mempool_alloc(pool, GFP_KERNEL);
	kf_mempool_free(a, pool);
	kf_mempool_free(a, pool);
	expect_bug(KF_BUG_DOUBLE_FREE);
	b = kf_mempool_alloc(pool, GFP_KERNEL | KF_GFP_ZERO);
	expect_bug(KF_BUG_WARN);
	CHECK_EQ(pool->out, 1);
	kf_mempool_destroy(pool);
	expect_bug(KF_BUG_POOL_BUSY);
	kf_kfree(b);
}

static unsigned made, gone;

static void *make(u32 gfp, void *data)
{
	return (int *)data + made++;
}

static void end(void *element, void *data)
{
	CHECK((int *)element >= (int *)data && (int *)element < (int *)data + made);
	gone++;
}

/* Expect all sources to work: a cache, pages, and functions of the caller; in the caller's memory too. */
static void sources(void)
{
	struct kf_cache *cache = kf_cache_create("elements", 40, 0, 0, NULL);
	static int something[3];
	struct kf_mempool_source source[] = {
		{.kind = KF_MEMPOOL_SLAB, .pool_data = cache},
		{.kind = KF_MEMPOOL_PAGES, .pool_data = (void *)1},
		{.alloc = make, .free = end, .pool_data = something},
	};
	struct kf_mempool mine = {.lock = 0};

	for (int i = 0; i < 3; i++) {
		void *p;

		CHECK_EQ(kf_mempool_init(&mine, 2, &source[i], GFP_KERNEL), 0);
		p = kf_mempool_alloc(&mine, GFP_KERNEL);
		CHECK(p != NULL);
		kf_mempool_free(p, &mine);
		kf_mempool_exit(&mine);
		kf_mempool_exit(&mine);
	}
	CHECK(made == 3 && gone == 3);
	CHECK_EQ(kf_mempool_init(&mine, 0, &source[0], GFP_KERNEL), 0);
	kf_mempool_exit(&mine);
	kf_cache_destroy(cache);
}

static const CU_TestInfo tests[] = {
	{"requests", requests}, {"order of tries", order_of_tries},
	{"waits", waits},	{"resizes", resizes},
	{"poison", poison},	{"wrong use", wrong_use},
	{"sources", sources},	CU_TEST_INFO_NULL,
};

const struct suite mempool_suite = {"mempool", fixture_start, fixture_stop, tests};
