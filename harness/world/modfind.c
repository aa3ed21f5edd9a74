// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where the file of a module is: near the module that needs it, or below the kernel's module
 * directory.
 *
 * "Near" is what a build tree looks like: the directory itself, the one above, and all directories
 * beside and below. It is bounded (NEAR_DIRECTORIES), because a module may lie in /tmp or in a home
 * directory.
 *
 * Below the module directory depmod's modules.dep names every module once, with overrides in
 * updates/ already chosen. Packages that were unpacked and not installed have no such file; then
 * the directory is walked, and of several files of one name the one outside of kernel/ wins, as
 * depmod's default search order (updates, then the rest) has it.
 */
#include <dirent.h>
#include <fts.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "modules.h"

#define NEAR_DIRECTORIES 300

char *module_key(const char *name)
{
	char *key = kf_strdup(name), *p;

	for (p = key; *p; p++) {
		if (*p == '-')
			*p = '_';
	}
	return key;
}

char *module_name_of(const char *path)
{
	static const char *const ends[] = {".ko", ".ko.xz", ".ko.zst", ".ko.gz"};
	const char *base = strrchr(path, '/');
	char *name, *key;
	size_t i;

	base = base ? base + 1 : path;
	for (i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		if (!ends_with(base, ends[i]) || strlen(base) == strlen(ends[i]))
			continue;
		name = kf_format("%.*s", (int)(strlen(base) - strlen(ends[i])), base);
		key = module_key(name);
		free(name);
		return key;
	}
	return NULL;
}

/* ---- near a module ---- */

struct search {
	const char *name; /* NULL: any module */
	bool (*fn)(const char *file, void *arg);
	void *arg;
	unsigned directories;
};

static bool wanted(const struct search *s, const char *file)
{
	char *name;

	if (s->name)
		return !strcmp(file, s->name);
	name = module_name_of(file);
	free(name);
	return name != NULL;
}

static bool is_directory(const char *parent, const struct dirent *e)
{
	struct stat st;
	char *path;
	bool is;

	if (e->d_name[0] == '.')
		return false;
	if (e->d_type != DT_UNKNOWN)
		return e->d_type == DT_DIR;
	path = kf_format("%s/%s", parent, e->d_name);
	is = !lstat(path, &st) && S_ISDIR(st.st_mode);
	free(path);
	return is;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* The files of one directory, then `depth` levels below. In the order of names: the same on every
 * machine. */
static bool search_directory(struct search *s, const char *directory, int depth)
{
	struct dirent **entries;
	int i, n, pass;
	bool done = false;
	char *path;

	if (s->directories++ >= NEAR_DIRECTORIES)
		return false;
	n = scandir(directory, &entries, NULL, by_name);
	for (pass = 0; pass < 2; pass++) {
		for (i = 0; i < n && !done; i++) {
			path = kf_format("%s/%s", directory, entries[i]->d_name);
			if (!pass && wanted(s, entries[i]->d_name))
				done = s->fn(path, s->arg);
			else if (pass && depth && is_directory(directory, entries[i]))
				done = search_directory(s, path, depth - 1);
			free(path);
		}
	}
	while (n > 0)
		free(entries[--n]);
	if (n == 0)
		free(entries);
	return done;
}

static bool search_nearby(struct search *s, const char *path)
{
	char *directory = kf_strdup(path), *slash = strrchr(directory, '/');
	bool done;

	if (slash)
		*slash = '\0';
	else
		strcpy(directory, ".");
	done = search_directory(s, *directory ? directory : "/", 1);
	slash = strrchr(directory, '/');
	if (!done && slash && slash != directory) {
		*slash = '\0';
		done = search_directory(s, directory, 1);
	}
	free(directory);
	return done;
}

bool modules_nearby(const char *path, bool (*fn)(const char *file, void *arg), void *arg)
{
	struct search s = {.fn = fn, .arg = arg};

	return search_nearby(&s, path);
}

bool files_nearby(const char *path, const char *name, bool (*fn)(const char *file, void *arg),
		  void *arg)
{
	struct search s = {.name = name, .fn = fn, .arg = arg};

	return search_nearby(&s, path);
}

/* ---- below the module directory ---- */

static char *keep(struct module_index *index, char *text)
{
	if (!(index->text_count & (index->text_count - 1)))
		index->texts = kf_array(index->texts,
					index->text_count ? 2 * (size_t)index->text_count : 1,
					sizeof(*index->texts));
	return index->texts[index->text_count++] = text;
}

static void index_add(struct module_index *index, const char *path)
{
	char *name = module_name_of(path);

	if (name)
		names_add(&index->by_name, keep(index, name), keep(index, kf_strdup(path)));
}

static bool index_from_dep(struct module_index *index, const char *directory)
{
	char *path = kf_format("%s/modules.dep", directory), *text = kf_read_text(path);
	char *line, *rest = text;

	free(path);
	while ((line = strsep(&rest, "\n"))) {
		line[strcspn(line, ":")] = '\0';
		path = *line == '/' ? kf_strdup(line) : kf_format("%s/%s", directory, line);
		index_add(index, path);
		free(path);
	}
	free(text);
	return index->by_name.count;
}

/* What is in kernel/ comes after everything else, so that it is found last. */
static int kernel_last(const FTSENT **a, const FTSENT **b)
{
	bool ka = !strcmp((*a)->fts_name, "kernel"), kb = !strcmp((*b)->fts_name, "kernel");

	return ka != kb ? ka - kb : strcmp((*a)->fts_name, (*b)->fts_name);
}

static void index_from_walk(struct module_index *index, const char *directory)
{
	char *roots[] = {(char *)directory, NULL};
	FTS *fts = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR | FTS_NOSTAT, kernel_last);
	FTSENT *e;

	if (!fts)
		return;
	while ((e = fts_read(fts))) {
		if (e->fts_info == FTS_F || e->fts_info == FTS_NSOK)
			index_add(index, e->fts_path);
	}
	fts_close(fts);
}

void module_index_open(struct module_index *index, const char *directory)
{
	memset(index, 0, sizeof(*index));
	if (directory && !index_from_dep(index, directory))
		index_from_walk(index, directory);
}

const char *module_index_find(const struct module_index *index, const char *name)
{
	char *key = module_key(name);
	const char *path = names_get(&index->by_name, key);

	free(key);
	return path;
}

void module_index_close(struct module_index *index)
{
	while (index->text_count)
		free(index->texts[--index->text_count]);
	free(index->texts);
	names_clear(&index->by_name);
	memset(index, 0, sizeof(*index));
}
