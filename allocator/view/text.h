/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One line of a view while it is put together. Not for anybody outside this folder.
 */
#ifndef KFAIL_ALLOCATOR_VIEW_TEXT_H
#define KFAIL_ALLOCATOR_VIEW_TEXT_H

#include "view.h"

#define KF_TEXT_MAX 1024

struct kf_text {
	size_t used;
	char line[KF_TEXT_MAX]; /* cut when it is full */
};

/* Append to the line. */
__attribute__((format(printf, 2, 3))) void kf_text_add(struct kf_text *text, const char *format,
						       ...);
/* Write the line, and begin the next. */
void kf_text_end(const struct kf_view *out, struct kf_text *text);
/* A whole line at once. */
__attribute__((format(printf, 2, 3))) void kf_text_line(const struct kf_view *out,
							const char *format, ...);

/* Append what an address is, the innermost frame behind a tag (false, and nothing, when there is none). */
void kf_text_add_function(const struct kf_view *out, struct kf_text *text, const void *addr);
bool kf_text_add_caller(struct kf_text *text, u32 tag);
/* A line for each frame behind a tag, after `indent`. Returns their number. */
unsigned kf_text_stack(const struct kf_view *out, const char *indent, u32 tag);

#endif
