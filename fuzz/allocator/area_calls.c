// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls that make addresses: vmalloc and kin, mappings of pages, device space, per-CPU areas.
 */
#include "oracle.h"

#include <string.h>
#include "../../allocator/core/memory.h"
#include "../../allocator/kin/percpu.h"
#include "../../allocator/page/page_alloc.h"
#include "../../allocator/vmalloc/vmalloc.h"

#define VMALLOC_PLENTY (4ull << 20) /* of 32 MiB of addresses: there is surely a gap */
#define PERCPU_PLENTY  (8ull << 10)
#define DEVICES	       (1ull << 40) /* physical: where no memory is */

/* Freed in a context where vfree() may not be called; theirs until the work has run. */
static struct thing deferred[FUZZ_CALLS_MAX];
static unsigned nr_deferred;

/* Whoever runs behind the last page of an area must be stopped, whatever was put there since. */
static void check_guard_page(const struct thing *t)
{
	sound(kf_mapped_frame(t->p + ((t->size + KF_PAGE_SIZE - 1) & KF_PAGE_MASK)) == ~0ull,
	      "there is no guard page behind an area");
}

static void put_vmalloc(struct thing *t)
{
	check_guard_page(t);
	kf_vfree(t->p);
}

static unsigned page_count(const struct thing *t)
{
	return (unsigned)(t->size >> KF_PAGE_SHIFT);
}

static void put_page_array(struct thing *t, unsigned n)
{
	while (n)
		kf_free_pages(t->pages[--n], 0);
}

static void put_vmap(struct thing *t)
{
	kf_vunmap(t->p);
	put_page_array(t, page_count(t));
}

static void put_map_ram(struct thing *t)
{
	kf_vm_unmap_ram(t->p, page_count(t));
	put_page_array(t, page_count(t));
}

static void put_ioremap(struct thing *t)
{
	kf_iounmap(t->p);
}

static void put_percpu(struct thing *t)
{
	kf_free_percpu((u64)(uintptr_t)t->p);
}

static const struct family vmalloc_family = {.name = "vmalloc", .put = put_vmalloc, .dies = true};
static const struct family vmap_family = {.name = "vmap", .put = put_vmap};
static const struct family map_ram_family = {.name = "vm_map_ram", .put = put_map_ram};
static const struct family ioremap_family = {
	.name = "ioremap", .put = put_ioremap, .unclaimed = true};
static const struct family percpu_family = {.name = "percpu", .put = put_percpu, .dies = true};

/* ---- vmalloc ------------------------------------------------------------------------------------------------------ */

void do_vmalloc(const uint8_t *call)
{
	u32 handle = fuzz_get(&field_to, call);
	u64 align = 1ull << fuzz_get(&field_align, call);
	struct thing t = {.family = &vmalloc_family,
			  .size = fuzz_get(&field_size, call),
			  .gfp = fuzz_gfp(fuzz_get(&field_gfp, call)) &
				 ~(u32)(KF_GFP_DMA | KF_GFP_DMA32 | KF_GFP_COMP | KF_GFP_NOFAIL)};

	things_free(handle);
	t.p = kf_vmalloc(t.size, align, t.gfp, false);
	if (!t.size) {
		sound(!t.p, "vmalloc(0) was served");
		return;
	}
	if (!result_is_right(t.p, t.size, t.gfp, things_bytes + t.size > VMALLOC_PLENTY, false))
		return;
	if (align < KF_PAGE_SIZE)
		align = KF_PAGE_SIZE;
	sound(!((uintptr_t)t.p & (align - 1)), "an area is not aligned");
	check_guard_page(&t);
	things_add(handle, &t);
}

void do_vfree_atomic(const uint8_t *call)
{
	u32 handle = fuzz_get(&field_of, call);
	struct thing *t = thing_at(handle);

	if (!t || t->family != &vmalloc_family || nr_deferred == FUZZ_CALLS_MAX)
		return;
	things_look(t);
	deferred[nr_deferred++] = *t; /* claimed until the work has run */
	t->family = NULL;
	roots[handle] = NULL;
	kf_vfree_deferred(deferred[nr_deferred - 1].p);
	sound(!told.died, "vfree_atomic freed at once");
}

static void run_work(void)
{
	unsigned n = nr_deferred;

	nr_deferred = 0;
	for (unsigned i = 0; i < n; i++) {
		model_release(&deferred[i]);
		things_bytes -= deferred[i].size;
	}
	kf_vfree_work();
	sound(!oracle_hooks || told.died == n, "the work of vfree_atomic did not free all");
}

void do_vfree_work(const uint8_t *call)
{
	run_work();
}

void areas_end(void)
{
	if (nr_deferred)
		run_work();
}

/* ---- mappings ------------------------------------------------------------------------------------------------------ */

/* Pages with a second address: what is written at one is read at the other. */
static void check_alias(const struct thing *t)
{
	char *last = kf_frame_virt(kf_page_to_pfn(t->pages[page_count(t) - 1]));

	t->p[t->size - 1] ^= 0x5a;
	sound(last[KF_PAGE_SIZE - 1] == t->p[t->size - 1], "a mapping is not its page");
	t->p[t->size - 1] ^= 0x5a;
}

static void map_pages(const uint8_t *call, const struct family *family)
{
	u32 handle = fuzz_get(&field_to, call);
	unsigned want = 1 + fuzz_get(&field_count, call) % THING_PAGES, n;
	struct thing t = {.family = family,
			  .gfp = fuzz_gfp(fuzz_get(&field_gfp, call)) &
				 ~(u32)(KF_GFP_DMA | KF_GFP_DMA32 | KF_GFP_COMP)};

	things_free(handle);
	n = kf_alloc_pages_bulk(t.gfp, want, t.pages);
	t.size = (u64)n << KF_PAGE_SHIFT;
	if (n)
		t.p = family == &vmap_family ? kf_vmap(t.pages, n, KF_VM_MAP)
					     : kf_vm_map_ram(t.pages, n);
	if (!t.p) {
		put_page_array(&t, n);
		result_is_right(false, t.size, t.gfp, things_bytes > VMALLOC_PLENTY, false);
		return;
	}
	check_alias(&t);
	things_add(handle, &t);
}

void do_vmap(const uint8_t *call)
{
	map_pages(call, &vmap_family);
}

void do_vm_map_ram(const uint8_t *call)
{
	map_pages(call, &map_ram_family);
}

void do_vm_unmap_aliases(const uint8_t *call)
{
	kf_vm_unmap_aliases();
}

void do_ioremap(const uint8_t *call)
{
	u32 handle = fuzz_get(&field_to, call);
	struct thing t = {.family = &ioremap_family, .size = fuzz_get(&field_element, call)};

	things_free(handle);
	if (!t.size)
		return;
	t.p = kf_ioremap(DEVICES + handle * 0x100000ull, t.size);
	if (!result_is_right(t.p, t.size, KF_GFP_KERNEL, things_bytes > VMALLOC_PLENTY, false))
		return;
	sound(all_bytes(t.p, 0, t.size), "a device's memory is not zero");
	things_add(handle, &t);
}

/* ---- per-CPU areas ------------------------------------------------------------------------------------------------------ */

void do_alloc_percpu(const uint8_t *call)
{
	u32 handle = fuzz_get(&field_to, call);
	u64 align = 1ull << fuzz_get(&field_align, call);
	u32 gfp = fuzz_gfp(fuzz_get(&field_gfp, call)) &
		  ~(u32)(KF_GFP_DMA | KF_GFP_DMA32 | KF_GFP_HIGHMEM | KF_GFP_MOVABLE | KF_GFP_COMP |
			 KF_GFP_NOFAIL);
	struct thing t = {
		.family = &percpu_family, .size = fuzz_get(&field_size, call), .gfp = gfp};
	bool sane, may_fail;

	things_free(handle);
	sane = t.size && t.size <= KF_PCPU_MIN_UNIT_SIZE && align <= KF_PAGE_SIZE;
	may_fail = (gfp & KF_GFP_KERNEL) != KF_GFP_KERNEL ||
		   things_bytes + t.size > PERCPU_PLENTY || align > 64;
	t.p = (char *)(uintptr_t)kf_alloc_percpu(t.size, align, gfp);
	if (!sane) {
		sound(!t.p, "a per-CPU area of a size or alignment that there is not was served");
		return;
	}
	if (!result_is_right(t.p, t.size, gfp, may_fail, false))
		return;
	sound(!((uintptr_t)t.p & (align - 1)), "per-CPU memory is not aligned");
	for (unsigned cpu = 0; cpu < CPUS; cpu++)
		sound(all_bytes(kf_per_cpu_ptr((u64)(uintptr_t)t.p, cpu), 0, t.size),
		      "per-CPU memory is not zero");
	things_add(handle, &t);
}

void areas_forget(void)
{
	nr_deferred = 0;
}
