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

/* Each part begins with `push %rbp`, one byte. */
static void put_rows(struct orc_writer *w, const struct calls_code *code)
{
	orc_put(w, code->start, ORC_BASE_SP, 8, false);
	orc_put(w, code->start + 1, ORC_BASE_SP, 16, true);
	orc_put(w, code->start + code->framed, ORC_BASE_BP, 16, true);
	for (unsigned i = 0; i < code->count; i++) {
		uint64_t stub = code->stubs + i * CALLS_STUB_SIZE;

		orc_put(w, stub, ORC_BASE_SP, 8, false);
		orc_put(w, stub + 1, ORC_BASE_SP, 16, true);
	}
}

static void register_unwinding(const struct calls_code *code, uint64_t end)
{
	unsigned rows = 3 + 2 * code->count;
	struct orc_writer w = {.ip = (int32_t *)end,
			       .rows = (struct orc_row *)(end + 4 * rows),
			       .new_layout = world.info.orc_new_layout};

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
