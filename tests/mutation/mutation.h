/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The mutation score: how many of the bugs that one wrong line makes in a real driver does kfail report?
 *
 *	tree.sh			a driver's tree, built once by kbuild; the commands that it used are kept beside the objects
 *	  operators.c		libclang reads each source as the compiler does and says what could be wrong: the mutants
 *	    build.c		all of them in one module, the schema, which is compiled once: a number in it chooses
 *	      sweep.c		kfail sweeps it; what it finds beyond what it finds with number 0, the original
 *	      originals.c	and what it finds there must be explained
 *	        results.c	a line of a log for each mutant, so that nothing is done twice; tables, JSON
 *
 * A mutant is a few edits of one source, at byte offsets. In the schema (R. Untch et al., "Mutation analysis using mutant
 * schemata", 1993) the original and the mutated text stand side by side on the same line:
 *
 *	kfree(p);		{ if (kfail_is(7)) {  } else { kfree(p); } }
 *	if (!p)			if ((!p) && !kfail_is(8))
 *
 * so that a driver is compiled once and not for each mutant, and file, line and function of a finding are the same in all.
 *
 * Reached: kfail_is() marks its number when the original comes there, and for a check behind its answer yes. What no run of the
 * sweep marked cannot be found by any judge, and counts apart.
 */
#ifndef MUTATION_H
#define MUTATION_H

#include <stdbool.h>
#include <stddef.h>

/* What is changed. The names are those of operator_name(). */
enum mutation_operator {
	OP_FREE,	 /* free: the call that gives memory back is gone */
	OP_UNDO,	 /* undo: the call that unregisters, puts, cancels, stops is gone */
	OP_UNLOCK,	 /* unlock: the call that gives a lock back is gone */
	OP_SWAP,	 /* swap: two steps of unwinding that depend on each other change places */
	OP_GOTO_LATER,	 /* goto-later: goto to the next label: a step of unwinding is left out */
	OP_GOTO_EARLIER, /* goto-earlier: to the label before: a step too many */
	OP_EXIT,	 /* exit: the goto or return that ends the body of a failed check is gone */
	OP_CHECK,	 /* check: the check (NULL, IS_ERR, an error code) never fails */
	OP_ERROR_CODE,	 /* error-code: it is not set, or 0 is returned in its place */
	OP_GFP,		 /* gfp: GFP_KERNEL in place of GFP_ATOMIC */
	OP_NR
};

/* "free", "undo", ... */
const char *operator_name(enum mutation_operator op);
/* -1: no such name. */
int operator_parse(const char *name);

/* Bytes start to end (end is not among them) of a source become text. */
struct edit {
	unsigned start, end;
	char *text; /* malloc()ed */
};

enum verdict {
	VERDICT_NONE, /* not tried yet */
	VERDICT_KILLED,
	VERDICT_SURVIVED,
	VERDICT_NOT_REACHED,
	VERDICT_NOT_BUILT,
	VERDICT_NOT_JUDGED,
	VERDICT_EQUIVALENT,
	VERDICT_NR
};

/* "killed", "survived", "not reached", ... */
const char *verdict_name(enum verdict verdict);

struct mutant {
	enum mutation_operator op;
	unsigned source; /* index in the driver's sources */
	unsigned line, column;
	char *function; /* in which it lies */
	struct edit edits[2];
	unsigned edit_count;
	struct edit schema[4]; /* insertions; "%u" in their text is the mutant's number */
	unsigned schema_count;
	char id[64];  /* "vpoll.c:97:9:free": stable while the source is */
	char key[17]; /* hash of the driver's sweeps and of the mutant: what a log is resumed by */
	enum verdict verdict;
	char *why; /* the first new finding; why it is not judged; the reason why it is equivalent. Or NULL */
};

/* One source of a module: where it lies in the built tree, and how it was compiled. */
struct source {
	char *path;   /* in the built tree */
	char *name;   /* relative to it */
	char *object; /* the object that it becomes */
	char *command;
	char *text;
	size_t length;
};

#define SOURCES_MAX 32
#define SWEEPS_MAX  16

/* What is mutated, and how it is used. */
struct driver {
	char *name;
	char *from;   /* a Debian package, a directory with a kbuild Makefile, or a source */
	char *only;   /* "a.c,b.c": sources to mutate; NULL: all of the module that is judged */
	char *module; /* "foo.ko": that is judged, and mutated */
	struct sweep_arguments {
		char **words; /* arguments of kfail sweep: foo.ko is the file of the tree */
		unsigned count;
	} sweeps[SWEEPS_MAX];
	unsigned sweep_count;

	char *tree; /* built */
	char *headers;
	char *link;  /* command for the module's object of several; NULL: it has one source */
	char *final; /* command for the module */
	struct source sources[SOURCES_MAX];
	unsigned source_count;
	struct mutant *mutants;
	unsigned mutant_count;
};

/* ---- operators.c ---- */

/* Append the mutants of source `index` to the driver's. False: libclang could not read it (a sentence on standard
 * error). */
bool operators_find(struct driver *driver, unsigned index);

/* ---- text.c ---- */

/* The whole of a file, malloc()ed and NUL-terminated, its length in *length if that is wanted; NULL: it cannot be read. */
char *text_read(const char *path, size_t *length);
bool text_write(const char *path, const char *text, size_t length);
/* The path of a program that a sweep of the list names: "scenarios/foo.c" lies here, "real/scenarios/foo.c" in tests/. malloc()ed;
 * NULL: the word names none of these. */
char *text_program(const char *word);
/* malloc()ed, as printf. */
__attribute__((format(printf, 1, 2))) char *text_format(const char *format, ...);
/* `text` with each `from` become `to`: malloc()ed. */
char *text_replace(const char *text, const char *from, const char *to);
/* `text` with edits, which must not overlap; insertions at one offset stay in their order. malloc()ed. */
char *text_edit(const char *text, const struct edit *edits, unsigned count);
/* A unified diff of the source and the mutant, malloc()ed. */
char *text_diff(const struct source *source, const struct mutant *mutant, const char *work);

/* ---- build.c ---- */

/* Fill in tree, commands and sources. False: a sentence on standard error. `work`: a directory of the tool's own. */
bool build_tree(struct driver *driver, const char *work);
/* A copy of the tree `from` for one worker, "TREE.what": beside it, since sources may include what lies in ../. malloc()ed;
 * NULL: it cannot be had. */
char *build_copy(const struct driver *driver, const char *from, const char *what);
/* Build the schema in `tree`, a copy. Mutants that the compiler refuses become VERDICT_NOT_BUILT. False: the module cannot be
 * built at all; the compiler's words are in tree/log. */
bool build_schema(struct driver *driver, const char *tree);
/* Let the module in `tree`, a copy of the schema's, be mutant `number`; 0: the original. */
bool build_select(const struct driver *driver, const char *tree, unsigned number);

/* ---- sweep.c ---- */

/* The findings of a module: sorted texts that are equal when the finding is, in whichever mutant. */
struct findings {
	char **keys, **told; /* told: for people */
	char **kinds;
	char **functions; /* of all its stacks, with blanks between */
	unsigned count;
	char *not_judged; /* why it, or a part of it, is not; NULL */
	bool failed;	  /* kfail had no verdict at all: wrong input, or its own failure */
	double seconds;
};

/* Sweep the module in `tree`. `budget`: seconds after which no run begins; 0: none. */
void sweep_module(const struct driver *driver, const struct sweep_arguments *arguments,
		  const char *tree, unsigned budget, struct findings *out);
void findings_clear(struct findings *findings);
/* The first of `is` that is not in `known`, or NULL. */
const char *findings_new(const struct findings *is, const struct findings *known);
/* Where marks go: a file that sweeps of the original write into, by the descriptor MARK_FD. */
#define MARK_FD 900
bool marks_open(const char *path);
/* Marked? Each mutant has a byte in the file. */
bool mark_seen(unsigned number);

/* ---- originals.c ---- */

/* Is each finding on the unchanged driver explained by a line of one of the files (the last path is NULL)? A sentence on
 * standard error for each that is not. */
bool originals_explain(const struct driver *driver, const struct findings *findings,
		       const char *const *paths);

/* ---- results.c ---- */

/* Fill each mutant's key. */
void results_key(struct driver *driver);
/* What the log `path` and the file of equivalent mutants say of this driver's mutants. */
void results_load(struct driver *driver, const char *path);
bool results_equivalent(struct driver *driver, const char *path);
/* A line more, by one write(): workers share the file. */
bool results_log(const char *path, const struct mutant *mutant);
/* Tables to standard output; survivors with their diffs. Returns the score in per cent, or -1: nothing was reached. */
double results_print(const struct driver *drivers, unsigned count, const char *work, bool diffs);
bool results_json(const struct driver *drivers, unsigned count, const char *work, const char *path);

#endif
