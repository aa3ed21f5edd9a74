/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The calls of an input, made.
 */
#ifndef KFAIL_FUZZ_DRIVER_EXECUTE_H
#define KFAIL_FUZZ_DRIVER_EXECUTE_H

#include "input.h"

struct kfail_operation;

/* A program (harness/program/program.h: program_use()) whose one operation makes the calls of this input, which its owner
 * changes between runs. All that it opens is closed by the end of the program. */
const struct kfail_operation *execute_operation(const struct driver_model *model,
						const struct input *input);

/* From now on the operation does this instead; NULL: the input again. */
void execute_instead(long (*job)(void));

#endif
