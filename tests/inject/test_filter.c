// SPDX-License-Identifier: GPL-2.0-only
/*
 * Scopes and filters: what they match, how names become addresses, and which texts are none. The code that is looked at is
 * a made-up table of functions, and this very program, which plays the driver with debug information.
 */
#include "suites.h"

#include <stdlib.h>
#include <string.h>
#include "../../harness/inject/policy.h"
#include "../../harness/trace/depot.h"
#include "../../harness/trace/symbols.h"

/*
 *	0x10000 outer	0x10100 inner	0x10200 kzalloc		0x10300 the end
 */
static const char names[] = "outer\0inner\0kzalloc";
static const struct ksym functions[] = {{0x10000, 0, 't'}, {0x10100, 6, 't'}, {0x10200, 12, 'T'}};
static const struct ksym_table table = {functions, 3, names, 0x10000, 0x10300};

/* From the innermost: kzalloc() called by inner(), called by outer(). */
static const uint64_t stack[] = {0x10210, 0x10120, 0x10100};

static void know_code(void)
{
	symbols_add_table("made", &table);
}

/* This program, whose functions and lines are then a driver's. */
static void know_self(void)
{
	symbols_add_self();
	symbols_set_native_module("tests", "/proc/self/exe");
}

static bool matches(const char *text, const struct kf_request *request)
{
	struct filter filter;
	char err[FILTER_ERR];
	bool result;

	CU_ASSERT_EQUAL_FATAL(filter_parse(text, &filter, err), 0);
	CU_ASSERT_EQUAL_FATAL(filter_resolve(&filter, err), 0);
	result = filter_match(&filter, request, stack, 3);
	filter_clear(&filter);
	return result;
}

static void test_requests(void)
{
	const struct kf_request r = {
		.kind = KF_SLAB, .size = 96, .gfp = KF_GFP_KERNEL | KF_GFP_ZERO};

	CU_ASSERT_TRUE(matches("size=96", &r));
	CU_ASSERT_FALSE(matches("size=95", &r));
	CU_ASSERT_TRUE(matches("size=1-96", &r));
	CU_ASSERT_FALSE(matches("size=97-200", &r));
	CU_ASSERT_TRUE(matches("size=96-", &r));
	CU_ASSERT_FALSE(matches("size=-95", &r));
	CU_ASSERT_TRUE(matches("size=-0x60", &r));
	CU_ASSERT_TRUE(matches("gfp=GFP_KERNEL", &r));
	CU_ASSERT_TRUE(matches("gfp=GFP_KERNEL|__GFP_ZERO", &r));
	CU_ASSERT_FALSE(matches("gfp=GFP_KERNEL|__GFP_NOWARN", &r));
	CU_ASSERT_FALSE(matches("gfp=GFP_ATOMIC", &r)); /* needs all of its bits */
	CU_ASSERT_TRUE(matches("gfp=0x100", &r));
	CU_ASSERT_TRUE(matches("kind=slab", &r));
	CU_ASSERT_TRUE(matches("kind=vmalloc|slab", &r));
	CU_ASSERT_FALSE(matches("kind=pages", &r));
	CU_ASSERT_FALSE(matches("cache=*", &r)); /* it has none */
	CU_ASSERT_TRUE(matches("kind=slab,size=96,gfp=GFP_KERNEL", &r));
	CU_ASSERT_FALSE(matches("kind=slab,size=95,gfp=GFP_KERNEL", &r));
	/* A call has neither size nor flags. */
	CU_ASSERT_TRUE(matches("kind=call", NULL));
	CU_ASSERT_FALSE(matches("kind=call", &r));
	CU_ASSERT_FALSE(matches("size=0-", NULL));
}

/* Expect: a return address belongs to the call before it: 0x10100 is outer()'s last byte. */
static void test_places(void)
{
	const struct kf_request r = {.kind = KF_SLAB};

	know_code();
	CU_ASSERT_TRUE(matches("function=outer", &r));
	CU_ASSERT_TRUE(matches("function=inner", &r));
	CU_ASSERT_TRUE(matches("site=inner+0x20", &r));
	CU_ASSERT_TRUE(matches("site=inner+0x20/0x100 [made]", &r));
	CU_ASSERT_TRUE(matches("site=outer+0x100", &r));
	CU_ASSERT_FALSE(matches("site=inner+0x21", &r));
	CU_ASSERT_FALSE(matches("site=inner+0x1f", &r));
	CU_ASSERT_TRUE(matches("function=outer,site=inner+32", &r));
}

static void test_merging(void)
{
	struct places places = {0};

	know_code();
	CU_ASSERT_EQUAL(places_add_function(&places, "kzalloc"), PLACE_FOUND);
	CU_ASSERT_EQUAL(places_add_function(&places, "outer"), PLACE_FOUND);
	CU_ASSERT_EQUAL(places_add_function(&places, "outer"), PLACE_FOUND);
	CU_ASSERT_EQUAL(places.count, 2);
	CU_ASSERT_FALSE(places_contain(&places, 0x10000));
	CU_ASSERT_TRUE(places_contain(&places, 0x10001));
	CU_ASSERT_TRUE(places_contain(&places, 0x10100));
	CU_ASSERT_FALSE(places_contain(&places, 0x10101));
	CU_ASSERT_TRUE(places_contain(&places, 0x10300));
	CU_ASSERT_FALSE(places_contain(&places, 0x10301));
	CU_ASSERT_EQUAL(places_add_function(&places, "no_such_thing"), PLACE_NOT_THERE);
	places_clear(&places);
	CU_ASSERT_FALSE(places_contain(&places, 0x10100));
}

static void test_extents(void)
{
	struct range range;

	know_code();
	CU_ASSERT_TRUE(place_extent("inner", &range));
	CU_ASSERT(range.start == 0x10100 && range.end == 0x10200);
	CU_ASSERT_TRUE(place_extent("inner+0x10", &range));
	CU_ASSERT(range.start == 0x10110 && range.end == 0x10200);
	CU_ASSERT_FALSE(place_extent("inner+0x100", &range));
	CU_ASSERT_FALSE(place_extent("nobody_at_all", &range));
	CU_ASSERT_FALSE(place_extent("", &range));
}

static uint64_t here;
static int line_of_call, line_inside;

static __attribute__((noinline)) void remember_caller(void)
{
	here = (uint64_t)__builtin_return_address(0);
}

static inline __attribute__((always_inline)) void inlined(void)
{
	remember_caller(), line_inside = __LINE__;
	__asm__ volatile("");
}

static __attribute__((noinline)) void whole(void)
{
	inlined(), line_of_call = __LINE__;
	__asm__ volatile("");
}

static bool holds(const char *term)
{
	struct filter filter;
	char err[FILTER_ERR];
	bool result;

	CU_ASSERT_EQUAL_FATAL(filter_parse(term, &filter, err), 0);
	CU_ASSERT_EQUAL(filter_resolve(&filter, err), 0);
	result = filter_match(&filter, NULL, &here, 1);
	filter_clear(&filter);
	return result;
}

/* Expect: by debug information, files and lines; and a function that was inlined into another. */
static void test_debug_information(void)
{
	char text[64];

	know_self();
	whole();
	CU_ASSERT_TRUE(holds("function=inlined"));
	CU_ASSERT_TRUE(holds("function=whole"));
	CU_ASSERT_FALSE(holds("function=test_debug_information"));
	CU_ASSERT_TRUE(holds("file=test_filter.c"));
	CU_ASSERT_TRUE(holds("file=inject/test_filter.c"));
	CU_ASSERT_FALSE(holds("file=test_attr.c"));
	snprintf(text, sizeof(text), "site=test_filter.c:%d", line_of_call);
	CU_ASSERT_TRUE(holds(text)); /* where the inlined function is called */
	snprintf(text, sizeof(text), "site=test_filter.c:%d", line_inside);
	CU_ASSERT_TRUE(holds(text)); /* and where it calls */
}

static void test_not_there(void)
{
	static const char *const texts[] = {"function=no_such_thing", "file=no_such_thing.c",
					    "site=no_such_thing+0x10", "site=no_such_thing.c:10"};

	know_self();
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct filter filter;
		char err[FILTER_ERR] = "";

		CU_ASSERT_EQUAL_FATAL(filter_parse(texts[i], &filter, err), 0);
		CU_ASSERT_EQUAL(filter_resolve(&filter, err), -1);
		CU_ASSERT_PTR_NOT_NULL(strstr(err, "no_such_thing"));
		filter_clear(&filter);
	}
}

static void test_nonsense(void)
{
	static const char *const texts[] = {
		"",
		"size",
		"size=",
		"size=a",
		"size=2-1",
		"size=-",
		"size=1-2-3",
		"size=1,",
		"color=red",
		"gfp=GFP_NONE",
		"gfp=",
		"gfp=1x",
		"kind=heap",
		"kind=slab|",
		"site=",
		"site=a b",
		"site=:1",
		"site=+0x1",
		"function=",
		"cache=",
		"size=1,,size=2",
		"size=1,size=1,size=1,size=1,size=1,size=1,size=1,size=1,size=1",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct filter filter;
		char err[FILTER_ERR] = "";

		CU_ASSERT_EQUAL(filter_parse(texts[i], &filter, err), -1);
		CU_ASSERT_NOT_EQUAL(err[0], '\0');
	}
}

/* ---- through a policy ---- */

static bool module_is_inner(uint64_t pc)
{
	return pc > 0x10100 && pc <= 0x10200;
}

static bool module_is_outer(uint64_t pc)
{
	return pc > 0x10000 && pc <= 0x10100;
}

static bool counts(struct policy *policy, bool on_behalf, bool (*in_module)(uint64_t pc))
{
	const struct kf_request r = {.kind = KF_SLAB, .size = 96};
	const struct inject_ask ask = {.request = &r, .caller = {depot_save(stack, 3), on_behalf}};

	return policy_counts(policy, &ask, in_module);
}

/* Expect: direct is who called kzalloc(); any is everybody. */
static void test_scopes(void)
{
	struct policy policy;
	char err[POLICY_ERR];

	know_code();
	policy_init(&policy);
	CU_ASSERT_EQUAL(policy_ready(&policy, err), 0);
	CU_ASSERT_FALSE(policy.special);
	CU_ASSERT_TRUE(counts(&policy, true, module_is_outer));
	CU_ASSERT_FALSE(counts(&policy, false, module_is_outer));
	policy.scope = SCOPE_ANY;
	CU_ASSERT_TRUE(counts(&policy, false, NULL));
	policy.scope = SCOPE_DIRECT;
	policy_add_wrapper(&policy, "kzalloc");
	CU_ASSERT_EQUAL(policy_ready(&policy, err), 0);
	CU_ASSERT_TRUE(policy.special);
	CU_ASSERT_TRUE(counts(&policy, true, module_is_inner));
	CU_ASSERT_FALSE(counts(&policy, true, module_is_outer));
	policy_clear(&policy);
	CU_ASSERT_EQUAL(scope_parse("direct"), SCOPE_DIRECT);
	CU_ASSERT_EQUAL(scope_parse("all"), -1);
}

/* Expect: all of `only`, none of `skip`. */
static void test_only_and_skip(void)
{
	struct policy policy;
	char err[POLICY_ERR];

	know_code();
	policy_init(&policy);
	policy_add_filter(&policy, false, "function=outer", err);
	policy_add_filter(&policy, false, "size=96", err);
	CU_ASSERT_EQUAL(policy_ready(&policy, err), 0);
	CU_ASSERT_TRUE(counts(&policy, true, NULL));
	policy_add_filter(&policy, true, "size=96,kind=pages", err);
	CU_ASSERT_EQUAL(policy_ready(&policy, err), 0);
	CU_ASSERT_TRUE(counts(&policy, true, NULL));
	policy_add_filter(&policy, true, "function=inner", err);
	CU_ASSERT_EQUAL(policy_ready(&policy, err), 0);
	CU_ASSERT_FALSE(counts(&policy, true, NULL));
	policy_clear(&policy);
	policy_add_filter(&policy, false, "size=95", err);
	CU_ASSERT_EQUAL(policy_ready(&policy, err), 0);
	CU_ASSERT_FALSE(counts(&policy, true, NULL));
	policy_clear(&policy);
}

CU_TestInfo filter_tests[] = {
	{"requests", test_requests},
	{"places", test_places},
	{"merging of ranges", test_merging},
	{"extents", test_extents},
	{"files, lines and inlined functions", test_debug_information},
	{"what is not there", test_not_there},
	{"nonsense", test_nonsense},
	{"scopes", test_scopes},
	{"only and skip", test_only_and_skip},
	CU_TEST_INFO_NULL,
};
