// SPDX-License-Identifier: GPL-2.0-only
/*
 * Texts of sources: whole files, edits at byte offsets, diffs (which diff(1) makes).
 */
#include "mutation.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *text_read(const char *path, size_t *length)
{
	FILE *file = fopen(path, "re");
	char *text = NULL;
	size_t size = 0, n = 0, got;

	if (!file)
		return NULL;
	do {
		if (n + 4096 > size)
			text = realloc(text, size = 2 * size + 65536);
		got = fread(text + n, 1, size - n - 1, file);
		n += got;
	} while (got);
	fclose(file);
	text[n] = '\0';
	if (length)
		*length = n;
	return text;
}

bool text_write(const char *path, const char *text, size_t length)
{
	FILE *file = fopen(path, "we");
	bool good = file && fwrite(text, 1, length, file) == length;

	if (file && fclose(file))
		good = false;
	if (!good)
		fprintf(stderr, "mutation: cannot write %s: %m\n", path);
	return good;
}

char *text_format(const char *format, ...)
{
	char *text = NULL;
	va_list arguments;

	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0)
		abort();
	va_end(arguments);
	return text;
}

char *text_program(const char *word)
{
	if (!strncmp(word, "scenarios/", 10))
		return text_format("%s/%s", MUTATION_DIR, word);
	if (!strncmp(word, "real/scenarios/", 15))
		return text_format("%s/../%s", MUTATION_DIR, word);
	return NULL;
}

char *text_replace(const char *text, const char *from, const char *to)
{
	size_t n = 0, step = strlen(from);
	char *out, *end;

	for (const char *at = strstr(text, from); at; at = strstr(at + step, from))
		n++;
	out = end = malloc(strlen(text) + n * strlen(to) + 1);
	for (const char *at; (at = strstr(text, from)); text = at + step) {
		end = mempcpy(end, text, at - text);
		end = stpcpy(end, to);
	}
	strcpy(end, text);
	return out;
}

struct ordered {
	const struct edit *edit;
	unsigned order;
};

/* At one offset, what ends there comes before what begins there: an insertion that closes lies before one that opens. */
static int by_offset(const void *one, const void *other)
{
	const struct ordered *a = one, *b = other;

	if (a->edit->start != b->edit->start)
		return a->edit->start < b->edit->start ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

char *text_edit(const char *text, const struct edit *edits, unsigned count)
{
	struct ordered *order = malloc((count + 1) * sizeof(*order));
	size_t size = strlen(text) + 1;
	unsigned at = 0;
	char *out, *end;

	for (unsigned i = 0; i < count; i++) {
		order[i] = (struct ordered){&edits[i], i};
		size += strlen(edits[i].text);
	}
	qsort(order, count, sizeof(*order), by_offset);
	out = end = malloc(size);
	for (unsigned i = 0; i < count; i++) {
		end = mempcpy(end, text + at, order[i].edit->start - at);
		end = stpcpy(end, order[i].edit->text);
		at = order[i].edit->end;
	}
	strcpy(end, text + at);
	free(order);
	return out;
}

char *text_diff(const struct source *source, const struct mutant *mutant, const char *work)
{
	char *changed = text_edit(source->text, mutant->edits, mutant->edit_count);
	char *path = text_format("%s/diff.%s", work, mutant->key), *command, *diff = NULL;
	size_t size = 0, got;
	FILE *pipe;

	if (!text_write(path, changed, strlen(changed)))
		abort();
	command = text_format("diff -u --label a/%s --label b/%s '%s' '%s'", source->name,
			      source->name, source->path, path);
	pipe = popen(command, "re");
	do {
		diff = realloc(diff, size + 4097);
		got = pipe ? fread(diff + size, 1, 4096, pipe) : 0;
		size += got;
	} while (got);
	diff[size] = '\0';
	if (pipe)
		pclose(pipe);
	remove(path);
	free(path);
	free(command);
	free(changed);
	return diff;
}
