// SPDX-License-Identifier: GPL-2.0-only
/*
 * kfail fuzz on a driver: the files on the command line are the driver (as for a sweep: modules, or a source) and inputs, in any
 * order. The driver is prepared as for a sweep, with the same options; the place of a scenario is taken by inputs.
 *
 *	kfail fuzz --output DIR foo.ko		AFL++ on it (fuzz_afl.c)
 *	kfail fuzz --run FILE... foo.ko		these inputs; also --print, --assemble
 *	kfail fuzz --describe foo.ko		what it can be asked
 */
#include "cli.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../../fuzz/driver/driver.h"
#include "../../fuzz/engine/engine.h"
#include "../../fuzz/triage/files.h"
#include "../native/native.h"
#include "../trace/util.h"
#include "fuzz.h"

static bool is_driver(const char *file)
{
	size_t n = strlen(file);

	return cli_is_native(file) || (n > 3 && !strcmp(file + n - 3, ".ko")) ||
	       strstr(file, ".ko.");
}

bool cli_fuzz_has_driver(const struct cli *cli)
{
	if (cli->fuzz.target && strcmp(cli->fuzz.target, driver_target.name) != 0)
		return false;
	for (unsigned i = 0; i < cli->file_count; i++)
		if (is_driver(cli->files[i]))
			return true;
	return false;
}

static bool accepts(const struct finding *finding, void *arg)
{
	const struct cli *cli = arg;

	return cli_accepts(cli, cli->fuzz.driver ? cli->fuzz.driver->module : "", finding);
}

/* A whole file, malloc()ed; NULL, and said why. */
static char *read_text(const char *path)
{
	FILE *file = fopen(path, "re");
	size_t room = 0;
	char *text = NULL;

	if (!file || getdelim(&text, &room, '\0', file) < 0) {
		if (!file || ferror(file)) {
			cli_complain("--description %s: %s", path, strerror(errno));
			free(text);
			text = NULL;
		} else {
			cli_complain("--description %s: the file is empty", path);
			free(text);
			text = NULL;
		}
	}
	if (file)
		fclose(file);
	return text;
}

/* What a compiler made of it. */
static const char *object_of(const struct cli *cli)
{
	const char *last = cli->files[cli->file_count - 1];

	return cli_is_native(last) ? native_object() : last;
}

static char *kept_description(const char *folder)
{
	char *path = xasprintf("%s/description", folder);

	if (!access(path, F_OK))
		return path;
	free(path);
	return NULL;
}

int cli_fuzz_attach(const struct cli *cli, struct target *target)
{
	struct cli *kept = xmalloc(sizeof(*kept)); /* as long as the process */
	struct driver_options options = {
		.timeout_ms = cli->timeout_ms,
		.whole = cli->whole,
		.show = cli->verbose,
		.object = object_of(cli),
		.description = cli->fuzz.description,
		.accepts = accepts,
		.arg = kept,
	};
	char err[FUZZ_ERR], *text = NULL;
	int status = 0;

	*kept = *cli;
	kept->fuzz.driver = target;
	/* A folder that is gone on with has the one that its inputs were made for. */
	if (!options.description && cli->fuzz.output)
		options.description = kept_description(cli->fuzz.output);
	if (options.description) {
		text = read_text(options.description);
		if (!text)
			return STATUS_USAGE;
		options.text = text;
	}
	if (driver_attach(target, &options, err))
		status = cli_complain("%s", err);
	free(text);
	return status;
}

static void add_one(struct cli *cli, char *file)
{
	cli->files = xreallocarray(cli->files, cli->file_count + 1, sizeof(*cli->files));
	cli->files[cli->file_count++] = file;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* A file, or all that lie in a directory, as AFL++'s queue. */
static void add_input(struct cli *cli, char *path)
{
	struct dirent **entries;
	int n = scandir(path, &entries, NULL, by_name);

	if (n < 0)
		add_one(cli, path);
	for (int i = 0; i < n; i++) {
		char *file = xasprintf("%s/%s", path, entries[i]->d_name);
		struct stat st;

		if (entries[i]->d_name[0] != '.' && !stat(file, &st) && S_ISREG(st.st_mode))
			add_one(cli, file);
		else
			free(file);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
}

/* The words that are the driver's, and those that are inputs. */
static void split(const struct cli *cli, struct cli *made, struct cli *driver)
{
	*made = *driver = *cli;
	made->files = NULL;
	driver->files = xcalloc(cli->file_count, sizeof(*driver->files));
	made->file_count = driver->file_count = 0;
	for (unsigned i = 0; i < cli->file_count; i++)
		if (is_driver(cli->files[i]))
			driver->files[driver->file_count++] = cli->files[i];
		else
			add_input(made, cli->files[i]);
	made->fuzz.modules = driver->files;
	made->fuzz.module_count = driver->file_count;
}

static FILE *out_for_people(const struct cli *cli)
{
	return cli_report_to(cli, "-") ? stderr : stdout;
}

static int write_seed(const char *name, const uint8_t *data, size_t size, void *arg)
{
	char *path = xasprintf("%s/%s", (const char *)arg, name), err[FUZZ_ERR];
	int status = file_write(path, data, size, err) ? cli_complain("%s", err) : 0;

	free(path);
	return status;
}

static int act(const struct cli *cli)
{
	if (cli->fuzz.action == FUZZ_SEEDS)
		return driver_seeds(write_seed, (void *)cli->fuzz.out);
	if (cli->fuzz.describe) {
		model_print(driver_model(), stdout);
		return STATUS_CLEAN;
	}
	if (cli->fuzz.output)
		return cli_fuzz_campaign(cli);
	if (cli->fuzz.action || fuzz_under_afl())
		return cli_fuzz_inputs(cli, &driver_target);
	return cli_complain("what shall be done with %s: --output DIR (run AFL++), --run, --print, "
			    "--assemble or --describe?",
			    cli->fuzz.driver->module);
}

int cli_fuzz_driver(const struct cli *cli)
{
	struct cli made, driver;
	struct target *target;
	int status;

	split(cli, &made, &driver);
	if (made.file_count && !cli->fuzz.action)
		return cli_complain("%s: an input is for --run, --print or --assemble",
				    made.files[0]);
	driver_edges_open(cli->fuzz.kernel_coverage);
	status = cli_prepare(&driver, &target);
	if (status)
		return status;
	made.fuzz.driver = target;
	status = act(&made);
	if (made.fuzz.action != FUZZ_RUN || status == STATUS_USAGE || status == STATUS_FAILED)
		return status;
	if (cli->coverage)
		driver_print_sites(out_for_people(cli));
	return cli_coverage_write(&made, target, out_for_people(cli)) ?: status;
}
