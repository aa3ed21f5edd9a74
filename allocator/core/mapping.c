// SPDX-License-Identifier: GPL-2.0-only
/*
 * Second mappings: the only facts about the world that live in the host.
 *
 *	promoted   one bit per frame: its direct-map page is a shared mapping of the memory file
 *	slots      one word per page of the vmalloc, module and kmap ranges: frame + 1 and protection, or 0
 *	parked     what a slot that is 0 was last: still mapped, but without access
 *	wanted     what a slot was at kf_mapping_mark(), once it has changed since (TOUCHED)
 *	log        runs of slots that have changed since, first slot and number
 *	groups     one byte per 512 slots: something in there may be in use
 *
 * Only the first change of a slot after a mark is logged, so the log cannot outgrow the ranges, however long a
 * run lasts. A rollback makes system calls only where what is differs from what was: what a run mapped and
 * unmapped again costs nothing.
 *
 * Unmapping takes the access away and leaves the rest: a run that is repeated maps the same frames at the
 * same address again, and then one change of protection does it, without new page tables and faults. Only
 * so many pages are parked; beyond that, unmapping is unmapping. When the host refuses a mapping, because a process
 * may have only so many (vm.max_map_count), the parked ones are given up first.
 *
 * `exposed` is called for each run of frames before kf_map() makes them writable at a second
 * address, whether they are promoted already or not; not in a rollback, which only brings back what was
 * there at the mark. `remapped` is called after each change, in a rollback too.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../kin/kmap.h"
#include "state.h"

#define PROT_SHIFT  56
#define PFN_MASK    ((1ull << PROT_SHIFT) - 1)
#define TOUCHED	    (1ull << 63)
#define PARKED_MAX  16384 /* pages */
#define GROUP_SHIFT 9

static struct {
	int fd;
	u64 *promoted, *slots, *parked, *wanted;
	struct change {
		u64 slot, n;
	} * log;
	u8 *groups;
	u64 nr_slots, vmalloc_slots, module_slots, log_len, parked_count;
	bool logging;
	u32 lock;
} host = {.fd = -1};

/* ---- tables ---------------------------------------------------------------------------------------- */

static void *host_table(u64 bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

static void drop_table(void *table, u64 bytes)
{
	if (table)
		munmap(table, bytes);
}

static int new_memory_file(void)
{
	int fd = memfd_create("kfail-frames", MFD_CLOEXEC), err;

	if (fd < 0)
		return -errno;
	if (ftruncate(fd, (off_t)kf_layout()->phys_end) == 0)
		return fd;
	err = -errno;
	close(fd);
	return err;
}

static u64 promoted_bytes(void)
{
	return (kf_here.nr_frames / 64 + 1) * 8;
}

static u64 slot_bytes(void)
{
	return (host.nr_slots + 1) * 8;
}

static u64 log_bytes(void)
{
	return (host.nr_slots + 1) * sizeof(struct change);
}

static u64 group_bytes(void)
{
	return (host.nr_slots >> GROUP_SHIFT) + 1;
}

int kf_mapping_init(void)
{
	const struct kf_layout *layout = kf_layout();

	host.vmalloc_slots = (layout->vmalloc_end - layout->vmalloc_start) >> KF_PAGE_SHIFT;
	host.module_slots =
		host.vmalloc_slots + ((layout->module_end - layout->module_start) >> KF_PAGE_SHIFT);
	host.nr_slots = host.module_slots + (kf_kmap_window() >> KF_PAGE_SHIFT);
	host.log_len = 0;
	host.logging = false;
	host.parked_count = 0;
	host.promoted = host_table(promoted_bytes());
	host.slots = host_table(slot_bytes());
	host.parked = host_table(slot_bytes());
	host.wanted = host_table(slot_bytes());
	host.log = host_table(log_bytes());
	host.groups = host_table(group_bytes());
	if (host.promoted && host.slots && host.parked && host.wanted && host.log && host.groups)
		return 0;
	kf_mapping_exit();
	return -ENOMEM;
}

static u64 slot_address(u64 slot)
{
	const struct kf_layout *layout = kf_layout();

	if (slot < host.vmalloc_slots)
		return layout->vmalloc_start + (slot << KF_PAGE_SHIFT);
	if (slot < host.module_slots)
		return layout->module_start + ((slot - host.vmalloc_slots) << KF_PAGE_SHIFT);
	return layout->kmap + ((slot - host.module_slots) << KF_PAGE_SHIFT);
}

/* The slot of va when [va, va+size) lies in one of the three ranges, else nr_slots. */
static u64 slot_of(u64 va, u64 size)
{
	const struct kf_layout *layout = kf_layout();

	if (va >= layout->vmalloc_start && va + size <= layout->vmalloc_end)
		return (va - layout->vmalloc_start) >> KF_PAGE_SHIFT;
	if (va >= layout->module_start && va + size <= layout->module_end)
		return host.vmalloc_slots + ((va - layout->module_start) >> KF_PAGE_SHIFT);
	if (va >= layout->kmap && va + size <= layout->kmap + kf_kmap_window())
		return host.module_slots + ((va - layout->kmap) >> KF_PAGE_SHIFT);
	return host.nr_slots;
}

static u64 make_slot(u64 pfn, int prot)
{
	return (pfn + 1) | (u64)prot << PROT_SHIFT;
}

static u64 slot_pfn(u64 value)
{
	return (value & PFN_MASK) - 1;
}

/* Pages from slot i that continue value's run: consecutive frames with one protection, or nothing. */
static u64 run_length(const u64 *values, u64 n)
{
	u64 len = 1;

	while (len < n && values[len] == (values[0] ? values[0] + len : 0))
		len++;
	return len;
}

/* Parked pages that something else takes the place of, or that are given up. */
static void unpark(u64 slot, u64 n)
{
	for (u64 i = slot; i < slot + n; i++) {
		host.parked_count -= host.parked[i] != 0;
		host.parked[i] = 0;
	}
}

/* The first slot from i on that may be in use. */
static u64 next_used(u64 i)
{
	while (i < host.nr_slots && !host.groups[i >> GROUP_SHIFT])
		i = ((i >> GROUP_SHIFT) + 1) << GROUP_SHIFT;
	return i;
}

static void note_slots(u64 slot, u64 n)
{
	for (u64 g = slot >> GROUP_SHIFT; g <= (slot + n - 1) >> GROUP_SHIFT; g++)
		host.groups[g] = 1;
}

void kf_mapping_exit(void)
{
	bool all = host.slots && host.parked && host.groups;

	for (u64 i = next_used(all ? 0 : host.nr_slots); i < host.nr_slots; i = next_used(i + 1))
		if (host.slots[i] || host.parked[i])
			munmap((void *)slot_address(i), KF_PAGE_SIZE);
	drop_table(host.promoted, promoted_bytes());
	drop_table(host.slots, slot_bytes());
	drop_table(host.parked, slot_bytes());
	drop_table(host.wanted, slot_bytes());
	drop_table(host.log, log_bytes());
	drop_table(host.groups, group_bytes());
	if (host.fd >= 0)
		close(host.fd);
	memset(&host, 0, sizeof(host));
	host.fd = -1;
}

/* Parked pages are of no use any more, or stand in the way. */
static void give_up_parked(void)
{
	for (u64 i = next_used(0); host.parked_count && i < host.nr_slots; i = next_used(i + 1)) {
		if (!host.parked[i])
			continue;
		munmap((void *)slot_address(i), KF_PAGE_SIZE);
		unpark(i, 1);
	}
}

/* ---- the host ---------------------------------------------------------------------------------------- */

static int try_map_file(u64 addr, u64 pfn, u64 n, int prot)
{
	void *p = mmap((void *)addr, n << KF_PAGE_SHIFT, prot, MAP_SHARED | MAP_FIXED, host.fd,
		       (off_t)(pfn << KF_PAGE_SHIFT));

	return p == MAP_FAILED ? -errno : 0;
}

static int map_file(u64 addr, u64 pfn, u64 n, int prot)
{
	int err = try_map_file(addr, pfn, n, prot);

	if (err != -ENOMEM || !host.parked_count)
		return err;
	give_up_parked();
	return try_map_file(addr, pfn, n, prot);
}

/* Cutting a piece out of a larger mapping makes one more, which the host may refuse too. */
static void unmap_file(void *addr, u64 size)
{
	if (!munmap(addr, size))
		return;
	give_up_parked();
	munmap(addr, size);
}

static int write_file(int fd, u64 pfn, u64 n)
{
	const char *from = kf_frame_virt(pfn);
	u64 done = 0, size = n << KF_PAGE_SHIFT;

	while (done < size) {
		ssize_t got = pwrite(fd, from + done, size - done,
				     (off_t)((pfn << KF_PAGE_SHIFT) + done));
		if (got <= 0)
			return got ? -errno : -EIO;
		done += (u64)got;
	}
	return 0;
}

static bool is_promoted(u64 pfn)
{
	return host.promoted[pfn / 64] >> (pfn % 64) & 1;
}

static u64 same_promotion(u64 pfn, u64 end)
{
	u64 first = pfn;

	while (pfn < end && is_promoted(pfn) == is_promoted(first))
		pfn++;
	return pfn - first;
}

/* Make the direct map's pages of these frames the file's. */
static int map_direct(u64 pfn, u64 n)
{
	return map_file((u64)(uintptr_t)kf_frame_virt(pfn), pfn, n, PROT_READ | PROT_WRITE);
}

/*
 * Touch each page, so that whoever looks for used pages in /proc/self/pagemap (the writer of world files)
 * sees a promoted frame in the direct map, also if it is only ever written at its second address.
 */
static void make_present(u64 pfn, u64 n)
{
	for (u64 i = 0; i < n; i++)
		(void)*(volatile const char *)kf_frame_virt(pfn + i);
}

static int promote_run(u64 pfn, u64 n)
{
	int err = 0;

	if (host.fd < 0) /* a world without second mappings needs no file */
		err = host.fd = new_memory_file();
	if (err >= 0)
		err = write_file(host.fd, pfn, n);
	if (!err)
		err = map_direct(pfn, n);
	if (err)
		return err;
	make_present(pfn, n);
	for (u64 i = pfn; i < pfn + n; i++)
		host.promoted[i / 64] |= 1ull << (i % 64);
	return 0;
}

static int promote(u64 pfn, u64 n)
{
	u64 end = pfn + n;

	while (pfn < end) {
		u64 len = same_promotion(pfn, end);
		int err = is_promoted(pfn) ? 0 : promote_run(pfn, len);

		if (err)
			return err;
		pfn += len;
	}
	return 0;
}

static bool is_parked(u64 slot, u64 pfn, u64 n, int prot)
{
	for (u64 i = 0; i < n; i++)
		if (host.parked[slot + i] != make_slot(pfn + i, prot))
			return false;
	return true;
}

/* One run of a frames table, mapped and written down. */
static int map_run(u64 slot, u64 pfn, u64 n, int prot)
{
	u64 addr = slot_address(slot);
	int err = 0;

	if (!is_parked(slot, pfn, n, prot) || mprotect((void *)addr, n << KF_PAGE_SHIFT, prot))
		err = map_file(addr, pfn, n, prot);
	unpark(slot, n);
	for (u64 i = 0; !err && i < n; i++)
		host.slots[slot + i] = make_slot(pfn + i, prot);
	return err;
}

/* Park what slots [slot, slot+n) map; give it up when there is enough of that, or nothing to park. */
static void unmap_run(u64 slot, u64 n)
{
	void *addr = (void *)slot_address(slot);
	bool park = host.parked_count + n <= PARKED_MAX &&
		    !mprotect(addr, n << KF_PAGE_SHIFT, PROT_NONE);

	if (!park)
		unmap_file(addr, n << KF_PAGE_SHIFT);
	unpark(slot, n);
	for (u64 i = slot; i < slot + n; i++) {
		host.parked[i] = park ? host.slots[i] : 0;
		host.parked_count += host.parked[i] != 0;
		host.slots[i] = 0;
	}
}

/* Make the host's mapping of slots [slot, slot+n) what `values` say. */
static int apply(u64 slot, const u64 *values, u64 n)
{
	int err = 0;

	for (u64 done = 0, len; done < n && !err; done += len) {
		len = run_length(values + done, n - done);
		if (values[done]) {
			err = map_run(slot + done, slot_pfn(values[done]), len,
				      (int)(values[done] >> PROT_SHIFT));
		} else {
			unmap_run(slot + done, len);
		}
	}
	return err;
}

/* ---- log ------------------------------------------------------------------------------------------------ */

/* The slots of a change as they were at the mark; from now on they count as not changed. */
static const u64 *old_slots(const struct change *change)
{
	u64 *old = host.wanted + change->slot;

	for (u64 i = 0; i < change->n; i++)
		old[i] &= ~TOUCHED;
	return old;
}

void kf_mapping_mark(void)
{
	while (host.log_len)
		old_slots(&host.log[--host.log_len]);
	host.logging = true;
}

static void log_change(u64 slot, u64 n)
{
	bool fresh = false;

	for (u64 i = slot; host.logging && i < slot + n; i++) {
		if (host.wanted[i] & TOUCHED)
			continue;
		host.wanted[i] = host.slots[i] | TOUCHED;
		fresh = true;
	}
	if (fresh)
		host.log[host.log_len++] = (struct change){slot, n};
}

static void put_back(const struct change *change)
{
	const u64 *old = old_slots(change);

	if (!memcmp(host.slots + change->slot, old, change->n * 8))
		return;
	apply(change->slot, old, change->n);
	kf_hooks.remapped((void *)slot_address(change->slot), change->n << KF_PAGE_SHIFT,
			  old[0] != 0);
}

/* What was mapped and unmapped again since the mark costs nothing here. */
void kf_mapping_rollback(void)
{
	while (host.log_len)
		put_back(&host.log[--host.log_len]);
}

/* ---- interface -------------------------------------------------------------------------------------------- */

/* How many of the n frames follow each other, from the first on. */
static u64 frames_in_a_row(struct page *const *pages, u64 n)
{
	u64 len = 1;

	while (len < n && pages[len] == pages[0] + len &&
	       kf_pfn_is_high(kf_page_to_pfn(pages[len])) ==
		       kf_pfn_is_high(kf_page_to_pfn(pages[0])))
		len++;
	return len;
}

/* The same frames at the same address as before: one change of protection, however scattered they are. */
static bool take_back(u64 slot, struct page *const *pages, u64 n, int prot)
{
	for (u64 i = 0; i < n; i++)
		if (host.parked[slot + i] != make_slot(kf_page_to_pfn(pages[i]), prot))
			return false;
	if (mprotect((void *)slot_address(slot), n << KF_PAGE_SHIFT, prot))
		return false;
	for (u64 i = 0; i < n; i++)
		host.slots[slot + i] = host.parked[slot + i];
	unpark(slot, n);
	return true;
}

static int map_frames(u64 slot, struct page *const *pages, u64 n, int prot)
{
	int err = 0;

	if (take_back(slot, pages, n, prot))
		return 0;
	for (u64 done = 0, len; done < n && !err; done += len) {
		u64 pfn = kf_page_to_pfn(pages[done]);

		len = frames_in_a_row(pages + done, n - done);
		err = promote(pfn, len);
		if (!err)
			err = map_run(slot + done, pfn, len, prot);
	}
	return err;
}

static bool is_frame(const struct page *page)
{
	u64 base = kf_layout()->vmemmap, at = (u64)(uintptr_t)page;

	return at >= base && (at - base) % sizeof(*page) == 0 &&
	       (at - base) / sizeof(*page) < kf_here.nr_frames &&
	       kf_pfn_valid((at - base) / sizeof(*page));
}

static bool frames_exist(struct page *const *pages, u64 n)
{
	for (u64 i = 0; i < n; i++)
		if (!is_frame(pages[i]))
			return false;
	return true;
}

static void tell_exposed(struct page *const *pages, u64 n)
{
	for (u64 done = 0, len; done < n; done += len) {
		len = frames_in_a_row(pages + done, n - done);
		kf_hooks.exposed(kf_frame_virt(kf_page_to_pfn(pages[done])), len << KF_PAGE_SHIFT);
	}
}

int kf_map(u64 va, struct page *const *pages, u64 n, int prot)
{
	u64 slot = slot_of(va, n << KF_PAGE_SHIFT);
	int err;

	if (!n || slot == host.nr_slots || !frames_exist(pages, n))
		return -EINVAL;
	tell_exposed(pages, n);
	kf_lock(&host.lock);
	log_change(slot, n);
	note_slots(slot, n);
	err = map_frames(slot, pages, n, prot);
	kf_unlock(&host.lock);
	if (err)
		kf_unmap(va, n << KF_PAGE_SHIFT);
	else
		kf_hooks.remapped((void *)va, n << KF_PAGE_SHIFT, true);
	return err;
}

void kf_unmap(u64 va, u64 size)
{
	u64 n = size >> KF_PAGE_SHIFT, slot = slot_of(va, size);

	if (!n || slot == host.nr_slots)
		return;
	kf_lock(&host.lock);
	log_change(slot, n);
	unmap_run(slot, n);
	kf_unlock(&host.lock);
	kf_hooks.remapped((void *)va, size, false);
}

u64 kf_mapped_frame(const void *addr)
{
	u64 slot = slot_of((u64)(uintptr_t)addr & KF_PAGE_MASK, KF_PAGE_SIZE);
	u64 value = slot == host.nr_slots ? 0 : host.slots[slot];

	return value ? slot_pfn(value) : KF_NO_PFN;
}

/* Pages from slot i that are mapped as one run within one of the three ranges; 0: this one is not mapped. */
static u64 mapped_run(u64 i)
{
	u64 end = i < host.vmalloc_slots  ? host.vmalloc_slots
		  : i < host.module_slots ? host.module_slots
					  : host.nr_slots;

	return host.slots[i] ? run_length(host.slots + i, end - i) : 0;
}

void kf_mapping_for_each(void (*fn)(u64 va, u64 phys, u64 size, int prot, void *arg), void *arg)
{
	for (u64 i = next_used(0), len; i < host.nr_slots; i = next_used(i + (len ? len : 1))) {
		u64 value = host.slots[i];

		len = mapped_run(i);
		if (len)
			fn(slot_address(i), slot_pfn(value) << KF_PAGE_SHIFT, len << KF_PAGE_SHIFT,
			   (int)(value >> PROT_SHIFT), arg);
	}
}

/* The first run of promoted frames at or above pfn; its length, or 0 when there is none. */
static u64 next_promoted(u64 *pfn)
{
	while (*pfn < kf_here.nr_frames && !is_promoted(*pfn))
		*pfn += *pfn % 64 || host.promoted[*pfn / 64] ? 1 : 64;
	return *pfn < kf_here.nr_frames ? same_promotion(*pfn, kf_here.nr_frames) : 0;
}

static int copy_promoted(int fd)
{
	int err = 0;

	for (u64 pfn = 0, len; !err && (len = next_promoted(&pfn)); pfn += len)
		err = write_file(fd, pfn, len);
	return err;
}

static int remap_promoted(void)
{
	int err = 0;

	for (u64 pfn = 0, len; !err && (len = next_promoted(&pfn)); pfn += len)
		err = map_direct(pfn, len);
	return err;
}

static void remap_run(u64 va, u64 phys, u64 size, int prot, void *err)
{
	int *first_error = err;
	int now = map_file(va, phys >> KF_PAGE_SHIFT, size >> KF_PAGE_SHIFT, prot);

	*first_error = *first_error ? *first_error : now;
}

int kf_memory_unshare(void)
{
	int fd, err;

	if (host.fd < 0) /* nothing is shared */
		return 0;
	fd = new_memory_file();
	if (fd < 0)
		return fd;
	give_up_parked(); /* they are of the file that is left behind */
	err = copy_promoted(fd);
	if (err) {
		close(fd);
		return err;
	}
	close(host.fd);
	host.fd = fd;
	err = remap_promoted();
	if (!err)
		kf_mapping_for_each(remap_run, &err);
	return err;
}
