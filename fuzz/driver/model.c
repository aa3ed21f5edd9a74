// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a driver can be asked, as lists, and its description (model.h). Order is what inputs depend on: nothing is ever sorted.
 */
#include "model.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "../../harness/trace/util.h"

int model_node(const struct driver_model *model, const char *path)
{
	for (unsigned i = 0; i < model->node_count; i++)
		if (!strcmp(model->nodes[i], path))
			return (int)i;
	return -1;
}

int model_command(const struct driver_model *model, uint32_t number)
{
	for (unsigned i = 0; i < model->command_count; i++)
		if (model->commands[i].number == number)
			return (int)i;
	return -1;
}

bool model_add_node(struct driver_model *model, const char *path)
{
	if (model_node(model, path) >= 0)
		return true;
	if (model->node_count == NODES_MAX || strlen(path) >= NODE_MAX)
		return false;
	strcpy(model->nodes[model->node_count++], path);
	return true;
}

bool model_add_command(struct driver_model *model, uint32_t number, const char *name)
{
	struct command_number *command;

	if (model_command(model, number) >= 0)
		return true;
	if (model->command_count == COMMANDS_MAX)
		return false;
	command = &model->commands[model->command_count++];
	command->number = number;
	snprintf(command->name, sizeof(command->name), "%s", name);
	return true;
}

bool model_add_family(struct driver_model *model, uint32_t family, uint32_t type, uint32_t protocol)
{
	for (unsigned i = 0; i < model->family_count; i++)
		if (model->families[i].family == family && model->families[i].type == type &&
		    model->families[i].protocol == protocol)
			return true;
	if (model->family_count == FAMILIES_MAX)
		return false;
	model->families[model->family_count++] = (struct family){family, type, protocol};
	return true;
}

/* ---- descriptions ---- */

static bool read_number(const char *word, uint32_t *number)
{
	unsigned long long value;
	char *end;

	if (!word)
		return false;
	errno = 0;
	value = strtoull(word, &end, 0);
	*number = (uint32_t)value;
	return !errno && end != word && !*end && value <= UINT32_MAX;
}

/* What is wrong with a line; NULL: nothing. */
static const char *read_line(struct driver_model *model, char **words, unsigned count)
{
	uint32_t n[3];

	if (!strcmp(words[0], "node")) {
		if (count != 2 || words[1][0] != '/')
			return "\"node\" wants the path of a file";
		return model_add_node(model, words[1])
			       ? NULL
			       : "there are too many nodes, or the path is too long";
	}
	if (!strcmp(words[0], "ioctl")) {
		if (count < 2 || count > 3 || !read_number(words[1], &n[0]))
			return "\"ioctl\" wants a number of 32 bits, and a name if it has one";
		return model_add_command(model, n[0], count == 3 ? words[2] : "")
			       ? NULL
			       : "there are too many ioctls";
	}
	if (!strcmp(words[0], "socket")) {
		if (count != 4 || !read_number(words[1], &n[0]) || !read_number(words[2], &n[1]) ||
		    !read_number(words[3], &n[2]))
			return "\"socket\" wants a family, a type and a protocol, as numbers";
		return model_add_family(model, n[0], n[1], n[2]) ? NULL
								 : "there are too many sockets";
	}
	return "a line begins with node, ioctl or socket";
}

int model_read(struct driver_model *model, const char *file, const char *text, char *err)
{
	char *copy = xstrdup(text), *rest = copy, *line;
	const char *wrong = NULL;
	unsigned number = 0;

	while (!wrong && (line = strsep(&rest, "\n"))) {
		char *words[5], *word;
		unsigned count = 0;

		number++;
		line[strcspn(line, "#")] = '\0';
		while (count < 5 && (word = strsep(&line, " \t\r")))
			if (*word)
				words[count++] = word;
		if (count)
			wrong = read_line(model, words, count);
	}
	free(copy);
	if (wrong)
		snprintf(err, 256, "%.120s, line %u: %s", file, number, wrong);
	return wrong ? -1 : 0;
}

void model_print(const struct driver_model *model, FILE *out)
{
	for (unsigned i = 0; i < model->node_count; i++)
		fprintf(out, "node %s\n", model->nodes[i]);
	for (unsigned i = 0; i < model->command_count; i++)
		fprintf(out, "ioctl %#010x%s%s\n", model->commands[i].number,
			model->commands[i].name[0] ? " " : "", model->commands[i].name);
	for (unsigned i = 0; i < model->family_count; i++)
		fprintf(out, "socket %u %u %u\n", model->families[i].family,
			model->families[i].type, model->families[i].protocol);
}
