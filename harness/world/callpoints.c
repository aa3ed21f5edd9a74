// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls as points in kernel mode. While the kernel's loader relocates the module under test, it asks for each symbol that
 * the module imports whether it leads to a stub (override/module.c, apply_relocate_add()); so calls of the kernel itself
 * and of other modules are never points.
 *
 * Stubs lie behind the override layer, which every module reaches, in memory that a saved world has not written: they are
 * made when a module is loaded, and nothing is there when no call is a point. Unwind tables lie behind them, in the form
 * that the image's own have:
 *
 *	end of the layer, next page   what stubs share | stubs | .orc_unwind_ip | .orc_unwind
 */
#include "../../allocator/core/memory.h"
#include "../inject/calls.h"
#include "../trace/orc.h"
#include "prepare.h"
#include "world_internal.h"

/* asm/orc_types.h; as in trace/orc.c. */
enum { REG_PREV_SP = 1, REG_BP = 4, REG_SP = 5 };

struct orc_row {
	int16_t sp_offset, bp_offset;
	uint16_t bits;
} __attribute__((packed));

uint64_t host_call_stub(const char *import, uint64_t target);

static uint64_t takes_signals_fn;

static bool takes_signals(void)
{
	return kernel_function(takes_signals_fn, 0, 0, 0) & 1;
}

void callpoints_open(void)
{
	static const struct calls_world answers = {image_symbol, takes_signals};
	uint64_t at = (world.info.overlay_end + KF_PAGE_SIZE - 1) & KF_PAGE_MASK;

	takes_signals_fn = overlay_symbol("kf_takes_signals");
	calls_stubs_open((void *)at, overlay_import("calls_ask"), &answers);
}

/* For the layer: where an import of the module under test leads instead; 0: to its function. */
uint64_t host_call_stub(const char *import, uint64_t target)
{
	return calls_stub(import, target);
}

/* ---- unwinding ---- */

struct orc_writer {
	int32_t *ip;
	struct orc_row *rows;
	unsigned count;
};

static void put_row(struct orc_writer *w, uint64_t addr, unsigned sp_reg, int sp_offset,
		    bool framed)
{
	unsigned call_type = world.info.orc_new_layout ? 2 : 0;

	w->ip[w->count] = (int32_t)(addr - (uint64_t)&w->ip[w->count]);
	w->rows[w->count] = (struct orc_row){
		.sp_offset = (int16_t)sp_offset,
		.bp_offset = framed ? -16 : 0,
		.bits = (uint16_t)(sp_reg | (framed ? REG_PREV_SP << 4 : 0) | call_type << 8),
	};
	w->count++;
}

/* Each part begins with `push %rbp`, one byte. */
static void put_rows(struct orc_writer *w, const struct calls_code *code)
{
	put_row(w, code->start, REG_SP, 8, false);
	put_row(w, code->start + 1, REG_SP, 16, true);
	put_row(w, code->start + code->framed, REG_BP, 16, true);
	for (unsigned i = 0; i < code->count; i++) {
		uint64_t stub = code->stubs + i * CALLS_STUB_SIZE;

		put_row(w, stub, REG_SP, 8, false);
		put_row(w, stub + 1, REG_SP, 16, true);
	}
}

static void register_unwinding(const struct calls_code *code, uint64_t end)
{
	unsigned rows = 3 + 2 * code->count;
	struct orc_writer w = {(int32_t *)end, (struct orc_row *)(end + 4 * rows), 0};

	put_rows(&w, code);
	orc_register(&(struct orc_table){code->start, end, w.ip, w.rows, w.count,
					 world.info.orc_new_layout});
}

void callpoints_ready(void)
{
	const struct calls_code *code = calls_code();
	uint64_t end = code->stubs + code->count * CALLS_STUB_SIZE;

	if (!code->count)
		return;
	register_unwinding(code, end);
	calls_name_stubs();
}
