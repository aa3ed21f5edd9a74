// SPDX-License-Identifier: GPL-2.0-only
/*
 * Errors of memcheck as evidence. Valgrind writes each into a file of this process, as XML, at the moment when it happens;
 * here the file is read on as soon as the number of errors has changed, which every hook and every call of a kernel function
 * looks at. So the allocators still know what was at the address.
 *
 *	<error>
 *	  <kind>InvalidRead</kind>
 *	  <what>Invalid read of size 4</what>
 *	  <stack><frame><ip>0x60001234</ip></frame>...</stack>
 *	  <auxwhat>Address 0x7012ab8 is ...</auxwhat>
 *	</error>
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
#include <libxml/parser.h>
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

/* The directory of the files; set by the command that starts valgrind. */
#define DIRECTORY "KFAIL_VALGRIND"

struct access {
	bool uninitialised, write;
	const char *use; /* of what is not initialised */
	unsigned size;
	uint64_t addr;
	uint64_t frames[DEPOT_FRAMES_MAX]; /* the first is the instruction, others are return addresses */
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
	const char *directory = getenv(DIRECTORY);
	char *path = xasprintf("%s/%d.xml", directory ? directory : ".", (int)getpid());

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

/* The next error, whole; its length. NULL: no more. */
static const char *next_error(size_t *length)
{
	static const char end_tag[] = "</error>";
	const char *from = strstr(log_.text + log_.done, "<error>");
	const char *end = from ? strstr(from, end_tag) : NULL;

	if (!end)
		return NULL;
	end += strlen(end_tag);
	log_.done = (size_t)(end - log_.text);
	*length = (size_t)(end - from);
	return from;
}

/* ---- one error ---- */

static bool is_named(const xmlNode *node, const char *name)
{
	return node->type == XML_ELEMENT_NODE && !strcmp((const char *)node->name, name);
}

static const xmlNode *child(const xmlNode *parent, const char *name)
{
	const xmlNode *node = parent ? parent->children : NULL;

	while (node && !is_named(node, name))
		node = node->next;
	return node;
}

static const char *text_of(const xmlNode *node)
{
	const xmlNode *text = node ? node->children : NULL;

	return text && text->content ? (const char *)text->content : "";
}

static void read_frames(struct access *a, const xmlNode *stack)
{
	const xmlNode *node = stack ? stack->children : NULL;

	for (; node && a->frame_count < DEPOT_FRAMES_MAX; node = node->next) {
		uint64_t ip = strtoull(text_of(child(node, "ip")), NULL, 16);

		/* All but the first are the byte before where it goes on. */
		if (is_named(node, "frame"))
			a->frames[a->frame_count] = ip + (a->frame_count > 0);
		a->frame_count += is_named(node, "frame");
	}
}

static bool read_access(const xmlNode *error, struct access *a)
{
	const char *kind = text_of(child(error, "kind")), *what = text_of(child(error, "what"));
	const char *about = text_of(child(error, "auxwhat"));

	*a = (struct access){.write = !strcmp(kind, "InvalidWrite")};
	if (!strcmp(kind, "UninitCondition"))
		a->use = "decides where the code goes";
	else if (!strcmp(kind, "UninitValue"))
		a->use = "is used as an address, or to compute one";
	a->uninitialised = a->use;
	if (!a->uninitialised && !a->write && strcmp(kind, "InvalidRead") != 0)
		return false;
	if (!a->uninitialised && (sscanf(what, "Invalid %*s of size %u", &a->size) != 1 ||
				  sscanf(about, "Address %lx", &a->addr) != 1))
		return false;
	read_frames(a, child(error, "stack"));
	return a->frame_count;
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

		if (e->form == EVIDENCE_ACCESS && e->kind == kind && n - driver == m - other &&
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
	e = is_told(kind, stack) ? NULL : evidence_add(EVIDENCE_ACCESS, kind, stack, a->write);
	if (!e)
		return;
	e->exact = true;
	e->bug = (struct kf_bug){.addr = (void *)a->addr, .object = *object};
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
	e = is_told(kind, stack) ? NULL : evidence_add(EVIDENCE_ACCESS, kind, stack, 0);
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

static void judge_error(const char *xml, size_t length)
{
	xmlDoc *doc = xmlReadMemory(xml, (int)length, NULL, NULL,
				    XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NONET);
	struct access access;

	if (!doc)
		return;
	if (read_access(xmlDocGetRootElement(doc), &access))
		judge_access(&access);
	xmlFreeDoc(doc);
}

static void judge_new_errors(void *arg)
{
	const char *error;
	size_t length;

	read_log();
	while ((error = next_error(&length)))
		if (judge.running && judge.eyes.access_stack)
			judge_error(error, length);
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
	e = evidence_add(EVIDENCE_ACCESS, FINDING_UNINITIALISED_VALUE, stack, 1);
	if (!e)
		return;
	e->bug = (struct kf_bug){.addr = bad, .object = object};
	snprintf(e->cache, sizeof(e->cache), "%s",
		 object.cache ? kf_cache_name(object.cache) : "");
	snprintf(e->what, sizeof(e->what),
		 "%zu bytes are copied to user space, and the one at offset %zu was never "
		 "initialised",
		 size, (size_t)((const char *)bad - (const char *)addr));
	evidence_noted(e);
}
