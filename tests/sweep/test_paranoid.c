// SPDX-License-Identifier: GPL-2.0-only
/*
 * The check of restores: silent as long as a restore brings everything back, and the end of the process as soon as it
 * does not. What it forgets is planted through a mapping that the snapshot was not told of.
 */
#include "suites.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "../../allocator/core/memory.h"
#include "../../harness/snapshot/paranoid.h"
#include "../../harness/snapshot/snapshot.h"

#define PAGE  4096ul
#define PAGES 64ul

static uint8_t *memory, *hidden; /* two mappings of the same frames; the snapshot knows one */
static uint8_t *second;		 /* a third one of the first page, which it knows as such */
static int pipe_of_child[2];

static uint64_t home_of(uint64_t page)
{
	return (uint64_t)memory + (page - (uint64_t)second);
}

static void map_memory(void)
{
	int fd = memfd_create("paranoid-test", 0);

	CU_ASSERT_FATAL(fd >= 0 && !ftruncate(fd, PAGES * PAGE));
	memory = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	hidden = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	second = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	CU_ASSERT_FATAL(memory != MAP_FAILED && hidden != MAP_FAILED && second != MAP_FAILED);
	close(fd);
	memset(memory, 0x11, PAGES * PAGE / 2); /* the rest was never touched */
}

static void take(unsigned every)
{
	const struct snapshot_region regions[] = {
		{.start = (uint64_t)memory, .size = PAGES * PAGE, .prot = PROT_READ | PROT_WRITE},
		{.start = (uint64_t)second,
		 .size = PAGE,
		 .prot = PROT_READ | PROT_WRITE,
		 .canonical = home_of},
	};

	paranoid_set(every);
	paranoid_exit_with(44);
	CU_ASSERT_EQUAL_FATAL(snapshot_take(regions, 2), 0);
}

/* The exit status of a process that takes a snapshot, does this, and restores three times; what it said is in `said`. */
static char said[1024];

static int status_of(void (*plant)(void), unsigned every)
{
	int status;
	ssize_t n;

	CU_ASSERT_EQUAL_FATAL(pipe(pipe_of_child), 0);
	if (!fork()) {
		dup2(pipe_of_child[1], STDERR_FILENO);
		map_memory();
		take(every);
		memory[5] = 1;
		memory[40 * PAGE] = 1;
		second[7] = 1;
		snapshot_restore();
		plant();
		snapshot_restore();
		snapshot_restore();
		_exit(0);
	}
	close(pipe_of_child[1]);
	wait(&status);
	n = read(pipe_of_child[0], said, sizeof(said) - 1);
	said[n > 0 ? n : 0] = '\0';
	close(pipe_of_child[0]);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void plant_nothing(void)
{
	memory[100] = 9;
	memory[50 * PAGE + 3] = 9;
}

static void plant_forgotten(void)
{
	hidden[20 * PAGE + 0x123] = 0x99;
}

static void plant_in_untouched(void)
{
	hidden[60 * PAGE + 1] = 0x77;
}

static void plant_unmapped(void)
{
	munmap(second, PAGE);
}

static void plant_other_frame(void)
{
	mremap(hidden + 41 * PAGE, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, second);
}

static void plant_after_return(void)
{
	memory[3] = 3;
	snapshot_mark();
	memory[3] = 4;
	snapshot_return();
	snapshot_mark();
	hidden[30 * PAGE] = 0x55;
	snapshot_return();
}

static void test_silent(void)
{
	CU_ASSERT_EQUAL(status_of(plant_nothing, 1), 0);
	CU_ASSERT_STRING_EQUAL(said, "");
}

static void test_forgotten(void)
{
	CU_ASSERT_EQUAL(status_of(plant_forgotten, 1), 44);
	CU_ASSERT_PTR_NOT_NULL(strstr(said, "after a restore"));
	CU_ASSERT_PTR_NOT_NULL(strstr(said, "123 holds 0x99 instead of 0x11"));
	CU_ASSERT_PTR_NOT_NULL(strstr(said, "kfail itself is at fault"));
	CU_ASSERT_EQUAL(status_of(plant_in_untouched, 1), 44);
	CU_ASSERT_PTR_NOT_NULL(strstr(said, "001 holds 0x77 instead of 0x00"));
}

/* Each fourth restore only: the third and last one is not looked at. */
static void test_every(void)
{
	CU_ASSERT_EQUAL(status_of(plant_forgotten, 3), 44);
	CU_ASSERT_EQUAL(status_of(plant_forgotten, 4), 0);
	CU_ASSERT_EQUAL(status_of(plant_forgotten, 0), 0);
}

static void test_second_mapping(void)
{
	CU_ASSERT_EQUAL(status_of(plant_unmapped, 1), 44);
	CU_ASSERT_PTR_NOT_NULL(strstr(said, "is not mapped any more"));
	CU_ASSERT_EQUAL(status_of(plant_other_frame, 1), 44);
	CU_ASSERT_PTR_NOT_NULL(strstr(said, "reads otherwise than the frame that it maps"));
}

static void test_checkpoint(void)
{
	CU_ASSERT_EQUAL(status_of(plant_after_return, 1), 44);
	CU_ASSERT_PTR_NOT_NULL(strstr(said, "after the return to a checkpoint"));
	CU_ASSERT_PTR_NOT_NULL(strstr(said, "000 holds 0x55 instead of 0x11"));
}

/* A page of the world that nobody uses, made writable behind the snapshot's back. */
DRIVER static int64_t sneaky_init(void)
{
	const struct kf_layout *l = kf_layout();
	char *page = (char *)kf_zone_address(l, KF_ZONE_NORMAL) + (64 << 20);

	mprotect(page, PAGE, PROT_READ | PROT_WRITE);
	page[5] = 1;
	STAY();
	return 0;
}

/* Expect a sweep to fail with a sentence, instead of a verdict, when a worker finds a difference. */
static void test_sweep_fails(void)
{
	static const struct fake_driver driver = {sneaky_init, NULL, NULL, NULL};
	const struct sweep_options options = {.jobs = 1, .timeout_ms = 200};
	int saved = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY);
	struct sweep_result result;
	char err[256] = "";

	paranoid_set(1);
	dup2(null, STDERR_FILENO);
	CU_ASSERT_EQUAL(sweep(fake_target(&driver), &options, &result, err), -1);
	dup2(saved, STDERR_FILENO);
	paranoid_set(0);
	close(saved);
	close(null);
	CU_ASSERT_PTR_NOT_NULL(strstr(err, "did not bring back the world"));
}

CU_TestInfo paranoid_tests[] = {
	{"silent", test_silent},
	{"a page that was forgotten", test_forgotten},
	{"every Nth", test_every},
	{"second mappings", test_second_mapping},
	{"checkpoints", test_checkpoint},
	{"a sweep fails", test_sweep_fails},
	CU_TEST_INFO_NULL,
};
