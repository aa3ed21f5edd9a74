// SPDX-License-Identifier: GPL-2.0-only
/*
 * Function entry sites of kernel mode. The image lists its own between __start_mcount_loc and __stop_mcount_loc, each module
 * in its section __mcount_loc. Where a function is overridden, its entry is a jump; the site is then that of the function it
 * leads to, which stands in for it.
 *
 * The trampolines lie behind the override layer, which all sites reach, and their unwind tables behind them:
 *
 *	FENTRY_BASE   trampolines | .orc_unwind_ip | .orc_unwind
 */
#include "entries.h"

#include "../inject/interrupts.h"
#include "../trace/fentry.h"
#include "../trace/graph.h"
#include "../trace/orc.h"
#include "../trace/util.h"
#include "file.h"
#include "judged.h"

#define CALL_SIZE 5
#define ROWS	  13

static void write_unwinding(const struct fentry_code *code)
{
	uint64_t tables = code->entry + FENTRY_CODE_SIZE;
	struct orc_writer w = {.ip = (int32_t *)tables,
			       .rows = (struct orc_row *)(tables + 4 * ROWS),
			       .new_layout = world.info.orc_new_layout};

	orc_put(&w, code->entry, ORC_BASE_SP, 8, false);
	orc_put(&w, code->entry + 1, ORC_BASE_SP, 16, true);
	orc_put(&w, code->entry_framed, ORC_BASE_BP, 16, true);
	/* `sub $8` and `push`: four and one bytes. */
	orc_put(&w, code->exit, ORC_BASE_SP, 0, false);
	orc_put(&w, code->exit + 4, ORC_BASE_SP, 8, false);
	orc_put(&w, code->exit + 5, ORC_BASE_SP, 16, true);
	orc_put(&w, code->exit_framed, ORC_BASE_BP, 16, true);
	orc_put_interrupt(&w, code->interrupt, ORC_BASE_SP, 8, false);
	orc_put_interrupt(&w, code->interrupt + 1, ORC_BASE_SP, 16, true);
	orc_put_interrupt(&w, code->interrupt_framed, ORC_BASE_BP, 16, true);
	orc_put(&w, code->cover, ORC_BASE_SP, 8, false);
	orc_put(&w, code->cover + 1, ORC_BASE_SP, 16, true);
	orc_put(&w, code->cover_framed, ORC_BASE_BP, 16, true);
	orc_register(&(struct orc_table){code->entry, tables, w.ip, w.rows, w.count,
					 world.info.orc_new_layout});
}

static void name_trampolines(const struct fentry_code *code)
{
	static const char names[] = "fentry_trampoline";
	static struct ksym symbol = {.type = 'T'};

	symbol.addr = code->entry;
	symbols_add_table(NULL, &(struct ksym_table){&symbol, 1, names, code->entry, code->end});
}

static uint64_t jump_target(uint64_t at)
{
	return at + CALL_SIZE + (uint64_t)(int64_t) * (int32_t *)(at + 1);
}

/* The site that a call of the function at this site comes to; 0: none. */
static uint64_t site_behind(uint64_t site, uint64_t fentry)
{
	uint64_t target;

	if (*(uint8_t *)site != 0xe9)
		return site;
	target = jump_target(site);
	if (!in_overlay(target) || *(uint8_t *)target != 0xe8 || jump_target(target) != fentry)
		return 0;
	return target;
}

static void add_image(void)
{
	const uint64_t *from = (uint64_t *)image_symbol("__start_mcount_loc");
	const uint64_t *end = (uint64_t *)image_symbol("__stop_mcount_loc");
	uint64_t fentry = image_symbol("__fentry__");
	uint64_t *sites = xcalloc((size_t)(end - from), sizeof(*sites));
	unsigned count = 0;

	for (; from < end; from++) {
		sites[count] = site_behind(*from, fentry);
		count += sites[count] != 0;
	}
	fentry_add_sites(sites, count);
	free(sites);
}

/* A module that has come up lists its init functions still, whose memory is gone. */
static void add_module(const struct kf_module_info *info)
{
	const uint64_t *from = (const uint64_t *)info->entry_sites;
	uint64_t *sites = xcalloc(info->entry_site_count, sizeof(*sites));
	unsigned count = 0;

	for (uint64_t i = 0; i < info->entry_site_count; i++)
		if (from[i] - info->core < info->core_size ||
		    from[i] - info->init < info->init_size)
			sites[count++] = from[i];
	fentry_add_sites(sites, count);
	free(sites);
}

static void add_modules(void)
{
	const struct loaded *mod;

	for (unsigned i = 0; (mod = loaded_get(i)); i++)
		add_module(&mod->info);
}

static void open_sites(void)
{
	fentry_open((void *)FENTRY_BASE, overlay_import("fentry_entered"),
		    overlay_import("fentry_returned"));
	write_unwinding(fentry_code());
	name_trampolines(fentry_code());
	fentry_set_interrupt(interrupts_function());
	fentry_filter(MODULE_BASE, MODULE_END - MODULE_BASE);
	fentry_keep_returns(OVERLAY_BASE, OVERLAY_END - OVERLAY_BASE);
	add_image();
	add_modules();
}

/* ---- the filter of a trace ---- */

static struct {
	uint64_t *list;
	unsigned count, room;
} chosen;

static bool choose(uint64_t site)
{
	struct frame frame;

	symbols_resolve(site, true, &frame, 1);
	if (!graph_matches(frame.function))
		return false;
	if (chosen.count == chosen.room) {
		chosen.room = chosen.room * 2 + 64;
		chosen.list = xreallocarray(chosen.list, chosen.room, sizeof(*chosen.list));
	}
	chosen.list[chosen.count++] = site;
	return true;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static int arm_chosen(char *err)
{
	unsigned armed = fentry_arm(choose);

	if (!armed)
		return kf_fail(err, "--trace-filter: no function that can be traced matches \"%s\"",
			       graph_filter());
	qsort(chosen.list, chosen.count, sizeof(*chosen.list), compare);
	graph_only(chosen.list, chosen.count);
	fentry_filter(0, UINT64_MAX);
	/* Interrupts want the others, too. */
	if (interrupts_wanted())
		fentry_arm(NULL);
	return 0;
}

int entries_arm(char *err)
{
	if (graph_wanted())
		fentry_listen(&graph_listener);
	interrupts_listen();
	if (!fentry_wanted())
		return 0;
	open_sites();
	if (graph_filter())
		return arm_chosen(err);
	fentry_arm(NULL);
	return 0;
}
