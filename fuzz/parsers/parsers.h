/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Targets for what kfail reads: files and texts that people, other programs, or a broken disk have made. A bad one must give
 * one clear sentence; never a crash, an endless loop, or silence. Under AddressSanitizer (`make fuzz-asan`) also no read beside
 * memory.
 */
#ifndef KFAIL_FUZZ_PARSERS_H
#define KFAIL_FUZZ_PARSERS_H

#include "../engine/target.h"

extern const struct fuzz_target schedule_target, accepted_target, suppressions_target, text_target,
	module_target, store_target;

/* input.c: what the targets share. */
int parsers_open(const struct fuzz_setup *setup, char *err);
/* An input as text: malloc()ed, ends with the first NUL in it or with the input. */
char *parsers_text(const uint8_t *data, size_t size);
/* A file that holds the input until the next one; its path. */
const char *parsers_file(const uint8_t *data, size_t size);
/* `err` is what was said of a bad input: a sentence in one line, or it is a finding. `what`: who read. */
void parsers_judge(struct fuzz_outcome *out, const char *what, const char *err);

#endif
