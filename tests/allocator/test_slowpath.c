// SPDX-License-Identifier: GPL-2.0-only
/*
 * What happens when memory is short, in which order, and what is said about it: kswapd, reclaim, shrinkers, OOM
 * notifiers, the modifiers of retrying, the kernel's texts.
 */
#include "../../allocator/page/shrinker.h"
#include "test.h"

/* ---- the machine is out of memory ------------------------------------------------------------------------- */

#define MOST 16384
static struct page *held[MOST];
static unsigned nr_held, given; /* held[given..nr_held) */

static void hold_all(void)
{
	static const u32 zones[] = {0, KF_GFP_DMA32, KF_GFP_DMA};
	const u32 gfp = GFP_KERNEL | KF_GFP_NOWARN | KF_GFP_NORETRY;

	for (int i = 0; i < 3; i++)
		while (nr_held < MOST && (held[nr_held] = kf_alloc_pages(gfp | zones[i], 0)))
			nr_held++;
	forget_calls();
	told.allocated = nr_held;
}

/* Those of Normal first, as they were taken first. */
static void give_some(unsigned n)
{
	for (; n && given < nr_held; n--)
		kf_free_pages(held[given++], 0);
}

/* ---- hooks that say who was called: k(swapd) r(eclaim) o(om) ------------------------------------------------ */

static char calls[256];
static unsigned reclaim_gives, oom_gives;
static u32 reclaim_gfp;
static int first_priority, last_priority;

static void remember_call(char what)
{
	size_t n = strlen(calls);

	if ((!n || calls[n - 1] != what) && n < sizeof(calls) - 1)
		calls[n] = what;
}

static bool kswapd_later; /* there is a task that does its work */

static bool on_kswapd(unsigned zone, unsigned order)
{
	remember_call('k');
	return kswapd_later;
}

static u64 on_reclaim(u32 gfp, unsigned order, int priority)
{
	unsigned give = reclaim_gives < 32 ? reclaim_gives : 32;

	if (!strchr(calls, 'r'))
		first_priority = priority;
	remember_call('r');
	last_priority = priority;
	reclaim_gfp = gfp;
	reclaim_gives -= give;
	give_some(give);
	return give;
}

static u64 on_oom(u32 gfp, unsigned order)
{
	unsigned give = oom_gives;

	remember_call('o');
	oom_gives = 0;
	give_some(give);
	return give;
}

static char lines[64][512];
static unsigned nr_lines;

static void on_log(int level, const char *line)
{
	if (nr_lines < 64)
		snprintf(lines[nr_lines++], sizeof(lines[0]), "%d %s", level, line);
}

static bool said(const char *text)
{
	for (unsigned i = 0; i < nr_lines; i++)
		if (strstr(lines[i], text))
			return true;
	return false;
}

static void start(void)
{
	fixture_start();
	memset(calls, 0, sizeof(calls));
	reclaim_gives = oom_gives = 0;
	nr_lines = nr_held = given = 0;
	hold_all();
	kf_hooks.kswapd = on_kswapd;
	kf_hooks.reclaim = on_reclaim;
	kf_hooks.oom = on_oom;
	kf_hooks.log = on_log;
}

static void stop(void)
{
	give_some(MOST);
	fixture_stop();
}

static bool served(u32 gfp, unsigned order)
{
	struct page *page;

	memset(calls, 0, sizeof(calls));
	page = kf_alloc_pages(gfp, order);
	if (page)
		kf_free_pages(page, order);
	return page != NULL;
}

/* ---- kswapd as a task ---------------------------------------------------------------------------------------- */

/* Expect its work to wait for it: the order asked for most, no memory yet, enough when some has come back. */
static void kswapd_works_later(void)
{
	struct kf_kswapd work;

	kswapd_later = true;
	CHECK(!served(KF_GFP_KSWAPD_RECLAIM | KF_GFP_NOWARN, 0));
	CHECK(!served(KF_GFP_KSWAPD_RECLAIM | KF_GFP_NOWARN, 3));
	CHECK(!served(KF_GFP_KSWAPD_RECLAIM | KF_GFP_NOWARN, 1));
	kswapd_later = false;
	CU_ASSERT_STRING_EQUAL(calls, "k");
	kf_kswapd_begin(&work);
	CHECK_EQ(work.order, 3);
	CHECK_EQ(work.highest, KF_ZONE_NORMAL);
	CHECK(!kf_kswapd_balanced(&work));
	give_some(MOST);
	kf_drain_all_pages();
	CHECK(kf_kswapd_balanced(&work));
	kf_kswapd_end(&work);
	kf_kswapd_begin(&work);
	CHECK_EQ(work.order, 0);
	kf_kswapd_end(&work);
}

/* ---- who gets how far -------------------------------------------------------------------------------------------- */

/* Expect kswapd, reclaim from priority 12 to 0, then the OOM notifiers, then NULL. */
static void everything_in_vain(void)
{
	CHECK(!served(GFP_KERNEL, 0));
	CU_ASSERT_STRING_EQUAL(calls, "kro");
	CHECK_EQ(first_priority, 12);
	CHECK_EQ(last_priority, 0);
	CHECK(said("4 Out of memory and no killable processes..."));
}

/* Expect each modifier to stop where 4.6 says. */
static void modifiers(void)
{
	CHECK(!served(KF_GFP_NOWAIT, 0));
	CU_ASSERT_STRING_EQUAL(calls, "k");
	CHECK(!served(KF_GFP_DIRECT_RECLAIM, 0));
	CU_ASSERT_STRING_EQUAL(calls, "ro");
	CHECK(!served(GFP_KERNEL | KF_GFP_NORETRY, 0));
	CU_ASSERT_STRING_EQUAL(calls, "kr");
	CHECK(!served(GFP_KERNEL | KF_GFP_RETRY_MAYFAIL, 0));
	CU_ASSERT_STRING_EQUAL(calls, "kr");
	CHECK(!served(GFP_KERNEL | KF_GFP_THISNODE, 0));
	CU_ASSERT_STRING_EQUAL(calls, "kr");
	CHECK(!served(GFP_KERNEL | KF_GFP_DMA, 0));
	CU_ASSERT_STRING_EQUAL(calls, "kr");
	CHECK(!served(GFP_KERNEL, 4));
	CU_ASSERT_STRING_EQUAL(calls, "kr");
	CHECK(!served(GFP_KERNEL | KF_GFP_NORETRY, 4));
	CU_ASSERT_STRING_EQUAL(calls, "k");
	CHECK(!served(GFP_KERNEL & ~(u32)KF_GFP_FS, 0));
	CU_ASSERT_STRING_EQUAL(calls, "kro");
}

/* Expect what reclaim freed to be had, after one round. */
static void reclaim_helps(void)
{
	reclaim_gives = 40;
	CHECK(served(GFP_KERNEL, 0));
	CU_ASSERT_STRING_EQUAL(calls, "kr");
	CHECK_EQ(last_priority, 12);
}

/* Expect a block of order 3 to be waited for while reclaim goes on freeing pages. */
static void reclaim_goes_on(void)
{
	reclaim_gives = 8000;
	CHECK(served(GFP_KERNEL, 3));
	CU_ASSERT_STRING_EQUAL(calls, "kr");
}

/* Expect a hook that only says that it freed something not to be believed. */
static u64 liar(u32 gfp, unsigned order, int priority)
{
	remember_call('r');
	return 1000;
}

static void lies_do_not_help(void)
{
	kf_hooks.reclaim = liar;
	CHECK(!served(GFP_KERNEL, 0));
	CU_ASSERT_STRING_EQUAL(calls, "kro");
}

/* Expect what the OOM notifiers freed to be had. */
static void oom_helps(void)
{
	oom_gives = 600;
	CHECK(served(GFP_KERNEL, 0));
	CHECK(!strncmp(calls, "kro", 3));
}

static u32 task_bits;

static u32 current_task(void)
{
	return task_bits;
}

/* Expect the scopes of the task in what shrinkers are told, and no reclaim within reclaim. */
static void scopes(void)
{
	kf_hooks.task = current_task;
	task_bits = KF_TASK_NOIO;
	CHECK(!served(GFP_KERNEL, 0));
	CHECK_EQ(reclaim_gfp, KF_GFP_RECLAIM);
	CHECK_EQ(told.request.gfp, GFP_KERNEL);
	task_bits = KF_TASK_NOFS;
	CHECK(!served(GFP_KERNEL, 0));
	CHECK_EQ(reclaim_gfp, KF_GFP_RECLAIM | KF_GFP_IO);
	task_bits = KF_TASK_MEMALLOC;
	CHECK(!served(GFP_KERNEL | KF_GFP_NOMEMALLOC, 0));
	CU_ASSERT_STRING_EQUAL(calls, "k");
	task_bits = KF_TASK_KILLED;
	CHECK(served(GFP_KERNEL, 0)); /* the victim's reserves */
	task_bits = 0;
}

/* Expect gfp_allowed_mask to be applied before anybody is asked. */
static void allowed_mask(void)
{
	u32 old = kf_set_gfp_allowed_mask(~(u32)(KF_GFP_IO | KF_GFP_FS));

	CHECK(!served(GFP_KERNEL, 0));
	CHECK_EQ(told.request.gfp, KF_GFP_RECLAIM);
	CHECK_EQ(reclaim_gfp, KF_GFP_RECLAIM);
	kf_set_gfp_allowed_mask(old);
	CHECK_EQ(kf_gfp_allowed_mask(), old);
}

/* Expect __GFP_NOFAIL to be served from the reserves; to fail with a warning where it may not sleep; and at the very
 * end to be told. */
static void nofail(void)
{
	struct page *last[2048];
	unsigned n = 0;

	CHECK(served(GFP_KERNEL | KF_GFP_NOFAIL, 0));
	while (n < 2048 &&
	       (last[n] = kf_alloc_pages(KF_GFP_NOWAIT | KF_GFP_MEMALLOC | KF_GFP_NOWARN, 0)))
		n++;
	CHECK(!served(KF_GFP_NOWAIT | KF_GFP_NOFAIL, 0));
	expect_bug(KF_BUG_WARN);
	CHECK(!served(GFP_KERNEL | KF_GFP_NOFAIL, 0));
	expect_bug(KF_BUG_WARN);
	while (n)
		kf_free_pages(last[--n], 0);
}

/* ---- shrinkers ------------------------------------------------------------------------------------------------------ */

static unsigned long cached, asked[32];
static unsigned nr_asked;
static s64 deferred;
static bool nested;

static unsigned long count(struct kf_shrinker *shrinker, struct kf_shrink_control *sc)
{
	return cached ? cached : KF_SHRINK_EMPTY;
}

static unsigned long scan(struct kf_shrinker *shrinker, struct kf_shrink_control *sc)
{
	unsigned long n = sc->nr_to_scan < cached ? sc->nr_to_scan : cached;

	if (nr_asked < 32)
		asked[nr_asked++] = sc->nr_to_scan;
	if (nested) /* an allocation in a shrinker does not reclaim again */
		kf_alloc_pages(GFP_KERNEL | KF_GFP_NOWARN | KF_GFP_NOMEMALLOC, 0);
	cached -= n;
	give_some((unsigned)n);
	return n;
}

static struct kf_shrinker shrinker = {.count_objects = count,
				      .scan_objects = scan,
				      .seeks = KF_DEFAULT_SEEKS,
				      .nr_deferred = &deferred};

/*
 * Expect do_shrink_slab()'s arithmetic: 4096 objects at priority 4 are 4096/16 * 4/2 = 512, in batches of 128; at
 * priority 12 they are 2, which is put off; the next round takes a share of what was put off.
 */
static void shrinker_arithmetic(void)
{
	deferred = 0;
	nr_asked = 0;
	cached = 4096;
	kf_shrinker_add(&shrinker);
	CHECK_EQ(kf_shrink_slab(GFP_KERNEL, 12), 0);
	CHECK_EQ(deferred, 2);
	CHECK_EQ(kf_shrink_slab(GFP_KERNEL, 4), 512);
	CHECK(nr_asked == 4 && asked[0] == 128 && asked[3] == 128);
	CHECK_EQ(deferred, 2);
	cached = 100; /* less than a batch, but all there is */
	CHECK_EQ(kf_shrink_slab(GFP_KERNEL, 0), 100);
	cached = 0;
	CHECK_EQ(kf_shrink_slab(GFP_KERNEL, 0), 0);
	kf_shrinker_del(&shrinker);
	cached = 500;
	CHECK_EQ(kf_shrink_slab(GFP_KERNEL, 0), 0);
}

/* Expect a request to be served by what shrinkers give back, harder and harder, and not to recurse. */
static void shrinker_serves(void)
{
	deferred = 0;
	cached = 1000;
	nested = true;
	kf_shrinker_add(&shrinker);
	CHECK(served(GFP_KERNEL, 0));
	CHECK(cached < 1000 && cached > 0);
	nested = false;
	kf_shrinker_del(&shrinker);
}

static unsigned long removes_itself(struct kf_shrinker *self, struct kf_shrink_control *sc)
{
	kf_shrinker_del(self);
	return 0;
}

/* Expect a shrinker that takes itself off the list to be told: the kernel would hang. */
static void shrinker_removes_itself(void)
{
	struct kf_shrinker bad = {.count_objects = removes_itself, .scan_objects = scan};

	kf_shrinker_add(&bad);
	kf_shrink_slab(GFP_KERNEL, 0);
	expect_bug(KF_BUG_CONTEXT);
	kf_shrinker_del(&bad);
}

/* ---- texts ------------------------------------------------------------------------------------------------------------ */

/* Expect warn_alloc()'s first line, Mem-Info with the zones' numbers, silence with __GFP_NOWARN, 10 reports at most. */
static void failure_text(void)
{
	struct kf_zone_stat dma;
	char text[160];

	CHECK(!served(GFP_KERNEL | KF_GFP_NOWARN, 2));
	CHECK_EQ(nr_lines, 0);
	CHECK(!served(KF_GFP_NOWAIT | KF_GFP_COMP, 2));
	CU_ASSERT_STRING_EQUAL(lines[0], "4 swapper: page allocation failure: order:2, "
					 "mode:0x40800(GFP_NOWAIT|__GFP_COMP), nodemask=(null)");
	kf_zone_stat(KF_ZONE_DMA, &dma);
	snprintf(text, sizeof(text),
		 "4 Node 0 DMA free:%llukB boost:0kB min:%llukB low:%llukB high:%llukB ",
		 (unsigned long long)dma.free * 4, (unsigned long long)dma.min * 4,
		 (unsigned long long)dma.low * 4, (unsigned long long)dma.high * 4);
	CHECK(said(text));
	CHECK(said("4 Mem-Info:"));
	CHECK(said("4 lowmem_reserve[]: 0 6 38 46 54"));
	CHECK(said("4 Node 0 DMA: "));
	CHECK(said("4 0 total pagecache pages"));
	CHECK(said("4 14336 pages RAM"));
	for (unsigned i = 0; i < 20; i++)
		served(KF_GFP_NOWAIT, 0);
	nr_lines = 0;
	served(KF_GFP_NOWAIT, 0);
	CHECK_EQ(nr_lines, 0);
}

/* Somebody takes a reference of a free page. Expect it to be told when its turn comes, and never to be handed out. */
static void bad_page_text(void)
{
	struct page *page = held[--nr_held], *other;
	char text[80];

	kf_free_pages(page, 0);
	kf_drain_all_pages();
	page->refcount = 1;
	nr_lines = 0;
	other = kf_alloc_pages(GFP_KERNEL | KF_GFP_NORETRY | KF_GFP_MEMALLOC | KF_GFP_NOWARN, 0);
	while (other && told.bugs == 0) {
		held[nr_held++] = other;
		other = kf_alloc_pages(
			GFP_KERNEL | KF_GFP_NORETRY | KF_GFP_MEMALLOC | KF_GFP_NOWARN, 0);
	}
	if (other)
		held[nr_held++] = other;
	expect_bug(KF_BUG_BAD_PAGE);
	snprintf(text, sizeof(text), "1 BUG: Bad page state in process swapper  pfn:%05llx",
		 (unsigned long long)kf_page_to_pfn(page));
	CU_ASSERT_STRING_EQUAL(lines[0], text);
	CHECK(said("refcount:1 mapcount:0"));
	CHECK(said("4 page dumped because: nonzero _refcount"));
	CHECK_VALID();
}

/* One bit, then more of a freed page are changed. Expect mm/page_poison.c's words for each. */
static void poison_text(void)
{
	struct page *page = kf_alloc_pages(KF_GFP_MEMALLOC, 0);
	char *p = kf_frame_virt(kf_page_to_pfn(page));

	kf_free_pages(page, 0);
	p[100] ^= 4;
	CHECK(kf_alloc_pages(KF_GFP_MEMALLOC, 0) == page);
	expect_bug(KF_BUG_WRITE_AFTER_FREE);
	CHECK(said("3 pagealloc: single bit error"));
	kf_free_pages(page, 0);
	memset(p + 10, 0, 20);
	CHECK(kf_alloc_pages(KF_GFP_MEMALLOC, 0) == page);
	expect_bug(KF_BUG_WRITE_AFTER_FREE);
	CHECK(said("3 pagealloc: memory corruption"));
	CHECK(said(": 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 "));
	CHECK(said("page dumped because: pagealloc: corrupted page details"));
	held[nr_held++] = page;
}

static const CU_TestInfo tests[] = {
	{"kswapd works later", kswapd_works_later},
	{"everything in vain", everything_in_vain},
	{"modifiers", modifiers},
	{"reclaim helps", reclaim_helps},
	{"reclaim goes on", reclaim_goes_on},
	{"lies do not help", lies_do_not_help},
	{"OOM notifiers help", oom_helps},
	{"scopes", scopes},
	{"gfp_allowed_mask", allowed_mask},
	{"__GFP_NOFAIL", nofail},
	{"shrinkers' arithmetic", shrinker_arithmetic},
	{"a shrinker serves", shrinker_serves},
	{"a shrinker removes itself", shrinker_removes_itself},
	{"text of a failure", failure_text},
	{"text of a bad page", bad_page_text},
	{"text of damaged poison", poison_text},
	CU_TEST_INFO_NULL,
};

const struct suite slowpath_suite = {"slow path", start, stop, tests};
