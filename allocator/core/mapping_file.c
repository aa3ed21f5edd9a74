// SPDX-License-Identifier: GPL-2.0-only
/*
 * The memory file, and the frames that are promoted: their direct-map page is a shared mapping of the file, at the
 * offset of their physical address.
 *
 *	direct map	| private | promoted | private |
 *				       :
 *	memory file	|  hole   |  bytes   |  hole   |
 *				       :
 *	vmalloc, ...	any number of second mappings
 *
 * A world without second mappings needs no file; the first promotion makes it. A promoted frame stays promoted. A forked
 * child that wants memory of its own copies the promoted frames to a new file and maps them again.
 *
 * When the host refuses a mapping, because a process may have only so many (vm.max_map_count), parked pages
 * (mapping_slot.c) are given up first. No lock: callers have mapping.c's, or are alone.
 */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "mapping_base.h"

static struct {
	int fd;	       /* -1: there is none */
	u64 *promoted; /* one bit per frame */
} file = {.fd = -1};

/* ---- the file ---------------------------------------------------------------------------------------------- */

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

static int try_map_file(u64 addr, u64 pfn, u64 n, int prot)
{
	void *p = mmap((void *)addr, n << KF_PAGE_SHIFT, prot, MAP_SHARED | MAP_FIXED, file.fd,
		       (off_t)(pfn << KF_PAGE_SHIFT));

	return p == MAP_FAILED ? -errno : 0;
}

int kf_memory_file_map(u64 addr, u64 pfn, u64 n, int prot)
{
	int err = try_map_file(addr, pfn, n, prot);

	if (err != -ENOMEM || !kf_slots.parked_count)
		return err;
	kf_give_up_parked();
	return try_map_file(addr, pfn, n, prot);
}

static u64 promoted_bytes(void)
{
	return (kf_here.nr_frames / 64 + 1) * 8;
}

bool kf_memory_file_init(void)
{
	file.promoted = kf_host_table(promoted_bytes());
	return file.promoted != NULL;
}

void kf_memory_file_exit(void)
{
	kf_host_table_drop(file.promoted, promoted_bytes());
	file.promoted = NULL;
	if (file.fd >= 0)
		close(file.fd);
	file.fd = -1;
}

bool kf_memory_file_exists(void)
{
	return file.fd >= 0;
}

/* ---- promotion --------------------------------------------------------------------------------------------- */

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
	return file.promoted[pfn / 64] >> (pfn % 64) & 1;
}

bool kf_page_is_promoted(u64 addr)
{
	const struct kf_layout *l = kf_layout();
	u64 pfn = (addr - l->direct_map) >> KF_PAGE_SHIFT;

	if (pfn >= kf_here.nr_frames || kf_pfn_is_high(pfn))
		pfn = (addr - l->high_map) >> KF_PAGE_SHIFT;
	return pfn < kf_here.nr_frames && is_promoted(pfn);
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
	return kf_memory_file_map((u64)(uintptr_t)kf_frame_virt(pfn), pfn, n,
				  PROT_READ | PROT_WRITE);
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

	if (file.fd < 0) /* a world without second mappings needs no file */
		err = file.fd = new_memory_file();
	if (err >= 0)
		err = write_file(file.fd, pfn, n);
	if (!err)
		err = map_direct(pfn, n);
	if (err)
		return err;
	make_present(pfn, n);
	for (u64 i = pfn; i < pfn + n; i++)
		file.promoted[i / 64] |= 1ull << (i % 64);
	return 0;
}

int kf_promote(u64 pfn, u64 n)
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

/* ---- a file of our own ------------------------------------------------------------------------------------- */

/* The first run of promoted frames at or above pfn; its length, or 0 when there is none. */
static u64 next_promoted(u64 *pfn)
{
	while (*pfn < kf_here.nr_frames && !is_promoted(*pfn))
		*pfn += *pfn % 64 || file.promoted[*pfn / 64] ? 1 : 64;
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

int kf_memory_file_renew(void)
{
	int fd = new_memory_file(), err;

	if (fd < 0)
		return fd;
	kf_give_up_parked(); /* they are of the file that is left behind */
	err = copy_promoted(fd);
	if (err) {
		close(fd);
		return err;
	}
	close(file.fd);
	file.fd = fd;
	return remap_promoted();
}
