/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the command line share. One file per command; options.c knows which options each
 * takes, and prepare.c turns the files named on the command line into a target.
 */
#ifndef KFAIL_CLI_CLI_H
#define KFAIL_CLI_CLI_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include "../../allocator/core/settings.h"
#include "../../allocator/page/fence.h"
#include "../inject/policy.h"
#include "../judge/accepted.h"
#include "../judge/suppressions.h"
#include "../sweep/sweep.h"
#include "../world/kernel.h"

/* Exit statuses; scripts depend on them. */
enum status {
	STATUS_CLEAN = 0,
	STATUS_FINDINGS = 1,
	STATUS_USAGE = 2, /* wrong usage or input */
	STATUS_NOT_JUDGED = 3,
	STATUS_FAILED = 4, /* kfail itself failed */
};

struct cli {
	const struct command *command;
	const char *version;	  /* of kfail */
	const char *kernel;	  /* --kernel; NULL: what the module was built for */
	const char *schedule;	  /* --schedule; NULL: none given */
	const char *trace_text;	  /* --trace: a file, "-": the terminal; NULL: none */
	const char *trace_dat;	  /* --trace-dat; NULL: none */
	const char *trace_events; /* --trace-events; NULL: all */
	unsigned jobs;		  /* 0: one per CPU */
	unsigned timeout_ms;
	unsigned repeat;
	bool timeout_given, verbose, gdb, fresh;
	bool native, after_exit;  /* --native; --after=exit */
	struct schedule parsed;	  /* of --schedule */
	struct schedule *further; /* of those that stand behind the first */
	unsigned further_count;
	struct kf_settings settings;	 /* --set and --profile */
	struct cli_injection *injection; /* options_inject.c */
	/* the result store (options_store.c) */
	const char *store;		   /* --store; NULL: the default one */
	const struct store_place *finding; /* the one that is replayed by its id; NULL: none */
	bool no_store, resume, no_confirm, list;
	bool valgrind; /* --valgrind */

	/* which runs a sweep makes (options_plan.c) */
	struct plan_options plan;
	struct expected_points *expected; /* plan.expected */
	enum fork_at_point fork_at_point;
	bool seed_given;
	/* --scenario, --operation, --whole */
	const char *scenario; /* a file, or "kunit"; NULL: init, then exit */
	const char *operation;
	const char *without; /* --without: names, with commas between; NULL: none */
	bool whole;
	/* scans for unreferenced objects (options_kmemleak.c) */
	unsigned scan_every;  /* 0: none */
	const char *kmemleak; /* --kmemleak: commands, with commas between; NULL: none */
	/* How the result is told (options_report.c); NULL: not. */
	const char *json, *junit, *sarif; /* files; "-": standard output */
	bool annotate;
	bool kernel_reports;	  /* --kernel-reports */
	char *source_root;	  /* absolute; NULL: the current directory */
	struct accepted accepted; /* findings */
	struct suppressions suppressions;
	char **replayed; /* options of this command line that a replay must have too, as words */
	unsigned replayed_count;
	char **files; /* modules, or a driver's source, or a subcommand's words */
	unsigned file_count;
	/* --guard (options_memory.c); every 0: not */
	struct kf_fence_policy guard;
	/* Calls as points. */
	const char *points; /* --points of a command that runs a driver; NULL: only allocations */
	char **fail;	    /* --fail, each */
	unsigned fail_count;
	bool list_points; /* --points of symbols */
	/* Instrumented code (options_instrument.c). */
	bool kasan, coverage_build, hide_user;
	const char *coverage;	     /* --coverage: a file; NULL: not asked for */
	const char *output, *subdir; /* of build; NULL: not given */
	/* fuzzing (options_fuzz.c) */
	struct {
		const char *target; /* NULL: not given */
		enum fuzz_action {
			FUZZ_NOTHING,
			FUZZ_RUN,
			FUZZ_PRINT,
			FUZZ_ASSEMBLE,
			FUZZ_GRAMMAR,
			FUZZ_DICTIONARY,
			FUZZ_TRIAGE,
			FUZZ_SHRINK,
			FUZZ_SEEDS
		} action;
		const char *out; /* --out, or the folder of --triage or --shrink; NULL: not given */
		/* A driver (options_fuzz_driver.c). */
		bool describe, kernel_coverage;
		const char *description, *input, *output; /* NULL: not given */
		unsigned seconds;			  /* 0: until it is interrupted */
		unsigned seed;				  /* of AFL++; 0: by chance */
		const struct target *driver;		  /* that is fuzzed; NULL: none */
		char **modules;				  /* its files, when `files` are inputs */
		unsigned module_count;
	} fuzz;
	/* campaigns (options_campaign.c) */
	struct {
		const char *node, *input, *program, *asan_program; /* NULL: not given */
		const char *corpus, *regress;			   /* --corpus, --regress */
		char **peers;
		unsigned peer_count;
		unsigned exchange_minutes, seconds, execs; /* 0: not given */
		uint64_t seed;
		bool seed_given, foreground, until_finding;
	} campaign;
	char **params; /* behind "--" */
	unsigned param_count;
};

/* What options of injection come to (options_inject.c). */
struct cli_injection {
	struct policy policy;
	uint64_t seed; /* --seed */
	bool seed_given;
	unsigned runs; /* --runs; 0: not given */
	/* When all code is loaded: of --schedule, --runs and chance. None: every point, or no refusal. */
	struct schedule *schedules;
	unsigned schedule_count;
};

struct command {
	const char *name;
	unsigned bit;	     /* in the table of options */
	const char *args;    /* for the usage line */
	const char *summary; /* one line */
	const char *doc;     /* the rest of --help; NULL: nothing */
	unsigned files_min, files_max;
	bool takes_params;
	int (*run)(const struct cli *cli);
};

enum {
	COMMAND_SWEEP = 1,
	COMMAND_RUN = 2,
	COMMAND_REPLAY = 4,
	COMMAND_LEAKS = 8,
	COMMAND_SYMBOLS = 16,
	COMMAND_KERNEL = 32,
	COMMAND_DOCTOR = 64,
	COMMAND_INSPECT = 128,
	COMMAND_REPORT = 256,
	COMMAND_MERGE = 512,
	COMMAND_MINIMISE = 1024,
	COMMAND_BUILD = 2048,
	COMMAND_FUZZ = 4096,
	COMMAND_CAMPAIGN = 8192,
};

/* options.c: argv[0] is the command's name. 0, or the status to exit with (said why). */
int cli_parse(const struct command *command, int argc, char **argv, struct cli *cli);

/* prepare.c: 0, or the status to exit with (said why). */
int cli_prepare(const struct cli *cli, struct target **target);
/* A driver's source, or what a compiler made of it. */
bool cli_is_native(const char *file);

/* scenario.c: the scenario of the command line, or of the module itself, for this target. 0, or the status to exit with
 * (said why). */
int cli_attach_scenario(const struct cli *cli, struct target *target);
/* From now on these operations of the program are left out (scenario.without); for the sweeps of minimise. */
void cli_leave_out(uint64_t operations);
uint64_t cli_left_out(void);

/* kernel_cmd.c: a version, or an image file if there is a slash in it; NULL: the newest at hand. 0 or -1 (err, KF_ERR
 * bytes). */
int cli_find_kernel(const char *name, struct kernel_paths *out, char *err);

/* options_inject.c */
/* --set CAPABILITY/ATTRIBUTE=VALUE; ends the program with a sentence if there is no such thing. */
void cli_set_attribute(const char *text);
/* All code is loaded: the policy is complete and in force. 0, or the status to exit with (said why). */
int cli_policy_ready(const struct cli *cli);

/* text.c */
/* "kfail: ..." on standard error; returns the status for wrong usage or input. */
__attribute__((format(printf, 1, 2))) int cli_complain(const char *format, ...);
/* For judge_set_log(): a line of the log, on standard error. */
void cli_print_log(const char *line);
/* A word as a shell reads it back; malloc()ed. */
char *cli_quote(const char *word);
/* What follows "kfail replay [--schedule S]" for these files, parameters and options; malloc()ed. */
char *cli_replay_tail(const struct cli *cli);
/* Options of a sweep that come straight from the command line. Set replay_tail yourself. */
struct sweep_options cli_sweep_options(const struct cli *cli);
bool cli_colour(FILE *out);
/* Say that a schedule names only points that the run does not have; the status for that. */
int cli_no_such_point(const struct cli *cli, unsigned points);
/* The same of a schedule whose interrupt never came. */
int cli_no_such_interrupt(const struct cli *cli, unsigned points);

/* export.c */
/* The option that has a report written to this file ("-": standard output, so that people are told on standard
 * error); NULL: none, or no file. */
const char *cli_report_to(const struct cli *cli, const char *path);
/* This finding of a module is accepted today. */
bool cli_accepts(const struct cli *cli, const char *module, const struct finding *finding);
/* Mark the findings that are accepted. `whole`: the result is of all that there is to sweep. */
void cli_accept(const struct cli *cli, struct sweep_result *result, bool whole);
/* Write the reports that were asked for, and annotations to `out`. 0, or the status to exit with (said why). */
int cli_export(const struct cli *cli, const struct sweep_result *result, FILE *out);

/* The commands. */
int cli_sweep(const struct cli *cli); /* sweep, run, leaks */
int cli_replay(const struct cli *cli);
int cli_symbols(const struct cli *cli);
int cli_kernel(const struct cli *cli);
int cli_doctor(const struct cli *cli);
int cli_inspect(const struct cli *cli);
int cli_report(const struct cli *cli);
int cli_merge(const struct cli *cli);
int cli_minimise(const struct cli *cli);
int cli_build(const struct cli *cli);
int cli_fuzz(const struct cli *cli);
int cli_campaign(const struct cli *cli);

/* fuzz_cmd.c: "fuzz --run ..." that shows this input again, with a driver's files and options; malloc()ed. */
char *cli_fuzz_replay_words(const struct cli *cli, const char *file);
/* fuzz_triage.c: --triage and --shrink with an opened target; a status. */
struct fuzz_target;
int cli_fuzz_triage(const struct cli *cli, const struct fuzz_target *target);
int cli_fuzz_shrink(const struct cli *cli, const struct fuzz_target *target);

/* fuzz_driver.c: is a driver among the files? Then all of what is to be done with it and the inputs beside it; a status. */
bool cli_fuzz_has_driver(const struct cli *cli);
int cli_fuzz_driver(const struct cli *cli);
/* ... the driver becomes the target, in the place of a scenario: for prepare.c. 0, or a status (said why). */
int cli_fuzz_attach(const struct cli *cli, struct target *target);
/* fuzz_cmd.c: do what is asked for with an opened target and the inputs in cli->files. */
struct fuzz_target;
int cli_fuzz_inputs(const struct cli *cli, const struct fuzz_target *target);

/* text.c: the words of a replay of this, behind the program's name, into `to`, which has room for cli_replay_argc() words;
 * a NULL is the last. */
unsigned cli_replay_argc(const struct cli *cli);
void cli_replay_argv(const struct cli *cli, char **to);

/* commands.c: a command of the table; NULL: there is none of this name. */
const struct command *cli_command(const char *name);
/* What stands behind `kfail` alone and `kfail --help`; returns the status for it. */
int cli_usage(FILE *out);
/* valgrind.c: the same command, these words (as argv without the program, NULL behind the last), under valgrind; its
 * status. */
int cli_become_valgrind(const struct cli *cli, char **words);
/* Does this process run under it, for that purpose? Then limits of time are stretched, and whoever knows the status tells it
 * before the process ends. */
#define VALGRIND_SLOWDOWN 50
bool cli_in_valgrind(void);
void cli_valgrind_concluded(int status);

/* coverage.c: can the file be written; is the module under test built for it; and when all runs are made. Each 0, or the status to exit with
 * (said why); nothing when it is not asked for. */
int cli_coverage_open(const struct cli *cli);
int cli_coverage_check(const struct cli *cli, const struct target *target);
int cli_coverage_write(const struct cli *cli, const struct target *target, FILE *out);

/* trace.c: choose events and destinations; nothing when no trace is asked for. 0, or the status to exit with (said why). */
int cli_trace_open(const struct cli *cli);
/* After the run: 0, or the status to exit with: the trace could not be written (said why). */
int cli_trace_close(void);

/* gdb.c */
/* Become gdb on the same command line; returns only when that fails. */
int cli_become_gdb(const struct cli *cli);
/* In the debugged process: tell gdb what has been loaded where. */
void cli_tell_gdb(const struct target *target);

#endif
