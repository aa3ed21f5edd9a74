// SPDX-License-Identifier: GPL-2.0-only
/*
 * Classes of locks, and their names in reports (lock_class.h). To find a class costs one look at the allocators' records, and
 * no host memory; a name is made only for a report.
 */
#include "lock_class.h"

#include <stdio.h>
#include <string.h>
#include <xxhash.h>
#include "../../allocator/core/objects.h"
#include "../../allocator/slab/slab.h"
#include "../trace/depot.h"
#include "../trace/symbols.h"
#include "../trace/util.h"
#include "evidence.h"

static void set_key(struct lock_class *class, uint64_t more)
{
	const uint64_t facts[] = {class->form, class->kind, class->addr, class->offset, more};

	class->key = XXH64(facts, sizeof(facts), 0) | 1;
}

static void name_object(struct lock_class *class, const struct kf_object *object)
{
	const char *cache = object->cache ? kf_cache_name(object->cache) : NULL;

	snprintf(class->cache, sizeof(class->cache), "%s",
		 cache ? cache : object_type(object->kind, NULL));
}

/* The driver's own object, by where it was allocated; any other stands for itself, as long as it lives. */
static void class_in_object(struct lock_class *class, const struct kf_object *object, uint64_t lock)
{
	const uint64_t *pcs;
	unsigned n = depot_get(object->alloc_tag, &pcs);
	unsigned driver = blame_driver_frame(pcs, n);

	class->offset = lock - (uint64_t)object->addr;
	name_object(class, object);
	if (driver < n) {
		class->form = CLASS_DRIVERS;
		class->addr = pcs[driver];
		set_key(class, object->size);
	} else {
		class->form = CLASS_INSTANCE;
		class->addr = (uint64_t)object->addr;
		set_key(class, object->seq);
	}
}

struct lock_class lock_class_of(uint64_t lock, unsigned kind)
{
	struct lock_class class = {.kind = (uint8_t)kind};
	struct kf_object object;

	/* One that was just freed is still known for what it was. */
	if (kf_object_at((void *)lock, &object) && object.alloc_tag &&
	    !judge.eyes.module_of((uint64_t)object.addr)) {
		class_in_object(&class, &object, lock);
		return class;
	}
	if (locks_eyes.on_stack(lock))
		return class;
	class.form = CLASS_STATIC;
	class.addr = lock;
	set_key(&class, 0);
	return class;
}

struct lock_class lock_class_of_context(unsigned kind)
{
	struct lock_class class = {.form = CLASS_CONTEXT, .kind = (uint8_t)kind};

	set_key(&class, 0);
	return class;
}

static char *static_name(const struct lock_class *class)
{
	struct frame frame;

	if (!symbols_resolve_data(class->addr, &frame))
		return xasprintf("0x%llx", (unsigned long long)class->addr);
	if (frame.offset)
		return xasprintf("%s%s%s+0x%llx", frame.module ?: "", frame.module ? ":" : "",
				 frame.function, (unsigned long long)frame.offset);
	return xasprintf("%s%s%s", frame.module ?: "", frame.module ? ":" : "", frame.function);
}

char *lock_class_name(const struct lock_class *class)
{
	struct frame frame;

	switch (class->form) {
	case CLASS_STATIC:
		return static_name(class);
	case CLASS_DRIVERS:
		symbols_resolve(class->addr, false, &frame, 1);
		return xasprintf("%s object from %s()+0x%llx", class->cache, frame.function,
				 (unsigned long long)class->offset);
	case CLASS_INSTANCE:
		return xasprintf("%s object+0x%llx", class->cache,
				 (unsigned long long)class->offset);
	case CLASS_CONTEXT:
		return xstrdup(lock_kind_name(class->kind));
	default:
		return xstrdup(class->kind == LOCK_RCU ? "rcu_read_lock" : "a local variable");
	}
}
