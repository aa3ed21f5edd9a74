// SPDX-License-Identifier: GPL-2.0-only
/*
 * Three ways back to the start of a run, measured on the same module with all judges on:
 *
 *	in place    the snapshot's: copies of the pages that runs write (harness/sweep/snapshot.c)
 *	re-mapping  the world is a file, mapped privately again for every run; what the run touches is faulted in again
 *	fork        a process of its own for every run, forked from one that stands at the start
 *
 *	restore kernel|native MODULE [RUNS]
 *
 * Frames with second mappings are shared memory, which cannot be mapped privately: re-mapping copies these.
 * Prints NAME=VALUE lines: microseconds of a run, restore included, and ratios.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "../../allocator/core/memory.h"
#include "../../harness/native/native.h"
#include "../../harness/sweep/run.h"
#include "../../harness/snapshot/base.h"
#include "../../harness/world/kernel_call.h"
#include "../../harness/world/world.h"

#define PIECES_MAX 8192
#define FORKS	   30

static const struct run_options options = {.timeout_ms = 5000};
static unsigned unclean;

/* What lies in the world, mapping by mapping. */
static struct piece {
	uint64_t start, size, offset; /* in the file */
	int prot;
	char *copy; /* of shared memory; NULL: it is mapped */
} pieces[PIECES_MAX];
static unsigned piece_count;
static int file;
static uint64_t file_size, agent_frame;

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1e6 + ts.tv_nsec * 1e-3;
}

static int prepare(const char *mode, char *module, struct target **target)
{
	struct world_options world = {.modules = &module, .module_count = 1};
	char err[KF_ERR];
	int failed = !strcmp(mode, "native") ? native_prepare(module, NULL, 0, target, err)
					     : world_prepare(&world, target, err);

	if (failed)
		fprintf(stderr, "restore: %s\n", err);
	return failed;
}

static void one_run(const struct target *target)
{
	struct schedule none = {0};
	struct run_result result;

	run_schedule(target, &options, NULL, &none, &result);
	unclean += result.accused || result.not_judged || result.died;
	run_result_clear(&result);
}

static double runs_us(const struct target *target, unsigned runs)
{
	double start;

	one_run(target);
	one_run(target);
	start = now();
	for (unsigned i = 0; i < runs; i++)
		one_run(target);
	return (now() - start) / runs;
}

/* ---- fork ---- */

static double fork_us(const struct target *target)
{
	double start = now();

	for (unsigned i = 0; i < FORKS; i++) {
		int status = 1;

		if (!fork()) {
			if (target->adopt())
				_exit(1);
			run_attach(target);
			one_run(target);
			_exit(unclean != 0);
		}
		wait(&status);
		unclean += status != 0;
	}
	return (now() - start) / FORKS;
}

/* ---- re-mapping ---- */

static void write_page(uint64_t page, uint64_t offset)
{
	static const char zeros[PAGE_BYTES];

	if (memcmp((void *)page, zeros, PAGE_BYTES) != 0 &&
	    pwrite(file, (void *)page, PAGE_BYTES, (off_t)offset) != (ssize_t)PAGE_BYTES)
		abort();
}

static void add_piece(uint64_t start, uint64_t end, int prot, bool shared)
{
	struct piece *p = &pieces[piece_count++];

	if (piece_count == PIECES_MAX)
		abort();
	*p = (struct piece){.start = start, .size = end - start, .offset = file_size, .prot = prot};
	if (shared) {
		p->copy = malloc(p->size);
		memcpy(p->copy, (void *)start, p->size);
		return;
	}
	file_size += p->size;
	if (ftruncate(file, (off_t)file_size))
		abort();
	for (uint64_t at = 0; at < p->size; at += PAGE_BYTES)
		write_page(start + at, p->offset + at);
}

/* Of a mapping, what lies in a region of the snapshot that a run may write. */
static void add_overlap(const struct region *regions, unsigned count, uint64_t start, uint64_t end,
			bool shared)
{
	for (unsigned i = 0; i < count; i++) {
		uint64_t low = regions[i].start > start ? regions[i].start : start;
		uint64_t high = regions[i].end < end ? regions[i].end : end;

		if (low < high && !regions[i].canonical && regions[i].prot & PROT_WRITE)
			add_piece(low, high, regions[i].prot, shared);
	}
}

/* The snapshot is given up: from here on, the file is the start of a run. */
static void make_file(const struct target *target)
{
	static struct region regions[4096];
	unsigned long long start, end;
	char line[4400], access[5];
	unsigned count;
	FILE *maps;

	target->restore();
	agent_frame = kernel_agent_frame();
	count = snap.region_count;
	if (count > 4096)
		abort();
	memcpy(regions, snap.regions, count * sizeof(*regions));
	snapshot_drop();
	file = memfd_create("world", MFD_CLOEXEC);
	maps = fopen("/proc/self/maps", "r");
	while (maps && fgets(line, sizeof(line), maps))
		if (sscanf(line, "%llx-%llx %4s", &start, &end, access) == 3)
			add_overlap(regions, count, start, end, access[3] == 's');
	fclose(maps);
}

static void map_again(void)
{
	kf_mapping_rollback();
	for (unsigned i = 0; i < piece_count; i++) {
		const struct piece *p = &pieces[i];

		if (p->copy)
			memcpy((void *)p->start, p->copy, p->size);
		else if (mmap((void *)p->start, p->size, p->prot,
			      MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE, file,
			      (off_t)p->offset) == MAP_FAILED)
			abort();
	}
	kernel_set_agent_frame(agent_frame);
}

static double remap_us(const struct target *target, unsigned runs)
{
	struct target other = *target;

	make_file(target);
	other.restore = map_again;
	other.dangling = NULL; /* asks the snapshot */
	return runs_us(&other, runs);
}

int main(int argc, char **argv)
{
	double in_place, remapped, forked;
	struct target *target;
	unsigned runs;

	if (argc < 3) {
		fprintf(stderr, "usage: restore kernel|native MODULE [RUNS]\n");
		return 2;
	}
	runs = argc > 3 ? (unsigned)atoi(argv[3]) : 200;
	if (prepare(argv[1], argv[2], &target))
		return 1;
	forked = fork_us(target);
	if (target->adopt())
		return 1;
	run_attach(target);
	in_place = runs_us(target, runs);
	printf("in_place_us=%.1f\n", in_place);
	printf("hot_pages=%u\n", snapshot_hot_pages());
	remapped = remap_us(target, runs);
	printf("remap_us=%.1f\n", remapped);
	printf("fork_us=%.0f\n", forked);
	printf("remap_over_in_place=%.1f\n", remapped / in_place);
	printf("fork_over_in_place=%.1f\n", forked / in_place);
	printf("unclean=%u\n", unclean);
	return unclean != 0;
}
