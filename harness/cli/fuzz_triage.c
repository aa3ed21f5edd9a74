// SPDX-License-Identifier: GPL-2.0-only
/*
 * kfail fuzz --triage: inputs that a fuzzer kept become findings in a folder (../../fuzz/triage).
 * What campaigns run in a process of its own, and what people run on a crash that came from
 * anywhere. And --shrink: inputs of a corpus become smaller.
 */
#include "cli.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../../fuzz/triage/shrink.h"
#include "../../fuzz/triage/triage.h"
#include "../trace/sanitized.h"
#include "../trace/util.h"

/* The program that shows a finding again: only this one does if it is built with a sanitizer.
 * malloc()ed. */
static char *program(void)
{
	char path[4096];
	ssize_t n = WITH_ASAN ? readlink("/proc/self/exe", path, sizeof(path) - 1) : -1;

	if (n < 0)
		return xstrdup("kfail");
	path[n] = 0;
	return cli_quote(path);
}

static char *replay_line(const char *file, void *arg)
{
	char *kfail = program(), *words = cli_fuzz_replay_words(arg, file);
	char *line = xasprintf("%s %s", kfail, words);

	free(words);
	free(kfail);
	return line;
}

/* Of what AFL++ kept only crashes have to be more than slow. */
static bool may_be_clean(const char *file)
{
	return !strstr(file, "/crashes");
}

int cli_fuzz_triage(const struct cli *cli, const struct fuzz_target *target)
{
	unsigned counts[TRIAGE_UNREADABLE + 1] = {0};
	struct triage triage = {
		.target = target,
		.folder = cli->fuzz.out,
		.replay_line = replay_line,
		.arg = (void *)cli,
		.timeout_ms = cli->timeout_ms,
		.kernel = cli->fuzz.driver ? cli->fuzz.driver->kernel : "native",
	};

	for (unsigned i = 0; i < cli->file_count; i++) {
		const char *file = cli->files[i];
		struct triage_result result;
		char err[FUZZ_ERR];

		if (triage_input(&triage, file, may_be_clean(file), &result, err))
			return cli_complain("%s", err), STATUS_FAILED;
		counts[result.verdict]++;
		printf("%s: %s%s%s: %s\n", file, triage_verdict_name(result.verdict),
		       result.id[0] ? " " : "", result.id, result.sentence);
		fflush(stdout);
		free(result.sentence);
	}
	if (counts[TRIAGE_UNREADABLE])
		return STATUS_USAGE;
	if (counts[TRIAGE_NEW] || counts[TRIAGE_KNOWN])
		return STATUS_FINDINGS;
	return counts[TRIAGE_NOT_REPEATED] ? STATUS_NOT_JUDGED : STATUS_CLEAN;
}

static void told(const char *file, size_t before, size_t after)
{
	if (after)
		printf("%s: %zu bytes became %zu\n", file, before, after);
	else
		printf("%s: left out, it is not clean\n", file);
}

int cli_fuzz_shrink(const struct cli *cli, const struct fuzz_target *target)
{
	char err[FUZZ_ERR];

	if (!shrink_can())
		return cli_complain(
			"--shrink wants a build for AFL++ (`make fuzz-targets`): this one "
			"does not count coverage");
	if (!shrink_files(target, cli->files, cli->file_count, cli->fuzz.out, told, err))
		return STATUS_CLEAN;
	return cli_complain("%s", err), STATUS_FAILED;
}
