// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stubs: what an import leads to when its function is a point. A few bytes of code each, written at run time where the
 * module can reach them; all of them call one shared part, which asks the host and then either jumps to the function, with
 * every register and the stack as they were, or returns to the module with the value of a failure.
 *
 *	module        stub i                shared part               host
 *	call  ----->  push %rbp
 *	              mov %rsp,%rbp
 *	              call  ------------->  save registers
 *	                                    call  ----------------->  calls_ask(frame)
 *	                                    restore registers
 *	                                    pop %rbp; ret  -->  the function, or (ret) the module
 *
 * The stack in between, highest address first: struct call_frame of calls.h, which begins where the shared part saves
 * registers. calls_ask() swaps the two words that the end pops: the caller's rbp, and where to go. Nothing but the stack is
 * used for that, since get_user() and its kin promise to keep all registers but theirs.
 *
 * The stub keeps a frame of its own, so that a walk over the stack by frame pointers (native mode) or unwind tables
 * (world/callpoints.c) meets an address that names the function, and behind it the module's call. A function that was not
 * refused runs without any of this on its stack.
 *
 * Code and choice never change after a world is prepared: a restore has nothing to do.
 */
#include "calls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../trace/symbols.h"

#define TASK_INTERRUPTIBLE 1
#define TASK_WAKEKILL	   0x100
#define NOTHING_BELOW	   0x10000 /* addresses of NULL and what is behind it */

__asm__(".text\n"
	"calls_common_begin:\n"
	"	push %rbp\n"
	"	mov %rsp, %rbp\n"
	"calls_common_framed:\n"
	"	sub $80, %rsp\n"
	"	mov %rax, (%rsp)\n"
	"	mov %rcx, 8(%rsp)\n"
	"	mov %rdx, 16(%rsp)\n"
	"	mov %rsi, 24(%rsp)\n"
	"	mov %rdi, 32(%rsp)\n"
	"	mov %r8, 40(%rsp)\n"
	"	mov %r9, 48(%rsp)\n"
	"	mov %r10, 56(%rsp)\n"
	"	mov %r11, 64(%rsp)\n"
	"	mov %rsp, %rdi\n"
	"	movabs $0x1122334455667788, %rax\n"
	"calls_common_ask:\n" /* the eight bytes before are the address */
	"	call *%rax\n"
	"	mov (%rsp), %rax\n"
	"	mov 8(%rsp), %rcx\n"
	"	mov 16(%rsp), %rdx\n"
	"	mov 24(%rsp), %rsi\n"
	"	mov 32(%rsp), %rdi\n"
	"	mov 40(%rsp), %r8\n"
	"	mov 48(%rsp), %r9\n"
	"	mov 56(%rsp), %r10\n"
	"	mov 64(%rsp), %r11\n"
	"	lea 8(%rbp), %rsp\n"
	"	pop %rbp\n"
	"calls_common_return:\n"
	"	ret\n"
	"calls_common_end:\n"
	"calls_stub_begin:\n"
	"	push %rbp\n"
	"	mov %rsp, %rbp\n"
	"	.byte 0xe8\n" /* call, relative to its end */
	"	.long 0\n"
	"calls_stub_end:\n");
extern const char calls_common_begin[], calls_common_framed[], calls_common_ask[],
	calls_common_return[], calls_common_end[], calls_stub_begin[], calls_stub_end[];

struct argument {
	bool constant;
	unsigned number; /* of the call's argument */
	uint64_t value;	 /* the constant, or an offset to the argument */
};

#define FIRST_ARGUMENTS_MAX 3

/* call.first, taken apart. */
struct preparation {
	uint64_t function; /* 0: nothing to do */
	struct argument arguments[FIRST_ARGUMENTS_MAX];
};

struct stub {
	const char *import; /* of the table */
	const struct call_point *point;
	uint64_t target;
	struct preparation first;
};

static struct {
	struct calls_code code;
	struct calls_world world;
	const struct call_frame *asked; /* while calls_should_fail() is */
	struct stub list[CALLS_MAX];
} stubs;

static bool never(const struct call_point *point)
{
	return false;
}

bool (*calls_should_fail)(const struct call_point *point) = never;

/* ---- making them ---- */

void calls_stubs_open(void *at, uint64_t ask, const struct calls_world *world)
{
	char *code = at;

	memcpy(code, calls_common_begin, (size_t)(calls_common_end - calls_common_begin));
	memcpy(code + (calls_common_ask - calls_common_begin) - sizeof(ask), &ask, sizeof(ask));
	stubs.world = *world;
	stubs.code = (struct calls_code){
		.start = (uint64_t)at,
		.stubs = (uint64_t)at + CALLS_COMMON_MAX,
		.framed = (unsigned)(calls_common_framed - calls_common_begin),
	};
}

static uint64_t stub_address(unsigned i)
{
	return stubs.code.stubs + i * CALLS_STUB_SIZE;
}

static void write_stub(unsigned i)
{
	size_t size = (size_t)(calls_stub_end - calls_stub_begin);
	char *code = (char *)stub_address(i);
	int32_t distance = (int32_t)(stubs.code.start - (stub_address(i) + size));

	memset(code, 0xcc, CALLS_STUB_SIZE);
	memcpy(code, calls_stub_begin, size);
	memcpy(code + size - sizeof(distance), &distance, sizeof(distance));
}

/* "0", "0+16" or "=5"; returns what follows. */
static const char *parse_argument(const char *text, struct argument *out)
{
	char *end;

	while (*text == ' ')
		text++;
	out->constant = *text == '=' || !*text;
	if (*text == '=') {
		out->value = strtoull(text + 1, &end, 0);
		return end;
	}
	out->number = (unsigned)strtoul(text, &end, 10);
	out->value = *end == '+' ? strtoull(end + 1, &end, 10) : 0;
	return end;
}

static struct preparation parse_first(const char *text)
{
	struct preparation first = {0};
	char name[64];

	if (!text)
		return first;
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(text, " "), text);
	first.function = stubs.world.function(name);
	text += strlen(name);
	for (unsigned i = 0; i < FIRST_ARGUMENTS_MAX; i++)
		text = parse_argument(text, &first.arguments[i]);
	return first;
}

static unsigned find_stub(const char *import)
{
	unsigned i = 0;

	while (i < stubs.code.count && strcmp(stubs.list[i].import, import) != 0)
		i++;
	return i;
}

uint64_t calls_stub(const char *import, uint64_t target)
{
	const struct call_point *point = calls_find(import);
	unsigned i = point ? find_stub(import) : 0;
	struct preparation first;

	if (!point)
		return 0;
	if (i < stubs.code.count)
		return stub_address(i);
	if (i == CALLS_MAX) {
		fprintf(stderr, "kfail: more than %u calls are points: %s is none\n", CALLS_MAX,
			import);
		return 0;
	}
	first = parse_first(point->call->first);
	if (point->call->first && !first.function) {
		fprintf(stderr,
			"kfail: %s is no point here: there is no %s, which must be done when it "
			"fails\n",
			import, point->call->first);
		return 0;
	}
	stubs.list[i] = (struct stub){point->import, point, target, first};
	write_stub(i);
	stubs.code.count++;
	return stub_address(i);
}

const struct calls_code *calls_code(void)
{
	return &stubs.code;
}

void calls_name_stubs(void)
{
	static struct ksym symbols[CALLS_MAX];
	char *names = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&names, &size);

	for (unsigned i = 0; out && i < stubs.code.count; i++) {
		symbols[i] = (struct ksym){stub_address(i), (uint32_t)ftell(out), 'T'};
		fprintf(out, "%s%c", stubs.list[i].import, '\0');
	}
	if (out)
		fclose(out);
	if (names && stubs.code.count)
		symbols_add_table(NULL, &(struct ksym_table){symbols, stubs.code.count, names,
							     stub_address(0),
							     stub_address(stubs.code.count)});
}

/* ---- when one is called ---- */

static uint64_t argument(const struct call_frame *frame, unsigned i)
{
	const uint64_t registers[] = {frame->rdi, frame->rsi, frame->rdx,
				      frame->rcx, frame->r8,  frame->r9};

	return i < 6 ? registers[i] : frame->stack[i - 6];
}

/* struct completion begins with `unsigned int done`. A pointer to nothing is the function's to fault on. */
static bool is_done(uint64_t completion)
{
	return completion < NOTHING_BELOW || *(const volatile uint32_t *)completion != 0;
}

/* Could the function fail in this way, here and now? */
static bool can_fail(const struct call_entry *call, const struct call_frame *frame)
{
	if (call->only & CALL_IF_GIVEN && !argument(frame, 0))
		return false;
	if (call->only & CALL_IF_UNDONE && is_done(argument(frame, 0)))
		return false;
	if (call->only & CALL_IF_INTERRUPTIBLE &&
	    !(argument(frame, 2) & (TASK_INTERRUPTIBLE | TASK_WAKEKILL)))
		return false;
	return !(call->only & CALL_BY_SIGNAL) || stubs.world.takes_signals();
}

static uint64_t prepared_argument(const struct argument *a, const struct call_frame *frame)
{
	return a->constant ? a->value : argument(frame, a->number) + a->value;
}

static void prepare(const struct preparation *first, const struct call_frame *frame)
{
	const struct argument *a = first->arguments;
	uint64_t object = first->function ? prepared_argument(&a[0], frame) : 0;

	if (object)
		((uint64_t(*)(uint64_t, uint64_t, uint64_t))first->function)(
			object, prepared_argument(&a[1], frame), prepared_argument(&a[2], frame));
}

/* The registers as the failed function leaves them. */
static void set_result(const struct call_point *point, struct call_frame *frame)
{
	switch (point->call->how) {
	case CALL_REST:
		frame->rax = argument(frame, point->call->rest);
		return;
	case CALL_GET_USER:
		frame->rax = (uint64_t)point->returns;
		frame->rdx = 0;
		return;
	case CALL_PUT_USER:
		frame->rcx = (uint64_t)point->returns;
		return;
	default:
		frame->rax = (uint64_t)point->returns;
	}
}

/* Where the shared part's last instruction goes. */
static void go_to(struct call_frame *frame, uint64_t address)
{
	frame->stub_return = frame->rbp;
	frame->rbp = address;
}

/* get_user() has the address in rax and put_user() in rcx; the size is in the name: __get_user_nocheck_4. */
bool calls_user_memory(const struct call_point *point, uint64_t *addr, uint64_t *size)
{
	const struct call_entry *call = point->call;
	const struct call_frame *frame = stubs.asked;

	if (call_capability(call) != FAIL_USERCOPY)
		return false;
	switch (call->how) {
	case CALL_REST:
		*addr = argument(frame, call->user);
		*size = argument(frame, call->rest);
		return true;
	case CALL_GET_USER:
	case CALL_PUT_USER:
		*addr = call->how == CALL_GET_USER ? frame->rax : frame->rcx;
		*size = (uint64_t)(call->function[strlen(call->function) - 1] - '0');
		return true;
	default:
		return false;
	}
}

void calls_ask(struct call_frame *frame)
{
	const struct stub *stub =
		&stubs.list[(frame->stub_return - stubs.code.stubs) / CALLS_STUB_SIZE];

	stubs.asked = frame;
	if (!can_fail(stub->point->call, frame) || !calls_should_fail(stub->point)) {
		go_to(frame, stub->target);
		return;
	}
	prepare(&stub->first, frame);
	set_result(stub->point, frame);
	go_to(frame, stubs.code.start + (uint64_t)(calls_common_return - calls_common_begin));
}
