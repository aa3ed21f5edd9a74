/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The way there: the tree of functions that a run has called, as the kernel's tracer function_graph draws it, from the
 * refused request to where it went wrong. After kernel/trace/trace_functions_graph.c.
 *
 *	graph_want(filter, depth)	before a world is prepared: function entry sites are armed for it (fentry.h)
 *	graph_begin(task)		a run starts that is to be traced
 *	   ... calls are told by graph_listener; graph_mark() puts a remark between them ...
 *	graph_end()
 *	graph_text(from, to)		the tree between two positions, with the functions that were open at the first
 *
 * Told are by default the functions of modules, and the kernel's functions that modules call: what these call in turn is left
 * out. With a filter it is the functions whose names match. Events lie in a ring of host memory that is made when a trace is
 * wanted; the oldest go first, and the text says how many.
 */
#ifndef KFAIL_TRACE_GRAPH_H
#define KFAIL_TRACE_GRAPH_H

#include <stdbool.h>
#include <stdint.h>
#include "caller.h"
#include "fentry.h"

/* `filter`: patterns with * ? [ ] of functions' names, with commas between; NULL: by default. `depth`: of nested calls that
 * are told; 0: all. The string must stay. */
void graph_want(const char *filter, unsigned depth);
bool graph_wanted(void);
/* The filter, or NULL; and does it match this name? */
const char *graph_filter(void);
bool graph_matches(const char *function);
/* Told are calls of functions at these sites only (ascending; copied), of whomever. */
void graph_only(const uint64_t *sites, unsigned count);

extern const struct fentry_listener graph_listener;

/* `task` says, in a hook, whose it is. */
void graph_begin(void (*task)(struct trace_task *out));
void graph_end(void);
/* Number of events so far in this run; 0 while none is traced. */
uint64_t graph_position(void);
/* A remark, cut at 63 bytes; nothing while no run is traced. */
__attribute__((format(printf, 1, 2))) void graph_mark(const char *format, ...);

/* malloc()ed lines, each with its newline; NULL: nothing was traced. Not in a hook: names are looked up. */
char *graph_text(uint64_t from, uint64_t to);

#endif
