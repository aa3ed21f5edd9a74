// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which conditions are checks: of NULL, of IS_ERR(), of an error code, of a call that can fail; below unlikely(), in an
 * assignment, as a part of || and as the first part of &&. What only asks for a state (list_empty(), a flag, a length that a
 * user gave) is none: its answer yes is no failure.
 */
#include "walk.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static char character_at(const struct walk *walk, CXSourceLocation location)
{
	CXFile file;
	unsigned offset;
	size_t size;
	const char *text;

	clang_getSpellingLocation(location, &file, NULL, NULL, &offset);
	text = file ? clang_getFileContents(walk->unit, file, &size) : NULL;
	return text && offset < size ? text[offset] : '\0';
}

static bool is_pointer(CXCursor cursor)
{
	return clang_getCanonicalType(clang_getCursorType(cursor)).kind == CXType_Pointer;
}

static bool is_signed(CXCursor cursor)
{
	enum CXTypeKind kind = clang_getCanonicalType(clang_getCursorType(cursor)).kind;

	return kind == CXType_Int || kind == CXType_Long || kind == CXType_LongLong;
}

/* A function that answers a question rather than doing something that can fail. */
static bool is_predicate(const char *name)
{
	static const char *const parts[] = {"_is_",  "is_",	"cmp",	   "empty", "test_", "has_",
					    "_read", "pending", "capable", "needs", NULL};

	return has_part(name, parts);
}

static bool call_is_check(const struct walk *walk, CXCursor call, bool leaves_with_error)
{
	CXString spelling = clang_getCursorSpelling(call);
	const char *name = clang_getCString(spelling);
	bool check;

	if (!strcmp(name, "__builtin_expect")) /* unlikely() */
		check = is_check(walk, child(call, 1), leaves_with_error);
	else if (!strncmp(name, "IS_ERR", 6))
		check = true;
	else
		check = leaves_with_error && !is_predicate(name);
	clang_disposeString(spelling);
	return check;
}

/* The operator between two operands, "" when a macro hides it. */
static void operator_between(const struct walk *walk, CXCursor left, CXCursor right, char op[4])
{
	CXFile left_file, right_file;
	unsigned from, to, n = 0;
	size_t size;
	const char *text;

	clang_getSpellingLocation(clang_getRangeEnd(clang_getCursorExtent(left)), &left_file, NULL,
				  NULL, &from);
	clang_getSpellingLocation(clang_getRangeStart(clang_getCursorExtent(right)), &right_file,
				  NULL, NULL, &to);
	op[0] = '\0';
	if (!left_file || !right_file || !clang_File_isEqual(left_file, right_file))
		return;
	text = clang_getFileContents(walk->unit, left_file, &size);
	for (; text && from < to && from < size && n < 3; from++)
		if (strchr("=!<>&|", text[from]))
			op[n++] = text[from];
	op[n] = '\0';
}

static bool is_nothing(const struct walk *walk, CXCursor cursor)
{
	struct range range;

	if (!range_of(walk, cursor, &range))
		return false;
	return word_at(walk->text + range.start, "NULL") ||
	       (range.end == range.start + 1 && walk->text[range.start] == '0');
}

static bool binary_is_check(const struct walk *walk, CXCursor binary, bool leaves_with_error)
{
	CXCursor left = child(binary, 0), right = child(binary, 1);
	char op[4];

	operator_between(walk, left, right, op);
	if (!strcmp(op, "||"))
		return is_check(walk, left, leaves_with_error) ||
		       is_check(walk, right, leaves_with_error);
	if (!strcmp(op, "&&"))
		return is_check(walk, left, leaves_with_error);
	if (!is_nothing(walk, right))
		return false;
	if (!strcmp(op, "=="))
		return is_pointer(left);
	if (!strcmp(op, "<"))
		return is_signed(left) && leaves_with_error;
	return !strcmp(op, "!=") && is_signed(left) && leaves_with_error;
}

/* Does this condition ask whether something failed? An integer is asked so when what follows is an error. */
bool is_check(const struct walk *walk, CXCursor condition, bool leaves_with_error)
{
	CXCursor inner;

	switch (kind_of(condition)) {
	case CXCursor_UnexposedExpr:
	case CXCursor_ParenExpr:
		return is_check(walk, child(condition, 0), leaves_with_error);
	case CXCursor_UnaryOperator:
		if (character_at(walk, clang_getRangeStart(clang_getCursorExtent(condition))) !=
		    '!')
			return false;
		inner = child(condition, 0);
		while (kind_of(inner) == CXCursor_ParenExpr)
			inner = child(inner, 0);
		if (kind_of(inner) == CXCursor_UnaryOperator) /* !!(x) of unlikely() */
			return is_check(walk, child(inner, 0), leaves_with_error);
		return is_pointer(inner) || (kind_of(inner) == CXCursor_CallExpr &&
					     call_is_check(walk, inner, leaves_with_error));
	case CXCursor_BinaryOperator:
		return binary_is_check(walk, condition, leaves_with_error);
	case CXCursor_CallExpr:
		return call_is_check(walk, condition, leaves_with_error);
	case CXCursor_DeclRefExpr:
		return is_signed(condition) && leaves_with_error;
	default:
		return false;
	}
}

static bool is_error_value(const char *text)
{
	while (*text == '(')
		text++;
	if (word_at(text, "true") || word_at(text, "false"))
		return false;
	return (*text == '-' && !isdigit((unsigned char)text[1])) || !strncmp(text, "PTR_ERR", 7) ||
	       !strncmp(text, "ERR_PTR", 7) || word_at(text, "NULL") ||
	       islower((unsigned char)*text);
}

/* The last statement of a body, if it leaves by goto or return; and with what. */
bool leaves(const struct walk *walk, CXCursor body, CXCursor *last, bool *with_error,
	    unsigned *statements)
{
	struct cursors list = {0};
	struct range range;
	const char *text;

	*statements = 1;
	*last = body;
	if (kind_of(body) == CXCursor_CompoundStmt) {
		list = children(body);
		*statements = list.count;
		*last = list.count ? list.at[list.count - 1] : body;
		free(list.at);
	}
	if (!range_of(walk, *last, &range))
		return false;
	text = walk->text + range.start;
	if (word_at(text, "goto") && kind_of(*last) == CXCursor_GotoStmt) {
		*with_error = true;
		return true;
	}
	if (!word_at(text, "return") || kind_of(*last) != CXCursor_ReturnStmt)
		return false;
	for (text += 6; isspace((unsigned char)*text); text++)
		;
	*with_error = is_error_value(text);
	return true;
}
