// SPDX-License-Identifier: GPL-2.0-only
/*
 * The target `canary`: a toy with bugs that are known, so that whoever runs a campaign can see it
 * find them before a campaign that finds nothing is believed. A table of slots, a mode, and
 * requests that a schedule refuses:
 *
 *	leak		in mode 3, a request that is refused while two slots are live forgets one of them
 *	wild-access	in mode 5, a slot is given back twice
 *	hang		in mode 6, a request that is refused while three slots are live is tried again for ever
 *	(ASan)		in mode 7, a slot that is free is given back: a byte behind a block of the host's heap is read,
 *			which only the build with AddressSanitizer sees
 *
 * Each needs several calls in their order, the right argument, and the first and last a refusal.
 */
#include "calls.h"
#include "canary.h"

#include <string.h>
#include "../../harness/inject/inject.h"
#include "../../harness/trace/util.h"

static struct {
	bool live[SLOTS];
	unsigned lives, mode;
	uint32_t requests;
	const struct schedule *schedule;
	struct fuzz_outcome *out;
} toy;

static int open_canary(const struct fuzz_setup *setup, char *err)
{
	return 0;
}

/* The request that was refused, for the finding's identity. */
static void add_point(struct finding *finding, unsigned size)
{
	char text[SCHEDULE_TEXT_MAX];

	finding->has_point = true;
	finding->point.n = toy.requests;
	finding->point.api = xstrdup("take");
	finding->point.size = size;
	free(finding->schedule);
	finding->schedule = xstrdup(schedule_print(toy.schedule, text, sizeof(text)));
}

static void refused(unsigned size)
{
	volatile bool waiting = true;

	if (toy.mode == 6 && toy.lives >= 3)
		while (waiting)
			;
	if (toy.mode == 3 && toy.lives >= 2)
		add_point(fuzz_found(toy.out, FINDING_LEAK,
				     "the canary: a slot is forgotten when a request is refused"),
			  size);
}

static void take(const uint8_t *call)
{
	unsigned slot = fuzz_get(&canary_to, call);

	if (toy.live[slot])
		return;
	if (schedule_refuses(toy.schedule, ++toy.requests)) {
		refused(fuzz_get(&canary_size, call));
		return;
	}
	toy.live[slot] = true;
	toy.lives++;
}

static void read_behind(void)
{
	char *volatile block = xcalloc(SLOTS, 1);
	volatile char behind = block[SLOTS];

	(void)behind;
	free(block);
}

static void give(const uint8_t *call)
{
	unsigned slot = fuzz_get(&canary_of, call);
	char *volatile nothing = (char *)8;

	if (toy.live[slot]) {
		toy.live[slot] = false;
		toy.lives--;
	} else if (toy.mode == 5) {
		*nothing = 0;
	} else if (toy.mode == 7) {
		read_behind();
	}
}

static void run_canary(const uint8_t *data, size_t size, bool careful, struct fuzz_outcome *out)
{
	struct fuzz_program program;

	fuzz_decode(data, size, &program);
	memset(&toy, 0, sizeof(toy));
	toy.schedule = &program.schedule;
	toy.out = out;
	for (unsigned i = 0; i < program.count && !out->count; i++) {
		const uint8_t *call = program.calls + (size_t)i * FUZZ_CALL_BYTES;

		switch (call[0] % FUZZ_CALL_NUMBERS) {
		case CALL_MODE:
			toy.mode = fuzz_get(&canary_mode, call);
			break;
		case CALL_TAKE:
			take(call);
			break;
		case CALL_GIVE:
			give(call);
			break;
		}
	}
}

static void print(const uint8_t *data, size_t size, FILE *out)
{
	fuzz_print(&canary_grammar, data, size, out);
}

static int assemble(const char *text, uint8_t *data, size_t max, size_t *size,
		    struct fuzz_syntax *wrong)
{
	return fuzz_assemble(&canary_grammar, text, data, max, size, wrong);
}

const struct fuzz_target canary_target = {
	.name = "canary",
	.about = "A toy with known bugs: shows that a campaign finds what there is",
	.open = open_canary,
	.run = run_canary,
	.print = print,
	.assemble = assemble,
	.grammar = &canary_grammar,
};
