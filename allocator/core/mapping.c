// SPDX-License-Identifier: GPL-2.0-only
/*
 * Second mappings: the only facts about the world that live in the host.
 *
 *	promoted   one bit per frame: its direct-map page is a shared mapping of the memory file
 *	slots      one word per page of the vmalloc and module ranges: frame + 1 and protection, or 0
 *	parked     what a slot that is 0 was last: still mapped, but without access
 *	log        old slots of everything changed since kf_mapping_mark(), newest last
 *
 * The log is a stack of words. One change of n pages pushes the n old slots, then n, then the address. A
 * rollback first works out what each slot was at the mark, and then makes system calls only where
 * that differs from what is: what a run mapped and unmapped again costs nothing.
 *
 * Unmapping takes the access away and leaves the rest: a run that is repeated maps the same frames at the
 * same address again, and then one change of protection does it, without new page tables and faults. Only
 * so many pages are parked; beyond that, unmapping is unmapping.
 *
 * `exposed` is called for each run of frames before kf_map() makes them writable at a second
 * address, whether they are promoted already or not; not in a rollback, which only brings back what was
 * there at the mark. `remapped` is called after each change, in a rollback too.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "state.h"

#define LOG_WORDS  (1ull << 24)
#define PROT_SHIFT 56
#define PARKED_MAX 16384 /* pages */

static struct {
	int fd;
	u64 *promoted, *slots, *parked, *wanted, *log;
	u64 nr_slots, vmalloc_slots, log_len, parked_count;
	u64 low, high; /* slots in [low, high) may be in use */
	bool logging;
	u32 lock;
} host = {.fd = -1};

/* ---- tables ---------------------------------------------------------------------------------------- */

static u64 *host_table(u64 words)
{
	void *p = mmap(NULL, words * 8, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

static void drop_table(u64 **table, u64 words)
{
	if (*table)
		munmap(*table, words * 8);
	*table = NULL;
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

static u64 promoted_words(void)
{
	return kf_here.nr_frames / 64 + 1;
}

int kf_mapping_init(void)
{
	const struct kf_layout *layout = kf_layout();

	host.vmalloc_slots = (layout->vmalloc_end - layout->vmalloc_start) >> KF_PAGE_SHIFT;
	host.nr_slots =
		host.vmalloc_slots + ((layout->module_end - layout->module_start) >> KF_PAGE_SHIFT);
	host.low = host.nr_slots;
	host.high = 0;
	host.log_len = 0;
	host.logging = false;
	host.promoted = host_table(promoted_words());
	host.slots = host_table(host.nr_slots + 1);
	host.parked = host_table(host.nr_slots + 1);
	host.parked_count = 0;
	host.wanted = host_table(host.nr_slots + 1);
	host.log = host_table(LOG_WORDS);
	host.fd = new_memory_file();
	if (host.promoted && host.slots && host.parked && host.wanted && host.log && host.fd >= 0)
		return 0;
	kf_mapping_exit();
	return -ENOMEM;
}

static u64 slot_address(u64 slot)
{
	const struct kf_layout *layout = kf_layout();

	if (slot < host.vmalloc_slots)
		return layout->vmalloc_start + (slot << KF_PAGE_SHIFT);
	return layout->module_start + ((slot - host.vmalloc_slots) << KF_PAGE_SHIFT);
}

/* The slot of va when [va, va+size) lies in one of the two ranges, else nr_slots. */
static u64 slot_of(u64 va, u64 size)
{
	const struct kf_layout *layout = kf_layout();

	if (va >= layout->vmalloc_start && va + size <= layout->vmalloc_end)
		return (va - layout->vmalloc_start) >> KF_PAGE_SHIFT;
	if (va >= layout->module_start && va + size <= layout->module_end)
		return host.vmalloc_slots + ((va - layout->module_start) >> KF_PAGE_SHIFT);
	return host.nr_slots;
}

static u64 make_slot(u64 pfn, int prot)
{
	return (pfn + 1) | (u64)prot << PROT_SHIFT;
}

static u64 slot_pfn(u64 value)
{
	return (value & ((1ull << PROT_SHIFT) - 1)) - 1;
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

void kf_mapping_exit(void)
{
	for (u64 i = host.low; host.slots && i < host.high; i++)
		if (host.slots[i] || (host.parked && host.parked[i]))
			munmap((void *)slot_address(i), KF_PAGE_SIZE);
	drop_table(&host.promoted, promoted_words());
	drop_table(&host.slots, host.nr_slots + 1);
	drop_table(&host.parked, host.nr_slots + 1);
	drop_table(&host.wanted, host.nr_slots + 1);
	drop_table(&host.log, LOG_WORDS);
	if (host.fd >= 0)
		close(host.fd);
	host.fd = -1;
}

/* ---- the host ---------------------------------------------------------------------------------------- */

static int map_file(u64 addr, u64 pfn, u64 n, int prot)
{
	void *p = mmap((void *)addr, n << KF_PAGE_SHIFT, prot, MAP_SHARED | MAP_FIXED, host.fd,
		       (off_t)(pfn << KF_PAGE_SHIFT));

	return p == MAP_FAILED ? -errno : 0;
}

static int write_file(int fd, u64 pfn, u64 n)
{
	const char *from = kf_phys_to_virt(pfn << KF_PAGE_SHIFT);
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
	return map_file((u64)(uintptr_t)kf_phys_to_virt(pfn << KF_PAGE_SHIFT), pfn, n,
			PROT_READ | PROT_WRITE);
}

/*
 * Touch each page, so that whoever looks for used pages in /proc/self/pagemap (the writer of world files)
 * sees a promoted frame in the direct map, also if it is only ever written at its second address.
 */
static void make_present(u64 pfn, u64 n)
{
	for (u64 i = 0; i < n; i++)
		(void)*(volatile const char *)kf_phys_to_virt((pfn + i) << KF_PAGE_SHIFT);
}

static int promote_run(u64 pfn, u64 n)
{
	int err = write_file(host.fd, pfn, n);

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

static void note_slots(u64 slot, u64 n)
{
	if (slot < host.low)
		host.low = slot;
	if (slot + n > host.high)
		host.high = slot + n;
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
		munmap(addr, n << KF_PAGE_SHIFT);
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

void kf_mapping_mark(void)
{
	host.logging = true;
	host.log_len = 0;
}

static void log_change(u64 slot, u64 n)
{
	if (!host.logging || host.log_len + n + 2 > LOG_WORDS)
		return;
	memcpy(host.log + host.log_len, host.slots + slot, n * 8);
	host.log_len += n;
	host.log[host.log_len++] = n;
	host.log[host.log_len++] = slot;
}

/* The change that ends below `end` words of the log: its slots, their number and their old values. */
static u64 change_before(u64 end, u64 *slot, const u64 **old)
{
	u64 n = host.log[end - 2];

	*slot = host.log[end - 1];
	*old = host.log + end - 2 - n;
	return n;
}

/* Work out in `wanted` what every slot in the log was at the mark. */
static void want_old_state(void)
{
	const u64 *old;
	u64 slot, n;

	for (u64 end = host.log_len; end; end -= n + 2) {
		n = change_before(end, &slot, &old);
		memcpy(host.wanted + slot, old, n * 8);
	}
}

static void put_back(u64 slot, u64 n)
{
	const u64 *wanted = host.wanted + slot;

	if (!memcmp(host.slots + slot, wanted, n * 8))
		return;
	apply(slot, wanted, n);
	kf_hooks.remapped((void *)slot_address(slot), n << KF_PAGE_SHIFT, wanted[0] != 0);
}

/* What was mapped and unmapped again since the mark costs nothing here. */
void kf_mapping_rollback(void)
{
	const u64 *old;
	u64 slot, n;

	want_old_state();
	for (u64 end = host.log_len; end; end -= n + 2) {
		n = change_before(end, &slot, &old);
		put_back(slot, n);
	}
	host.log_len = 0;
}

/* ---- interface -------------------------------------------------------------------------------------------- */

/* How many of the n frames follow each other, from the first on. */
static u64 frames_in_a_row(const u64 *pfns, u64 n)
{
	u64 len = 1;

	while (len < n && pfns[len] == pfns[0] + len)
		len++;
	return len;
}

/* The same frames at the same address as before: one change of protection, however scattered they are. */
static bool take_back(u64 slot, const u64 *pfns, u64 n, int prot)
{
	for (u64 i = 0; i < n; i++)
		if (host.parked[slot + i] != make_slot(pfns[i], prot))
			return false;
	if (mprotect((void *)slot_address(slot), n << KF_PAGE_SHIFT, prot))
		return false;
	for (u64 i = 0; i < n; i++)
		host.slots[slot + i] = make_slot(pfns[i], prot);
	unpark(slot, n);
	return true;
}

static int map_frames(u64 slot, const u64 *pfns, u64 n, int prot)
{
	int err = 0;

	if (take_back(slot, pfns, n, prot))
		return 0;
	for (u64 done = 0, len; done < n && !err; done += len) {
		len = frames_in_a_row(pfns + done, n - done);
		err = promote(pfns[done], len);
		if (!err)
			err = map_run(slot + done, pfns[done], len, prot);
	}
	return err;
}

static bool frames_exist(const u64 *pfns, u64 n)
{
	for (u64 i = 0; i < n; i++)
		if (!kf_virt_addr_valid(kf_phys_to_virt(pfns[i] << KF_PAGE_SHIFT)))
			return false;
	return true;
}

static void tell_exposed(const u64 *pfns, u64 n)
{
	for (u64 done = 0, len; done < n; done += len) {
		len = frames_in_a_row(pfns + done, n - done);
		kf_hooks.exposed(kf_phys_to_virt(pfns[done] << KF_PAGE_SHIFT),
				 len << KF_PAGE_SHIFT);
	}
}

int kf_map(u64 va, const u64 *pfns, u64 n, int prot)
{
	u64 slot = slot_of(va, n << KF_PAGE_SHIFT);
	int err;

	if (!n || slot == host.nr_slots || !frames_exist(pfns, n))
		return -EINVAL;
	tell_exposed(pfns, n);
	kf_lock(&host.lock);
	log_change(slot, n);
	note_slots(slot, n);
	err = map_frames(slot, pfns, n, prot);
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

void kf_mapping_for_each(void (*fn)(u64 va, u64 phys, u64 size, int prot, void *arg), void *arg)
{
	for (u64 i = host.low, len; i < host.high; i += len) {
		u64 value = host.slots[i], limit = host.high - i;

		if (i < host.vmalloc_slots && i + limit > host.vmalloc_slots)
			limit = host.vmalloc_slots - i;
		len = run_length(host.slots + i, limit);
		if (value)
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

/* Parked pages are of the file that is left behind. */
static void give_up_parked(void)
{
	for (u64 i = host.low; host.parked_count && i < host.high; i++) {
		if (!host.parked[i])
			continue;
		munmap((void *)slot_address(i), KF_PAGE_SIZE);
		unpark(i, 1);
	}
}

int kf_memory_unshare(void)
{
	int fd = new_memory_file(), err;

	if (fd < 0)
		return fd;
	give_up_parked();
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
