// SPDX-License-Identifier: GPL-2.0-only
/*
 * The operations of kernel mode: one step of the agent (override/module.c) each, and what is asked right behind it:
 * locks that are still held, callbacks and threads that will run code that is gone, references that keep a module.
 */
#include <errno.h>
#include <string.h>
#include "../snapshot/snapshot.h"
#include "../trace/depot.h"
#include "../trace/symbols.h"
#include "active.h"
#include "file.h"
#include "judged.h"

/* Locks that sleep which the operation took and did not give back (those that spin show in the context). False: there is
 * one. */
static bool check_held_locks(const char *operation)
{
	return judge_check_held(operation);
}

/* Kernel threads that run the module's code although it is gone. */
static void check_tasks(void)
{
	typedef bool task_fn(unsigned i, uint64_t *function, const char **name, uint64_t *pid);
	task_fn *task = (task_fn *)judged.fn.task;
	uint64_t function, pid;
	struct frame frame;
	const char *name;
	unsigned i;

	for (i = 0; task(i, &function, &name, &pid); i++) {
		if (!function || !world_in_judged(function))
			continue;
		symbols_resolve(function, true, &frame, 1);
		judge_note(FINDING_RESOURCE_LEAK,
			   "task \"%s\" is left running: a kernel thread in %s()", name,
			   frame.function);
	}
}

/* A callback that will run when the module's code is gone. */
static void check_callbacks(const char *operation)
{
	const struct kf_module_info *info = &judged.module->info;
	uint64_t function = world_pending_callback(info->core, info->core + info->core_size);
	struct frame frame;

	if (!function)
		return;
	symbols_resolve(function, true, &frame, 1);
	judge_note(FINDING_RESOURCE_LEAK,
		   "RCU callback %s() is still pending when %s returns: rcu_barrier() is missing",
		   frame.function, operation);
}

static bool finish(enum kernel_how how, struct death *death)
{
	judged.running = 0;
	kernel_set_timeout(0);
	if (how != KERNEL_DIED)
		return true;
	trap_try(
		loaded_update); /* without it, names of modules that were loaded since are missing */
	*death = *kernel_death();
	return false;
}

/* The loader's whole path: init, the rest of load_module(), and what delete_module() does. */
static bool load_and_unload(int64_t *result, struct death *death)
{
	enum kernel_how how;
	uint64_t value;

	world_reload_module();
	how = kernel_continue(KF_OP_FINISH, result);
	if (how != KERNEL_RETURNED || *result)
		return finish(how, death);
	how = kernel_call(overlay_symbol("kf_unload"), (uint64_t)judged.module->info.module, 0, 0,
			  &value);
	*result = (int)value;
	return finish(how, death);
}

/* delete_module() says no as long as somebody uses the module. */
static void check_refused_exit(int64_t result)
{
	uint64_t references;

	if (result != -EWOULDBLOCK)
		return;
	loaded_update();
	references = judged.module->info.refcount;
	judge_note(FINDING_RESOURCE_LEAK,
		   "the module cannot be unloaded, although everything is closed: %lu reference%s "
		   "to it "
		   "remain%s (delete_module() returns -EWOULDBLOCK)",
		   (unsigned long)references, references == 1 ? "" : "s",
		   references == 1 ? "s" : "");
}

static void check_after(enum target_op op, int64_t result)
{
	switch (op) {
	case TARGET_INIT:
		judged.gone = result < 0;
		check_held_locks("init");
		if (result < 0)
			check_callbacks("the failed init");
		break;
	case TARGET_EXIT:
		judged.gone = !result;
		check_held_locks("exit");
		check_refused_exit(result);
		if (!result)
			check_callbacks("exit");
		break;
	case TARGET_LIVE:
		check_held_locks("the notifier of a module that is live");
		break;
	case TARGET_SETTLE:
		check_tasks();
		break;
	default:
		break;
	}
}

bool world_operate(enum target_op op, int64_t *result, struct death *death, unsigned timeout_ms)
{
	static const uint64_t agent_op[] = {
		[TARGET_INIT] = KF_OP_INIT,	     [TARGET_EXIT] = KF_OP_EXIT,
		[TARGET_SETTLE] = KF_OP_SETTLE_TIME, [TARGET_LIVE] = KF_OP_LIVE,
		[TARGET_IDLE] = KF_OP_IDLE,
	};

	*result = 0;
	if (op == TARGET_RELOAD) {
		world_reload_module();
		return true;
	}
	kernel_set_timeout(timeout_ms);
	if (op == TARGET_INIT)
		judged.gone = false;
	if (op == TARGET_UNLOAD)
		return load_and_unload(result, death);
	judged.running = op == TARGET_INIT   ? judged.module->info.init_fn
			 : op == TARGET_EXIT ? judged.module->info.exit_fn
					     : 0;
	if (!finish(kernel_continue(agent_op[op], result), death))
		return false;
	check_after(op, *result);
	return true;
}

bool world_syscall(struct target_syscall *call, int64_t *result, struct death *death,
		   unsigned timeout_ms)
{
	static struct kf_syscall *request;

	if (!request)
		request = (void *)overlay_symbol("kf_syscall_request");
	request->number = call->number;
	memcpy(request->args, call->args, sizeof(request->args));
	*result = 0;
	kernel_set_timeout(timeout_ms);
	if (!finish(kernel_continue(KF_OP_SYSCALL, result), death))
		return false;
	call->unbalanced = !check_held_locks(call->name);
	return true;
}
