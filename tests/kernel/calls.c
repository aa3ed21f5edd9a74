// SPDX-License-Identifier: GPL-2.0-only
/*
 * Does the table of calls that can fail (harness/inject/calls-6.1.def) fit the kernel? Of every function: the kernel or the
 * module that the table says exports it; the functions that are called first are in the image; and what it returns, by the
 * type information (BTF) that the image and the modules carry, is what `how` needs: a negative errno wants a signed
 * integer, NULL and ERR_PTR a pointer, and so on.
 *
 *	calls VERSION
 *
 * Prints a line for each difference; ends with "N passed, N failed", status 1 when one failed.
 */
#include <bpf/btf.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../harness/inject/calls.h"
#include "../../harness/world/kernel.h"

static struct kernel_paths paths;
static struct kernel_image image;
static struct btf *kernel_types;

/* ---- what is exported ---- */

/* Lines of Module.symvers: crc, name, module, kind of export, namespace. */
static struct {
	char name[64], module[128];
} * exported;
static unsigned exported_count;

static int read_exports(void)
{
	char path[4096], line[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/Module.symvers", paths.headers ? paths.headers : "");
	file = fopen(path, "r");
	if (!file)
		return -1;
	exported = calloc(1 << 17, sizeof(*exported));
	while (fgets(line, sizeof(line), file) && exported_count < 1 << 17)
		exported_count += sscanf(line, "%*s %63s %127s", exported[exported_count].name,
					 exported[exported_count].module) == 2;
	fclose(file);
	return 0;
}

/* "vmlinux", "drivers/usb/core/usbcore"; NULL: nobody exports it. */
static const char *exporter(const char *name)
{
	for (unsigned i = 0; i < exported_count; i++)
		if (!strcmp(exported[i].name, name))
			return exported[i].module;
	return NULL;
}

static bool in_image(const char *name)
{
	for (uint32_t i = 0; i < image.symbols.count; i++)
		if (!strcmp(image.symbols.strings + image.symbols.syms[i].name, name))
			return true;
	return false;
}

/* ---- types ---- */

static struct btf *types_of_module(const char *module)
{
	static char known[128];
	static struct btf *types;
	char path[4096];

	if (!strcmp(module, "vmlinux"))
		return kernel_types;
	if (!strcmp(module, known))
		return types;
	btf__free(types);
	snprintf(known, sizeof(known), "%s", module);
	snprintf(path, sizeof(path), "%s/kernel/%s.ko", paths.modules ? paths.modules : "", module);
	types = btf__parse_split(path, kernel_types);
	return types;
}

/* What a function returns, without names and qualifiers; NULL: not known. */
static const struct btf_type *result_type(const struct btf *types, const char *function)
{
	int id = btf__find_by_name_kind(types, function, BTF_KIND_FUNC);
	const struct btf_type *type = id > 0 ? btf__type_by_id(types, (unsigned)id) : NULL;

	if (!type)
		return NULL;
	type = btf__type_by_id(types, btf__type_by_id(types, type->type)->type);
	while (btf_is_mod(type) || btf_is_typedef(type))
		type = btf__type_by_id(types, type->type);
	return type;
}

static bool is_signed(const struct btf_type *type)
{
	return btf_is_int(type) && btf_int_encoding(type) & BTF_INT_SIGNED && type->size >= 4;
}

static bool fits(enum call_failure how, const struct btf_type *type)
{
	switch (how) {
	case CALL_ERRNO:
	case CALL_GET_USER:
	case CALL_PUT_USER:
		return is_signed(type) || (how != CALL_ERRNO && btf_is_void(type));
	case CALL_ERR_PTR:
	case CALL_NULL:
		return btf_is_ptr(type);
	case CALL_FALSE:
		return btf_is_int(type) && btf_int_encoding(type) & BTF_INT_BOOL;
	case CALL_TRUE:
	case CALL_ZERO:
		return btf_is_int(type);
	case CALL_REST:
	case CALL_ONES:
		return btf_is_int(type) && type->size == 8;
	case CALL_NR_FAILURES:
		break;
	}
	return false;
}

/* ---- one entry ---- */

/* Written in assembler: there is no type information. */
static bool has_no_type(const struct call_entry *call)
{
	return call->how == CALL_GET_USER || call->how == CALL_PUT_USER;
}

static const char *wrong_type(const struct call_entry *call, const char *module)
{
	struct btf *types = types_of_module(module);
	const struct btf_type *type = types ? result_type(types, call->function) : NULL;

	if (!type)
		return has_no_type(call) ? NULL : "no type information";
	return fits(call->how, type) ? NULL : "it does not return such a value";
}

static const char *wrong_first(const struct call_entry *call)
{
	char name[64];

	if (!call->first)
		return NULL;
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(call->first, " "), call->first);
	return in_image(name) ? NULL : "what is to be called first is not in the image";
}

static const char *wrong(const struct call_entry *call)
{
	const char *module = exporter(call->function);

	if (call->native)
		return module ? "it is not only native mode's" : NULL;
	if (!module)
		return "nobody exports it";
	if (call->module != (strcmp(module, "vmlinux") != 0))
		return call->module ? "it is in the image" : "it is a module's";
	if (!call->module && !in_image(call->function))
		return "it is not in the image";
	return wrong_first(call) ?: wrong_type(call, module);
}

static int open_kernel(const char *version)
{
	uint64_t addr, size, offset;
	char err[KF_ERR];

	if (kernel_find(version, &paths, err) || kernel_image_open(paths.image, &image, err)) {
		fprintf(stderr, "%s\n", err);
		return -1;
	}
	if (!kernel_image_section(&image, ".BTF", &addr, &size, &offset)) {
		fprintf(stderr, "%s: no type information (.BTF)\n", paths.image);
		return -1;
	}
	kernel_types = btf__new(image.elf + offset, (uint32_t)size);
	return kernel_types ? read_exports() : -1;
}

int main(int argc, char **argv)
{
	unsigned passed = 0, failed = 0;
	const struct call_entry *call;

	if (argc != 2 || open_kernel(argv[1])) {
		fprintf(stderr, "usage: calls VERSION (of a kernel with headers and modules)\n");
		return 2;
	}
	for (unsigned i = 0; (call = calls_table(i)); i++) {
		const char *why = wrong(call);

		if (why)
			printf("FAIL %s: %s\n", call->function, why);
		why ? failed++ : passed++;
	}
	printf("%u passed, %u failed\n", passed, failed);
	return failed ? 1 : 0;
}
