// SPDX-License-Identifier: GPL-2.0-only
/*
 * Errors of memcheck as evidence. Valgrind writes each into a file of this process at the moment when it happens; here the
 * file is read on as soon as the number of errors has changed, which every hook and every call of a kernel function looks
 * at. So the allocators still know what was at the address.
 *
 *	==123== Invalid read of size 4
 *	==123==    at 0x60001234: ???
 *	==123==    by 0xC0007E8F: ???
 *	==123==  Address 0x7012ab8 is in a rw- anonymous segment
 *	==123==
 *
 * (Not as XML: for that, memcheck looks through all memory for leaks when a process ends, which takes longer than all else.)
 *
 * Whose error is it? The world says how the instruction was come to (target.h, access_stack). In driver code: the driver's.
 * In a function that driver code has called: an access outside of any object is the driver's when it made the
 * object; a branch on memory that was never initialised, when the driver called that very function. All others are the kernel's
 * business, and left out: it reads whole words behind the end of strings, and knows why.
 *
 * Where nothing is mapped at all, the access also ends the operation, and is told as a death.
 *
 * Memcheck tells the same error at the same place once in the life of a process; a worker that has made evidence of one is
 * therefore not used again (judge_told_accesses()).
 */
#include "evidence.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../../allocator/core/memory.h"
#include "../../allocator/core/objects.h"
#include "../../allocator/slab/slab.h"
#include "../memcheck/client.h"
#include "../memcheck/memcheck.h"
#include "../trace/depot.h"
#include "../trace/util.h"
#include "kernel_text.h"

struct access {
	bool uninitialised, write;
	const char *use; /* of what is not initialised */
	unsigned size;
	uint64_t addr;
	uint64_t frames
		[DEPOT_FRAMES_MAX]; /* the first is the instruction, others are return addresses */
	unsigned frame_count;
};

static struct {
	pid_t pid; /* whose file is open */
	int fd;
	char *text;
	size_t length, done; /* what was read; what of it is errors that have been looked at */
	unsigned errors;
	bool told;
} log_;

/* ---- the file ---- */

static void open_log(void)
{
	char *path = xasprintf("%s/%d.log", memcheck_directory(), (int)getpid());

	if (log_.pid)
		close(log_.fd);
	log_.pid = getpid();
	log_.length = log_.done = 0;
	log_.told = false;
	log_.fd = open(path, O_RDONLY | O_CLOEXEC);
	if (log_.fd < 0)
		judge.unable = "the file that valgrind tells its errors in cannot be read";
	free(path);
}

static void read_log(void)
{
	const size_t piece = 1 << 16;
	ssize_t n;

	if (log_.pid != getpid())
		open_log();
	do {
		log_.text = xrealloc(log_.text, log_.length + piece + 1);
		n = log_.fd < 0 ? 0 : read(log_.fd, log_.text + log_.length, piece);
		log_.length += n > 0 ? (size_t)n : 0;
	} while (n > 0);
	log_.text[log_.length] = '\0';
}

/* The next line of the file, without its "==PID== ", cut off there; NULL: it is not whole yet. */
static char *next_line(size_t *at)
{
	char *line = log_.text + *at, *end = strchr(line, '\n'), *text;

	if (!end)
		return NULL;
	*end = '\0';
	*at = (size_t)(end + 1 - log_.text);
	text = strncmp(line, "==", 2) == 0 ? strstr(line + 2, "== ") : NULL;
	return text ? text + 3 : line;
}

/* ---- one error ---- */

static bool begin_access(struct access *a, const char *what)
{
	*a = (struct access){.write = !strncmp(what, "Invalid write", 13)};
	if (strstr(what, "depends on uninitialised value"))
		a->use = "decides where the code goes";
	else if (!strncmp(what, "Use of uninitialised value", 26))
		a->use = "is used as an address, or to compute one";
	a->uninitialised = a->use;
	return a->use || sscanf(what, "Invalid %*s of size %u", &a->size) == 1;
}

static void add_frame(struct access *a, const char *line)
{
	uint64_t ip;

	if (a->addr || a->frame_count == DEPOT_FRAMES_MAX ||
	    (sscanf(line, " at 0x%lx", &ip) != 1 && sscanf(line, " by 0x%lx", &ip) != 1))
		return;
	/* All but the first are the byte before where it goes on. */
	a->frames[a->frame_count] = ip + (a->frame_count > 0);
	a->frame_count++;
}

/* Errors end with an empty line; only whole ones are read. */
static bool next_access(struct access *a)
{
	size_t at = log_.done;
	bool ours = false;
	char *line;

	while ((line = next_line(&at))) {
		if (!*line) {
			log_.done = at;
			if (ours && a->frame_count)
				return true;
			ours = false;
		} else if (line[0] != ' ') {
			ours = begin_access(a, line);
		} else if (ours && sscanf(line, " Address 0x%lx", &a->addr) != 1) {
			add_frame(a, line);
		}
	}
	return false;
}

/* ---- whose it is ---- */

static bool is_drivers_object(const struct kf_object *object)
{
	const struct journal_entry like = {.stack = object->alloc_tag};
	const char *owner = object->addr ? blame_owner(&like) : NULL;

	return owner && !strcmp(owner, judge.eyes.module);
}

static bool is_drivers(const struct access *a, uint32_t stack, const struct kf_object *object)
{
	const uint64_t *pcs;
	unsigned n = depot_get(stack, &pcs), driver = blame_driver_frame(pcs, n);

	if (driver == n)
		return false;
	if (!driver)
		return true;
	return a->uninitialised ? driver == 1 : is_drivers_object(object);
}

/* ---- evidence ---- */

static void describe_place(const struct access *a, const struct kf_object *o, const char *cache,
			   char *text, size_t size)
{
	long long offset = (long long)(a->addr - (uint64_t)o->addr), end = (long long)o->size;
	const char *relation = "inside";

	if (!o->addr) {
		snprintf(text, size, "memory that nobody has allocated");
		return;
	}
	if (offset < 0) {
		relation = "before";
		offset = -offset;
	} else if (offset >= end) {
		relation = "behind the end of";
		offset -= end;
	}
	snprintf(text, size, "%lld byte%s %s an object of %zu bytes%s%s", offset,
		 offset == 1 ? "" : "s", relation, o->size, cache[0] ? " of " : "", cache);
}

/* One that is being freed right now is no longer live, and nobody has freed it yet: what was told before, was told of a live
 * one. */
static bool is_freed(const struct kf_object *object, uint64_t addr)
{
	bool inside = addr - (uint64_t)object->addr < object->size;

	return object->addr && !object->live && object->seq && (object->free_tag || inside);
}

/* The same call of the driver has shown the same, at another instruction of the function that it called. */
static bool is_told(enum finding_kind kind, uint32_t stack)
{
	const uint64_t *pcs, *others;
	unsigned n = depot_get(stack, &pcs), driver = blame_driver_frame(pcs, n);

	for (unsigned i = 0; driver && i < judge.evidence_count; i++) {
		const struct evidence *e = &judge.evidence[i];
		unsigned m = depot_get(e->stack, &others), other = blame_driver_frame(others, m);

		if (e->form == EVIDENCE_WATCHED && e->kind == kind && n - driver == m - other &&
		    !memcmp(pcs + driver, others + other, (n - driver) * sizeof(*pcs)))
			return true;
	}
	return false;
}

static void add_invalid(const struct access *a, uint32_t stack, const struct kf_object *object)
{
	bool freed = is_freed(object, a->addr);
	enum finding_kind kind = freed ? FINDING_USE_AFTER_FREE : FINDING_OUT_OF_BOUNDS;
	struct evidence *e;
	char place[160];

	log_.told = true;
	e = is_told(kind, stack) ? NULL : evidence_add(EVIDENCE_WATCHED, kind, stack, a->write);
	if (!e)
		return;
	e->exact = true;
	e->bug = (struct kf_bug){.addr = (void *)a->addr, .object = *object};
	if (object->addr) {
		e->access.type = kernel_text_access_type(object, freed);
		e->access.addr = a->addr;
		e->access.size = a->size;
		e->access.write = a->write;
	}
	snprintf(e->cache, sizeof(e->cache), "%s",
		 object->cache ? kf_cache_name(object->cache) : "");
	describe_place(a, object, e->cache, place, sizeof(place));
	snprintf(e->what, sizeof(e->what), "%s of %u byte%s %s: %s", a->write ? "write" : "read",
		 a->size, a->size == 1 ? "" : "s", freed ? "after it was freed" : "out of bounds",
		 place);
	evidence_noted(e);
}

static void add_uninitialised(const struct access *a, uint32_t stack)
{
	const enum finding_kind kind = FINDING_UNINITIALISED_VALUE;
	struct evidence *e;

	log_.told = true;
	e = is_told(kind, stack) ? NULL : evidence_add(EVIDENCE_WATCHED, kind, stack, 0);
	if (!e)
		return;
	e->exact = true;
	e->bug = (struct kf_bug){.addr = NULL};
	snprintf(e->what, sizeof(e->what), "a value that was never initialised %s", a->use);
	evidence_noted(e);
}

/* Nothing is mapped there, or it is the driver's own memory: nobody's, but no allocator's. */
static bool is_allocators(uint64_t addr, struct kf_object *object)
{
	*object = (struct kf_object){.addr = NULL};
	return kf_object_at((void *)addr, object) || kf_virt_addr_valid((void *)addr);
}

static void judge_access(const struct access *a)
{
	uint32_t stack = judge.eyes.access_stack(a->frames, a->frame_count);
	struct kf_object object = {.addr = NULL};

	if (!stack || (!a->uninitialised && !is_allocators(a->addr, &object)) ||
	    !is_drivers(a, stack, &object))
		return;
	if (a->uninitialised)
		add_uninitialised(a, stack);
	else
		add_invalid(a, stack, &object);
}

static void judge_new_errors(void *arg)
{
	struct access access;

	read_log();
	while (next_access(&access))
		if (judge.running && judge.eyes.access_stack)
			judge_access(&access);
}

void judge_accesses(void)
{
	unsigned errors = VALGRIND_COUNT_ERRORS;
	bool reported;

	if (!memcheck_on || errors == log_.errors)
		return;
	log_.errors = errors;
	reported = memcheck_report(false);
	stack_away(judge_new_errors, NULL);
	memcheck_report(reported);
}

bool judge_told_accesses(void)
{
	return memcheck_on && log_.told;
}

void judge_shown(const void *addr, size_t size)
{
	struct kf_object object;
	const void *bad;
	struct evidence *e;
	uint32_t stack;

	if (!memcheck_on || !judge.running || memcheck_is_known(addr, size, &bad))
		return;
	stack = judge.eyes.caller().stack;
	if (!is_allocators((uint64_t)bad, &object))
		object.addr = NULL;
	e = evidence_add(EVIDENCE_WATCHED, FINDING_UNINITIALISED_VALUE, stack, 1);
	if (!e)
		return;
	e->bug = (struct kf_bug){.addr = bad, .object = object};
	snprintf(e->cache, sizeof(e->cache), "%s", object.cache ? kf_cache_name(object.cache) : "");
	snprintf(e->what, sizeof(e->what),
		 "%zu bytes are copied to user space, and the one at offset %zu was never "
		 "initialised",
		 size, (size_t)((const char *)bad - (const char *)addr));
	evidence_noted(e);
}
