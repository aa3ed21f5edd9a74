// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who is refused. After lib/fault-inject.c, mm/failslab.c and mm/page_alloc.c of 6.1, with the
 * parts turned round: there each site decides for itself what it filters, here the sites only ask.
 *
 * Three differences on purpose. All kinds of request share one counter, as under the kernel's
 * fail-nth, but sleeping requests (GFP_KERNEL) count, since those are what drivers mishandle. One
 * call of an allocator is one point, however many slabs and pages it takes inside. And the message
 * is printed for
 * __GFP_NOWARN requests too: it was asked for with --verbose, and a refusal that is not told is a
 * day lost.
 *
 * The state is one struct in host memory; a run starts by zeroing its counters. One thread runs the
 * world.
 */
#include "inject.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../allocator/slab/slab.h"
#include "../trace/depot.h"
#include "../trace/symbols.h"

static struct {
	struct schedule schedule;
	bool running;	/* between inject_begin() and the end of the process */
	bool suspended; /* requests are served and not counted */
	bool verbose;
	bool recording;
	uint32_t points, refused;
	struct refusal first, last;
	struct refusal *records; /* of this run: points 1..points */
	uint32_t record_room;
	const char *comm, *release;
} inject;

void inject_begin(const struct schedule *schedule, bool verbose)
{
	inject.schedule = *schedule;
	inject.verbose = verbose;
	inject.running = true;
	inject.suspended = false;
	inject.points = 0;
	inject.refused = 0;
}

void inject_describe(const char *comm, const char *release)
{
	inject.comm = comm;
	inject.release = release;
}

void inject_suspend(void)
{
	inject.suspended = true;
}

void inject_resume(void)
{
	inject.suspended = false;
}

void inject_record(bool on)
{
	inject.recording = on;
}

const char *inject_capability(enum kf_kind kind)
{
	switch (kind) {
	case KF_SLAB:
	case KF_CACHE:
		return "failslab";
	case KF_KMALLOC_LARGE:
	case KF_PAGES:
		return "fail_page_alloc";
	case KF_VMALLOC:
	case KF_VMAP:
		return "fail_vmalloc";
	case KF_PERCPU:
		return "fail_percpu";
	case KF_NR_KINDS:
		break;
	}
	return "(null)";
}

static void dump_frame(uint64_t pc)
{
	struct frame frame;

	symbols_resolve(pc, false, &frame, 1);
	fprintf(stderr, " %s+0x%llx/0x%llx", frame.function, (unsigned long long)frame.offset,
		(unsigned long long)frame.size);
	if (frame.module)
		fprintf(stderr, " [%s]", frame.module);
	fputc('\n', stderr);
}

/* fail_dump() and dump_stack(), line by line. The attributes shown are those of the schedule's one
 * shot. */
static void fail_dump(const struct refusal *refusal)
{
	const uint64_t *pcs;
	unsigned n = depot_get(refusal->stack, &pcs);

	fflush(stdout);
	fprintf(stderr, "FAULT_INJECTION: forcing a failure.\n");
	fprintf(stderr, "name %s, interval 1, probability 0, space 0, times 1\n",
		inject_capability(refusal->request.kind));
	fprintf(stderr, "CPU: 0 PID: 1 Comm: %.20s Not tainted %s\n",
		inject.comm ? inject.comm : "kfail", inject.release ? inject.release : "native");
	fprintf(stderr, "Hardware name: kfail\nCall Trace:\n <TASK>\n");
	for (unsigned i = 0; i < n; i++)
		dump_frame(pcs[i]);
	fprintf(stderr, " </TASK>\n");
}

static void *dump_in_thread(void *refusal)
{
	fail_dump(refusal);
	return NULL;
}

/* Names come out of debug information, and reading that takes more stack than a driver has: it is done on another one. No
 * signal may find that other thread, since handlers know only the driver's stack. */
static void dump(const struct refusal *refusal)
{
	sigset_t all, before;
	pthread_t thread;

	sigfillset(&all);
	sigdelset(&all, SIGSEGV); /* the next page of the driver's stack may be write-protected */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	if (pthread_create(&thread, NULL, dump_in_thread, (void *)refusal))
		fprintf(stderr,
			"kfail: request %u is refused (no thread could be made that says more)\n",
			refusal->n);
	else
		pthread_join(thread, NULL);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void describe(struct refusal *out, const struct kf_request *request, uint32_t stack)
{
	*out = (struct refusal){.n = inject.points, .request = *request, .stack = stack};
	if (request->cache)
		snprintf(out->cache, sizeof(out->cache), "%s", kf_cache_name(request->cache));
}

static void record(const struct kf_request *request, uint32_t stack)
{
	if (inject.points > inject.record_room) {
		uint32_t room = inject.record_room ? inject.record_room * 2 : 256;
		struct refusal *more = realloc(inject.records, room * sizeof(*more));

		if (!more)
			return;
		inject.records = more;
		inject.record_room = room;
	}
	describe(&inject.records[inject.points - 1], request, stack);
}

static void refuse(const struct kf_request *request, uint32_t stack)
{
	describe(&inject.last, request, stack);
	if (!inject.refused++)
		inject.first = inject.last;
	if (inject.verbose)
		dump(&inject.last);
}

bool inject_should_fail(const struct kf_request *request, struct caller (*caller)(void))
{
	struct caller asks;
	bool refused;

	if (!inject.running || inject.suspended)
		return false;
	if (request->gfp & KF_GFP_NOFAIL)
		return false;
	asks = caller();
	if (!asks.on_behalf)
		return false;
	inject.points++;
	refused = schedule_refuses(&inject.schedule, inject.points);
	if (inject.recording)
		record(request, asks.stack);
	if (refused)
		refuse(request, asks.stack);
	return refused;
}

uint32_t inject_points(void)
{
	return inject.points;
}

uint32_t inject_refused(void)
{
	return inject.refused;
}

const struct refusal *inject_first(void)
{
	return inject.refused ? &inject.first : NULL;
}

const struct refusal *inject_last(void)
{
	return inject.refused ? &inject.last : NULL;
}

const struct refusal *inject_recorded(uint32_t n)
{
	if (!inject.recording || !n || n > inject.points || n > inject.record_room)
		return NULL;
	return &inject.records[n - 1];
}
