// SPDX-License-Identifier: GPL-2.0-only
/*
 * Starting a world: from a saved file when there is one made of the same parts (image, override
 * layer, this very program, settings of the allocators), else by placing the image, linking the override layer and booting; the
 * result is saved for the next time.
 */
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>
#include "../../allocator/core/hooks.h"
#include "../../allocator/page/memblock.h"
#include "../../allocator/vmalloc/vmalloc.h"
#include "../memcheck/client.h"
#include "../memcheck/memcheck.h"
#include "../snapshot/snapshot.h"
#include "../trace/orc.h"
#include "active.h"
#include "../instrument/access.h"
#include "file.h"
#include "world.h"
#include "worldfile.h"

#define KEPT_WORLDS 8

struct world world;

/* ---- hooks that the world itself answers ---- */

/* In the midst of a hook, but the world's own code again. */
static void run_constructor(void (*ctor)(void *), void *object)
{
	memcheck_report(true);
	access_constructs(true);
	ctor(object);
	access_constructs(false);
	memcheck_report(false);
}

static u64 run_purge_notifiers(void)
{
	uint64_t fn = overlay_symbol("kf_purge_notifiers");

	return fn ? ((u64(*)(void))fn)() : 0;
}

static void install_hooks(void)
{
	kf_hooks.vmap_purge = run_purge_notifiers;
	kf_hooks.construct = run_constructor;
	kf_hooks.exposed = snapshot_touch;
	/* Valgrind cannot run an instruction again that faulted in its midst. */
	if (RUNNING_ON_VALGRIND)
		snapshot_use_copies();
	kf_mapping_veil(!RUNNING_ON_VALGRIND);
	services_install_hooks();
	kf_hooks.whence = world_whence;
	kf_hooks.defer = world_defer;
}

/* ---- symbols ---- */

/* Image symbols move with the image; per-CPU ones are offsets and stay. */
static int move_symbols(const struct kernel_image *image, char *err)
{
	const struct ksym_table *from = &image->symbols;
	struct ksym *syms = malloc(from->count * sizeof(*syms));
	size_t used = 0;
	char *strings;
	uint32_t i;

	for (i = 0; i < from->count; i++)
		used += strlen(from->strings + from->syms[i].name) + 1;
	strings = malloc(used);
	if (!syms || !strings)
		return kf_fail(err, "no memory for the symbol table");
	used = 0;
	for (i = 0; i < from->count; i++) {
		syms[i] = from->syms[i];
		if (syms[i].addr >= LINK_BASE)
			syms[i].addr += IMAGE_DELTA;
		syms[i].name = used;
		used += stpcpy(strings + used, from->strings + from->syms[i].name) -
			(strings + used) + 1;
	}
	world.kernel = (struct ksym_table){syms, from->count, strings, IMAGE_BASE, IMAGE_END};
	symbols_set_kernel(&world.kernel);
	return 0;
}

static void register_tables(void)
{
	const struct world_info *info = &world.info;
	struct orc_table image = {IMAGE_BASE,
				  IMAGE_END,
				  (const int32_t *)info->orc_ip,
				  (const void *)info->orc,
				  info->orc_count,
				  info->orc_new_layout};
	struct orc_table overlay = {OVERLAY_BASE,
				    info->overlay_end,
				    (const int32_t *)info->overlay_orc_ip,
				    (const void *)info->overlay_orc,
				    info->overlay_orc_count,
				    info->orc_new_layout};

	orc_register(&image);
	orc_register(&overlay);
	symbols_set_kernel(&world.kernel);
	symbols_add_table(NULL, &world.overlay);
}

/* ---- memory ---- */

static int map_stacks(void)
{
	void *p = mmap((void *)KF_STACK_BASE, KF_STACKS * KF_STACK_SLOT, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);

	return p == (void *)KF_STACK_BASE ? 0 : -1;
}

static void guard_stacks(void)
{
	unsigned slot;

	for (slot = 0; slot < KF_STACKS; slot++)
		mprotect((void *)(KF_STACK_BASE + slot * KF_STACK_SLOT),
			 KF_STACK_SLOT - KF_STACK_SIZE, PROT_NONE);
}

static int make_memory(uint64_t percpu_static, char *err)
{
	struct kf_layout layout = world_layout(percpu_static);
	int error = kf_memory_init(&layout);

	if (!error && map_stacks())
		error = -errno;
	if (error)
		return kf_fail(err, "the world's memory cannot be mapped at its addresses: %s",
			       strerror(-error));
	kf_memblock_reserve(16ul << 20, RESERVED_END - IMAGE_BASE);
	if (mprotect((void *)(DIRECT_MAP + (16ul << 20)), RESERVED_END - IMAGE_BASE,
		     PROT_READ | PROT_WRITE | PROT_EXEC))
		return kf_fail(err, "memory cannot be made executable: %s", strerror(errno));
	/* A canary for gs:40, before anything that was compiled with stack protection runs. */
	*(uint64_t *)(PERCPU_BASE + 40) = 0x5ca1ab1edeadbe00ull;
	return 0;
}

/* ---- booting ---- */

static int boot(const struct kernel_image *image, const char *object,
		const struct world_boot_options *options, struct world_boot_report *report,
		char *err)
{
	double start = now_ms();

	if (make_memory(world_percpu_static(image), err) || world_place_image(image, err) ||
	    move_symbols(image, err))
		return -1;
	*(uint64_t *)(PERCPU_BASE + 40) = 0x5ca1ab1edeadbe00ull;
	report->image_ms += now_ms() - start;
	start = now_ms();
	if (overlay_link(object, options->poison, err))
		return -1;
	report->overlay_ms = now_ms() - start;
	register_tables();
	install_hooks();
	services_init();
	trap_world_ready();
	active_world_ready();
	if (kernel_call_init() || trap_init())
		return kf_fail(err, "signals or GS cannot be set up: %s", strerror(errno));
	guard_stacks();
	start = now_ms();
	if (world_boot(options->verbose, err))
		return -1;
	report->boot_ms = now_ms() - start;
	return 0;
}

static int boot_image(const struct kernel_paths *paths, const char *object,
		      const struct world_boot_options *options, struct world_boot_report *report,
		      char *err)
{
	struct kernel_image image;
	double start = now_ms();
	int result;

	if (kernel_image_open(paths->image, &image, err))
		return -1;
	report->image_ms = now_ms() - start;
	result = boot(&image, object, options, report, err);
	kernel_image_close(&image);
	return result;
}

static int connect(char *err)
{
	overlay_reconnect();
	register_tables();
	install_hooks();
	services_init();
	trap_world_ready();
	active_world_ready();
	guard_stacks();
	if (kernel_call_init() || trap_init())
		return kf_fail(err, "signals or GS cannot be set up: %s", strerror(errno));
	return 0;
}

/* Size and time of a file are enough to know it by: kernels and programs are replaced, not edited.
 */
static void hash_file(XXH3_state_t *state, const char *path)
{
	struct stat st;
	uint64_t facts[4] = {0};

	if (stat(path, &st) == 0) {
		facts[0] = st.st_size;
		facts[1] = st.st_mtim.tv_sec;
		facts[2] = st.st_mtim.tv_nsec;
		facts[3] = st.st_ino;
	}
	XXH3_64bits_update(state, path, strlen(path));
	XXH3_64bits_update(state, facts, sizeof(facts));
}

static void hash_setting(const char *name, const char *value, void *arg)
{
	XXH3_64bits_update(arg, name, strlen(name) + 1);
	XXH3_64bits_update(arg, value, strlen(value) + 1);
}

/* The link is read, for valgrind shows another program behind it to whoever asks for that itself. */
static void hash_program(XXH3_state_t *state)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	path[n > 0 ? n : 0] = '\0';
	hash_file(state, path);
}

static char *world_path(const struct kernel_paths *paths, const char *object,
			const struct kf_settings *settings, char *err)
{
	const char *cache = kernel_cache_dir(err);
	XXH3_state_t *state = XXH3_createState();
	char *dir, *path;

	if (!cache)
		return NULL;
	XXH3_64bits_reset(state);
	hash_file(state, paths->image);
	hash_file(state, object);
	hash_program(state);
	kf_settings_for_each(settings, hash_setting, state);
	dir = kf_format("%s/world", cache);
	mkdir(dir, 0755);
	path = kf_format("%s/%s-%016lx", dir, paths->version,
			 (unsigned long)XXH3_64bits_digest(state));
	free(dir);
	XXH3_freeState(state);
	return path;
}

static int newest_first(const void *a, const void *b)
{
	const struct stat *x = a, *y = b;

	return x->st_mtim.tv_sec < y->st_mtim.tv_sec ? 1 : -(x->st_mtim.tv_sec > y->st_mtim.tv_sec);
}

/* Worlds of programs and layers that are no more: of each version the newest few are kept. */
static void forget_old_worlds(const char *path)
{
	const size_t key = strlen("0123456789abcdef");
	struct stat stats[KEPT_WORLDS * 8];
	size_t i, n = 0, count;
	char *pattern = kf_strdup(path);
	glob_t found;

	memset(pattern + strlen(pattern) - key, '?', key);
	if (glob(pattern, 0, NULL, &found) == 0) {
		count = found.gl_pathc < KEPT_WORLDS * 8 ? found.gl_pathc : KEPT_WORLDS * 8;
		for (i = 0; i < count; i++)
			n += stat(found.gl_pathv[i], &stats[n]) == 0;
		qsort(stats, n, sizeof(stats[0]), newest_first);
		for (i = 0; n > KEPT_WORLDS && i < count; i++) {
			struct stat st;

			if (stat(found.gl_pathv[i], &st) == 0 &&
			    newest_first(&st, &stats[KEPT_WORLDS - 1]) > 0)
				unlink(found.gl_pathv[i]);
		}
		globfree(&found);
	}
	free(pattern);
}

static void copy_paths(const struct kernel_paths *paths)
{
	world.paths = (struct kernel_paths){
		.version = kf_strdup(paths->version),
		.image = kf_strdup(paths->image),
		.headers = paths->headers ? kf_strdup(paths->headers) : NULL,
		.modules = paths->modules ? kf_strdup(paths->modules) : NULL,
		.installed = paths->installed,
	};
}

static void describe_file(struct world_boot_report *report, const char *path)
{
	struct stat st;

	snprintf(report->file, sizeof(report->file), "%s", path);
	if (stat(path, &st) == 0)
		report->file_kb = st.st_blocks / 2;
}

/* 0: mapped; 1: has to be booted; -1 (err). */
static int map_saved(const char *path, struct world_boot_report *report, char *err)
{
	double start = now_ms();
	int result = worldfile_load(path, err);

	if (result)
		return result;
	if (connect(err))
		return -1;
	report->from_cache = true;
	report->map_ms = now_ms() - start;
	return 0;
}

static int start_with(const struct kernel_paths *paths, const char *object, const char *path,
		      const struct world_boot_options *options, struct world_boot_report *report,
		      char *err)
{
	int result = options->fresh || options->poison ? 1 : map_saved(path, report, err);
	double start;

	if (result <= 0)
		return result;
	if (boot_image(paths, object, options, report, err))
		return -1;
	start = now_ms();
	if (!options->poison && worldfile_save(path, err))
		return -1;
	report->save_ms = now_ms() - start;
	forget_old_worlds(path);
	return 0;
}

/* A kernel boots under its own limits. */
static void boot_settings(const struct kf_settings *wanted, struct kf_settings *out)
{
	struct kf_settings usual;

	kf_settings_default(&usual);
	*out = wanted ? *wanted : usual;
	memcpy(out->profile, usual.profile, sizeof(out->profile));
}

int world_start(const struct kernel_paths *paths, const struct world_boot_options *options,
		struct world_boot_report *report, char *err)
{
	char *object = overlay_build(paths, options->verbose, err);
	struct kf_settings settings;
	char *path = NULL;
	int result = -1;

	boot_settings(options->settings, &settings);
	kf_settings_next(&settings);
	if (object)
		path = world_path(paths, object, &settings, err);
	memset(report, 0, sizeof(*report));
	services_set_verbose(options->verbose);
	copy_paths(paths);
	if (path)
		result = start_with(paths, object, path, options, report, err);
	memcheck_open();
	if (!result) {
		snprintf(report->version, sizeof(report->version), "%s", world.info.version);
		report->init_functions = world.info.init_functions;
		report->traps = world.info.init_traps;
		report->overrides = world.info.override_count;
		describe_file(report, path);
	}
	free(object);
	free(path);
	return result;
}

void world_for_each_override(void (*fn)(const char *name, void *arg), void *arg)
{
	overlay_for_each_override(fn, arg);
}
