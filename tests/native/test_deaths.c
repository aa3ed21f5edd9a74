// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every way to die: kind, sentence, and a stack that begins where it happened.
 */
#include "native_test.h"

#include <string.h>

static const struct {
	const char *how;
	enum death_kind kind;
	const char *what;  /* occurs in the sentence */
	const char *frame; /* on the stack; NULL: any */
	bool exact;
} deaths[] = {
	{"null-read", DEATH_NULL_DEREFERENCE, "NULL pointer dereference, read at 0x18", NULL, true},
	{"null-write", DEATH_NULL_DEREFERENCE, "write at 0x18", NULL, true},
	{"null-call", DEATH_NULL_DEREFERENCE, "jump at 0", NULL, false},
	{"null-libc", DEATH_NULL_DEREFERENCE, "read at 0", NULL, true},
	{"null-percpu", DEATH_NULL_DEREFERENCE, "NULL pointer dereference", NULL, true},
	{"wild", DEATH_WILD_ACCESS, "read at 0x123456789000", NULL, true},
	{"err-ptr", DEATH_WILD_ACCESS, "error pointer -12", NULL, true},
	{"constant", DEATH_WILD_ACCESS, "write at", NULL, true},
	{"freed-pointer", DEATH_USE_AFTER_FREE, "freed memory: slab poison 0x6b", NULL, true},
	{"new-pointer", DEATH_UNINITIALISED, "never initialised: slab poison 0x5a", NULL, true},
	{"used-pointer", DEATH_UNINITIALISED, "never initialised: slab poison 0x5a", NULL, true},
	{"freed-area", DEATH_USE_AFTER_FREE,
	 "write after free: 100 bytes inside the freed 5000-byte vmalloc area", NULL, true},
	{"behind-area", DEATH_OUT_OF_BOUNDS, "3192 bytes right of the 5000-byte vmalloc area", NULL,
	 true},
	{"stack", DEATH_STACK_OVERFLOW, "stack overflow", "recurse", true},
	{"bug", DEATH_BUG, "kernel BUG at " DRIVERS "death.c:", NULL, false},
	{"panic", DEATH_BUG, "out of ideas", NULL, false},
	{"divide", DEATH_BUG, "divide error", NULL, true},
	{"trap", DEATH_BUG, "invalid opcode", NULL, true},
	{"list", DEATH_BUG, "was removed already", NULL, false},
	{"loop", DEATH_ENDLESS_LOOP, "no end after 300 ms", NULL, true},
	{"api-loop", DEATH_ENDLESS_LOOP, "no end after 300 ms", NULL, false},
	{"libc-loop", DEATH_ENDLESS_LOOP, "no end after 300 ms", NULL, true},
	{"spin", DEATH_DEADLOCK, "spin_lock(&lock), which is held", "spin_lock", false},
	{"mutex", DEATH_DEADLOCK, "mutex_lock(&mutex) waits for ever", "mutex_lock", false},
	{"completion", DEATH_DEADLOCK, "wait_for_completion", "wait_for_completion", false},
	{"shrinker", DEATH_DEADLOCK, "unregister_shrinker waits for ever", "unregister_shrinker",
	 false},
	{"shrinker-twice", DEATH_BUG, "list_add double add", NULL, false},
	{"flush", DEATH_DEADLOCK, "mutex_lock(&mutex)", "mutex_lock", false},
	{"other-flow", DEATH_NOT_JUDGED, "mutex_lock(&mutex)", "mutex_lock", false},
};

static void check(unsigned i)
{
	char param[64];
	const char *const params[] = {param, NULL};
	const struct seen *seen;
	bool good;

	snprintf(param, sizeof(param), "how=%s", deaths[i].how);
	seen = try_driver(&(struct trial){
		.driver = DRIVERS "death.c", .cflags = "-w", .params = params, .body = body_init});
	good = seen->finished && !seen->alive && seen->death.kind == deaths[i].kind &&
	       strstr(seen->death.what, deaths[i].what) && seen->death.stack &&
	       (!deaths[i].frame || seen_frame(seen, deaths[i].frame));
	if (deaths[i].kind != DEATH_STACK_OVERFLOW && !seen_frame(seen, "on_work") &&
	    !seen_frame(seen, "scan"))
		good = good && (seen_frame(seen, "die") || seen_frame(seen, "death_init"));
	CU_ASSERT(good);
	/* Not where it depends on what libc (or a sanitizer in its place) does, or on the clock. */
	if (deaths[i].kind != DEATH_ENDLESS_LOOP && !strstr(deaths[i].how, "libc"))
		CU_ASSERT_EQUAL(seen->death.exact_pc, deaths[i].exact);
	if (!good)
		printf("\n%s: finished %d alive %d kind %d '%s' at %s < %s < %s exact %d\n",
		       deaths[i].how, seen->finished, seen->alive, seen->death.kind,
		       seen->death.what, seen->frames[0], seen->frames[1], seen->frames[2],
		       seen->death.exact_pc);
}

static void check_kind(enum death_kind kind)
{
	for (unsigned i = 0; i < sizeof(deaths) / sizeof(deaths[0]); i++)
		if (deaths[i].kind == kind)
			check(i);
}

static void test_null(void)
{
	check_kind(DEATH_NULL_DEREFERENCE);
}

static void test_wild(void)
{
	check_kind(DEATH_WILD_ACCESS);
	check_kind(DEATH_USE_AFTER_FREE);
	check_kind(DEATH_UNINITIALISED);
	check_kind(DEATH_OUT_OF_BOUNDS);
}

static void test_stack(void)
{
	check_kind(DEATH_STACK_OVERFLOW);
}

static void test_bug(void)
{
	check_kind(DEATH_BUG);
}

static void test_loop(void)
{
	check_kind(DEATH_ENDLESS_LOOP);
}

static void test_deadlock(void)
{
	check_kind(DEATH_DEADLOCK);
	check_kind(DEATH_NOT_JUDGED);
}

CU_TestInfo death_tests[] = {
	{"NULL pointers", test_null},
	{"wild accesses, freed memory, guard pages", test_wild},
	{"stack overflow", test_stack},
	{"BUG, panic, traps", test_bug},
	{"endless loops", test_loop},
	{"deadlocks", test_deadlock},
	CU_TEST_INFO_NULL,
};
