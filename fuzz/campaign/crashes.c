// SPDX-License-Identifier: GPL-2.0-only
/*
 * What AFL++ keeps in crashes/ and hangs/ (and in crashes.DATE/ when it goes on with a folder)
 * becomes findings. Triage runs in a process of kfail, since the target is opened there; a crash of
 * the instance with AddressSanitizer that the plain build does not show is shown again by the build
 * that has it. Inputs are known by their bytes, wherever they lie.
 */
#include "campaign.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>
#include "../../harness/store/store.h"
#include "../../harness/trace/util.h"
#include "../triage/triage.h"

#define FILES_AT_ONCE 500

/* ---- files ---- */

struct listing {
	char **files;
	unsigned count;
	bool asan; /* only those of instances with AddressSanitizer; else only the others */
	const struct campaign *campaign;
};

static int is_kept(const struct dirent *entry)
{
	return !strncmp(entry->d_name, "id:", 3);
}

static void list_folder(const char *folder, struct listing *to)
{
	struct dirent **names;
	int count = scandir(folder, &names, is_kept, alphasort);

	for (int i = 0; i < count; i++) {
		strings_add(&to->files, &to->count, xasprintf("%s/%s", folder, names[i]->d_name));
		free(names[i]);
	}
	if (count >= 0)
		free(names);
}

static bool is_of_interest(const char *name)
{
	return !strncmp(name, "crashes", 7) || !strncmp(name, "hangs", 5);
}

static void list_instance(const struct instance *instance, struct listing *to)
{
	char *folder = campaign_path(to->campaign, "sync/%s", instance->name);
	DIR *dir = opendir(folder);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		char *inside = xasprintf("%s/%s", folder, entry->d_name);

		if (is_of_interest(entry->d_name))
			list_folder(inside, to);
		free(inside);
	}
	if (dir)
		closedir(dir);
	free(folder);
}

static void list_all(const struct campaign *campaign, bool asan, struct listing *to)
{
	const struct campaign_limits none = {0};
	struct instance *instances = instances_make(campaign, &none);

	*to = (struct listing){.campaign = campaign, .asan = asan};
	for (unsigned i = 0; i < campaign->jobs; i++)
		if (instances[i].asan == asan)
			list_instance(&instances[i], to);
	instances_free(instances, campaign->jobs);
}

uint64_t crashes_mark(const struct campaign *campaign)
{
	uint64_t mark = 0;

	for (unsigned asan = 0; asan < 2; asan++) {
		struct listing all;

		list_all(campaign, asan, &all);
		for (unsigned i = 0; i < all.count; i++)
			mark += XXH64(all.files[i], strlen(all.files[i]), 1);
		strings_free(all.files);
	}
	return mark;
}

/* Those of a list that were not looked at, or (`again`) that could not be shown again. */
static char **choose(const struct campaign *campaign, const struct listing *all, bool again,
		     unsigned *count)
{
	char *folder = campaign_path(campaign, "findings"), hash[TRIAGE_HASH], id[17];
	enum triage_verdict verdict = TRIAGE_CLEAN;
	char **chosen = NULL;

	*count = 0;
	for (unsigned i = 0; i < all->count; i++) {
		bool seen;

		if (triage_hash_file(all->files[i], hash))
			continue;
		seen = triage_seen(folder, hash, &verdict, id);
		if (again ? seen && verdict == TRIAGE_NOT_REPEATED : !seen)
			strings_add(&chosen, count, xstrdup(all->files[i]));
	}
	free(folder);
	return chosen;
}

/* ---- triage ---- */

char **campaign_fuzz_words(const struct campaign *campaign, const char *program, char *const *more,
			   unsigned more_count)
{
	char **argv = NULL;
	unsigned n = 0, w = 0;

	strings_add(&argv, &n, xstrdup(program));
	strings_add(&argv, &n, xstrdup("fuzz"));
	for (; w < campaign->word_count && strcmp(campaign->words[w], "--") != 0; w++)
		strings_add(&argv, &n, xstrdup(campaign->words[w]));
	if (campaign->described) {
		strings_add(&argv, &n, xstrdup("--description"));
		strings_add(&argv, &n, campaign_path(campaign, "description"));
	}
	for (unsigned i = 0; i < more_count; i++)
		strings_add(&argv, &n, xstrdup(more[i]));
	for (; w < campaign->word_count; w++)
		strings_add(&argv, &n, xstrdup(campaign->words[w]));
	return argv;
}

static int triage_some(const struct campaign *campaign, const char *program, char **files,
		       unsigned count, char *err)
{
	char *folder = campaign_path(campaign, "findings"),
	     *log = campaign_path(campaign, "run/triage.log");
	char **more = NULL, **argv;
	unsigned n = 0;
	struct spawn what = {.directory = campaign->directory, .output = log};
	int status;

	strings_add(&more, &n, xstrdup("--triage"));
	strings_add(&more, &n, xstrdup(folder));
	for (unsigned i = 0; i < count; i++)
		strings_add(&more, &n, xstrdup(files[i]));
	argv = campaign_fuzz_words(campaign, program, more, n);
	what.argv = argv;
	status = spawn_wait(&what);
	if (status != 0 && status != 1 && status != 3) {
		snprintf(err, CAMPAIGN_ERR, "crashes cannot be looked at; %.300s says why", log);
		status = CAMPAIGN_FAILED;
	} else {
		status = 0;
	}
	strings_free(argv);
	strings_free(more);
	free(log);
	free(folder);
	return status;
}

static int triage_files(const struct campaign *campaign, const char *program, char **files,
			unsigned count, char *err)
{
	int status = 0;

	for (unsigned i = 0; i < count && !status; i += FILES_AT_ONCE)
		status = triage_some(campaign, program, files + i,
				     count - i < FILES_AT_ONCE ? count - i : FILES_AT_ONCE, err);
	return status;
}

static int triage_instances(const struct campaign *campaign, bool asan, char *err)
{
	char *self = spawn_self(), **files;
	struct listing all;
	unsigned count;
	int status;

	list_all(campaign, asan, &all);
	files = choose(campaign, &all, false, &count);
	status = count ? triage_files(campaign, self, files, count, err) : 0;
	strings_free(files);
	if (!status && asan && count) {
		files = choose(campaign, &all, true, &count);
		/* Its stacks are told by kfail's own handler, as for every other death. */
		setenv("ASAN_OPTIONS",
		       "abort_on_error=1:handle_segv=0:handle_sigbus=0:"
		       "handle_abort=0:detect_leaks=0",
		       1);
		status = triage_files(campaign, campaign->asan_program, files, count, err);
		unsetenv("ASAN_OPTIONS");
		strings_free(files);
	}
	strings_free(all.files);
	free(self);
	return status;
}

int crashes_triage(const struct campaign *campaign, unsigned *findings, char *err)
{
	struct sweep_result result;
	int status = triage_instances(campaign, false, err);

	*findings = 0;
	if (!status && campaign->asan_program)
		status = triage_instances(campaign, true, err);
	if (!status)
		status = campaign_findings(campaign, &result, err);
	if (status)
		return status;
	*findings = result.finding_count;
	status = campaign_record(campaign, &result, false, err);
	sweep_result_clear(&result);
	return status;
}

/* ---- the whole ---- */

/* A driver's name is that of its file. */
static char *module_name(const struct campaign *campaign)
{
	for (unsigned i = campaign->word_count; i--;) {
		const char *word = campaign->words[i], *slash = strrchr(word, '/');
		const char *name = slash ? slash + 1 : word, *dot = strrchr(name, '.');

		if (dot && (!strcmp(dot, ".ko") || !strcmp(dot, ".c")))
			return xasprintf("%.*s", (int)(dot - name), name);
	}
	return xstrdup(campaign->target);
}

int campaign_findings(const struct campaign *campaign, struct sweep_result *out, char *err)
{
	char *folder = campaign_path(campaign, "findings");
	int error;

	*out = (struct sweep_result){0};
	error = triage_load(folder, out, err);
	free(folder);
	if (error) {
		sweep_result_clear(out);
		return CAMPAIGN_FAILED;
	}
	out->module = module_name(campaign);
	out->scenario = xstrdup("fuzz");
	out->status = out->finding_count      ? SWEEP_FINDINGS
		      : out->not_judged_count ? SWEEP_NOT_JUDGED
					      : SWEEP_CLEAN;
	return 0;
}

static int put(struct store *store, int64_t sweep, const struct sweep_result *result, bool whole)
{
	for (unsigned i = 0; i < result->finding_count; i++)
		store_put_finding(store, sweep, 0, &result->findings[i]);
	for (unsigned i = 0; i < result->not_judged_count; i++)
		store_put_not_judged(store, sweep, 0, &result->not_judged[i]);
	return whole ? store_finish(store, sweep, result) : store_flush(store);
}

int campaign_record(const struct campaign *campaign, const struct sweep_result *result, bool whole,
		    char *err)
{
	char *path = campaign_path(campaign, "results.db"), why[STORE_ERR] = "";
	char *words = store_words(campaign->words, campaign->word_count);
	const struct store_sweep what = {
		.version = campaign->version,
		.kernel = result->kernel,
		.module = result->module,
		.parameters = words,
		.scenario = result->scenario,
		.plan = "campaign",
		.directory = campaign->directory,
	};
	struct store *store = store_open(path, why);
	int64_t sweep = store ? store_begin(store, &what, true, why) : -1;
	bool kept = false;

	if (!sweep)
		sweep = store_begin(store, &what, false, why);
	if (sweep > 0)
		kept = !put(store, sweep, result, whole);
	if (!kept)
		snprintf(err, CAMPAIGN_ERR, "%s",
			 store && store_error(store) ? store_error(store) : why);
	store_close(store);
	free(words);
	free(path);
	return kept ? 0 : CAMPAIGN_FAILED;
}
