// SPDX-License-Identifier: GPL-2.0-only
/*
 * A trace as a file of trace-cmd (trace.dat, version 6; see trace-cmd.dat.v6(5)), for trace-cmd report, KernelShark and
 * what else reads it. libtracecmd's writer is not public, so the file is made here:
 *
 *	magic, version, byte order, size of a long, size of a page
 *	header_page, header_event	how the ring buffer's pages and events look
 *	events of ftrace itself (none), then each system's format texts
 *	kallsyms			the functions that the events name
 *	printk formats (none)
 *	pids and their names
 *	number of CPUs, options (none), "flyrecord", where the data of each CPU lie
 *	padding to a page, then pages of CPU 0
 *
 * A page of the ring buffer, include/linux/ring_buffer.h and kernel/trace/ring_buffer.c of 6.1:
 *
 *	| time of the first event: 64 | bytes in use: 64 | event | event | ... unused |
 *	event: | length in words, at most 28: 5, time since the one before: 27 | data |
 *	a time that does not fit: | 30, its low 27 bits | the bits above |, before the event
 */
#include "tracing.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "symbols.h"
#include "util.h"

#define PAGE_BYTES  4096u
#define PAGE_HEADER 16u
#define DATA_BYTES  (PAGE_BYTES - PAGE_HEADER)
#define DELTA_BITS  27
#define DELTA_MAX   ((1ull << DELTA_BITS) - 1)
#define TYPE_EXTEND 30u

static void put32(FILE *out, uint32_t value)
{
	fwrite(&value, sizeof(value), 1, out);
}

static void put64(FILE *out, uint64_t value)
{
	fwrite(&value, sizeof(value), 1, out);
}

/* With its NUL. */
static void put_string(FILE *out, const char *text)
{
	fwrite(text, strlen(text) + 1, 1, out);
}

/* A text that is made by `write`; malloc()ed. */
static char *make_text(void (*write)(FILE *text, unsigned arg), unsigned arg, size_t *size)
{
	char *bytes = NULL;
	FILE *text = open_memstream(&bytes, size);

	if (!text)
		out_of_host_memory(PAGE_BYTES);
	write(text, arg);
	if (fclose(text))
		out_of_host_memory(*size);
	return bytes;
}

/* A text behind its size in 4 or 8 bytes. */
static void put_text(FILE *out, unsigned size_bytes, void (*write)(FILE *text, unsigned arg))
{
	size_t size;
	char *bytes = make_text(write, 0, &size);

	fwrite(&size, size_bytes, 1, out);
	fwrite(bytes, size, 1, out);
	free(bytes);
}

/* ---- descriptions ---- */

static void write_header_page(FILE *out, unsigned arg)
{
	fprintf(out,
		"\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;\n"
		"\tfield: local_t commit;\toffset:8;\tsize:8;\tsigned:1;\n"
		"\tfield: int overwrite;\toffset:8;\tsize:1;\tsigned:1;\n"
		"\tfield: char data;\toffset:16;\tsize:%u;\tsigned:1;\n",
		DATA_BYTES);
}

static void write_header_event(FILE *out, unsigned arg)
{
	fputs("# compressed entry header\n"
	      "\ttype_len    :    5 bits\n"
	      "\ttime_delta  :   27 bits\n"
	      "\tarray       :   32 bits\n"
	      "\n"
	      "\tpadding     : type == 29\n"
	      "\ttime_extend : type == 30\n"
	      "\ttime_stamp : type == 31\n"
	      "\tdata max type_len  == 28\n",
	      out);
}

static void write_format(FILE *out, unsigned event)
{
	tracepoint_format(out, (enum trace_event_id)event);
}

static void put_format(FILE *out, unsigned event)
{
	size_t size;
	char *bytes = make_text(write_format, event, &size);

	put64(out, size);
	fwrite(bytes, size, 1, out);
	free(bytes);
}

/* The events of the system that `first` begins; those of one system lie side by side in the table. */
static unsigned system_end(unsigned first)
{
	unsigned end = first;

	while (end < NR_TRACE_EVENTS && !strcmp(tracepoints[end].system, tracepoints[first].system))
		end++;
	return end;
}

static void put_systems(FILE *out)
{
	uint32_t systems = 0;

	for (unsigned i = 0; i < NR_TRACE_EVENTS; i = system_end(i))
		systems++;
	put32(out, systems);
	for (unsigned i = 0; i < NR_TRACE_EVENTS;) {
		unsigned end = system_end(i);

		put_string(out, tracepoints[i].system);
		put32(out, end - i);
		while (i < end)
			put_format(out, i++);
	}
}

/* ---- names ---- */

struct function {
	uint64_t start;
	struct frame frame;
};

static int compare_function(const void *a, const void *b)
{
	const struct function *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

static bool shows_code(enum trace_show show)
{
	return show == SHOW_SITE || show == SHOW_FUNCTION;
}

/* The function that a record names; false: none. Only one part of a line is code. */
static bool function_of(const struct trace_record *r, struct function *out)
{
	const struct trace_part *part = tracepoints[r->event].parts;

	while (part->text && !shows_code(part->show))
		part++;
	if (!part->text || !r->values[part->field])
		return false;
	symbols_resolve(r->values[part->field], part->show == SHOW_FUNCTION, &out->frame, 1);
	out->start = r->values[part->field] - out->frame.offset;
	return out->frame.function[0];
}

/* As /proc/kallsyms has them: address, type, name, [module]. A reader takes a function to reach up to the next symbol, and
 * the last one to reach nowhere, so an end mark follows it. */
static void write_kallsyms(FILE *out, unsigned arg)
{
	struct function *functions = xreallocarray(NULL, trace_count() + 1, sizeof(*functions));
	uint64_t end = 0;
	size_t count = 0;

	for (uint64_t i = 0; i < trace_count(); i++)
		count += function_of(trace_record(i), &functions[count]);
	qsort(functions, count, sizeof(*functions), compare_function);
	for (size_t i = 0; i < count; i++) {
		const struct function *f = &functions[i];

		if (i && functions[i - 1].start == f->start)
			continue;
		fprintf(out, "%016" PRIx64 " T %s", f->start, f->frame.function);
		if (f->frame.module)
			fprintf(out, "\t[%s]", f->frame.module);
		fputc('\n', out);
		end = f->start + f->frame.size;
	}
	if (count)
		fprintf(out, "%016" PRIx64 " T kfail_end\n", end);
	free(functions);
}

static void write_nothing(FILE *out, unsigned arg)
{
}

static int compare_pid(const void *a, const void *b)
{
	const struct trace_task *const *x = a, *const *y = b;

	return ((*x)->pid > (*y)->pid) - ((*x)->pid < (*y)->pid);
}

/* Each pid once, with the name that it has in its first record of the sorted ones. */
static void write_cmdlines(FILE *out, unsigned arg)
{
	const struct trace_task **tasks = xreallocarray(NULL, trace_count() + 1, sizeof(*tasks));

	for (uint64_t i = 0; i < trace_count(); i++)
		tasks[i] = &trace_record(i)->task;
	qsort(tasks, trace_count(), sizeof(*tasks), compare_pid);
	for (uint64_t i = 0; i < trace_count(); i++)
		if (!i || tasks[i - 1]->pid != tasks[i]->pid)
			fprintf(out, "%" PRId32 " %.16s\n", tasks[i]->pid, tasks[i]->comm);
	free(tasks);
}

/* ---- pages ---- */

struct page_writer {
	FILE *out; /* NULL: count only */
	uint8_t bytes[PAGE_BYTES];
	uint64_t used; /* of the data; the page's first event sets its time */
	uint64_t now;
	uint64_t pages; /* written */
};

static void page_end(struct page_writer *w)
{
	if (!w->used)
		return;
	memcpy(w->bytes + 8, &w->used, 8);
	if (w->out)
		fwrite(w->bytes, PAGE_BYTES, 1, w->out);
	memset(w->bytes, 0, PAGE_BYTES);
	w->used = 0;
	w->pages++;
}

static void page_put(struct page_writer *w, const void *bytes, size_t size)
{
	memcpy(w->bytes + PAGE_HEADER + w->used, bytes, size);
	w->used += size;
}

static void page_put32(struct page_writer *w, uint32_t value)
{
	page_put(w, &value, sizeof(value));
}

static void page_put_event(struct page_writer *w, const struct trace_record *r)
{
	uint8_t data[TRACE_EVENT_MAX];
	uint32_t size = (uint32_t)tracepoint_pack(r, data);
	uint64_t delta;

	/* With its length and a time extension, three words. A clock that is put back cannot be told but by the
	 * time of a new page. */
	if (w->used + size + 12 > DATA_BYTES || r->task.ns < w->now)
		page_end(w);
	if (!w->used) {
		memcpy(w->bytes, &r->task.ns, 8);
		w->now = r->task.ns;
	}
	delta = r->task.ns - w->now;
	w->now = r->task.ns;
	if (delta > DELTA_MAX) {
		page_put32(w, TYPE_EXTEND | (uint32_t)(delta & DELTA_MAX) << 5);
		page_put32(w, (uint32_t)(delta >> DELTA_BITS));
		delta = 0;
	}
	page_put32(w, size / 4 | (uint32_t)delta << 5);
	page_put(w, data, size);
}

/* Returns their number. */
static uint64_t put_pages(FILE *out)
{
	struct page_writer *w = xcalloc(1, sizeof(*w));
	uint64_t pages;

	w->out = out;
	for (uint64_t i = 0; i < trace_count(); i++)
		page_put_event(w, trace_record(i));
	page_end(w);
	pages = w->pages;
	free(w);
	return pages;
}

/* ---- the file ---- */

static void write_head(FILE *out, unsigned arg)
{
	static const uint8_t magic[] = {0x17, 0x08, 0x44, 't', 'r', 'a', 'c', 'i', 'n', 'g'};

	fwrite(magic, sizeof(magic), 1, out);
	put_string(out, "6");
	fputc(0, out); /* little endian */
	fputc(8, out);
	put32(out, PAGE_BYTES);
	put_string(out, "header_page");
	put_text(out, 8, write_header_page);
	put_string(out, "header_event");
	put_text(out, 8, write_header_event);
	put32(out, 0); /* events of ftrace itself */
	put_systems(out);
	put_text(out, 4, write_kallsyms);
	put_text(out, 4, write_nothing);
	put_text(out, 8, write_cmdlines);
	put32(out, 1); /* CPUs */
	put_string(out, "options  ");
	fwrite("\0", 2, 1, out); /* none */
	put_string(out, "flyrecord");
}

/* Written from front to back, so that it may go into a pipe. */
void trace_write_dat(FILE *out)
{
	size_t head_size, start;
	char *head = make_text(write_head, 0, &head_size);

	start = (head_size + 16 + PAGE_BYTES - 1) & ~(size_t)(PAGE_BYTES - 1);
	fwrite(head, head_size, 1, out);
	free(head);
	put64(out, start);
	put64(out, put_pages(NULL) * PAGE_BYTES);
	for (size_t at = head_size + 16; at < start; at++)
		fputc(0, out);
	put_pages(out);
}
