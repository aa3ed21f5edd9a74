// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where a scan for unreferenced objects begins in kernel mode: as kmemleak_init() and kmemleak_scan() of mm/kmemleak.c of
 * 6.1 have it.
 *
 *	.data, .bss, .data..ro_after_init	of the image, by the linker's symbols
 *	the override layer			all of it: its variables stand for the kernel's
 *	static per-CPU variables
 *	what a module can write to		of each module, init sections too
 *	stacks					of each task, from where it was left
 *
 * A task that does not run has its registers on its stack. The one that runs has crossed into the host: its registers are on
 * the stack of hooks, which is a root then too; between two operations it waits in the agent, with its registers
 * on its own.
 */
#include <stdlib.h>
#include <string.h>
#include "../kmemleak/kmemleak.h"
#include "judged.h"
#include "world_internal.h"

typedef void root_fn(const struct kml_root *root, void *arg);

static void tell_of(uint64_t start, uint64_t end, const char *name, bool gone, root_fn *fn,
		    void *arg)
{
	if (start && start < end)
		fn(&(struct kml_root){.kind = KML_DATA,
				      .start = start,
				      .end = end,
				      .name = name,
				      .gone = gone},
		   arg);
}

static void tell(uint64_t start, uint64_t end, const char *name, root_fn *fn, void *arg)
{
	tell_of(start, end, name, false, fn, arg);
}

/* The linker's symbols do not change; to look each of them up takes a walk through all names. */
static void tell_image(root_fn *fn, void *arg)
{
	static const char *const names[][2] = {
		{"_sdata", "_edata"},
		{"__bss_start", "__bss_stop"},
		{"__start_ro_after_init", "__end_ro_after_init"},
	};
	static uint64_t bounds[3][2];

	for (int i = 0; i < 3; i++) {
		for (int k = 0; k < 2 && !bounds[i][k]; k++)
			bounds[i][k] = image_symbol(names[i][k]);
		/* As in the kernel, the third may be a part of the first. */
		if (i != 2 || bounds[2][0] < bounds[0][0] || bounds[2][1] > bounds[0][1])
			tell(bounds[i][0], bounds[i][1], "vmlinux", fn, arg);
	}
}

static void tell_modules(root_fn *fn, void *arg)
{
	const struct loaded *module;

	for (unsigned i = 0; (module = loaded_get(i)); i++) {
		const struct kf_module_info *info = &module->info;
		bool gone = module == judged.module && judged.gone;

		tell_of(info->core + info->core_ro_size, info->core + info->core_size, module->name,
			gone, fn, arg);
		tell_of(info->init, info->init + info->init_size, module->name, gone, fn, arg);
		if (info->percpu)
			tell_of(PERCPU_BASE + info->percpu,
				PERCPU_BASE + info->percpu + info->percpu_size, module->name, gone,
				fn, arg);
	}
}

/* Of the task that runs: where kernel code called the host, or where the agent waits. */
static uint64_t running_sp(void)
{
	uint64_t sp = kernel_hook_sp();

	return sp ?: kernel_agent_frame() - 64;
}

static void tell_stacks(root_fn *fn, void *arg)
{
	typedef bool task_fn(unsigned i, const char **name, uint64_t *pid, uint64_t *sp);
	static task_fn *task;
	const char *name;
	uint64_t pid, sp;

	if (!task)
		task = (task_fn *)overlay_symbol("kf_task_stack");
	for (unsigned i = 0; task(i, &name, &pid, &sp); i++)
		if (name)
			fn(&(struct kml_root){.kind = KML_STACK,
					      .start = KF_STACK_LOW(i),
					      .end = KF_STACK_TOP(i),
					      .sp = sp ?: running_sp(),
					      .name = name,
					      .pid = (int)pid},
			   arg);
}

static void tell_hook_stack(root_fn *fn, void *arg)
{
	struct target_stacks stacks;
	uint64_t here = (uint64_t)__builtin_frame_address(0);

	kernel_stacks(&stacks);
	if (here >= stacks.hook_low && here < stacks.hook_high)
		fn(&(struct kml_root){.kind = KML_STACK,
				      .start = stacks.hook_low,
				      .end = stacks.hook_high,
				      .sp = here,
				      .name = "the task that runs"},
		   arg);
}

void world_roots(root_fn *fn, void *arg)
{
	tell_image(fn, arg);
	tell(OVERLAY_BASE, world.info.overlay_end, "kfail", fn, arg);
	fn(&(struct kml_root){.kind = KML_PERCPU,
			      .start = PERCPU_BASE,
			      .end = PERCPU_BASE + world.info.percpu_static,
			      .name = "per-CPU"},
	   arg);
	tell_modules(fn, arg);
	tell_stacks(fn, arg);
	tell_hook_stack(fn, arg);
}

/* ---- the file /sys/kernel/debug/kmemleak (override/kmemleak_file.c) ---- */

int host_kmemleak_write(const char *command);
size_t host_kmemleak_read(char *to, size_t size, uint64_t pos);

int host_kmemleak_write(const char *command)
{
	return kml_command(command);
}

size_t host_kmemleak_read(char *to, size_t size, uint64_t pos)
{
	static char *text;
	static size_t length;
	static uint64_t next;

	/* Not where the last read has ended: somebody begins. */
	if (!text || !pos || pos != next) {
		free(text);
		text = kml_text(&length);
	}
	if (pos >= length)
		return 0;
	if (size > length - pos)
		size = length - pos;
	memcpy(to, text + pos, size);
	next = pos + size;
	return size;
}
