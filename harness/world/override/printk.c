// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's log goes to the host line by line, formatted by the kernel's own vsnprintf; panic
 * ends the world. kernel/printk/printk.c, kernel/panic.c, lib/dump_stack.c.
 */
#include <linux/printk.h>
#include <linux/kernel.h>
#include <linux/kern_levels.h>
#include <linux/console.h>
#include <linux/panic.h>
#include <linux/refcount.h>
#include "host.h"

struct dev_printk_info;

asmlinkage int vprintk_emit(int facility, int level, const struct dev_printk_info *info,
			    const char *fmt, va_list args)
{
	char line[1024], *text = line;
	va_list copy;
	int n;

	va_copy(copy, args);
	n = vscnprintf(line, sizeof(line), fmt, copy);
	va_end(copy);
	while (n >= 2 && text[0] == KERN_SOH_ASCII) {
		if (text[1] >= '0' && text[1] <= '7')
			level = text[1] - '0';
		text += 2;
		n -= 2;
	}
	host_log(level, text, n);
	return n;
}

int vprintk_store(int facility, int level, const struct dev_printk_info *info, const char *fmt,
		  va_list args)
{
	return vprintk_emit(facility, level, info, fmt, args);
}

int vprintk_deferred(const char *fmt, va_list args)
{
	return vprintk_emit(0, -1, NULL, fmt, args);
}

void console_lock(void)
{
}

void console_unlock(void)
{
}

int console_trylock(void)
{
	return 1;
}

void defer_console_output(void)
{
}

void panic(const char *fmt, ...)
{
	char text[256];
	va_list args;
	int n;

	n = scnprintf(text, sizeof(text), "panic: ");
	va_start(args, fmt);
	vscnprintf(text + n, sizeof(text) - n, fmt, args);
	va_end(args);
	end_world(KF_END_BUG, text);
}

/* Stacks are the judges' business. */
void dump_stack(void)
{
}

void dump_stack_lvl(const char *level)
{
}

void add_taint(unsigned int flag, enum lockdep_ok ok)
{
}

void refcount_warn_saturate(refcount_t *r, enum refcount_saturation_type type)
{
	static const char *const what[] = {
		[REFCOUNT_ADD_NOT_ZERO_OVF] = "refcount_t: saturated; leaking memory",
		[REFCOUNT_ADD_OVF] = "refcount_t: saturated; leaking memory",
		[REFCOUNT_ADD_UAF] = "refcount_t: addition on 0; use-after-free",
		[REFCOUNT_SUB_UAF] = "refcount_t: underflow; use-after-free",
		[REFCOUNT_DEC_LEAK] = "refcount_t: decrement hit 0; leaking memory",
	};

	refcount_set(r, REFCOUNT_SATURATED);
	host_warning(type < ARRAY_SIZE(what) ? what[type] : "refcount_t: unknown saturation event");
}
