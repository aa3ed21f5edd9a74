// SPDX-License-Identifier: GPL-2.0-only
/*
 * The targets for libFuzzer, and for whatever else calls LLVMFuzzerTestOneInput(): `make fuzz-libfuzzer` links this in the
 * place of the command line. --target=NAME chooses (default: allocator), --set=NAME=VALUE is as everywhere; both stand
 * among libFuzzer's own options, which pass over them.
 */
#include "engine.h"

#include <stdlib.h>
#include <string.h>
#include "../../reports/report.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct fuzz_target *target;

__attribute__((noreturn)) static void refuse(const char *sentence, const char *about)
{
	fprintf(stderr, "kfail: %s%s\n", sentence, about);
	exit(2);
}

static const char *value_of(const char *word, const char *option)
{
	size_t n = strlen(option);

	return strncmp(word, option, n) ? NULL : word + n;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const char *name = "allocator", *value;
	struct kf_settings settings;
	const struct fuzz_setup setup = {.settings = &settings};
	char err[FUZZ_ERR];

	kf_settings_default(&settings);
	for (int i = 1; i < *argc; i++) {
		value = value_of((*argv)[i], "--target=");
		name = value ? value : name;
		value = value_of((*argv)[i], "--set=");
		if (value && kf_settings_parse(&settings, value, err))
			refuse("--set: ", err);
	}
	target = fuzz_target_find(name);
	if (!target)
		refuse("there is no target ", name);
	if (fuzz_open(target, &setup, err))
		refuse("", err);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_outcome outcome = {0};

	target->run(data, size, false, &outcome);
	for (unsigned i = 0; i < outcome.count; i++)
		report_finding_text(stderr, &outcome.findings[i], i + 1, false, false);
	if (outcome.count)
		abort();
	fuzz_outcome_clear(&outcome);
	return 0;
}
