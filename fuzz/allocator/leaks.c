// SPDX-License-Identifier: GPL-2.0-only
/*
 * kmemleak for the world of an input. The variables of this world are the roots: an array with the address of what each handle
 * holds. What is forgotten is taken out of it; a scan then has to find just that, of objects whose memory
 * holds nothing but the pattern of the model.
 */
#include "oracle.h"

#include "../../allocator/core/objects.h"
#include "../../allocator/core/settings.h"
#include "../../harness/kmemleak/kmemleak.h"

static void tell_roots(void (*fn)(const struct kml_root *root, void *arg), void *arg)
{
	fn(&(struct kml_root){.kind = KML_DATA,
			      .start = (uint64_t)roots,
			      .end = (uint64_t)(roots + THINGS),
			      .name = "fuzz"},
	   arg);
}

static const char *no_module(uint64_t pc)
{
	return NULL;
}

static uint32_t no_stack(void)
{
	return 0;
}

static bool used; /* something was said or looked for in this input */

void leaks_open(void)
{
	const struct kml_world world = {
		.roots = tell_roots, .module_of = no_module, .stack = no_stack, .hz = 250};

	kml_attach(&world);
	kml_report_all(true);
	kml_begin(); /* what is known now is what each input begins with */
}

void leaks_end(void)
{
	if (used)
		kml_begin();
	used = false;
}

/* Slab objects: of pages and areas more is to be known than an address, and what comes out of a reserve was told of when it lay
 * there. */
static bool is_object(const struct thing *t)
{
	struct kf_object object;

	return t->family->dies && kf_object_at(t->p, &object) && object.kind == KF_SLAB &&
	       object.addr == t->p;
}

void do_kmemleak(const uint8_t *call)
{
	struct thing *t = thing_at(fuzz_get(&field_of, call));

	if (!t || !oracle_hooks || !t->p || !is_object(t))
		return;
	used = true;
	switch (fuzz_get(&field_kmemleak, call)) {
	case KMEMLEAK_NOT_LEAK:
		kml_not_leak(t->p);
		break;
	case KMEMLEAK_IGNORE:
		kml_ignore(t->p);
		break;
	case KMEMLEAK_NO_SCAN:
		kml_no_scan(t->p);
		return;
	}
	handles[fuzz_get(&field_of, call)].quiet = true;
}

void do_forget(const uint8_t *call)
{
	u32 handle = fuzz_get(&field_of, call);

	if (!thing_at(handle))
		return;
	roots[handle] = NULL;
	handles[handle].forgotten = true;
}

static void on_leak(const struct kml_leak *leak, void *arg)
{
	for (u32 i = 0; i < THINGS; i++) {
		struct thing *t = thing_at(i);

		if (!t || (uint64_t)t->p != leak->addr)
			continue;
		if (!handles[i].forgotten)
			wrong(FINDING_CHECK, "kmemleak tells of an object that is pointed to");
		else if (handles[i].quiet)
			wrong(FINDING_CHECK,
			      "kmemleak tells of an object that it was to pass over");
		handles[i].quiet = true; /* told once */
		return;
	}
}

void do_scan(const uint8_t *call)
{
	struct kml_scan scan;

	if (!oracle_hooks || !oracle_guards)
		return;
	used = true;
	if (!kml_scan(&scan, on_leak, NULL))
		return;
	for (u32 i = 0; i < THINGS; i++) {
		struct thing *t = thing_at(i);

		if (t && handles[i].forgotten && !handles[i].quiet && is_object(t))
			wrong(FINDING_CHECK,
			      "kmemleak does not find an object that nothing points to");
	}
}
