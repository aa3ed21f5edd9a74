// SPDX-License-Identifier: GPL-2.0-only
/* Inputs of the parsers' targets as text and as a file, and what is expected of a sentence. */
#include "parsers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "../../harness/trace/util.h"

static int file = -1;

int parsers_open(const struct fuzz_setup *setup, char *err)
{
	file = memfd_create("input", MFD_CLOEXEC);
	if (file >= 0)
		return 0;
	snprintf(err, FUZZ_ERR, "a file for inputs cannot be made: %s", strerror(errno));
	return -1;
}

char *parsers_text(const uint8_t *data, size_t size)
{
	char *text = xmalloc(size + 1);

	memcpy(text, data, size);
	text[size] = 0;
	return text;
}

const char *parsers_file(const uint8_t *data, size_t size)
{
	static char path[32];

	if (ftruncate(file, 0) || pwrite(file, data, size, 0) != (ssize_t)size) {
		fprintf(stderr, "kfail: the file for inputs: %s\n", strerror(errno));
		_exit(4);
	}
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	return path;
}

/* What is wrong is quoted as it is; what stands around it is one line. */
void parsers_judge(struct fuzz_outcome *out, const char *what, const char *err)
{
	if (!*err || strchr(err, '\n'))
		fuzz_found(out, FINDING_CHECK, "%s refused, and no sentence in one line says why",
			   what);
}
