/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An input for a driver: system calls with what is in user memory, and which requests are refused meanwhile.
 *
 * The binary form is that of ../input/grammar.h, with its schedule at the end; four of its calls are a cell here. Cells have one
 * width, so that a byte that changes changes one thing. Every string of bytes is an input.
 *
 *	cell | cell | ... | cell | schedule			32 bytes each
 *
 *	cell, of a call:
 *	 0	call: its place in calls.def, of the low 6 bits; a number that is none: the cell is passed over
 *	 1	handle, of the low 3 bits
 *	 2	what kind of argument it is given (enum argument), of the low 3 bits
 *	 3	so many whole cells behind this one belong to its memory, of the low 4 bits
 *	 4	which, 16 bits: a node, a command, ...; of a list, modulo its length
 *	 6	flags, 16 bits
 *	 8	value, 64 bits
 *	16	16 bytes of memory, which the cells behind go on with
 *
 * Numbers are little-endian. A cell that is cut off ends in zeros.
 */
#ifndef KFAIL_FUZZ_DRIVER_INPUT_H
#define KFAIL_FUZZ_DRIVER_INPUT_H

#include "../input/grammar.h"
#include "model.h"

#define CELL_SIZE	 32
#define CELL_MEMORY	 16 /* bytes of memory in the cell of the call itself */
#define CELL_MORE_MAX	 15
#define HANDLES		 8
#define INPUT_CALLS_MAX	 64 /* those behind are passed over */
#define INPUT_MEMORY_MAX (CELL_MEMORY + CELL_MORE_MAX * CELL_SIZE)
#define INPUT_SIZE_MAX \
	(INPUT_CALLS_MAX * (1 + CELL_MORE_MAX) * CELL_SIZE + FUZZ_RANGES_MAX * FUZZ_RANGE_BYTES + 1)

enum call_op {
#define CALL(name, which, flags, value, argument, number, about) CALL_##name,
#include "calls.def"
#undef CALL
	CALL_OPS
};

enum argument {
	ARGUMENT_NUMBER, /* the value itself (of an ioctl; of any other call it is NULL) */
	ARGUMENT_MEMORY, /* memory of user space, with the call's bytes at its start and zeros behind */
	ARGUMENT_NULL,	   /* NULL */
	ARGUMENT_UNMAPPED, /* an address of user space where nothing is */
	ARGUMENT_KERNEL,   /* an address of the kernel's */
	ARGUMENT_EDGE,	   /* the call's bytes, and right behind them nothing is mapped */
	ARGUMENT_NESTED, /* memory with the first half of the bytes, in which a word (of an ioctl, at `flags`) points to the rest */
	ARGUMENT_KINDS
};

enum call_which { WHICH_NONE, WHICH_NODE, WHICH_COMMAND, WHICH_FAMILY, WHICH_SLOT, WHICH_OPTION };

/* What a call has. */
struct call_kind {
	const char *name, *about;
	enum call_which which;
	const char *flags, *value; /* NULL: it has none */
	bool memory;
	long number;
};
extern const struct call_kind call_kinds[CALL_OPS];
extern const char *const argument_names[ARGUMENT_KINDS];

struct call {
	enum call_op op;
	unsigned handle;
	enum argument argument;
	uint16_t which, flags;
	uint64_t value;
	unsigned size; /* bytes of memory */
	uint8_t memory[INPUT_MEMORY_MAX];
};

/* `which` of an ioctl whose number is none of the model's: it is in the upper half of the value. */
#define WHICH_RAW 0xffff

struct input {
	unsigned count;
	struct call calls[INPUT_CALLS_MAX];
	struct schedule schedule;
};

/* What the bytes mean to this driver. What a call does not have is 0. */
void input_decode(const struct driver_model *model, const uint8_t *data, size_t size,
		  struct input *input);
/* The bytes of an input; input_decode() makes the same of them. How many; 0: they are more than `max`, or than the form can hold,
 * or the schedule is not one of numbers of requests alone. */
size_t input_encode(const struct input *input, uint8_t *data, size_t max);

/* What a call of its kind does not have becomes 0. */
void input_settle(struct call *call);
/* The command of an ioctl. */
uint32_t input_command(const struct driver_model *model, const struct call *call);

/* text.c: one call a line, and back: 0, or -1 with where and what is wrong. */
struct fuzz_syntax;
void input_print(const struct driver_model *model, const struct input *input, FILE *out);
/* One call as it is printed, without a newline. */
void input_print_call(const struct driver_model *model, const struct call *call, FILE *out);
int input_parse(const struct driver_model *model, const char *text, struct input *input,
		struct fuzz_syntax *wrong);

#endif
