// SPDX-License-Identifier: GPL-2.0-only
/* The lines of a file of entries (see entries.h). */
#include "entries.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *entries_trimmed(char *text)
{
	size_t length;

	text += strspn(text, " \t");
	length = strlen(text);
	while (length && isspace((unsigned char)text[length - 1]))
		text[--length] = '\0';
	return text;
}

int entries_read(const char *path, const char *form,
		 int (*read_entry)(void *arg, char *text, unsigned line, char *why, size_t size),
		 void *arg, char *err)
{
	FILE *file = fopen(path, "re");
	char *text = NULL, why[256];
	size_t size = 0;
	unsigned line = 0;
	int ret = 0;

	while (file && !ret && getline(&text, &size, file) >= 0) {
		char *start = entries_trimmed(text);

		line++;
		if (!*start || *start == '#')
			continue;
		ret = read_entry(arg, start, line, why, sizeof(why));
		if (ret)
			snprintf(err, ENTRIES_ERR, "%s, line %u: %s; an entry is%s", path, line,
				 why, form);
	}
	if (!file || (!ret && ferror(file)))
		ret = snprintf(err, ENTRIES_ERR, "%s cannot be read: %s", path, strerror(errno));
	if (file)
		fclose(file);
	free(text);
	return ret ? -1 : 0;
}
