/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A walk through a source's syntax tree: what operators.c, checks.c and syntax.c share.
 */
#ifndef MUTATION_WALK_H
#define MUTATION_WALK_H

#include "mutation.h"

#include <clang-c/Index.h>

#define LABELS_MAX 64

struct walk {
	struct driver *driver;
	unsigned source;
	const char *text;
	unsigned length;
	CXTranslationUnit unit;
	CXFile file;
	/* Of the function that is walked. */
	char *function;
	bool returns_integer;
	struct {
		char name[64];
		unsigned offset, end; /* of "label:" */
	} labels[LABELS_MAX];
	unsigned label_count;
	bool in_check; /* in the body of a check */
};

struct range {
	unsigned start, end; /* end: behind the last byte, without a ; */
};

struct cursors {
	CXCursor *at;
	unsigned count;
};

/* ---- syntax.c ---- */

/* The children of a cursor; .at is malloc()ed. */
struct cursors children(CXCursor cursor);
/* One of them; the null cursor if there are not so many. */
CXCursor child(CXCursor cursor, unsigned index);
enum CXCursorKind kind_of(CXCursor cursor);
/* Where it stands in the source itself; false: elsewhere (a header, a macro of one). */
bool range_of(const struct walk *walk, CXCursor cursor, struct range *range);
/* Does the text begin with this word? */
bool word_at(const char *text, const char *word);
/* A statement with the ; that ends it. False: there is none. */
bool with_semicolon(const struct walk *walk, struct range *range);
/* Is one of `parts` in the name? NULL ends them. */
bool has_part(const char *name, const char *const *parts);
/* libclang's options out of the command that compiled a source, which is taken to pieces. How many; each malloc()ed. */
unsigned options_of(char *command, char **options, unsigned max);
/* Could it not be read at all? Says why. */
bool has_fatal(CXTranslationUnit unit, const char *path);

/* ---- checks.c ---- */

/* Does this condition ask whether something failed? An integer is asked so when what follows leaves with an error. */
bool is_check(const struct walk *walk, CXCursor condition, bool leaves_with_error);
/* Does a body end by goto or return? Its last statement; does it leave with an error; how many statements it has. */
bool leaves(const struct walk *walk, CXCursor body, CXCursor *last, bool *with_error,
	    unsigned *statements);

#endif
