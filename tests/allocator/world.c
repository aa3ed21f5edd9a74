// SPDX-License-Identifier: GPL-2.0-only
/*
 * The world of each test, and the hooks that watch it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "../../fuzz/allocator/small_world.h"
#include "test.h"

const struct kf_layout test_layout = {SMALL_WORLD, .nr_cpus = 8, .movable = true};

struct told told;
unsigned refuse, refuse_at;
u32 task_is;
void (*while_waiting)(unsigned attempt);
static u64 free_at_start;
static unsigned bugs_expected;

static void remember(char what)
{
	size_t n = strlen(told.order);

	if (n == sizeof(told.order) - 1)
		memmove(told.order, told.order + 1, n--);
	told.order[n] = what;
	told.order[n + 1] = 0;
}

static void on_might_alloc(const struct kf_request *req)
{
	told.might_alloc++;
	told.request = *req;
	remember('m');
}

static bool on_should_fail(const struct kf_request *req)
{
	told.should_fail++;
	remember('s');
	if (refuse_at && !--refuse_at)
		return true;
	if (!refuse)
		return false;
	refuse--;
	return true;
}

static u32 on_allocated(const struct kf_object *obj)
{
	told.born = *obj;
	remember('a');
	return 1000 + ++told.allocated;
}

static u32 on_freed(const struct kf_object *obj)
{
	told.died = *obj;
	remember('f');
	return 2000 + ++told.freed;
}

static void on_bug(const struct kf_bug *bug)
{
	told.bugs++;
	told.bug = *bug;
	remember('b');
}

static void on_log(int level, const char *line)
{
	size_t n = strlen(told.log);

	snprintf(told.log + n, sizeof(told.log) - n, "<%d>%s\n", level, line);
}

const char *last_line(void)
{
	static char line[256];
	size_t n = strlen(told.log);
	const char *start = told.log + (n ? n - 1 : 0);

	while (start > told.log && start[-1] != '\n')
		start--;
	snprintf(line, sizeof(line), "%.*s", (int)strcspn(start, "\n"), start);
	return line[0] ? line + 3 : line; /* "<4>" */
}

static void on_wait(const char *what, unsigned attempt)
{
	told.waits++;
	if (while_waiting)
		while_waiting(attempt);
}

static u32 on_task(void)
{
	return task_is;
}

static void on_exposed(void *addr, size_t size)
{
	told.exposed++;
	told.exposed_bytes += size;
}

static void on_remapped(void *addr, size_t size, bool mapped)
{
	told.remapped++;
}

static void watch(void)
{
	kf_hooks_reset();
	kf_hooks.might_alloc = on_might_alloc;
	kf_hooks.should_fail = on_should_fail;
	kf_hooks.allocated = on_allocated;
	kf_hooks.freed = on_freed;
	kf_hooks.bug = on_bug;
	kf_hooks.log = on_log;
	kf_hooks.wait = on_wait;
	kf_hooks.task = on_task;
	kf_hooks.exposed = on_exposed;
	kf_hooks.remapped = on_remapped;
}

void forget_calls(void)
{
	told = (struct told){0};
	bugs_expected = 0;
}

void expect_bug(enum kf_bug_kind kind)
{
	bugs_expected++;
	CHECK_EQ(told.bugs, bugs_expected);
	CHECK_EQ(told.bug.kind, kind);
	CU_ASSERT_PTR_NOT_NULL(told.bug.what);
	told.bugs = bugs_expected;
}

static struct kf_settings usual_settings(void)
{
	struct kf_settings settings;

	kf_settings_default(&settings);
	settings.highmem = true;
	return settings;
}

void fixture_early_start(void)
{
	struct kf_settings settings = usual_settings();

	fixture_early_start_with(&settings);
}

static void early_start(const struct kf_layout *layout, const struct kf_settings *settings)
{
	kf_settings_next(settings);
	REQUIRE(kf_memory_init(layout) == 0);
	refuse = refuse_at = 0;
	task_is = 0;
	while_waiting = NULL;
	forget_calls();
	watch();
}

void fixture_early_start_with(const struct kf_settings *settings)
{
	early_start(&test_layout, settings);
}

void fixture_early_stop(void)
{
	CHECK_EQ(told.bugs, bugs_expected);
	CHECK_VALID();
	kf_hooks_reset();
	kf_memory_exit();
}

static void hand_over(void)
{
	kf_memblock_free_all();
	REQUIRE(kf_slab_init() == 0);
	free_at_start = free_pages_now();
	forget_calls();
}

void fixture_start(void)
{
	fixture_early_start();
	hand_over();
}

void fixture_start_with(const struct kf_settings *settings)
{
	fixture_early_start_with(settings);
	hand_over();
}

void fixture_start_in(const struct kf_layout *layout)
{
	struct kf_settings settings = usual_settings();

	early_start(layout, &settings);
	hand_over();
}

void fixture_restart(const char *text)
{
	char list[256], err[KF_SETTINGS_ERR];
	struct kf_settings settings;

	fixture_stop();
	kf_settings_default(&settings);
	snprintf(list, sizeof(list), "%s", text);
	for (char *one = strtok(list, " "); one; one = strtok(NULL, " "))
		REQUIRE(kf_settings_parse(&settings, one, err) == 0);
	fixture_start_with(&settings);
}

static void shrink_one(struct kf_cache *cache, void *arg)
{
	kf_cache_shrink(cache);
}

void shrink_all(void)
{
	kf_cache_for_each(shrink_one, NULL);
}

u64 free_pages_now(void)
{
	struct kf_zone_stat stat;
	u64 free = 0;

	kf_drain_all_pages();
	for (int z = 0; z < KF_NR_ZONES; z++) {
		kf_zone_stat((enum kf_zone_id)z, &stat);
		free += stat.free;
	}
	return free;
}

/* Pages that were found bad: whoever planted that expects the bug. */
static u64 lost_pages(void)
{
	struct kf_zone_stat stat;
	u64 lost = 0;

	for (int z = 0; z < KF_NR_ZONES; z++) {
		kf_zone_owners((enum kf_zone_id)z, &stat);
		lost += stat.lost;
	}
	return lost;
}

void fixture_stop(void)
{
	CHECK_EQ(told.allocated, told.freed);
	CHECK_EQ(kf_check_all(), 0);
	shrink_all();
	CHECK_EQ(free_pages_now() + lost_pages(), free_at_start);
	fixture_early_stop();
}

bool all_bytes(const void *p, u8 value, size_t n)
{
	const u8 *bytes = p;

	for (size_t i = 0; i < n; i++)
		if (bytes[i] != value)
			return false;
	return true;
}

bool mapped(const void *addr)
{
	struct iovec to = {&(char){0}, 1}, from = {(void *)addr, 1};

	return process_vm_readv(getpid(), &to, 1, &from, 1, 0) == 1;
}

/* ---- random numbers -------------------------------------------------------------------- */

u64 seed = 1;

u64 random_number(void)
{
	static u64 state, of_seed;

	if (!state || of_seed != seed) {
		of_seed = seed;
		state = seed * 0x9e3779b97f4a7c15ull + 1;
	}
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

u64 random_below(u64 n)
{
	return random_number() % n;
}

u64 operations(u64 usual)
{
	const char *ops = getenv("KFAIL_OPS");

	return ops ? strtoull(ops, NULL, 0) : usual;
}
