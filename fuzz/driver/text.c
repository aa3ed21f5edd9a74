// SPDX-License-Identifier: GPL-2.0-only
/*
 * The text form of inputs for drivers: a call in each line, then the schedule, as ../input/text.c has it.
 *
 *	open handle=0 node=/dev/foo flags=0x2
 *	ioctl handle=0 command=0x5e01 value=0x7		# a number
 *	ioctl handle=0 command=0x40045e02 memory="abc"	# a pointer to memory that begins so
 *	write handle=0 size=5 memory=68656c6c6f
 *	read handle=0 size=100 argument=kernel
 *	refuse 3,7x4
 *
 *	field	 = name "=" ( number | path | memory )
 *	argument = "memory=" M | "edge=" M | "nested=" M | "argument=" ( null | unmapped | kernel )
 *	M	 = hex digits, two a byte, or text in double quotes: it begins with these, zeros follow
 *
 * Fields may come in any order, and one that is not there is 0. Printed are those that are not 0, in one order, so that two
 * texts of one input are alike.
 */
#include "input.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "../../harness/trace/util.h"

/* ---- printing ---- */

static bool is_text(const struct call *call)
{
	for (unsigned i = 0; i < call->size; i++)
		if (!isprint(call->memory[i]) || call->memory[i] == '"' || call->memory[i] == '#')
			return false;
	return true;
}

static void print_memory(const struct call *call, FILE *out)
{
	fprintf(out, " %s=", argument_names[call->argument]);
	if (is_text(call))
		fprintf(out, "\"%.*s\"", (int)call->size, call->memory);
	else
		for (unsigned i = 0; i < call->size; i++)
			fprintf(out, "%02x", call->memory[i]);
}

static void print_argument(const struct call *call, FILE *out)
{
	switch (call->argument) {
	case ARGUMENT_NUMBER:
		break;
	case ARGUMENT_NULL:
	case ARGUMENT_UNMAPPED:
	case ARGUMENT_KERNEL:
		fprintf(out, " argument=%s", argument_names[call->argument]);
		break;
	default:
		print_memory(call, out);
	}
}

static void print_which(const struct driver_model *model, const struct call *call, FILE *out)
{
	const struct family *f;

	switch (call_kinds[call->op].which) {
	case WHICH_NONE:
		break;
	case WHICH_NODE:
		fprintf(out, " node=%s", model->nodes[call->which]);
		break;
	case WHICH_COMMAND:
		fprintf(out, " command=%#x", input_command(model, call));
		break;
	case WHICH_FAMILY:
		f = &model->families[call->which];
		fprintf(out, " socket=%u:%u:%u", f->family, f->type, f->protocol);
		break;
	case WHICH_SLOT:
		fprintf(out, " to=%u", call->which);
		break;
	case WHICH_OPTION:
		fprintf(out, " option=%u", call->which);
		break;
	}
}

void input_print_call(const struct driver_model *model, const struct call *call, FILE *out)
{
	const struct call_kind *kind = &call_kinds[call->op];
	uint64_t value = call->value;

	if (kind->which == WHICH_COMMAND && call->which == WHICH_RAW)
		value &= UINT32_MAX;
	fprintf(out, "%s handle=%u", kind->name, call->handle);
	print_which(model, call, out);
	if (call->flags)
		fprintf(out, " %s=%#x", kind->flags, call->flags);
	if (value)
		fprintf(out, " %s=%#lx", kind->value, (unsigned long)value);
	print_argument(call, out);
}

void input_print(const struct driver_model *model, const struct input *input, FILE *out)
{
	char schedule[SCHEDULE_TEXT_MAX];

	for (unsigned i = 0; i < input->count; i++) {
		input_print_call(model, &input->calls[i], out);
		fputc('\n', out);
	}
	if (input->schedule.count)
		fprintf(out, "refuse %s\n",
			schedule_print(&input->schedule, schedule, sizeof(schedule)));
}

/* ---- reading ---- */

struct reader {
	const struct driver_model *model;
	struct input *input;
	struct fuzz_syntax *wrong;
	const char *line;
	unsigned number;
	bool raw; /* the call's command is none of the model's: `command` is it */
	uint32_t command;
};

__attribute__((format(printf, 3, 4))) static bool complain(struct reader *r, const char *at,
							   const char *format, ...)
{
	va_list args;

	r->wrong->line = r->number;
	r->wrong->column = (unsigned)(at - r->line) + 1;
	va_start(args, format);
	vsnprintf(r->wrong->what, sizeof(r->wrong->what), format, args);
	va_end(args);
	return false;
}

/* A word of a line: "name=value", or one without "=". */
struct word {
	const char *at, *value; /* value NULL: there is none */
	unsigned name, size;	/* their lengths */
};

static bool named(const struct word *word, const char *name)
{
	return name && strlen(name) == word->name && !strncmp(word->at, name, word->name);
}

static bool read_number(struct reader *r, const struct word *word, uint64_t most, uint64_t *out)
{
	char text[40], *end;

	snprintf(text, sizeof(text), "%.*s", (int)(word->size < 39 ? word->size : 39), word->value);
	errno = 0;
	*out = strtoull(text, &end, 0);
	if (!isdigit((unsigned char)text[0]) || *end || word->size > 39)
		return complain(r, word->value, "\"%.30s\" is no number", text);
	if (errno || *out > most)
		return complain(r, word->value, "%.30s is too large: %#lx is the most", text,
				(unsigned long)most);
	return true;
}

static bool read_node(struct reader *r, const struct word *word, struct call *call)
{
	char path[NODE_MAX];
	int i;

	snprintf(path, sizeof(path), "%.*s", (int)word->size, word->value);
	i = model_node(r->model, path);
	if (i < 0)
		return complain(r, word->value,
				"the driver has no file \"%.100s\"; a description can name it",
				path);
	call->which = (uint16_t)i;
	return true;
}

static bool read_command(struct reader *r, const struct word *word, struct call *call)
{
	uint64_t number;
	int i;

	if (!read_number(r, word, UINT32_MAX, &number))
		return false;
	i = model_command(r->model, (uint32_t)number);
	r->raw = i < 0;
	r->command = (uint32_t)number;
	call->which = i < 0 ? WHICH_RAW : (uint16_t)i;
	return true;
}

static bool read_family(struct reader *r, const struct word *word, struct call *call)
{
	unsigned family, type, protocol;
	char text[64];

	snprintf(text, sizeof(text), "%.*s", (int)word->size, word->value);
	if (sscanf(text, "%u:%u:%u", &family, &type, &protocol) != 3)
		return complain(r, word->value, "\"%.50s\" is not FAMILY:TYPE:PROTOCOL", text);
	for (unsigned i = 0; i < r->model->family_count; i++) {
		const struct family *f = &r->model->families[i];

		if (f->family != family || f->type != type || f->protocol != protocol)
			continue;
		call->which = (uint16_t)i;
		return true;
	}
	return complain(r, word->value,
			"the driver has no sockets %.50s; a description can name them", text);
}

static bool read_which(struct reader *r, const struct word *word, struct call *call, bool *known)
{
	enum call_which which = call_kinds[call->op].which;
	uint64_t number;

	*known = true;
	if (which == WHICH_NODE && named(word, "node"))
		return read_node(r, word, call);
	if (which == WHICH_COMMAND && named(word, "command"))
		return read_command(r, word, call);
	if (which == WHICH_FAMILY && named(word, "socket"))
		return read_family(r, word, call);
	if ((which == WHICH_SLOT && named(word, "to")) ||
	    (which == WHICH_OPTION && named(word, "option"))) {
		if (!read_number(r, word, which == WHICH_SLOT ? HANDLES - 1 : UINT16_MAX, &number))
			return false;
		call->which = (uint16_t)number;
		return true;
	}
	*known = false;
	return true;
}

static int hex_digit(char c)
{
	return isdigit((unsigned char)c)    ? c - '0'
	       : isxdigit((unsigned char)c) ? tolower(c) - 'a' + 10
					    : -1;
}

static bool read_bytes(struct reader *r, const struct word *word, struct call *call)
{
	const char *p = word->value;
	unsigned n = word->size, step = 2;

	if (n && *p == '"') {
		if (n < 2 || p[n - 1] != '"')
			return complain(r, p, "text has no end");
		p++;
		n -= 2;
		step = 1;
	}
	if (n / step > INPUT_MEMORY_MAX)
		return complain(r, p, "a call's memory has at most %d bytes", INPUT_MEMORY_MAX);
	if (n % step)
		return complain(r, p + n, "a byte has two hex digits");
	for (unsigned i = 0; i < n; i += step) {
		if (step == 2 && (hex_digit(p[i]) < 0 || hex_digit(p[i + 1]) < 0))
			return complain(r, p + i, "memory is hex digits, or text in double quotes");
		call->memory[call->size++] =
			step == 1 ? (uint8_t)p[i]
				  : (uint8_t)(hex_digit(p[i]) << 4 | hex_digit(p[i + 1]));
	}
	while (call->size && !call->memory[call->size - 1])
		call->size--;
	return true;
}

static bool read_argument(struct reader *r, const struct word *word, struct call *call, bool *known)
{
	*known = call_kinds[call->op].memory;
	if (!*known)
		return true;
	for (int i = 0; i < ARGUMENT_KINDS; i++) {
		bool plain = i == ARGUMENT_NULL || i == ARGUMENT_UNMAPPED || i == ARGUMENT_KERNEL;

		if (!plain && i != ARGUMENT_NUMBER && named(word, argument_names[i])) {
			call->argument = (enum argument)i;
			call->size = 0;
			return read_bytes(r, word, call);
		}
		if (plain && named(word, "argument") && strlen(argument_names[i]) == word->size &&
		    !strncmp(word->value, argument_names[i], word->size)) {
			call->argument = (enum argument)i;
			return true;
		}
	}
	if (named(word, "argument"))
		return complain(r, word->value, "an argument is null, unmapped or kernel");
	*known = false;
	return true;
}

static bool read_field(struct reader *r, const struct word *word, struct call *call)
{
	const struct call_kind *kind = &call_kinds[call->op];
	uint64_t number;
	bool known;

	if (!word->value)
		return complain(r, word->at, "\"%.*s\" has no value", (int)word->name, word->at);
	if (named(word, "handle")) {
		if (!read_number(r, word, HANDLES - 1, &number))
			return false;
		call->handle = (unsigned)number;
		return true;
	}
	if (named(word, kind->flags)) {
		if (!read_number(r, word, UINT16_MAX, &number))
			return false;
		call->flags = (uint16_t)number;
		return true;
	}
	if (named(word, kind->value))
		return read_number(r, word, UINT64_MAX, &call->value);
	if (!read_which(r, word, call, &known))
		return false;
	if (known)
		return true;
	if (!read_argument(r, word, call, &known))
		return false;
	if (known)
		return true;
	return complain(r, word->at, "%s has no \"%.*s\"", kind->name, (int)word->name, word->at);
}

/* The next word; at the end one of no length. Text in quotes may hold blanks. */
static struct word next_word(const char **at)
{
	struct word word = {.at = *at + strspn(*at, " \t\r")};
	const char *p = word.at;
	bool quoted = false;

	for (; *p && *p != '\n' && (quoted || !strchr(" \t\r#", *p)); p++) {
		quoted ^= *p == '"';
		if (*p == '=' && !word.value) {
			word.name = (unsigned)(p - word.at);
			word.value = p + 1;
		}
	}
	if (word.value)
		word.size = (unsigned)(p - word.value);
	else
		word.name = (unsigned)(p - word.at);
	*at = p;
	return word;
}

static bool read_schedule(struct reader *r, const char *at)
{
	char text[SCHEDULE_TEXT_MAX], why[256];
	struct word word = next_word(&at);

	snprintf(text, sizeof(text), "%.*s", (int)(at - word.at), word.at);
	if (schedule_parse(text, &r->input->schedule, why))
		return complain(r, word.at, "%.250s", why);
	if (!schedule_is_numbers(&r->input->schedule))
		return complain(r, word.at, "an input refuses requests by their numbers only");
	if (next_word(&at).name)
		return complain(r, word.at, "there is more behind the schedule");
	return true;
}

/* A number of 32 bits has room beside a command that is none of the model's. */
static bool settle_raw(struct reader *r, struct call *call)
{
	if (!r->raw)
		return true;
	if (call->value > UINT32_MAX)
		return complain(r, r->line,
				"command %#x is not known, so that its value has 32 bits; a "
				"description can name it",
				r->command);
	call->value |= (uint64_t)r->command << 32;
	return true;
}

static bool read_call(struct reader *r, const struct word *name, const char *at)
{
	struct call *call = &r->input->calls[r->input->count];
	struct word word;
	int op = 0;

	while (op < CALL_OPS && !named(name, call_kinds[op].name))
		op++;
	if (op == CALL_OPS)
		return complain(r, name->at, "\"%.*s\" is no call", (int)name->name, name->at);
	if (r->input->count == INPUT_CALLS_MAX)
		return complain(r, name->at, "an input has at most %d calls", INPUT_CALLS_MAX);
	memset(call, 0, sizeof(*call));
	call->op = (enum call_op)op;
	call->argument =
		call_kinds[op].memory && op != CALL_ioctl ? ARGUMENT_NULL : ARGUMENT_NUMBER;
	r->raw = false;
	while ((word = next_word(&at)).name)
		if (!read_field(r, &word, call))
			return false;
	r->input->count++;
	input_settle(call);
	return settle_raw(r, call);
}

static bool read_line(struct reader *r)
{
	const char *at = r->line;
	struct word word = next_word(&at);

	if (!word.name)
		return true;
	if (r->input->schedule.count)
		return complain(r, word.at, "the schedule is the last line");
	if (word.value)
		return complain(r, word.at, "a line begins with the name of a call, or refuse");
	return named(&word, "refuse") ? read_schedule(r, at) : read_call(r, &word, at);
}

int input_parse(const struct driver_model *model, const char *text, struct input *input,
		struct fuzz_syntax *wrong)
{
	struct reader r = {
		.model = model, .input = input, .wrong = wrong, .line = text, .number = 1};

	input->count = 0;
	memset(&input->schedule, 0, sizeof(input->schedule));
	for (;; r.number++) {
		if (!read_line(&r))
			return -1;
		r.line = strchr(r.line, '\n');
		if (!r.line++)
			return 0;
	}
}
