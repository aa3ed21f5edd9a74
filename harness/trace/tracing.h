/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The trace of one run: which events are wanted, where they are kept, and how they come out.
 *
 *	trace_open("kmem:*", deliver, err)	once, before processes are forked
 *	trace_begin(task)			a run starts; kf_tracing is set
 *	   ... trace_allocated(), trace_freed(), ... and the allocators' own events ...
 *	trace_end()				the run is over: call sites are found, deliver() is called
 *	trace_rescue()				in the process that opened: the run's process did not get that far
 *	trace_write_text(file), trace_write_dat(file)	for deliver()
 *
 * Events are kept in host memory that all processes forked later share, so neither the restore of a world nor the
 * end of a worker loses them. While no trace is taken, all this costs a test of kf_tracing in each hook.
 */
#ifndef KFAIL_TRACE_TRACING_H
#define KFAIL_TRACE_TRACING_H

#include "../../allocator/core/hooks.h"
#include "tracepoints.h"

/* A sentence of at most this many bytes, with the names of all events in it. */
#define TRACE_ERR_MAX 1024

/*
 * Choose events and make the buffer. `events`: names as in the kernel's set_event, separated by commas or spaces: "kmem:kmalloc",
 * "kmalloc", "kmem" or "kmem:" (all of a system); * ? [ ] as in a shell; "!" in front takes events out again. NULL: all.
 * `deliver` is called when the trace is complete, maybe in a forked process; false: it could not be written. 0, or -1 with
 * a sentence in err.
 */
int trace_open(const char *events, bool (*deliver)(void), char *err);

/* Forget the buffer and the choice: nothing is traced any more. */
void trace_close(void);

/* Start with an empty buffer; does nothing unless trace_open() was called. `task` says, inside a hook, whose it is. */
void trace_begin(void (*task)(struct trace_task *out));
void trace_end(void);
/* Deliver what was collected if trace_end() was never reached. */
void trace_rescue(void);
/* In whatever process: what deliver() returned. */
bool trace_failed(void);

/* What the hooks tell; only while kf_tracing is set. `stack` is a handle of the depot. */
void trace_allocated(const struct kf_object *object, uint32_t stack);
void trace_freed(const struct kf_object *object, uint32_t stack);
/* Request `point` is refused, by the capability `name`. */
void trace_refused(const struct kf_request *request, uint32_t point, uint32_t stack,
		   const char *name);
/* An operation of the scenario begins, or has come to something. */
__attribute__((format(printf, 1, 2))) void trace_operation(const char *format, ...);

/* What was collected: records 0..trace_count(), oldest first; trace_lost() older ones did not fit. */
uint64_t trace_count(void);
uint64_t trace_lost(void);
const struct trace_record *trace_record(uint64_t i);

/* trace_text.c: as the kernel's file "trace" reads. */
void trace_write_text(FILE *out);
/* trace_dat.c: as trace-cmd's file trace.dat, version 6. */
void trace_write_dat(FILE *out);

#endif
