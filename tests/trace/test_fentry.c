// SPDX-License-Identifier: GPL-2.0-only
/*
 * Function entry sites, on functions that are written here by hand, as gcc -mfentry makes them:
 *
 *	outer:	no-op; call inner; add $1, %eax; ret
 *	inner:	no-op; lea (%rdi,%rsi), %eax; ret
 *	tail:	no-op; jmp inner
 */
#include "../../harness/trace/fentry.h"
#include "../../harness/trace/orc.h"
#include "suites.h"

#include <string.h>
#include <sys/mman.h>

#define ROOM  4096
#define OUTER 1024
#define INNER 1056
#define TAIL  1088

static uint8_t *code;
static char told[512];
static unsigned interrupts;
static uint64_t results[8], slots[8];
static unsigned returns;

static const char *name(uint64_t function)
{
	switch (function - (uint64_t)code) {
	case OUTER:
		return "outer";
	case INNER:
		return "inner";
	case TAIL:
		return "tail";
	default:
		return "?";
	}
}

static void note(const char *what, const struct fentry_call *call)
{
	size_t used = strlen(told);

	snprintf(told + used, sizeof(told) - used, "%s%s %s", used ? ", " : "", what,
		 name(call->function));
}

static bool entered(const struct fentry_call *call)
{
	note("enter", call);
	return true;
}

static void returned(const struct fentry_call *call)
{
	note("leave", call);
	slots[returns % 8] = call->slot;
	results[returns++ % 8] = call->result;
}

static void come(void)
{
	size_t used = strlen(told);

	snprintf(told + used, sizeof(told) - used, ", interrupt");
}

static uint64_t interrupt(const struct fentry_call *call, bool on_return, bool once_more)
{
	if (!interrupts || once_more || on_return)
		return 0;
	interrupts--;
	return (uint64_t)come;
}

static const struct fentry_listener listener = {entered, returned, interrupt};

static void write_call(unsigned at, uint8_t opcode, unsigned to)
{
	int32_t distance = (int32_t)to - (int32_t)(at + 5);

	code[at] = opcode;
	memcpy(code + at + 1, &distance, sizeof(distance));
}

static void make_functions(void)
{
	static const uint8_t nop[] = {0x0f, 0x1f, 0x44, 0, 0};
	static const unsigned at[] = {OUTER, INNER, TAIL};
	uint64_t sites[3];

	if (code)
		return;
	code = mmap(NULL, ROOM, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		    0);
	CU_ASSERT_FATAL(code != MAP_FAILED);
	for (unsigned i = 0; i < 3; i++) {
		memcpy(code + at[i], nop, sizeof(nop));
		sites[i] = (uint64_t)code + at[i];
	}
	write_call(OUTER + 5, 0xe8, INNER);
	memcpy(code + OUTER + 10, "\x83\xc0\x01\xc3", 4);
	memcpy(code + INNER + 5, "\x8d\x04\x37\xc3", 4);
	write_call(TAIL + 5, 0xe9, INNER);
	fentry_open(code, (uint64_t)fentry_entered, (uint64_t)fentry_returned);
	fentry_add_sites(sites, 3);
	fentry_listen(&listener);
}

static int call(unsigned function)
{
	told[0] = '\0';
	returns = 0;
	return ((int (*)(int, int))(void *)(code + function))(20, 3);
}

static void begin(void)
{
	make_functions();
	fentry_filter((uint64_t)code + OUTER, ROOM - OUTER);
	CU_ASSERT_EQUAL(fentry_arm(NULL), 3);
	fentry_run(true);
}

static void end(void)
{
	fentry_run(false);
	fentry_disarm(NULL);
	CU_ASSERT_FALSE(fentry_armed());
}

/* Expect: calls and returns in order, with results; arguments and results get through. */
static void test_told(void)
{
	begin();
	CU_ASSERT_EQUAL(call(OUTER), 24);
	CU_ASSERT_STRING_EQUAL(told, "enter outer, enter inner, leave inner, leave outer");
	CU_ASSERT_EQUAL(results[0], 23);
	CU_ASSERT_EQUAL(results[1], 24);
	CU_ASSERT(slots[0] < slots[1]);
	end();
}

/* Expect: disarmed, the bytes are those of before, and nothing is told. */
static void test_disarmed(void)
{
	uint8_t before[ROOM - OUTER];

	make_functions();
	memcpy(before, code + OUTER, sizeof(before));
	begin();
	CU_ASSERT_NOT_EQUAL(memcmp(before, code + OUTER, sizeof(before)), 0);
	end();
	CU_ASSERT_EQUAL(memcmp(before, code + OUTER, sizeof(before)), 0);
	CU_ASSERT_EQUAL(call(OUTER), 24);
	CU_ASSERT_STRING_EQUAL(told, "");
}

/* Expect: a function that ends in a call returns together with the one that it calls. */
static void test_tail_call(void)
{
	begin();
	CU_ASSERT_EQUAL(call(TAIL), 23);
	CU_ASSERT_STRING_EQUAL(told, "enter tail, enter inner, leave inner, leave tail");
	CU_ASSERT_EQUAL(slots[0], slots[1]);
	end();
}

/* Expect: a function that keeps its return address is told, and its return is not. */
static void test_kept_returns(void)
{
	begin();
	fentry_keep_returns((uint64_t)code + INNER, 16);
	CU_ASSERT_EQUAL(call(OUTER), 24);
	CU_ASSERT_STRING_EQUAL(told, "enter outer, enter inner, leave outer");
	fentry_keep_returns(0, 0);
	end();
}

/* Expect: outside the filter's range nobody is told. */
static void test_filter(void)
{
	begin();
	fentry_filter((uint64_t)code + INNER, TAIL - INNER);
	CU_ASSERT_EQUAL(call(OUTER), 24);
	CU_ASSERT_STRING_EQUAL(told, "enter inner, leave inner");
	end();
}

static bool only_inner(uint64_t site)
{
	return site == (uint64_t)code + INNER;
}

/* Expect: what is not wanted stays a no-op. */
static void test_wanted(void)
{
	make_functions();
	fentry_filter(0, UINT64_MAX);
	CU_ASSERT_EQUAL(fentry_arm(only_inner), 1);
	fentry_run(true);
	CU_ASSERT_EQUAL(call(OUTER), 24);
	CU_ASSERT_STRING_EQUAL(told, "enter inner, leave inner");
	end();
}

/* Expect: an interrupt runs in the place of the call, once, and the call goes on as if nothing were. */
static void test_interrupt(void)
{
	begin();
	interrupts = 1;
	CU_ASSERT_EQUAL(call(OUTER), 24);
	CU_ASSERT_STRING_EQUAL(told,
			       "enter outer, interrupt, enter inner, leave inner, leave outer");
	end();
}

/* Expect: returns that are pending when a run ends still come back to where they were called from. */
static void test_ended_inside(void)
{
	begin();
	fentry_run(false);
	CU_ASSERT_EQUAL(call(OUTER), 24);
	CU_ASSERT_STRING_EQUAL(told, "");
	end();
}

CU_TestInfo fentry_tests[] = {
	{"told", test_told},
	{"disarmed", test_disarmed},
	{"tail call", test_tail_call},
	{"filter", test_filter},
	{"wanted", test_wanted},
	{"interrupt", test_interrupt},
	{"ended", test_ended_inside},
	{"kept returns", test_kept_returns},
	CU_TEST_INFO_NULL,
};
