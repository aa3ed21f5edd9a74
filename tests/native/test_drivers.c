// SPDX-License-Identifier: GPL-2.0-only
/*
 * The one-bug drivers of tests/drivers/, swept from source: the same findings as in kernel mode
 * (kind and refusal), and none in the corrected twin. Left out is what needs a part of the kernel
 * that native mode does not have, or real time.
 */
#include "native_test.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>

#define TABLE "tests/drivers/expected"

static const char
	*const left_out[] =
		{
			"left_kthread",	  "left_netdevice", "left_platform",
			"call_device",	  /* no such subsystem */
			"call_timeout",	  /* works of a module that is gone are told, not run */
			"nondeterminism", /* get_cycles() is virtual */
			"hang_retry",	  /* not reached by single refusals */
			"suite_live",	  /* module notifiers */
			"user_memory",	  /* an mm */
			"layer_export",	  /* instrumentation without --kasan */
			"active_hrtimer", /* no hrtimers */
			"order_runs",	  /* several runs, put together */
			"return_idle",	  /* only a kernel says what is registered */
			"irq_sleep",	  "irq_lock",	    "irq_early",
			"irq_late",	  "irq_list",	    "irq_timer",
			"contexts", /* interrupts come only when they are asked for */
};

static bool is_left_out(const char *name)
{
	for (unsigned i = 0; i < sizeof(left_out) / sizeof(left_out[0]); i++)
		if (!strcmp(left_out[i], name))
			return true;
	return false;
}

struct expected {
	char name[64], kind[32], schedule[16];
	bool met;
};

static struct expected table[256];
static unsigned table_count;

/* "@name --points=calls", "@name --guard --guard-edge=left" */
static struct {
	char name[64], points[64], guard[8];
} choices[64];
static unsigned choice_count;

static const char *points_of(const char *name)
{
	for (unsigned i = 0; i < choice_count; i++)
		if (!strcmp(choices[i].name, name))
			return choices[i].points[0] ? choices[i].points : NULL;
	return NULL;
}

static const char *guard_of(const char *name)
{
	for (unsigned i = 0; i < choice_count; i++)
		if (!strcmp(choices[i].name, name))
			return choices[i].guard[0] ? choices[i].guard : NULL;
	return NULL;
}

static void read_choice(const char *line)
{
	const char *points = strstr(line, "--points="), *guard = strstr(line, "--guard");

	if (sscanf(line, "@%63s", choices[choice_count].name) != 1 || (!points && !guard))
		return;
	if (points)
		sscanf(points, "--points=%63s", choices[choice_count].points);
	if (guard)
		strcpy(choices[choice_count].guard, strstr(line, "edge=left") ? "left" : "right");
	choice_count++;
}

static void read_table(void)
{
	FILE *file = fopen(TABLE, "r");
	char line[512];

	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	while (fgets(line, sizeof(line), file) && table_count < 256) {
		struct expected *e = &table[table_count];

		if (line[0] == '@' && choice_count < 64) {
			read_choice(line);
			continue;
		}
		if (line[0] != '#' &&
		    sscanf(line, "%63s %31s %15s", e->name, e->kind, e->schedule) == 3)
			table_count++;
	}
	fclose(file);
}

static bool fits(const struct expected *e, const char *kind, const char *schedule)
{
	if (strcmp(e->kind, kind))
		return false;
	if (!strcmp(e->schedule, "*"))
		return *schedule;
	return !strcmp(schedule, strcmp(e->schedule, "-") ? e->schedule : "");
}

static bool meet(const char *name, const char *kind, const char *schedule)
{
	bool met = false;

	for (unsigned i = 0; i < table_count; i++)
		if (!strcmp(table[i].name, name) && fits(&table[i], kind, schedule))
			table[i].met = met = true;
	return met;
}

static void check_buggy(const char *path, const char *name)
{
	const struct seen *seen = try_driver(&(struct trial){.driver = path,
							     .cflags = "-DBUGGY=1",
							     .points = points_of(name),
							     .guard = guard_of(name),
							     .body = body_sweep});

	CU_ASSERT(seen->finished && seen->alive);
	for (unsigned i = 0; i < seen->finding_count && i < FINDINGS_MAX; i++) {
		bool met = meet(name, finding_kind_name(seen->findings[i].kind),
				seen->findings[i].schedule);

		CU_ASSERT(met);
		if (!met)
			printf("\n%s: not expected: %s, schedule %s: %s\n", name,
			       finding_kind_name(seen->findings[i].kind),
			       seen->findings[i].schedule, seen->findings[i].what);
	}
	for (unsigned i = 0; i < table_count; i++) {
		bool missing = !strcmp(table[i].name, name) && !table[i].met;

		CU_ASSERT_FALSE(missing);
		if (missing)
			printf("\n%s: missing: %s\n", name, table[i].kind);
	}
}

static void check_twin(const char *path, const char *name)
{
	const struct seen *seen = try_driver(&(struct trial){.driver = path,
							     .cflags = "-DBUGGY=0",
							     .points = points_of(name),
							     .guard = guard_of(name),
							     .body = body_sweep});

	CU_ASSERT(seen->finished && seen->alive);
	CU_ASSERT_EQUAL(seen->finding_count, 0);
	if (seen->finding_count)
		printf("\n%s, corrected: %s\n", name, seen->findings[0].what);
}

static bool has_twin(const char *path)
{
	char line[512];
	FILE *file = fopen(path, "r");
	bool found = false;

	while (file && fgets(line, sizeof(line), file))
		found = found || strstr(line, "BUGGY");
	if (file)
		fclose(file);
	return found;
}

static void for_each_driver(void (*check)(const char *path, const char *name), bool twins_only)
{
	glob_t found;

	CU_ASSERT_EQUAL_FATAL(glob("tests/drivers/*.c", 0, NULL, &found), 0);
	CU_ASSERT(found.gl_pathc > 50);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		const char *base = strrchr(found.gl_pathv[i], '/') + 1;
		char name[64];

		snprintf(name, sizeof(name), "%.*s", (int)strlen(base) - 2, base);
		if (!is_left_out(name) && (!twins_only || has_twin(found.gl_pathv[i])))
			check(found.gl_pathv[i], name);
	}
	globfree(&found);
}

static void test_buggy(void)
{
	read_table();
	for_each_driver(check_buggy, false);
}

static void test_corrected(void)
{
	for_each_driver(check_twin, true);
}

CU_TestInfo driver_tests[] = {
	{"every planted bug is found", test_buggy},
	{"the corrected twins are clean", test_corrected},
	CU_TEST_INFO_NULL,
};
