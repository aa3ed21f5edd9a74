// SPDX-License-Identifier: GPL-2.0-only
/*
 * A trace as the kernel's file "trace" reads with its default options (kernel/trace/trace.c print_trace_header(),
 * trace_output.c trace_print_context() of 6.1): a header, then a line per event:
 *
 *	          insmod-100     [000] ...1.     0.004000: kmalloc: call_site=...
 *	          TASK-PID      CPU#  flags  TIMESTAMP  EVENT
 *
 * The time is the world's own, so the same run gives the same text.
 */
#include "tracing.h"

#include <inttypes.h>

static void print_header(FILE *out)
{
	fprintf(out, "# tracer: nop\n#\n");
	fprintf(out, "# entries-in-buffer/entries-written: %" PRIu64 "/%" PRIu64 "   #P:1\n#\n",
		trace_count(), trace_count() + trace_lost());
	fputs("#                                _-----=> irqs-off/BH-disabled\n"
	      "#                               / _----=> need-resched\n"
	      "#                              | / _---=> hardirq/softirq\n"
	      "#                              || / _--=> preempt-depth\n"
	      "#                              ||| / _-=> migrate-disable\n"
	      "#                              |||| /     delay\n"
	      "#           TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION\n"
	      "#              | |         |   |||||     |         |\n",
	      out);
}

static char irqs_letter(uint8_t flags)
{
	bool irqs_off = flags & TRACE_FLAG_IRQS_OFF, bh_off = flags & TRACE_FLAG_BH_OFF;

	if (irqs_off)
		return bh_off ? 'D' : 'd';
	return bh_off ? 'b' : '.';
}

static char interrupt_letter(uint8_t flags)
{
	bool hard = flags & TRACE_FLAG_HARDIRQ, soft = flags & TRACE_FLAG_SOFTIRQ;

	if (flags & TRACE_FLAG_NMI)
		return hard ? 'Z' : 'z';
	if (hard)
		return soft ? 'H' : 'h';
	return soft ? 's' : '.';
}

static char depth_letter(unsigned depth)
{
	return depth ? "0123456789abcdef"[depth] : '.';
}

static void print_context(FILE *out, const struct trace_task *task)
{
	uint8_t flags = trace_flags(task), preempt = trace_preempt(task);
	uint64_t us = (task->ns + 500) / 1000; /* ns2usecs() */

	/* As trace_find_cmdline() has it. */
	fprintf(out, "%16.16s-%-7" PRId32 " [000] %c.%c%c%c %5" PRIu64 ".%06" PRIu64 ": ",
		task->pid ? task->comm : "<idle>", task->pid, irqs_letter(flags),
		interrupt_letter(flags), depth_letter(preempt & 15), depth_letter(preempt >> 4),
		us / 1000000, us % 1000000);
}

void trace_write_text(FILE *out)
{
	print_header(out);
	for (uint64_t i = 0; i < trace_count(); i++) {
		const struct trace_record *r = trace_record(i);

		print_context(out, &r->task);
		fprintf(out, "%s: ", tracepoints[r->event].name);
		tracepoint_print(out, r);
		fputc('\n', out);
	}
}
