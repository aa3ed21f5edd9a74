// SPDX-License-Identifier: GPL-2.0-only
/*
 * The writer under text.c and summary.c. Frames look as the kernel prints them (name+offset/size
 * [module]), so scripts that read oopses read these too; file and line follow. Behind the outermost
 * frame of the driver, the kernel's part of a stack is the same every time, and cut; the JSON
 * report has all of it.
 *
 * Names come from drivers and may hold anything, so control characters are not passed on to the
 * terminal.
 */
#include "line.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#define KERNEL_FRAMES 3	   /* shown behind the driver's outermost frame */
#define PIECE_MAX     4352 /* a path, and what stands around it */

static const char *const paint_codes[] = {
	[PLAIN] = "\033[0m",  [BOLD] = "\033[1m",     [DIM] = "\033[2m",
	[RED] = "\033[1;31m", [GREEN] = "\033[1;32m", [YELLOW] = "\033[1;33m",
};

void line_paint(struct line *line, enum paint paint)
{
	if (line->colour)
		fputs(paint_codes[paint], line->out);
}

static void put_bytes(struct line *line, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		fputc(iscntrl((unsigned char)text[i]) ? '?' : text[i], line->out);
	line->column += (unsigned)length;
}

static void put_blanks(struct line *line, unsigned count)
{
	fprintf(line->out, "%*s", (int)count, "");
	line->column += count;
}

static void line_break(struct line *line)
{
	fprintf(line->out, "\n%*s", (int)line->hang, "");
	line->column = line->hang;
}

void line_start(struct line *line, unsigned indent, unsigned hang)
{
	fprintf(line->out, "%*s", (int)indent, "");
	line->column = indent;
	line->hang = hang;
}

void line_end(struct line *line)
{
	fputc('\n', line->out);
	line->column = 0;
}

static void put_piece_bytes(struct line *line, unsigned gap, const char *text, size_t length)
{
	if (gap && line->column > line->hang && line->column + gap + length > LINE_COLUMNS)
		line_break(line);
	else
		put_blanks(line, gap);
	put_bytes(line, text, length);
}

void line_piece(struct line *line, unsigned gap, const char *format, ...)
{
	char text[PIECE_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	put_piece_bytes(line, gap, text, strlen(text));
}

void line_text(struct line *line, const char *text)
{
	put_bytes(line, text, strlen(text));
}

void line_words(struct line *line, const char *text)
{
	while (*text) {
		size_t blanks = strspn(text, " \t\r\n");
		size_t length = strcspn(text + blanks, " \t\r\n");

		if (length)
			put_piece_bytes(line, blanks ? 1 : 0, text + blanks, length);
		text += blanks + length;
	}
}

void line_label(struct line *line, const char *label)
{
	line_paint(line, BOLD);
	line_text(line, label);
	line_paint(line, PLAIN);
}

const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

/* Kernel headers are known by their name in the tree, wherever the tree was. */
static const char *short_file(const char *file)
{
	const char *headers = strstr(file, "/linux-headers-");
	const char *inside = headers ? strchr(headers + 1, '/') : NULL;

	return inside ? inside + 1 : file;
}

static void put_symbol(struct line *line, const struct stack_frame *frame)
{
	bool nameless = !strncmp(frame->function, "0x", 2);

	line_text(line, frame->function);
	if (frame->inlined)
		line_text(line, " (inlined)");
	else if (!nameless)
		line_piece(line, 0, "+0x%" PRIx64, frame->offset);
	if (!frame->inlined && frame->size)
		line_piece(line, 0, "/0x%" PRIx64, frame->size);
	if (frame->module)
		line_piece(line, 0, " [%s]", frame->module);
}

static void put_frame(struct line *line, unsigned indent, const struct stack_frame *frame)
{
	line_start(line, indent, indent + 4);
	if (!frame->module)
		line_paint(line, DIM);
	put_symbol(line, frame);
	if (frame->file && frame->line > 0)
		line_piece(line, 2, "%s:%d", short_file(frame->file), frame->line);
	else if (frame->file)
		line_piece(line, 2, "%s", short_file(frame->file));
	if (!frame->module)
		line_paint(line, PLAIN);
	line_end(line);
}

/* How many frames are worth showing: up to the driver's outermost, and a few more. */
static unsigned frames_shown(const struct stack *stack)
{
	unsigned driver = 0;

	for (unsigned i = 0; i < stack->count; i++)
		if (stack_frame_is_driver(&stack->frames[i]))
			driver = i + 1;
	if (!driver || driver + KERNEL_FRAMES + 1 >= stack->count)
		return stack->count;
	return driver + KERNEL_FRAMES;
}

void line_stack(struct line *line, unsigned indent, const struct stack *stack)
{
	unsigned shown = frames_shown(stack);

	for (unsigned i = 0; i < shown; i++)
		put_frame(line, indent, &stack->frames[i]);
	if (shown == stack->count)
		return;
	line_start(line, indent, indent);
	line_paint(line, DIM);
	line_piece(line, 0, "(%u more of the kernel)", stack->count - shown);
	line_paint(line, PLAIN);
	line_end(line);
}

void line_schedule(struct line *line, const struct finding *finding)
{
	if (finding->schedule && finding->schedule[0])
		line_piece(line, 2, "(schedule %s)", finding->schedule);
	else
		line_piece(line, 2, "(needs no refusal)");
}
