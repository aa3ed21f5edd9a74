// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where a finding is shown. kmalloc() is an inline function of a kernel header and often the innermost frame of a stack that
 * counts as the driver's; nobody wants an annotation there. So a header of the kernel is passed over, as long as there is
 * anything else.
 */
#include "place.h"

#include <string.h>

/* Parts of the paths of headers that are not the driver's own: the kernel's, and those of native mode. */
static const char *const foreign[] = {
	"/linux-headers-", "include/linux/",	"include/asm",	   "include/net/",
	"include/uapi/",   "arch/x86/include/", "native/include/", "share/kfail/native",
};

static bool is_foreign(const char *file)
{
	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++)
		if (strstr(file, foreign[i]))
			return true;
	return false;
}

const struct stack_frame *place_on_stack(const struct stack *stack)
{
	const struct stack_frame *innermost = NULL, *with_file = NULL;

	for (unsigned i = 0; i < stack->count; i++) {
		const struct stack_frame *frame = &stack->frames[i];

		if (!stack_frame_is_driver(frame))
			continue;
		if (!innermost)
			innermost = frame;
		if (!frame->file || frame->line <= 0)
			continue;
		if (!is_foreign(frame->file))
			return frame;
		if (!with_file)
			with_file = frame;
	}
	return with_file ? with_file : innermost;
}

const struct stack_frame *place_of_finding(const struct finding *finding)
{
	const struct stack_frame *place = place_on_stack(&finding->stack);

	if (!place && finding->object_count)
		place = place_on_stack(&finding->objects[0].allocated);
	if (!place && finding->has_point)
		place = place_on_stack(&finding->point.stack);
	return place;
}

const char *place_below(const char *file, const char *root)
{
	size_t length = root ? strlen(root) : 0;

	if (file[0] != '/')
		return file;
	while (length && root[length - 1] == '/')
		length--;
	if (!length || strncmp(file, root, length) != 0 || file[length] != '/')
		return NULL;
	return file + length + 1;
}
