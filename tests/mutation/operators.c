// SPDX-License-Identifier: GPL-2.0-only
/*
 * What could be wrong in a source: the mutants, found in its syntax tree. libclang reads it with the options that kbuild
 * compiled it with, so that macros, types and configuration are the driver's own.
 *
 * A statement is mutated only when it stands in the source as it is in the tree: what comes out of a macro's body
 * is the macro's business. A macro that is used like a call (kfree_rcu(p, head)) counts as one.
 *
 * What is left out because it would be equivalent by construction: a swap of two steps of which none works on what the other
 * takes away; a goto to a label with nothing between the two; the goto of a check that has nothing else in its body (that is
 * `check`).
 */
#include "walk.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- mutants ---- */

static char *copy(const char *from, unsigned length)
{
	return strndup(from, length);
}

/* Nothing but the line ends of a piece of text: what is left when it is deleted, so that lines keep their numbers. */
static char *line_ends(const struct walk *walk, struct range range)
{
	char *ends = calloc(1, range.end - range.start + 1);
	unsigned n = 0;

	for (unsigned i = range.start; i < range.end; i++)
		if (walk->text[i] == '\n')
			ends[n++] = '\n';
	return ends;
}

static void place(const struct walk *walk, struct mutant *mutant, unsigned offset)
{
	unsigned start = offset;

	mutant->line = 1;
	for (unsigned i = 0; i < offset; i++)
		mutant->line += walk->text[i] == '\n';
	while (start && walk->text[start - 1] != '\n')
		start--;
	mutant->column = offset - start + 1;
}

static struct mutant *add(struct walk *walk, enum mutation_operator op, unsigned offset)
{
	struct driver *driver = walk->driver;
	const char *name = driver->sources[walk->source].name;
	struct mutant *mutant;

	driver->mutants =
		realloc(driver->mutants, (driver->mutant_count + 1) * sizeof(*driver->mutants));
	mutant = &driver->mutants[driver->mutant_count++];
	*mutant = (struct mutant){
		.op = op, .source = walk->source, .function = strdup(walk->function)};
	place(walk, mutant, offset);
	snprintf(mutant->id, sizeof(mutant->id), "%.30s:%u:%u:%s", name, mutant->line,
		 mutant->column, operator_name(op));
	return mutant;
}

static void add_edit(struct mutant *mutant, unsigned start, unsigned end, char *text)
{
	mutant->edits[mutant->edit_count++] = (struct edit){start, end, text};
}

/* Text that is laid around a piece of the source in the schema; "%u" becomes the mutant's number. */
static void lay_around(struct mutant *mutant, struct range range, char *before, const char *after)
{
	mutant->schema[mutant->schema_count++] = (struct edit){range.start, range.start, before};
	mutant->schema[mutant->schema_count++] = (struct edit){range.end, range.end, strdup(after)};
}

/* A whole statement, with its ; */
static void instead_of(struct mutant *mutant, struct range whole, const char *statement)
{
	lay_around(mutant, whole, text_format("{ if (kfail_is(%%u)) { %s } else { ", statement),
		   " } }");
}

/* `instead`: what stands in its place in the schema. */
static void delete_with(struct walk *walk, enum mutation_operator op, struct range range,
			const char *instead)
{
	struct range whole = range;
	struct mutant *mutant;

	if (!with_semicolon(walk, &whole))
		return;
	mutant = add(walk, op, range.start);
	add_edit(mutant, range.start, range.end, line_ends(walk, range));
	instead_of(mutant, whole, instead);
}

static void delete_statement(struct walk *walk, enum mutation_operator op, struct range range)
{
	delete_with(walk, op, range, "");
}

/*
 * err = -ENOMEM; is gone. Where nothing else has set `err`, a compiler that sees both branches takes what was never set for
 * what is set in the other one, and the mutant for the original. It must not see what is in there.
 */
static void delete_assignment(struct walk *walk, enum mutation_operator op, struct range range)
{
	const char *text = walk->text + range.start;
	int left = (int)strcspn(text, "=");
	char *instead = text_format("__asm__ volatile(\"\" : \"+rm\"(%.*s));", left, text);

	delete_with(walk, op, range, instead);
	free(instead);
}

/* ---- calls ---- */

/* The name of what a statement calls, as it is written: "free" of ops->free(x). False: it is no call. */
static bool called(const struct walk *walk, struct range range, char *name, size_t size)
{
	const char *text = walk->text;
	unsigned open = range.start, end, start;

	while (open < range.end && text[open] != '(' && text[open] != '=' && text[open] != '{' &&
	       text[open] != ';')
		open++;
	if (open >= range.end || text[open] != '(' || text[range.end - 1] != ')')
		return false;
	for (end = open; end > range.start && isspace((unsigned char)text[end - 1]); end--)
		;
	for (start = end; start > range.start &&
			  (isalnum((unsigned char)text[start - 1]) || text[start - 1] == '_');
	     start--)
		;
	if (start == end || (size_t)(end - start) >= size)
		return false;
	memcpy(name, text + start, end - start);
	name[end - start] = '\0';
	return true;
}

/* One of the words that make up the name, between underscores. */
static bool has_word(const char *name, const char *const *words)
{
	char copy[128], *rest = copy, *word;

	snprintf(copy, sizeof(copy), "%s", name);
	while ((word = strsep(&rest, "_")))
		for (const char *const *w = words; *w; w++)
			if (!strcmp(word, *w))
				return true;
	return false;
}

/* What a call undoes; OP_NR: nothing. */
static enum mutation_operator undoes(const char *name)
{
	static const char *const unlock_parts[] = {"unlock",	 "preempt_enable", "irq_restore",
						   "irq_enable", "bh_enable",	   NULL};
	static const char *const undo_parts[] = {"unregister", "destroy", "unmap", "cleanup", NULL};
	static const char *const undo_words[] = {
		"put",	   "del",      "delete",   "remove", "cancel", "release",    "exit",
		"stop",	   "kill",     "detach",   "unbind", "deinit", "deregister", "uninit",
		"fini",	   "close",    "teardown", "drop",   "dec",    "unref",	     "unlink",
		"disable", "shutdown", "dispose",  NULL};

	if (has_part(name, unlock_parts) || !strcmp(name, "up") || !strncmp(name, "up_", 3))
		return OP_UNLOCK;
	if (strstr(name, "free"))
		return OP_FREE;
	if (has_part(name, undo_parts) || has_word(name, undo_words))
		return OP_UNDO;
	return OP_NR;
}

/* An argument as it is written, without what only says how it is passed: "dev" of (void *)&dev is not found, of &dev is. */
static struct range argument(const struct walk *walk, CXCursor call, int index)
{
	struct range range;

	if (!range_of(walk, clang_Cursor_getArgument(call, (unsigned)index), &range))
		return (struct range){0, 0};
	while (range.start < range.end && strchr("&*( ", walk->text[range.start]))
		range.start++;
	return range;
}

/* Is `part` of what `whole` stands for: p->lock of p, or p of p? */
static bool is_part(const struct walk *walk, struct range part, struct range whole)
{
	unsigned n = whole.end - whole.start;
	char next;

	if (!n || part.end - part.start < n ||
	    memcmp(walk->text + part.start, walk->text + whole.start, n))
		return false;
	next = walk->text[part.start + n];
	return !isalnum((unsigned char)next) && next != '_';
}

/* Does one take away what the other works on? Two fields of one object do not depend on each other. */
static bool depend(const struct walk *walk, CXCursor one, CXCursor other)
{
	for (int i = 0; i < clang_Cursor_getNumArguments(one); i++)
		for (int k = 0; k < clang_Cursor_getNumArguments(other); k++)
			if (is_part(walk, argument(walk, one, i), argument(walk, other, k)))
				return true;
	return false;
}

/* In the schema all must stay on their lines. */
static void instead_by(const struct walk *walk, struct mutant *mutant, struct range whole,
		       struct range by)
{
	char *text = copy(walk->text + by.start, by.end - by.start), *statement;

	add_edit(mutant, whole.start, whole.end - 1, strdup(text));
	for (char *c = text; *c; c++)
		if (*c == '\n')
			*c = ' ';
	statement = text_format("%s;", text);
	instead_of(mutant, whole, statement);
	free(statement);
	free(text);
}

/* unlock(&p->lock); kfree(p): the second makes the first one's object go away. */
static void swap(struct walk *walk, CXCursor one, CXCursor other)
{
	struct range a, b, whole, other_whole;
	char first[128], second[128];
	struct mutant *mutant;

	if (!range_of(walk, one, &a) || !range_of(walk, other, &b) || a.end >= b.start ||
	    !called(walk, a, first, sizeof(first)) || !called(walk, b, second, sizeof(second)) ||
	    undoes(first) == OP_NR || undoes(second) == OP_NR || undoes(second) == OP_UNLOCK ||
	    !depend(walk, one, other))
		return;
	whole = a;
	other_whole = b;
	if (!with_semicolon(walk, &whole) || !with_semicolon(walk, &other_whole))
		return;
	mutant = add(walk, OP_SWAP, a.start);
	instead_by(walk, mutant, whole, b);
	instead_by(walk, mutant, other_whole, a);
}

static void check_never_fails(struct walk *walk, CXCursor condition)
{
	struct range range;
	struct mutant *mutant;

	if (!range_of(walk, condition, &range))
		return;
	mutant = add(walk, OP_CHECK, range.start);
	add_edit(mutant, range.start, range.start, strdup("("));
	add_edit(mutant, range.end, range.end, strdup(") && 0"));
	lay_around(mutant, range, strdup("("), ") && !kfail_is(%u)");
}

static void statement(struct walk *walk, CXCursor cursor);

static void if_statement(struct walk *walk, CXCursor cursor)
{
	struct cursors parts = children(cursor);
	bool with_error = false, check, was = walk->in_check;
	unsigned statements;
	struct range range;
	CXCursor last;

	if (parts.count < 2 || !range_of(walk, cursor, &range) ||
	    !word_at(walk->text + range.start, "if")) {
		free(parts.at);
		return;
	}
	check = leaves(walk, parts.at[1], &last, &with_error, &statements) &&
		is_check(walk, parts.at[0], with_error);
	if (check)
		check_never_fails(walk, parts.at[0]);
	if (check && statements > 1 && range_of(walk, last, &range))
		delete_statement(walk, OP_EXIT, range);
	walk->in_check = was || check;
	statement(walk, parts.at[1]);
	walk->in_check = was;
	if (parts.count > 2)
		statement(walk, parts.at[2]);
	free(parts.at);
}

/* ---- labels, error codes, flags ---- */

static enum CXChildVisitResult collect_labels(CXCursor cursor, CXCursor parent, CXClientData data)
{
	struct walk *walk = data;
	CXString spelling;
	struct range range;

	(void)parent;
	if (kind_of(cursor) != CXCursor_LabelStmt || walk->label_count == LABELS_MAX ||
	    !range_of(walk, cursor, &range))
		return CXChildVisit_Recurse;
	spelling = clang_getCursorSpelling(cursor);
	snprintf(walk->labels[walk->label_count].name, sizeof(walk->labels[0].name), "%s",
		 clang_getCString(spelling));
	if (word_at(walk->text + range.start, clang_getCString(spelling))) {
		walk->labels[walk->label_count].offset = range.start;
		walk->labels[walk->label_count].end =
			(unsigned)(strchr(walk->text + range.start, ':') + 1 - walk->text);
		walk->label_count++;
	}
	clang_disposeString(spelling);
	return CXChildVisit_Recurse;
}

/* Is there anything to be done between the labels? */
static bool differ(const struct walk *walk, unsigned one, unsigned next)
{
	for (unsigned i = walk->labels[one].end; i < walk->labels[next].offset; i++)
		if (!isspace((unsigned char)walk->text[i]))
			return true;
	return false;
}

static void other_label(struct walk *walk, enum mutation_operator op, struct range range,
			unsigned label)
{
	struct range whole = range;
	struct mutant *mutant;
	char *statement;

	if (!with_semicolon(walk, &whole))
		return;
	mutant = add(walk, op, range.start);
	add_edit(mutant, range.start, range.end, text_format("goto %s", walk->labels[label].name));
	statement = text_format("goto %s;", walk->labels[label].name);
	instead_of(mutant, whole, statement);
	free(statement);
}

/* Unwinding goes forward: labels before the goto are loops. */
static void goto_statement(struct walk *walk, struct range range)
{
	const char *name = walk->text + range.start + 4;
	unsigned at;

	while (isspace((unsigned char)*name))
		name++;
	for (at = 0; at < walk->label_count && !word_at(name, walk->labels[at].name); at++)
		;
	if (at == walk->label_count || walk->labels[at].offset < range.start)
		return;
	if (at + 1 < walk->label_count && differ(walk, at, at + 1))
		other_label(walk, OP_GOTO_LATER, range, at + 1);
	if (at && walk->labels[at - 1].offset > range.start && differ(walk, at - 1, at))
		other_label(walk, OP_GOTO_EARLIER, range, at - 1);
}

/* -ENOMEM and the like. */
static bool is_errno(const char *text)
{
	return text[0] == '-' && text[1] == 'E' && isupper((unsigned char)text[2]);
}

static const char *after_equals(const char *text, unsigned length)
{
	const char *equals = memchr(text, '=', length);

	if (!equals || equals[1] == '=')
		return NULL;
	for (equals++; isspace((unsigned char)*equals); equals++)
		;
	return equals;
}

/* err = -ENOMEM; */
static bool assigns_errno(const struct walk *walk, CXCursor cursor, struct range range)
{
	const char *value;

	if (kind_of(cursor) != CXCursor_BinaryOperator)
		return false;
	value = after_equals(walk->text + range.start, range.end - range.start);
	return value && is_errno(value);
}

static void replace_by_zero(struct walk *walk, unsigned start, unsigned end)
{
	struct mutant *mutant = add(walk, OP_ERROR_CODE, start);

	add_edit(mutant, start, end, strdup("0"));
	lay_around(mutant, (struct range){start, end}, strdup("(kfail_is(%u) ? 0 : ("), "))");
}

/* int err = -ENOMEM; */
static void declaration(struct walk *walk, CXCursor cursor)
{
	struct cursors variables = children(cursor);
	struct range range;
	const char *value;

	for (unsigned i = 0; i < variables.count; i++) {
		if (kind_of(variables.at[i]) != CXCursor_VarDecl ||
		    clang_Cursor_getStorageClass(variables.at[i]) == CX_SC_Static ||
		    !range_of(walk, variables.at[i], &range))
			continue;
		value = after_equals(walk->text + range.start, range.end - range.start);
		if (value && is_errno(value) && value < walk->text + range.end)
			replace_by_zero(walk, (unsigned)(value - walk->text), range.end);
	}
	free(variables.at);
}

/* return -ENOMEM; in the body of a check */
static void return_statement(struct walk *walk, struct range range)
{
	unsigned value = range.start + 6;

	while (isspace((unsigned char)walk->text[value]))
		value++;
	if (walk->in_check && walk->returns_integer && is_errno(walk->text + value))
		replace_by_zero(walk, value, range.end);
}

static void flag(struct walk *walk, CXToken token)
{
	CXString spelling = clang_getTokenSpelling(walk->unit, token);
	bool atomic = clang_getTokenKind(token) == CXToken_Identifier &&
		      !strcmp(clang_getCString(spelling), "GFP_ATOMIC");
	struct mutant *mutant;
	struct range range;
	unsigned offset;

	clang_disposeString(spelling);
	if (!atomic)
		return;
	clang_getSpellingLocation(clang_getTokenLocation(walk->unit, token), NULL, NULL, NULL,
				  &offset);
	mutant = add(walk, OP_GFP, offset);
	range = (struct range){offset, offset + strlen("GFP_ATOMIC")};
	add_edit(mutant, range.start, range.end, strdup("GFP_KERNEL"));
	lay_around(mutant, range, strdup("(kfail_is(%u) ? GFP_KERNEL : "), ")");
}

static void flags(struct walk *walk, CXCursor function)
{
	CXToken *tokens = NULL;
	unsigned count = 0;

	clang_tokenize(walk->unit, clang_getCursorExtent(function), &tokens, &count);
	for (unsigned i = 0; i < count; i++)
		flag(walk, tokens[i]);
	clang_disposeTokens(walk->unit, tokens, count);
}

/* ---- the walk ---- */

static void simple_statement(struct walk *walk, CXCursor cursor, struct range range)
{
	char name[128];
	const char *text = walk->text + range.start;

	if (kind_of(cursor) == CXCursor_GotoStmt && word_at(text, "goto"))
		goto_statement(walk, range);
	else if (kind_of(cursor) == CXCursor_ReturnStmt && word_at(text, "return"))
		return_statement(walk, range);
	else if (assigns_errno(walk, cursor, range))
		delete_assignment(walk, OP_ERROR_CODE, range);
	else if (called(walk, range, name, sizeof(name)) && undoes(name) != OP_NR)
		delete_statement(walk, undoes(name), range);
}

static void compound(struct walk *walk, CXCursor cursor)
{
	struct cursors list = children(cursor);

	for (unsigned i = 0; i < list.count; i++) {
		statement(walk, list.at[i]);
		if (i + 1 < list.count)
			swap(walk,
			     kind_of(list.at[i]) == CXCursor_LabelStmt ? child(list.at[i], 0)
								       : list.at[i],
			     list.at[i + 1]);
	}
	free(list.at);
}

/* The last part: of a loop, a switch, a case, a label. */
static void body_of(struct walk *walk, CXCursor cursor)
{
	struct cursors parts = children(cursor);

	if (parts.count)
		statement(walk, parts.at[parts.count - 1]);
	free(parts.at);
}

static void statement(struct walk *walk, CXCursor cursor)
{
	struct range range;

	if (!range_of(walk, cursor, &range))
		return;
	switch (kind_of(cursor)) {
	case CXCursor_CompoundStmt:
		if (walk->text[range.start] == '{')
			compound(walk, cursor);
		return;
	case CXCursor_IfStmt:
		if_statement(walk, cursor);
		return;
	case CXCursor_DoStmt:
		if (word_at(walk->text + range.start, "do"))
			statement(walk, child(cursor, 0));
		else
			simple_statement(walk, cursor,
					 range); /* a macro that is used like a call */
		return;
	case CXCursor_ForStmt:
	case CXCursor_WhileStmt:
	case CXCursor_SwitchStmt:
	case CXCursor_CaseStmt:
	case CXCursor_DefaultStmt:
	case CXCursor_LabelStmt:
		body_of(walk, cursor);
		return;
	case CXCursor_DeclStmt:
		declaration(walk, cursor);
		return;
	default:
		simple_statement(walk, cursor, range);
	}
}

static enum CXChildVisitResult top_level(CXCursor cursor, CXCursor parent, CXClientData data)
{
	struct walk *walk = data;
	struct cursors parts;
	CXString spelling;
	struct range range;

	(void)parent;
	if (kind_of(cursor) != CXCursor_FunctionDecl || !clang_isCursorDefinition(cursor) ||
	    !range_of(walk, cursor, &range))
		return CXChildVisit_Continue;
	spelling = clang_getCursorSpelling(cursor);
	walk->function = strdup(clang_getCString(spelling));
	clang_disposeString(spelling);
	walk->returns_integer =
		clang_getCanonicalType(clang_getCursorResultType(cursor)).kind != CXType_Pointer;
	walk->label_count = 0;
	walk->in_check = false;
	clang_visitChildren(cursor, collect_labels, walk);
	parts = children(cursor);
	if (parts.count)
		statement(walk, parts.at[parts.count - 1]);
	flags(walk, cursor);
	free(parts.at);
	free(walk->function);
	return CXChildVisit_Continue;
}

bool operators_find(struct driver *driver, unsigned index)
{
	struct source *source = &driver->sources[index];
	struct walk walk = {.driver = driver, .source = index, .text = source->text};
	char *options[256], *command = strdup(source->command);
	unsigned n = options_of(command, options, 250);
	CXIndex clang = clang_createIndex(0, 0);
	bool good = false;

	options[n++] = text_format("-working-directory=%s", driver->headers);
	options[n++] = strdup("-ferror-limit=0");
	options[n++] = strdup("-w");
	walk.length = (unsigned)source->length;
	walk.unit = clang_parseTranslationUnit(clang, source->path, (const char *const *)options,
					       (int)n, NULL, 0, CXTranslationUnit_KeepGoing);
	if (!walk.unit)
		fprintf(stderr, "mutation: libclang cannot read %s\n", source->path);
	if (walk.unit && !has_fatal(walk.unit, source->path)) {
		walk.file = clang_getFile(walk.unit, source->path);
		clang_visitChildren(clang_getTranslationUnitCursor(walk.unit), top_level, &walk);
		good = true;
	}
	if (walk.unit)
		clang_disposeTranslationUnit(walk.unit);
	clang_disposeIndex(clang);
	for (unsigned i = 0; i < n; i++)
		free(options[i]);
	free(command);
	return good;
}
