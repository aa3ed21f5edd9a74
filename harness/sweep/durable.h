/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What outlives the supervisor: runs go to the store (store.h) when they are released, and a sweep that is resumed takes
 * them from there. Without a store all of this does nothing.
 */
#ifndef KFAIL_SWEEP_DURABLE_H
#define KFAIL_SWEEP_DURABLE_H

#include "supervisor.h"

/* With --resume, before the first run: what the sweep has found so far. */
void durable_begin(struct supervisor *s);
/* A baseline is released. When it is not the one that the stored runs were compared with, the sweep ends here. */
void durable_baseline(struct supervisor *s, unsigned operation);
/* A slot has been written that nobody can take yet: if its run is stored, it is done. */
void durable_find(struct supervisor *s, uint32_t slot);
/* A slot is released; `fresh` as its worker told it. */
void durable_run(struct supervisor *s, uint32_t slot, const char *fresh);
/* Now and then. */
void durable_tick(struct supervisor *s);
/* The end: of the sweep, or for now. */
void durable_end(struct supervisor *s);

#endif
