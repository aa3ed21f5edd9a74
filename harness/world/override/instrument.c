// SPDX-License-Identifier: GPL-2.0-only
/*
 * Instrumented modules: what the compiler makes their code call (asan_entry.h, exports.def), their constructors, and where
 * code was (coverage). Nothing of it costs anything as long as no such module is loaded.
 *
 * Debian's kernels are built without CONFIG_CONSTRUCTORS, so their loader does not look at .init_array; that of a kernel
 * with KASAN does. Here they run when the loader has relocated the module. Only those of instrumented modules do: another
 * one's would not run on its kernel either.
 */
#include <linux/module.h>
#include <linux/moduleloader.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include "coverage.h"
#include "host.h"
#include "shadow.h"
#include "stacks.h"

#define OBJECTS_MAX 2048 /* object files with globals */

/* Set by the host when the shadow is mapped. */
struct kf_shadow_windows kf_windows;

/* Read by the host, to name variables. */
struct kf_globals kf_globals[OBJECTS_MAX];
unsigned int kf_globals_count;

static void globals_add(const struct kf_global *first, unsigned long count)
{
	if (kf_globals_count < OBJECTS_MAX)
		kf_globals[kf_globals_count++] = (struct kf_globals){first, count};
}

static void globals_remove(const struct kf_global *first)
{
	unsigned int i;

	for (i = 0; i < kf_globals_count; i++)
		if (kf_globals[i].first == first)
			kf_globals[i--] = kf_globals[--kf_globals_count];
}

#define ASAN_API     __used
#define asan_windows kf_windows
#include "asan_entry.h"

/* ---- copies from and to user memory ---- */

unsigned long __kfail_copy_from_user(void *to, const void __user *from, unsigned long n)
{
	asan_check((unsigned long)to, n, true, ASAN_CALLER);
	return _copy_from_user(to, from, n);
}

unsigned long __kfail_copy_to_user(void __user *to, const void *from, unsigned long n)
{
	asan_check((unsigned long)from, n, false, ASAN_CALLER);
	return _copy_to_user(to, from, n);
}

/* ---- stacks and module memory ---- */

/* What lies above on this stack is left and never returned to. */
void __asan_handle_no_return(void)
{
	unsigned long sp = (unsigned long)__builtin_frame_address(0);
	unsigned long slot = (sp - KF_STACK_BASE) / KF_STACK_SLOT;

	if (kf_windows.size[1] && slot < KF_STACKS)
		kf_shadow_fill(sp, KF_STACK_TOP(slot) - sp, 0);
}

void kf_shadow_forget(unsigned long addr, unsigned long size)
{
	if (kf_shadowed_range(&kf_windows, addr, size))
		kf_shadow_fill(addr, size, 0);
}

/* ---- coverage ---- */

/* Set by the host when somebody wants to know. */
struct kf_coverage kf_coverage;

void __sanitizer_cov_trace_pc(void)
{
	kf_coverage_note(&kf_coverage, ASAN_CALLER);
}

/* ---- constructors ---- */

static const Elf_Shdr *find_section(const Elf_Ehdr *header, const Elf_Shdr *sections,
				    const char *name)
{
	const char *names = (const char *)header + sections[header->e_shstrndx].sh_offset;
	unsigned int i;

	for (i = 1; i < header->e_shnum; i++)
		if (!strcmp(names + sections[i].sh_name, name))
			return &sections[i];
	return NULL;
}

static bool imports(const Elf_Shdr *sections, unsigned int count, const char *name)
{
	unsigned int i, k;

	for (i = 1; i < count; i++) {
		const Elf_Sym *symbol = (const void *)sections[i].sh_addr;
		const char *names = (const char *)sections[sections[i].sh_link].sh_addr;

		if (sections[i].sh_type != SHT_SYMTAB)
			continue;
		for (k = 1; k < sections[i].sh_size / sizeof(*symbol); k++)
			if (symbol[k].st_shndx == SHN_UNDEF &&
			    !strcmp(names + symbol[k].st_name, name))
				return true;
	}
	return false;
}

static void run_constructors(const Elf_Shdr *section)
{
	void (**fn)(void) = (void *)section->sh_addr;
	unsigned long i;

	for (i = 0; i < section->sh_size / sizeof(*fn); i++)
		fn[i]();
}

extern int orig_module_finalize(const Elf_Ehdr *header, const Elf_Shdr *sections,
				struct module *mod);

/* arch/x86/kernel/module.c */
int module_finalize(const Elf_Ehdr *header, const Elf_Shdr *sections, struct module *mod)
{
	const Elf_Shdr *constructors = find_section(header, sections, ".init_array");
	int err = orig_module_finalize(header, sections, mod);

	if (!err && constructors && kf_windows.size[0] &&
	    imports(sections, header->e_shnum, "__asan_register_globals"))
		run_constructors(constructors);
	return err;
}
