/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The reference model of test_model.c: what is live, what it holds, and which memory it takes. It is simple enough to be
 * believed: a bit for every four bytes of physical and of per-CPU memory, and a list.
 */
#ifndef KFAIL_TESTS_MODEL_H
#define KFAIL_TESTS_MODEL_H

#include "test.h"

#define THING_PAGES 8 /* of a vmap */
#define MOST	    600

struct family;

/* Something that is allocated. */
struct thing {
	const struct family *family;
	char *p;   /* per-CPU: the cookie */
	u64 size;  /* bytes that are its own */
	u64 stamp; /* content: byte 64 * i is stamp + i, the last one stamp */
	u32 gfp, order;
	unsigned cache;
	struct page *pages[THING_PAGES];
};

/* A way to allocate, and the way back. */
struct family {
	const char *name;
	unsigned weight; /* how often it is chosen */
	/* Fill p, size and what `put` needs. False: refused or no memory. */
	bool (*get)(struct thing *t);
	void (*put)(struct thing *t);
	unsigned told; /* objects that the hooks know; 0: as many as the thing has pages, and one */
	bool zeroed;   /* always, whatever the gfp */
	bool fails;    /* may fail although there is memory: it wants much in one piece */
};

extern struct thing things[MOST];
extern unsigned nr_things;
extern u64 step; /* number of the operation, from 0 */

extern bool failed; /* the sequence is of no use any more */

/* What failed, with the step and the seed that show it again; remembered as a failure of the test. */
bool sound(bool ok, const char *what);

/* An empty model. */
void model_reset(void);
/* The memory of a thing was free, and is taken now. */
void model_claim(const struct thing *t);
void model_release(const struct thing *t);
/* Where its bytes are: per-CPU memory has one address for each CPU. */
char *model_bytes(const struct thing *t);
void model_fill(struct thing *t);
bool model_intact(const struct thing *t);

#endif
