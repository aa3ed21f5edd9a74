/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of harness/world share: the world of this process, as far as the host must know
 * it. Saved with the world (worldfile.c): pointers are into world memory or into the mapped file.
 */
#ifndef KFAIL_WORLD_INTERNAL_H
#define KFAIL_WORLD_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>
#include "kernel.h"
#include "kernel_call.h"
#include "layout.h"
#include "override/loader.h"

/* Tables of the image and the override layer, as offsets and addresses that hold in every process.
 */
struct world_info {
	char version[128];
	uint64_t percpu_static;
	uint64_t overlay_end;
	/* ORC tables in world memory. */
	uint64_t orc_ip, orc, orc_count, overlay_orc_ip, overlay_orc, overlay_orc_count;
	bool orc_new_layout;
	uint32_t override_count;
	uint32_t init_functions, init_traps;
};

struct world {
	struct world_info info;
	struct ksym_table kernel, overlay; /* addresses where they are in this process */
	struct kernel_paths paths;
};

extern struct world world;

/* For the times in reports. */
static inline double now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1e3 + ts.tv_nsec / 1e6;
}

/* Ticks of the timeout timer since kernel_set_timeout(). */
extern volatile int world_timeout_ticks;

/* Address of a function or variable of the override layer; ends the program when there is none (a
 * broken layer).
 */
uint64_t overlay_symbol(const char *name);
/* The same; 0: there is none. */
uint64_t overlay_find(const char *name);
/* Address in the world at which the layer calls a host function of imports.def; 0: it is none. */
uint64_t overlay_import(const char *name);
/* Address of a kernel symbol of text or data; 0: none. */
uint64_t image_symbol(const char *name);

/* place.c: map the image at its place and relocate it; per-CPU template into the unit. 0 or -1
 * (err).
 */
uint64_t world_percpu_static(const struct kernel_image *image); /* bytes; 0: none */
int world_place_image(const struct kernel_image *image, char *err);

/* overlay.c: link the override layer's object into the image. `poison`: overwrite every replaced function's body, and the internals of
 * what is replaced, with ud2. 0 or -1 (err). */
int overlay_link(const char *object, bool poison, char *err);
/* Describe what is overridden: calls fn(name) for each function, in the order of the object. */
void overlay_for_each_override(void (*fn)(const char *name, void *arg), void *arg);

/* build.c: path of the override layer's object for these headers, built if it is not in the cache.
 * malloc()ed, or NULL (err).
 */
char *overlay_build(const struct kernel_paths *paths, bool verbose, char *err);

/* follow.c: under valgrind, calls of kernel and module functions are followed from now on. When all modules are loaded. */
void follow_calls(void);
/* struct target's access_stack. */
uint32_t world_access_stack(const uint64_t *frames, unsigned count);

/* boot.c: from kf_world_init() through all initcalls. 0 or -1 (err). */
int world_boot(bool verbose, char *err);

/* trap.c: signal handlers; and, once the override layer is in place, the kernel's tables of bugs
 * and fixups.
 */
int trap_init(void);
void trap_world_ready(void);
/* Run fn, without kernel code running, on a world that may be in ruins; false: it ended by a fault in its midst. */
bool trap_try(void (*fn)(void));
/* target.user_access. */
bool trap_user_access(void *context, uint64_t addr, bool write);
/* While judge_warning() is told of a WARN from the trap handler: the stack where it was. 0: ask the
 * hook's stack.
 */
extern uint32_t world_trap_stack;
/* A page fault: true when it was the host's business (the snapshot, a veiled vmalloc area), and is dealt with. */
bool world_fault(uint64_t addr, bool write);
/* Is the address in a scenario's program's memory? (world.c) */
bool world_is_user(uint64_t addr);
/* The module's bytes in a vmalloc area, for the loader to free. */
void *world_module_buffer(const void *bytes, size_t size);
void overlay_reconnect(void);

/* The override layer's kf_boundary: frames beyond it did not ask. */
uint64_t world_boundary(void);

/* roots.c: where a scan for unreferenced objects begins (struct target). */
struct kml_root;
void world_roots(void (*fn)(const struct kml_root *root, void *arg), void *arg);

/* services.c */
void services_init(void);
void services_install_hooks(void);
bool world_settling(void);
void world_context(struct target_context *out);
void world_task(struct trace_task *out);
/* The hooks `whence` and `defer`. */
void world_whence(struct kf_whence *out);
void world_defer(void (*fn)(void *), void *arg);
void services_set_verbose(bool verbose);
/* The newest line of the kernel's log; "" when there is none. */
const char *services_last_line(void);
/* A line of the allocators in the kernel's log. */
void services_log(int level, const char *line);

#endif
