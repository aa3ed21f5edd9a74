/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Many stores become one: the shards of a sweep, made on any number of machines, are put together.
 */
#ifndef KFAIL_SWEEP_STORE_MERGE_H
#define KFAIL_SWEEP_STORE_MERGE_H

#include "store.h"

/* Copy the sweeps of the store at `path` into `store`; what is there already is not copied again. 0, or -1 (err). */
int store_import(struct store *store, const char *path, char *err);

/* What one sweep that was put together came to. */
struct store_union {
	int64_t sweep; /* the whole: store_load() it */
	const char *module;
	unsigned shards, parts; /* how many there are to be; how many sweeps were put together */
	enum sweep_status status;
	const char
		*missing;   /* "2, 5 of 8": shards that are not there or not finished; NULL: none */
	unsigned conflicts; /* runs that came to different results in two parts */
};

/* Put together all sweeps of one identity that are shards, or of which there are several, and say for each what it came to.
 * A whole that was there before is made anew. 0, or -1 (err). */
int store_unite(struct store *store, void (*fn)(const struct store_union *whole, void *arg),
		void *arg, char *err);

#endif
