// SPDX-License-Identifier: GPL-2.0-only
/*
 * A driver as a fuzz target (driver.h): an input is one run of a scenario (harness/sweep/scenario.c), whose program is the
 * interpreter of inputs (execute.c) and whose schedule is the input's.
 *
 *	open	world prepared, by_chance, the interpreter attached; what the driver can be asked is found
 *	adopt	in the child: init, snapshot; a run without calls, whose findings are nobody's from then on
 *	run	restore, calls, close all, exit, settle, judges			[again, with user memory hidden]
 *
 * The second run is made only by who looks at everything: it is where a driver that follows a user's pointer is seen, which
 * costs two signals for each copy.
 */
#include "driver.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "../../harness/program/program.h"
#include "../../harness/sweep/scenario.h"
#include "../../harness/trace/fentry.h"
#include "../../harness/trace/util.h"
#include "discover.h"
#include "edges.h"
#include "execute.h"
#include "sites.h"

static struct {
	struct target *target; /* NULL: none is attached */
	struct driver_options options;
	struct driver_model model;
	struct scenario scenario;
	struct input input; /* of the run that is made */
	struct run_options run;
	/* Nothing to compare with: no run of another input says what this one should come to. */
	struct run_expect expect;
	bool all;
} driver;

const struct driver_model *driver_model(void)
{
	return &driver.model;
}

void driver_edges_open(bool all)
{
	driver.all = all;
	edges_open();
}

/* ---- attaching ---- */

static int describe(char *err)
{
	const struct driver_options *o = &driver.options;

	if (o->text && model_read(&driver.model, o->description, o->text, err))
		return -1;
	/* A description that names something says all of it. */
	if (!driver.model.node_count && !driver.model.family_count &&
	    discover_files(driver.target, o->timeout_ms, &driver.model, err))
		return -1;
	return driver.model.command_count ? 0 : discover_commands(o->object, &driver.model, err);
}

int driver_attach(struct target *target, const struct driver_options *options, char *err)
{
	char why[256] = "";

	driver.target = target;
	driver.options = *options;
	driver.model.plain = !strcmp(target->kernel, "native");
	driver.scenario = (struct scenario){.kind = SCENARIO_PROGRAM, .name = "fuzz", .only = 1};
	driver.run = (struct run_options){.timeout_ms = options->timeout_ms, .rest = true};
	if (!target->syscall || !target->by_chance) {
		snprintf(err, FUZZ_ERR, "this world has no system calls to fuzz %s with",
			 target->module);
		return -1;
	}
	if (driver.all)
		fentry_filter(0, UINT64_MAX);
	if (target->by_chance(PROGRAM_LOW_END, why) ||
	    program_use("fuzz", execute_operation(&driver.model, &driver.input), why) ||
	    scenario_attach(target, &driver.scenario, why) || describe(why)) {
		snprintf(err, FUZZ_ERR, "%s", why);
		return -1;
	}
	execute_instead(NULL);
	sites_open();
	if (!driver.model.node_count && !driver.model.family_count) {
		snprintf(err, FUZZ_ERR,
			 "%s makes no file and no sockets that an input could open; a description "
			 "(--description) can name some",
			 target->module);
		return -1;
	}
	if (options->whole) {
		driver.scenario.only = -1;
		driver.scenario.whole = true;
	}
	return 0;
}

void driver_print_sites(FILE *out)
{
	sites_print(out);
}

static int open_target(const struct fuzz_setup *setup, char *err)
{
	if (driver.target)
		return 0;
	snprintf(err, FUZZ_ERR, "target driver wants a driver: `kfail fuzz foo.ko`, or foo.c");
	return -1;
}

/* ---- runs ---- */

static bool is_known(const struct finding *finding)
{
	return finding->core ||
	       (driver.options.accepts && driver.options.accepts(finding, driver.options.arg));
}

/* What it came to is the outcome's from now on. */
static void hand_over(struct run_result *result, struct fuzz_outcome *out)
{
	for (unsigned i = 0; i < result->finding_count; i++) {
		struct finding *to;

		if (is_known(&result->findings[i]))
			continue;
		to = fuzz_found(out, result->findings[i].kind, "%s", "");
		finding_clear(to);
		*to = result->findings[i];
		memset(&result->findings[i], 0, sizeof(result->findings[i]));
	}
	if (result->not_judged && !out->not_judged)
		out->not_judged = xstrdup(result->why.why);
	out->lost |= result->died;
	run_result_clear(result);
}

static void run_input(const struct run_options *options, struct fuzz_outcome *out)
{
	struct run_result result;

	run_schedule(driver.target, options, &driver.expect, &driver.input.schedule, &result);
	hand_over(&result, out);
}

/* The same, counted for AFL++. */
static void run_counted(const struct run_options *options, struct fuzz_outcome *out)
{
	edges_begin();
	run_input(options, out);
	if (inject_last())
		edges_note_refusal(run_site(inject_last()));
	edges_end();
}

static void run(const uint8_t *data, size_t size, bool careful, struct fuzz_outcome *out)
{
	struct run_options options = driver.run;

	input_decode(&driver.model, data, size, &driver.input);
	options.trace = options.verbose = careful && driver.options.show;
	options.record = careful;
	run_counted(&options, out);
	if (careful)
		sites_note(driver.target, &driver.input.schedule);
	if (!careful || out->count || out->lost || out->not_judged)
		return;
	options.trace = options.verbose = options.record = false;
	options.hide_user = true;
	run_input(&options, out);
}

/* A run without calls: what is wrong with the driver as it is. */
static void run_nothing(struct fuzz_outcome *out)
{
	driver.input.count = 0;
	memset(&driver.input.schedule, 0, sizeof(driver.input.schedule));
	run_input(&driver.run, out);
}

static int settle(struct fuzz_outcome *out, char *err)
{
	static uint64_t keys[1024];
	int error = driver.target->adopt ? driver.target->adopt() : 0;

	if (error) {
		snprintf(err, FUZZ_ERR, "the world cannot be copied: %s", strerror(-error));
		return -1;
	}
	run_attach(driver.target);
	judge_set_known(NULL, 0);
	if (run_prepare(driver.target, &driver.run, 0, err))
		return -1;
	run_nothing(out);
	judge_set_known(keys, judge_keys(keys, sizeof(keys) / sizeof(keys[0])));
	return 0;
}

static void baseline_child(int to)
{
	struct fuzz_outcome out = {0};
	FILE *file = fdopen(to, "w");
	char err[FUZZ_ERR] = "";

	if (settle(&out, err))
		fprintf(file, "!%s\n", err);
	for (unsigned i = 0; i < out.count; i++)
		fprintf(file, "F%s\n", finding_to_json(&out.findings[i]));
	if (out.not_judged)
		fprintf(file, "N%s\n", out.not_judged);
	if (out.lost)
		fprintf(file, "L\n");
	fclose(file);
	_exit(0);
}

static int take_line(const char *line, struct fuzz_outcome *out, char *err)
{
	struct finding *to, sent;

	switch (line[0]) {
	case '!':
		snprintf(err, FUZZ_ERR, "%s", line + 1);
		return -1;
	case 'F':
		if (finding_from_json(line + 1, &sent))
			break;
		to = fuzz_found(out, sent.kind, "%s", "");
		finding_clear(to);
		*to = sent;
		break;
	case 'N':
		free(out->not_judged);
		out->not_judged = xstrdup(line + 1);
		break;
	case 'L':
		out->lost = true;
		break;
	}
	return 0;
}

int driver_baseline(struct fuzz_outcome *out, char *err)
{
	int fds[2], status, result = 0;
	char *line = NULL;
	size_t room = 0;
	FILE *from;
	pid_t pid;

	fflush(NULL);
	if (pipe2(fds, O_CLOEXEC) || (pid = fork()) < 0) {
		snprintf(err, FUZZ_ERR, "no process to run the driver in: %s", strerror(errno));
		return -1;
	}
	if (!pid)
		baseline_child(fds[1]);
	close(fds[1]);
	from = fdopen(fds[0], "r");
	while (!result && getline(&line, &room, from) > 0) {
		line[strcspn(line, "\n")] = '\0';
		result = take_line(line, out, err);
	}
	free(line);
	fclose(from);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (result || (WIFEXITED(status) && !WEXITSTATUS(status)))
		return result;
	snprintf(err, FUZZ_ERR, "%s ends the process that runs it", driver.target->module);
	return -1;
}

static int adopt(void)
{
	struct fuzz_outcome nothing = {0};
	char err[FUZZ_ERR];
	int result = settle(&nothing, err);

	if (!result && nothing.lost) {
		snprintf(err, sizeof(err), "%s dies without a call", driver.target->module);
		result = -1;
	}
	if (result)
		fprintf(stderr, "kfail: %s\n", err);
	fuzz_outcome_clear(&nothing);
	return result ? -EINVAL : 0;
}

/* ---- text ---- */

static void print(const uint8_t *data, size_t size, FILE *out)
{
	input_decode(&driver.model, data, size, &driver.input);
	input_print(&driver.model, &driver.input, out);
}

static int assemble(const char *text, uint8_t *data, size_t max, size_t *size,
		    struct fuzz_syntax *wrong)
{
	if (input_parse(&driver.model, text, &driver.input, wrong))
		return -1;
	*size = input_encode(&driver.input, data, max);
	if (*size)
		return 0;
	*wrong = (struct fuzz_syntax){.line = 1, .column = 1};
	snprintf(wrong->what, sizeof(wrong->what),
		 "the input is larger than the binary form can hold");
	return -1;
}

const struct fuzz_target driver_target = {
	.name = "driver",
	.about = "The driver that is given: calls of its files and sockets, user memory, refusals",
	.open = open_target,
	.adopt = adopt,
	.run = run,
	.own_signals = true,
	.unit = CELL_SIZE,
	.print = print,
	.assemble = assemble,
};
