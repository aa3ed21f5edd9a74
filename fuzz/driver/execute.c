// SPDX-License-Identifier: GPL-2.0-only
/*
 * The interpreter of inputs. It runs as a scenario's program does (harness/program): on the program's stack, in user space, so
 * that all that a driver writes through its pointers is restored with the world. Only reading goes beyond that memory:
 * to the input, and to the model.
 *
 *	heap of the program:  | ... | arena: memory of one call behind that of another ... |      edge ->|
 *				      ^ 64-byte steps, from the start again when it is used up	   nothing is mapped
 *
 * A call of a handle that nothing was opened into goes to the one that was opened last; while there is none, it is not made:
 * a call on a number that is no file says nothing about the driver. Nor is one made that the world does not have.
 *
 * Numbers are not checked: the kernel does that. What is cut is time, since it is virtual but not free; and flags of open() are
 * those that make no new file.
 */
#include "execute.h"

#include "edges.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <poll.h>
#include <time.h>
#include "../../harness/program/include/kfail/scenario.h"
#include "../../harness/program/memory.h"
#include "../../harness/program/program.h"

#define ARENA_SIZE   (512ul << 10)
#define STEP	     64ul
#define UNMAPPED     0x3f000000ul	  /* below PROGRAM_LOW_END, and behind the program's heap */
#define KERNEL	     0xffff888000001000ul /* in the direct map of any x86-64 kernel */
#define OPEN_FLAGS   (O_ACCMODE | O_NONBLOCK | O_APPEND | O_TRUNC)
#define SETFL_FLAGS  (O_NONBLOCK | O_APPEND | O_ASYNC)
#define WAIT_MS_MAX  1000u
#define SLEEP_MS_MAX 5000u
#define SECOND_NS    1000000000ull
#define ARGS(...)    ((const uint64_t[6]){__VA_ARGS__})

static struct {
	const struct driver_model *model;
	const struct input *input;
	long (*instead)(void); /* NULL: the input is run */
} program;

struct state {
	int handles[HANDLES]; /* -1: nothing */
	int newest, epoll;
	char *arena;
	size_t used;
};

/* ---- memory ---- */

static char *place(struct state *s, size_t size)
{
	char *at;

	if (size > ARENA_SIZE)
		size = ARENA_SIZE;
	if (s->used + size > ARENA_SIZE)
		s->used = 0;
	at = s->arena + s->used;
	s->used += (size + STEP - 1) & ~(STEP - 1);
	return at;
}

/* So many bytes that begin with the call's, anywhere; zeros follow, unless memory has been used before. */
static char *fill(struct state *s, const uint8_t *bytes, size_t size, size_t room)
{
	char *at = place(s, size > room ? size : room);

	memcpy(at, bytes, size);
	return at;
}

static char *at_the_edge(const struct call *call)
{
	size_t size = call->size;
	char *at;

	if (call->op == CALL_ioctl && call->value && call->value <= INPUT_MEMORY_MAX)
		size = call->value;
	at = (char *)user_memory_end() - size;
	memcpy(at, call->memory, call->size < size ? call->size : size);
	return at;
}

static char *nested(struct state *s, const struct call *call)
{
	unsigned half = (call->size / 2 + 7) & ~7u,
		 behind = call->size > half ? call->size - half : 0;
	char *inner = fill(s, call->memory + half, behind, STEP);
	unsigned at = call->op == CALL_ioctl ? call->flags % (INPUT_MEMORY_MAX / 2) : 0;
	char *outer =
		fill(s, call->memory, call->size < half ? call->size : half, at + sizeof(inner));

	memcpy(outer + at, &inner, sizeof(inner));
	return outer;
}

/* The pointer (or, of an ioctl, the number) that a call is given; `room`: so many bytes may be written there. */
static uint64_t argument(struct state *s, const struct call *call, uint64_t room)
{
	switch (call->argument) {
	case ARGUMENT_NUMBER:
		return call->which == WHICH_RAW ? (uint32_t)call->value : call->value;
	case ARGUMENT_MEMORY:
		return (uint64_t)fill(s, call->memory, call->size, room);
	case ARGUMENT_UNMAPPED:
		return UNMAPPED;
	case ARGUMENT_KERNEL:
		return KERNEL;
	case ARGUMENT_EDGE:
		return (uint64_t)at_the_edge(call);
	case ARGUMENT_NESTED:
		return (uint64_t)nested(s, call);
	default:
		return 0;
	}
}

/* ---- handles ---- */

static int handle(const struct state *s, const struct call *call)
{
	int fd = s->handles[call->handle];

	return fd >= 0 ? fd : s->newest;
}

static void keep(struct state *s, unsigned slot, int64_t fd)
{
	if (fd < 0)
		return;
	s->handles[slot] = s->newest = (int)fd;
}

/* The number may be another file's soon. */
static void forget(struct state *s, int fd)
{
	s->newest = -1;
	for (unsigned i = 0; i < HANDLES; i++) {
		if (s->handles[i] == fd)
			s->handles[i] = -1;
		if (s->handles[i] >= 0)
			s->newest = s->handles[i];
	}
}

/* ---- calls ---- */

static int64_t make(const struct call *call, const uint64_t args[6])
{
	const struct call_kind *kind = &call_kinds[call->op];

	return program_raw_call(kind->name, kind->number, args);
}

static uint64_t at_most(uint64_t value, uint64_t most)
{
	return value < most ? value : value % (most + 1);
}

static int64_t do_open(struct state *s, const struct call *call)
{
	const char *path = program.model->nodes[call->which];
	char *at = fill(s, (const uint8_t *)path, strlen(path) + 1, NODE_MAX);
	int64_t fd;

	at[strlen(path)] = '\0';
	fd = make(call, ARGS((uint64_t)at, call->flags & OPEN_FLAGS));
	keep(s, call->handle, fd);
	return fd;
}

static int64_t do_ioctl(struct state *s, const struct call *call, uint64_t fd)
{
	uint32_t command = input_command(program.model, call);

	/* As much as the number says (_IOC_SIZE), and some more. */
	return make(call, ARGS(fd, command, argument(s, call, (command >> 16 & 0x3fff) + STEP)));
}

static int64_t do_vector(struct state *s, const struct call *call, uint64_t fd)
{
	uint64_t at = argument(s, call, call->value), half = call->value / 2;
	const struct iovec parts[2] = {{(void *)at, half},
				       {(void *)(at + half), call->value - half}};
	char *list = fill(s, (const uint8_t *)parts, sizeof(parts), sizeof(parts));

	return make(call, ARGS(fd, (uint64_t)list, 2));
}

static int64_t do_poll(struct state *s, const struct call *call, uint64_t fd)
{
	const struct pollfd p = {.fd = (int)fd, .events = (short)call->flags};
	char *at = fill(s, (const uint8_t *)&p, sizeof(p), sizeof(p));

	return make(call, ARGS((uint64_t)at, 1, at_most(call->value, WAIT_MS_MAX)));
}

static int64_t do_epoll(struct state *s, const struct call *call, uint64_t fd)
{
	const struct epoll_event event = {.events = call->flags};
	char *at = fill(s, (const uint8_t *)&event, sizeof(event), sizeof(event));

	if (s->epoll < 0)
		s->epoll = (int)program_raw_call("epoll_create1", SYS_epoll_create1, ARGS(0));
	if (s->epoll < 0)
		return s->epoll;
	program_raw_call("epoll_ctl", SYS_epoll_ctl,
			 ARGS((uint64_t)s->epoll, EPOLL_CTL_ADD, fd, (uint64_t)at));
	return make(call,
		    ARGS((uint64_t)s->epoll, (uint64_t)at, 1, at_most(call->value, WAIT_MS_MAX)));
}

static int64_t do_sleep(struct state *s, const struct call *call)
{
	uint64_t ms = at_most(call->value, SLEEP_MS_MAX);
	const struct timespec time = {(time_t)(ms / 1000), (long)(ms % 1000 * (SECOND_NS / 1000))};
	char *at = fill(s, (const uint8_t *)&time, sizeof(time), sizeof(time));

	return make(call, ARGS((uint64_t)at, 0));
}

static int64_t do_getsockopt(struct state *s, const struct call *call, uint64_t fd)
{
	const int size = (int)call->value;
	uint64_t at = argument(s, call, (uint16_t)size);
	char *length = fill(s, (const uint8_t *)&size, sizeof(size), sizeof(size));

	return make(call, ARGS(fd, call->flags, call->which, at, (uint64_t)length));
}

static int64_t with_handle(struct state *s, const struct call *call, uint64_t fd)
{
	uint64_t value = call->value;
	int64_t result;

	switch (call->op) {
	case CALL_close:
		forget(s, (int)fd);
		return make(call, ARGS(fd));
	case CALL_ioctl:
		return do_ioctl(s, call, fd);
	case CALL_pread:
	case CALL_pwrite:
		return make(call, ARGS(fd, argument(s, call, call->flags), call->flags, value));
	case CALL_lseek:
		return make(call, ARGS(fd, value, call->flags % 5));
	case CALL_poll:
		return do_poll(s, call, fd);
	case CALL_epoll:
		return do_epoll(s, call, fd);
	case CALL_dup:
		result = make(call, ARGS(fd));
		keep(s, call->which, result);
		return result;
	case CALL_setfl:
		return make(call, ARGS(fd, F_SETFL, call->flags & SETFL_FLAGS));
	case CALL_accept:
		result = make(call, ARGS(fd, 0, 0));
		keep(s, call->which, result);
		return result;
	case CALL_send:
		return make(call, ARGS(fd, argument(s, call, value), value, call->flags, 0, 0));
	case CALL_recv:
		return make(call, ARGS(fd, argument(s, call, value), value,
				       call->flags | MSG_DONTWAIT, 0, 0));
	case CALL_setsockopt:
		return make(call,
			    ARGS(fd, call->flags, call->which, argument(s, call, value), value));
	case CALL_getsockopt:
		return do_getsockopt(s, call, fd);
	case CALL_readv:
	case CALL_writev:
		return do_vector(s, call, fd);
	case CALL_listen:
		return make(call, ARGS(fd, value));
	case CALL_fsync:
		return make(call, ARGS(fd));
	default: /* read, write, bind, connect */
		return make(call, ARGS(fd, argument(s, call, value), value));
	}
}

/* Native mode has these. */
static bool is_plain(enum call_op op)
{
	switch (op) {
	case CALL_open:
	case CALL_close:
	case CALL_ioctl:
	case CALL_read:
	case CALL_write:
	case CALL_pread:
	case CALL_pwrite:
	case CALL_lseek:
	case CALL_poll:
	case CALL_sleep:
		return true;
	default:
		return false;
	}
}

/* Of a driver without sockets they say nothing. */
static bool is_of_sockets(enum call_op op)
{
	return op >= CALL_socket && op <= CALL_getsockopt;
}

static bool make_call(struct state *s, const struct call *call, int64_t *result)
{
	const struct family *family;
	int fd;

	if ((program.model->plain && !is_plain(call->op)) ||
	    (!program.model->family_count && is_of_sockets(call->op)))
		return false;
	switch (call->op) {
	case CALL_open:
		*result = do_open(s, call);
		return true;
	case CALL_sleep:
		*result = do_sleep(s, call);
		return true;
	case CALL_socket:
		family = &program.model->families[call->which];
		*result = make(call, ARGS(family->family, family->type, family->protocol));
		keep(s, call->handle, *result);
		return true;
	default:
		fd = handle(s, call);
		if (fd < 0)
			return false;
		*result = with_handle(s, call, (uint64_t)fd);
		return true;
	}
}

/* As strace does. */
static void show(const struct call *call, bool made, int64_t result)
{
	const char *name = result < 0 ? strerrorname_np((int)-result) : NULL;

	input_print_call(program.model, call, stderr);
	if (!made)
		fprintf(stderr, ": not made\n");
	else if (name)
		fprintf(stderr, " = -%s\n", name);
	else
		fprintf(stderr, " = %lld\n", (long long)result);
}

static long run(void)
{
	struct state s = {.newest = -1, .epoll = -1, .arena = user_malloc(ARENA_SIZE)};
	int64_t result = 0;

	if (program.instead)
		return program.instead();
	memset(s.handles, 0xff, sizeof(s.handles));
	for (unsigned i = 0; i < program.input->count; i++) {
		const struct call *call = &program.input->calls[i];
		bool made = make_call(&s, call, &result);

		if (made)
			edges_note_result((unsigned)call->op << 9 | call->which, result);
		if (program_prints())
			show(call, made, result);
	}
	return 0;
}

const struct kfail_operation *execute_operation(const struct driver_model *model,
						const struct input *input)
{
	static const struct kfail_operation operation = {.name = "calls", .run = run};

	program.model = model;
	program.input = input;
	return &operation;
}

void execute_instead(long (*job)(void))
{
	program.instead = job;
}
