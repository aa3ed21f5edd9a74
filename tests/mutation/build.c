// SPDX-License-Identifier: GPL-2.0-only
/*
 * Building the schema: the driver with all its mutants. kbuild builds the tree once, and the commands that it left beside the
 * objects are run again on the changed sources: the compiler and objtool, ld for the module's object if it is made of several,
 * ld for the module. What modpost made (foo.mod.o) stays: a mutant imports nothing that the original did not.
 *
 * It is made in a copy of the tree, and each worker has a copy of that; paths of the tree in commands and lists become
 * those of the copy.
 */
#include "mutation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Run by sh in the directory of the kernel's headers, as kbuild does. */
static bool run(const struct driver *driver, const char *tree, const char *command)
{
	char *copied = text_replace(command, driver->tree, tree);
	char *whole = text_format("cd '%s' && { set -e; %s\n} >>'%s/log' 2>&1", driver->headers,
				  copied, tree);
	int status = system(whole);

	free(copied);
	free(whole);
	return status == 0;
}

/* The line "NAME := value" of a .cmd file; `what` is "cmd_" or "source_". malloc()ed; NULL: there is none. */
static char *variable_of(const char *object, const char *what)
{
	const char *slash = strrchr(object, '/');
	char *path = text_format("%.*s/.%s.cmd", (int)(slash - object), object, slash + 1);
	char *text = text_read(path, NULL), *value = NULL, *line, *at, *end;

	for (line = text; line && *line; line = end ? end + 1 : NULL) {
		end = strchr(line, '\n');
		if (strncmp(line, what, strlen(what)) &&
		    !(what[0] == 'c' && !strncmp(line, "savedcmd_", 9)))
			continue;
		at = strstr(line, " := ");
		if (!at || (end && at > end))
			continue;
		value = end ? strndup(at + 4, end - at - 4) : strdup(at + 4);
		break;
	}
	free(text);
	free(path);
	return value;
}

/* Warnings are no errors in a mutant: a label that nobody uses any more is what was asked for. */
static char *without_warnings(const char *command)
{
	const char *space;

	while (*command == ' ')
		command++;
	space = strchr(command, ' ');
	return space ? text_format("nice %.*s -w %s", (int)(space - command), command, space + 1)
		     : strdup(command);
}

static bool is_wanted(const struct driver *driver, const char *name)
{
	char *list, *rest, *word;
	bool wanted = !driver->only;

	if (wanted)
		return true;
	list = rest = strdup(driver->only);
	while ((word = strsep(&rest, ",")))
		wanted = wanted || !strcmp(word, name);
	free(list);
	return wanted;
}

static bool add_source(struct driver *driver, const char *object)
{
	size_t prefix = strlen(driver->tree) + 1;
	struct source *source = &driver->sources[driver->source_count];
	char *path = variable_of(object, "source_"), *command = variable_of(object, "cmd_");

	if (!path || !command || strncmp(path, driver->tree, prefix - 1) ||
	    !is_wanted(driver, path + prefix)) {
		free(path);
		free(command);
		return true;
	}
	if (driver->source_count == SOURCES_MAX) {
		fprintf(stderr, "mutation: %s has more than %u sources: name those to mutate\n",
			driver->name, SOURCES_MAX);
		return false;
	}
	*source = (struct source){.path = path,
				  .name = strdup(path + prefix),
				  .object = strdup(object),
				  .command = without_warnings(command),
				  .text = text_read(path, NULL)};
	free(command);
	if (!source->text) {
		fprintf(stderr, "mutation: cannot read %s: %m\n", path);
		return false;
	}
	source->length = strlen(source->text);
	driver->source_count++;
	return true;
}

/* foo.mod lists the objects of foo.ko; foo.o is one of them, or linked of them. */
static bool find_sources(struct driver *driver)
{
	char *base = text_format("%s/%.*s", driver->tree, (int)strlen(driver->module) - 3,
				 driver->module);
	char *path = text_format("%s.mod", base), *object = text_format("%s.o", base);
	char *module = text_format("%s.ko", base), *list = text_read(path, NULL);
	bool good = list;

	driver->final = variable_of(module, "cmd_");
	if (!list || !driver->final) {
		fprintf(stderr, "mutation: kbuild made no %s\n", module);
		good = false;
	}
	for (char *word = list ? strtok(list, " \n") : NULL; good && word;
	     word = strtok(NULL, " \n")) {
		char *full = *word == '/' ? strdup(word) : text_format("%s/%s", driver->tree, word);

		if (strcmp(full, object) && !driver->link)
			driver->link = variable_of(object, "cmd_");
		good = add_source(driver, full);
		free(full);
	}
	if (good && !driver->source_count) {
		fprintf(stderr, "mutation: none of the sources of %s is to be mutated\n", module);
		good = false;
	}
	free(base);
	free(path);
	free(object);
	free(module);
	free(list);
	return good;
}

/* foo.ko if nothing else was built there. */
static bool find_module(struct driver *driver)
{
	char *command, line[512];
	FILE *pipe;

	if (driver->module)
		return true;
	command = text_format("cd '%s' && ls *.ko", driver->tree);
	pipe = popen(command, "re");
	if (pipe && fgets(line, sizeof(line), pipe)) {
		line[strcspn(line, "\n")] = '\0';
		driver->module = strdup(line);
	}
	if (pipe && fgets(line, sizeof(line), pipe)) {
		fprintf(stderr, "mutation: %s has several modules: name one (--module)\n",
			driver->from);
		driver->module = NULL;
	} else if (!driver->module)
		fprintf(stderr, "mutation: %s has no module\n", driver->from);
	if (pipe)
		pclose(pipe);
	free(command);
	return driver->module;
}

/* The modules of the tree that the sweeps name. */
static char *wanted_modules(const struct driver *driver)
{
	char *list = driver->module ? text_format(" %s", driver->module) : strdup("");

	for (unsigned i = 0; i < driver->sweep_count; i++)
		for (unsigned k = 0; k < driver->sweeps[i].count; k++) {
			const char *word = driver->sweeps[i].words[k], *end = strrchr(word, '.');
			char *both;

			if (!end || strcmp(end, ".ko") || strchr(word, '/') || strstr(list, word))
				continue;
			both = text_format("%s %s", list, word);
			free(list);
			list = both;
		}
	return list;
}

bool build_tree(struct driver *driver, const char *work)
{
	char *modules = wanted_modules(driver);
	char *command = text_format("'%s/tree.sh' '%s' '%s/%s'%s", MUTATION_DIR, driver->from, work,
				    driver->name, modules);
	char tree[4096] = "", headers[4096] = "";
	FILE *pipe = popen(command, "re");
	bool good =
		pipe && fgets(tree, sizeof(tree), pipe) && fgets(headers, sizeof(headers), pipe);

	free(modules);
	free(command);
	if (!pipe || pclose(pipe) || !good)
		return false;
	tree[strcspn(tree, "\n")] = '\0';
	headers[strcspn(headers, "\n")] = '\0';
	driver->tree = strdup(tree);
	driver->headers = strdup(headers);
	return find_module(driver) && find_sources(driver);
}

char *build_copy(const struct driver *driver, const char *from, const char *what)
{
	char *copy = text_format("%s.%s", driver->tree, what);
	char *command = text_format("rm -rf '%s' && cp -a '%s' '%s' && find '%s' -name '*.mod' "
				    "-exec sed -i 's|%s|%s|g' {} +",
				    copy, from, copy, copy, driver->tree, copy);
	int status = system(command);

	free(command);
	if (!status)
		return copy;
	fprintf(stderr, "mutation: cannot copy %s to %s\n", from, copy);
	free(copy);
	return NULL;
}

/*
 * In a schema the compiler may want what the original did not (memset(), a thunk for another register), and without a version in
 * the module the loader refuses a symbol: one more object has those of all imports that modpost did not see.
 */
static bool make_versions(const struct driver *driver, const char *tree, const char *base,
			  const char *object)
{
	char *command = text_format(
		"{ echo 'static const struct { unsigned long crc; char name[56]; } versions[]'\n"
		"echo '	__attribute__((used, section(\"__versions\"))) = {'\n"
		"nm -u '%s.o' | awk 'FNR == 1 { file++ }\n"
		"file == 1 { if (split($0, word, \"\\\"\") == 3) known[word[2]] }\n"
		"file == 2 { wanted[$2] }\n"
		"file == 3 && ($2 in wanted) && !($2 in known) {\n"
		"	printf \"{%%s, \\\"%%s\\\"},\\n\", $1, $2 }' '%s.mod.c' - Module.symvers\n"
		"echo '};'; } >'%s.c'\n"
		"gcc -ffreestanding -fcf-protection=none -c -o '%s' '%s.c'",
		base, base, object, object, object);
	bool good = run(driver, tree, command);

	free(command);
	return good;
}

/* Link the module anew, with the object of marks and that of versions. */
static bool link_module(const struct driver *driver, const char *tree, const char *marks)
{
	char *base = text_format("%s/%.*s", driver->tree, (int)strlen(driver->module) - 3,
				 driver->module);
	char *versions = text_format("%s/kfail_versions.o", driver->tree);
	char *made = text_format("%s.mod.o", base);
	char *more = text_format("%s %s %s", made, marks, versions);
	char *command = text_replace(driver->final, made, more);
	bool good = (!driver->link || run(driver, tree, driver->link)) &&
		    make_versions(driver, tree, base, versions) && run(driver, tree, command);

	free(base);
	free(versions);
	free(made);
	free(more);
	free(command);
	return good;
}

/* One source with all its mutants that can be built. */
static char *schema_of(const struct driver *driver, unsigned source)
{
	struct edit *edits = calloc(4 * driver->mutant_count + 1, sizeof(*edits));
	unsigned count = 1;
	char *text;

	edits[0] = (struct edit){0, 0, strdup("int kfail_is(unsigned number);\n#line 1\n")};
	for (unsigned i = 0; i < driver->mutant_count; i++) {
		const struct mutant *mutant = &driver->mutants[i];
		char number[16];

		if (mutant->source != source || mutant->verdict == VERDICT_NOT_BUILT)
			continue;
		snprintf(number, sizeof(number), "%u", i + 1);
		for (unsigned k = 0; k < mutant->schema_count; k++) {
			edits[count] = mutant->schema[k];
			edits[count++].text = text_replace(mutant->schema[k].text, "%u", number);
		}
	}
	text = text_edit(driver->sources[source].text, edits, count);
	for (unsigned i = 0; i < count; i++)
		free(edits[i].text);
	free(edits);
	return text;
}

static bool compile(const struct driver *driver, const char *tree, unsigned source)
{
	char *path = text_replace(driver->sources[source].path, driver->tree, tree);
	char *log = text_format("%s/log", tree), *text = schema_of(driver, source);
	bool good;

	remove(log);
	good = text_write(path, text, strlen(text)) &&
	       run(driver, tree, driver->sources[source].command);
	free(path);
	free(log);
	free(text);
	return good;
}

/* "foo.c:12:3: error: ...": mutants of that line are taken out. False: there are none. */
static bool take_out(struct driver *driver, const char *tree, unsigned source)
{
	char *path = text_format("%s/log", tree), *log = text_read(path, NULL);
	char *name = text_format("%s:", driver->sources[source].name);
	bool any = false;

	for (char *at = log ? strstr(log, name) : NULL; at; at = strstr(at + 1, name)) {
		unsigned line = (unsigned)atoi(at + strlen(name));
		char *end = strchrnul(at, '\n'), *error = strstr(at, ": error:");

		for (unsigned i = 0; error && error < end && i < driver->mutant_count; i++) {
			struct mutant *mutant = &driver->mutants[i];

			if (mutant->source != source || mutant->line != line ||
			    mutant->verdict == VERDICT_NOT_BUILT)
				continue;
			mutant->verdict = VERDICT_NOT_BUILT;
			any = true;
		}
	}
	free(path);
	free(log);
	free(name);
	return any;
}

bool build_schema(struct driver *driver, const char *tree)
{
	/* Named as in the tree: run() leads to the copy. */
	char *object = text_format("%s/kfail_mark.o", driver->tree);
	char *command = text_format(
		"gcc -O2 -w -ffreestanding -fno-pic -fno-pie -mcmodel=kernel -mno-red-zone "
		"-fno-stack-protector -fcf-protection=none -fno-asynchronous-unwind-tables "
		"-mgeneral-regs-only -DMARK_FD=%d -c -o '%s' '%s/mark.c'",
		MARK_FD, object, MUTATION_DIR);
	bool good = run(driver, tree, command);

	for (unsigned i = 0; good && i < driver->source_count; i++)
		while (good && !compile(driver, tree, i))
			good = take_out(driver, tree, i);
	good = good && link_module(driver, tree, object);
	free(command);
	free(object);
	return good;
}

bool build_select(const struct driver *driver, const char *tree, unsigned number)
{
	static const char word[8] = {'K', 'F', 'M', 'U', 'T', 'A', 'N', 'T'};
	char *path = text_format("%s/%s", tree, driver->module), *at;
	size_t length = 0;
	char *module = text_read(path, &length);
	bool good = false;

	at = module ? memmem(module, length, word, sizeof(word)) : NULL;
	if (at) {
		memcpy(at + sizeof(word), &number, sizeof(number));
		good = text_write(path, module, length);
	} else {
		fprintf(stderr, "mutation: %s has no mutants in it\n", path);
	}
	free(module);
	free(path);
	return good;
}
