// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fork at the point, compared: every point of a module is refused in a run of its own, and again in passes (sweep/pass.h).
 * Both must come to the same, to the letter: flags, result, number of requests, findings, what was not judged.
 *
 *	passes [paranoid] kernel|native FILE...
 *
 * With `paranoid`, the whole world is compared with a copy after each restore and each return to a point.
 * Prints a line "ok" or "FAIL" for each module, and "N passed, N failed" last; exits with 1 if one failed.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "../../harness/native/native.h"
#include "../../harness/snapshot/paranoid.h"
#include "../../harness/sweep/pass.h"
#include "../../harness/sweep/sweep.h"
#include "../../harness/world/world.h"

#define TEXT_MAX (64u << 20)

struct account {
	FILE *out;
	bool died;
};

static int prepare(const char *mode, char *file, struct target **target)
{
	struct world_options options = {.modules = &file, .module_count = 1};
	char err[KF_ERR];
	int failed = !strcmp(mode, "native") ? native_prepare(file, NULL, 0, target, err)
					     : world_prepare(&options, target, err);

	if (failed)
		printf("     %s\n", err);
	return failed;
}

static bool write_down(uint32_t n, struct run_result *r, void *arg)
{
	struct account *account = arg;

	fprintf(account->out,
		"%u: died %d in init %d consumed %d returned %d result %lld points %u accused %d\n",
		n, r->died, r->in_init, r->consumed, r->returned, (long long)r->result, r->points,
		r->accused);
	for (unsigned i = 0; i < r->finding_count; i++) {
		char *json;

		/* The clock finds an endless loop elsewhere each time. */
		if (r->findings[i].moving)
			stack_clear(&r->findings[i].stack);
		json = finding_to_json(&r->findings[i]);
		fprintf(account->out, "%s\n", json);
		free(json);
	}
	if (r->not_judged) {
		char *json = not_judged_to_json(&r->why);

		fprintf(account->out, "%s\n", json);
		free(json);
	}
	account->died = r->died;
	return true;
}

static uint32_t singly(const struct target *target, const struct run_options *options,
		       const struct run_expect *expect, uint32_t first, uint32_t last,
		       struct account *account)
{
	for (;; first++) {
		struct schedule schedule = {.ranges = {{first, first}}, .count = 1};
		struct run_result result;

		run_schedule(target, options, expect, &schedule, &result);
		write_down(first, &result, account);
		run_result_clear(&result);
		if (account->died || first == last)
			return first;
	}
}

/* The life of one worker; its exit status is 0, or 1 when it could not begin. The next point goes to `next`. */
static void work(const struct target *target, const struct run_expect *expect, bool pass, FILE *out,
		 uint32_t *next)
{
	const struct run_options options = {.timeout_ms = 500};
	struct account account = {.out = out};

	if (target->adopt && target->adopt())
		_exit(1);
	run_attach(target);
	if (pass)
		*next = 1 + pass_run(target, &options, expect, *next, expect->points, write_down,
				     &account);
	else
		*next = 1 + singly(target, &options, expect, *next, expect->points, &account);
	fflush(out);
	_exit(0);
}

/* The accounts of all points, from as many workers as it takes; malloc()ed. */
static char *all_points(const struct target *target, const struct run_expect *expect, bool pass)
{
	FILE *out = tmpfile();
	uint32_t *next =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	char *text = calloc(1, TEXT_MAX);
	int status = 0;

	*next = 1;
	while (*next <= expect->points && !status) {
		uint32_t before = *next;

		fflush(NULL);
		if (!fork())
			work(target, expect, pass, out, next);
		wait(&status);
		if (status || *next == before) {
			fprintf(out, "a worker ended at point %u with status 0x%x\n", before,
				status);
			break;
		}
	}
	rewind(out);
	if (!fread(text, 1, TEXT_MAX - 1, out))
		text[0] = '\0';
	fclose(out);
	return text;
}

static void show_difference(const char *one, const char *other)
{
	const char *line = one;

	for (size_t i = 0; one[i] && one[i] == other[i]; i++)
		if (one[i] == '\n')
			line = one + i + 1;
	printf("     alone:   %.300s\n", line);
	printf("     in pass: %.300s\n", other + (line - one));
}

static bool check(const char *mode, char *file)
{
	const struct sweep_options options = {.jobs = 1, .timeout_ms = 500};
	struct run_expect expect;
	struct sweep_result baseline;
	struct target *target;
	char *alone, *together, err[256];
	bool same;

	if (prepare(mode, file, &target))
		return false;
	if (sweep_baseline(target, &options, &expect, &baseline, err)) {
		printf("     %s\n", err);
		return false;
	}
	if (!strcmp(mode, "kernel") && pass_unable(target)) {
		printf("     no passes: %s\n", pass_unable(target));
		return false;
	}
	alone = all_points(target, &expect, false);
	together = all_points(target, &expect, true);
	same = !strcmp(alone, together) && !strstr(alone, "a worker ended");
	if (!same)
		show_difference(alone, together);
	return same;
}

/* A process holds one world. */
static bool check_in_child(const char *mode, char *file)
{
	int status = 1;

	fflush(NULL);
	if (!fork()) {
		bool ok = check(mode, file);

		fflush(NULL);
		_exit(!ok);
	}
	wait(&status);
	return !status;
}

int main(int argc, char **argv)
{
	int passed = 0, total;

	if (argc > 1 && !strcmp(argv[1], "paranoid")) {
		paranoid_set(1);
		argc--;
		argv++;
	}
	total = argc - 2;
	if (total < 1) {
		fprintf(stderr, "usage: passes [paranoid] kernel|native FILE...\n");
		return 2;
	}
	for (int i = 2; i < argc; i++) {
		bool ok = check_in_child(argv[1], argv[i]);

		printf("%-4s fork at each point: %s\n", ok ? "ok" : "FAIL", argv[i]);
		passed += ok;
	}
	printf("%d passed, %d failed\n", passed, total - passed);
	return passed != total;
}
