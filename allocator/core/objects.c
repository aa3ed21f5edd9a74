// SPDX-License-Identifier: GPL-2.0-only
/*
 * Questions that go across all allocators.
 */
#include "../kin/kmap.h"
#include "state.h"

bool kf_object_at(const void *addr, struct kf_object *out)
{
	const struct kf_slab *slab;

	if (!kf_state())
		return false;
	if (!kf_virt_addr_valid(addr))
		return kf_vmalloc_object(addr, out);
	slab = kf_slab_at(addr);
	if (slab)
		return kf_ops_of(slab)->object(slab, addr, out);
	return kf_frame_object(kf_virt_to_phys(addr) >> KF_PAGE_SHIFT, out);
}

enum kf_ground kf_ground_at(const void *addr)
{
	if (!kf_state() || !kf_virt_addr_valid(addr))
		return KF_GROUND_NONE;
	if (kf_slab_at(addr))
		return KF_GROUND_SLAB;
	return kf_frame_is_free(kf_virt_to_phys(addr) >> KF_PAGE_SHIFT) ? KF_GROUND_FREE
									: KF_GROUND_KERNEL;
}

u64 kf_sequence(void)
{
	return kf_state()->seq;
}

unsigned kf_check_object(const struct kf_object *object)
{
	switch (object->kind) {
	case KF_SLAB:
		return kf_slab_check_object(object->addr);
	case KF_KMALLOC_LARGE:
	case KF_PAGES:
		return object->live ? 0 : kf_pages_check_freed(object);
	case KF_PERCPU:
		return kf_percpu_check_object(object);
	default:
		return 0;
	}
}

unsigned kf_check_all(void)
{
	return kf_slab_check() + kf_vmalloc_check() + kf_pages_check();
}

const char *kf_validate_all(void)
{
	const char *wrong = kf_buddy_validate();

	if (!wrong)
		wrong = kf_slab_validate();
	if (!wrong)
		wrong = kf_vmalloc_validate();
	if (!wrong)
		wrong = kf_memblock_validate();
	if (!wrong)
		wrong = kf_kmap_validate();
	return wrong ? wrong : kf_percpu_validate();
}
