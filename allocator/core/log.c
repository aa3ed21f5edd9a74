// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lines of the kernel's log, and the pieces that its reports are made of: bytes as lib/hexdump.c of 6.1 prints them,
 * the stack as dump_stack() does, the taint. Nothing is prepared when nobody reads the log. Pointers are not hashed, as
 * with no_hash_pointers.
 */
#include <stdarg.h>
#include <stdio.h>

#include "state.h"

void kf_log(int level, const char *form, ...)
{
	char line[768];
	va_list args;

	if (!kf_logging())
		return;
	va_start(args, form);
	vsnprintf(line, sizeof(line), form, args);
	va_end(args);
	kf_hooks.log(level, line);
}

/* print_tainted(): a letter for each taint in the kernel's order, blank where not set. Only B is ours. */
const char *kf_taint_text(void)
{
	return kf_state()->slab.tainted ? "Tainted: G    B             " : "Not tainted";
}

static void hex_line(int level, const char *prefix, const u8 *p, size_t n)
{
	char line[160];
	size_t used = 0;

	for (size_t i = 0; i < n; i++)
		used += (size_t)snprintf(line + used, sizeof(line) - used, "%02x ", p[i]);
	/* The text column of rows of 16 bytes. */
	used += (size_t)snprintf(line + used, sizeof(line) - used, "%*s", (int)(49 - used), "");
	for (size_t i = 0; i < n; i++)
		line[used++] = (char)(p[i] >= ' ' && p[i] <= '~' ? p[i] : '.');
	line[used] = 0;
	kf_log(level, "%s%016llx: %s", prefix, (unsigned long long)(uintptr_t)p, line);
}

void kf_hex_dump(int level, const char *prefix, const void *start, size_t n)
{
	for (size_t i = 0; i < n; i += 16)
		hex_line(level, prefix, (const u8 *)start + i, n - i < 16 ? n - i : 16);
}

static void stack_line(const char *frame, void *level)
{
	kf_log(*(const int *)level, "  %s", frame);
}

void kf_dump_stack(int level)
{
	unsigned cpu = kf_cpu();
	struct kf_whence whence;

	if (!kf_logging())
		return;
	kf_hooks.whence(&whence);
	kf_log(level, "CPU: %u PID: %d Comm: %.16s %s", cpu == KF_NO_CPU ? 0 : cpu, whence.pid,
	       whence.comm, kf_taint_text());
	kf_log(level, "Call Trace:");
	kf_log(level, " <TASK>");
	kf_hooks.describe(KF_TAG_HERE, stack_line, &level);
	kf_log(level, " </TASK>");
}
