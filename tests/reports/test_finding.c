// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>
#include "../../harness/trace/util.h"
#include "suites.h"

/* Expect: names and kinds are each other's inverse, and the names are the documented ones. */
static void test_kinds(void)
{
	for (int kind = 0; kind < FINDING_NR_KINDS; kind++)
		CU_ASSERT_EQUAL(finding_kind_parse(finding_kind_name(kind)), kind);
	CU_ASSERT_STRING_EQUAL(finding_kind_name(FINDING_NULL_DEREFERENCE), "null-dereference");
	CU_ASSERT_STRING_EQUAL(finding_kind_name(FINDING_WARNING), "warning");
	CU_ASSERT_EQUAL(finding_kind_parse("nonsense"), -1);
	CU_ASSERT_EQUAL(finding_kind_parse(""), -1);
	CU_ASSERT_STRING_EQUAL(finding_kind_name(FINDING_NR_KINDS), "unknown");
}

static void expect_same_id(struct finding *a, struct finding *b, bool same)
{
	finding_set_id(a);
	finding_set_id(b);
	CU_ASSERT_EQUAL(strlen(a->id), 16);
	CU_ASSERT_EQUAL(strspn(a->id, "0123456789abcdef"), 16);
	CU_ASSERT_EQUAL(!strcmp(a->id, b->id), same);
}

static void replace(char **text, const char *with)
{
	free(*text);
	*text = xstrdup(with);
}

/* Expect: schedules, request numbers, sizes, addresses, lines and the kernel's frames do not
 * count. */
static void test_id_ignores(void)
{
	struct finding a = sample_finding(), b = sample_finding();

	replace(&b.schedule, "9x2");
	replace(&b.what, "2 objects of 64 bytes");
	b.point.n = 9;
	b.point.size = 97;
	b.objects[0].addr = 0xffff888001111000;
	b.point.stack.frames[1].line = 1;
	b.point.stack.frames[3].offset = 0x77;
	b.stack.frames[0].line = 1;
	b.also = 0;
	expect_same_id(&a, &b, true);
	finding_clear(&a);
	finding_clear(&b);
}

/* Expect: of an endless loop only the function that the driver's part begins with counts, wherever in it the clock struck. */
static void test_id_of_a_loop(void)
{
	struct finding a = sample_finding(), b = sample_finding();

	a.kind = b.kind = FINDING_HANG;
	a.moving = b.moving = true;
	b.stack.frames[0].offset = 0x9a;
	expect_same_id(&a, &b, true);
	for (unsigned i = 0; i < b.stack.count; i++)
		replace(&b.stack.frames[i].function, "foo_open");
	expect_same_id(&a, &b, false);
	finding_clear(&a);
	finding_clear(&b);
}

/* Expect: kind, api, the driver's frames at the refused request and at the place do count. */
static void test_id_tells_apart(void)
{
	for (int i = 0; i < 6; i++) {
		struct finding a = sample_finding(), b = sample_finding();

		if (i == 0)
			b.kind = FINDING_RESOURCE_LEAK;
		if (i == 1)
			replace(&b.point.api, "kmalloc");
		if (i == 2)
			b.point.stack.frames[1].offset = 0x46;
		if (i == 3)
			replace(&b.point.stack.frames[1].function, "foo_open");
		if (i == 4)
			b.stack.frames[0].offset = 0x9a;
		if (i == 5)
			b.has_point = false;
		expect_same_id(&a, &b, false);
		finding_clear(&a);
		finding_clear(&b);
	}
}

/* Expect: without a place of its own, the first object's allocation is the place. */
static void test_id_of_object(void)
{
	struct finding a = sample_finding(), b = sample_finding();

	stack_clear(&a.stack);
	stack_clear(&b.stack);
	expect_same_id(&a, &b, true);
	b.objects[0].allocated.frames[0].offset++;
	expect_same_id(&a, &b, false);
	finding_clear(&a);
	finding_clear(&b);
}

/* Expect: the sentence is the place when there is no other; numbers and addresses in it do not
 * count. */
static void test_id_of_sentence(void)
{
	struct finding a = {.kind = FINDING_HANG}, b = {.kind = FINDING_HANG};

	a.what = xstrdup("task 12 waits at 0xffff888000001000 (ffffffffc0001234) for 5 s");
	b.what = xstrdup("task 7 waits at 0xffff888000aa1000 (ffffffffc0ffee34) for 10 s");
	expect_same_id(&a, &b, true);
	replace(&b.what, "task 7 sleeps at 0xffff888000aa1000 (ffffffffc0ffee34) for 10 s");
	expect_same_id(&a, &b, false);
	finding_clear(&a);
	finding_clear(&b);
}

/* Expect: an address that stands for a function without a name does not count. */
static void test_id_of_nameless(void)
{
	struct finding a = {.kind = FINDING_HANG}, b = {.kind = FINDING_HANG};

	add_frame(&a.stack, "0xffffffffc0001000", 0, 0, "foo", NULL, 0);
	add_frame(&b.stack, "0xffffffffc0002000", 0, 0, "foo", NULL, 0);
	expect_same_id(&a, &b, true);
	finding_clear(&a);
	finding_clear(&b);
}

/* Expect: ids are the same in every build and on every machine: baselines hold them. */
static void test_id_is_stable(void)
{
	struct finding finding = sample_finding();

	CU_ASSERT_STRING_EQUAL(finding.id, "e792ddf7b9947088");
	finding_clear(&finding);
}

/* Expect: JSON, read and written again, is the same text; and the fields that text cannot show are
 * right. */
static void test_round_trip(void)
{
	struct finding finding = sample_finding(), back;
	char *first, *second;

	finding.core = true;
	finding.reason = xstrdup("\"quoted\"\n\tand more");
	finding.point.size = UINT64_MAX - 11;
	finding_set_id(&finding);
	first = finding_to_json(&finding);
	CU_ASSERT_PTR_NULL(strchr(first, '\n'));
	CU_ASSERT_EQUAL_FATAL(finding_from_json(first, &back), 0);
	second = finding_to_json(&back);
	CU_ASSERT_STRING_EQUAL(first, second);
	CU_ASSERT_EQUAL(back.kind, FINDING_LEAK);
	CU_ASSERT_STRING_EQUAL(back.id, finding.id);
	CU_ASSERT_EQUAL(back.objects[0].addr, 0xffff888004c3a2c0);
	CU_ASSERT_EQUAL(back.point.size, UINT64_MAX - 11);
	CU_ASSERT_STRING_EQUAL(back.reason, finding.reason);
	CU_ASSERT_TRUE(back.point.stack.frames[0].inlined);
	CU_ASSERT_PTR_NULL(back.objects[1].cache);
	CU_ASSERT_EQUAL(back.objects[0].age, 3);
	CU_ASSERT_EQUAL(back.objects[0].content_size, 17);
	CU_ASSERT_EQUAL(memcmp(back.objects[0].content, finding.objects[0].content, 17), 0);
	CU_ASSERT_STRING_EQUAL(back.objects[0].path, finding.objects[0].path);
	CU_ASSERT_FALSE(back.objects[1].leftover);
	finding_set_id(&back);
	CU_ASSERT_STRING_EQUAL(back.id, finding.id);
	free(first);
	free(second);
	finding_clear(&finding);
	finding_clear(&back);
}

static void test_round_trip_empty(void)
{
	struct finding finding = {.kind = FINDING_NONDETERMINISM}, back;
	char *text = finding_to_json(&finding);

	CU_ASSERT_EQUAL(finding_from_json(text, &back), 0);
	CU_ASSERT_EQUAL(back.kind, FINDING_NONDETERMINISM);
	CU_ASSERT_FALSE(back.has_point);
	CU_ASSERT_PTR_NULL(back.what);
	CU_ASSERT_EQUAL(back.object_count, 0);
	free(text);
	finding_clear(&back);
}

/* Expect: bytes that are no text do not cost the finding. */
static void test_not_utf8(void)
{
	struct finding finding = {.kind = FINDING_BUG}, back;
	char *text;

	finding.what = xstrdup("cache \xff\xfe \xc3\xa9t\xc3 end");
	text = finding_to_json(&finding);
	CU_ASSERT_EQUAL_FATAL(finding_from_json(text, &back), 0);
	CU_ASSERT_STRING_EQUAL(back.what, "cache ?? \xc3\xa9t? end");
	free(text);
	finding_clear(&finding);
	finding_clear(&back);
}

/* Expect: what a dying process left half-written is refused, wherever it ends. */
static void test_damaged(void)
{
	static const char *const bad[] = {
		"", "{", "[]", "7", "{}", "{\"kind\":\"nonsense\"}", "{\"kind\":7}", "null"};
	struct finding finding = sample_finding(), back;
	char *text = finding_to_json(&finding);

	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CU_ASSERT_EQUAL(finding_from_json(bad[i], &back), -1);
	for (size_t length = strlen(text); length--;) {
		text[length] = '\0';
		if (finding_from_json(text, &back) != -1)
			CU_FAIL("half a finding was taken for a whole one");
	}
	free(text);
	finding_clear(&finding);
}

/* Expect: members of the wrong type are as good as absent. */
static void test_wrong_types(void)
{
	struct finding back;

	CU_ASSERT_EQUAL(
		finding_from_json("{\"kind\":\"bug\",\"what\":7,\"stack\":\"x\",\"point\":[],"
				  "\"objects\":[1,{}],\"also\":\"many\",\"id\":{}}",
				  &back),
		0);
	CU_ASSERT_PTR_NULL(back.what);
	CU_ASSERT_EQUAL(back.stack.count, 0);
	CU_ASSERT_FALSE(back.has_point);
	CU_ASSERT_EQUAL(back.object_count, 2);
	CU_ASSERT_EQUAL(back.also, 0);
	finding_clear(&back);
}

static void test_not_judged(void)
{
	struct not_judged entry = {.schedule = xstrdup("9"), .why = xstrdup("real MMU")}, back;
	char *text;

	add_frame(&entry.stack, "set_memory_ro", 0x10, 0x20, NULL, NULL, 0);
	text = not_judged_to_json(&entry);
	CU_ASSERT_EQUAL(not_judged_from_json(text, &back), 0);
	CU_ASSERT_STRING_EQUAL(back.schedule, "9");
	CU_ASSERT_STRING_EQUAL(back.why, "real MMU");
	CU_ASSERT_EQUAL(back.stack.count, 1);
	not_judged_clear(&back);
	CU_ASSERT_EQUAL(not_judged_from_json("{\"kind\":\"bug\"}", &back), -1);
	CU_ASSERT_EQUAL(not_judged_from_json("nonsense", &back), -1);
	free(text);
	not_judged_clear(&entry);
}

/* Expect: an address that nobody can name is its own name, and every address has its frame. */
static void test_stack_name(void)
{
	const uint64_t pcs[] = {0x1234, 0x5678};
	struct stack stack;

	stack_name(&stack, pcs, 2, true);
	CU_ASSERT_EQUAL(stack.count, 2);
	CU_ASSERT_STRING_EQUAL(stack.frames[0].function, "0x1234");
	CU_ASSERT_STRING_EQUAL(stack.frames[1].function, "0x5678");
	stack_clear(&stack);
	stack_name_handle(&stack, 0);
	CU_ASSERT_EQUAL(stack.count, 0);
}

CU_TestInfo finding_tests[] = {
	{"kinds", test_kinds},
	{"what an id ignores", test_id_ignores},
	{"ids of endless loops", test_id_of_a_loop},
	{"what an id tells apart", test_id_tells_apart},
	{"id of an object", test_id_of_object},
	{"id of a sentence", test_id_of_sentence},
	{"id of a function without a name", test_id_of_nameless},
	{"id of the sample", test_id_is_stable},
	{"JSON and back", test_round_trip},
	{"JSON and back, nothing in it", test_round_trip_empty},
	{"JSON of bytes that are no text", test_not_utf8},
	{"damaged JSON", test_damaged},
	{"JSON of wrong types", test_wrong_types},
	{"not judged, and back", test_not_judged},
	{"stacks get names", test_stack_name},
	CU_TEST_INFO_NULL,
};
