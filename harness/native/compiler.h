/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Running the host's compiler: for a driver's source in native mode, and for scenarios. The compiler is $CC (words,
 * options included), or cc; its messages go to standard error as they are.
 */
#ifndef KFAIL_NATIVE_COMPILER_H
#define KFAIL_NATIVE_COMPILER_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

#define COMPILER_ARGS_MAX 128
#define COMPILER_ERR	  256

struct compiler {
	char *args[COMPILER_ARGS_MAX];
	unsigned count;
	char *words[4]; /* split in place */
	unsigned word_count;
};

/* The include directory that has `header`: share/kfail/ROOM beside the installed command, else `tree`, the one of the source
 * tree. False: neither has it; dir is then the one that was looked into last. */
bool compiler_find_include(const char *room, const char *header, const char *tree, char *dir,
			   size_t size);
/* Does this include directory have the header? */
bool compiler_has_header(const char *dir, const char *header);

/* A word of the command line; it is not copied. */
void compiler_add(struct compiler *c, const char *arg);
/* Words of a variable like CC or CFLAGS: separated by blanks, no quoting. At most four times. */
void compiler_add_words(struct compiler *c, const char *text);
/* Run it and forget its words: 0; 1 when it says that the source is wrong; -1 when there is no such compiler (err,
 * COMPILER_ERR bytes). */
int compiler_run(struct compiler *c, char *err);

/* An object in a directory of its own under $TMPDIR, which goes when the process that made it does. */
struct compiled {
	char dir[PATH_MAX], object[PATH_MAX];
	pid_t owner;
	int lock; /* on the directory, as long as it is in use */
};

/* Make the directory and choose the object's name. 0 or -1 (err). The struct is static: it is used at exit. */
int compiled_open(struct compiled *compiled, const char *name, char *err);
/* Remove both; nothing in another process than the one that made them. */
void compiled_remove(struct compiled *compiled);

#endif
