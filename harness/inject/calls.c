// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of calls that can fail, and how each of them does. Data: calls-6.1.def, a line per function, for kernels of
 * the series that kernel mode follows; native mode offers a part of the same names. A name is looked for as the symbol
 * that a module imports and as the word that its author wrote: request_irq() is an inline function of a header, and what
 * a .ko has in its place is request_threaded_irq; a driver of native mode may import either.
 *
 * tests/kernel/calls.c holds the table against a kernel: the functions are there, and what they return has the type that
 * `how` says.
 */
#include "calls.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct call_entry table[] = {
#define CALL(group_, function_, how_, errors_, ...) \
	{.group = #group_,                          \
	 .function = #function_,                    \
	 .how = CALL_##how_,                        \
	 .errors = errors_,                         \
	 ##__VA_ARGS__},
#include "calls-6.1.def"
#undef CALL
};

#define TABLE_COUNT (sizeof(table) / sizeof(table[0]))

_Static_assert(TABLE_COUNT <= CALLS_MAX, "a stub for each");

const struct call_entry *calls_table(unsigned i)
{
	return i < TABLE_COUNT ? &table[i] : NULL;
}

const struct call_entry *calls_lookup(const char *name)
{
	for (unsigned i = 0; i < TABLE_COUNT; i++)
		if (!strcmp(table[i].function, name))
			return &table[i];
	for (unsigned i = 0; i < TABLE_COUNT; i++)
		if (table[i].source && !strcmp(table[i].source, name))
			return &table[i];
	return NULL;
}

enum capability call_capability(const struct call_entry *call)
{
	return strcmp(call->group, "usercopy") ? FAIL_FUNCTION : FAIL_USERCOPY;
}

static bool by_errno(enum call_failure how)
{
	return how == CALL_ERRNO || how == CALL_ERR_PTR || how == CALL_GET_USER ||
	       how == CALL_PUT_USER;
}

const char *call_failure_text(const struct call_entry *call, char *buf, size_t size)
{
	static const char *const fixed[CALL_NR_FAILURES] = {
		[CALL_NULL] = "NULL",
		[CALL_FALSE] = "false",
		[CALL_TRUE] = "true",
		[CALL_ZERO] = "0",
		[CALL_REST] = "all that was to be done",
		[CALL_ONES] = "DMA_MAPPING_ERROR",
	};
	const char *open = call->how == CALL_ERR_PTR ? "ERR_PTR(-" : "-";
	const char *close = call->how == CALL_ERR_PTR ? ")" : "", *error = call->errors;
	size_t used = 0;

	if (!by_errno(call->how)) {
		snprintf(buf, size, "%s", fixed[call->how]);
		return buf;
	}
	for (buf[0] = '\0'; *error && used < size; error += strspn(error, " ")) {
		int length = (int)strcspn(error, " ");

		used += (size_t)snprintf(buf + used, size - used, "%s%s%.*s%s", used ? ", " : "",
					 open, length, error, close);
		error += length;
	}
	return buf;
}

static void errno_text(int64_t error, char *buf, size_t size)
{
	const char *name = strerrorname_np((int)-error);

	/* What only the kernel returns. */
	if (error == -512)
		name = "ERESTARTSYS";
	if (error == -517)
		name = "EPROBE_DEFER";
	if (error == -524)
		name = "ENOTSUPP";
	if (name)
		snprintf(buf, size, "-%s", name);
	else
		snprintf(buf, size, "%lld", (long long)error);
}

const char *call_point_text(const struct call_point *point, char *buf, size_t size)
{
	char error[32];

	if (!by_errno(point->call->how))
		return call_failure_text(point->call, buf, size);
	errno_text(point->returns, error, sizeof(error));
	if (point->call->how == CALL_ERR_PTR)
		snprintf(buf, size, "ERR_PTR(%s)", error);
	else
		snprintf(buf, size, "%s", error);
	return buf;
}
