// SPDX-License-Identifier: GPL-2.0-only
/*
 * A program's memory out of reach of kernel code, but for the functions that copy from and to user space.
 *
 * While a system call runs, all of the program's memory (code and constants too) is without access. Whatever touches it
 * faults; the target is asked what the instruction is. A copy function's, or one of kfail's own, is let through: the page
 * is opened, that one instruction is stepped, the page is closed. Any other one is told to the judges, as a dereference of a
 * user pointer, and then let through as well: a kernel without SMAP goes on, and so the rest of the run shows what else there
 * is.
 *
 *	fault at P --> target: is it a copy? --- no --> told
 *		   --> P open, trap flag on --> instruction --> SIGTRAP --> P closed, trap flag off
 *
 * A function that does nothing but copy is let through as a whole: it returns to a trap, which closes its pages.
 *
 * That is dear (two signals for each), so it is done in runs without refusals only, where a driver that follows user
 * pointers nearly always does; and a call that touches user memory very often is let go after STEPS_MAX of them. No
 * other run pays anything.
 *
 * The call must not run on the program's stack then: kfail's own frames would lie in hidden memory.
 */
#include "internal.h"
#include "../trace/sanitized.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/ucontext.h>
#include <ucontext.h>

#define PAGE	    4096ul
#define STEPS_MAX   1024 /* of one system call */
#define OPEN_MAX    4	 /* pages at a time */
#define TRAP_FLAG   0x100
#define FAULT_WRITE 2 /* in a page fault's error code */
#define STACK_SIZE  (256ul << 10)
#define REGIONS_MAX 16

static struct {
	bool on;     /* in this run */
	bool hidden; /* now */
	struct snapshot_region regions[REGIONS_MAX];
	unsigned count, steps;
	uint64_t open[OPEN_MAX];
	unsigned open_count;
	uint64_t *return_at,
		return_to; /* of a copy function that runs with its pages open; NULL: none does */
	char *stack;	   /* that calls run on; NULL: none yet */
} hide;

/* AddressSanitizer keeps its own books of stacks. */
#ifdef __SANITIZE_ADDRESS__
#define POSSIBLE false
#else
#define POSSIBLE true
#endif

void program_hide(bool on)
{
	hide.on = on && POSSIBLE && !snapshot_uses_copies();
	if (!hide.on || hide.stack)
		return;
	hide.count = program_memory(hide.regions, REGIONS_MAX);
	hide.stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (hide.stack == MAP_FAILED)
		abort();
}

bool program_hides(void)
{
	return hide.on;
}

static const struct snapshot_region *region_of(uint64_t addr)
{
	for (unsigned i = 0; i < hide.count; i++)
		if (addr - hide.regions[i].start < hide.regions[i].size)
			return &hide.regions[i];
	return NULL;
}

static void hide_all(void)
{
	for (unsigned i = 0; i < hide.count; i++)
		mprotect((void *)hide.regions[i].start, hide.regions[i].size, PROT_NONE);
	hide.hidden = true;
	hide.steps = 0;
	hide.open_count = 0;
	hide.return_at = NULL;
}

static void show_all(void)
{
	hide.hidden = false;
	for (unsigned i = 0; i < hide.count; i++)
		snapshot_protect(&hide.regions[i]);
}

/* ---- one instruction, or one function ---- */

/* void program_returned(void): where a copy function returns to while its pages are open. */
__asm__(".text\n"
	".globl program_returned\n"
	".type program_returned, @function\n"
	"program_returned:\n"
	"	int3\n"
	".size program_returned, . - program_returned\n");
void program_returned(void);

static bool open_page(const struct snapshot_region *region, uint64_t page, bool write)
{
	if (write && !(region->prot & PROT_WRITE))
		return false;
	if (!write || !snapshot_fault(page, true))
		mprotect((void *)page, PAGE, write ? region->prot : region->prot & ~PROT_WRITE);
	hide.open[hide.open_count++] = page;
	return true;
}

static void close_pages(void)
{
	while (hide.open_count) {
		uint64_t page = hide.open[--hide.open_count];

		if (hide.hidden)
			mprotect((void *)page, PAGE, PROT_NONE);
	}
}

/* It will return to the trap. */
static void await_return(greg_t *regs)
{
	hide.return_at = (uint64_t *)regs[REG_RSP];
	hide.return_to = *hide.return_at;
	*hide.return_at = (uint64_t)program_returned;
}

static void forget_return(void)
{
	if (hide.return_at)
		*hide.return_at = hide.return_to;
	hide.return_at = NULL;
}

bool program_hidden_fault(const struct target *target, uint64_t addr, void *context)
{
	greg_t *regs = ((ucontext_t *)context)->uc_mcontext.gregs;
	const struct snapshot_region *region = hide.hidden ? region_of(addr) : NULL;
	bool write = regs[REG_ERR] & FAULT_WRITE, function = hide.return_at;

	if (!region)
		return false;
	/* The second page of an access was not the one that is told. */
	if (!hide.open_count && target->user_access)
		function = target->user_access(context, addr, write);
	if (hide.open_count == OPEN_MAX && function)
		close_pages();
	if (++hide.steps > STEPS_MAX || hide.open_count == OPEN_MAX) {
		forget_return();
		show_all();
		return true;
	}
	if (!open_page(region, addr & ~(PAGE - 1), write))
		return false;
	if (!function)
		regs[REG_EFL] |= TRAP_FLAG;
	else if (!hide.return_at)
		await_return(regs);
	return true;
}

void program_hidden_death(void)
{
	if (hide.hidden)
		forget_return();
}

bool program_stepped(void *context)
{
	greg_t *regs = ((ucontext_t *)context)->uc_mcontext.gregs;

	if (hide.return_at && (uint64_t)regs[REG_RIP] == (uint64_t)program_returned + 1) {
		regs[REG_RIP] = (greg_t)hide.return_to;
		hide.return_at = NULL;
	} else if (regs[REG_EFL] & TRAP_FLAG && hide.open_count) {
		regs[REG_EFL] &= ~TRAP_FLAG;
	} else {
		return false;
	}
	close_pages();
	return true;
}

/* ---- the call ---- */

/* void program_on_stack(void (*fn)(void *), void *arg, void *top): call fn(arg) on another stack. */
__asm__(".text\n"
	".globl program_on_stack\n"
	".type program_on_stack, @function\n"
	"program_on_stack:\n"
	"	push %rbp\n"
	"	mov %rsp, %rbp\n"
	"	mov %rdx, %rsp\n"
	"	mov %rdi, %rax\n"
	"	mov %rsi, %rdi\n"
	"	call *%rax\n"
	"	leave\n"
	"	ret\n"
	".size program_on_stack, . - program_on_stack\n");
void program_on_stack(void (*fn)(void *), void *arg, void *top);

struct hidden_call {
	const struct target *target;
	struct target_syscall *call;
	int64_t *result;
	struct death *death;
	unsigned timeout_ms;
	bool alive;
};

static void make_hidden_call(void *arg)
{
	struct hidden_call *c = arg;
	/* `c` lies on the program's stack, and what the call is about may too. */
	struct hidden_call here = *c;
	struct target_syscall call = *c->call;
	struct death death = {.kind = DEATH_NONE};
	int64_t result = 0;

	hide_all();
	here.alive = here.target->syscall(&call, &result, &death, here.timeout_ms);
	show_all();
	c->alive = here.alive;
	*c->call = call;
	*c->result = result;
	*c->death = death;
}

bool program_hidden_call(const struct target *target, struct target_syscall *call, int64_t *result,
			 struct death *death, unsigned timeout_ms)
{
	struct hidden_call c = {target, call, result, death, timeout_ms, false};

	program_on_stack(make_hidden_call, &c, hide.stack + STACK_SIZE - 64);
	return c.alive;
}
