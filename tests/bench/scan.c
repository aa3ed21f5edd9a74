// SPDX-License-Identifier: GPL-2.0-only
/*
 * A full scan for unreferenced objects (harness/kmemleak), on the allocators alone.
 *
 *	gb_per_s=		bytes that a scan reads in a second, on a heap of 1 KiB objects
 *	memory_gb_per_s=	bytes that a plain loop over the same heap reads in a second
 *	ratio=			the first by the second
 *	same_bytes_ratio=	the first by what a plain loop reads that leaves out the same gaps between objects as a
 *				scan does: slots of kmalloc-1k are 2 KiB apart, with their guards
 *	shuffled_ratio=		the same of a heap without any order
 *	objects_N=SECONDS	a scan with N live objects of 64 bytes, 10^4 to 10^7
 *	exponent=		of time against objects, between 10^5 and 10^7 (1: linear)
 *
 * Each object but the first is pointed to by another one, of which two such pointers lead away. In the first heap relatives were
 * allocated one after the other, as most are; in all others they lie anywhere. Times are
 * CPU time, the best of several, of all kinds of reading one after the other, since others use the machine too.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "../../allocator/core/memory.h"
#include "../../allocator/page/memblock.h"
#include "../../allocator/slab/slab.h"
#include "../../harness/kmemleak/internal.h"

#define TIMES 5
#define GIB   (1ull << 30)

static void *root;
static double best_memory, best_objects;

static void roots(void (*fn)(const struct kml_root *root, void *arg), void *arg)
{
	fn(&(struct kml_root){.kind = KML_DATA,
			      .start = (uint64_t)&root,
			      .end = (uint64_t)(&root + 1),
			      .name = "bench"},
	   arg);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void stop(const char *why)
{
	fprintf(stderr, "scan: %s\n", why);
	exit(1);
}

/* As native mode's, with a larger zone Normal. */
static void open_world(void)
{
	struct kf_layout layout = kf_layout_native;
	const struct kml_world world = {.roots = roots, .hz = 250};
	uint64_t more = 6 * GIB;

	layout.zone[KF_ZONE_NORMAL].end += more;
	layout.zone[KF_ZONE_HIGHMEM].start = layout.zone[KF_ZONE_HIGHMEM].end = 0;
	layout.zone[KF_ZONE_MOVABLE].start += more;
	layout.zone[KF_ZONE_MOVABLE].end += more;
	layout.phys_end += more;
	if (kf_memory_init(&layout))
		stop("the world cannot be mapped");
	kf_memblock_free_all();
	if (kf_slab_init())
		stop("no slab caches");
	kml_forget();
	kml_attach(&world);
	kml_begin();
}

/* n objects; object i is pointed to by one of those before it, which has a free word for it. */
static void fill(unsigned n, size_t size, bool shuffled)
{
	void ***objects = malloc(n * sizeof(*objects));
	unsigned words = (unsigned)(size / 8), *used = calloc(n, sizeof(*used));
	uint64_t random = 88172645463325252ull;

	for (unsigned i = 0; i < n; i++) {
		objects[i] = kf_kmalloc(size, KF_GFP_KERNEL | KF_GFP_ZERO);
		if (!objects[i])
			stop("no memory");
	}
	for (unsigned i = n - 1; shuffled && i > 0; i--) {
		unsigned k;
		void **other;

		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		k = (unsigned)(random % (i + 1));
		other = objects[i];
		objects[i] = objects[k];
		objects[k] = other;
	}
	for (unsigned i = 1; i < n; i++) {
		unsigned parent = (i - 1) / 2;

		objects[parent][used[parent]++ % words] = objects[i];
	}
	root = objects[0];
	free(used);
	free(objects);
}

static void read_words(uint64_t start, uint64_t size, uint64_t *sum)
{
	const uint64_t *at = (const uint64_t *)start;
	uint64_t a = 0, b = 0, c = 0, d = 0;

	for (uint64_t i = 0; i + 4 <= size / 8; i += 4) {
		a += at[i];
		b += at[i + 1];
		c += at[i + 2];
		d += at[i + 3];
	}
	sum[0] += a + b + c + d;
	sum[1] += size;
}

static void read_slab(const struct kf_extent *extent, void *sum)
{
	read_words(extent->start, extent->size, sum);
}

static void read_objects(const struct kf_extent *extent, void *sum)
{
	for (uint32_t i = 0; i < extent->slots; i++)
		read_words(extent->first + (uint64_t)i * extent->stride, extent->object_size, sum);
}

static double speed_of(void (*read)(const struct kf_extent *extent, void *sum))
{
	uint64_t sum[2] = {0, 0};
	double start = now();

	kf_extents_for_each(read, sum);
	if (!sum[0])
		stop("nothing was read");
	return (double)sum[1] / (now() - start);
}

static double scan_seconds(uint64_t *bytes, unsigned n)
{
	struct kml_scan result;
	double start = now(), seconds;

	if (!kml_scan(&result, NULL, NULL))
		stop(kml_unable());
	seconds = now() - start;
	if (result.unreferenced || result.objects < n)
		stop("the scan is wrong: an object is not found, or taken for unreferenced");
	*bytes = result.bytes;
	return seconds;
}

static double best_scan(uint64_t *bytes, unsigned n)
{
	double best = 1e9;

	best_memory = best_objects = 0;
	for (int i = 0; i < TIMES; i++) {
		best = fmin(best, scan_seconds(bytes, n));
		best_memory = fmax(best_memory, speed_of(read_slab));
		best_objects = fmax(best_objects, speed_of(read_objects));
	}
	return best;
}

/* Bytes in a second. */
static double measure_bandwidth(bool shuffled)
{
	const unsigned n = 1000000;
	uint64_t bytes;
	double seconds;

	open_world();
	fill(n, 1024, shuffled);
	seconds = best_scan(&bytes, n);
	kf_memory_exit();
	return (double)bytes / seconds;
}

static double measure_objects(unsigned n)
{
	uint64_t bytes;
	double seconds;

	open_world();
	fill(n, 64, true);
	seconds = best_scan(&bytes, n);
	printf("objects_%u=%.5f\n", n, seconds);
	kf_memory_exit();
	return seconds;
}

int main(void)
{
	double t[4], speed;
	unsigned n = 10000;

	speed = measure_bandwidth(false);
	printf("gb_per_s=%.2f\nmemory_gb_per_s=%.2f\nratio=%.2f\n", speed / 1e9, best_memory / 1e9,
	       speed / best_memory);
	printf("same_bytes_ratio=%.2f\n", speed / best_objects);
	speed = measure_bandwidth(true);
	printf("shuffled_ratio=%.2f\n", speed / best_memory);
	for (int i = 0; i < 4; i++, n *= 10)
		t[i] = measure_objects(n);
	printf("exponent=%.2f\n", log10(t[3] / t[1]) / 2);
	return 0;
}
