// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the kernel prints about a failure that it has forced: fail_dump() of lib/fault-inject.c and dump_stack(), line by
 * line, to standard error. `verbose` says how much, verbose_ratelimit_* how often, by the world's clock. The kernel takes
 * the interval, which is called one in milliseconds, for one in jiffies; so does --compat=kernel.
 */
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include "../trace/depot.h"
#include "../trace/symbols.h"
#include "inject_internal.h"

#define NS_PER_MS    1000000
#define NS_PER_JIFFY (4 * NS_PER_MS) /* HZ of the images that are booted */

static const char *comm_shown = "kfail", *release_shown = "native";

struct message {
	const struct refusal *refusal;
	const struct fault_attr *attr;
	uint32_t missed;
};

void inject_describe(const char *comm, const char *release)
{
	comm_shown = comm;
	release_shown = release;
}

static void dump_frame(uint64_t pc)
{
	struct frame frame;

	symbols_resolve(pc, false, &frame, 1);
	fprintf(stderr, " %s+0x%" PRIx64 "/0x%" PRIx64, frame.function, frame.offset, frame.size);
	if (frame.module)
		fprintf(stderr, " [%s]", frame.module);
	fputc('\n', stderr);
}

static void dump_stack(uint32_t stack)
{
	const uint64_t *pcs;
	unsigned n = depot_get(stack, &pcs);

	fprintf(stderr, "CPU: 0 PID: 1 Comm: %.20s Not tainted %s\n", comm_shown, release_shown);
	fprintf(stderr, "Hardware name: kfail\nCall Trace:\n <TASK>\n");
	for (unsigned i = 0; i < n; i++)
		dump_frame(pcs[i]);
	fprintf(stderr, " </TASK>\n");
}

static void fail_dump(const struct message *m)
{
	fflush(stdout);
	if (m->missed)
		fprintf(stderr, "fail_dump: %u callbacks suppressed\n", m->missed);
	fprintf(stderr, "FAULT_INJECTION: forcing a failure.\n");
	fprintf(stderr,
		"name %s, interval %" PRIu64 ", probability %" PRIu64 ", space %" PRId32
		", times %" PRId32 "\n",
		capability_name(m->refusal->capability), m->attr->interval, m->attr->probability,
		m->attr->space, m->attr->times);
	if (m->attr->verbose > 1)
		dump_stack(m->refusal->stack);
}

static void *dump_in_thread(void *message)
{
	fail_dump(message);
	return NULL;
}

/* Names come out of debug information, and reading that takes more stack than a driver has: it is done on another one. No
 * signal may find that other thread, since handlers know only the driver's stack. */
static void dump(const struct message *message)
{
	sigset_t all, before;
	pthread_t thread;

	sigfillset(&all);
	sigdelset(&all, SIGSEGV); /* the next page of the driver's stack may be write-protected */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	if (pthread_create(&thread, NULL, dump_in_thread, (void *)message))
		fprintf(stderr,
			"kfail: request %u is refused (no thread could be made that says more)\n",
			message->refusal->n);
	else
		pthread_join(thread, NULL);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void message_print(const struct refusal *refusal, struct fault_attr *attr, bool compat)
{
	struct message message = {.refusal = refusal, .attr = attr};
	struct trace_task task;

	if (!attr->verbose || (compat && refusal->request.gfp & KF_GFP_NOWARN))
		return;
	inject_task(&task);
	if (attr_may_print(attr, task.ns / (compat ? NS_PER_JIFFY : NS_PER_MS), &message.missed))
		dump(&message);
}
