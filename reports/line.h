/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Text for people, line by line: pieces, words, stacks. A line breaks between its pieces when it
 * would become longer than LINE_COLUMNS, and goes on at `hang`.
 */
#ifndef KFAIL_REPORTS_LINE_H
#define KFAIL_REPORTS_LINE_H

#include <stdio.h>
#include "../harness/judge/finding.h"

#define LINE_COLUMNS 100

enum paint { PLAIN, BOLD, DIM, RED, GREEN, YELLOW };

struct line {
	FILE *out;
	bool colour;
	unsigned column, hang;
};

void line_start(struct line *line, unsigned indent, unsigned hang);
void line_end(struct line *line);

/* Colours take no columns. */
void line_paint(struct line *line, enum paint paint);
/* Text that stays on this line, whatever its length. */
void line_text(struct line *line, const char *text);
/* The same, in bold. */
void line_label(struct line *line, const char *label);
/* A piece that is not broken itself, `gap` blanks after what stands before it, or on a line of its
 * own when this one is full; never when gap is 0. */
__attribute__((format(printf, 3, 4))) void line_piece(struct line *line, unsigned gap,
						      const char *format, ...);
/* A sentence, broken between words. */
void line_words(struct line *line, const char *text);

/* Lines of their own: the frames of a stack, without the kernel's part behind the driver's
 * outermost frame. */
void line_stack(struct line *line, unsigned indent, const struct stack *stack);

/* "(schedule 7)" or "(needs no refusal)". */
void line_schedule(struct line *line, const struct finding *finding);

/* "s", unless n is 1. */
const char *plural(uint64_t n);

#endif
