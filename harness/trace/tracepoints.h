/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tracepoints that kfail knows: for each its fields, in the order and with the C types of the kernel's
 * TRACE_EVENT(), and how its line reads. From this one description come the line of a trace, the bytes
 * of an event in a ring buffer, and the `format` text that tells a trace tool how to read these bytes.
 *
 * After include/trace/events/kmem.h, percpu.h and vmscan.h of 6.1. Four events are our own (system kfail): what 6.1 has
 * no tracepoint for.
 */
#ifndef KFAIL_TRACE_TRACEPOINTS_H
#define KFAIL_TRACE_TRACEPOINTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include "caller.h"

enum trace_event_id {
	TRACE_KMALLOC,
	TRACE_KMEM_CACHE_ALLOC,
	TRACE_KFREE,
	TRACE_KMEM_CACHE_FREE,
	TRACE_MM_PAGE_ALLOC,
	TRACE_MM_PAGE_FREE,
	TRACE_MM_PAGE_FREE_BATCHED,
	TRACE_MM_PAGE_ALLOC_ZONE_LOCKED,
	TRACE_MM_PAGE_PCPU_DRAIN,
	TRACE_MM_PAGE_ALLOC_EXTFRAG,
	TRACE_PERCPU_ALLOC,
	TRACE_PERCPU_FREE,
	TRACE_SHRINK_SLAB_START,
	TRACE_SHRINK_SLAB_END,
	TRACE_KSWAPD_WAKE,
	TRACE_KFAIL_REFUSED,
	TRACE_KFAIL_ALLOC,
	TRACE_KFAIL_FREE,
	TRACE_KFAIL_OPERATION,
	NR_TRACE_EVENTS
};

#define TRACE_FIELDS_MAX 11
#define TRACE_PARTS_MAX	 13
#define TRACE_SITES_MAX	 4
#define TRACE_TEXT_MAX	 60
/* Bytes of an event in a ring buffer, at most: what the short form of an event's length can say. */
#define TRACE_EVENT_MAX 112

/* How a value reads. */
enum trace_show {
	SHOW_NOTHING,	  /* only the part's text */
	SHOW_SITE,	  /* %pS: a return address by name */
	SHOW_FUNCTION,	  /* %pS: a function */
	SHOW_POINTER,	  /* %p, never hashed */
	SHOW_PAGE,	  /* %p of the struct page of a frame number; -1: none */
	SHOW_PFN,	  /* 0x%lx; -1: 0 */
	SHOW_SIZE,	  /* %zu */
	SHOW_INT,	  /* %d */
	SHOW_UINT,	  /* %u */
	SHOW_LONG,	  /* %ld */
	SHOW_LONG_LONG,	  /* %lld */
	SHOW_GFP,	  /* GFP_KERNEL|__GFP_ZERO; none */
	SHOW_BOOL,	  /* true, false */
	SHOW_ACCOUNTED,	  /* the same, of the bit in GFP flags */
	SHOW_BLOCK_ORDER, /* pageblock_order, a constant */
	SHOW_FRAGMENTING, /* order below that: 1 or 0 */
	SHOW_STRING,
};

struct trace_field {
	const char *type, *name; /* name NULL: behind the last */
	uint8_t size;
	bool is_signed;
};

/* "text" and then the value of a field. */
struct trace_part {
	const char *text; /* NULL: behind the last */
	enum trace_show show;
	uint8_t field;
};

struct tracepoint {
	const char *system, *name;
	struct trace_field fields[TRACE_FIELDS_MAX + 1];
	struct trace_part parts[TRACE_PARTS_MAX + 1];
};

extern const struct tracepoint tracepoints[NR_TRACE_EVENTS];

struct trace_record {
	struct trace_task task;
	uint64_t values
		[TRACE_FIELDS_MAX]; /* in the order of fields; a string's value counts for nothing */
	uint64_t sites
		[TRACE_SITES_MAX]; /* innermost frames of the stack; the call site is one of them */
	char text[TRACE_TEXT_MAX]; /* of the one string field, if there is one */
	uint16_t event;
};

/* common_flags and common_preempt_count as tracing_gen_ctx() of 6.1 makes them. */
enum {
	TRACE_FLAG_IRQS_OFF = 0x01,
	TRACE_FLAG_HARDIRQ = 0x08,
	TRACE_FLAG_SOFTIRQ = 0x10,
	TRACE_FLAG_NMI = 0x40,
	TRACE_FLAG_BH_OFF = 0x80,
};
uint8_t trace_flags(const struct trace_task *task);
uint8_t trace_preempt(const struct trace_task *task);

/* The number of an event in a file, above those that the kernel gives to its own. */
#define TRACE_ID_BASE 300

/* The text of events/SYSTEM/NAME/format. */
void tracepoint_format(FILE *out, enum trace_event_id event);
/* Behind "name: " in a line of a trace, without newline. */
void tracepoint_print(FILE *out, const struct trace_record *record);
/* The event as a ring buffer holds it, from common_type on; returns its length, a multiple of 4. */
size_t tracepoint_pack(const struct trace_record *record, uint8_t *bytes);

#endif
