// SPDX-License-Identifier: GPL-2.0-only
/*
 * What of a command line goes into the store: words as text, and hashes instead of files.
 */
#include "store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>
#include "../trace/util.h"

/* A line for each word; a newline or backslash in it stands behind a backslash. Words are bytes, not always UTF-8. */
char *store_words(char *const *words, unsigned count)
{
	size_t size = 1;
	char *text, *to;

	for (unsigned i = 0; i < count; i++)
		size += 2 * strlen(words[i]) + 1;
	text = to = xmalloc(size);
	for (unsigned i = 0; i < count; i++) {
		for (const char *from = words[i]; *from; from++) {
			if (*from == '\\' || *from == '\n')
				*to++ = '\\';
			*to++ = *from;
		}
		*to++ = '\n';
	}
	*to = '\0';
	return text;
}

char **store_words_split(const char *text, unsigned *count)
{
	char **words = xcalloc(strlen(text) + 1, sizeof(*words));
	char *word = xmalloc(strlen(text) + 1), *to = word;

	*count = 0;
	for (; *text; text++) {
		if (*text == '\n') {
			*to = '\0';
			words[(*count)++] = xstrdup(word);
			to = word;
			continue;
		}
		if (*text == '\\' && text[1])
			text++;
		*to++ = *text;
	}
	free(word);
	return words;
}

static int hash_file(XXH3_state_t *state, const char *path)
{
	FILE *in = fopen(path, "rb");
	char buffer[65536];
	size_t n;
	int error;

	if (!in)
		return -errno;
	errno = 0;
	while ((n = fread(buffer, 1, sizeof(buffer), in)) > 0)
		XXH3_128bits_update(state, buffer, n);
	error = ferror(in) ? errno ? errno : EIO : 0;
	fclose(in);
	return -error;
}

int store_hash_files(char *const *files, unsigned count, char out[STORE_HASH], unsigned *which)
{
	XXH3_state_t *state = XXH3_createState();
	XXH128_hash_t hash;
	int ret = 0;

	if (!state)
		out_of_host_memory(0);
	XXH3_128bits_reset(state);
	for (*which = 0; *which < count; ++*which) {
		ret = hash_file(state, files[*which]);
		if (ret)
			break;
	}
	hash = XXH3_128bits_digest(state);
	XXH3_freeState(state);
	snprintf(out, STORE_HASH, "%016llx%016llx", (unsigned long long)hash.high64,
		 (unsigned long long)hash.low64);
	return ret;
}
