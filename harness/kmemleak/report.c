// SPDX-License-Identifier: GPL-2.0-only
/*
 * Texts, in the words and forms of mm/kmemleak.c of 6.1, so that whatever reads those reads ours: records of leaks (the file
 * /sys/kernel/debug/kmemleak), the answer to dump=, lines of the log. And what the texts tell: who allocated an
 * object, when, and what is in it.
 *
 * comm, pid and jiffies of an allocation are kept only after kml_record_tasks(), in a table by the allocation's number; else
 * they are those of the boot task.
 */
#include "internal.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>
#include <zlib.h>
#include "../../allocator/core/memory.h"
#include "../../allocator/vmalloc/vmalloc.h"
#include "../trace/depot.h"
#include "../trace/symbols.h"
#include "../trace/util.h"

#define MAX_TRACE    16
#define HEX_ROW_SIZE 16
#define HEX_MAX_ROWS 2
#define TASKS_MAX    (1u << 22)

/* ---- the log ------------------------------------------------------------------------------------------------ */

void kml_log(int level, const char *format, ...)
{
	char line[512];
	va_list args;
	int n;

	if (kf_hooks.log == kf_log_nowhere)
		return;
	n = snprintf(line, sizeof(line), "kmemleak: ");
	va_start(args, format);
	vsnprintf(line + n, sizeof(line) - (size_t)n, format, args);
	va_end(args);
	kf_hooks.log(level, line);
}

static void log_frame(const char *frame, void *arg)
{
	char line[320];

	snprintf(line, sizeof(line), " %s", frame);
	kf_hooks.log(*(int *)arg, line);
}

static void log_stack(int level, uint32_t stack)
{
	if (kf_hooks.log != kf_log_nowhere)
		kf_hooks.describe(stack, log_frame, &level);
}

void kml_log_stack(void)
{
	if (kf_hooks.log == kf_log_nowhere)
		return;
	kf_hooks.log(4, "Call Trace:");
	log_stack(4, KF_TAG_HERE);
}

uint32_t kml_stack_now(void)
{
	return kml_world.stack ? kml_world.stack() : 0;
}

/* ---- who, and when ------------------------------------------------------------------------------------------ */

struct task_entry {
	uint64_t seq;
	struct kml_task task;
};

static struct {
	struct task_entry *entries;
	uint64_t first_seq;
	uint32_t (*next)(const struct kf_object *object); /* who had the hook */
} tasks;

void kml_task_now(struct kml_task *out)
{
	uint32_t what = kf_hooks.task();
	struct kf_whence whence;

	kf_hooks.whence(&whence);
	out->jiffies = whence.jiffies;
	out->pid = whence.pid;
	memcpy(out->comm, whence.comm, sizeof(out->comm));
	if (!(what & (KF_TASK_HARDIRQ | KF_TASK_SOFTIRQ)))
		return;
	out->pid = 0;
	snprintf(out->comm, sizeof(out->comm), "%s",
		 what & KF_TASK_HARDIRQ ? "hardirq" : "softirq");
}

static struct task_entry *task_entry(uint64_t seq)
{
	uint64_t i = seq - tasks.first_seq;

	return tasks.entries && i < TASKS_MAX ? &tasks.entries[i] : NULL;
}

static uint32_t note_task(const struct kf_object *object)
{
	struct task_entry *entry = task_entry(object->seq);

	if (entry) {
		entry->seq = object->seq;
		kml_task_now(&entry->task);
	}
	return tasks.next(object);
}

void kml_record_tasks(void)
{
	if (kf_hooks.allocated == note_task)
		return;
	if (!tasks.entries) {
		tasks.entries = kml_table(TASKS_MAX * sizeof(*tasks.entries));
		tasks.first_seq = kf_sequence() + 1;
	}
	tasks.next = kf_hooks.allocated;
	kf_hooks.allocated = note_task;
}

void kml_task_of(uint64_t seq, struct kml_task *out)
{
	const struct task_entry *entry = task_entry(seq);

	*out = (struct kml_task){.comm = "swapper"};
	if (entry && entry->seq == seq)
		*out = entry->task;
}

static void task_of_object(const struct kml_object *object, struct kml_task *out)
{
	if (object->what == KML_ABOUT) {
		kml_task_of(object->seq, out);
		return;
	}
	*out = (struct kml_task){.jiffies = object->jiffies, .pid = object->pid};
	memcpy(out->comm, object->comm, sizeof(out->comm));
}

static uint32_t stack_of_object(const struct kml_object *object)
{
	struct kf_object now;

	if (object->stack || object->what != KML_ABOUT ||
	    !kf_object_at((void *)object->range.start, &now))
		return object->stack;
	return now.alloc_tag;
}

/* ---- content ------------------------------------------------------------------------------------------------ */

__attribute__((no_sanitize("address"))) static void copy_bytes(char *to, const char *from,
							       uint64_t size)
{
	for (uint64_t i = 0; i < size; i++)
		to[i] = from[i];
}

static const char *real_place(uint64_t addr)
{
	uint64_t pfn;

	if (!kf_is_vmalloc_or_module_addr((void *)addr))
		return (const char *)addr;
	pfn = kf_mapped_frame((void *)addr);
	if (pfn == UINT64_MAX)
		return NULL;
	return (const char *)kf_frame_virt(pfn) + (addr & ~KF_PAGE_MASK);
}

void kml_read(uint64_t addr, void *to, uint64_t size)
{
	uint64_t end = addr + size;
	char *out = to;

	VALGRIND_DISABLE_ERROR_REPORTING;
	while (addr < end) {
		uint64_t next = (addr & KF_PAGE_MASK) + KF_PAGE_SIZE;
		const char *from = real_place(addr);

		next = next < end ? next : end;
		if (from)
			copy_bytes(out, from, next - addr);
		else
			memset(out, 0, next - addr);
		out += next - addr;
		addr = next;
	}
	VALGRIND_ENABLE_ERROR_REPORTING;
}

/* zlib's has its bits turned over before and behind; the kernel's has not. */
uint32_t kml_checksum(uint64_t addr, uint64_t size)
{
	char page[4096];
	uLong crc = 0xffffffff;

	for (uint64_t at = 0; at < size; at += sizeof(page)) {
		uint64_t n = size - at < sizeof(page) ? size - at : sizeof(page);

		kml_read(addr + at, page, n);
		crc = crc32(crc, (const Bytef *)page, (uInt)n);
	}
	return ~(uint32_t)crc;
}

/* ---- records ------------------------------------------------------------------------------------------------ */

struct printer {
	void (*line)(const char *text, void *arg);
	void *arg;
};

__attribute__((format(printf, 2, 3))) static void print(const struct printer *p, const char *format,
							...)
{
	char text[320];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	p->line(text, p->arg);
}

/* A row of hex_dump_to_buffer(): 16 bytes, one by one, and as characters. */
static void print_row(const struct printer *p, const uint8_t *bytes, unsigned n)
{
	char hex[HEX_ROW_SIZE * 3 + 1] = "", ascii[HEX_ROW_SIZE + 1] = "";

	for (unsigned i = 0; i < n; i++) {
		snprintf(hex + i * 3, 4, "%02x ", bytes[i]);
		ascii[i] = isascii(bytes[i]) && isprint(bytes[i]) ? (char)bytes[i] : '.';
	}
	print(p, "    %-49s%s", hex, ascii);
}

static void print_content(const struct printer *p, uint64_t addr, uint64_t size)
{
	uint8_t bytes[HEX_ROW_SIZE * HEX_MAX_ROWS];
	uint64_t n = size < sizeof(bytes) ? size : sizeof(bytes);

	kml_read(addr, bytes, n);
	print(p, "  hex dump (first %llu bytes):", (unsigned long long)n);
	for (uint64_t i = 0; i < n; i += HEX_ROW_SIZE)
		print_row(p, bytes + i, n - i < HEX_ROW_SIZE ? (unsigned)(n - i) : HEX_ROW_SIZE);
}

/* %p: a hash of the address, of 32 bits. */
static void print_stack(const struct printer *p, uint32_t stack)
{
	const uint64_t *pcs;
	unsigned n = depot_get(stack, &pcs);
	char name[256];

	for (unsigned i = 0; i < n && i < MAX_TRACE; i++) {
		symbols_print(pcs[i], false, name, sizeof(name));
		print(p, "    [<%016x>] %s", (unsigned)XXH64(&pcs[i], sizeof(pcs[i]), 0), name);
	}
}

static void print_record(const struct printer *p, const struct kml_object *object)
{
	uint64_t start = object->range.start, size = object->range.end - start;
	struct kml_task task;

	task_of_object(object, &task);
	print(p, "unreferenced object 0x%08lx (size %lu):", (unsigned long)start,
	      (unsigned long)size);
	print(p, "  comm \"%.16s\", pid %d, jiffies %llu", task.comm, task.pid,
	      (unsigned long long)task.jiffies);
	print_content(p, start, size);
	print(p, "  backtrace:");
	print_stack(p, stack_of_object(object));
}

/* ---- the file ------------------------------------------------------------------------------------------------- */

struct listing {
	struct kml_object **list;
	unsigned count;
};

static void add_to_listing(struct kml_object *object, void *arg)
{
	struct listing *l = arg;

	if (!(object->flags & OBJECT_REPORTED) || !object->white)
		return;
	if (!(l->count & (l->count - 1)))
		l->list = xreallocarray(l->list, l->count ? 2 * (size_t)l->count : 1,
					sizeof(*l->list));
	l->list[l->count++] = object;
}

static int by_order(const void *a, const void *b)
{
	const struct kml_object *x = *(struct kml_object *const *)a;
	const struct kml_object *y = *(struct kml_object *const *)b;

	return x->order < y->order ? -1 : x->order > y->order;
}

void kml_show(void (*line)(const char *text, void *arg), void *arg)
{
	const struct printer p = {line, arg};
	struct listing l = {NULL, 0};

	kml_for_each(add_to_listing, &l);
	if (l.count)
		qsort(l.list, l.count, sizeof(*l.list), by_order);
	for (unsigned i = 0; i < l.count; i++)
		print_record(&p, l.list[i]);
	free(l.list);
}

static void count_one(struct kml_object *object, void *arg)
{
	*(unsigned *)arg += object->flags & OBJECT_REPORTED && object->white;
}

unsigned kml_leaks(void)
{
	unsigned n = 0;

	kml_for_each(count_one, &n);
	return n;
}

static void add_line(const char *text, void *arg)
{
	fprintf(arg, "%s\n", text);
}

char *kml_text(size_t *size)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, size);

	if (!out)
		out_of_host_memory(1);
	kml_show(add_line, out);
	fclose(out);
	return text;
}

/* ---- dump= ------------------------------------------------------------------------------------------------------ */

/* dump_object_info(). */
void kml_dump(const struct kml_object *object)
{
	struct kml_task task;

	task_of_object(object, &task);
	kml_log(5, "Object 0x%08lx (size %lu):", (unsigned long)object->range.start,
		(unsigned long)(object->range.end - object->range.start));
	kml_log(5, "  comm \"%.16s\", pid %d, jiffies %llu", task.comm, task.pid,
		(unsigned long long)task.jiffies);
	kml_log(5, "  min_count = %d", object->min_count);
	kml_log(5, "  count = %d", object->count);
	kml_log(5, "  flags = 0x%x", object->flags);
	kml_log(5, "  checksum = %u", object->checksum);
	kml_log(5, "  backtrace:");
	log_stack(5, stack_of_object(object));
}
