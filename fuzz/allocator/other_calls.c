// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls that allocate nothing: what the task is, on which CPU it runs, what kmemleak is told and finds.
 */
#include "oracle.h"

#include "../../allocator/core/cpu.h"
#include "../../allocator/core/settings.h"

static const u32 task_bits[] = {KF_TASK_HARDIRQ,    KF_TASK_SOFTIRQ, KF_TASK_ATOMIC,
				KF_TASK_MEMALLOC,   KF_TASK_NOIO,    KF_TASK_NOFS,
				KF_TASK_OOM_VICTIM, KF_TASK_REALTIME};

void do_context(const uint8_t *call)
{
	u32 value = fuzz_get(&field_context, call);

	task_is = 0;
	for (unsigned i = 0; i < sizeof(task_bits) / sizeof(task_bits[0]); i++)
		if (value >> i & 1)
			task_is |= task_bits[i];
}

/* A CPU of plain slabs belongs to its thread, which can only give it back. */
void do_cpu(const uint8_t *call)
{
	if (kf_settings()->guard)
		kf_cpu_plus_one = 1 + fuzz_get(&field_cpu, call);
}

void do_check(const uint8_t *call)
{
	oracle_check_all();
}

void do_write(const uint8_t *call)
{
	struct thing *t = thing_at(fuzz_get(&field_of, call));

	if (!t)
		return;
	things_look(t);
	things_fill(t);
}
