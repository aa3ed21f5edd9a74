// SPDX-License-Identifier: GPL-2.0-only
/*
 * What slub_debug reports: each check with its report, bad frees, and what follows from them.
 */
#include <stdio.h>

#include "slub_debug.h"

/* ---- damage, word by word -------------------------------------------------------------------------------- */

#define RULE_BEGIN "============================================================================="
#define RULE_END   "-----------------------------------------------------------------------------"

/* The lines of one report, in order, from the first line of the log on. */
static void expect_report(const char *const *lines)
{
	for (unsigned i = 0; lines[i]; i++) {
		CU_ASSERT_STRING_EQUAL(log_lines[i], lines[i]);
		if (strcmp(log_lines[i], lines[i]))
			fprintf(stderr, "line %u: \"%s\"\n expected \"%s\"\n", i, log_lines[i],
				lines[i]);
	}
}

static char *kept(const char *line)
{
	static char keep[64][200];
	static unsigned next;
	char *to = keep[next++ % 64];

	strcpy(to, line);
	return to;
}
#define LINE(...) kept(line_of(__VA_ARGS__))

/* Expect the whole report of a byte behind an object, then the repair; the object is not reused. */
static void right_redzone(void)
{
	struct kf_cache *cache;
	unsigned tag;
	char *p;

	start_with("slub_debug=FZPU");
	cache = kf_cache_create("x", 16, 0, 0, NULL);
	p = kf_cache_alloc(cache, GFP_KERNEL);
	tag = 1000 + told.allocated;
	p[16] = 0x12;
	kf_cache_free(cache, p);
	expect_report((const char *const[]){
		RULE_BEGIN,
		"BUG x (Not tainted): Right Redzone overwritten",
		RULE_END,
		"",
		LINE("0x%016llx-0x%016llx @offset=24. First byte 0x12 instead of 0xcc", HEX(p + 16),
		     HEX(p + 16)),
		LINE("Allocated in f%u_0+0x1/0x2 age=0 cpu=0 pid=7", tag),
		LINE(" f%u_0+0x1/0x2", tag),
		LINE(" f%u_1+0x1/0x2", tag),
		LINE("Slab 0x%016llx objects=%u used=1 fp=0x%016llx "
		     "flags=%#llx(slab|node=0|zone=%llu)",
		     HEX(kf_virt_to_page(p)), stat_of(cache).objects_per_slab,
		     HEX(p + stat_of(cache).slot_size),
		     (unsigned long long)kf_virt_to_page(p)->flags,
		     (unsigned long long)kf_virt_to_page(p)->flags >> test_layout.zone_shift),
		LINE("Object 0x%016llx @offset=8 fp=0x%016llx", HEX(p),
		     HEX(p + stat_of(cache).slot_size)),
		"",
		LINE("Redzone  %016llx: cc cc cc cc cc cc cc cc                          ........",
		     HEX(p - 8)),
		LINE("Object   %016llx: 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b a5  "
		     "kkkkkkkkkkkkkkk.",
		     HEX(p)),
		LINE("Redzone  %016llx: 12 cc cc cc cc cc cc cc                          ........",
		     HEX(p + 16)),
		LINE("Padding  %016llx: 5a 5a 5a 5a 5a 5a 5a 5a                          ZZZZZZZZ",
		     HEX(p + 96)),
		"CPU: 0 PID: 7 Comm: insmod Not tainted",
		"Call Trace:",
		" <TASK>",
		"  here+0x1/0x2",
		" </TASK>",
		LINE("FIX x: Restoring Right Redzone 0x%016llx-0x%016llx=0xcc", HEX(p + 16),
		     HEX(p + 16)),
		LINE("FIX x: Object at 0x%016llx not freed", HEX(p)),
		NULL,
	});
	expect_bug(KF_BUG_REDZONE);
	CHECK(told.bug.addr == p + 16 && told.bug.found == 0x12 && told.bug.object.addr == p);
	CHECK((u8)p[16] == 0xcc);
	CHECK(kf_cache_alloc(cache, GFP_KERNEL) != p);
	CHECK_VALID();
	kf_cache_free(cache, told.born.addr);
	kf_cache_destroy(cache);
	fixture_stop();
}

struct damage {
	const char *setting;
	bool live; /* written to while live, found when freed; else while free, found by the next alloc */
	int offset; /* from the object, of 60 bytes */
	const char *what;
	u8 expected;
	enum kf_bug_kind kind;
	bool isolated; /* the slab, or the object is not freed */
};

static void one_damage(const struct damage *d)
{
	struct kf_cache *cache;
	char *p, *q;

	start_with(d->setting);
	cache = kf_cache_create("x", 60, 0, 0, NULL);
	p = kf_cache_alloc(cache, GFP_KERNEL);
	q = kf_cache_alloc(cache, GFP_KERNEL); /* so that the slab stays */
	if (!d->live)
		kf_cache_free(cache, p);
	p[d->offset] = 0x12;
	if (d->live)
		kf_cache_free(cache, p);
	else
		CHECK((kf_cache_alloc(cache, GFP_KERNEL) != p) == d->isolated);
	CHECK_LINE("BUG x (Not tainted): %s overwritten", d->what);
	CHECK_LINE("0x%016llx-0x%016llx @offset=%ld. First byte 0x12 instead of 0x%x",
		   HEX(p + d->offset), HEX(p + d->offset),
		   (long)((uintptr_t)(p + d->offset) & 4095), d->expected);
	CHECK_LINE("FIX x: Restoring %s 0x%016llx-0x%016llx=0x%x", d->what, HEX(p + d->offset),
		   HEX(p + d->offset), d->expected);
	CHECK_EQ((u8)p[d->offset], d->expected);
	if (d->isolated)
		CHECK_LINE(d->live ? "FIX x: Object at 0x%016llx not freed"
				   : "FIX x: Marking all objects used",
			   HEX(p));
	expect_bug(d->kind);
	CHECK_VALID();
	if (!d->live)
		kf_cache_free(cache, told.born.addr);
	/* q may lie in an isolated slab: a word, and it is gone all the same. */
	kf_cache_free(cache, q);
	if (d->isolated && !d->live)
		CHECK_LINE("BUG x (Tainted: G    B             ): Slab disabled since SLUB "
			   "metadata consistency check failed");
	CHECK_EQ(told.allocated, told.freed + 1);
	kf_cache_destroy(cache);
	fixture_stop();
}

/* Expect each check to find its damage, name it, repair it, and draw the kernel's consequence. */
static void damages(void)
{
	static const struct damage cases[] = {
		{"slub_debug=FZ", true, -1, "Left Redzone", 0xcc, KF_BUG_REDZONE, true},
		{"slub_debug=FZ", true, 60, "Right Redzone", 0xcc, KF_BUG_REDZONE, true},
		{"slub_debug=FP", true, 60, "Alignment padding", 0x5a, KF_BUG_REDZONE, false},
		{"slub_debug=FZP", true, 72, "Object padding", 0x5a, KF_BUG_REDZONE, false},
		{"slub_debug=FZ", false, -1, "Left Redzone", 0xbb, KF_BUG_REDZONE, true},
		{"slub_debug=FZ", false, 63, "Right Redzone", 0xbb, KF_BUG_REDZONE, true},
		{"slub_debug=FP", false, 5, "Poison", 0x6b, KF_BUG_WRITE_AFTER_FREE, true},
		{"slub_debug=FP", false, 59, "End Poison", 0xa5, KF_BUG_WRITE_AFTER_FREE, true},
		{"slub_debug=FZPU", false, 136, "Object padding", 0x5a, KF_BUG_REDZONE, false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		one_damage(&cases[i]);
}

/* Expect a pointer to nowhere to be found before it is followed. */
static void free_pointer(void)
{
	struct kf_cache *cache;
	char *p;

	start_with("slub_debug=FZP");
	cache = kf_cache_create("x", 64, 0, 0, NULL);
	p = kf_cache_alloc(cache, GFP_KERNEL);
	kf_cache_free(cache, p);
	memset(p + 72, 0x41, 8);
	CHECK(kf_cache_alloc(cache, GFP_KERNEL) != p);
	CHECK_LINE("BUG x (Not tainted): Freepointer corrupt");
	CHECK_LINE("FIX x: Marking all objects used");
	expect_bug(KF_BUG_WRITE_AFTER_FREE);
	kf_cache_free(cache, told.born.addr);
	kf_cache_destroy(cache);
	fixture_stop();
}

/* Expect the chain of free objects to be cut at the damage by a free in the same slab. */
static void free_chain(void)
{
	struct kf_cache *cache;
	char *p, *q;

	start_with("slub_debug=FZP");
	cache = kf_cache_create("x", 64, 0, 0, NULL);
	p = kf_cache_alloc(cache, GFP_KERNEL);
	q = kf_cache_alloc(cache, GFP_KERNEL);
	kf_cache_free(cache, p);
	memset(p + 72, 0x41, 8);
	kf_cache_free(cache, q);
	CHECK_LINE("BUG x (Not tainted): Freechain corrupt");
	CHECK_LINE("BUG x (Tainted: G    B             ): Wrong object count. Counter is %d but "
		   "counted were %d",
		   1, stat_of(cache).objects_per_slab - 1);
	CHECK_LINE("FIX x: Object count adjusted");
	expect_bug(KF_BUG_WRITE_AFTER_FREE);
	CHECK_VALID();
	kf_cache_destroy(cache);
	fixture_stop();
}

/* Expect bytes behind the last object to be watched. */
static void slab_padding(void)
{
	struct kf_cache *cache;
	struct kf_cache_stat stat;
	char *p, *pad;

	start_with("slub_debug=FZPU");
	cache = kf_cache_create("x", 500, 0, 0, NULL);
	stat = stat_of(cache);
	p = kf_cache_alloc(cache, GFP_KERNEL);
	pad = (char *)((uintptr_t)p & ~4095ul) + stat.objects_per_slab * stat.slot_size;
	pad[0] = 1;
	kf_cache_free(cache, p);
	CHECK_LINE("BUG x (Not tainted): Padding overwritten. 0x%016llx-0x%016llx @offset=%ld",
		   HEX(pad), HEX(pad), (long)(stat.objects_per_slab * stat.slot_size));
	CHECK_LINE("FIX x: Restoring slab padding 0x%016llx-0x%016llx=0x5a", HEX(pad), HEX(pad));
	expect_bug(KF_BUG_REDZONE);
	kf_cache_destroy(cache);
	fixture_stop();
}

/* ---- bad frees ------------------------------------------------------------------------------------------- */

/* Expect the object to stay as it is, the kernel's words, and the matching bug. */
static void bad_frees(void)
{
	struct kf_cache *cache;
	char *p;

	start_with("slub_debug=FZPU");
	cache = kf_cache_create("x", 64, 0, 0, NULL);
	p = kf_cache_alloc(cache, GFP_KERNEL);
	kf_cache_free(cache, p + 8);
	CHECK_LINE("BUG x (Not tainted): Invalid object pointer 0x%016llx", HEX(p + 8));
	CHECK_LINE("FIX x: Object at 0x%016llx not freed", HEX(p + 8));
	expect_bug(KF_BUG_INVALID_FREE);
	forget_log();
	kf_cache_free(cache, p);
	CHECK_EQ(log_count, 0);
	kf_cache_free(cache, p);
	CHECK_LINE("BUG x (Tainted: G    B             ): Object already free");
	CHECK_LINE("Freed in f%u_0+0x1/0x2 age=0 cpu=0 pid=7", 2000 + told.freed);
	CHECK_LINE("FIX x: Object at 0x%016llx not freed", HEX(p));
	expect_bug(KF_BUG_DOUBLE_FREE);
	kf_cache_destroy(cache);
	fixture_stop();
}

/* Expect bad frees to free nothing also without F, in silence but for the hooks. */
static void bad_free_unchecked(void)
{
	struct kf_cache *cache;
	char *p;

	start_with("slub_debug=Z");
	cache = kf_cache_create("x", 64, 0, 0, NULL);
	p = kf_cache_alloc(cache, GFP_KERNEL);
	kf_cache_free(cache, p);
	kf_cache_free(cache, p);
	expect_bug(KF_BUG_DOUBLE_FREE);
	CHECK_EQ(log_count, 0);
	CHECK(kf_cache_alloc(cache, GFP_KERNEL) == p); /* the newest free one comes first */
	kf_cache_free(cache, p);
	kf_cache_destroy(cache);
	fixture_stop();
}

/* Expect each object that is left to be listed, with who allocated it; the cache stays. */
static void destroy_with_objects(void)
{
	struct kf_cache *cache;
	unsigned tag;
	char *p;

	start_with("slub_debug=FZPU");
	cache = kf_cache_create("x", 64, 0, 0, NULL);
	kf_cache_free(cache, kf_cache_alloc(cache, GFP_KERNEL));
	p = kf_cache_alloc(cache, GFP_KERNEL);
	tag = 1000 + told.allocated;
	kf_cache_destroy(cache);
	CHECK_LINE("BUG x (Not tainted): Objects remaining in x on __kmem_cache_shutdown()");
	CHECK_LINE("Object 0x%016llx @offset=8", HEX(p));
	CHECK_LINE("Allocated in f%u_0+0x1/0x2 age=0 cpu=0 pid=7", tag);
	CHECK_LINE("kmem_cache_destroy x: Slab cache still has objects when called from "
		   "here+0x1/0x2");
	expect_bug(KF_BUG_CACHE_NOT_EMPTY);
	kf_cache_free(cache, p);
	kf_cache_destroy(cache);
	fixture_stop();
}

static const CU_TestInfo tests[] = {
	{"right redzone, word by word", right_redzone},
	{"damages", damages},
	{"free pointer", free_pointer},
	{"free chain", free_chain},
	{"slab padding", slab_padding},
	{"bad frees", bad_frees},
	{"bad free without F", bad_free_unchecked},
	{"destroy with objects", destroy_with_objects},
	CU_TEST_INFO_NULL,
};

const struct suite slub_damage_suite = {"slub_debug, damage", nothing, nothing, tests};
