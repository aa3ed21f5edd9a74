// SPDX-License-Identifier: GPL-2.0-only
/*
 * Traps: what the machine would have told the kernel's exception handlers, told here by signals, on
 * a stack of their own. In this order:
 *
 *   SIGSEGV on a write-protected page of the snapshot   the page becomes hot; go on (snapshot/snapshot.c)
 *   SIGSEGV on a veiled page of a vmalloc area          gets its access; go on (allocator/core/mapping.c)
 *   SIGILL at a ud2 of the kernel's bug table           WARN: told, go on; BUG: death
 *   SIGSEGV at a privileged or port instruction         decoded and emulated: reads give all ones or 0
 *   a fault with an entry in an exception table         go on at the fixup, as the kernel would
 *   SIGPROF, four times without progress                death: endless loop
 *   anything else                                       death: null dereference, wild access, stack overflow
 *
 * Behind a death the world may be in ruins: what is read of it then is read by trap_try(), which a fault ends.
 *
 * A fault in host code while the kernel runs is the caller's doing (a wild pointer given to
 * kfree(), say) when a hook is running; its stack is that of the hook's caller. Without kernel code
 * running it is our own defect: default action.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <ucontext.h>
#include "../../allocator/page/fence.h"
#include "../judge/fault.h"
#include "../../allocator/core/objects.h"
#include "../../allocator/vmalloc/vmalloc.h"
#include "../memcheck/client.h"
#include "../snapshot/snapshot.h"
#include "../trace/depot.h"
#include "../trace/symbols.h"
#include "../trace/orc.h"
#include "../trace/steps.h"
#include "layout.h"
#include "world_internal.h"

#define ALT_STACK_SIZE	 (256ul << 10)
#define PAGE_FAULT_WRITE 2 /* error code bit */
#define TRAP_PAGE_FAULT	 14

extern uint64_t kernel_hook_frame;
volatile int world_timeout_ticks;
static char alt_stack[ALT_STACK_SIZE] __attribute__((aligned(16)));
static sigjmp_buf tried;
static volatile bool trying;
static uint64_t fn_fixup, fn_bug, fn_reads_beyond, fn_extable;

static bool is_kernel_code(uint64_t ip)
{
	return in_image(ip) || in_overlay(ip) || in_module_range(ip);
}

/* The stack of a trap: from the instruction; or, when it jumped to nowhere, from the return
 * address; or the hook's caller.
 */
static uint32_t trap_stack(const greg_t *regs, bool *exact)
{
	struct orc_regs at = {regs[REG_RIP], regs[REG_RSP], regs[REG_RBP]};
	uint64_t pcs[DEPOT_FRAMES_MAX];
	unsigned n;

	*exact = false;
	if (!is_kernel_code(at.ip) && kernel_hook_frame)
		return depot_save(pcs, kernel_hook_stack(pcs, DEPOT_FRAMES_MAX, NULL));
	*exact = true;
	if (is_kernel_code(at.ip)) {
		n = orc_walk(at, true, stack_limit(at.sp), 0, pcs, DEPOT_FRAMES_MAX, NULL);
		return depot_save(pcs, n);
	}
	pcs[0] = at.ip;
	if (stack_limit(at.sp) == at.sp)
		return depot_save(pcs, 1);
	at.ip = *(uint64_t *)at.sp;
	at.sp += 8;
	n = 1 + orc_walk(at, false, stack_limit(at.sp), 0, pcs + 1, DEPOT_FRAMES_MAX - 1, NULL);
	return depot_save(pcs, n);
}

/* The guard of the stack in use, not one that a wild pointer happened to hit. */
static bool overflowed(uint64_t addr, uint64_t sp)
{
	uint64_t top = stack_limit(addr);

	return in_stack_guard(addr) && sp < top && sp + 65536 > top - KF_STACK_SIZE;
}

static const int register_order[] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP,
				     REG_RSI, REG_RDI, REG_R8,	REG_R9,	 REG_R10, REG_R11,
				     REG_R12, REG_R13, REG_R14, REG_R15};
#define REGISTERS (sizeof(register_order) / sizeof(register_order[0]))

static void describe_access(struct death *death, uint64_t addr, bool page_fault, const char *access,
			    const greg_t *regs)
{
	uint64_t values[REGISTERS];
	struct fault fault = {
		.address = addr,
		.protection = !page_fault,
		.access = access,
		.registers = values,
		.register_count = REGISTERS,
	};

	for (unsigned i = 0; i < REGISTERS; i++)
		values[i] = (uint64_t)regs[register_order[i]];
	if (page_fault && (uint64_t)regs[REG_RIP] != addr)
		fault_decode(&fault, regs, regs[REG_ERR] & PAGE_FAULT_WRITE);
	fault_describe(&fault, death);
}

static void describe_fault(struct death *death, int sig, const siginfo_t *info, const greg_t *regs)
{
	bool is_write = regs[REG_ERR] & PAGE_FAULT_WRITE,
	     page_fault = regs[REG_TRAPNO] == TRAP_PAGE_FAULT;
	uint64_t addr = (uint64_t)info->si_addr;
	const char *access = (uint64_t)regs[REG_RIP] == addr ? "jump" : is_write ? "write" : "read";

	death->address = addr;
	if (sig == SIGFPE) {
		death->kind = DEATH_BUG;
		snprintf(death->what, sizeof(death->what), "divide error");
	} else if (sig == SIGILL || sig == SIGTRAP) {
		death->kind = DEATH_WILD_ACCESS;
		snprintf(death->what, sizeof(death->what), "invalid opcode");
	} else if (page_fault && overflowed(addr, regs[REG_RSP])) {
		death->kind = DEATH_STACK_OVERFLOW;
		snprintf(death->what, sizeof(death->what), "kernel stack overflow: 16 KiB used up");
	} else {
		describe_access(death, addr, page_fault, access, regs);
	}
}

/* ---- instructions that need privilege ---- */

struct decoded {
	const uint8_t *opcode;
	unsigned length; /* of the prefixes */
	bool operand16, rep, rex_b;
};

static struct decoded decode_prefixes(const uint8_t *p)
{
	struct decoded d = {0};

	for (; *p == 0x66 || *p == 0xf2 || *p == 0xf3 || (*p & 0xf0) == 0x40; p++, d.length++) {
		d.operand16 |= *p == 0x66;
		d.rep |= *p == 0xf3;
		d.rex_b = (*p & 0xf1) == 0x41;
	}
	d.opcode = p;
	return d;
}

/* Port I/O: an empty bus reads all ones. Returns the length of the instruction without prefixes, 0:
 * not one of these.
 */
static unsigned emulate_port(const struct decoded *d, greg_t *regs)
{
	uint8_t op = *d->opcode;
	bool immediate = (op & 0xf8) == 0xe0;

	if ((op & 0xfe) == 0xec || (op & 0xfe) == 0xe4) {
		if (!(op & 1))
			regs[REG_RAX] |= 0xff;
		else if (d->operand16)
			regs[REG_RAX] |= 0xffff;
		else
			regs[REG_RAX] = 0xffffffff;
		return 1 + immediate;
	}
	if ((op & 0xfe) == 0xee || (op & 0xfe) == 0xe6)
		return 1 + immediate;
	if (op >= 0x6c && op <= 0x6f) { /* ins, outs */
		if (d->rep)
			regs[REG_RCX] = 0;
		return 1;
	}
	return 0;
}

static unsigned emulate_two_byte(const struct decoded *d, greg_t *regs)
{
	const uint8_t *op = d->opcode;

	switch (op[1]) {
	case 0x32: /* rdmsr */
	case 0x33: /* rdpmc */
		regs[REG_RAX] = regs[REG_RDX] = 0;
		return 2;
	case 0x30: /* wrmsr */
	case 0x09: /* wbinvd */
	case 0x08: /* invd */
	case 0x06: /* clts */
		return 2;
	case 0x20: /* mov from CR, DR */
	case 0x21:
		regs[register_order[(op[2] & 7) | (d->rex_b ? 8 : 0)]] = 0;
		return 3;
	case 0x22:
	case 0x23:
		return 3;
	case 0x01: /* clac, stac, swapgs, xsetbv */
		return op[2] == 0xca || op[2] == 0xcb || op[2] == 0xf8 || op[2] == 0xd1 ? 3 : 0;
	}
	return 0;
}

static bool emulate(greg_t *regs)
{
	struct decoded d = decode_prefixes((const uint8_t *)regs[REG_RIP]);
	unsigned length = emulate_port(&d, regs);

	if (!length && (*d.opcode == 0xfa || *d.opcode == 0xfb || *d.opcode == 0xf4))
		length = 1; /* cli, sti, hlt */
	if (!length && *d.opcode == 0x0f)
		length = emulate_two_byte(&d, regs);
	if (!length)
		return false;
	regs[REG_RIP] += d.length + length;
	return true;
}

/* A general protection fault; what valgrind does not know at all is an invalid opcode to it. */
static bool wants_privilege(int sig, const greg_t *regs)
{
	if (sig == SIGILL)
		return RUNNING_ON_VALGRIND;
	return sig == SIGSEGV && regs[REG_TRAPNO] != TRAP_PAGE_FAULT;
}

/* ---- ud2 ---- */

/* True: a WARN, told, and the instruction is behind us. Fills in the death for a BUG. */
static bool handle_ud2(greg_t *regs, struct death *death)
{
	uint64_t ip = regs[REG_RIP];
	const char *file = "?";
	unsigned line = 0;
	bool warning = false, exact;
	char text[200];

	if (!fn_bug || !((bool (*)(uint64_t, const char **, unsigned *, bool *))fn_bug)(
			       ip, &file, &line, &warning))
		return false;
	if (!warning) {
		death->kind = DEATH_BUG;
		snprintf(death->what, sizeof(death->what), "kernel BUG at %s:%u", file, line);
		return false;
	}
	snprintf(text, sizeof(text), "WARNING at %s:%u", file, line);
	/* As behind a call: names are looked up for the instruction before. */
	regs[REG_RIP] += 2;
	world_trap_stack = trap_stack(regs, &exact);
	judge_warning(text);
	world_trap_stack = 0;
	return true;
}

/* struct pt_regs of x86-64 (arch/x86/include/asm/ptrace.h): the order of its 21 words. */
static const int pt_regs_order[] = {REG_R15, REG_R14, REG_R13, REG_R12, REG_RBP, REG_RBX, REG_R11,
				    REG_R10, REG_R9,  REG_R8,  REG_RAX, REG_RCX, REG_RDX, REG_RSI,
				    REG_RDI, -1,      REG_RIP, -1,	REG_EFL, REG_RSP, -1};
#define PT_REGS_WORDS (sizeof(pt_regs_order) / sizeof(pt_regs_order[0]))
#define PT_REGS_CS    17

/*
 * Fenced memory is no user's memory, so that the fixup of a copy to or from user space must not hide that its kernel side
 * was freed or has ended. Who reckons with a fault at any address may have one: reads of whole words for strings, and
 * reads that are made to probe.
 */
static bool may_miss(uint64_t ip)
{
	uint64_t offset;
	const char *name;

	if (((bool (*)(uint64_t))fn_reads_beyond)(ip))
		return true;
	name = symbols_kernel_name(ip, &offset);
	return name && strstr(name, "nofault");
}

static bool apply_fixup(greg_t *regs, uint64_t addr)
{
	uint64_t words[PT_REGS_WORDS] = {[PT_REGS_CS] = 0x10};
	unsigned i;

	if (!fn_fixup || (kf_fence_hidden(addr) && !may_miss(regs[REG_RIP])))
		return false;
	for (i = 0; i < PT_REGS_WORDS; i++)
		if (pt_regs_order[i] >= 0)
			words[i] = regs[pt_regs_order[i]];
	if (!((bool (*)(uint64_t *, int, uint64_t, uint64_t))fn_fixup)(words, (int)regs[REG_TRAPNO],
								       regs[REG_ERR], addr))
		return false;
	for (i = 0; i < PT_REGS_WORDS; i++)
		if (pt_regs_order[i] >= 0)
			regs[pt_regs_order[i]] = words[i];
	return true;
}

/* ---- memory of a scenario's program ---- */

/* arch/x86/lib/copy_user_64.S: leaves, in assembler, that push nothing. */
static bool only_copies(uint64_t pc)
{
	static const char *const names[] = {"copy_user_generic_unrolled",
					    "copy_user_generic_string",
					    "copy_user_enhanced_fast_string"};
	uint64_t offset = 0;
	const char *name = in_image(pc) ? symbols_kernel_name(pc, &offset) : NULL;

	for (unsigned i = 0; name && i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

bool trap_user_access(void *context, uint64_t addr, bool write)
{
	const greg_t *regs = ((ucontext_t *)context)->uc_mcontext.gregs;
	struct bad_access bad = {.kind = FINDING_WILD_ACCESS,
				 .type = "user-memory-access",
				 .addr = addr,
				 .write = write};
	uint64_t pc = (uint64_t)regs[REG_RIP];

	if (!is_kernel_code(pc) || !fn_extable || judge_told_access(addr))
		return false;
	if (((const void *(*)(uint64_t))fn_extable)(pc))
		return only_copies(pc);
	bad.stack = trap_stack(regs, &bad.exact);
	snprintf(bad.where, sizeof(bad.where),
		 "a pointer of user space is followed, which only copy functions may do");
	judge_bad_access(&bad, pc);
	return false;
}

static void on_trap(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;
	greg_t *regs = uc->uc_mcontext.gregs;
	struct death death = {0};
	int saved_errno = errno;

	if (sig == SIGSEGV && regs[REG_TRAPNO] == TRAP_PAGE_FAULT &&
	    world_fault((uint64_t)info->si_addr, regs[REG_ERR] & PAGE_FAULT_WRITE))
		goto out;
	if (sig == SIGTRAP && steps_trap(context))
		goto out;
	if (trying)
		siglongjmp(tried, 1);
	if (!kernel_running()) {
		signal(sig, SIG_DFL);
		return;
	}
	if (is_kernel_code(regs[REG_RIP])) {
		if (sig == SIGILL && handle_ud2(regs, &death))
			goto out;
		if (wants_privilege(sig, regs) && emulate(regs))
			goto out;
		if (!death.kind && apply_fixup(regs, (uint64_t)info->si_addr))
			goto out;
	}
	if (!death.kind)
		describe_fault(&death, sig, info, regs);
	death.stack = trap_stack(regs, &death.exact_pc);
	kernel_die_in_signal(context, &death);
out:
	errno = saved_errno;
}

bool trap_try(void (*fn)(void))
{
	bool good = !sigsetjmp(tried, 1);

	trying = good;
	if (good)
		fn();
	trying = false;
	return good;
}

static void on_timer(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;
	struct death death = {.kind = DEATH_ENDLESS_LOOP};

	if (!kernel_running() || ++world_timeout_ticks < 4)
		return;
	snprintf(death.what, sizeof(death.what), "endless loop: no end within the time limit");
	death.stack = trap_stack(uc->uc_mcontext.gregs, &death.exact_pc);
	kernel_die_in_signal(context, &death);
}

int trap_init(void)
{
	static const int traps[] = {SIGSEGV, SIGILL, SIGBUS, SIGFPE, SIGTRAP};
	struct sigaction action = {.sa_sigaction = on_trap,
				   .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
	stack_t stack = {.ss_sp = alt_stack, .ss_size = sizeof(alt_stack)};
	unsigned i;

	if (sigaltstack(&stack, NULL))
		return -errno;
	for (i = 0; i < sizeof(traps) / sizeof(traps[0]); i++)
		if (sigaction(traps[i], &action, NULL))
			return -errno;
	action.sa_sigaction = on_timer;
	action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
	return sigaction(SIGPROF, &action, NULL) ? -errno : 0;
}

/* From now on the world's own tables of bugs and fixups are there to be asked. */
void trap_world_ready(void)
{
	fn_fixup = overlay_symbol("kf_fixup");
	fn_bug = overlay_symbol("kf_bug");
	fn_reads_beyond = overlay_symbol("kf_reads_beyond");
	fn_extable = image_symbol("search_exception_tables");
}
