// SPDX-License-Identifier: GPL-2.0-only
/*
 * One input, from the file that a fuzzer kept to its verdict:
 *
 *	run `repeat` times, each in a child of its own (engine/run.c)
 *		always clean, kept as a hang		clean: the machine was busy
 *		not always the same id			not judged, and kept
 *	its id is in the folder				known
 *	otherwise					made smaller (minimise.c), the oracle being the same id; kept
 *
 * The oracle looks at the finding that comes first, as a fuzzer does. All verdicts are of the
 * careful kind, which also looks at what is too slow to be looked at after each of millions of
 * inputs.
 */
#include "triage.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "files.h"
#include "minimise.h"
#include "../../harness/trace/util.h"

#define TIMEOUT_MS 2000u
#define REPEAT	   3u
#define EXECUTIONS 4000u
#define SECONDS	   60u
#define HANG_SHARE 4u /* of the time of an input, while a hang is made smaller */

/* What runs of one input came to. */
struct seen {
	struct finding *finding; /* the first one of the first run that had one; NULL: none */
	char *not_judged, *unreadable;
	unsigned runs, shown, same; /* with a finding; with that finding */
};

static void forget(struct seen *seen)
{
	if (seen->finding)
		finding_clear(seen->finding);
	free(seen->finding);
	free(seen->not_judged);
	free(seen->unreadable);
}

static struct finding *copy(const struct finding *finding)
{
	struct finding *made = xcalloc(1, sizeof(*made));
	char *json = finding_to_json(finding);

	if (finding_from_json(json, made))
		*made = (struct finding){.kind = finding->kind, .what = xstrdup(finding->what)};
	free(json);
	finding_set_id(made);
	finding_set_group(made);
	return made;
}

static void look(const char *file, const struct fuzz_outcome *outcome, const char *err, void *arg)
{
	struct seen *seen = arg;
	struct finding *finding;

	seen->runs++;
	if (!outcome) {
		seen->unreadable = seen->unreadable ? seen->unreadable : xstrdup(err);
		return;
	}
	if (outcome->not_judged && !seen->not_judged)
		seen->not_judged = xstrdup(outcome->not_judged);
	if (!outcome->count)
		return;
	seen->shown++;
	finding = copy(&outcome->findings[0]);
	if (!seen->finding) {
		seen->finding = finding;
		seen->same++;
		return;
	}
	seen->same += !strcmp(finding->id, seen->finding->id);
	finding_clear(finding);
	free(finding);
}

/* Bytes as a file that is nowhere: its path, and the descriptor to close. -1: errno. */
static int as_file(const uint8_t *data, size_t size, char path[32])
{
	int fd = memfd_create("input", MFD_CLOEXEC);

	if (fd >= 0 && write(fd, data, size) != (ssize_t)size) {
		close(fd);
		fd = -1;
	}
	snprintf(path, 32, "/proc/self/fd/%d", fd);
	return fd;
}

static unsigned timeout_of(const struct triage *triage)
{
	return triage->timeout_ms ? triage->timeout_ms : TIMEOUT_MS;
}

/* Each run in a process of its own: whatever one of them spoils is not there for the next. */
static int run(const struct triage *triage, const uint8_t *data, size_t size, unsigned times,
	       struct seen *seen)
{
	const struct fuzz_run_options options = {
		.timeout_ms = timeout_of(triage),
		.careful = true,
	};
	char path[32], *files[] = {path};
	int fd = as_file(data, size, path), error = fd < 0 ? -errno : 0;

	for (unsigned i = 0; i < times && !error; i++)
		error = fuzz_run_files(triage->target, &options, files, 1, look, seen);
	if (fd >= 0)
		close(fd);
	return error;
}

/* ---- smaller ---- */

struct wanted {
	const struct triage *triage;
	const char *id;
	time_t deadline;
};

static time_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

static bool shows(const uint8_t *data, size_t size, void *arg)
{
	const struct wanted *wanted = arg;
	struct seen seen = {0};
	bool same;

	if (now() >= wanted->deadline || run(wanted->triage, data, size, 1, &seen))
		return false;
	same = seen.finding && !strcmp(seen.finding->id, wanted->id);
	forget(&seen);
	return same;
}

/* The smallest input that shows the same, malloc()ed. */
static uint8_t *minimise(const struct triage *triage, const struct finding *first,
			 const uint8_t *data, size_t *size)
{
	struct triage quick = *triage;
	struct fuzz_form form = fuzz_form_of(triage->target);
	struct wanted wanted = {
		.triage = &quick,
		.id = first->id,
		.deadline = now() + (time_t)(triage->seconds ? triage->seconds : SECONDS),
	};
	struct fuzz_oracle oracle = {
		.shows = shows,
		.arg = &wanted,
		.left = triage->executions ? triage->executions : EXECUTIONS,
	};
	uint8_t *smaller = xmalloc(FUZZ_INPUT_MAX);

	/* Each candidate that hangs takes all the time that it has. */
	if (first->kind == FINDING_HANG)
		quick.timeout_ms = timeout_of(triage) / HANG_SHARE + 1;
	memcpy(smaller, data, *size);
	*size = fuzz_minimise(&form, smaller, *size, &oracle);
	return smaller;
}

/* ---- verdicts ---- */

static bool is_there(const struct triage *triage, const char *id)
{
	char *path = xasprintf("%s/%s/finding.json", triage->folder, id);
	bool there = !access(path, F_OK);

	free(path);
	return there;
}

/* The finding as its smallest input shows it: points have other numbers there. */
static int keep(const struct triage *triage, const struct finding *first, const uint8_t *data,
		size_t size, char *err)
{
	struct triage_kept inputs = {.input = data, .input_size = size, .minimised_size = size};
	uint8_t *smaller = minimise(triage, first, data, &inputs.minimised_size);
	struct seen seen = {0};
	bool same;
	int error;

	inputs.minimised = smaller;
	same = !run(triage, smaller, inputs.minimised_size, 1, &seen) && seen.finding &&
	       !strcmp(seen.finding->id, first->id);
	error = triage_keep(triage, same ? seen.finding : first, &inputs, err);
	forget(&seen);
	free(smaller);
	return error;
}

static char *why_not_judged(const struct seen *seen)
{
	if (!seen->shown && seen->not_judged)
		return xstrdup(seen->not_judged);
	if (!seen->shown)
		return xasprintf("does not repeat: clean in all of %u runs on its own", seen->runs);
	if (seen->same < seen->shown)
		return xasprintf(
			"does not repeat: not the same finding in each of %u runs; one was: %s",
			seen->runs, seen->finding->what);
	return xasprintf("does not repeat: in %u of %u runs: %s", seen->shown, seen->runs,
			 seen->finding->what);
}

static int not_judged(const struct triage *triage, const char *hash, const struct seen *seen,
		      const uint8_t *data, size_t size, struct triage_result *out, char *err)
{
	out->verdict = TRIAGE_NOT_REPEATED;
	out->sentence = why_not_judged(seen);
	return triage_keep_not_judged(triage, hash, data, size, out->sentence, err);
}

static int judge(const struct triage *triage, const char *hash, const struct seen *seen,
		 bool may_be_clean, const uint8_t *data, size_t size, struct triage_result *out,
		 char *err)
{
	if (may_be_clean && !seen->shown && !seen->not_judged) {
		out->verdict = TRIAGE_CLEAN;
		out->sentence = xstrdup("nothing is wrong when it runs alone");
		return 0;
	}
	if (!seen->shown || seen->same < seen->runs)
		return not_judged(triage, hash, seen, data, size, out, err);
	snprintf(out->id, sizeof(out->id), "%s", seen->finding->id);
	out->sentence =
		xasprintf("%s: %s", finding_kind_name(seen->finding->kind), seen->finding->what);
	out->verdict = is_there(triage, out->id) ? TRIAGE_KNOWN : TRIAGE_NEW;
	return out->verdict == TRIAGE_NEW ? keep(triage, seen->finding, data, size, err) : 0;
}

static int triage_bytes(const struct triage *triage, const char *file, bool may_be_clean,
			const uint8_t *data, size_t size, struct triage_result *out, char *err)
{
	struct seen seen = {0};
	char hash[TRIAGE_HASH];
	int error;

	triage_hash(data, size, hash);
	out->seen = triage_seen(triage->folder, hash, &out->verdict, out->id) &&
		    out->verdict != TRIAGE_NOT_REPEATED;
	if (out->seen) {
		out->sentence = xstrdup("the same bytes were looked at before");
		return 0;
	}
	out->id[0] = 0;
	error = run(triage, data, size, triage->repeat ? triage->repeat : REPEAT, &seen);
	if (error) {
		snprintf(err, FUZZ_ERR, "inputs cannot be run: %s", strerror(-error));
		return -1;
	}
	error = judge(triage, hash, &seen, may_be_clean, data, size, out, err);
	if (!error && out->verdict != TRIAGE_NOT_REPEATED)
		triage_forget_not_judged(triage->folder, hash);
	if (!error)
		error = triage_note(triage->folder, hash, out->verdict, out->id, file, err);
	forget(&seen);
	return error;
}

static int make_folder(const struct triage *triage, char *err)
{
	char *path = xasprintf("%s/kernel", triage->folder);
	int error = 0;

	if (mkdir(triage->folder, 0777) && errno != EEXIST) {
		snprintf(err, FUZZ_ERR, "%.300s: %s", triage->folder, strerror(errno));
		error = -1;
	} else if (triage->kernel && access(path, F_OK)) {
		error = file_write(path, triage->kernel, strlen(triage->kernel), err);
	}
	free(path);
	return error;
}

int triage_input(const struct triage *triage, const char *file, bool may_be_clean,
		 struct triage_result *out, char *err)
{
	char why[FUZZ_ERR];
	uint8_t *data;
	size_t size;
	int error;

	*out = (struct triage_result){.verdict = TRIAGE_UNREADABLE};
	if (make_folder(triage, err))
		return -1;
	data = fuzz_load(triage->target, file, &size, why);
	if (!data) {
		out->sentence = xstrdup(why);
		return 0;
	}
	error = triage_bytes(triage, file, may_be_clean, data, size, out, err);
	free(data);
	return error;
}
