/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tests of traces share: a small world with names, and events in it.
 */
#ifndef KFAIL_TESTS_TRACE_TRACED_H
#define KFAIL_TESTS_TRACE_TRACED_H

#include "../../allocator/core/hooks.h"
#include "../../harness/trace/tracing.h"

/* The last line of a trace's header. */
#define HEADER_END "#              | |         |   |||||     |         |\n"

/* Return addresses: one in a function with a name, one in none. */
#define SITE	0x71001234u
#define NO_NAME 0x71005678u

/* Who makes the events. */
extern struct trace_task traced_task;
void traced_tell_task(struct trace_task *out);
/* Delivers nothing, and says that it has. */
bool traced_nowhere(void);
/* Once: allocators, and names for the addresses above. */
void traced_open_world(void);
/* A trace of these events ("kmem" and the like) begins; pid 42, "insmod". */
void traced_begin(const char *events);
/* What was traced, without its header; malloc()ed. */
char *traced_text(void);
void traced_expect(const char *expected);
/* The depot's stack of one return address. */
uint32_t traced_stack(uint64_t pc);
/* An object of 100 bytes is allocated at SITE; one is freed at NO_NAME; an event with a number in
 * each field. */
void traced_allocate(enum kf_kind kind, const struct kf_cache *cache, uint64_t addr, u32 gfp);
void traced_release(enum kf_kind kind, const struct kf_cache *cache, uint64_t addr);
void traced_tell(enum kf_event_kind kind, const struct page *page);

#endif
