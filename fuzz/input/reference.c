// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a table of calls says of itself: the grammar reference for people, and a dictionary for fuzzers. Both are committed
 * (GRAMMAR.md, ../corpus/NAME.dict), and a test compares them with the table, so that they cannot drift from it.
 */
#include "grammar.h"

#include <inttypes.h>

static void print_words(const char *const *words, FILE *out)
{
	for (unsigned i = 0; words[i]; i++)
		fprintf(out, "%s%s", i ? " " : "", words[i]);
}

static void print_kind(const struct fuzz_field *field, FILE *out)
{
	switch (field->kind) {
	case FUZZ_NEW:
		fprintf(out, "handle that is filled, 0 to %" PRIu32, fuzz_most(field));
		break;
	case FUZZ_OLD:
		fprintf(out, "handle that is used, 0 to %" PRIu32, fuzz_most(field));
		break;
	case FUZZ_SIZE:
		fprintf(out, "bytes, 0 to %" PRIu32, fuzz_most(field));
		break;
	case FUZZ_NUMBER:
		fprintf(out, "0 to %" PRIu32, fuzz_most(field));
		break;
	case FUZZ_WORD:
		fputs("one of: ", out);
		print_words(field->words, out);
		break;
	case FUZZ_FLAGS:
		fputs("0, or with + between them: ", out);
		print_words(field->words, out);
		break;
	case FUZZ_GFP:
		fputs("gfp flags", out);
		break;
	}
}

static void print_place(const struct fuzz_field *field, FILE *out)
{
	if (field->bytes == 1)
		fprintf(out, "%u", field->at);
	else
		fprintf(out, "%u-%u", field->at, field->at + field->bytes - 1);
}

void fuzz_print_reference(const struct fuzz_grammar *grammar, FILE *out)
{
	fprintf(out, "# Calls of the target `%s`\n\n", grammar->name);
	fprintf(out, "Printed by `kfail fuzz --target %s --grammar`.\n\n", grammar->name);
	fputs("| number | call | field | bytes | what |\n|---|---|---|---|---|\n", out);
	for (const struct fuzz_call *call = grammar->calls; call->name; call++) {
		fprintf(out, "| %u | `%s` | | | %s |\n", call->number, call->name, call->about);
		for (unsigned i = 0; call->fields[i]; i++) {
			fprintf(out, "| | | `%s` | ", call->fields[i]->name);
			print_place(call->fields[i], out);
			fputs(" | ", out);
			print_kind(call->fields[i], out);
			fputs(" |\n", out);
		}
	}
	fputs("\ngfp flags: one of ", out);
	print_words(fuzz_gfp_bases, out);
	fputs(" (bits 0 to 2); then, each behind a +, any of ", out);
	print_words(fuzz_gfp_modifiers, out);
	fputs(" (a bit each from bit 3 on).\n", out);
}

/* A call with fields that mean something: handles 0, sizes of a class, kernel. */
void fuzz_print_dictionary(const struct fuzz_grammar *grammar, FILE *out)
{
	fprintf(out, "# Printed by `kfail fuzz --target %s --dictionary`.\n", grammar->name);
	for (const struct fuzz_call *call = grammar->calls; call->name; call++) {
		uint8_t bytes[FUZZ_CALL_BYTES] = {call->number};

		for (unsigned i = 0; call->fields[i]; i++)
			if (call->fields[i]->kind == FUZZ_SIZE)
				fuzz_set(call->fields[i], bytes, 64);
		fprintf(out, "%s=\"", call->name);
		for (unsigned i = 0; i < sizeof(bytes); i++)
			fprintf(out, "\\x%02x", bytes[i]);
		fputs("\"\n", out);
	}
}
