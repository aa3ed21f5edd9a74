// SPDX-License-Identifier: GPL-2.0-only
/* The text form of inputs: printed and read back, and what is said of a mistake. */
#include "suites.h"

#include <stdlib.h>
#include <string.h>

#include "../../fuzz/allocator/calls.h"

static struct fuzz_syntax wrong;

/* The text of these bytes; malloc()ed. */
static char *printed(const uint8_t *data, size_t size)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	fuzz_print(&allocator_grammar, data, size, out);
	fclose(out);
	return text;
}

static int assembled(const char *text, uint8_t *data, size_t *size)
{
	return fuzz_assemble(&allocator_grammar, text, data, 4096, size, &wrong);
}

/* Expect what was printed to be what was written. */
static void exact(void)
{
	static const char text[] = "kmalloc to=3 size=96 gfp=kernel+zero+nowarn\n"
				   "none\n"
				   "context is=hardirq+noio\n"
				   "context is=0\n"
				   "cache_create cache=1 kind=ctor size=100\n"
				   "refuse 3,7x4,200+\n";
	uint8_t data[4096];
	size_t size;
	char *again;

	CU_ASSERT_EQUAL_FATAL(assembled(text, data, &size), 0);
	again = printed(data, size);
	CU_ASSERT_STRING_EQUAL(again, text);
	free(again);
}

/* Expect comments, blanks, order and hex to change nothing, and what is not given to be 0. */
static void free_form(void)
{
	static const char a[] = "# first\n\n  kmalloc\tsize=0x60 to=3 # 96\r\nrefuse 5,3 # last";
	static const char b[] = "kmalloc to=3 size=96 gfp=kernel\nrefuse 3,5\n";
	uint8_t one[4096], two[4096];
	size_t n, m;

	CU_ASSERT_EQUAL_FATAL(assembled(a, one, &n), 0);
	CU_ASSERT_EQUAL_FATAL(assembled(b, two, &m), 0);
	CU_ASSERT(n == m && !memcmp(one, two, n));
}

/* Expect any bytes, printed and read back, to be the same program in the same bytes as encoding makes of them. */
static void round_trip(void)
{
	uint8_t bytes[150], encoded[256], back[4096];
	struct fuzz_program program;
	uint64_t random = 7;

	for (unsigned round = 0; round < 500; round++) {
		size_t size = round % sizeof(bytes), n, m;
		char *text;

		for (size_t i = 0; i < size; i++) {
			random = random * 6364136223846793005ull + 1442695040888963407ull;
			bytes[i] = (uint8_t)(random >> 56);
		}
		fuzz_decode(bytes, size, &program);
		n = fuzz_encode(&allocator_grammar, &program, encoded, sizeof(encoded));
		text = printed(bytes, size);
		CU_ASSERT_EQUAL_FATAL(assembled(text, back, &m), 0);
		CU_ASSERT(n == m && !memcmp(encoded, back, n));
		free(text);
	}
}

static const struct mistake {
	const char *text;
	unsigned line, column;
	const char *what;
} mistakes[] = {
	{"kmalloc to=0\nfoo\n", 2, 1, "there is no call \"foo\""},
	{"kmalloc size=96x\n", 1, 14, "size wants a number"},
	{"kmalloc size=-1\n", 1, 14, "size wants a number"},
	{"kmalloc to=32\n", 1, 12, "to is at most 31"},
	{"kmalloc to=1 to=2\n", 1, 14, "to is given twice"},
	{"kmalloc  at=1\n", 1, 10, "kmalloc has no field \"at\"; it has: to, size, gfp"},
	{"kmalloc to 1\n", 1, 11, "expected \"=\" behind to"},
	{"kmalloc gfp=kernel+zeros\n", 1, 20, "gfp wants words of: zero, dma, dma32"},
	{"kmalloc gfp=\n", 1, 13, "gfp wants words of: kernel, atomic"},
	{"drain lists=some\n", 1, 13, "lists wants words of: all, local"},
	{"= 3\n", 1, 1, "expected the name of a call"},
	{"none to=1\n", 1, 6, "none has no fields"},
	{"refuse 0\n", 1, 8, "schedule \"0\": expected the number of a point"},
	{"refuse random=3\n", 1, 8, "an input's schedule consists of numbers"},
	{"refuse 70000\n", 1, 8, "an input's schedule begins ranges up to 65536"},
	{"refuse 1\nrefuse 2\n", 2, 1, "a second schedule"},
	{"refuse 1 2\n", 1, 10, "expected the end of the line"},
	{"refuse 1\nkmalloc\n", 2, 1, "a call behind the schedule"},
};

/* Expect line, column and one sentence for each mistake. */
static void errors(void)
{
	uint8_t data[4096];
	size_t size;

	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		const struct mistake *m = &mistakes[i];
		bool right;

		CU_ASSERT_EQUAL(assembled(m->text, data, &size), -1);
		right = wrong.line == m->line && wrong.column == m->column &&
			!strncmp(wrong.what, m->what, strlen(m->what));
		if (!right)
			fprintf(stderr, "%s: %u:%u: %s\n", m->text, wrong.line, wrong.column,
				wrong.what);
		CU_ASSERT(right);
	}
}

/* Expect an end to calls with a sentence, not cut off silently. */
static void too_long(void)
{
	static uint8_t data[FUZZ_CALLS_MAX * FUZZ_CALL_BYTES + 100];
	static char text[(FUZZ_CALLS_MAX + 1) * 5 + 1];
	size_t size;

	for (unsigned i = 0; i <= FUZZ_CALLS_MAX; i++)
		memcpy(text + i * 5, "none\n", 5);
	CU_ASSERT_EQUAL(fuzz_assemble(&allocator_grammar, text, data, sizeof(data), &size, &wrong),
			-1);
	CU_ASSERT_EQUAL(wrong.line, FUZZ_CALLS_MAX + 1);
	text[FUZZ_CALLS_MAX * 5] = 0;
	CU_ASSERT_EQUAL(fuzz_assemble(&allocator_grammar, text, data, sizeof(data), &size, &wrong),
			0);
}

/* What a function prints is what a file of the tree holds. */
static void same_as_file(const char *path, void (*print)(const struct fuzz_grammar *, FILE *))
{
	char *now = NULL, *committed;
	size_t size;
	FILE *out = open_memstream(&now, &size), *file = fopen(path, "r");

	print(&allocator_grammar, out);
	fclose(out);
	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	committed = calloc(1, size + 2);
	CU_ASSERT_EQUAL(fread(committed, 1, size + 1, file), size);
	CU_ASSERT_STRING_EQUAL(now, committed);
	fclose(file);
	free(committed);
	free(now);
}

/* Expect the reference and the dictionary to be those of the table. */
static void reference(void)
{
	same_as_file(FUZZ_DIR "/GRAMMAR.md", fuzz_print_reference);
	same_as_file(FUZZ_DIR "/../corpus/allocator.dict", fuzz_print_dictionary);
}

CU_TestInfo text_tests[] = {
	{"exact", exact},   {"free form", free_form}, {"round trip", round_trip},
	{"errors", errors}, {"too long", too_long},   {"reference and dictionary", reference},
	CU_TEST_INFO_NULL,
};
