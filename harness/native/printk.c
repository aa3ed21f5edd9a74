// SPDX-License-Identifier: GPL-2.0-only
/*
 * The log. A message may hold several lines, or only a part of one: a line goes to the judges when
 * its newline comes, or when a new message (without KERN_CONT) or the end of the operation closes
 * it. Levels are dropped.
 */
#include "world.h"

#include "include/linux/ctype.h"
#include "include/linux/printk.h"
#include "include/linux/string.h"

void native_flush_log(void)
{
	if (!native_state.line_length)
		return;
	native_state.line[native_state.line_length] = '\0';
	native_state.line_length = 0;
	judge_log(native_state.line);
}

static void log_char(char c)
{
	if (c == '\n') {
		native_flush_log();
		return;
	}
	if (native_state.line_length == NATIVE_LINE_MAX - 1)
		return;
	native_state.line[native_state.line_length++] = c;
}

static const char *skip_level(const char *text, bool *cont)
{
	while (text[0] == KERN_SOH[0] && text[1]) {
		*cont = text[1] == 'c';
		text += 2;
	}
	return text;
}

NATIVE_API int vprintk(const char *fmt, va_list args)
{
	char text[1024];
	bool cont = false;
	int n;

	native_enter();
	n = vscnprintf(text, sizeof(text), fmt, args);
	fmt = skip_level(text, &cont);
	if (!cont)
		native_flush_log();
	while (*fmt)
		log_char(*fmt++);
	return n;
}

NATIVE_API int _printk(const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vprintk(fmt, args);
	va_end(args);
	return n;
}

NATIVE_API void dump_stack(void)
{
	native_enter();
	judge_log("(dump_stack)");
}

NATIVE_API void print_hex_dump(const char *level, const char *prefix_str, int prefix_type,
			       int rowsize, int groupsize, const void *buf, size_t len, bool ascii)
{
	const u8 *bytes = buf;

	if (rowsize != 16 && rowsize != 32)
		rowsize = 16;
	for (size_t i = 0; i < len; i += rowsize) {
		char row[32 * 3 + 34];
		int n = 0, count = (int)min((size_t)rowsize, len - i);

		for (int j = 0; j < count; j++)
			n += scnprintf(row + n, sizeof(row) - n, "%02x ", bytes[i + j]);
		for (int j = 0; ascii && j < count; j++)
			row[n++] = isprint(bytes[i + j]) ? (char)bytes[i + j] : '.';
		row[n] = '\0';
		if (prefix_type == DUMP_PREFIX_OFFSET)
			_printk("%s%s%.8zx: %s\n", level, prefix_str, i, row);
		else if (prefix_type == DUMP_PREFIX_ADDRESS)
			_printk("%s%s%p: %s\n", level, prefix_str, bytes + i, row);
		else
			_printk("%s%s%s\n", level, prefix_str, row);
	}
}
