// SPDX-License-Identifier: GPL-2.0-only
/*
 * Inputs to begin with, for a driver that nobody has written any for: each file opened, read, written, waited for; each of
 * its ioctls with a number and with memory; each kind of socket; and the same with a refusal. They are small: AFL++ puts them
 * together.
 */
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include "driver.h"
#include "input.h"

#define PER_SEED 6 /* ioctls in one seed */

struct seeds {
	int (*fn)(const char *name, const uint8_t *data, size_t size, void *arg);
	void *arg;
	struct input input;
	unsigned number;
	int result; /* of the first that failed */
};

static struct call *add(struct seeds *s, enum call_op op)
{
	struct call *call = &s->input.calls[s->input.count++];

	memset(call, 0, sizeof(*call));
	call->op = op;
	if (call_kinds[op].memory)
		call->argument = ARGUMENT_MEMORY;
	return call;
}

static void begin(struct seeds *s, enum call_op op, unsigned which)
{
	struct call *call;

	s->input.count = 0;
	call = add(s, op);
	call->which = (uint16_t)which;
	call->flags = op == CALL_open ? O_RDWR | O_NONBLOCK : 0;
}

static void finish(struct seeds *s, const char *what, uint32_t refused)
{
	uint8_t data[4096];
	char name[64];
	size_t size;

	s->input.schedule =
		(struct schedule){.ranges = {{refused, refused}}, .count = refused != 0};
	for (unsigned i = 0; i < s->input.count; i++)
		input_settle(&s->input.calls[i]);
	size = input_encode(&s->input, data, sizeof(data));
	snprintf(name, sizeof(name), "%03u-%s", s->number++, what);
	if (size && !s->result)
		s->result = s->fn(name, data, size, s->arg);
}

static void use_file(struct seeds *s, unsigned node)
{
	begin(s, CALL_open, node);
	add(s, CALL_read)->value = 64;
	finish(s, "read", 0);

	begin(s, CALL_open, node);
	memcpy(add(s, CALL_write)->memory, "1\n", 2);
	s->input.calls[1].size = 2;
	s->input.calls[1].value = 2;
	finish(s, "write", 0);

	begin(s, CALL_open, node);
	add(s, CALL_poll)->flags = POLLIN | POLLOUT;
	add(s, CALL_sleep)->value = 10;
	add(s, CALL_close);
	finish(s, "poll", 1);
}

static void use_commands(struct seeds *s, unsigned node, unsigned first)
{
	const unsigned count = driver_model()->command_count;

	for (int memory = 0; memory < 2; memory++) {
		begin(s, CALL_open, node);
		for (unsigned i = first; i < count && i < first + PER_SEED; i++) {
			struct call *call = add(s, CALL_ioctl);

			call->which = (uint16_t)i;
			call->argument = memory ? ARGUMENT_MEMORY : ARGUMENT_NUMBER;
			call->value = memory ? 0 : 1;
			call->size = memory ? 8 : 0;
			memset(call->memory, 1, call->size);
		}
		finish(s, memory ? "ioctl-memory" : "ioctl-number", 0);
	}
}

static void use_sockets(struct seeds *s, unsigned family)
{
	begin(s, CALL_socket, family);
	add(s, CALL_bind)->value = 16;
	add(s, CALL_send)->value = 16;
	add(s, CALL_recv)->value = 64;
	finish(s, "socket", 0);

	begin(s, CALL_socket, family);
	add(s, CALL_setsockopt)->value = 4;
	add(s, CALL_getsockopt)->value = 4;
	finish(s, "sockopt", 1);
}

int driver_seeds(int (*fn)(const char *name, const uint8_t *data, size_t size, void *arg),
		 void *arg)
{
	static struct seeds s;
	const struct driver_model *model = driver_model();

	s = (struct seeds){.fn = fn, .arg = arg};
	for (unsigned i = 0; i < model->node_count; i++)
		use_file(&s, i);
	/* The first file is nearly always the one with ioctls. */
	for (unsigned i = 0; i < model->command_count && model->node_count; i += PER_SEED)
		use_commands(&s, 0, i);
	for (unsigned i = 0; i < model->family_count; i++)
		use_sockets(&s, i);
	return s.result;
}
