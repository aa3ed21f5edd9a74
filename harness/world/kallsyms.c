// SPDX-License-Identifier: GPL-2.0-only
/*
 * The symbol table that every distribution kernel carries in .rodata, found without symbols.
 *
 * scripts/kallsyms.c writes these tables, each aligned to 8 bytes. Nothing points at them from
 * outside, so they are recognised by their own structure, and believed only when all parts agree:
 *
 *	before 6.4:  offsets, relative base, number, names, markers, tokens, token index
 *		     (6.2, 6.3 and later 6.1: the order by name between markers and tokens)
 *	from 6.4:    number, names, markers, tokens, token index, offsets, relative base,
 *		     order by name
 *
 * tokens: 256 strings, one after the other. The digits always stand for themselves, so "0\0" "1\0"
 *	... "9\0" are the tokens 0x30 to 0x39: that run of bytes is what we look for.
 * token index: 256 x 16 bits: where each token begins. It has to match the tokens.
 * names: for each symbol a length (one byte, or two as ULEB128), then so many token numbers. The
 *	first letter of the expanded name is the type, as nm(1) prints it.
 * markers: 32 bits each: where every 256th name begins. They have to match the names.
 * offsets: 32 bits each. With CONFIG_KALLSYMS_ABSOLUTE_PERCPU (up to 6.14) they are signed: zero
 *	and more are absolute values, below that addresses are base - 1 - offset. Otherwise an
 *	address is base + offset. kallsyms_sym_address() in kernel/kallsyms.c is the reader that this has to
 *	agree with.
 *
 * The table that is handed out is sorted by address, as the kernel's is; symbols of one address
 * stay in the kernel's order. Per-CPU symbols come first, at their offsets.
 */
#include <stdio.h>
#include <stdlib.h>

#include "image.h"

#define TOKENS	      256
#define INDEX_BYTES   (2 * TOKENS)
#define MARKER_EVERY  256
#define SYMBOLS_MIN   1000
#define SYMBOLS_MAX   (4u << 20)
#define NAMES_MAX     (64u << 20)
#define NAME_MAX_SIZE 1024

/* The tables as positions in .rodata. */
struct tables {
	const uint8_t *rodata;
	size_t size;
	size_t tokens, token_index, after_index;
	uint16_t token_at[TOKENS];
	size_t names, names_end;
	uint32_t count;
	size_t offsets;
	uint64_t base;
	bool absolute_percpu;
};

static size_t align8(size_t n)
{
	return (n + 7) & ~(size_t)7;
}

/* ---- tokens ---- */

/* The 256 tokens that begin here, and an index that agrees with them. */
static bool read_tokens(struct tables *t, size_t start)
{
	size_t at = start;
	const uint8_t *end;
	unsigned i;

	for (i = 0; i < TOKENS; i++) {
		if (at >= t->size || at - start > UINT16_MAX)
			return false;
		t->token_at[i] = (uint16_t)(at - start);
		end = memchr(t->rodata + at, 0, t->size - at);
		if (!end)
			return false;
		at = (size_t)(end - t->rodata) + 1;
	}
	t->tokens = start;
	t->token_index = align8(at);
	if (!in_bounds(t->token_index, INDEX_BYTES, t->size))
		return false;
	for (i = 0; i < TOKENS; i++) {
		if (get16(t->rodata + t->token_index + 2 * i) != t->token_at[i])
			return false;
	}
	t->after_index = align8(t->token_index + INDEX_BYTES);
	return true;
}

/* Given where token "0" is, go back over the 48 before it. */
static bool tokens_around(struct tables *t, size_t zero)
{
	size_t at = zero;
	unsigned i;

	for (i = 0; i < '0'; i++) {
		if (!at)
			return false;
		at--;
		while (at && t->rodata[at - 1])
			at--;
	}
	return read_tokens(t, at);
}

static bool find_tokens(struct tables *t)
{
	static const char digits[] = "0\0001\0002\0003\0004\0005\0006\0007\0008\0009";
	const uint8_t *p = t->rodata, *end = t->rodata + t->size;

	while ((p = memmem(p, (size_t)(end - p), digits, sizeof(digits)))) {
		if (tokens_around(t, (size_t)(p - t->rodata)))
			return true;
		p++;
	}
	return false;
}

/* ---- names ---- */

/* The length field at *at; moves *at behind it. 0: not a name. */
static size_t name_length(const struct tables *t, size_t *at, size_t end)
{
	size_t n;

	if (*at >= end)
		return 0;
	n = t->rodata[(*at)++];
	if (n & 0x80) {
		if (*at >= end)
			return 0;
		n = (n & 0x7f) | (size_t)t->rodata[(*at)++] << 7;
	}
	return n <= end - *at && n < NAME_MAX_SIZE ? n : 0;
}

/* Do `count` names begin at `names`, and markers that agree with them follow? */
static bool read_names(struct tables *t, size_t names, uint32_t count, size_t markers)
{
	size_t at = names, n;
	uint32_t i;

	for (i = 0; i < count; i++) {
		if (i % MARKER_EVERY == 0 &&
		    get32(t->rodata + markers + 4 * (i / MARKER_EVERY)) != at - names)
			return false;
		n = name_length(t, &at, markers);
		if (!n)
			return false;
		at += n;
	}
	if (align8(at) != markers)
		return false;
	t->names = names;
	t->names_end = at;
	t->count = count;
	return true;
}

/* Where the markers are if there are `count` symbols; `seqs`: the order by name is behind. */
static size_t markers_for(const struct tables *t, uint32_t count, bool seqs)
{
	size_t size = align8(4 * (((size_t)count + MARKER_EVERY - 1) / MARKER_EVERY));
	size_t at;

	if (seqs)
		size += align8(3 * (size_t)count);
	if (size >= t->tokens)
		return 0;
	at = t->tokens - size;
	/* Two cheap looks before all names are walked. */
	if (get32(t->rodata + at) || get32(t->rodata + at + 4) < 2 * MARKER_EVERY)
		return 0;
	return at;
}

/* Look backwards from the tokens for the number of symbols with names behind it. */
static bool find_names(struct tables *t)
{
	size_t at = (t->tokens & ~(size_t)7), lowest = at > NAMES_MAX ? at - NAMES_MAX : 0;
	size_t markers;
	uint32_t count;
	int seqs;

	while (at >= lowest + 8) {
		at -= 8;
		count = get32(t->rodata + at);
		if (count < SYMBOLS_MIN || count > SYMBOLS_MAX || get32(t->rodata + at + 4))
			continue;
		for (seqs = 0; seqs < 2; seqs++) {
			markers = markers_for(t, count, seqs);
			if (markers > at + 8 && read_names(t, at + 8, count, markers))
				return true;
		}
	}
	return false;
}

/* ---- addresses ---- */

static uint64_t address(const struct tables *t, uint32_t i)
{
	uint32_t offset = get32(t->rodata + t->offsets + 4 * (size_t)i);

	if (!t->absolute_percpu)
		return t->base + offset;
	return (int32_t)offset >= 0 ? offset : t->base - 1 - (uint64_t)(int64_t)(int32_t)offset;
}

/* Addresses never go down, and end in the kernel: so this is what we take it for. */
static bool addresses_sorted(const struct tables *t)
{
	uint64_t last = 0, now = 0;
	uint32_t i;

	for (i = 0; i < t->count; i++) {
		now = address(t, i);
		if (now < last)
			return false;
		last = now;
	}
	return now >= KERNEL_LINK_START;
}

static bool try_offsets(struct tables *t, size_t offsets, size_t base)
{
	if (!in_bounds(offsets, 4 * (size_t)t->count, t->size) || !in_bounds(base, 8, t->size))
		return false;
	t->offsets = offsets;
	t->base = get64(t->rodata + base);
	if (t->base < KERNEL_LINK_START)
		return false;
	t->absolute_percpu = true;
	if (addresses_sorted(t))
		return true;
	t->absolute_percpu = false;
	return addresses_sorted(t);
}

static bool find_offsets(struct tables *t)
{
	size_t size = align8(4 * (size_t)t->count), number = t->names - 8;

	if (try_offsets(t, t->after_index, t->after_index + size))
		return true;
	return number >= size + 8 && try_offsets(t, number - 8 - size, number - 8);
}

/* ---- the table ---- */

struct pool {
	char *text;
	size_t size, room;
};

/* Append the expanded name with its type letter in front; false: it is not a name. */
static bool expand(const struct tables *t, const uint8_t *name, size_t n, struct pool *pool)
{
	size_t start = pool->size, size;
	const char *token;

	while (n--) {
		token = (const char *)t->rodata + t->tokens + t->token_at[*name++];
		size = strlen(token);
		if (pool->size - start + size > NAME_MAX_SIZE)
			return false;
		if (pool->room - pool->size < size + 1) {
			pool->room = 2 * pool->room + size + 1;
			pool->text = kf_array(pool->text, pool->room, 1);
		}
		memcpy(pool->text + pool->size, token, size + 1);
		pool->size += size;
	}
	pool->size++;
	return pool->size - start > 2;
}

static bool build_table(const struct tables *t, struct ksym_table *out)
{
	struct ksym *syms = kf_array(NULL, t->count, sizeof(*syms));
	struct pool pool = {.room = 16 * (size_t)t->count};
	size_t at = t->names, n;
	uint32_t i;

	pool.text = kf_array(NULL, pool.room, 1);
	for (i = 0; i < t->count; i++) {
		syms[i].addr = address(t, i);
		syms[i].name = (uint32_t)pool.size + 1;
		n = name_length(t, &at, t->names_end);
		if (!expand(t, t->rodata + at, n, &pool))
			break;
		syms[i].type = pool.text[syms[i].name - 1];
		at += n;
	}
	out->syms = syms;
	out->count = i;
	out->strings = pool.text;
	return i == t->count;
}

int kallsyms_read(const char *path, const struct elf_view *view, struct kernel_image *image,
		  char *err)
{
	unsigned i = elf_find_section(view, ".rodata");
	struct tables t = {0};
	Elf64_Shdr s;

	if (i)
		s = elf_section(view, i);
	if (!i || s.sh_type != SHT_PROGBITS)
		return kf_fail(err, "%s: this kernel has no .rodata section", path);
	t.rodata = view->data + s.sh_offset;
	t.size = s.sh_size;
	if (!find_tokens(&t))
		return kf_fail(
			err,
			"%s: this kernel has no symbol table (built without CONFIG_KALLSYMS), and "
			"kfail cannot work without one",
			path);
	if (!find_names(&t) || !find_offsets(&t) || !build_table(&t, &image->symbols))
		return kf_fail(
			err,
			"%s: the symbol table of this kernel (kallsyms) is damaged, or in a layout "
			"that kfail does not know",
			path);
	return 0;
}
