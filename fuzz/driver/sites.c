// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sites: the place in the driver's code at which a request was made, whatever it asked for. In memory that all children share, with
 * its name, since only the process that saw it can tell it. One child runs at a time: no lock.
 */
#include "sites.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include "../../harness/inject/inject.h"
#include "../../harness/judge/finding.h"
#include "../../harness/sweep/target.h"
#include "../../harness/trace/depot.h"

#define SITES_MAX 2048

struct site {
	uint64_t place; /* where the driver's call returns to */
	uint32_t asked, refused;
	char name[192];
};

static struct {
	uint32_t count;
	struct site list[SITES_MAX];
} * sites;

int sites_open(void)
{
	void *p = mmap(NULL, sizeof(*sites), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return -errno;
	sites = p;
	return 0;
}

static uint64_t place_of(const struct target *target, uint32_t handle)
{
	const uint64_t *pcs;
	unsigned n = depot_get(handle, &pcs);

	for (unsigned i = 0; i < n; i++)
		if (target->in_module(pcs[i]))
			return pcs[i];
	return n ? pcs[0] : 0;
}

/* The driver's own line; a header's inlined function is on the way to it. */
static const struct stack_frame *own_frame(const struct stack *stack)
{
	const struct stack_frame *found = NULL;

	for (unsigned i = 0; i < stack->count; i++) {
		const struct stack_frame *f = &stack->frames[i];

		if (!stack_frame_is_driver(f))
			continue;
		found = found ?: f;
		if (f->file && !strstr(f->file, "include/"))
			return f;
	}
	return found;
}

static void name(struct site *site, uint32_t handle)
{
	struct stack stack = {0};
	const struct stack_frame *f;

	stack_name_handle(&stack, handle);
	f = own_frame(&stack);
	if (!f)
		snprintf(site->name, sizeof(site->name), "%#lx", (unsigned long)site->place);
	else if (f->file)
		snprintf(site->name, sizeof(site->name), "%.60s  %.110s:%d", f->function, f->file,
			 f->line);
	else
		snprintf(site->name, sizeof(site->name), "%.60s+%#lx", f->function,
			 (unsigned long)f->offset);
	stack_clear(&stack);
}

static struct site *find(const struct target *target, uint32_t handle)
{
	uint64_t place = place_of(target, handle);
	struct site *site;

	for (uint32_t i = 0; i < sites->count; i++)
		if (sites->list[i].place == place)
			return &sites->list[i];
	if (sites->count == SITES_MAX)
		return NULL;
	site = &sites->list[sites->count++];
	site->place = place;
	name(site, handle);
	return site;
}

void sites_note(const struct target *target, const struct schedule *schedule)
{
	const struct refusal *point;

	for (uint32_t n = 1; sites && (point = inject_recorded(n)); n++) {
		struct site *site = find(target, point->stack);

		if (!site)
			continue;
		site->asked++;
		site->refused += schedule_refuses(schedule, n);
	}
}

void sites_print(FILE *out)
{
	uint32_t refused = 0;

	if (!sites || !sites->count)
		return;
	for (uint32_t i = 0; i < sites->count; i++)
		refused += sites->list[i].refused > 0;
	fprintf(out, "requests:   made at %u places, refused at %u of them", sites->count, refused);
	fprintf(out, refused < sites->count ? "; never refused:\n" : "\n");
	for (uint32_t i = 0; i < sites->count; i++)
		if (!sites->list[i].refused)
			fprintf(out, "    %s (made %u time%s)\n", sites->list[i].name,
				sites->list[i].asked, sites->list[i].asked == 1 ? "" : "s");
}
