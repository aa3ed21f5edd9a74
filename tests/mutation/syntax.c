// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cursors of libclang and what they are in the text.
 */
#include "walk.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum CXChildVisitResult collect(CXCursor cursor, CXCursor parent, CXClientData data)
{
	struct cursors *list = data;

	(void)parent;
	list->at = realloc(list->at, (list->count + 1) * sizeof(*list->at));
	list->at[list->count++] = cursor;
	return CXChildVisit_Continue;
}

struct cursors children(CXCursor cursor)
{
	struct cursors list = {0};

	clang_visitChildren(cursor, collect, &list);
	return list;
}

CXCursor child(CXCursor cursor, unsigned index)
{
	struct cursors list = children(cursor);
	CXCursor found = index < list.count ? list.at[index] : clang_getNullCursor();

	free(list.at);
	return found;
}

enum CXCursorKind kind_of(CXCursor cursor)
{
	return clang_getCursorKind(cursor);
}

/* Where it stands in the source itself; false: elsewhere (a header, a macro of one). */
bool range_of(const struct walk *walk, CXCursor cursor, struct range *range)
{
	CXSourceRange extent = clang_getCursorExtent(cursor);
	CXFile from, to;

	clang_getExpansionLocation(clang_getRangeStart(extent), &from, NULL, NULL, &range->start);
	clang_getExpansionLocation(clang_getRangeEnd(extent), &to, NULL, NULL, &range->end);
	return from && to && clang_File_isEqual(from, walk->file) &&
	       clang_File_isEqual(to, walk->file) && range->start < range->end &&
	       range->end <= walk->length;
}

bool word_at(const char *text, const char *word)
{
	size_t n = strlen(word);

	return !strncmp(text, word, n) && !isalnum((unsigned char)text[n]) && text[n] != '_';
}

/* A statement with the ; that ends it. */
bool with_semicolon(const struct walk *walk, struct range *range)
{
	unsigned end = range->end;

	while (end < walk->length && isspace((unsigned char)walk->text[end]))
		end++;
	if (walk->text[end] != ';')
		return false;
	range->end = end + 1;
	return true;
}

bool has_part(const char *name, const char *const *parts)
{
	for (; *parts; parts++)
		if (strstr(name, *parts))
			return true;
	return false;
}

/* ---- reading a source ---- */

/* Of the compiler's options those that decide what is read; the rest is gcc's own. */
unsigned options_of(char *command, char **options, unsigned max)
{
	unsigned n = 0;

	for (char *word = strtok(command, " "); word && n + 3 < max; word = strtok(NULL, " ")) {
		if (!strncmp(word, "-I", 2) || !strncmp(word, "-D", 2) ||
		    !strncmp(word, "-std", 4) || !strncmp(word, "-U", 2) ||
		    !strcmp(word, "-nostdinc"))
			options[n++] = text_replace(word, "'", "");
		else if (!strcmp(word, "-include") || !strcmp(word, "-isystem")) {
			options[n++] = strdup(word);
			word = strtok(NULL, " ");
			options[n++] = strdup(word ? word : "");
		} else if (!strcmp(word, ";"))
			break;
	}
	return n;
}

bool has_fatal(CXTranslationUnit unit, const char *path)
{
	for (unsigned i = 0; i < clang_getNumDiagnostics(unit); i++) {
		CXDiagnostic diagnostic = clang_getDiagnostic(unit, i);
		bool fatal = clang_getDiagnosticSeverity(diagnostic) == CXDiagnostic_Fatal;
		CXString text = clang_formatDiagnostic(diagnostic, 0);

		if (fatal)
			fprintf(stderr, "mutation: %s cannot be read: %s\n", path,
				clang_getCString(text));
		clang_disposeString(text);
		clang_disposeDiagnostic(diagnostic);
		if (fatal)
			return true;
	}
	return false;
}
