// SPDX-License-Identifier: GPL-2.0-only
/*
 * What memcheck is told, and its books of it (memcheck.h).
 *
 * Memcheck keeps two things of each byte: may it be touched (A), and is each of its bits initialised (V). The hook `bytes`
 * gives both:
 *
 *	nobody's	may not be touched
 *	new		may be, is not initialised
 *	known		may be, is initialised
 *
 * A snapshot's copies are made by code that memcheck watches, so V goes into the copies with the bytes, and comes
 * back with them: what was not initialised in the snapshot is not after a restore. A does not go with copies. It changes by
 * the hook only, so the hook keeps a log since the mark: what a range was before. Undone from its end, before the bytes
 * are put back, which want memory that may be touched.
 *
 * What a range was, memcheck is asked: for a run of bytes at once (VALGRIND_GET_VBITS says whether all may be touched), and
 * byte by byte where the run is mixed. Ranges of the hook mostly are not: an object is handed out whole, and is given back
 * whole.
 *
 * Second mappings are addresses of their own to memcheck. They are unmapped and mapped again by a restore, which makes them
 * known, as they are told to be when somebody may write at the one and read at the other.
 */
#include "memcheck.h"

#include <stdlib.h>
#include "../../allocator/core/hooks.h"
#include "../trace/util.h"
#include "client.h"

#define CHUNK 4096u /* bytes asked about at once */

struct change {
	uint64_t addr, size;
	bool may; /* it could be touched before */
};

bool memcheck_on;
static bool reporting = true;

static struct {
	bool marked;
	struct change *changes;
	size_t count, room;
} books;

/* ---- the log ---- */

static bool may_touch(uint64_t addr, size_t size)
{
	static uint8_t bits[CHUNK];

	return VALGRIND_GET_VBITS(addr, bits, size) != 3;
}

static void log_change(uint64_t addr, uint64_t size, bool may)
{
	struct change *last = books.count ? &books.changes[books.count - 1] : NULL;

	if (last && last->may == may && last->addr + last->size == addr) {
		last->size += size;
		return;
	}
	if (books.count == books.room) {
		books.room = books.room ? books.room * 2 : 1024;
		books.changes = xreallocarray(books.changes, books.room, sizeof(*books.changes));
	}
	books.changes[books.count++] = (struct change){addr, size, may};
}

static void log_mixed(uint64_t addr, size_t size)
{
	for (uint64_t end = addr + size; addr < end; addr++)
		log_change(addr, 1, may_touch(addr, 1));
}

/* What is about to change. */
static void log_chunk(uint64_t addr, size_t size)
{
	if (may_touch(addr, size))
		log_change(addr, size, true);
	else if (size > 1 && (may_touch(addr, 1) || may_touch(addr + size - 1, 1)))
		log_mixed(addr, size);
	else
		log_change(addr, size, false);
}

static void log_range(uint64_t addr, size_t size)
{
	for (size_t done = 0; done < size; done += CHUNK)
		log_chunk(addr + done, size - done < CHUNK ? size - done : CHUNK);
}

/* ---- the hook ---- */

static void hook_bytes(const void *addr, size_t size, enum kf_bytes state)
{
	if (books.marked)
		log_range((uint64_t)addr, size);
	switch (state) {
	case KF_BYTES_NOBODYS:
		(void)VALGRIND_MAKE_MEM_NOACCESS(addr, size);
		break;
	case KF_BYTES_NEW:
		(void)VALGRIND_MAKE_MEM_UNDEFINED(addr, size);
		break;
	case KF_BYTES_KNOWN:
		(void)VALGRIND_MAKE_MEM_DEFINED(addr, size);
		break;
	}
}

const char *memcheck_directory(void)
{
	return RUNNING_ON_VALGRIND ? getenv(MEMCHECK_DIRECTORY) : NULL;
}

void memcheck_open(void)
{
	if (!memcheck_directory())
		return;
	memcheck_on = true;
	memcheck_report(false);
	kf_hooks.bytes = hook_bytes;
	kf_watch();
}

/* ---- the course of runs ---- */

void memcheck_mark(void)
{
	books.marked = memcheck_on;
	books.count = 0;
}

void memcheck_return(void)
{
	while (books.count) {
		const struct change *c = &books.changes[--books.count];

		if (c->may)
			(void)VALGRIND_MAKE_MEM_DEFINED(c->addr, c->size);
		else
			(void)VALGRIND_MAKE_MEM_NOACCESS(c->addr, c->size);
	}
}

bool memcheck_report(bool on)
{
	bool was = reporting;

	if (!memcheck_on || on == reporting)
		return was;
	reporting = on;
	if (on)
		VALGRIND_ENABLE_ERROR_REPORTING;
	else
		VALGRIND_DISABLE_ERROR_REPORTING;
	return was;
}

bool memcheck_is_known(const void *addr, size_t size, const void **bad)
{
	static uint8_t bits[CHUNK];
	const uint8_t *p = addr;

	for (size_t n; size; p += n, size -= n) {
		n = size < CHUNK ? size : CHUNK;
		if (VALGRIND_GET_VBITS(p, bits, n) != 1)
			return true; /* what may not be touched is told where it is touched */
		for (size_t i = 0; i < n; i++)
			if (bits[i]) {
				*bad = p + i;
				return false;
			}
	}
	return true;
}
