/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Is a load or store of instrumented code allowed? Asked by the entry points that the compiler calls (asan_entry.h), in
 * kernel mode and in native mode; what is not allowed is told to the judges.
 */
#ifndef KFAIL_INSTRUMENT_ACCESS_H
#define KFAIL_INSTRUMENT_ACCESS_H

#include <stdbool.h>
#include <stdint.h>
#include "../snapshot/snapshot.h"
#include "../world/override/shadow.h"

/* What a world with instrumented code has; all of it stays where it is. */
struct instrumented {
	const struct kf_shadow_windows *windows;
	const struct kf_globals *globals; /* that were registered */
	const unsigned *globals_count;
	/* Memory of user space, which kernel code may only touch by copy functions. May be NULL. */
	bool (*is_user)(uint64_t addr);
};

/* Map the shadow of these windows, all of it fine: once per process, before such code is loaded. 0 or -errno. */
int shadow_open(const struct instrumented *world);
/* Is there a shadow? */
bool shadow_is_open(void);
/* Its memory, which belongs to the snapshot: fills at most two regions and returns how many. */
unsigned shadow_regions(struct snapshot_region *regions);

/* Code at `pc` (a return address) is about to touch [addr, addr+size). True: it may. False: it may not, and the judges know.
 * What faults by itself, as a NULL pointer, is left to the fault. In a hook of the world; takes no lock. */
bool access_check(uint64_t addr, uint64_t size, bool write, uint64_t pc);

/* A cache's constructor begins, or has ended: memory of slabs that is no object yet may be touched meanwhile. */
void access_constructs(bool running);

/* The first byte of [addr, addr+size) that must not be touched; addr+size when all may. Tells nobody. */
uint64_t access_first_bad(uint64_t addr, uint64_t size);

/* variables.c: the variable that a poisoned byte is near, as "the variable 'buf' of 16 bytes": `distance` is how far
 * behind its end (or, negative, before its start) addr lies. False: there is no description. */
struct variable {
	char name[64];
	uint64_t start, size;
};
bool variable_on_stack(uint64_t addr, struct variable *out);
bool variable_global(const struct instrumented *world, uint64_t addr, struct variable *out);

#endif
