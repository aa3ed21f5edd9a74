// SPDX-License-Identifier: GPL-2.0-only
/*
 * Function entry sites (see fentry.h).
 *
 * The trampolines are position independent code, copied to where the sites can reach it. Both make a frame of their own,
 * so that a walk of the stack goes through them:
 *
 *	entry, highest address first		exit
 *		address in the caller			(the caller's stack)
 *		address behind the site			address in the caller, put back
 *		rbp	<-- rbp				rbp	<-- rbp
 *		rax					rax
 *		eight registers				rdx, then as the other one
 *
 * All registers that a function may find arguments in, and those that may hold its result, are kept. XMM registers are not:
 * kernel code holds nothing in them across a call.
 *
 * Returns that are to come lie in stacks of their own, by the kernel stack that the call was made on. A function may never
 * return (the task exits, the world dies), so that entries are trusted only as far as the stack agrees: the address of the
 * return address grows from the top of such a stack to its bottom, and what lies below a call that is made now is gone.
 */
#include "fentry.h"

#include <stdlib.h>
#include <string.h>
#include "orc.h"
#include "../world/override/coverage.h"
#include "util.h"

#define LISTENERS_MAX 2
#define STACKS_MAX    512
#define DEPTH_MAX     128 /* calls on one stack whose return is told; deeper ones are not */
#define STACK_MASK    (~(uint64_t)0x7fff) /* a kernel stack and its guard: 32 KiB, aligned to them */

__asm__(".text\n"
	"fentry_code_begin:\n"
	"	push %rbp\n"
	"	mov %rsp, %rbp\n"
	"fentry_entry_framed:\n"
	"	push %rax\n"
	"	mov 16(%rbp), %rax\n" /* the caller */
	"	sub fentry_code_low(%rip), %rax\n"
	"	cmp fentry_code_size(%rip), %rax\n"
	"	jb 1f\n"
	"	mov 8(%rbp), %rax\n" /* the function */
	"	sub fentry_code_low(%rip), %rax\n"
	"	cmp fentry_code_size(%rip), %rax\n"
	"	jb 1f\n"
	"	pop %rax\n"
	"	pop %rbp\n"
	"	ret\n"
	"1:	push %rcx\n"
	"	push %rdx\n"
	"	push %rsi\n"
	"	push %rdi\n"
	"	push %r8\n"
	"	push %r9\n"
	"	push %r10\n"
	"	push %r11\n"
	"	mov %rbp, %rdi\n"
	"2:	call *fentry_code_entered(%rip)\n"
	"	test %rax, %rax\n"
	"	jz 3f\n"
	"	call *%rax\n"
	"	xor %edi, %edi\n"
	"	jmp 2b\n"
	"3:	pop %r11\n"
	"	pop %r10\n"
	"	pop %r9\n"
	"	pop %r8\n"
	"	pop %rdi\n"
	"	pop %rsi\n"
	"	pop %rdx\n"
	"	pop %rcx\n"
	"	pop %rax\n"
	"	pop %rbp\n"
	"	ret\n"
	"fentry_exit:\n"
	"	sub $8, %rsp\n"
	"	push %rbp\n"
	"	mov %rsp, %rbp\n"
	"fentry_exit_framed:\n"
	"	push %rax\n"
	"	push %rdx\n"
	"	push %rcx\n"
	"	push %rsi\n"
	"	push %rdi\n"
	"	push %r8\n"
	"	push %r9\n"
	"	push %r10\n"
	"	push %r11\n"
	"	sub $8, %rsp\n" /* to a multiple of 16, as a caller of C has it */
	"	mov %rbp, %rdi\n"
	"4:	call *fentry_code_returned(%rip)\n"
	"	test %rax, %rax\n"
	"	jz 5f\n"
	"	call *%rax\n"
	"	xor %edi, %edi\n"
	"	jmp 4b\n"
	"5:	add $8, %rsp\n"
	"	pop %r11\n"
	"	pop %r10\n"
	"	pop %r9\n"
	"	pop %r8\n"
	"	pop %rdi\n"
	"	pop %rsi\n"
	"	pop %rcx\n"
	"	pop %rdx\n"
	"	pop %rax\n"
	"	pop %rbp\n"
	"	ret\n"
	"fentry_interrupt:\n"
	"	push %rbp\n"
	"	mov %rsp, %rbp\n"
	"fentry_interrupt_framed:\n"
	"	pushfq\n"
	"	push %rax\n"
	"	push %rcx\n"
	"	push %rdx\n"
	"	push %rsi\n"
	"	push %rdi\n"
	"	push %r8\n"
	"	push %r9\n"
	"	push %r10\n"
	"	push %r11\n"
	"	cld\n"
	"	call *fentry_code_come(%rip)\n"
	"	pop %r11\n"
	"	pop %r10\n"
	"	pop %r9\n"
	"	pop %r8\n"
	"	pop %rdi\n"
	"	pop %rsi\n"
	"	pop %rdx\n"
	"	pop %rcx\n"
	"	pop %rax\n"
	"	popfq\n"
	"	pop %rbp\n"
	"	ret\n"
	"fentry_cover:\n"
	"	push %rbp\n"
	"	mov %rsp, %rbp\n"
	"fentry_cover_framed:\n"
	"	push %rax\n"
	"	push %rcx\n"
	"	push %rdx\n"
	"	mov 16(%rbp), %rax\n"
	"	sub fentry_code_low(%rip), %rax\n"
	"	cmp fentry_code_size(%rip), %rax\n"
	"	jb 6f\n"
	"	mov 8(%rbp), %rax\n"
	"	sub fentry_code_low(%rip), %rax\n"
	"	cmp fentry_code_size(%rip), %rax\n"
	"	jae 7f\n"
	"6:	mov fentry_code_edges(%rip), %rdx\n" /* kf_edges_note() */
	"	imul $0x9e3779b1, 8(%rbp), %eax\n"
	"	shr $8, %eax\n"
	"	mov %eax, %ecx\n"
	"	xor 12(%rdx), %ecx\n"
	"	and 8(%rdx), %ecx\n"
	"	shr $1, %eax\n"
	"	mov %eax, 12(%rdx)\n"
	"	mov (%rdx), %rax\n"
	"	incb (%rax,%rcx)\n"
	"	jnz 7f\n"
	"	incb (%rax,%rcx)\n"
	"7:	pop %rdx\n"
	"	pop %rcx\n"
	"	pop %rax\n"
	"	pop %rbp\n"
	"	ret\n"
	"	.balign 8\n"
	"fentry_code_low:	.quad 0\n"
	"fentry_code_size:	.quad 0\n"
	"fentry_code_entered:	.quad 0\n"
	"fentry_code_returned:	.quad 0\n"
	"fentry_code_come:	.quad 0\n"
	"fentry_code_edges:	.quad 0\n"
	"fentry_code_end:\n");
extern const char fentry_code_begin[], fentry_entry_framed[], fentry_exit[], fentry_exit_framed[],
	fentry_code_low[], fentry_code_size[], fentry_code_entered[], fentry_code_returned[],
	fentry_interrupt[], fentry_interrupt_framed[], fentry_code_come[], fentry_cover[],
	fentry_cover_framed[], fentry_code_edges[], fentry_code_end[];

/* Where the trampolines keep a value. */
#define VALUE(name) ((uint64_t *)(fentry.code.entry + (uint64_t)(name - fentry_code_begin)))

struct site {
	uint64_t at;
	bool armed;
	uint8_t bytes[FENTRY_SITE_SIZE]; /* what stood there */
};

/* A return that is to come. */
struct pending {
	struct fentry_call call;
	uint8_t wanted; /* a bit for each listener */
};

struct stack {
	uint64_t base; /* of the kernel stack; 0: free */
	unsigned depth;
	struct pending calls[DEPTH_MAX];
};

static struct {
	struct fentry_code code;
	struct site *sites;
	unsigned site_count, armed;
	const struct fentry_listener *listeners[LISTENERS_MAX];
	unsigned listener_count;
	uint64_t keep_low, keep_size; /* functions whose returns are not told */
	bool running;
	struct fentry_call now; /* what is asked about once more */
	struct kf_edges *edges; /* that calls are counted in; NULL: they are not */
	struct stack *stacks;	/* STACKS_MAX */
	unsigned stack_count;
} fentry;

/* ---- code ---- */

static uint64_t place(const char *label)
{
	return fentry.code.entry + (uint64_t)(label - fentry_code_begin);
}

void fentry_open(void *at, uint64_t entered, uint64_t returned)
{
	_Static_assert(FENTRY_CODE_SIZE >= 640, "room for all trampolines");

	memcpy(at, fentry_code_begin, (size_t)(fentry_code_end - fentry_code_begin));
	fentry.code.entry = (uint64_t)at;
	fentry.code.entry_framed = place(fentry_entry_framed);
	fentry.code.exit = place(fentry_exit);
	fentry.code.exit_framed = place(fentry_exit_framed);
	fentry.code.interrupt = place(fentry_interrupt);
	fentry.code.interrupt_framed = place(fentry_interrupt_framed);
	fentry.code.cover = place(fentry_cover);
	fentry.code.cover_framed = place(fentry_cover_framed);
	fentry.code.end = place(fentry_code_end);
	*VALUE(fentry_code_edges) = (uint64_t)fentry.edges;
	*VALUE(fentry_code_entered) = entered;
	*VALUE(fentry_code_returned) = returned;
	fentry.stacks = xcalloc(STACKS_MAX, sizeof(*fentry.stacks));
}

void fentry_set_interrupt(uint64_t function)
{
	*VALUE(fentry_code_come) = function;
}

const struct fentry_code *fentry_code(void)
{
	return &fentry.code;
}

void fentry_filter(uint64_t low, uint64_t size)
{
	*VALUE(fentry_code_low) = low;
	*VALUE(fentry_code_size) = size;
}

void fentry_keep_returns(uint64_t low, uint64_t size)
{
	fentry.keep_low = low;
	fentry.keep_size = size;
}

/* ---- sites ---- */

void fentry_add_sites(const uint64_t *sites, unsigned count)
{
	fentry.sites =
		xreallocarray(fentry.sites, fentry.site_count + count, sizeof(*fentry.sites));
	for (unsigned i = 0; i < count; i++)
		fentry.sites[fentry.site_count++] = (struct site){.at = sites[i]};
}

static bool can_be_armed(const uint8_t *site)
{
	static const uint8_t nop[] = {0x0f, 0x1f, 0x44, 0x00, 0x00};

	return site[0] == 0xe8 || !memcmp(site, nop, FENTRY_SITE_SIZE);
}

/* Who listens is told in C, and C counts for it; else the counting trampoline does all there is to do. */
static uint64_t trampoline(void)
{
	return fentry.edges && !fentry.listener_count ? fentry.code.cover : fentry.code.entry;
}

static void write_call(uint64_t at)
{
	int32_t distance = (int32_t)(trampoline() - (at + FENTRY_SITE_SIZE));

	*(uint8_t *)at = 0xe8;
	memcpy((void *)(at + 1), &distance, sizeof(distance));
}

unsigned fentry_arm(bool (*wanted)(uint64_t site))
{
	for (unsigned i = 0; i < fentry.site_count; i++) {
		struct site *site = &fentry.sites[i];

		if (site->armed || !can_be_armed((uint8_t *)site->at) ||
		    (wanted && !wanted(site->at)))
			continue;
		memcpy(site->bytes, (void *)site->at, FENTRY_SITE_SIZE);
		write_call(site->at);
		site->armed = true;
		fentry.armed++;
	}
	return fentry.armed;
}

void fentry_disarm(void (*touch)(void *addr, uint64_t size))
{
	for (unsigned i = 0; i < fentry.site_count; i++) {
		struct site *site = &fentry.sites[i];

		if (!site->armed)
			continue;
		if (touch)
			touch((void *)site->at, FENTRY_SITE_SIZE);
		memcpy((void *)site->at, site->bytes, FENTRY_SITE_SIZE);
		site->armed = false;
	}
	fentry.armed = 0;
}

bool fentry_armed(void)
{
	return fentry.armed;
}

bool fentry_wanted(void)
{
	return fentry.listener_count || fentry.edges;
}

void fentry_count(struct kf_edges *edges)
{
	fentry.edges = edges;
	if (fentry.code.entry)
		*VALUE(fentry_code_edges) = (uint64_t)edges;
}

bool fentry_counts(void)
{
	return fentry.edges;
}

void fentry_listen(const struct fentry_listener *listener)
{
	if (fentry.listener_count < LISTENERS_MAX)
		fentry.listeners[fentry.listener_count++] = listener;
}

/* ---- returns that are to come ---- */

static struct stack *stack_of(uint64_t slot)
{
	uint64_t base = slot & STACK_MASK;
	unsigned i = 0;

	while (i < fentry.stack_count && fentry.stacks[i].base != base)
		i++;
	if (i == STACKS_MAX)
		return NULL;
	if (i == fentry.stack_count)
		fentry.stacks[fentry.stack_count++] = (struct stack){.base = base};
	return &fentry.stacks[i];
}

/* A function that ends in a call of another one hands its own return address on, which is ours already. */
static bool is_alive(const struct pending *p, uint64_t slot, uint64_t caller)
{
	return p->call.slot > slot || (p->call.slot == slot && caller == fentry.code.exit);
}

static struct stack *settled_stack(uint64_t slot, uint64_t caller)
{
	struct stack *stack = stack_of(slot);

	while (stack && stack->depth && !is_alive(&stack->calls[stack->depth - 1], slot, caller))
		stack->depth--;
	return stack;
}

/* What an unwinder must see in the place of our address. */
static uint64_t true_return(uint64_t slot)
{
	const struct stack *stack = stack_of(slot);
	unsigned i = stack ? stack->depth : 0;

	/* The oldest of those that share a slot has the caller's address. */
	for (uint64_t found = 0;;) {
		if (!i || stack->calls[i - 1].call.slot > slot)
			return found ? found : fentry.code.exit;
		if (stack->calls[--i].call.slot == slot)
			found = stack->calls[i].call.caller;
	}
}

void fentry_run(bool on)
{
	fentry.running = on;
	if (!on)
		return;
	fentry.stack_count = 0;
	orc_hook_returns(fentry.code.exit, true_return);
}

/* ---- calls ---- */

static uint64_t ask(bool on_return, bool once_more)
{
	uint64_t function = 0;

	for (unsigned i = 0; i < fentry.listener_count && !function; i++)
		if (fentry.listeners[i]->interrupt)
			function =
				fentry.listeners[i]->interrupt(&fentry.now, on_return, once_more);
	return function;
}

/* Who called the function that hands its return address on. */
static uint64_t caller_of(uint64_t slot, uint64_t address)
{
	return address == fentry.code.exit ? true_return(slot) : address;
}

/* frame: rbp, behind the site, the caller. */
uint64_t fentry_entered(uint64_t *frame)
{
	struct stack *stack;
	uint8_t wanted = 0;

	if (!fentry.running)
		return 0;
	if (!frame)
		return ask(false, true);
	if (fentry.edges)
		kf_edges_note(fentry.edges, (unsigned)frame[1]);
	stack = settled_stack((uint64_t)&frame[2], frame[2]);
	fentry.now = (struct fentry_call){
		.function = frame[1] - FENTRY_SITE_SIZE,
		.caller = caller_of((uint64_t)&frame[2], frame[2]),
		.slot = (uint64_t)&frame[2],
	};
	fentry.now.returns = stack && stack->depth < DEPTH_MAX &&
			     fentry.now.function - fentry.keep_low >= fentry.keep_size;
	for (unsigned i = 0; i < fentry.listener_count; i++)
		wanted |= (uint8_t)(fentry.listeners[i]->entered(&fentry.now) << i);
	if (wanted && fentry.now.returns) {
		stack->calls[stack->depth++] = (struct pending){fentry.now, wanted};
		frame[2] = fentry.code.exit;
	}
	return ask(false, false);
}

static struct pending *take_pending(uint64_t slot)
{
	struct stack *stack = stack_of(slot);

	while (stack && stack->depth)
		if (stack->calls[--stack->depth].call.slot == slot)
			return &stack->calls[stack->depth];
	return NULL;
}

/* Functions that handed their return address on have returned with the last of them. */
static bool shares_slot(uint64_t slot)
{
	const struct stack *stack = stack_of(slot);

	return stack && stack->depth && stack->calls[stack->depth - 1].call.slot == slot;
}

static void tell_return(const struct pending *p, uint64_t result)
{
	fentry.now = p->call;
	fentry.now.has_result = true;
	fentry.now.result = result;
	if (!fentry.running)
		return;
	for (unsigned i = 0; i < fentry.listener_count; i++)
		if (p->wanted >> i & 1)
			fentry.listeners[i]->returned(&fentry.now);
}

/* frame: rbp, the caller; below it rax. */
uint64_t fentry_returned(uint64_t *frame)
{
	uint64_t slot = (uint64_t)&frame[1], result;
	const struct pending *p;

	if (!frame)
		return fentry.running ? ask(true, true) : 0;
	result = frame[-1];
	do {
		p = take_pending(slot);
		if (!p)
			abort(); /* the true address is lost: kfail's own fault */
		frame[1] = p->call.caller;
		tell_return(p, result);
	} while (shares_slot(slot));
	return fentry.running ? ask(true, false) : 0;
}
