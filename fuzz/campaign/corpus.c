// SPDX-License-Identifier: GPL-2.0-only
/*
 * The inputs of a campaign: where they come from, and what is worth keeping of them.
 *
 *	seeds		the target's corpus as bytes; one that shows a finding is a finding before anything is fuzzed, since
 *			AFL++ passes over seeds that crash
 *	merge		queues of both campaigns; afl-cmin says what is needed for their coverage, and what of it is new
 *			here becomes a queue of its own, which the main instance reads when it is started next
 *	minimise	all queues; afl-cmin; then each input is made smaller with its coverage kept (kfail fuzz --shrink)
 */
#include "campaign.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../../harness/trace/util.h"
#include "../triage/files.h"
#include "../triage/triage.h"

#define NOTHING_SEED 9 /* bytes: a call that does nothing, and no refusal */

/* ---- folders ---- */

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static bool is_file(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISREG(st.st_mode);
}

/* The regular files of a folder, in order of their names. */
static void list_files(const char *folder, char ***files, unsigned *count)
{
	struct dirent **names;
	int found = scandir(folder, &names, is_visible, alphasort);

	for (int i = 0; i < found; i++) {
		char *path = xasprintf("%s/%s", folder, names[i]->d_name);

		if (is_file(path) && strcmp(names[i]->d_name, "list") != 0)
			strings_add(files, count, path);
		else
			free(path);
		free(names[i]);
	}
	if (found >= 0)
		free(names);
}

/* The inputs of all queues of a campaign. */
static void list_queues(const struct campaign *campaign, char ***files, unsigned *count)
{
	char *sync = campaign_path(campaign, "sync");
	struct dirent **names;
	int found = scandir(sync, &names, is_visible, versionsort);

	for (int i = 0; i < found; i++) {
		char *queue = xasprintf("%s/%s/queue", sync, names[i]->d_name);

		list_files(queue, files, count);
		free(queue);
		free(names[i]);
	}
	if (found >= 0)
		free(names);
	free(sync);
}

static int cannot(const char *path, char *err)
{
	snprintf(err, CAMPAIGN_ERR, "%.300s: %s", path, strerror(errno));
	return CAMPAIGN_FAILED;
}

/* Run kfail with more words of this campaign's fuzz; what it prints goes to `output`. The status.
 * */
static int run_fuzz(const struct campaign *campaign, const char *program, char *const *more,
		    unsigned count, const char *output)
{
	char **argv = campaign_fuzz_words(campaign, program, more, count);
	const struct spawn what = {
		.argv = argv, .directory = campaign->directory, .output = output};
	int status = spawn_wait(&what);

	strings_free(argv);
	return status;
}

/* The same with an option, its value and files; the option without a value when that is NULL. */
static int run_on(const struct campaign *campaign, const char *program, const char *option,
		  const char *value, char *const *files, unsigned count, const char *output)
{
	char **more = NULL;
	unsigned n = 0;
	int status;

	strings_add(&more, &n, xstrdup(option));
	if (value)
		strings_add(&more, &n, xstrdup(value));
	for (unsigned i = 0; i < count; i++)
		strings_add(&more, &n, xstrdup(files[i]));
	status = run_fuzz(campaign, program, more, n, output);
	strings_free(more);
	return status;
}

/* ---- seeds ---- */

/* The target's own seeds: in the directory of the words, beside the program, or installed. */
static void list_corpus(const struct campaign *campaign, char ***files, unsigned *count)
{
	char *self = spawn_self(), *slash = strrchr(self, '/'), *places[3];

	if (slash)
		*slash = 0;
	places[0] = xasprintf("%s/corpus/%s", campaign->directory, campaign->target);
	places[1] = xasprintf("%s/../corpus/%s", self, campaign->target);
	places[2] = xasprintf("%s/../share/kfail/corpus/%s", self, campaign->target);
	for (unsigned i = 0; i < 3; i++) {
		char *regress = xasprintf("%s/regress", places[i]);

		if (!*count) {
			list_files(places[i], files, count);
			list_files(regress, files, count);
		}
		free(regress);
		free(places[i]);
	}
	free(self);
}

static bool is_text(const char *file)
{
	return fuzz_is_text(file);
}

/* What the last command said that wrote to this file. */
static void said(const char *log, char *err)
{
	size_t size;
	char *text = file_read(log, 4096, &size), *at = text ? strstr(text, "kfail: ") : NULL;

	snprintf(err, CAMPAIGN_ERR, "%.500s",
		 at ? at + strlen("kfail: ") : "the seeds cannot be made, or run");
	err[strcspn(err, "\n")] = 0;
	free(text);
}

static int put_seed(const struct campaign *campaign, const char *seeds, char *file, char *err)
{
	const char *slash = strrchr(file, '/'), *name = slash ? slash + 1 : file;
	char *log = campaign_path(campaign, "run/seeds.log"), *to = xasprintf("%s/%s", seeds, name);
	char *self = spawn_self(), *more[] = {(char *)"--assemble", (char *)"--out", to, file};
	int status;

	if (!is_text(file)) {
		status = file_copy(file, to, err) ? CAMPAIGN_FAILED : 0;
	} else {
		to[strlen(to) - strlen(FUZZ_TEXT_SUFFIX)] = 0;
		unlink(log);
		status = run_fuzz(campaign, self, more, 4, log);
		if (status) {
			size_t size;
			char *said = file_read(log, 400, &size);

			snprintf(err, CAMPAIGN_ERR, "%.400s",
				 said && *said ? said + (strncmp(said, "kfail: ", 7) ? 0 : 7)
					       : "a seed cannot be read");
			err[strcspn(err, "\n")] = 0;
			free(said);
		}
	}
	free(self);
	free(to);
	free(log);
	return status;
}

static int put_nothing(const char *seeds, char *err)
{
	static const char nothing[NOTHING_SEED];
	char *path = xasprintf("%s/nothing", seeds);
	int error = file_write(path, nothing, sizeof(nothing), err);

	free(path);
	return error ? CAMPAIGN_FAILED : 0;
}

/* Seeds that show something are findings. They are run by the program that AFL++ drives: what it
 * cannot do is seen here, since AFL++ keeps what it says to itself. */
static int judge_seeds(const struct campaign *campaign, const char *seeds, char *err)
{
	char *self = spawn_self(), *log = campaign_path(campaign, "run/seeds.log"), **files = NULL;
	char *findings = campaign_path(campaign, "findings");
	unsigned count = 0;
	int status;

	list_files(seeds, &files, &count);
	unlink(log);
	status = run_on(campaign, campaign->program, "--run", NULL, files, count, log);
	if (status == 1 || status == 3)
		status = run_on(campaign, self, "--triage", findings, files, count, log);
	if (status == 1 || status == 3)
		status = 0;
	if (status) {
		said(log, err);
		status = status == 2 ? CAMPAIGN_WRONG : CAMPAIGN_FAILED;
	}
	strings_free(files);
	free(findings);
	free(log);
	free(self);
	return status;
}

/* AFL++ reads the grammar's words from it; a target without a grammar has none. */
static void put_dictionary(const struct campaign *campaign)
{
	char *self = spawn_self(), *path = campaign_path(campaign, "dictionary");
	char *more[] = {(char *)"--dictionary"};

	unlink(path);
	if (run_fuzz(campaign, self, more, 1, path))
		unlink(path);
	free(path);
	free(self);
}

/* A driver is asked once what it can be asked: that is what inputs mean from then on. */
static int describe(struct campaign *campaign, char *err)
{
	char *self = spawn_self(), *path = campaign_path(campaign, "description");
	char *more[] = {(char *)"--describe"};
	int status;

	unlink(path);
	status = run_fuzz(campaign, self, more, 1, path);
	if (status)
		said(path, err);
	if (status)
		unlink(path);
	campaign->described = !status;
	free(path);
	free(self);
	return status;
}

/* A driver's seeds come from its description. */
static int make_seeds(const struct campaign *campaign, char *seeds, char *err)
{
	char *self = spawn_self(), *log = campaign_path(campaign, "run/seeds.log");
	char *more[] = {(char *)"--seeds", seeds};
	int status;

	unlink(log);
	status = run_fuzz(campaign, self, more, 2, log);
	if (status)
		said(log, err);
	free(log);
	free(self);
	return status;
}

int corpus_seed(struct campaign *campaign, const char *input, char *err)
{
	char *seeds = campaign_path(campaign, "seeds"), **files = NULL;
	unsigned count = 0;
	int status = 0;

	if (mkdir(seeds, 0777) && errno != EEXIST)
		status = cannot(seeds, err);
	if (!status && !strcmp(campaign->target, "driver"))
		status = describe(campaign, err);
	if (input)
		list_files(input, &files, &count);
	else if (!campaign->described) /* inputs of one driver mean nothing to another */
		list_corpus(campaign, &files, &count);
	if (input && !count) {
		snprintf(err, CAMPAIGN_ERR, "--input: %.300s has no files", input);
		status = CAMPAIGN_WRONG;
	}
	if (!count && !status)
		status = campaign->described ? make_seeds(campaign, seeds, err)
					     : put_nothing(seeds, err);
	for (unsigned i = 0; i < count && !status; i++)
		status = put_seed(campaign, seeds, files[i], err);
	if (!status)
		status = judge_seeds(campaign, seeds, err);
	if (!status)
		put_dictionary(campaign);
	strings_free(files);
	free(seeds);
	return status;
}

/* ---- the fewest ---- */

/* An empty folder in run/ for one job; malloc()ed. NULL: err. */
static char *work_folder(const struct campaign *campaign, const char *name, char *err)
{
	char *path = campaign_path(campaign, "run/%s", name);

	file_remove_tree(path);
	if (!file_make_directories(path))
		return path;
	cannot(path, err);
	free(path);
	return NULL;
}

/* Copy inputs into a folder, under their hashes: the same twice is there once. */
static int gather(char *const *files, unsigned count, const char *folder, char *err)
{
	char hash[TRIAGE_HASH];
	int status = 0;

	for (unsigned i = 0; i < count && !status; i++) {
		char *to;

		if (triage_hash_file(files[i], hash))
			continue;
		to = xasprintf("%s/%s", folder, hash);
		if (access(to, F_OK) && file_copy(files[i], to, err))
			status = CAMPAIGN_FAILED;
		free(to);
	}
	return status;
}

/* The inputs in `from` that its coverage needs, into `to`, which is made. */
static int cmin(const struct campaign *campaign, const char *from, const char *to, char *err)
{
	char *log = campaign_path(campaign, "run/cmin.log");
	char *none[1], **words = campaign_fuzz_words(campaign, campaign->program, none, 0);
	char **argv = NULL;
	/* A campaign may lie where it likes. */
	char *variables[] = {(char *)"AFL_SKIP_BIN_CHECK=1", (char *)"AFL_ALLOW_TMP=1", NULL};
	struct spawn what = {
		.variables = variables, .directory = campaign->directory, .output = log};
	unsigned n = 0;
	int status;

	for (const char *const *w = (const char *const[]){"afl-cmin", "-t", "5000", "-i", from,
							  "-o", to, "--", NULL};
	     *w; w++)
		strings_add(&argv, &n, xstrdup(*w));
	for (char **w = words; *w; w++)
		strings_add(&argv, &n, xstrdup(*w));
	what.argv = argv;
	unlink(log);
	status = spawn_wait(&what);
	if (status)
		snprintf(err, CAMPAIGN_ERR, "afl-cmin failed (status %d); %.300s says why", status,
			 log);
	strings_free(argv);
	strings_free(words);
	free(log);
	return status ? CAMPAIGN_FAILED : 0;
}

/* What all queues in `files` come to, in a folder run/NAME/out; malloc()ed. NULL: *status. */
static char *fewest(const struct campaign *campaign, char *const *files, unsigned count,
		    const char *name, int *status, char *err)
{
	char *folder = work_folder(campaign, name, err), *in, *out;

	*status = CAMPAIGN_FAILED;
	if (!folder)
		return NULL;
	in = xasprintf("%s/in", folder);
	out = xasprintf("%s/out", folder);
	*status = mkdir(in, 0777) ? cannot(in, err) : gather(files, count, in, err);
	if (!*status)
		*status = cmin(campaign, in, out, err);
	free(in);
	free(folder);
	if (!*status)
		return out;
	free(out);
	return NULL;
}

/* ---- merge ---- */

static bool is_among(char *const *files, unsigned count, const char *hash)
{
	char one[TRIAGE_HASH];

	for (unsigned i = 0; i < count; i++)
		if (!triage_hash_file(files[i], one) && !strcmp(one, hash))
			return true;
	return false;
}

/* Behind the inputs that a queue has already; AFL++ reads them by number. */
static int add_to_queue(const char *queue, const char *file, char *err)
{
	char **there = NULL, *to;
	unsigned count = 0;
	int status;

	list_files(queue, &there, &count);
	to = xasprintf("%s/id:%06u,merged", queue, count);
	status = file_copy(file, to, err) ? CAMPAIGN_FAILED : 0;
	free(to);
	strings_free(there);
	return status;
}

/* What of `chosen` is in none of our queues becomes one. */
static int take_new(const struct campaign *campaign, const char *node, const char *chosen,
		    char *const *ours, unsigned our_count, unsigned *taken, char *err)
{
	char *queue = campaign_path(campaign, "sync/%s-merged/queue", node), **files = NULL;
	unsigned count = 0;
	int status = file_make_directories(queue) ? cannot(queue, err) : 0;

	list_files(chosen, &files, &count);
	*taken = 0;
	for (unsigned i = 0; i < count && !status; i++) {
		if (is_among(ours, our_count, strrchr(files[i], '/') + 1))
			continue;
		status = add_to_queue(queue, files[i], err);
		(*taken)++;
	}
	strings_free(files);
	free(queue);
	return status;
}

static int merge_queues(const struct campaign *campaign, const struct campaign *other,
			unsigned *taken, char *err)
{
	char **files = NULL, *chosen;
	unsigned ours = 0, all;
	int status = 0;

	*taken = 0;
	list_queues(campaign, &files, &ours);
	all = ours;
	list_queues(other, &files, &all);
	if (all == ours) {
		strings_free(files);
		return 0;
	}
	chosen = fewest(campaign, files, all, "merge", &status, err);
	if (chosen)
		status = take_new(campaign, other->node, chosen, files, ours, taken, err);
	free(chosen);
	strings_free(files);
	return status;
}

int corpus_merge(const struct campaign *campaign, const char *folder, FILE *out, char *err)
{
	char *to = campaign_path(campaign, "findings"), *from;
	struct campaign other;
	unsigned taken = 0;
	int found = 0, status = campaign_load(folder, &other, err);

	if (status) {
		free(to);
		return status;
	}
	from = campaign_path(&other, "findings");
	if (!strcmp(other.folder, campaign->folder)) {
		snprintf(err, CAMPAIGN_ERR, "%.300s cannot be merged into itself", folder);
		status = CAMPAIGN_WRONG;
	} else if (strcmp(other.target, campaign->target) != 0) {
		snprintf(err, CAMPAIGN_ERR, "%.200s fuzzes %.64s, and not %.64s", folder,
			 other.target, campaign->target);
		status = CAMPAIGN_WRONG;
	} else {
		status = merge_queues(campaign, &other, &taken, err);
	}
	if (!status)
		found = triage_merge(to, from, err);
	if (!status && found < 0)
		status = CAMPAIGN_FAILED;
	if (!status)
		fprintf(out, "%s: %u inputs and %d findings are new\n", folder, taken, found);
	campaign_clear(&other);
	free(from);
	free(to);
	return status;
}

/* ---- minimise ---- */

static uint64_t bytes_of(char *const *files, unsigned count)
{
	uint64_t bytes = 0;
	struct stat st;

	for (unsigned i = 0; i < count; i++)
		bytes += !stat(files[i], &st) ? (uint64_t)st.st_size : 0;
	return bytes;
}

/* Each as text, under the hash of its bytes. */
static int to_text(const struct campaign *campaign, char *const *files, unsigned count,
		   const char *corpus, char *err)
{
	char *self = spawn_self(), hash[TRIAGE_HASH];
	int status = file_make_directories(corpus) ? cannot(corpus, err) : 0;

	for (unsigned i = 0; i < count && !status; i++) {
		char *to;

		if (triage_hash_file(files[i], hash))
			continue;
		to = xasprintf("%s/%.16s" FUZZ_TEXT_SUFFIX, corpus, hash);
		unlink(to);
		status = run_on(campaign, self, "--print", NULL, &files[i], 1, to);
		if (status) {
			snprintf(err, CAMPAIGN_ERR,
				 "--corpus: inputs of %.100s cannot be written as text",
				 campaign->target);
			unlink(to);
			status = CAMPAIGN_WRONG;
		}
		free(to);
	}
	free(self);
	return status;
}

/* DIR/minimised is what it was until the new one is whole. */
static int replace_minimised(const struct campaign *campaign, const char *made, char *err)
{
	char *to = campaign_path(campaign, "minimised"), *old = campaign_path(campaign, "run/old");
	int status = 0;

	file_remove_tree(old);
	if (rename(to, old) && errno != ENOENT)
		status = cannot(to, err);
	if (!status && rename(made, to))
		status = cannot(to, err);
	file_remove_tree(old);
	free(old);
	free(to);
	return status;
}

static int shrink(const struct campaign *campaign, const char *chosen, char **shrunk, char *err)
{
	char *log = campaign_path(campaign, "run/shrink.log"), **files = NULL;
	unsigned count = 0;
	int status;

	*shrunk = work_folder(campaign, "shrunk", err);
	if (!*shrunk)
		return CAMPAIGN_FAILED;
	list_files(chosen, &files, &count);
	unlink(log);
	status = run_on(campaign, campaign->program, "--shrink", *shrunk, files, count, log);
	if (status)
		snprintf(err, CAMPAIGN_ERR, "inputs cannot be made smaller; %.300s says why", log);
	strings_free(files);
	free(log);
	return status ? CAMPAIGN_FAILED : 0;
}

int corpus_minimise(const struct campaign *campaign, const char *corpus, FILE *out, char *err)
{
	char **files = NULL, **left = NULL, *chosen, *shrunk = NULL;
	unsigned count = 0, left_count = 0;
	char *minimised = campaign_path(campaign, "minimised");
	int status = 0;

	list_queues(campaign, &files, &count);
	if (!count) {
		snprintf(err, CAMPAIGN_ERR, "%.300s has no inputs yet", campaign->folder);
		free(minimised);
		return CAMPAIGN_WRONG;
	}
	chosen = fewest(campaign, files, count, "minimise", &status, err);
	if (!status)
		status = shrink(campaign, chosen, &shrunk, err);
	if (!status)
		status = replace_minimised(campaign, shrunk, err);
	list_files(minimised, &left, &left_count);
	if (!status)
		fprintf(out, "%u inputs of %llu bytes became %u of %llu: %s\n", count,
			(unsigned long long)bytes_of(files, count), left_count,
			(unsigned long long)bytes_of(left, left_count), minimised);
	if (!status && corpus)
		status = to_text(campaign, left, left_count, corpus, err);
	strings_free(left);
	strings_free(files);
	free(shrunk);
	free(chosen);
	free(minimised);
	return status;
}
