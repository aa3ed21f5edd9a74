/* SPDX-License-Identifier: GPL-2.0-only */
/* Whose code an address of the small world is, and its names: between the two files of it. */
#ifndef KFAIL_TESTS_JUDGE_FAKE_CODE_H
#define KFAIL_TESTS_JUDGE_FAKE_CODE_H

#include "fake.h"

extern char __start_driver_text[], __stop_driver_text[];
extern char __start_kernel_text[], __stop_kernel_text[];

bool fake_in_driver(uint64_t pc);
bool fake_in_kernel(uint64_t pc);
/* Once per process: tables made of this program's own symbols. */
void fake_name_code(void);

#endif
