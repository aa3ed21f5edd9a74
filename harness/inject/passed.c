// SPDX-License-Identifier: GPL-2.0-only
/* The list of what was passed over: short, so it is searched from the front. */
#include "passed.h"

static struct {
	struct passed list[PASSED_MAX];
	unsigned count;
} passed;

void passed_begin(void)
{
	passed.count = 0;
}

void passed_note(enum passed_why why, const struct kf_request *request, uint32_t stack)
{
	unsigned i = 0;

	while (i < passed.count &&
	       (passed.list[i].stack != stack || passed.list[i].kind != request->kind ||
		passed.list[i].why != why))
		i++;
	if (i == PASSED_MAX)
		return;
	if (i == passed.count)
		passed.list[passed.count++] = (struct passed){.why = why,
							      .kind = (uint8_t)request->kind,
							      .size = request->size,
							      .stack = stack};
	passed.list[i].count++;
}

const struct passed *inject_passed(unsigned i)
{
	return i < passed.count ? &passed.list[i] : NULL;
}
