// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who exports a symbol: Module.symvers files, or the kernel image itself.
 *
 * kbuild writes one line for each export into Module.symvers (scripts/mod/modpost.c, write_dump()):
 *
 *	0x4c9d28b0 <tab> phys_base <tab> vmlinux <tab> EXPORT_SYMBOL <tab> [namespace]
 *
 * The one of the kernel's headers lists vmlinux and all modules of the kernel; the one beside a
 * module lists what was built there. Without headers the image tells at least what vmlinux exports:
 * each export leaves a symbol __ksymtab_NAME in kallsyms. Lines that do not look like this are
 * skipped.
 */
#include <stdlib.h>

#include "modules.h"

/* ---- the hash table ---- */

static size_t hash(const char *s)
{
	uint64_t h = 0xcbf29ce484222325ULL;

	while (*s)
		h = (h ^ (uint8_t)*s++) * 0x100000001b3ULL;
	return (size_t)(h ^ h >> 29);
}

static struct names_entry *slot(const struct names *t, const char *key)
{
	size_t i = hash(key) & (t->room - 1);

	while (t->slots[i].key && strcmp(t->slots[i].key, key))
		i = (i + 1) & (t->room - 1);
	return &t->slots[i];
}

static void grow(struct names *t)
{
	struct names old = *t;
	size_t i;

	t->room = old.room ? 2 * old.room : 64;
	t->slots = kf_array(NULL, t->room, sizeof(*t->slots));
	memset(t->slots, 0, t->room * sizeof(*t->slots));
	for (i = 0; i < old.room; i++) {
		if (old.slots[i].key)
			*slot(t, old.slots[i].key) = old.slots[i];
	}
	free(old.slots);
}

bool names_add(struct names *t, const char *key, const char *value)
{
	struct names_entry *e;

	if (2 * t->count >= t->room)
		grow(t);
	e = slot(t, key);
	if (e->key)
		return false;
	*e = (struct names_entry){key, value};
	t->count++;
	return true;
}

const char *names_get(const struct names *t, const char *key)
{
	return t->room ? slot(t, key)->value : NULL;
}

void names_clear(struct names *t)
{
	free(t->slots);
	memset(t, 0, sizeof(*t));
}

/* ---- exporters ---- */

static void keep_text(struct symvers *sv, char *text)
{
	sv->texts = kf_array(sv->texts, sv->text_count + 1, sizeof(*sv->texts));
	sv->texts[sv->text_count++] = text;
}

bool symvers_add_file(struct symvers *sv, const char *path)
{
	char *text = kf_read_text(path), *line, *rest = text, *symbol, *module;

	if (!text)
		return false;
	keep_text(sv, text);
	while ((line = strsep(&rest, "\n"))) {
		strsep(&line, "\t");
		symbol = strsep(&line, "\t");
		module = strsep(&line, "\t");
		if (symbol && *symbol && module && *module)
			names_add(&sv->exporters, symbol, module);
	}
	return true;
}

bool symvers_add_image(struct symvers *sv, const char *path)
{
	static const char ksymtab[] = "__ksymtab_";
	struct kernel_image image;
	const char *name;
	uint32_t i;

	if (kernel_image_open(path, &image, NULL))
		return false;
	for (i = 0; i < image.symbols.count; i++) {
		name = image.symbols.strings + image.symbols.syms[i].name;
		if (starts_with(name, ksymtab))
			names_add(&sv->exporters, name + sizeof(ksymtab) - 1, "vmlinux");
	}
	keep_text(sv, (char *)image.symbols.strings);
	image.symbols.strings = NULL;
	kernel_image_close(&image);
	return true;
}

const char *symvers_exporter(const struct symvers *sv, const char *symbol)
{
	return names_get(&sv->exporters, symbol);
}

void symvers_clear(struct symvers *sv)
{
	while (sv->text_count)
		free(sv->texts[--sv->text_count]);
	free(sv->texts);
	names_clear(&sv->exporters);
	memset(sv, 0, sizeof(*sv));
}
