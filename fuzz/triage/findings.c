// SPDX-License-Identifier: GPL-2.0-only
/*
 * A folder of findings: triage.h says what is in it. Plain files, so that it can be copied, looked
 * at, and put under version control without kfail; what is read back is checked, and what is
 * damaged is told as not judged.
 */
#include "triage.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>
#include "files.h"
#include "../../harness/judge/finding_json.h"
#include "../../harness/trace/util.h"
#include "../../reports/report.h"

#define NOT_JUDGED "not-judged"
#define TRIAGED	   "triaged"

static const char *const verdict_names[] = {
	[TRIAGE_NEW] = "new",
	[TRIAGE_KNOWN] = "known",
	[TRIAGE_NOT_REPEATED] = "not-judged",
	[TRIAGE_CLEAN] = "clean",
	[TRIAGE_UNREADABLE] = "unreadable",
};
#define VERDICTS (sizeof(verdict_names) / sizeof(verdict_names[0]))

const char *triage_verdict_name(enum triage_verdict verdict)
{
	return verdict_names[verdict];
}

static int cannot(const char *path, char *err)
{
	snprintf(err, FUZZ_ERR, "%.300s: %s", path, strerror(errno));
	return -1;
}

void triage_hash(const uint8_t *data, size_t size, char hash[TRIAGE_HASH])
{
	XXH128_hash_t h = XXH3_128bits(data, size);

	snprintf(hash, TRIAGE_HASH, "%016llx%016llx", (unsigned long long)h.high64,
		 (unsigned long long)h.low64);
}

int triage_hash_file(const char *file, char hash[TRIAGE_HASH])
{
	size_t size;
	char *bytes = file_read(file, FUZZ_INPUT_MAX, &size);

	if (!bytes)
		return -errno;
	triage_hash((uint8_t *)bytes, size, hash);
	free(bytes);
	return 0;
}

/* ---- what was looked at ---- */

struct note {
	char hash[TRIAGE_HASH], verdict[16], id[17];
};

/* The next line of FOLDER/triaged; a line that a full disk has cut is passed over. */
static bool next_note(FILE *file, struct note *note)
{
	char line[8192];

	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "%32[0-9a-f] %15s %16s", note->hash, note->verdict, note->id) == 3)
			return true;
	return false;
}

static FILE *open_notes(const char *folder, const char *mode)
{
	char *path = xasprintf("%s/" TRIAGED, folder);
	FILE *file = fopen(path, mode);

	free(path);
	return file;
}

bool triage_seen(const char *folder, const char hash[TRIAGE_HASH], enum triage_verdict *verdict,
		 char id[17])
{
	FILE *file = open_notes(folder, "re");
	struct note note;
	bool found = false;

	while (file && next_note(file, &note)) {
		if (strcmp(note.hash, hash) != 0)
			continue;
		found = true; /* the last one counts */
		for (unsigned v = 0; v < VERDICTS; v++)
			if (!strcmp(verdict_names[v], note.verdict))
				*verdict = (enum triage_verdict)v;
		snprintf(id, 17, "%s", strcmp(note.id, "-") != 0 ? note.id : "");
	}
	if (file)
		fclose(file);
	return found;
}

int triage_note(const char *folder, const char hash[TRIAGE_HASH], enum triage_verdict verdict,
		const char *id, const char *file, char *err)
{
	FILE *notes = open_notes(folder, "ae");
	int error = notes ? 0 : -1;

	if (notes) {
		fprintf(notes, "%s %s %s %s\n", hash, verdict_names[verdict], *id ? id : "-", file);
		error = ferror(notes);
		if (fclose(notes))
			error = -1;
	}
	return error ? cannot(folder, err) : 0;
}

unsigned triage_also(const char *folder, const char *id)
{
	FILE *file = open_notes(folder, "re");
	struct note note;
	unsigned count = 0;

	while (file && next_note(file, &note))
		count += !strcmp(note.id, id) && !strcmp(note.verdict, "known");
	if (file)
		fclose(file);
	return count;
}

/* ---- keeping ---- */

static int put_text(const struct triage *triage, const char *folder, const char *name,
		    const struct finding *finding, const uint8_t *data, size_t size, char *err)
{
	char *path, *text = NULL;
	size_t length;
	FILE *to;
	int error;

	if (!triage->target->print)
		return 0;
	to = open_memstream(&text, &length);
	if (!to)
		out_of_host_memory(size);
	fprintf(to, "# %s: %s\n", finding_kind_name(finding->kind), finding->what);
	triage->target->print(data, size, to);
	fclose(to);
	path = xasprintf("%s/%s" FUZZ_TEXT_SUFFIX, folder, name);
	error = file_write(path, text, length, err);
	free(path);
	free(text);
	return error;
}

static int put_bytes(const char *folder, const char *name, const void *bytes, size_t size,
		     char *err)
{
	char *path = xasprintf("%s/%s", folder, name);
	int error = file_write(path, bytes, size, err);

	free(path);
	return error;
}

static int put_json(const char *folder, const struct finding *finding, char *err)
{
	char *json = finding_to_json(finding), *text = xasprintf("%s\n", json);
	int error = put_bytes(folder, "finding.json", text, strlen(text), err);

	free(text);
	free(json);
	return error;
}

static int put_report(const char *folder, const struct finding *finding, char *err)
{
	char *text = NULL;
	size_t length;
	FILE *to = open_memstream(&text, &length);
	int error;

	if (!to)
		out_of_host_memory(1);
	report_finding_text(to, finding, 1, false, false);
	fclose(to);
	error = put_bytes(folder, "report.txt", text, length, err);
	free(text);
	return error;
}

/* Everything of a finding, into a folder that nobody reads yet. */
static int put_all(const struct triage *triage, const char *folder, const struct finding *finding,
		   const struct triage_kept *inputs, char *err)
{
	return put_bytes(folder, "input", inputs->input, inputs->input_size, err) ||
			       put_text(triage, folder, "input", finding, inputs->input,
					inputs->input_size, err) ||
			       put_bytes(folder, "minimised", inputs->minimised,
					 inputs->minimised_size, err) ||
			       put_text(triage, folder, "minimised", finding, inputs->minimised,
					inputs->minimised_size, err) ||
			       put_json(folder, finding, err) || put_report(folder, finding, err)
		       ? -1
		       : 0;
}

/* A folder beside the one that it becomes; malloc()ed. NULL: err. */
static char *new_folder(const char *folder, char *err)
{
	char *path = xasprintf("%s/.new.%d", folder, (int)getpid());

	file_remove_tree(path);
	if (!mkdir(path, 0777))
		return path;
	cannot(path, err);
	free(path);
	return NULL;
}

/* It becomes FOLDER/NAME; one that is there already stays. */
static int settle_folder(char *made, const char *folder, const char *name, int error, char *err)
{
	char *path = xasprintf("%s/%s", folder, name);

	if (!error && rename(made, path) && errno != EEXIST && errno != ENOTEMPTY)
		error = cannot(path, err);
	file_remove_tree(made);
	free(path);
	free(made);
	return error;
}

int triage_keep(const struct triage *triage, const struct finding *finding,
		const struct triage_kept *inputs, char *err)
{
	char *folder = new_folder(triage->folder, err), *whole, *path;
	struct finding told = *finding;
	int error;

	if (!folder)
		return -1;
	whole = realpath(triage->folder, NULL);
	path = xasprintf("%s/%s/minimised", whole ? whole : triage->folder, finding->id);
	free(whole);
	told.replay = triage->replay_line ? triage->replay_line(path, triage->arg)
					  : xasprintf("%s %s", triage->replay, path);
	error = put_all(triage, folder, &told, inputs, err);
	free(told.replay);
	free(path);
	return settle_folder(folder, triage->folder, finding->id, error, err);
}

int triage_keep_not_judged(const struct triage *triage, const char hash[TRIAGE_HASH],
			   const uint8_t *data, size_t size, const char *why, char *err)
{
	char *all = xasprintf("%s/" NOT_JUDGED, triage->folder), *folder;
	int error = mkdir(all, 0777) && errno != EEXIST ? cannot(all, err) : 0;

	folder = error ? NULL : new_folder(all, err);
	if (folder) {
		error = put_bytes(folder, "input", data, size, err) ||
			put_bytes(folder, "why", why, strlen(why), err);
		error = settle_folder(folder, all, hash, error, err);
	}
	free(all);
	return folder && !error ? 0 : -1;
}

void triage_forget_not_judged(const char *folder, const char hash[TRIAGE_HASH])
{
	char *path = xasprintf("%s/" NOT_JUDGED "/%s", folder, hash);

	file_remove_tree(path);
	free(path);
}

/* ---- reading ---- */

static bool is_id(const char *name)
{
	return strlen(name) == 16 && strspn(name, "0123456789abcdef") == 16;
}

static int is_finding(const struct dirent *entry)
{
	return is_id(entry->d_name);
}

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void add_not_judged(struct sweep_result *out, const char *file, const char *why)
{
	out->not_judged =
		xreallocarray(out->not_judged, out->not_judged_count + 1, sizeof(*out->not_judged));
	out->not_judged[out->not_judged_count++] =
		(struct not_judged){.schedule = xstrdup(""), .why = xasprintf("%s: %s", file, why)};
}

static void load_finding(const char *folder, const char *id, struct sweep_result *out)
{
	char *path = xasprintf("%s/%s/finding.json", folder, id);
	struct finding finding;
	size_t size;
	char *text = file_read(path, 16u << 20, &size);

	if (!text) {
		add_not_judged(out, path, strerror(errno));
	} else if (finding_from_json(text, &finding)) {
		add_not_judged(out, path, "is damaged: no finding is in it");
	} else {
		out->findings = xreallocarray(out->findings, out->finding_count + 1,
					      sizeof(*out->findings));
		out->findings[out->finding_count++] = finding;
	}
	free(text);
	free(path);
}

static void load_not_judged(const char *all, const char *name, struct sweep_result *out)
{
	char *path = xasprintf("%s/%s/why", all, name), *file = xasprintf("%s/%s/input", all, name);
	size_t size;
	char *why = file_read(path, 65536, &size);

	add_not_judged(out, file, why ? why : "does not repeat");
	free(why);
	free(file);
	free(path);
}

/* Each name of a folder in order. 0, or -errno; a folder that is not there has none. */
static int each(const char *folder, int (*filter)(const struct dirent *),
		void (*fn)(const char *folder, const char *name, struct sweep_result *out),
		struct sweep_result *out)
{
	struct dirent **names;
	int count = scandir(folder, &names, filter, alphasort);

	if (count < 0)
		return errno == ENOENT ? 0 : -errno;
	for (int i = 0; i < count; i++) {
		fn(folder, names[i]->d_name, out);
		free(names[i]);
	}
	free(names);
	return 0;
}

int triage_load(const char *folder, struct sweep_result *out, char *err)
{
	char *all = xasprintf("%s/" NOT_JUDGED, folder), *kernel = xasprintf("%s/kernel", folder);
	size_t size;
	int error = each(folder, is_finding, load_finding, out);

	if (!error)
		error = each(all, is_visible, load_not_judged, out);
	out->kernel = file_read(kernel, 256, &size);
	if (!out->kernel)
		out->kernel = xstrdup("native");
	free(kernel);
	free(all);
	if (!error)
		return 0;
	errno = -error;
	return cannot(folder, err);
}

/* ---- regressions, other folders ---- */

static bool listed(const char *list, const char *name)
{
	FILE *file = fopen(list, "re");
	char line[4096];
	bool found = false;

	while (file && !found && fgets(line, sizeof(line), file))
		found = !strncmp(line, name, strlen(name)) && line[strlen(name)] == ' ';
	if (file)
		fclose(file);
	return found;
}

static int add_line(const char *list, const char *name, const struct finding *finding, char *err)
{
	FILE *file = fopen(list, "ae");
	int error = !file;

	if (file) {
		fprintf(file, "%s clean # %s: %s\n", name, finding_kind_name(finding->kind),
			finding->what);
		error = ferror(file);
		if (fclose(file))
			error = 1;
	}
	return error ? cannot(list, err) : 0;
}

/* 1: it is new there; 0: it was; -1. */
static int regress_one(const char *folder, const char *to, const struct finding *finding, char *err)
{
	char *from = xasprintf("%s/%s/minimised" FUZZ_TEXT_SUFFIX, folder, finding->id);
	bool text = !access(from, F_OK);
	char *name = xasprintf("%s%s", finding->id, text ? FUZZ_TEXT_SUFFIX : "");
	char *path = xasprintf("%s/%s", to, name), *list = xasprintf("%s/list", to);
	int result = 0;

	if (!text)
		from[strlen(from) - strlen(FUZZ_TEXT_SUFFIX)] = 0;
	if (access(path, F_OK))
		result = file_copy(from, path, err) ? -1 : 1;
	if (result >= 0 && !listed(list, name) && add_line(list, name, finding, err))
		result = -1;
	free(list);
	free(path);
	free(name);
	free(from);
	return result;
}

int triage_regress(const char *folder, const char *to, char *err)
{
	struct sweep_result found = {0};
	int count = 0;

	if (triage_load(folder, &found, err))
		return -1;
	if (file_make_directories(to))
		count = cannot(to, err);
	for (unsigned i = 0; i < found.finding_count && count >= 0; i++) {
		int one = regress_one(folder, to, &found.findings[i], err);

		count = one < 0 ? -1 : count + one;
	}
	sweep_result_clear(&found);
	return count;
}

/* 1: copied; 0: it was there; -1. */
static int merge_one(const char *folder, const char *from, const char *name, char *err)
{
	char *there = xasprintf("%s/%s", from, name), *here = xasprintf("%s/%s", folder, name);
	bool known = !access(here, F_OK);
	char *made = known ? NULL : new_folder(folder, err);
	int result = known ? 0 : -1;

	if (made) {
		int error = file_copy_tree(there, made, err);

		result = settle_folder(made, folder, name, error, err) ? -1 : 1;
	}
	free(here);
	free(there);
	return result;
}

static int merge_all(const char *folder, const char *from, int (*filter)(const struct dirent *),
		     char *err)
{
	struct dirent **names;
	int count = scandir(from, &names, filter, alphasort), merged = 0;

	if (count < 0)
		return errno == ENOENT ? 0 : cannot(from, err);
	if (count && file_make_directories(folder))
		merged = cannot(folder, err);
	for (int i = 0; i < count; i++) {
		int one = merged < 0 ? -1 : merge_one(folder, from, names[i]->d_name, err);

		merged = one < 0 ? -1 : merged + one;
		free(names[i]);
	}
	free(names);
	return merged;
}

/* Its notes are taken too: what was looked at there is not looked at here again. */
static int merge_notes(const char *folder, const char *from, char *err)
{
	FILE *notes = open_notes(from, "re");
	struct note note;
	enum triage_verdict verdict = TRIAGE_KNOWN;
	char id[17];
	int error = 0;

	while (notes && !error && next_note(notes, &note)) {
		if (triage_seen(folder, note.hash, &verdict, id) ||
		    !triage_seen(from, note.hash, &verdict, id))
			continue;
		error = triage_note(folder, note.hash, verdict, id, from, err);
	}
	if (notes)
		fclose(notes);
	return error;
}

int triage_merge(const char *folder, const char *from, char *err)
{
	char *here = xasprintf("%s/" NOT_JUDGED, folder),
	     *there = xasprintf("%s/" NOT_JUDGED, from);
	int merged = merge_all(folder, from, is_finding, err);

	if (merged >= 0 && merge_all(here, there, is_visible, err) < 0)
		merged = -1;
	if (merged >= 0 && merge_notes(folder, from, err))
		merged = -1;
	free(there);
	free(here);
	return merged;
}
