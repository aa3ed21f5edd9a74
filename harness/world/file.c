// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading files and writing error sentences.
 *
 * Files are read whole into memory rather than mapped: a module that is rebuilt while kfail looks
 * at it then gives an error at worst, never SIGBUS. Only regular files are taken; a pipe or a
 * device is refused with a sentence. Running out of host memory for a string ends the process:
 * there is nothing sensible left to report it with.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "kernel.h"

/* A vmlinux with all its debug information is below 1 GiB; more than this is a mistake. */
#define FILE_MAX_BYTES (4ULL << 30)

void kf_error(char *err, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return;
	va_start(ap, fmt);
	vsnprintf(err, KF_ERR, fmt, ap);
	va_end(ap);
	/* Names come out of files, which may be damaged: a sentence is one line all the same. */
	for (; *err; err++)
		if (iscntrl((unsigned char)*err))
			*err = '?';
}

static void out_of_memory(void)
{
	fputs("kfail: out of memory\n", stderr);
	abort();
}

char *kf_format(const char *fmt, ...)
{
	va_list ap;
	char *s;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&s, fmt, ap);
	va_end(ap);
	if (n < 0)
		out_of_memory();
	return s;
}

void *kf_array(void *old, size_t count, size_t size)
{
	void *p = reallocarray(old, count ? count : 1, size);

	if (!p)
		out_of_memory();
	return p;
}

char *kf_strdup(const char *s)
{
	size_t n = strlen(s) + 1;

	return memcpy(kf_array(NULL, n, 1), s, n);
}

/* Open a regular file; *size is its size now. -1: sentence written. */
static int open_regular(const char *path, uint64_t *size, char *err)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return kf_fail(err, "%s: cannot open: %s", path, strerror(errno));
	if (fstat(fd, &st) < 0) {
		kf_error(err, "%s: cannot stat: %s", path, strerror(errno));
	} else if (S_ISDIR(st.st_mode)) {
		kf_error(err, "%s: is a directory, not a file", path);
	} else if (!S_ISREG(st.st_mode)) {
		kf_error(err, "%s: is not a regular file", path);
	} else if ((uint64_t)st.st_size > FILE_MAX_BYTES) {
		kf_error(err, "%s: %lld bytes are too many for a kernel or a module", path,
			 (long long)st.st_size);
	} else {
		*size = (uint64_t)st.st_size;
		return fd;
	}
	close(fd);
	return -1;
}

/* Read until `size` bytes or the end of the file; the number read, or -1. */
static ssize_t read_all(int fd, uint8_t *data, size_t size)
{
	size_t done = 0;
	ssize_t n;

	while (done < size) {
		n = read(fd, data + done, size - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (!n)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

int kf_read_file(const char *path, struct blob *out, char *err)
{
	uint64_t size;
	ssize_t n;
	int fd = open_regular(path, &size, err);

	memset(out, 0, sizeof(*out));
	if (fd < 0)
		return -1;
	out->data = malloc(size ? size : 1);
	n = out->data ? read_all(fd, out->data, size) : -1;
	close(fd);
	if (n < 0) {
		free(out->data);
		out->data = NULL;
		return kf_fail(err, "%s: cannot read: %s", path, strerror(errno));
	}
	out->size = (size_t)n;
	return 0;
}

long kf_read_head(const char *path, void *data, size_t size)
{
	ssize_t n;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return -1;
	n = read_all(fd, data, size);
	close(fd);
	return n;
}

char *kf_read_text(const char *path)
{
	struct blob blob;
	char *s;

	if (kf_read_file(path, &blob, NULL))
		return NULL;
	s = kf_array(NULL, blob.size + 1, 1);
	memcpy(s, blob.data, blob.size);
	s[blob.size] = '\0';
	if (blob.size && s[blob.size - 1] == '\n')
		s[blob.size - 1] = '\0';
	free(blob.data);
	return s;
}
