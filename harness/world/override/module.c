// SPDX-License-Identifier: GPL-2.0-only
/*
 * Modules, by the kernel's own loader: kernel/module/main.c. The file comes as a buffer; signatures
 * are not checked. Init of the module under test is handed to the sweep engine (do_one_initcall),
 * which runs it, its exit, and what lies between as often as it likes, from a snapshot taken right
 * here.
 */
#include <linux/module.h>
#include <linux/moduleloader.h>
#include <linux/kmod.h>
#include <linux/async.h>
#include <linux/notifier.h>
#include <linux/umh.h>
#include <linux/slab.h>
#include <linux/task_work.h>
#include <linux/file.h>
#include <linux/extable.h>
#include <asm/extable.h>
#include <linux/bug.h>
#include "host.h"

/* struct load_info of kernel/module/internal.h: its head; the loader fills the rest. */
struct load_info {
	const char *name;
	struct module *mod;
	Elf_Ehdr *hdr;
	unsigned long len;
	u64 rest[64];
};

/* struct module_sect_attrs of kernel/module/sysfs.c. */
struct kf_sect_attrs {
	struct attribute_group group;
	unsigned int nsections;
	struct {
		struct bin_attribute battr;
		unsigned long address;
	} attrs[];
};

extern int load_module(struct load_info *info, const char __user *uargs, int flags);
extern void free_module(struct module *mod);
extern struct blocking_notifier_head module_notify_list;
extern void task_work_run(void);
extern void flush_delayed_fput(void);
void kf_run_others(void);
bool kf_advance_to_next_timer(u64 *ns);

static bool judged_next; /* the module being loaded is the one under test */
static bool live;	 /* it has come up, and the loader holds it no longer */
static bool gone;	 /* it was live, and everybody was told that it has left */

/* module->refcnt while the loader works on it: MODULE_REF_BASE, and one of the loader's own. */
#define LOADING_REFERENCES 2

int module_sig_check(struct load_info *info, int flags)
{
	return 0;
}

/* Everything that is due now: works, callbacks, tasks, deferred closes. Twice, since one may start
 * another.
 */
u64 kf_settle(void)
{
	int i;

	kf_settling++;
	for (i = 0; i < 2; i++) {
		task_work_run();
		flush_delayed_fput();
		kf_run_others();
		kf_run_rcu();
	}
	kf_settling--;
	return kf_rcu_pending();
}

/* The same, and let `ms` of virtual time pass, timer by timer. */
u64 kf_settle_time(u64 ms)
{
	u64 passed = 0, ns;

	kf_settling++;
	while (passed < ms * NSEC_PER_MSEC && kf_advance_to_next_timer(&ns)) {
		passed += ns;
		kf_settle();
	}
	kf_settling--;
	kf_forget_names();
	return kf_settle();
}

static int run_init(struct module *mod, initcall_t fn)
{
	mod->state = MODULE_STATE_COMING;
	return fn();
}

/* What do_init_module() does behind a successful init, but for the init sections: they stay. */
static void come_alive(struct module *mod)
{
	mod->state = MODULE_STATE_LIVE;
	blocking_notifier_call_chain(&module_notify_list, MODULE_STATE_LIVE, mod);
	async_synchronize_full();
	module_put(mod);
	live = true;
}

/* delete_module() up to its notifiers. */
static void run_exit(struct module *mod)
{
	mod->state = MODULE_STATE_LIVE;
	async_synchronize_full();
	mod->state = MODULE_STATE_GOING;
	if (mod->exit)
		mod->exit();
	async_synchronize_full();
}

/* A module that has come up leaves only when nobody uses it; then everybody is told. */
static s64 leave(struct module *mod)
{
	if (live && module_refcount(mod))
		return -EWOULDBLOCK;
	run_exit(mod);
	if (!live)
		return 0;
	blocking_notifier_call_chain(&module_notify_list, MODULE_STATE_GOING, mod);
	async_synchronize_full();
	atomic_set(&mod->refcnt, LOADING_REFERENCES);
	live = false;
	gone = true;
	return 0;
}

/* For the loader to go on with: who was told that the module has left is told that it comes. Its type information lay in
 * the loader's copy of the file, which is freed by now. */
static void come_again(struct module *mod)
{
	mod->state = MODULE_STATE_COMING;
#ifdef CONFIG_DEBUG_INFO_BTF_MODULES
	mod->btf_data_size = 0;
#endif
	blocking_notifier_call_chain(&module_notify_list, MODULE_STATE_COMING, mod);
	gone = false;
}

static int agent(initcall_t fn)
{
	struct module *mod = __module_address((unsigned long)fn);
	s64 result = 0;

	for (;;) {
		switch (host_agent(result)) {
		case KF_OP_INIT:
			result = run_init(mod, fn);
			break;
		case KF_OP_EXIT:
			result = leave(mod);
			break;
		case KF_OP_SETTLE:
			result = kf_settle();
			break;
		case KF_OP_SETTLE_TIME:
			result = kf_settle_time(6000);
			break;
		case KF_OP_FINISH:
			if (gone)
				come_again(mod);
			return run_init(mod, fn);
		case KF_OP_LIVE:
			come_alive(mod);
			result = 0;
			break;
		case KF_OP_IDLE:
			task_work_run();
			kf_run_others();
			result = 0;
			break;
		case KF_OP_PROGRAM:
			result = kf_begin_program();
			break;
		case KF_OP_SYSCALL:
			result = kf_syscall();
			break;
		}
	}
}

/* get_user() and its kin ask whether they may fault before they are called (switch.S). */
#define MAY_FAULT(name) extern char kf_may_fault_##name[]
MAY_FAULT(get_user_1);
MAY_FAULT(get_user_2);
MAY_FAULT(get_user_4);
MAY_FAULT(get_user_8);
MAY_FAULT(put_user_1);
MAY_FAULT(put_user_2);
MAY_FAULT(put_user_4);
MAY_FAULT(put_user_8);

static const struct {
	const char *import;
	void *entry;
} may_fault[] = {
	{"__get_user_1", kf_may_fault_get_user_1}, {"__get_user_2", kf_may_fault_get_user_2},
	{"__get_user_4", kf_may_fault_get_user_4}, {"__get_user_8", kf_may_fault_get_user_8},
	{"__put_user_1", kf_may_fault_put_user_1}, {"__put_user_2", kf_may_fault_put_user_2},
	{"__put_user_4", kf_may_fault_put_user_4}, {"__put_user_8", kf_may_fault_put_user_8},
};

static u64 checked_entry(const char *import, u64 target)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(may_fault); i++)
		if (!strcmp(import, may_fault[i].import))
			return (u64)may_fault[i].entry;
	return target;
}

/*
 * What the module under test imports and what is a point leads to a stub of the host. The loader has resolved all symbols
 * when it relocates the first section, and may do so for several: what leads to a stub by then stays.
 */
static void lead_to_stubs(Elf_Shdr *symbols, const char *names)
{
	Elf_Sym *symbol = (void *)symbols->sh_addr;
	unsigned int i, count = symbols->sh_size / sizeof(*symbol);
	const char *name;
	u64 stub;

	for (i = 1; i < count; i++) {
		if (symbol[i].st_shndx != SHN_UNDEF || !symbol[i].st_value)
			continue;
		name = names + symbol[i].st_name;
		symbol[i].st_value = checked_entry(name, symbol[i].st_value);
		stub = host_call_stub(name, symbol[i].st_value);
		if (stub)
			symbol[i].st_value = stub;
	}
}

extern int orig_apply_relocate_add(Elf_Shdr *sections, const char *names, unsigned int symbols,
				   unsigned int relocations, struct module *mod);

/* arch/x86/kernel/module.c */
int apply_relocate_add(Elf_Shdr *sections, const char *names, unsigned int symbols,
		       unsigned int relocations, struct module *mod)
{
	if (judged_next)
		lead_to_stubs(&sections[symbols], names);
	return orig_apply_relocate_add(sections, names, symbols, relocations, mod);
}

int do_one_initcall(initcall_t fn)
{
	if (!judged_next)
		return fn();
	judged_next = false;
	return agent(fn);
}

int kf_load(const struct kf_load_request *request)
{
	struct load_info *info = kf_kmalloc(sizeof(*info), GFP_KERNEL | __GFP_ZERO);
	int err;

	info->hdr = (void *)request->image;
	info->len = request->size;
	judged_next = request->judged;
	err = load_module(info, (const char __user *)request->args, 0);
	judged_next = false;
	kf_kfree(info);
	return err;
}

int kf_unload(struct module *mod)
{
	if (module_refcount(mod))
		return -EWOULDBLOCK;
	run_exit(mod);
	blocking_notifier_call_chain(&module_notify_list, MODULE_STATE_GOING, mod);
	async_synchronize_full();
	free_module(mod);
	kf_settle();
	return 0;
}

/* What the host needs to know of a loaded module. */
void kf_module_info(struct module *mod, struct kf_module_info *info)
{
	*info = (struct kf_module_info){
		.module = mod,
		.name = mod->name,
		.refcount = module_refcount(mod),
		.core = (u64)mod->core_layout.base,
		.core_size = mod->core_layout.size,
		.core_text_size = mod->core_layout.text_size,
		.core_ro_size = mod->core_layout.ro_after_init_size,
		.init = (u64)mod->init_layout.base,
		.init_size = mod->init_layout.size,
		.orc_ip = (u64)mod->arch.orc_unwind_ip,
		.orc = (u64)mod->arch.orc_unwind,
		.orc_count = mod->arch.num_orcs,
		.struct_size = sizeof(*mod),
		.percpu = (u64)mod->percpu,
		.percpu_size = mod->percpu_size,
		.init_fn = (u64)mod->init,
		.exit_fn = (u64)mod->exit,
		.entry_sites = (u64)mod->ftrace_callsites,
		.entry_site_count = mod->num_ftrace_callsites,
	};
}

/* Sections of a loaded module, as /sys/module/NAME/sections shows them: the i-th name and address.
 */
bool kf_module_section(struct module *mod, unsigned int i, const char **name, u64 *addr)
{
	struct kf_sect_attrs *attrs = (void *)mod->sect_attrs;

	if (!attrs || i >= attrs->nsections)
		return false;
	*name = attrs->attrs[i].battr.attr.name;
	*addr = attrs->attrs[i].address;
	return true;
}

/* A string of user space without a character. Written by the host when there is a program, behind whose memory user space may
 * end. */
unsigned long kf_no_arguments = (unsigned long)"";

static int load_requested(const char *alias)
{
	char *path = kf_kmalloc(512, GFP_KERNEL);
	struct kf_load_request request = {.args = kf_no_arguments};
	int i, err = -ENOENT;

	for (i = 0; path && host_request_module(alias, i, path, 512); i++) {
		request.image = (unsigned long)host_read_module(path, &request.size);
		if (!request.image)
			continue;
		err = kf_load(&request);
		if (err == -EEXIST)
			err = 0;
	}
	kf_kfree(path);
	return err;
}

int __request_module(bool wait, const char *fmt, ...)
{
	unsigned long boundary = kf_boundary;
	bool judged = judged_next;
	char alias[MODULE_NAME_LEN * 2];
	va_list args;
	int err;

	va_start(args, fmt);
	vscnprintf(alias, sizeof(alias), fmt, args);
	va_end(args);
	if (kf_booting || !wait)
		return -ENOENT;
	/* Who asked is not who loads: what the other module makes is its own. */
	kf_boundary = (unsigned long)__builtin_frame_address(0);
	kf_settling++;
	err = load_requested(alias);
	kf_settling--;
	kf_boundary = boundary;
	judged_next = judged;
	return err;
}

/* There is no user space that could be called. */
int call_usermodehelper_exec(struct subprocess_info *info, int wait)
{
	return -ENOENT;
}

/* For the trap handler: the kernel's own exception fixups change regs; and what a ud2 stands for.
 */
bool kf_fixup(struct pt_regs *regs, int trapnr, unsigned long error_code, unsigned long addr)
{
	return fixup_exception(regs, trapnr, error_code, addr);
}

/* Is this an instruction that may read beyond its object, up to the end of a word: load_unaligned_zeropad()? */
bool kf_reads_beyond(unsigned long ip)
{
	const struct exception_table_entry *entry = search_exception_tables(ip);

	return entry && (entry->data & EX_DATA_TYPE_MASK) == EX_TYPE_ZEROPAD;
}

bool kf_bug(unsigned long ip, const char **file, unsigned int *line, bool *warning)
{
	struct bug_entry *bug = find_bug(ip);

	if (!bug)
		return false;
	*warning = bug->flags & BUGFLAG_WARNING;
	bug_get_file_line(bug, file, line);
	return true;
}

extern struct list_head modules;

/* The module after `mod` in the kernel's list, NULL after the last; NULL gives the first. Newest
 * first.
 */
struct module *kf_next_module(struct module *mod)
{
	struct list_head *next = mod ? mod->list.next : modules.next;

	return next == &modules ? NULL : list_entry(next, struct module, list);
}
