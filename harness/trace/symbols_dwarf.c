// SPDX-License-Identifier: GPL-2.0-only
/*
 * Debug information of one ELF file, by libdw: which functions an address lies in, and on which
 * lines. Shared by modules and native code.
 *
 * A place in optimised code is a chain: the innermost inlined function, the one it was inlined
 * into, and so on to the function that has symbol and address. The line of the innermost comes from
 * the line table; each other one's is where it calls the one before (DW_AT_call_file,
 * DW_AT_call_line of the inlined function's entry).
 *
 * Everything here copes with debug information that is absent, partial or wrong: less is said,
 * never something made up.
 */
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <limits.h>
#include "symbols_internal.h"
#include "util.h"

/* ---- File names ---- */

/* "/a/./b//c/../d" becomes "/a/b/d"; in place. A leading ".." stays. */
static void tidy_path(char *path)
{
	char *to = path, *from = path;

	while (*from) {
		size_t length = strcspn(from, "/");
		bool slash = from[length] == '/';

		if (length == 1 && from[0] == '.' && slash) {
			from += 2;
			continue;
		}
		if (!length && to > path) { /* "//" */
			from++;
			continue;
		}
		if (length == 2 && !memcmp(from, "..", 2) && slash && to - path > 1) {
			char *up = to - 1; /* at the slash behind the name to drop */

			while (up > path && up[-1] != '/')
				up--;
			if (strncmp(up, "../", 3) != 0) {
				to = up;
				from += 3;
				continue;
			}
		}
		memmove(to, from, length + slash);
		to += length + slash;
		from += length + slash;
	}
	*to = '\0';
}

/* What follows `dir` in the path, or NULL when it is not below. */
static const char *below(const char *dir, const char *path)
{
	size_t length = strlen(dir);

	if (!length || strncmp(path, dir, length) != 0 || path[length] != '/')
		return NULL;
	return path + length + 1;
}

static const char *file_name(const char *dir, const char *recorded)
{
	const char *inside, *name;
	char *path;
	char real[PATH_MAX];

	if (!recorded)
		return NULL;
	path = xstrdup(recorded);
	tidy_path(path);
	inside = dir ? below(dir, path) : NULL;
	if (!inside && dir && realpath(path, real))
		inside = below(dir, real);
	name = symbols_intern(inside ? inside : path);
	free(path);
	return name;
}

/* ---- Where ---- */

struct place {
	const char *file;
	int line;
};

static struct place line_table_place(Dwarf_Die *cu, Dwarf_Addr addr, const char *dir)
{
	struct place place = {NULL, 0};
	Dwarf_Line *line = dwarf_getsrc_die(cu, addr);

	if (!line)
		return place;
	place.file = file_name(dir, dwarf_linesrc(line, NULL, NULL));
	if (dwarf_lineno(line, &place.line))
		place.line = 0;
	return place;
}

static Dwarf_Word attribute_word(Dwarf_Die *die, unsigned name)
{
	Dwarf_Attribute attr;
	Dwarf_Word value;

	if (!dwarf_attr(die, name, &attr) || dwarf_formudata(&attr, &value))
		return 0;
	return value;
}

/* Where the function that this one was inlined into calls it. */
static struct place call_place(Dwarf_Die *cu, Dwarf_Die *inlined, const char *dir)
{
	struct place place = {NULL, 0};
	Dwarf_Files *files;

	if (!dwarf_hasattr(inlined, DW_AT_call_file) || dwarf_getsrcfiles(cu, &files, NULL))
		return place;
	place.file = file_name(
		dir, dwarf_filesrc(files, attribute_word(inlined, DW_AT_call_file), NULL, NULL));
	place.line = (int)attribute_word(inlined, DW_AT_call_line);
	return place;
}

/* ---- Which function ---- */

/* Not every compiler writes .debug_aranges; then every unit is asked. */
static Dwarf_Die *unit_of(Dwfl_Module *mod, uint64_t at, Dwarf_Addr *bias)
{
	Dwarf_Die *cu = dwfl_module_addrdie(mod, at, bias);

	if (cu)
		return cu;
	while ((cu = dwfl_module_nextcu(mod, cu, bias)))
		if (dwarf_haspc(cu, at - *bias) > 0)
			break;
	return cu;
}

/* The entries around an address, innermost first; count, or 0. dwarf_getscopes() leaves the chain
 * at the first inlined function (for where it was written); dwarf_getscopes_die() follows it
 * outward as it lies in memory. */
static int scopes_at(Dwarf_Die *cu, Dwarf_Addr addr, Dwarf_Die **scopes)
{
	Dwarf_Die *by_name, innermost;

	if (dwarf_getscopes(cu, addr, &by_name) <= 0)
		return 0;
	innermost = by_name[0];
	free(by_name);
	return dwarf_getscopes_die(&innermost, scopes);
}

static const char *function_name(Dwarf_Die *die)
{
	Dwarf_Attribute attr;
	const char *name = dwarf_diename(die);

	if (!name && dwarf_attr_integrate(die, DW_AT_linkage_name, &attr))
		name = dwarf_formstring(&attr);
	return name ? symbols_intern(name) : "";
}

static void set_extent(Dwarf_Die *function, uint64_t pc, Dwarf_Addr bias, struct frame *frame)
{
	Dwarf_Addr low, high;

	if (dwarf_lowpc(function, &low) || low == (Dwarf_Addr)-1)
		return;
	frame->offset = pc - (low + bias);
	if (!dwarf_highpc(function, &high) && high > low)
		frame->size = high - low;
}

unsigned dwarf_frames(Dwfl_Module *mod, uint64_t pc, uint64_t at, const char *dir,
		      struct frame *frames, unsigned max)
{
	Dwarf_Addr bias = 0;
	Dwarf_Die *cu = unit_of(mod, at, &bias);
	Dwarf_Die *scopes = NULL;
	struct place place;
	unsigned n = 0;
	int count;

	if (!cu)
		return 0;
	place = line_table_place(cu, at - bias, dir);
	count = scopes_at(cu, at - bias, &scopes);
	for (int i = 0; i < count; i++) {
		int tag = dwarf_tag(&scopes[i]);

		if (tag != DW_TAG_inlined_subroutine && tag != DW_TAG_subprogram)
			continue;
		if (n == max)
			n--; /* no room: the last frame is the outermost's */
		frames[n] = (struct frame){.pc = pc,
					   .function = function_name(&scopes[i]),
					   .file = place.file,
					   .line = place.line,
					   .inlined = tag == DW_TAG_inlined_subroutine};
		n++;
		if (tag == DW_TAG_subprogram) {
			set_extent(&scopes[i], pc, bias, &frames[n - 1]);
			break;
		}
		place = call_place(cu, &scopes[i], dir);
	}
	free(scopes);
	return n;
}

/* The standard search, but with debuginfod switched off: a report must not wait for a server. */
int dwarf_find_debuginfo(Dwfl_Module *mod, void **userdata, const char *modname, Dwarf_Addr base,
			 const char *file_name, const char *debuglink_file, GElf_Word debuglink_crc,
			 char **debuginfo_file_name)
{
	char *urls = xstrdup_or_null(getenv("DEBUGINFOD_URLS"));
	int fd;

	unsetenv("DEBUGINFOD_URLS");
	fd = dwfl_standard_find_debuginfo(mod, userdata, modname, base, file_name, debuglink_file,
					  debuglink_crc, debuginfo_file_name);
	if (urls)
		setenv("DEBUGINFOD_URLS", urls, 1);
	free(urls);
	return fd;
}
