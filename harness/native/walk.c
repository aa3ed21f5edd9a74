// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stacks of the driver. The runtime and the driver are compiled with frame pointers, so a hook's
 * caller is found by following them: 10 to 30 ns. A shared object that somebody else compiled may
 * lack them; then libunwind walks (100 ns and more). A fault can be anywhere (inside memcpy, or at
 * address 0 after a call through a NULL pointer), so there it is always libunwind, from the
 * registers of the signal frame.
 *
 * What is kept of a walk, innermost first:
 *
 *	hook, allocator ...	dropped
 *	kzalloc			the API function that the driver called (not with native_bare_stack)
 *	the driver's frames, and API functions between them (flush_work -> work)
 *	call_init, ...		dropped
 */
#include "host.h"

#include <string.h>
#include <sys/ucontext.h>
#define UNW_LOCAL_ONLY
#include <libunwind.h>
#include "../trace/depot.h"
#include "../trace/symbols.h"

#define WALK_MAX 128

extern const char __start_native_api[], __stop_native_api[];

static bool in_api(uint64_t pc)
{
	return pc >= (uint64_t)__start_native_api && pc < (uint64_t)__stop_native_api;
}

static unsigned find(const uint64_t *pcs, unsigned n, bool (*wanted)(uint64_t pc))
{
	unsigned i = 0;

	while (i < n && !wanted(pcs[i]))
		i++;
	return i;
}

/* Keep what is named above; *first is the index of the first frame that is kept. */
static uint32_t save(const uint64_t *pcs, unsigned n, unsigned *first)
{
	unsigned start = find(pcs, n, native_in_module), end = n;

	if (start < n) {
		while (!native_in_module(pcs[end - 1]))
			end--;
		if (start && !native_bare_stack)
			start--;
	} else {
		start = find(pcs, n, in_api);
		if (start == n)
			start = 0;
	}
	*first = start;
	return depot_save(pcs + start, end - start);
}

static unsigned walk_frames(uint64_t frame, uint64_t *pcs)
{
	const uint64_t low = native_stack_bounds.low, size = native_stack_bounds.size - 16;
	unsigned n = 0;

	while (n < WALK_MAX && !(frame & 7) && frame - low <= size) {
		const uint64_t *f = (const uint64_t *)frame;

		if (!f[0])
			break;
		pcs[n++] = f[1];
		if (f[0] <= frame)
			break;
		frame = f[0];
	}
	return n;
}

static unsigned walk_unwind(uint64_t *pcs)
{
	int n = unw_backtrace((void **)pcs, WALK_MAX);

	return n > 0 ? (unsigned)n : 0;
}

uint32_t native_stack(void)
{
	uint64_t pcs[WALK_MAX];
	unsigned n, first;

	if (!native_running())
		return 0;
	n = native_driver.frame_pointers ? walk_frames((uint64_t)__builtin_frame_address(0), pcs)
					 : walk_unwind(pcs);
	return n ? save(pcs, n, &first) : 0;
}

/* ---- faults ---- */

static bool is_code(uint64_t pc)
{
	unw_proc_info_t info;

	return native_in_module(pc) || in_api(pc) ||
	       !unw_get_proc_info_by_ip(unw_local_addr_space, pc, &info, NULL);
}

/* A jump into nowhere leaves nothing but the return address on the stack: start at the caller. */
static bool step_out_of_nowhere(ucontext_t *uc)
{
	greg_t *regs = uc->uc_mcontext.gregs;
	uint64_t sp = (uint64_t)regs[REG_RSP];

	if (is_code((uint64_t)regs[REG_RIP]) ||
	    sp - native_stack_bounds.low >= native_stack_bounds.size)
		return false;
	regs[REG_RIP] = *(const greg_t *)sp;
	regs[REG_RSP] += 8;
	return true;
}

static unsigned walk_fault(ucontext_t *uc, uint64_t *pcs)
{
	unw_cursor_t cursor;
	unsigned n = 0;

	if (unw_init_local2(&cursor, (unw_context_t *)uc, UNW_INIT_SIGNAL_FRAME) < 0)
		return 0;
	do {
		unw_word_t pc;

		if (unw_get_reg(&cursor, UNW_REG_IP, &pc) < 0 || !pc)
			break;
		pcs[n++] = pc;
	} while (n < WALK_MAX && unw_step(&cursor) > 0);
	return n;
}

uint32_t native_fault_stack(const void *ucontext, bool *exact)
{
	uint64_t pcs[WALK_MAX];
	ucontext_t uc;
	unsigned n, first = 0;
	uint32_t stack;
	bool nowhere;

	memcpy(&uc, ucontext, sizeof(uc));
	nowhere = step_out_of_nowhere(&uc);
	VALGRIND_DISABLE_ERROR_REPORTING; /* libunwind asks the kernel what it may read */
	n = walk_fault(&uc, pcs);
	VALGRIND_ENABLE_ERROR_REPORTING;
	stack = n ? save(pcs, n, &first) : 0;
	*exact = n && first == 0 && !nowhere;
	return stack;
}

/* ---- errors that valgrind tells ---- */

/* Functions that do nothing but look at the bytes that they are given, and so act for whoever calls them; "_vgr" is what
 * valgrind puts in the place of libc's. */
static bool works_for_its_caller(uint64_t pc, bool *valgrinds)
{
	static const char *const beginnings[] = {
		"_vgr",		  "mem",      "str",	  "copy_to_user",
		"kmemdup",	  "kstrdup",  "kstrndup", "crc",
		"print_hex_dump", "hex_dump", "bsearch",
	};
	struct frame frame;

	symbols_resolve(pc, false, &frame, 1);
	*valgrinds = !strncmp(frame.function, beginnings[0], strlen(beginnings[0]));
	for (unsigned i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++)
		if (!strncmp(frame.function, beginnings[i], strlen(beginnings[i])))
			return true;
	return false;
}

/* Code of kfail looks at guards and poison too: only what the driver does itself, or lets such a function do, is its own. */
uint32_t native_access_stack(const uint64_t *frames, unsigned count)
{
	unsigned driver = 0, from, first;
	uint64_t pcs[WALK_MAX];
	bool valgrinds = false;

	while (driver < count && !native_in_module(frames[driver]))
		driver++;
	if (driver == count || (driver && !works_for_its_caller(frames[driver - 1], &valgrinds)))
		return 0;
	from = driver && !valgrinds ? driver - 1 : driver;
	count = count - from < WALK_MAX ? count - from : WALK_MAX;
	memcpy(pcs, frames + from, count * sizeof(*pcs));
	/* The first is an instruction, not where it goes on. */
	pcs[0] -= from > 0;
	return save(pcs, count, &first);
}
