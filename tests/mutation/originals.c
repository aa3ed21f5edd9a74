// SPDX-License-Identifier: GPL-2.0-only
/*
 * Findings on an unchanged driver. Each is a bug of that driver, which a file explains, or it is a defect of kfail: what no line
 * explains is an error.
 *
 * A line begins with DRIVER KIND WHERE FUNCTION, as in tests/mutation/originals and in tests/real/expected: it explains findings of
 * that kind which have that function in one of their stacks ("-": any finding of the kind). WHERE is for people.
 */
#include "mutation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool has_word(const char *list, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = strstr(list, word); at; at = strstr(at + 1, word))
		if ((at == list || at[-1] == ' ') && (at[length] == ' ' || !at[length]))
			return true;
	return false;
}

static bool line_explains(char *line, const char *driver, const char *kind, const char *functions)
{
	char *rest = NULL, *name = strtok_r(line, " \t\n", &rest), *word, *function;

	if (!name || *name == '#' || strcmp(name, driver))
		return false;
	word = strtok_r(NULL, " \t\n", &rest);
	if (!word || strcmp(word, kind))
		return false;
	/* WHERE may be a list: "init, attach". */
	do
		word = strtok_r(NULL, " \t\n", &rest);
	while (word && word[strlen(word) - 1] == ',');
	function = strtok_r(NULL, " \t\n", &rest);
	return function && (!strcmp(function, "-") || has_word(functions, function));
}

static bool file_explains(const char *path, const char *driver, const char *kind,
			  const char *functions)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t size = 0;
	bool explained = false;

	if (!file)
		fprintf(stderr, "mutation: cannot read %s: %m\n", path);
	while (file && !explained && getline(&line, &size, file) > 0)
		explained = line_explains(line, driver, kind, functions);
	free(line);
	if (file)
		fclose(file);
	return explained;
}

bool originals_explain(const struct driver *driver, const struct findings *findings,
		       const char *const *paths)
{
	bool all = true;

	for (unsigned i = 0; i < findings->count; i++) {
		bool explained = false;

		for (unsigned k = 0; paths[k] && !explained; k++)
			explained = file_explains(paths[k], driver->name, findings->kinds[i],
						  findings->functions[i]);
		if (!explained)
			fprintf(stderr,
				"mutation: the original of %s has a finding that %s does not "
				"explain: %s\n",
				driver->name, paths[0], findings->told[i]);
		all = all && explained;
	}
	return all;
}
