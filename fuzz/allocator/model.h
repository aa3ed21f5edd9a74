/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The reference model of the allocators: what each live thing holds, and which memory it takes. It is simple enough to be
 * believed: a bit for every four bytes of physical and of per-CPU memory, and a pattern. The fuzz target's oracle and the
 * random tests (tests/allocator/test_model.c) share it.
 *
 * For worlds of at most 64 MiB of physical memory.
 */
#ifndef KFAIL_FUZZ_MODEL_H
#define KFAIL_FUZZ_MODEL_H

#include "../../allocator/core/types.h"

#define THING_PAGES 8 /* of a vmap */

struct family; /* a way to allocate, and the way back: the model's user says what one is */

/* Something that is allocated. */
struct thing {
	const struct family *family;
	char *p;  /* per-CPU: the cookie */
	u64 size; /* bytes that are its own */
	u64 stamp; /* content: byte 64 * i is stamp + i (above 64 KiB: one in each page), the last one stamp */
	u32 gfp, order;
	unsigned cache; /* which of the user's caches or pools it is of */
	struct page *pages[THING_PAGES];
};

/* Called when the model and the allocators disagree, with a sentence. Set it before all else. */
extern void (*model_disagrees)(const char *what);

/* An empty model. */
void model_reset(void);
/* The memory of a thing was free, and is taken now. */
void model_claim(const struct thing *t);
void model_release(const struct thing *t);
/* Where its bytes are: per-CPU memory has one address for each CPU. */
char *model_bytes(const struct thing *t);
void model_fill(struct thing *t, u64 stamp);
/* It holds what model_fill() has written: all of it; its first `size` bytes, as krealloc() has to keep them. */
bool model_intact(const struct thing *t);
bool model_intact_to(const struct thing *t, u64 size);

#endif
