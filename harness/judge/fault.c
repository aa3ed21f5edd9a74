// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a fault means. In this order:
 *
 *	a page that is inaccessible on purpose (fenced memory, vmalloc)	use after free, or out of bounds, with the object
 *	an address below 64 KiB						a NULL pointer with an offset
 *	an address that no page table can hold, made of poison		a pointer that was read from freed memory, or from
 *									memory that was never initialised
 *	anything else							a wild access
 *
 * Distances are counted as KASAN counts them: the first byte behind an object is 0 bytes to its
 * right.
 */
#include "fault.h"

#include <stdio.h>
#include "../../allocator/core/memory.h"
#include "../../allocator/core/objects.h"
#include "../../allocator/core/settings.h"
#include "../../allocator/slab/slab.h"
#include "../trace/instruction.h"

#define NULL_LIMIT 0x10000ul
#define USER_END   0x7ffffffff000ul /* TASK_SIZE_MAX */

/* ---- addresses that no page table can hold ---- */

static bool is_canonical(uint64_t address)
{
	int64_t top = (int64_t)address >> 47;

	return top == 0 || top == -1;
}

/* What memory is full of, and what a pointer means that was read from it. */
struct poison {
	uint8_t byte;
	enum death_kind kind;
	const char *where, *name;
};

static const struct poison poisons[] = {
	{0x6b, DEATH_USE_AFTER_FREE, "freed memory", "slab poison 0x6b"},
	{0x5a, DEATH_UNINITIALISED, "memory that was never initialised", "slab poison 0x5a"},
	{0xa7, DEATH_USE_AFTER_FREE, "freed memory", "DMA pool poison 0xa7"},
	{0xa9, DEATH_UNINITIALISED, "memory that was never initialised", "DMA pool poison 0xa9"},
	{0xaa, DEATH_USE_AFTER_FREE, "pages that are free, or were never initialised",
	 "page poison 0xaa"},
};

/* A cache with slub_debug has 0x6b in objects that are handed out, too. */
static const struct poison slub_poison = {
	0x6b, DEATH_USE_AFTER_FREE,
	"memory that is free, or was never initialised: slub_debug tells no difference",
	"slab poison 0x6b"};

static const struct poison *poison_of(uint64_t address)
{
	for (unsigned i = 0; i < sizeof(poisons) / sizeof(poisons[0]); i++) {
		if (address >> 16 != 0x010101010101ul * poisons[i].byte)
			continue;
		return !i && kf_settings()->slub_debug[0] ? &slub_poison : &poisons[i];
	}
	return NULL;
}

/* The processor does not tell which it was: look for poison in the registers, then for anything
 * that it may have been. */
static uint64_t find_culprit(const struct fault *fault)
{
	uint64_t found = 0;

	for (unsigned i = fault->register_count; i-- > 0;) {
		if (poison_of(fault->registers[i]))
			return fault->registers[i];
		if (!is_canonical(fault->registers[i]))
			found = fault->registers[i];
	}
	return found;
}

static void describe_protection(const struct fault *fault, struct death *death)
{
	uint64_t address = find_culprit(fault);
	const struct poison *poison = poison_of(address);

	death->address = address;
	death->kind = poison ? poison->kind : DEATH_WILD_ACCESS;
	if (poison)
		snprintf(death->what, sizeof(death->what),
			 "general protection fault, through a pointer that was read from %s: %s",
			 poison->where, poison->name);
	else if (address)
		snprintf(death->what, sizeof(death->what),
			 "general protection fault, probably for the non-canonical address "
			 "%#lx%s",
			 address, address >> 48 == 0xdead ? ", which list_del() left" : "");
	else
		snprintf(death->what, sizeof(death->what),
			 "general protection fault, probably for a non-canonical address");
}

/* ---- page faults ---- */

static void object_text(const struct kf_object *object, char *text, size_t size)
{
	const char *type = object->kind == KF_VMALLOC || object->kind == KF_VMAP ? "vmalloc area"
			   : object->kind == KF_PAGES				 ? "block of pages"
										 : "object";

	snprintf(text, size, "%zu-byte %s%s%s", object->size, type,
		 object->kind == KF_SLAB ? " of " : "",
		 object->kind == KF_SLAB ? kf_cache_name(object->cache) : "");
}

static void describe_missed(const struct fault *fault, const struct kf_missed *missed,
			    struct death *death)
{
	static const char *const sides[] = {[KF_MISSED_INSIDE] = "inside",
					    [KF_MISSED_LEFT] = "left of",
					    [KF_MISSED_RIGHT] = "right of"};
	const struct kf_object *object = &missed->object;
	char text[96];

	object_text(object, text, sizeof(text));
	death->object = *object;
	death->access = fault->made;
	death->kind = object->live ? DEATH_OUT_OF_BOUNDS : DEATH_USE_AFTER_FREE;
	snprintf(death->what, sizeof(death->what), "%s%s: %lu byte%s %s the %s%s", fault->access,
		 object->live ? " out of bounds" : " after free", missed->distance,
		 missed->distance == 1 ? "" : "s", sides[missed->side],
		 object->live ? "" : "freed ", text);
}

/* Below the world, or above it: what a pointer of user space looks like, with or without a program. */
static bool is_user_address(uint64_t address)
{
	const struct kf_layout *l = kf_layout();

	return address >= NULL_LIMIT && address < USER_END &&
	       (address < l->direct_map || address >= l->vmalloc_end);
}

static void describe_page(const struct fault *fault, struct death *death)
{
	bool null = fault->address < NULL_LIMIT;
	struct kf_missed missed;
	char error[48] = "";

	death->address = fault->address;
	if (kf_missed_object(fault->address, &missed)) {
		describe_missed(fault, &missed, death);
		return;
	}
	if (fault->address >= (uint64_t)-4095)
		snprintf(error, sizeof(error), " (the error pointer %d)", (int)fault->address);
	else if (is_user_address(fault->address))
		snprintf(error, sizeof(error), " (user-memory-access)");
	death->kind = null ? DEATH_NULL_DEREFERENCE : DEATH_WILD_ACCESS;
	snprintf(death->what, sizeof(death->what), "%s, %s at %#lx%s",
		 null ? "NULL pointer dereference" : "page fault", fault->access, fault->address,
		 error);
}

void fault_decode(struct fault *fault, const greg_t *regs, bool write)
{
	struct instruction_access access;

	if (instruction_access(regs, fault->address, write, &access))
		fault->made = (struct death_access){access.addr, access.size, write};
}

void fault_describe(const struct fault *fault, struct death *death)
{
	if (fault->protection)
		describe_protection(fault, death);
	else
		describe_page(fault, death);
}
