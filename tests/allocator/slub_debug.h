/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tests of slub_debug share: a world with settings, and the lines of the kernel's log.
 */
#ifndef KFAIL_TESTS_SLUB_DEBUG_H
#define KFAIL_TESTS_SLUB_DEBUG_H

#include "../../allocator/core/settings.h"
#include "test.h"

/* Lines logged since the last forget_log(). */
extern char log_lines[256][200];
extern unsigned log_count;
void forget_log(void);

/* Instead of fixture_start(): "slub_debug=FZPU", "slub_merge", ...; NULL: the defaults. Hooks name stacks: frames
 * of tag T are "fT_0+0x1/0x2" and "fT_1+0x1/0x2", tag KF_TAG_HERE is "here+0x1/0x2"; it is pid 7 at jiffies 100. */
void start_with(const char *setting);

/* kmem_cache_create_usercopy() with its parameters one by one. */
struct kf_cache *create(const char *name, size_t size, size_t align, u32 flags, size_t useroffset,
			size_t usersize, void (*ctor)(void *), int *err);

/* Is this line in the log, whole, at or after `from`? Its index, or -1 (the log is printed then). */
int find_line(const char *line, int from);
#define CHECK_LINE(...) CHECK(find_line(line_of(__VA_ARGS__), 0) >= 0)
const char *line_of(const char *form, ...) __attribute__((format(printf, 1, 2)));

/* An address as the kernel prints it without hashing. */
#define HEX(p) ((unsigned long long)(uintptr_t)(p))

struct kf_cache_stat stat_of(const struct kf_cache *cache);

/* The letters of slub_debug. */
#define F    KF_SLAB_CONSISTENCY_CHECKS
#define Z    KF_SLAB_RED_ZONE
#define P    KF_SLAB_POISON
#define U    KF_SLAB_STORE_USER
#define T    KF_SLAB_TRACE
#define A    KF_SLAB_FAILSLAB
#define FZPU (F | Z | P | U)

/* Setup of suites whose tests start a world themselves. */
void nothing(void);

#endif
