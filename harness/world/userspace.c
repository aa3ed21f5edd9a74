// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where user space ends.
 *
 * A user pointer is good when it lies below TASK_SIZE_MAX, says the kernel, and what it points to is the MMU's business. Here
 * the kernel's memory, and all that this process has mapped for itself, lies below that too: a program that gives a driver a
 * wild pointer would have it read or write there, where a machine says -EFAULT. A scenario's author does not do that. Where
 * pointers are made up by chance, the program's memory lies below everything else (program/program.h), and user space
 * ends behind it.
 *
 * TASK_SIZE_MAX is an immediate operand wherever it is used, of the one instruction that an alternative of
 * arch/x86/include/asm/page_64.h leaves behind (`movabs $imm64, %reg`), less up to 8 in arch/x86/lib/getuser.S and putuser.S:
 *
 *	48 b8+r | 49 b8+r	imm64: 0x7fffffffeff8 .. 0x7ffffffff000
 *
 * All of them get the new end, in the image, in the override layer and in modules, before the first snapshot. The functions
 * that nearly every copy ends in must be among them, or else this kernel is not known, and that is said.
 */
#include <string.h>
#include "file.h"
#include "judged.h"
#include "userspace.h"

#define TASK_SIZE_MAX 0x7ffffffff000ul
#define LESS_MAX      8
#define INSN_SIZE     10 /* REX, opcode, imm64 */

/* Ends of user space that this code knows and that were changed. */
static unsigned set_end(uint64_t start, uint64_t stop, uint64_t end)
{
	unsigned count = 0;

	for (uint64_t at = start; at + INSN_SIZE <= stop; at++) {
		const uint8_t *p = (const uint8_t *)at;
		uint64_t value;

		if ((p[0] & 0xfe) != 0x48 || (p[1] & 0xf8) != 0xb8)
			continue;
		memcpy(&value, p + 2, sizeof(value));
		if (TASK_SIZE_MAX - value > LESS_MAX)
			continue;
		value = end - (TASK_SIZE_MAX - value);
		memcpy((void *)(at + 2), &value, sizeof(value));
		count++;
	}
	return count;
}

static uint64_t text_end(uint64_t addr)
{
	const struct ksym_table *table = &world.kernel;
	uint32_t i = 0;

	while (i < table->count && table->syms[i].addr <= addr)
		i++;
	return i < table->count ? table->syms[i].addr : addr;
}

/* Functions that must look at the end of user space. */
static const char *const lookers[] = {"__get_user_4", "__get_user_8", "__put_user_4",
				      "__put_user_8", "vfs_read",     "strncpy_from_user",
				      "strnlen_user"};

static const char *unknown_looker(uint64_t end)
{
	for (unsigned i = 0; i < sizeof(lookers) / sizeof(lookers[0]); i++) {
		uint64_t at = image_symbol(lookers[i]);

		if (!at || !set_end(at, text_end(at), end))
			return lookers[i];
	}
	return NULL;
}

int world_set_user_end(uint64_t end, char *err)
{
	const char *unknown = unknown_looker(end);
	const struct loaded *module;

	if (unknown)
		return kf_fail(err,
			       "where user space ends is not known of this kernel: %s() does not "
			       "look at it as 6.1 does",
			       unknown);
	set_end(image_symbol("_stext"), image_symbol("_etext"), end);
	set_end(OVERLAY_BASE, world.info.overlay_end, end);
	for (unsigned i = 0; (module = loaded_get(i)); i++) {
		set_end(module->info.core, module->info.core + module->info.core_text_size, end);
		set_end(module->info.init, module->info.init + module->info.init_size, end);
	}
	return 0;
}
