// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-CPU areas, and the order in which hooks are called across all allocators.
 */
#include "test.h"

#define UNIT   (256u << 10)
#define STATIC 64u

/* Expect zeros on every CPU, at the same offset of each unit, apart from each other. */
static void simple(void)
{
	u64 cookie = kf_alloc_percpu(100, 8, GFP_KERNEL);

	CHECK(cookie >= STATIC);
	for (unsigned cpu = 0; cpu < 8; cpu++) {
		char *p = kf_per_cpu_ptr(cookie, cpu);

		CHECK_EQ((u64)(uintptr_t)p, test_layout.percpu + cpu * UNIT + cookie);
		CHECK(all_bytes(p, 0, 100));
		memset(p, (int)cpu + 1, 100);
	}
	CHECK(all_bytes(kf_per_cpu_ptr(cookie, 3), 4, 100));
	CHECK(told.born.kind == KF_PERCPU && told.born.addr == (void *)cookie &&
	      told.born.size == 100);
	kf_free_percpu(cookie);
	CHECK(kf_alloc_percpu(100, 8, GFP_KERNEL) == cookie);
	CHECK(all_bytes(kf_per_cpu_ptr(cookie, 7), 0, 100));
	kf_free_percpu(cookie);
}

/*
 * Expect the lowest hole that fits.
 *
 *	|a|..b..|c|......    freeing b and asking for less gives b's place
 */
static void first_fit(void)
{
	u64 a = kf_alloc_percpu(64, 8, GFP_KERNEL), b = kf_alloc_percpu(200, 8, GFP_KERNEL);
	u64 c = kf_alloc_percpu(64, 8, GFP_KERNEL), d, e;

	kf_free_percpu(b);
	e = kf_alloc_percpu(300, 8, GFP_KERNEL);
	d = kf_alloc_percpu(104, 8, GFP_KERNEL);
	CHECK(d == b && e > c);
	kf_free_percpu(a);
	kf_free_percpu(c);
	kf_free_percpu(d);
	kf_free_percpu(e);
	CU_ASSERT_PTR_NULL(kf_percpu_validate());
}

/* Expect neighbours to merge whatever the order of frees, so that the chunk is one again. */
static void merges(void)
{
	static const int orders[][3] = {{0, 1, 2}, {2, 1, 0}, {1, 0, 2}, {0, 2, 1}};

	for (int i = 0; i < 4; i++) {
		u64 cookie[3], whole;

		for (int k = 0; k < 3; k++)
			cookie[k] = kf_alloc_percpu(8 << 10, 8, GFP_KERNEL);
		for (int k = 0; k < 3; k++)
			kf_free_percpu(cookie[orders[i][k]]);
		CU_ASSERT_PTR_NULL(kf_percpu_validate());
		whole = kf_alloc_percpu(8, 8, GFP_KERNEL);
		CHECK_EQ(whole, cookie[0]);
		kf_free_percpu(whole);
	}
}

/* Expect the alignment, and the bytes that it skips to stay usable. */
static void alignment(void)
{
	u64 a = kf_alloc_percpu(4, 4, GFP_KERNEL), b = kf_alloc_percpu(64, 4096, GFP_KERNEL);
	u64 c = kf_alloc_percpu(64, 64, GFP_KERNEL);

	CHECK(b % 4096 == 0 && c % 64 == 0 && c < b);
	kf_free_percpu(a);
	kf_free_percpu(b);
	kf_free_percpu(c);
}

/* Expect 0 with a warning for size 0, above 32 KiB, and alignments above a page or not powers of two. */
static void limits(void)
{
	CHECK_EQ(kf_alloc_percpu(0, 8, GFP_KERNEL), 0);
	expect_bug(KF_BUG_WARN);
	CHECK_EQ(kf_alloc_percpu((32 << 10) + 1, 8, GFP_KERNEL), 0);
	expect_bug(KF_BUG_WARN);
	CHECK_EQ(kf_alloc_percpu(8, 8192, GFP_KERNEL | KF_GFP_NOWARN), 0);
	CHECK_EQ(kf_alloc_percpu(8, 24, GFP_KERNEL | KF_GFP_NOWARN), 0);
	CHECK_EQ(told.should_fail, 0);
}

/* Expect every byte of the unit to be given before 0, and all of it back. */
static void exhausted(void)
{
	static u64 cookies[8192];
	unsigned n = 0;
	u64 sum = 0;

	/* 56 bytes, and a guard of 8 */
	while ((cookies[n] = kf_alloc_percpu(56, 8, GFP_KERNEL)))
		n++;
	CHECK_EQ(n, (UNIT - STATIC) / 64);
	while (n) {
		u64 i = random_below(n);

		kf_free_percpu(cookies[i]);
		cookies[i] = cookies[--n];
		sum++;
		if (sum % 512 == 0)
			CU_ASSERT_PTR_NULL(kf_percpu_validate());
	}
	CHECK(kf_alloc_percpu(32 << 10, 4096, GFP_KERNEL));
	kf_free_percpu((u64)(uintptr_t)told.born.addr);
}

/* Expect 0 to be fine and anything else that is not live to be told. */
static void bad_frees(void)
{
	u64 cookie = kf_alloc_percpu(64, 8, GFP_KERNEL);
	struct kf_object obj;

	kf_free_percpu(0);
	CHECK(kf_percpu_object(cookie, &obj) && obj.live && obj.size == 64);
	kf_free_percpu(cookie + 8);
	expect_bug(KF_BUG_INVALID_FREE);
	kf_free_percpu(1ull << 40);
	expect_bug(KF_BUG_INVALID_FREE);
	kf_free_percpu(cookie);
	kf_free_percpu(cookie);
	expect_bug(KF_BUG_DOUBLE_FREE);
	CHECK(told.bug.object.addr == (void *)cookie);
	CHECK(!kf_percpu_object(cookie, &obj));
}

static unsigned char *byte_of(u64 cookie, unsigned cpu, unsigned i)
{
	return (unsigned char *)kf_per_cpu_ptr(cookie, cpu) + i;
}

/* Expect the byte behind an area to be looked at when it is freed, and those of a freed one when its place is taken, or when
 * somebody asks; each of the right CPU, with both numbers. */
static void damage(void)
{
	u64 a = kf_alloc_percpu(22, 2, GFP_KERNEL), b;
	struct kf_object obj;

	*byte_of(a, 3, 22) = 1;
	CHECK(kf_percpu_object(a, &obj));
	kf_free_percpu(a);
	expect_bug(KF_BUG_REDZONE);
	CHECK(told.bug.addr == byte_of(a, 3, 22) && told.bug.object.seq == obj.seq);
	*byte_of(a, 5, 0) = 1;
	CHECK(kf_percpu_record(a, obj.seq, &obj) && !obj.live);
	CHECK_EQ(kf_check_object(&obj), 1);
	expect_bug(KF_BUG_WRITE_AFTER_FREE);
	*byte_of(a, 0, 8) = 1;
	b = kf_alloc_percpu(4, 4, GFP_KERNEL);
	expect_bug(KF_BUG_WRITE_AFTER_FREE);
	CHECK(a == b && told.bug.addr == byte_of(a, 0, 8));
	CHECK(!kf_percpu_record(a, obj.seq, &obj));
	kf_free_percpu(b);
}

#define CHUNK0 (((STATIC + (28u << 10)) + 4095) & ~4095u)

/*
 * Expect a second chunk when the first is full, memory for the pages that are used and two more, and all of it
 * back when the chunk is empty.
 */
static void chunks_grow(void)
{
	struct kf_percpu_stat stat;
	u64 free = free_pages_now(), cookies[3];

	cookies[0] = kf_alloc_percpu((28 << 10) - 8, 4, GFP_KERNEL);
	CHECK_EQ(free_pages_now(), free);
	cookies[1] = kf_alloc_percpu((8 << 10) - 8, 4, GFP_KERNEL);
	CHECK_EQ(cookies[1], CHUNK0);
	kf_percpu_stat(&stat);
	CHECK(stat.chunks == 2 && stat.live == 2 && stat.empty_pages == 2);
	CHECK_EQ(stat.frames, 4 * 8); /* for each of 8 CPUs */
	CHECK_EQ(free_pages_now(), free - 4 * 8);
	CHECK_EQ(told.should_fail, 2); /* the frames ask nobody */
	cookies[2] = kf_alloc_percpu(32 << 10, 4096, GFP_KERNEL);
	CU_ASSERT_PTR_NULL(kf_percpu_validate());
	for (int i = 0; i < 3; i++)
		kf_free_percpu(cookies[i]);
	kf_percpu_stat(&stat);
	CHECK(stat.chunks == 1 && stat.frames == 0);
	CHECK_EQ(free_pages_now(), free);
}

/* Expect atomic requests to get only pages with memory, and to fail silently beyond. */
static void atomic(void)
{
	u64 first = kf_alloc_percpu(28 << 10, 4, KF_GFP_ATOMIC), second, third;

	CHECK(first != 0);
	CHECK_EQ(kf_alloc_percpu(4096, 4, KF_GFP_ATOMIC), 0);
	CHECK_EQ(told.log[0], 0);
	second = kf_alloc_percpu(5000, 4, GFP_KERNEL); /* leaves two empty pages with memory */
	third = kf_alloc_percpu(8000, 4, KF_GFP_ATOMIC);
	CHECK(third > second);
	CHECK_EQ(kf_alloc_percpu(8192, 4, KF_GFP_ATOMIC), 0);
	kf_free_percpu(first);
	kf_free_percpu(second);
	kf_free_percpu(third);
}

/* Expect the kernel's lines when there is no memory for a page, ten times, and then that it was the last. */
static void texts(void)
{
	static struct page *taken[16 << 10];
	u64 first = kf_alloc_percpu(28 << 10, 4, GFP_KERNEL);
	unsigned n = 0;

	while ((taken[n] = kf_alloc_pages(GFP_KERNEL | KF_GFP_NOWARN, 0)))
		n++;
	told.log[0] = 0;
	CHECK_EQ(kf_alloc_percpu(4096, 8, GFP_KERNEL), 0);
	/* After what the page allocator has to say. */
	CU_ASSERT_PTR_NOT_NULL(strstr(told.log,
				      "<4>percpu: allocation failed, size=4096 align=8 atomic=0, "
				      "failed to populate\n"));
	for (int i = 0; i < 8; i++)
		kf_alloc_percpu(4096, 8, GFP_KERNEL);
	told.log[0] = 0;
	kf_alloc_percpu(4096, 8, GFP_KERNEL | KF_GFP_NOWARN);
	CHECK_EQ(told.log[0], 0);
	kf_alloc_percpu(4096, 8, GFP_KERNEL);
	CU_ASSERT_PTR_NOT_NULL(strstr(told.log, "<6>percpu: limit reached, disable warning\n"));
	told.log[0] = 0;
	CHECK_EQ(kf_alloc_percpu(4096, 8, GFP_KERNEL), 0);
	CU_ASSERT_PTR_NULL(strstr(told.log, "percpu:"));
	CU_ASSERT_PTR_NULL(kf_percpu_validate());
	while (n)
		kf_free_pages(taken[--n], 0);
	kf_free_percpu(first);
}

/* Expect multiples of 4 bytes, and a task that is being killed to get nothing where it would have to wait. */
static void small_and_killed(void)
{
	u64 a = kf_alloc_percpu(1, 1, GFP_KERNEL), b = kf_alloc_percpu(1, 1, GFP_KERNEL), c;

	CHECK_EQ(b - a, 4 + 8); /* and the guard */
	task_is = KF_TASK_KILLED;
	CHECK_EQ(kf_alloc_percpu(8, 8, GFP_KERNEL), 0);
	CHECK_EQ(told.log[0], 0);
	c = kf_alloc_percpu(8, 8, KF_GFP_ATOMIC);
	CHECK(c != 0);
	kf_free_percpu(a);
	kf_free_percpu(b);
	kf_free_percpu(c);
}

static const CU_TestInfo tests[] = {
	{"chunks grow", chunks_grow},
	{"atomic", atomic},
	{"texts", texts},
	{"small, killed", small_and_killed},
	{"simple", simple},
	{"first fit", first_fit},
	{"merges", merges},
	{"alignment", alignment},
	{"limits", limits},
	{"exhausted", exhausted},
	{"bad frees", bad_frees},
	{"damage", damage},
	CU_TEST_INFO_NULL,
};

const struct suite percpu_suite = {"percpu", fixture_start, fixture_stop, tests};

/* ---- hooks ----------------------------------------------------------------------------------- */

static void *by_slab(void)
{
	return kf_kmalloc(10, GFP_KERNEL);
}

static void *by_large(void)
{
	return kf_kmalloc(10000, GFP_KERNEL);
}

static void *by_pages(void)
{
	return kf_alloc_pages(GFP_KERNEL, 0);
}

static void *by_exact(void)
{
	return kf_alloc_pages_exact(8192, GFP_KERNEL);
}

static void *by_vmalloc(void)
{
	return kf_vmalloc(10, 1, GFP_KERNEL, false);
}

static void *by_ioremap(void)
{
	return kf_ioremap(0, 10);
}

static void *by_percpu(void)
{
	return (void *)kf_alloc_percpu(10, 8, GFP_KERNEL);
}

static void *by_cache(void)
{
	return kf_cache_create("c", 10, 0, 0, NULL);
}

static void free_page(void *p)
{
	kf_free_pages(p, 0);
}

static void free_exact(void *p)
{
	kf_free_pages_exact(p, 8192);
}

static void free_percpu(void *p)
{
	kf_free_percpu((u64)(uintptr_t)p);
}

static void free_object(void *p)
{
	kf_kfree(p);
}

static void free_area(void *p)
{
	kf_vfree(p);
}

static void free_io(void *p)
{
	kf_iounmap(p);
}

static void free_cache(void *p)
{
	kf_cache_destroy(p);
}

static const struct family {
	enum kf_kind kind;
	void *(*get)(void);
	void (*put)(void *p);
} families[] = {
	{KF_SLAB, by_slab, free_object},     {KF_KMALLOC_LARGE, by_large, free_object},
	{KF_PAGES, by_pages, free_page},     {KF_PAGES, by_exact, free_exact},
	{KF_VMALLOC, by_vmalloc, free_area}, {KF_VMAP, by_ioremap, free_io},
	{KF_PERCPU, by_percpu, free_percpu}, {KF_CACHE, by_cache, free_cache},
};
#define FAMILIES (sizeof(families) / sizeof(*families))

/* Expect might_alloc, should_fail, allocated; then freed: once each, whatever is needed inside. */
static void order_of_calls(void)
{
	for (size_t i = 0; i < FAMILIES; i++) {
		void *p;

		forget_calls();
		p = families[i].get();
		CU_ASSERT_STRING_EQUAL(told.order, "msa");
		CHECK_EQ(told.request.kind, families[i].kind);
		CHECK_EQ(told.born.kind, families[i].kind);
		CHECK(told.born.live && told.born.seq == kf_sequence());
		families[i].put(p);
		CU_ASSERT_STRING_EQUAL(told.order, "msaf");
		CHECK(told.died.live && told.died.seq == told.born.seq &&
		      told.died.alloc_tag == 1001);
	}
}

/* Expect NULL, two calls and no change of the world. */
static void refusal(void)
{
	u64 free = free_pages_now(), seq = kf_sequence();

	for (size_t i = 0; i < FAMILIES; i++) {
		forget_calls();
		refuse = 1;
		CU_ASSERT_PTR_NULL(families[i].get());
		CU_ASSERT_STRING_EQUAL(told.order, "ms");
	}
	CHECK_EQ(free_pages_now(), free);
	CHECK_EQ(kf_sequence(), seq);
}

/* Expect __GFP_NOFAIL never to be put to the vote. */
static void nofail(void)
{
	void *p;

	refuse = 1;
	p = kf_kmalloc(10, GFP_KERNEL | KF_GFP_NOFAIL);
	CU_ASSERT_STRING_EQUAL(told.order, "ma");
	kf_kfree(p);
	refuse = 0;
}

/* Expect the library to work with nobody listening. */
static void defaults(void)
{
	struct kf_hooks mine = kf_hooks;

	kf_hooks_reset();
	for (size_t i = 0; i < FAMILIES; i++)
		families[i].put(families[i].get());
	kf_kfree((void *)8192);
	kf_hooks = mine;
	CHECK_EQ(told.might_alloc, 0);
}

static const CU_TestInfo hook_tests[] = {
	{"order of calls", order_of_calls},
	{"refusal", refusal},
	{"nofail", nofail},
	{"defaults", defaults},
	CU_TEST_INFO_NULL,
};

const struct suite hooks_suite = {"hooks", fixture_start, fixture_stop, hook_tests};
