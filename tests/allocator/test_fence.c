// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fenced memory: what may be touched, what may not, who is meant, and that a rollback brings access back.
 *
 *	|xxxxxxxx|........OOOOOOOO|xxxxxxxx|	x: inaccessible
 */
#include <setjmp.h>
#include <signal.h>
#include <string.h>

#include "../../allocator/core/objects.h"
#include "../../allocator/page/fence.h"
#include "test.h"

static struct sigaction before;
static sigjmp_buf wild;

static void on_fault(int signal)
{
	siglongjmp(wild, 1);
}

/* Can this byte be read? kf_fence_hidden() must say the same. */
static bool usable(const volatile char *p)
{
	if (sigsetjmp(wild, 1)) {
		CHECK(kf_fence_hidden((u64)(uintptr_t)p));
		return false;
	}
	(void)*p;
	CHECK(!kf_fence_hidden((u64)(uintptr_t)p));
	return true;
}

static void fence(u32 every, enum kf_fence_edge edge, u64 fence_seed)
{
	const struct kf_fence_policy policy = {every, edge, fence_seed};
	const struct sigaction action = {.sa_handler = on_fault, .sa_flags = SA_NODEFER};

	CHECK_EQ(sigaction(SIGSEGV, &action, &before), 0);
	CHECK_EQ(kf_fence_start(&policy), 0);
}

/* The pool stays; all that lived in it must be gone. */
static void stop(void)
{
	struct kf_fence_stat stat;

	kf_fence_stat(&stat);
	CHECK_EQ(stat.live, 0);
	CHECK_EQ(told.allocated, told.freed);
	CHECK_EQ(kf_check_all(), 0);
	sigaction(SIGSEGV, &before, NULL);
	fixture_early_stop();
}

/* Expect a 64-byte object to end where its page does, and an access behind it to be said to be 0 bytes to its right. */
static void right_edge(void)
{
	struct kf_missed missed;
	char *p;

	fence(1, KF_FENCE_RIGHT, 1);
	p = kf_kmalloc(64, GFP_KERNEL);
	CHECK(usable(p) && usable(p + 63) && !usable(p + 64));
	CHECK(kf_missed_object((u64)(uintptr_t)p + 64, &missed));
	CHECK(missed.object.addr == p && missed.object.live);
	CHECK_EQ(missed.side, KF_MISSED_RIGHT);
	CHECK_EQ(missed.distance, 0);
	CHECK_EQ(kf_ksize(p), 64);
	kf_kfree(p);
	stop();
}

static void left_edge(void)
{
	struct kf_missed missed;
	char *p;

	fence(1, KF_FENCE_LEFT, 1);
	p = kf_kmalloc(64, GFP_KERNEL);
	CHECK(usable(p) && usable(p + 64) && !usable(p - 1));
	CHECK(kf_missed_object((u64)(uintptr_t)p - 1, &missed));
	CHECK_EQ(missed.side, KF_MISSED_LEFT);
	CHECK_EQ(missed.distance, 1);
	kf_kfree(p);
	stop();
}

/* Expect both edges among sixteen objects, and the same ones for the same seed. */
static void both_edges(void)
{
	unsigned seen[2] = {0, 0}, left = 0;
	char *p[16];

	for (unsigned round = 0; round < 2; round++) {
		if (round)
			fixture_start();
		fence(1, KF_FENCE_BOTH, 7);
		for (unsigned i = 0; i < 16; i++) {
			p[i] = kf_kmalloc(64, GFP_KERNEL);
			left = !usable(p[i] - 1);
			CHECK_EQ(left + !usable(p[i] + 64), 1);
			seen[round] |= left << i;
			kf_kfree(p[i]);
		}
		stop();
	}
	CHECK(seen[0] && seen[0] != 0xffff);
	CHECK_EQ(seen[0], seen[1]);
}

/* Expect a freed object to stay inaccessible and known, a second free to be told, and no early reuse of its page. */
static void freed(void)
{
	struct kf_missed missed;
	char *p;

	fence(1, KF_FENCE_RIGHT, 1);
	p = kf_kmalloc(100, GFP_KERNEL);
	kf_kfree(p);
	CHECK(!usable(p + 8));
	CHECK(kf_missed_object((u64)(uintptr_t)p + 8, &missed));
	CHECK(missed.object.addr == p && !missed.object.live && missed.object.free_tag);
	CHECK_EQ(missed.side, KF_MISSED_INSIDE);
	CHECK_EQ(missed.distance, 8);
	for (unsigned i = 0; i < 500; i++) {
		char *other = kf_kmalloc(100, GFP_KERNEL);

		CHECK(other != p);
		kf_kfree(other);
	}
	CHECK(!usable(p));
	kf_kfree(p);
	expect_bug(KF_BUG_DOUBLE_FREE);
	stop();
}

/* Expect the bytes that alignment leaves behind an object to be guarded, and an inner address to be no object. */
static void slack(void)
{
	char *p;

	fence(1, KF_FENCE_RIGHT, 1);
	p = kf_kmalloc(100, GFP_KERNEL);
	p[100] = 'x';
	kf_kfree(p + 8);
	expect_bug(KF_BUG_INVALID_FREE);
	kf_kfree(p);
	expect_bug(KF_BUG_REDZONE);
	CHECK(told.bug.addr == p + 100);
	stop();
}

/* Expect whole pages behind a large object to be inaccessible, and blocks of pages on both sides and after their free. */
static void pages(void)
{
	struct page *page;
	char *p;

	fence(1, KF_FENCE_RIGHT, 1);
	p = kf_kmalloc(20480, GFP_KERNEL);
	CHECK(usable(p + 20479) && !usable(p + 20480) && !usable(p - 1));
	p = kf_krealloc(p, 9000, GFP_KERNEL);
	CHECK(usable(p + 9000) && !usable(p + 3 * KF_PAGE_SIZE));
	kf_kfree(p);
	page = kf_alloc_pages(GFP_KERNEL | KF_GFP_ZERO, 1);
	p = kf_page_address(page);
	CHECK(usable(p) && usable(p + 8191) && !usable(p + 8192) && !usable(p - 1));
	CHECK(all_bytes(p, 0, 8192));
	CHECK_VALID();
	kf_free_pages(page, 1);
	CHECK(!usable(p) && !usable(p + 4096));
	kf_free_pages(page, 1);
	expect_bug(KF_BUG_DOUBLE_FREE);
	stop();
}

/* Expect a block that is split to close page by page. */
static void split(void)
{
	struct page *page;
	char *p;

	fence(1, KF_FENCE_RIGHT, 1);
	page = kf_alloc_pages(GFP_KERNEL, 2);
	p = kf_page_address(page);
	kf_split_page(page, 2);
	kf_free_pages(page + 2, 0);
	CHECK(usable(p + 4096) && !usable(p + 8192) && usable(p + 12288));
	for (unsigned i = 0; i < 4; i++)
		if (i != 2)
			kf_free_pages(page + i, 0);
	CHECK_VALID();
	stop();
}

/* Expect a cache with fenced objects to know them, construct each, and to go only when they have gone. */
static unsigned constructed;
static void construct(void *object)
{
	constructed++;
	memset(object, 'c', 40);
}

static void caches(void)
{
	struct kf_cache *cache;
	struct kf_cache_stat stat;
	char *p;

	fence(1, KF_FENCE_RIGHT, 1);
	cache = kf_cache_create("fenced", 40, 0, 0, construct);
	constructed = 0;
	p = kf_cache_alloc(cache, GFP_KERNEL);
	CHECK_EQ(constructed, 1);
	CHECK(all_bytes(p, 'c', 40) && !usable(p + 40));
	kf_cache_stat(cache, &stat);
	CHECK_EQ(stat.active, 1);
	kf_cache_destroy(cache);
	expect_bug(KF_BUG_CACHE_NOT_EMPTY);
	kf_cache_free(cache, p);
	CHECK_VALID();
	kf_cache_destroy(cache);
	stop();
}

/* Expect each third request to be fenced, and those that cannot be to be counted as passed over. */
static void each_third(void)
{
	struct kf_fence_stat stat;
	void *p[9];

	fence(3, KF_FENCE_RIGHT, 5);
	for (unsigned i = 0; i < 9; i++)
		p[i] = kf_kmalloc(64, GFP_KERNEL);
	kf_fence_stat(&stat);
	CHECK_EQ(stat.asked, 9);
	CHECK_EQ(stat.fenced, 3);
	CHECK_EQ(stat.passed_over, 0);
	for (unsigned i = 0; i < 9; i++)
		kf_kfree(p[i]);
	for (unsigned i = 0; i < 3; i++)
		kf_kfree(kf_kmalloc(64, GFP_KERNEL | KF_GFP_DMA));
	kf_fence_stat(&stat);
	CHECK_EQ(stat.passed_over, 1);
	stop();
}

/* Expect a rollback to close what was opened since the mark, and to open what was closed. */
static void rolled_back(void)
{
	char *old, *new;

	fence(1, KF_FENCE_RIGHT, 1);
	old = kf_kmalloc(64, GFP_KERNEL);
	kf_mapping_mark();
	new = kf_kmalloc(64, GFP_KERNEL);
	kf_kfree(old);
	CHECK(!usable(old) && usable(new));
	kf_mapping_rollback();
	CHECK(usable(old) && !usable(new));
	kf_mapping_mark_inner();
	kf_mapping_rollback_inner();
	CHECK(usable(old) && !usable(new));
	/* Bookkeeping was not put back here: this world is of no use any more. */
	sigaction(SIGSEGV, &before, NULL);
	kf_hooks_reset();
	kf_memory_exit();
}

static const CU_TestInfo tests[] = {
	{"right edge", right_edge}, {"left edge", left_edge},
	{"both edges", both_edges}, {"freed", freed},
	{"slack", slack},	    {"pages", pages},
	{"split", split},	    {"caches", caches},
	{"each third", each_third}, {"rolled back", rolled_back},
	CU_TEST_INFO_NULL,
};

const struct suite fence_suite = {"fence", fixture_start, NULL, tests};
