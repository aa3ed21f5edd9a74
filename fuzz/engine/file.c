// SPDX-License-Identifier: GPL-2.0-only
/*
 * Inputs as files: their bytes as they are, or in the text form of the target, which is known by the file's suffix.
 */
#include "engine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "../../harness/trace/util.h"

#define TEXT_MAX (16u << 20) /* bytes of a text: many times what the longest input prints as */

bool fuzz_is_text(const char *path)
{
	size_t n = strlen(path), m = strlen(FUZZ_TEXT_SUFFIX);

	return n > m && !strcmp(path + n - m, FUZZ_TEXT_SUFFIX);
}

/* At most `max` bytes of a file, and a NUL behind them. NULL, with errno. */
static char *read_file(const char *path, size_t max, size_t *size)
{
	FILE *file = fopen(path, "rbe");
	struct stat st;
	char *bytes;

	if (!file)
		return NULL;
	if (!fstat(fileno(file), &st) && S_ISDIR(st.st_mode)) {
		fclose(file);
		errno = EISDIR;
		return NULL;
	}
	bytes = xmalloc(max + 1);
	*size = fread(bytes, 1, max, file);
	bytes[*size] = 0;
	if (ferror(file)) {
		free(bytes);
		bytes = NULL;
	}
	fclose(file);
	return bytes;
}

static uint8_t *assemble(const struct fuzz_target *target, const char *path, const char *text,
			 size_t *size, char *err)
{
	struct fuzz_syntax wrong;
	uint8_t *data = xmalloc(FUZZ_INPUT_MAX);

	if (!target->assemble(text, data, FUZZ_INPUT_MAX, size, &wrong))
		return data;
	snprintf(err, FUZZ_ERR, "%.200s:%u:%u: %.250s", path, wrong.line, wrong.column, wrong.what);
	free(data);
	return NULL;
}

uint8_t *fuzz_load(const struct fuzz_target *target, const char *path, size_t *size, char *err)
{
	bool text = target->assemble && fuzz_is_text(path);
	char *bytes = read_file(path, text ? TEXT_MAX : FUZZ_INPUT_MAX, size);
	uint8_t *data;

	if (!bytes) {
		snprintf(err, FUZZ_ERR, "%.200s: %s", path, strerror(errno));
		return NULL;
	}
	if (!text)
		return (uint8_t *)bytes;
	data = assemble(target, path, bytes, size, err);
	free(bytes);
	return data;
}
