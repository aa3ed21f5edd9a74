// SPDX-License-Identifier: GPL-2.0-only
/*
 * The text form of inputs: a call in each line, then the schedule.
 *
 *	# what it shows			from "#" to the end of a line: a comment
 *	kmalloc to=3 size=96 gfp=kernel+zero
 *	free of=3
 *	refuse 3,7x4			a schedule (harness/inject/schedule.c) of numbers of requests; last
 *
 *	line  = [ call | "refuse" schedule ] [ "#" comment ]
 *	call  = name { field "=" value }
 *	value = number | word | word { "+" word }
 *
 * Fields may come in any order; one that is not there is 0. A call that does nothing is "none". Numbers are decimal, or hex
 * with 0x. Printed are all fields, in the order of the table, so that two texts of one program are alike.
 */
#include "grammar.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_BYTES 1024

/* ---- printing --------------------------------------------------------------------------------------------- */

struct text {
	char *at;
	size_t room;
};

__attribute__((format(printf, 2, 3))) static void put(struct text *to, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(to->at, to->room, format, args);
	va_end(args);
	if (n < 0 || (size_t)n >= to->room)
		n = to->room ? (int)to->room - 1 : 0;
	to->at += n;
	to->room -= (size_t)n;
}

/* The names of the bits that are set; `before`: what the first is put behind. */
static void put_bits(struct text *to, uint32_t value, const char *const *words, const char *before)
{
	for (unsigned i = 0; words[i]; i++) {
		if (!(value >> i & 1))
			continue;
		put(to, "%s%s", before, words[i]);
		before = "+";
	}
}

static void put_value(struct text *to, const struct fuzz_field *field, uint32_t value)
{
	switch (field->kind) {
	case FUZZ_WORD:
		put(to, "%s", field->words[value]);
		break;
	case FUZZ_FLAGS:
		if (!value)
			put(to, "0");
		put_bits(to, value, field->words, "");
		break;
	case FUZZ_GFP:
		put(to, "%s", fuzz_gfp_bases[value % FUZZ_GFP_BASES]);
		put_bits(to, value / FUZZ_GFP_BASES, fuzz_gfp_modifiers, "+");
		break;
	default:
		put(to, "%" PRIu32, value);
	}
}

char *fuzz_call_text(const struct fuzz_grammar *grammar, const uint8_t *bytes, char *text,
		     size_t size)
{
	const struct fuzz_call *call = fuzz_call_of(grammar, bytes);
	struct text to = {text, size};

	put(&to, "%s", call ? call->name : "none");
	for (unsigned i = 0; call && call->fields[i]; i++) {
		put(&to, " %s=", call->fields[i]->name);
		put_value(&to, call->fields[i], fuzz_get(call->fields[i], bytes));
	}
	return text;
}

void fuzz_print(const struct fuzz_grammar *grammar, const uint8_t *data, size_t size, FILE *out)
{
	char line[LINE_MAX_BYTES], schedule[SCHEDULE_TEXT_MAX];
	struct fuzz_program program;

	fuzz_decode(data, size, &program);
	for (unsigned i = 0; i < program.count; i++)
		fprintf(out, "%s\n",
			fuzz_call_text(grammar, program.calls + i * FUZZ_CALL_BYTES, line,
				       sizeof(line)));
	if (program.schedule.count)
		fprintf(out, "refuse %s\n",
			schedule_print(&program.schedule, schedule, sizeof(schedule)));
}

/* ---- reading ------------------------------------------------------------------------------------------------ */

struct reader {
	const struct fuzz_grammar *grammar;
	const char *line, *at; /* the line that is read, up to its newline, and where in it */
	unsigned number;       /* of the line */
	uint8_t *data;
	size_t size, max;
	struct schedule schedule;
	bool refused; /* the schedule was read: no call may follow */
	struct fuzz_syntax *wrong;
};

/* What is wrong at `at`; returns false. */
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

static void skip_blanks(struct reader *r)
{
	while (*r->at == ' ' || *r->at == '\t' || *r->at == '\r')
		r->at++;
}

/* Nothing more in this line but a comment. */
static bool at_end(const struct reader *r)
{
	return !*r->at || *r->at == '\n' || *r->at == '#';
}

/* Bytes of the word at r->at: letters, digits and '_'. */
static size_t word_length(const char *at)
{
	size_t n = 0;

	while (isalnum((unsigned char)at[n]) || at[n] == '_')
		n++;
	return n;
}

static bool is_word(const char *at, size_t length, const char *word)
{
	return strlen(word) == length && !memcmp(at, word, length);
}

/* The number of a word in a list; -1: it is not there. */
static int find_word(const char *const *words, const char *at, size_t length)
{
	for (int i = 0; words[i]; i++)
		if (is_word(at, length, words[i]))
			return i;
	return -1;
}

static bool complain_words(struct reader *r, const struct fuzz_field *field,
			   const char *const *words)
{
	char list[FUZZ_ERR / 2] = "";
	struct text to = {list, sizeof(list)};

	for (unsigned i = 0; words[i]; i++)
		put(&to, "%s%s", i ? ", " : "", words[i]);
	return complain(r, r->at, "%s wants words of: %s", field->name, list);
}

static bool read_number(struct reader *r, const struct fuzz_field *field, uint32_t *value)
{
	unsigned long long number;
	char *end;

	errno = 0;
	number = strtoull(r->at, &end, 0);
	if (!isdigit((unsigned char)*r->at) || word_length(r->at) != (size_t)(end - r->at))
		return complain(r, r->at, "%s wants a number", field->name);
	if (errno || number > fuzz_most(field))
		return complain(r, r->at, "%s is at most %" PRIu32, field->name, fuzz_most(field));
	*value = (uint32_t)number;
	r->at = end;
	return true;
}

static bool read_word(struct reader *r, const struct fuzz_field *field, uint32_t *value)
{
	size_t n = word_length(r->at);
	int found = find_word(field->words, r->at, n);

	if (found < 0)
		return complain_words(r, field, field->words);
	*value = (uint32_t)found;
	r->at += n;
	return true;
}

/* Words with '+' between them: bits from `shift` on. */
static bool read_bits(struct reader *r, const struct fuzz_field *field, const char *const *words,
		      unsigned shift, uint32_t *value)
{
	for (;; r->at++) {
		size_t n = word_length(r->at);
		int bit = find_word(words, r->at, n);

		if (bit < 0)
			return complain_words(r, field, words);
		*value |= 1u << (shift + (unsigned)bit);
		r->at += n;
		if (*r->at != '+')
			return true;
	}
}

static bool read_flags(struct reader *r, const struct fuzz_field *field, uint32_t *value)
{
	if (r->at[0] == '0' && word_length(r->at) == 1) {
		r->at++;
		return true;
	}
	return read_bits(r, field, field->words, 0, value);
}

static bool read_gfp(struct reader *r, const struct fuzz_field *field, uint32_t *value)
{
	size_t n = word_length(r->at);
	int base = find_word(fuzz_gfp_bases, r->at, n);

	if (base < 0)
		return complain_words(r, field, fuzz_gfp_bases);
	*value = (uint32_t)base;
	r->at += n;
	if (*r->at != '+')
		return true;
	r->at++;
	return read_bits(r, field, fuzz_gfp_modifiers, 3, value);
}

static bool read_value(struct reader *r, const struct fuzz_field *field, uint32_t *value)
{
	switch (field->kind) {
	case FUZZ_WORD:
		return read_word(r, field, value);
	case FUZZ_FLAGS:
		return read_flags(r, field, value);
	case FUZZ_GFP:
		return read_gfp(r, field, value);
	default:
		return read_number(r, field, value);
	}
}

static bool complain_field(struct reader *r, const struct fuzz_call *call, size_t length)
{
	char list[FUZZ_ERR / 2] = "";
	struct text to = {list, sizeof(list)};

	for (unsigned i = 0; call->fields[i]; i++)
		put(&to, "%s%s", i ? ", " : "", call->fields[i]->name);
	return complain(r, r->at, "%s has no field \"%.*s\"; it has: %s", call->name,
			(int)(length < 32 ? length : 32), r->at, list[0] ? list : "none");
}

/* name=value; `seen`: a bit for each field of the call that was read. */
static bool read_field(struct reader *r, const struct fuzz_call *call, uint8_t *bytes,
		       unsigned *seen)
{
	size_t n = word_length(r->at);
	uint32_t value = 0;
	unsigned i = 0;

	while (call->fields[i] && !is_word(r->at, n, call->fields[i]->name))
		i++;
	if (!call->fields[i])
		return complain_field(r, call, n);
	if (*seen >> i & 1)
		return complain(r, r->at, "%s is given twice", call->fields[i]->name);
	*seen |= 1u << i;
	if (r->at[n] != '=')
		return complain(r, r->at + n, "expected \"=\" behind %s", call->fields[i]->name);
	r->at += n + 1;
	if (!read_value(r, call->fields[i], &value))
		return false;
	if (!at_end(r) && *r->at != ' ' && *r->at != '\t' && *r->at != '\r')
		return complain(r, r->at, "expected a blank behind the value of %s",
				call->fields[i]->name);
	fuzz_set(call->fields[i], bytes, value);
	return true;
}

static bool read_call(struct reader *r, size_t length)
{
	const struct fuzz_call *call = fuzz_call_named(r->grammar, r->at, length);
	uint8_t bytes[FUZZ_CALL_BYTES] = {0};
	unsigned seen = 0;

	if (!call && !is_word(r->at, length, "none"))
		return complain(r, r->at, "there is no call \"%.*s\"",
				(int)(length < 32 ? length : 32), r->at);
	if (r->refused)
		return complain(r, r->at,
				"a call behind the schedule: \"refuse\" is the last line");
	if (r->size / FUZZ_CALL_BYTES == FUZZ_CALLS_MAX ||
	    r->size + FUZZ_CALL_BYTES + FUZZ_RANGES_MAX * FUZZ_RANGE_BYTES + 1 > r->max)
		return complain(r, r->at, "an input has at most %u calls", FUZZ_CALLS_MAX);
	r->at += length;
	bytes[0] = call ? call->number : 0;
	for (skip_blanks(r); !at_end(r); skip_blanks(r)) {
		if (!call)
			return complain(r, r->at, "none has no fields");
		if (!read_field(r, call, bytes, &seen))
			return false;
	}
	memcpy(r->data + r->size, bytes, sizeof(bytes));
	r->size += sizeof(bytes);
	return true;
}

static bool read_schedule(struct reader *r, size_t length)
{
	uint8_t ranges[FUZZ_RANGES_MAX * FUZZ_RANGE_BYTES];
	char text[SCHEDULE_TEXT_MAX], err[256];
	size_t n;

	if (r->refused)
		return complain(r, r->at, "a second schedule");
	r->at += length;
	skip_blanks(r);
	n = strcspn(r->at, " \t\r\n#");
	if (n >= sizeof(text))
		return complain(r, r->at, "the schedule is too long");
	memcpy(text, r->at, n);
	text[n] = 0;
	if (schedule_parse(text, &r->schedule, err))
		return complain(r, r->at, "%s", err);
	if (!schedule_is_numbers(&r->schedule))
		return complain(r, r->at, "an input's schedule consists of numbers of requests");
	if (fuzz_encode_schedule(&r->schedule, ranges) < 0)
		return complain(
			r, r->at,
			"an input's schedule begins ranges up to %u, and at most %u of them",
			FUZZ_POINT_MAX, FUZZ_RANGES_MAX);
	r->refused = true;
	r->at += n;
	skip_blanks(r);
	return at_end(r) || complain(r, r->at, "expected the end of the line");
}

static bool read_line(struct reader *r)
{
	size_t n;

	skip_blanks(r);
	if (at_end(r))
		return true;
	n = word_length(r->at);
	if (!n)
		return complain(r, r->at, "expected the name of a call");
	return is_word(r->at, n, "refuse") ? read_schedule(r, n) : read_call(r, n);
}

int fuzz_assemble(const struct fuzz_grammar *grammar, const char *text, uint8_t *data, size_t max,
		  size_t *size, struct fuzz_syntax *wrong)
{
	struct reader r = {.grammar = grammar, .data = data, .max = max, .wrong = wrong};
	struct fuzz_program program;

	for (const char *line = text; *line; line += *line == '\n') {
		r.line = r.at = line;
		r.number++;
		if (!read_line(&r))
			return -1;
		line += strcspn(line, "\n");
	}
	program = (struct fuzz_program){.calls = data,
					.count = (unsigned)(r.size / FUZZ_CALL_BYTES),
					.schedule = r.schedule};
	*size = fuzz_encode(grammar, &program, data, max);
	return 0;
}
