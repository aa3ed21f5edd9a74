// SPDX-License-Identifier: GPL-2.0-only
/*
 * The commands: the table below is the command line; what options each command takes is in options*.c.
 */
#include "cli.h"

#include <stdio.h>
#include <string.h>

static const struct command commands[] = {
	{
		.name = "sweep",
		.bit = COMMAND_SWEEP,
		.args = "MODULE.ko [MODULE.ko ...] [-- param=value ...]",
		.summary = "Refuse each request of a module in turn, and judge what it does",
		.doc = "The last module is judged; those before it are what it depends on (others "
		       "are "
		       "found by themselves). A .c file is compiled and run without a kernel.",
		.files_min = 1,
		.files_max = 256,
		.takes_params = true,
		.run = cli_sweep,
	},
	{
		.name = "run",
		.bit = COMMAND_RUN,
		.args = "MODULE.ko [MODULE.ko ...] [-- param=value ...]",
		.summary = "Run a module under --schedule, by chance, or without a refusal",
		.doc = "A trace shows what the allocators did in the run: the events kmem:*, "
		       "percpu:* and "
		       "vmscan:mm_* of Linux 6.1, kfail:kfail_refused where a request was refused, "
		       "and "
		       "kfail:kfail_operation where init and exit begin. `--trace-events=?` lists "
		       "them all. "
		       "Read a file of --trace-dat with `trace-cmd report FILE`.",
		.files_min = 1,
		.files_max = 256,
		.takes_params = true,
		.run = cli_sweep,
	},
	{
		.name = "replay",
		.bit = COMMAND_REPLAY,
		.args = "ID\n--schedule S MODULE.ko [MODULE.ko ...] [-- param=value ...]",
		.summary = "Run one schedule in this very process, and tell everything about it",
		.doc = "ID is the id of a finding, or the beginning of one: all else comes from "
		       "the "
		       "store. --schedule is what the finding's replay line has; '' is a run "
		       "without a "
		       "refusal.",
		.files_min = 1,
		.files_max = 256,
		.takes_params = true,
		.run = cli_replay,
	},
	{
		.name = "leaks",
		.bit = COMMAND_LEAKS,
		.args = "MODULE.ko [MODULE.ko ...] [-- param=value ...]",
		.summary = "Run a module without refusals, and account for everything it leaves",
		.files_min = 1,
		.files_max = 256,
		.takes_params = true,
		.run = cli_sweep,
	},
	{
		.name = "report",
		.bit = COMMAND_REPORT,
		.args = "[SWEEP|last]",
		.summary = "Tell again what a sweep found, from the store",
		.doc = "SWEEP is a number of `kfail report --list`; last, the default, is the "
		       "newest. "
		       "The exit status is that of the sweep.",
		.files_max = 1,
		.run = cli_report,
	},
	{
		.name = "merge",
		.bit = COMMAND_MERGE,
		.args = "OUT.db IN.db [IN.db ...]",
		.summary = "Put the stores of many machines, and the shards in them, together",
		.doc = "OUT.db is made when it is not there. Merging again changes nothing; shards "
		       "that "
		       "are missing make the whole not judged (status 3) and can be merged later.",
		.files_min = 2,
		.files_max = 65536,
		.run = cli_merge,
	},
	{
		.name = "minimise",
		.bit = COMMAND_MINIMISE,
		.args = "ID",
		.summary = "Find the fewest refusals that still show a finding",
		.doc = "ID is the id of a finding, or the beginning of one. The smaller schedule "
		       "is "
		       "kept with the finding: `kfail replay ID` takes it from then on.",
		.files_min = 1,
		.files_max = 1,
		.run = cli_minimise,
	},
	{
		.name = "build",
		.bit = COMMAND_BUILD,
		.args = "DIR [-- MAKE ARGUMENTS ...]\nFILE.c [FILE.c ...] [-- MAKE ARGUMENTS ...]",
		.summary =
			"Build modules with a kernel's headers, checked and traced by the compiler",
		.doc = "DIR has a Kbuild or Makefile with obj-m, or a dkms.conf; each FILE.c "
		       "becomes a "
		       "module. The sources are copied, so that what is built there stays. The "
		       "paths "
		       "of the modules are printed.",
		.files_min = 1,
		.files_max = 256,
		.takes_params = true,
		.run = cli_build,
	},
	{
		.name = "fuzz",
		.bit = COMMAND_FUZZ,
		.args = "\n--target NAME --run FILE...\n--target NAME --print FILE\n--target NAME "
			"--assemble -o PATH FILE...",
		.summary = "Run the inputs of a fuzz target, or let AFL++ drive it",
		.doc = "Files that end in .kfuzz hold an input as text, all others as bytes. Under "
		       "afl-fuzz, "
		       "`kfail fuzz --target NAME` of a build by `make fuzz-targets` takes inputs "
		       "from it.",
		.files_max = 1 << 20,
		.takes_params = true,
		.run = cli_fuzz,
	},
	{
		.name = "campaign",
		.bit = COMMAND_CAMPAIGN,
		.args = "start DIR [-- WORDS OF kfail fuzz ...]\nstatus DIR\nstop DIR\nreport DIR\n"
			"merge DIR OTHER...\nminimise DIR",
		.summary = "Fuzz with AFL++ on all cores, for as long as you like, and triage",
		.doc = "Behind -- stands what is fuzzed: --target NAME, or a driver with its "
		       "options. DIR holds everything; start on one that is there goes on with it. "
		       "report has the exit status of what was found. merge takes the inputs and "
		       "findings of other campaigns of the same target; minimise keeps the fewest "
		       "inputs with the same coverage, in DIR/minimised.",
		.files_min = 2,
		.files_max = 65536,
		.takes_params = true,
		.run = cli_campaign,
	},
	{
		.name = "symbols",
		.bit = COMMAND_SYMBOLS,
		.args = "MODULE.ko",
		.summary = "What a module imports, from where, and what of it kfail replaces",
		.files_min = 1,
		.files_max = 1,
		.run = cli_symbols,
	},
	{
		.name = "inspect",
		.bit = COMMAND_INSPECT,
		.args = "\nVIEW [MODULE.ko ... | DRIVER.c] [-- param=value ...]\n"
			"PATH [MODULE.ko ...] [-- param=value ...]",
		.summary = "Look at the memory of a world, after a module's init",
		.doc = "VIEW is one of the list that `kfail inspect` alone prints, slab/CACHE (all "
		       "that is known of a cache) or slab/CACHE/ATTRIBUTE. PATH is a file or "
		       "directory "
		       "of the world, as /proc/slabinfo or /sys/kernel/slab: it is read through "
		       "the "
		       "kernel itself. Without a module the world is shown as it booted.",
		.files_max = 256,
		.takes_params = true,
		.run = cli_inspect,
	},
	{
		.name = "kernel",
		.bit = COMMAND_KERNEL,
		.args = "list\nfetch VERSION\nboot [VERSION|IMAGE]\ndoctor "
			"[VERSION|IMAGE]\noverrides [VERSION|IMAGE]",
		.summary = "Kernels at hand, fetching one, and how well one rehosts",
		.files_min = 1,
		.files_max = 2,
		.run = cli_kernel,
	},
	{
		.name = "doctor",
		.bit = COMMAND_DOCTOR,
		.args = "",
		.summary = "Whether this machine has what kfail needs",
		.files_max = 0,
		.run = cli_doctor,
	},
};

#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

int cli_usage(FILE *out)
{
	fputs("Usage: kfail COMMAND [OPTION...] FILES [-- param=value ...]\n\n", out);
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		fprintf(out, "  %-8s  %s\n", commands[i].name, commands[i].summary);
	fputs("\n`kfail COMMAND --help` says more.\n\n"
	      "Exit status: 0 clean; 1 findings; 2 wrong usage or input; 3 not judged; 4 kfail "
	      "itself "
	      "failed.\n",
	      out);
	return out == stdout ? STATUS_CLEAN : STATUS_USAGE;
}

const struct command *cli_command(const char *name)
{
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}
