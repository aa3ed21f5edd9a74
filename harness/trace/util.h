/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Host memory that cannot fail: reports are written at the worst of times, and a half-named stack
 * is worse than a clear end. When the host has no memory left, these say so in one sentence and end
 * the process with status 4 ("kfail itself failed"). All inline, so that libkfail.a brings no such
 * common names into a program that links it.
 */
#ifndef KFAIL_TRACE_UTIL_H
#define KFAIL_TRACE_UTIL_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

__attribute__((noreturn, cold)) static inline void out_of_host_memory(size_t size)
{
	fprintf(stderr, "kfail: out of host memory (a request of %zu bytes was refused)\n", size);
	_exit(4);
}

static inline void *xrealloc(void *old, size_t size)
{
	void *p = realloc(old, size ? size : 1);

	if (!p)
		out_of_host_memory(size);
	return p;
}

static inline void *xmalloc(size_t size)
{
	return xrealloc(NULL, size);
}

static inline void *xcalloc(size_t count, size_t size)
{
	void *p = calloc(count ? count : 1, size ? size : 1);

	if (!p)
		out_of_host_memory(count * size);
	return p;
}

/* Room for `count` elements of `size` bytes; for arrays that grow. */
static inline void *xreallocarray(void *old, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes))
		out_of_host_memory(SIZE_MAX);
	return xrealloc(old, bytes);
}

static inline char *xstrdup(const char *text)
{
	size_t size = strlen(text) + 1;

	return memcpy(xmalloc(size), text, size);
}

/* NULL stays NULL: for fields that may be absent. */
static inline char *xstrdup_or_null(const char *text)
{
	return text ? xstrdup(text) : NULL;
}

__attribute__((format(printf, 1, 2))) static inline char *xasprintf(const char *format, ...)
{
	va_list args;
	char *text;
	int n;

	va_start(args, format);
	n = vasprintf(&text, format, args);
	va_end(args);
	if (n < 0)
		out_of_host_memory(strlen(format));
	return text;
}

#endif
